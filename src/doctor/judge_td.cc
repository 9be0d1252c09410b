#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "quoin/quote.h"
#include "src/base/hex.h"
#include "src/base/text.h"
#include "src/doctor/judge.h"

namespace quoin::doctor {
namespace {

using td::Answer;

constexpr std::string_view kNoTd = "this is no TDX trust domain";
// ATTRIBUTES (Intel TDX Module specification): the first eight bits are the group TUD. DEBUG is bit
// 0.
constexpr size_t kTudByte = 0;

bool works(const Seen<Bytes>& quote) { return quote && quote->ok(); }

// Whether anything at all speaks for a TD.
bool looks_like_td(const TdObservations& td) {
  const td::Evidence& evidence = td.evidence;
  const std::array probes = {evidence.cpuid, evidence.cpu_flag, evidence.device, evidence.tsm,
                             evidence.measurements};
  return td.asked_simulator || std::ranges::any_of(probes, [](const td::Probe& probe) {
           return probe.answer == Answer::yes;
         });
}

std::string describe_quote(ByteView bytes) {
  const Result<Quote> quote = parse_quote(bytes);
  if (!quote.ok()) return quote.error().what;
  return "a quote of version " + std::to_string(quote->header.version) + ", " +
         std::to_string(bytes.size()) + " bytes";
}

Finding judge_detection(const TdObservations& td) {
  constexpr std::string_view kId = "td";
  if (td.asked_simulator) return ok(kId, "SIMULATED: the simulated TD '" + td.simulated_name + "'");
  const td::Evidence& evidence = td.evidence;
  const std::string all = evidence.cpuid.seen + "; " + evidence.cpu_flag.seen + "; " +
                          evidence.device.seen + "; " + evidence.tsm.seen;
  if (looks_like_td(td)) return ok(kId, all);
  return {.id = kId,
          .status = Status::failed,
          .seen = all,
          .cause = std::string(kNoTd),
          .mend = "run this in a TD, or with --simulate; to verify quotes no TD is needed"};
}

Finding judge_device(const TdObservations& td) {
  constexpr std::string_view kId = "device";
  if (!td.report || !looks_like_td(td)) return unknown(kId, kNoTd);
  if (!td.report->ok()) {
    return trouble(kId, Status::failed, "", td.report->error(),
                   "look at what the device is, and at the kernel's log (dmesg)");
  }
  return ok(kId, "a TDREPORT with the report data that were asked for");
}

Finding judge_attest_conf(const TdObservations& td) {
  constexpr std::string_view kId = "attest_conf";
  if (td.asked_simulator || !td.attest_conf) {
    return ok(kId, "no tdx-attest.conf: no QGS is asked directly");
  }
  if (!td.attest_conf->ok()) {
    Error error = td.attest_conf->error();
    error.what = "tdx-attest.conf: " + error.what;
    return trouble(
        kId, Status::failed, "", error,
        "write \"port = 4050\", the port of qgs.conf on the host, or take the file away");
  }
  const std::optional<uint32_t>& port = **td.attest_conf;
  return ok(kId, port ? "port = " + std::to_string(*port) : "no port: no QGS is asked directly");
}

// One of two ways to a quote: its failing matters where the other does not work either.
Finding judge_way(std::string_view id, const Seen<Bytes>& quote, bool other_works) {
  if (!quote->ok()) {
    return trouble(id, other_works ? Status::warning : Status::failed, "", quote->error(),
                   "look at the kernel's log (dmesg), and on the host at the quote generation "
                   "service: systemctl status qgsd, journalctl -u qgsd");
  }
  return ok(id, describe_quote(**quote));
}

Finding judge_qgs(const TdObservations& td) {
  constexpr std::string_view kId = "qgs";
  if (!looks_like_td(td)) return unknown(kId, kNoTd);
  if (!td.qgs) return ok(kId, "none is configured: quotes come by the kernel");
  Finding finding = td.qgs_quote ? judge_way(kId, td.qgs_quote, works(td.tsm_quote))
                                 : unknown(kId, "it is asked with a TDREPORT, and there is none");
  finding.seen = to_string(*td.qgs) + (finding.seen.empty() ? "" : ": ") + finding.seen;
  return finding;
}

Finding judge_tsm(const TdObservations& td) {
  constexpr std::string_view kId = "tsm";
  if (td.asked_simulator) return unknown(kId, "a simulated TD makes its quotes itself");
  if (!td.tsm_quote || !looks_like_td(td)) return unknown(kId, kNoTd);
  Finding finding = judge_way(kId, td.tsm_quote, works(td.qgs_quote));
  if (finding.status == Status::ok) {
    finding.seen = "provider tdx_guest, and its generation counts: " + finding.seen;
  }
  return finding;
}

std::optional<TdReportStruct> parsed_report(const TdObservations& td) {
  if (!works(td.report)) return std::nullopt;
  const Result<TdReportStruct> report = parse_td_report(**td.report);
  return report.ok() ? std::optional(*report) : std::nullopt;
}

// By what stays the same as long as a TD runs. Registers may have been extended between two looks.
bool is_of_same_td(const TdReport10& quoted, const TdReportStruct::TdInfo& reported) {
  return quoted.td_attributes == reported.attributes && quoted.mr_td == reported.mr_td &&
         quoted.mr_config_id == reported.mr_config_id && quoted.mr_owner == reported.mr_owner &&
         quoted.mr_owner_config == reported.mr_owner_config;
}

Finding judge_quote(const TdObservations& td) {
  constexpr std::string_view kId = "quote";
  const ByteView bytes = quote_of(td);
  if (bytes.empty()) {
    if (td.simulated_quote) {
      return trouble(kId, Status::failed, "", td.simulated_quote->error(),
                     "look at the simulated TD: quoin sim td show");
    }
    return unknown(kId, looks_like_td(td) ? "no way to a quote works: see qgs and tsm" : kNoTd);
  }
  const Result<Quote> quote = parse_quote(bytes);
  if (!quote.ok()) {
    return trouble(kId, Status::failed, "", quote.error(),
                   "find out what makes quotes on the host: Intel's quoting enclave makes none "
                   "like it");
  }
  const auto report = parsed_report(td);
  const TdReport10* quoted = quote->td_report();
  if (report && (quoted == nullptr || !is_of_same_td(*quoted, report->td_info))) {
    return {.id = kId,
            .status = Status::failed,
            .seen = describe_quote(bytes),
            .cause = "the quote is of another TD than the TDREPORT",
            .mend =
                "find out what is mounted there: the device and configfs-tsm, or the quote "
                "generation service, are not of one TD"};
  }
  return ok(kId, describe_quote(bytes));
}

Finding judge_attributes(const TdObservations& td) {
  constexpr std::string_view kId = "attributes";
  const auto report = parsed_report(td);
  if (!report) return unknown(kId, "there is no TDREPORT");
  const ByteArray<8>& attributes = report->td_info.attributes;
  const std::string seen = "ATTRIBUTES " + to_hex(attributes);
  if (attributes[kTudByte] == 0) return ok(kId, seen);
  return {.id = kId,
          .status = Status::warning,
          .seen = seen,
          .cause =
              "this TD can be looked into by its host (DEBUG, or another bit of the group "
              "TUD): no policy should accept it",
          .mend = "have the host start it without debugging"};
}

Rtmrs registers_of(const TdReportStruct& report) {
  return {report.td_info.rtmr0, report.td_info.rtmr1, report.td_info.rtmr2, report.td_info.rtmr3};
}

Finding judge_measurements(const TdObservations& td) {
  constexpr std::string_view kId = "measurements";
  if (td.asked_simulator || !td.registers) {
    return unknown(kId, "a simulated TD has no files: quoin sim mount shows some");
  }
  if (!looks_like_td(td)) return unknown(kId, kNoTd);
  if (!td.registers->ok()) {
    Error error = td.registers->error();
    if (error.code == ErrorCode::not_found) {
      error.what = "the kernel does not show the measurement registers: RTMRs cannot be extended";
      error.hint =
          "Linux has them since 6.16; in a container, bind-mount "
          "/sys/devices/virtual/misc/tdx_guest/measurements";
    }
    return trouble(kId, Status::warning, "", error,
                   "be root; else the kernel's log says more (dmesg)");
  }
  const auto report = parsed_report(td);
  if (report && registers_of(*report) != **td.registers) {
    return {.id = kId,
            .status = Status::failed,
            .cause = "the registers as files are not what the TDREPORT says",
            .mend =
                "find out what is mounted there; a register that was extended between the two "
                "looks the same: ask again"};
  }
  if (!td.registers_writable) {
    return {.id = kId,
            .status = Status::warning,
            .seen = "RTMR0 to RTMR3 can be read",
            .cause = "RTMR3 cannot be written by this user: nothing can be measured",
            .mend = "be root; in a container, bind-mount the directory so that it can be written"};
  }
  return ok(kId, "RTMR0 to RTMR3 are files, RTMR3 can be extended");
}

Finding broken_event_log(const Error& error) {
  return {
      .id = "event_log",
      .status = Status::failed,
      .cause = "the event log (CCEL) cannot be read: " + error.what,
      .mend =
          "quoin eventlog show --table names the place; the firmware that wrote it is to blame"};
}

Finding judge_event_log(const TdObservations& td) {
  constexpr std::string_view kId = "event_log";
  if (td.asked_simulator || !td.event_log) return unknown(kId, "a simulated TD has no files");
  if (!looks_like_td(td)) return unknown(kId, kNoTd);
  if (!td.event_log->ok()) {
    const Error& error = td.event_log->error();
    if (error.code == ErrorCode::not_found) {
      return {.id = kId,
              .status = Status::warning,
              .cause = "there is no event log (CCEL): nothing explains RTMR0 to RTMR2",
              .mend =
                  "it needs firmware that measures (TDVF), CONFIG_ACPI, and /sys/firmware in a "
                  "container"};
    }
    if (error.code != ErrorCode::permission) return broken_event_log(error);
    return {.id = kId,
            .status = Status::warning,
            .cause = error.what,
            .mend = "be root: the kernel shows the event log to nobody else"};
  }
  const Result<CcEventLog> log = CcEventLog::parse(**td.event_log);
  if (!log.ok()) return broken_event_log(log.error());
  const auto report = parsed_report(td);
  const std::string seen = std::to_string(log->events().size()) + " events";
  if (!report) return ok(kId, seen + ", compared with nothing");
  const Rtmrs registers = registers_of(*report);
  // RTMR3 has a log of its own.
  for (size_t i = 0; i + 1 < registers.size(); ++i) {
    if (log->replayed_rtmrs()[i] == registers[i]) continue;
    return {.id = kId,
            .status = Status::failed,
            .seen = seen,
            .cause = "the event log (CCEL) does not replay to RTMR" + std::to_string(i),
            .mend =
                "quoin eventlog replay compares them: the log is another boot's, was changed, "
                "or something was measured without it"};
  }
  return ok(kId, seen + ", which replay to RTMR0, RTMR1 and RTMR2");
}

Finding judge_secure_boot(const TdObservations& td) {
  constexpr std::string_view kId = "secure_boot";
  if (td.asked_simulator || !td.secure_boot) return unknown(kId, "a simulated TD has no files");
  if (!looks_like_td(td)) return unknown(kId, kNoTd);
  if (td.secure_boot->answer != Answer::unknown) return ok(kId, td.secure_boot->seen);
  return {.id = kId,
          .status = Status::warning,
          .cause = "whether Secure Boot is on is not known: " + td.secure_boot->seen,
          .mend =
              "mount -t efivarfs efivarfs /sys/firmware/efi/efivars; direct boot without UEFI "
              "has no such variables"};
}

Finding judge_sandbox(const SandboxSupport& sandbox) {
  constexpr std::string_view kId = "sandbox";
  if (!sandbox.seccomp) {
    return {.id = kId,
            .status = Status::failed,
            .cause = "this kernel has no system call filters (seccomp): quoin run starts nothing",
            .mend = "a kernel with CONFIG_SECCOMP_FILTER"};
  }
  if (sandbox.memfd_noexec == "2") {
    return {.id = kId,
            .status = Status::failed,
            .cause = "vm.memfd_noexec is 2: nothing is run from memory, as quoin run does",
            .mend = "sysctl vm.memfd_noexec=1, or 0"};
  }
  if (sandbox.landlock == 0) {
    return {.id = kId,
            .status = Status::warning,
            .seen = "seccomp",
            .cause = "this kernel has no Landlock: quoin run has one fence less",
            .mend = "boot with lsm= naming landlock"};
  }
  return ok(kId, "seccomp, Landlock " + std::to_string(sandbox.landlock) +
                     "; user namespaces are not needed");
}

}  // namespace

ByteView quote_of(const TdObservations& td) {
  for (const Seen<Bytes>* way : {&td.tsm_quote, &td.qgs_quote, &td.simulated_quote}) {
    if (works(*way)) return ***way;
  }
  return {};
}

std::vector<Finding> judge_td(const Observations& seen) {
  const TdObservations& td = seen.td;
  return {judge_detection(td),
          judge_device(td),
          judge_attest_conf(td),
          judge_qgs(td),
          judge_tsm(td),
          judge_quote(td),
          judge_attributes(td),
          judge_measurements(td),
          judge_event_log(td),
          judge_secure_boot(td),
          judge_sandbox(seen.sandbox)};
}

}  // namespace quoin::doctor
