#include "src/doctor/look.h"

#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

#include "src/base/try.h"
#include "src/os/deadline.h"
#include "src/os/io.h"
#include "src/receipt/report_data.h"
#include "src/td/boot_log.h"
#include "src/td/guest_device.h"
#include "src/td/linux_td.h"
#include "src/td/measurements.h"
#include "src/td/qgs_client.h"
#include "src/td/secure_boot.h"

namespace quoin::doctor {
namespace {

constexpr size_t kMaxConfigBytes = size_t{64} << 10;
constexpr size_t kMaxSettingBytes = 64;

// What the doctor's reports and quotes are about: nothing that anybody could mistake for a receipt.
ByteArray<64> report_data() { return report_data_for(kQuotedDataType, as_bytes("quoin doctor")); }

bool is_absent(const Error& error) { return error.code == ErrorCode::not_found; }

Seen<std::optional<uint32_t>> look_at_attest_conf(const std::string& path) {
  const Result<Bytes> file = read_file(path, kMaxConfigBytes);
  if (file.ok()) return td::parse_attest_conf(as_text(*file));
  if (is_absent(file.error())) return {};
  return Result<std::optional<uint32_t>>(file.error());
}

Result<Rtmrs> look_at_registers(const std::string& directory) {
  Rtmrs registers{};
  for (unsigned i = 0; i < registers.size(); ++i) {
    registers[i] = TRY(td::read_rtmr_file(directory, i));
  }
  return registers;
}

Result<Bytes> quote_by(td::QuoteWay way, const TdQuestion& question) {
  td::LinuxTdOptions options = {.paths = question.paths, .quote_ways = {way}};
  options.quote_timeout = question.quote_timeout;
  options.way_timeout = question.quote_timeout;
  td::LinuxTd td(std::move(options));
  return td.quote(report_data());
}

}  // namespace

TdObservations look_at_td(const TdQuestion& question) {
  const td::LinuxPaths& paths = question.paths;
  TdObservations seen;
  seen.evidence = td::detect(paths);
  seen.report = td::report_by(td::get_report0_of(paths.guest_device), paths.guest_device,
                              report_data(), deadline_after(question.report_timeout));
  seen.tsm_quote = quote_by(td::QuoteWay::tsm, question);
  seen.attest_conf = look_at_attest_conf(paths.attest_conf);
  seen.qgs = question.qgs;
  if (!seen.qgs && seen.attest_conf && seen.attest_conf->ok() && **seen.attest_conf) {
    seen.qgs = td::VsockAddress{.cid = td::kVsockHost, .port = ***seen.attest_conf};
  }
  if (seen.qgs && seen.report->ok()) {
    seen.qgs_quote =
        td::quote_by_qgs(*seen.qgs, **seen.report, deadline_after(question.quote_timeout));
  }
  seen.registers = look_at_registers(paths.measurements);
  const std::string rtmr3 = paths.measurements + "/rtmr3:sha384";
  seen.registers_writable = access(rtmr3.c_str(), W_OK) == 0;
  seen.event_log = td::read_boot_log(paths);
  seen.secure_boot = td::local_secure_boot(paths.efivars);
  return seen;
}

TdObservations look_at_simulated_td(td::Td& td, const std::string& name) {
  TdObservations seen;
  seen.asked_simulator = true;
  seen.simulated_name = name;
  seen.report = td.report(report_data());
  seen.simulated_quote = td.quote(report_data());
  return seen;
}

SandboxSupport look_at_sandbox(const std::string& memfd_noexec) {
  SandboxSupport support;
  const uint32_t action = SECCOMP_RET_KILL_PROCESS;
  support.seccomp = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
  const long version =
      syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  support.landlock = version > 0 ? version : 0;
  if (const Result<Bytes> file = read_file(memfd_noexec, kMaxSettingBytes); file.ok()) {
    std::string value(as_text(*file));
    while (!value.empty() && value.back() == '\n') value.pop_back();
    support.memfd_noexec = std::move(value);
  }
  return support;
}

}  // namespace quoin::doctor
