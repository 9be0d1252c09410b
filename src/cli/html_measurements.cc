#include <string_view>

#include "src/base/hex.h"
#include "src/cli/html_sections.h"
#include "src/cli/html_values.h"

namespace quoin::cli {
namespace {

Html measurement(std::string_view name, std::string_view meaning, ByteView value) {
  return html("<div><dt>{}<span class='small'>{}</span></dt><dd>{}</dd></div>\n", name, meaning,
              html_hex(value));
}

Html td_measurements(const Quote& quote, const TdReport10& report) {
  Html list;
  list.add(measurement("MRTD", "what the TD began with: its firmware", report.mr_td));
  list.add(measurement("RTMR0", "the firmware's configuration", report.rtmr0));
  list.add(measurement("RTMR1", "the boot loader and the kernel", report.rtmr1));
  list.add(measurement("RTMR2", "the kernel's command line and initrd", report.rtmr2));
  list.add(measurement("RTMR3", "what was measured at run time", report.rtmr3));
  list.add(measurement("Report data", "what the TD chose to have signed", report.report_data));
  list.add(measurement("MRCONFIGID", "its configuration, by its owner", report.mr_config_id));
  list.add(measurement("MROWNER", "its owner", report.mr_owner));
  list.add(measurement("MROWNERCONFIG", "what its owner adds", report.mr_owner_config));
  list.add(measurement("TD attributes", "debug and the like", report.td_attributes));
  list.add(measurement("XFAM", "processor features", report.xfam));
  list.add(measurement("MRSEAM", "the TDX module", report.mr_seam));
  list.add(measurement("MRSIGNERSEAM", "who signed it: zero is Intel", report.mr_signer_seam));
  list.add(measurement("TEE_TCB_SVN", "the TDX module's SVNs at launch", report.tee_tcb_svn));
  if (const TdReport15Extra* extra = quote.td_report_15()) {
    list.add(measurement("TEE_TCB_SVN2", "the SVNs now", extra->tee_tcb_svn2));
    list.add(measurement("MRSERVICETD", "service TDs that are bound", extra->mr_service_td));
  }
  return list;
}

Html enclave_measurements(const EnclaveReport& report) {
  Html list;
  list.add(measurement("MRENCLAVE", "what the enclave began with", report.mr_enclave));
  list.add(measurement("MRSIGNER", "who signed it", report.mr_signer));
  list.add(html_fact("ISVPRODID", html("{}", report.isv_prod_id)));
  list.add(html_fact("ISVSVN", html("{}", report.isv_svn)));
  list.add(measurement("Attributes", "debug and the like", report.attributes));
  list.add(measurement("Report data", "what it chose to have signed", report.report_data));
  return list;
}

}  // namespace

Html html_measurements(const Quote& quote, const Verdict& verdict) {
  const TdReport10* report = quote.td_report();
  return html(
      "<section id='measurements'><h2>Measurements</h2>\n{}<dl class='wide'>{}</dl></section>\n",
      html_unproven(verdict.genuine),
      report != nullptr ? td_measurements(quote, *report)
                        : enclave_measurements(*quote.enclave_report()));
}

Html html_platform(const Quote& quote, const Verdict& verdict) {
  Html list;
  list.add(html_fact(
      "Kind", html("{}, quote version {}", quote.header.tee_type == TeeType::tdx ? "TDX" : "SGX",
                   quote.header.version)));
  if (verdict.platform) {
    const PlatformIdentity& platform = *verdict.platform;
    list.add(html_fact("FMSPC", html_hex(platform.fmspc)));
    list.add(html_fact("PPID", html_hex(platform.ppid)));
    list.add(html_fact("Platform instance", platform.platform_instance_id
                                                ? html_hex(*platform.platform_instance_id)
                                                : html("not given")));
    list.add(html_fact("PCEID", html("<code>{}</code>", to_hex(platform.pce_id))));
  } else {
    list.add(html_fact("Identity", "could not be read"));
  }
  return html("<section id='platform'><h2>Platform</h2>\n{}<dl>{}</dl></section>\n",
              html_unproven(verdict.genuine), list);
}

}  // namespace quoin::cli
