#include "src/td/linux_td.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "quoin/quote.h"
#include "src/base/try.h"
#include "src/os/io.h"
#include "src/td/measurements.h"
#include "src/td/qgs_client.h"
#include "src/td/quote_check.h"
#include "src/td/tsm.h"

namespace quoin::td {
namespace {

using Options = std::shared_ptr<const LinuxTdOptions>;

constexpr size_t kMaxConfigurationBytes = size_t{64} << 10;
constexpr size_t kMaxBootIdBytes = 64;

Error no_way(std::string what, std::string hint) {
  return {ErrorCode::unsupported, std::move(what), std::move(hint)};
}

Result<QgsAddress> find_qgs(const LinuxTdOptions& options) {
  if (options.qgs) return *options.qgs;
  const std::string& path = options.paths.attest_conf;
  const std::string hint = "a line \"port = 4050\" in it names the host's QGS on vsock";
  const Result<Bytes> text = read_file(path, kMaxConfigurationBytes);
  if (!text.ok() && text.error().code == ErrorCode::not_found) {
    return no_way("no address: there is no " + path, hint);
  }
  if (!text.ok()) return text.error();
  const std::optional<uint32_t> port = TRY(parse_attest_conf(as_text(*text)));
  if (!port) return no_way("no address: no port in " + path, hint);
  return QgsAddress(VsockAddress{.cid = kVsockHost, .port = *port});
}

Result<Bytes> make_report(const LinuxTdOptions& options,
                          const ByteArray<kReportDataBytes>& report_data, Deadline deadline) {
  return report_by(options.get_report0, options.paths.guest_device, report_data, deadline);
}

bool has_tsm(const LinuxTdOptions& options) {
  std::error_code ignored;
  return std::filesystem::is_directory(options.paths.tsm_report, ignored);
}

QuoteBackend tsm_backend(const Options& options, const ByteArray<kReportDataBytes>& report_data) {
  return {.name = "configfs-tsm",
          .is_there = has_tsm(*options),
          .quote = [options, report_data](Deadline deadline) {
            return quote_by_tsm(options->paths.tsm_report, report_data, deadline);
          }};
}

Result<Bytes> ask_qgs(const LinuxTdOptions& options, const ByteArray<kReportDataBytes>& report_data,
                      Deadline deadline) {
  const QgsAddress address = TRY(find_qgs(options));
  const Bytes report = TRY(make_report(options, report_data, deadline));
  return quote_by_qgs(address, report, deadline);
}

QuoteBackend qgs_backend(const Options& options, const ByteArray<kReportDataBytes>& report_data) {
  return {.name = "QGS",
          .is_there = find_qgs(*options).ok(),
          .quote = [options, report_data](Deadline deadline) {
            return ask_qgs(*options, report_data, deadline);
          }};
}

// The kernel makes a report of its own for each quote: it serves where that comes out the same.
Result<Bytes> quote_report_by_tsm(const LinuxTdOptions& options, ByteView td_report,
                                  Deadline deadline) {
  const TdReportStruct wanted = TRY(parse_td_report(td_report));
  const ByteArray<kReportDataBytes>& report_data = wanted.report_mac_struct.report_data;
  if (!equal(TRY(make_report(options, report_data, deadline)), td_report)) {
    return Error{ErrorCode::refused,
                 "the TD makes another report now: it has changed since (an RTMR was extended, "
                 "say), or did not make that one",
                 "a QGS quotes reports of before"};
  }
  const Bytes quote = TRY(quote_by_tsm(options.paths.tsm_report, report_data, deadline));
  return checked_quote_of_report(quote, td_report);
}

// The service first: it quotes the report itself.
std::vector<QuoteBackend> backends_for_report(const Options& options,
                                              const std::shared_ptr<const Bytes>& report) {
  std::vector<QuoteBackend> backends;
  const auto has = [&](QuoteWay way) {
    return std::ranges::find(options->quote_ways, way) != options->quote_ways.end();
  };
  if (has(QuoteWay::qgs)) {
    backends.push_back({.name = "QGS",
                        .is_there = find_qgs(*options).ok(),
                        .quote = [options, report](Deadline deadline) -> Result<Bytes> {
                          return quote_by_qgs(TRY(find_qgs(*options)), *report, deadline);
                        }});
  }
  if (has(QuoteWay::tsm)) {
    backends.push_back({.name = "configfs-tsm",
                        .is_there = has_tsm(*options),
                        .quote = [options, report](Deadline deadline) {
                          return quote_report_by_tsm(*options, *report, deadline);
                        }});
  }
  return backends;
}

// When the ways must be done, so that what they say of why there is no quote still reaches a caller
// who waits until `deadline`.
Deadline deadline_of_ways(Deadline deadline) {
  constexpr std::chrono::milliseconds kMost{500};
  return deadline - std::min(remaining(deadline) / 10, kMost);
}

Result<void> check_index(unsigned index) {
  if (index < kRtmrCount) return {};
  return Error{ErrorCode::invalid_argument, "there is no RTMR" + std::to_string(index)};
}

LinuxTdOptions with_device(LinuxTdOptions options) {
  if (!options.get_report0) options.get_report0 = get_report0_of(options.paths.guest_device);
  return options;
}

}  // namespace

LinuxTd::LinuxTd(LinuxTdOptions options)
    : options_(std::make_shared<const LinuxTdOptions>(with_device(std::move(options)))),
      queue_(std::make_shared<QuoteQueue>(options_->max_waiting_quotes)) {}

LinuxTd::LinuxTd(LinuxTdOptions options, std::shared_ptr<QuoteQueue> queue)
    : options_(std::make_shared<const LinuxTdOptions>(with_device(std::move(options)))),
      queue_(std::move(queue)) {}

std::shared_ptr<LinuxTd> LinuxTd::until(Deadline deadline) const {
  auto same = std::make_shared<LinuxTd>(*options_, queue_);
  same->deadline_ = earlier(deadline_, deadline);
  return same;
}

Deadline LinuxTd::after(std::chrono::milliseconds timeout) const {
  return earlier(deadline_after(timeout), deadline_);
}

Result<Bytes> LinuxTd::report(const ByteArray<kReportDataBytes>& report_data) {
  return make_report(*options_, report_data, after(options_->report_timeout));
}

Result<Bytes> LinuxTd::quote(const ByteArray<kReportDataBytes>& report_data) {
  std::vector<QuoteBackend> backends;
  for (const QuoteWay way : options_->quote_ways) {
    backends.push_back(way == QuoteWay::tsm ? tsm_backend(options_, report_data)
                                            : qgs_backend(options_, report_data));
  }
  return quote_by(std::move(backends));
}

Result<Bytes> LinuxTd::quote_report(ByteView td_report) {
  if (td_report.size() != kTdReportBytes || !parse_td_report(td_report).ok()) {
    return Error{ErrorCode::invalid_argument, "what should be quoted is no TDREPORT"};
  }
  const auto report = std::make_shared<const Bytes>(td_report.begin(), td_report.end());
  return quote_by(backends_for_report(options_, report));
}

Result<Bytes> LinuxTd::quote_by(std::vector<QuoteBackend> backends) {
  const Deadline deadline = after(options_->quote_timeout);
  return queue_->run(
      [each = options_->way_timeout, ways_end = deadline_of_ways(deadline),
       backends = std::move(backends)] { return first_quote(backends, each, ways_end); },
      deadline);
}

Result<ByteArray<kRtmrBytes>> LinuxTd::read_rtmr(unsigned index) {
  TRY(check_index(index));
  Result<ByteArray<kRtmrBytes>> value = read_rtmr_file(options_->paths.measurements, index);
  if (value.ok() || value.error().code != ErrorCode::not_found) return value;
  const Bytes with_registers = TRY(report({}));
  return rtmr_of_report(with_registers, index);
}

Result<void> LinuxTd::extend_rtmr(unsigned index, const ByteArray<kRtmrBytes>& digest) {
  TRY(check_index(index));
  if (index < kFirstExtendableRtmr && !options_->insecure_extend_firmware_rtmrs) {
    return Error{ErrorCode::refused,
                 "RTMR" + std::to_string(index) + " is firmware's: it is not extended",
                 "RTMR2 is the operating system's, RTMR3 is for runtime events"};
  }
  return extend_rtmr_file(options_->paths.measurements, index, digest,
                          after(options_->report_timeout));
}

Result<std::string> LinuxTd::boot_id() {
  const std::string& path = options_->paths.boot_id;
  const Bytes bytes = TRY(read_file(path, kMaxBootIdBytes));
  std::string id(as_text(bytes));
  if (id.ends_with('\n')) id.pop_back();
  const bool is_name = !id.empty() && std::ranges::all_of(id, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
  if (!is_name) return Error{ErrorCode::malformed, path + ": not the id of a boot"};
  return id;
}

}  // namespace quoin::td
