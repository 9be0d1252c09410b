#include "src/td/guest_device.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "quoin/quote.h"
#include "src/os/io.h"
#include "src/os/unique_fd.h"

namespace quoin::td {
namespace {

constexpr std::chrono::milliseconds kPause{10};

constexpr std::string_view kNotTheDriver =
    "find out what is there: mainline Linux's driver and the TDX module do not answer so";

// What the driver's errno says (drivers/virt/coco/tdx-guest/tdx-guest.c, and what TDG.MR.REPORT's
// status becomes in arch/x86/coco/tdx/tdx.c).
Error device_error(std::string_view device, int error) {
  const std::string what = std::string(device) + ": ";
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENODEV:
    case ENXIO:
      return {ErrorCode::not_found, what + "there is no TDX guest device",
              "in a TD, load the kernel's module: modprobe tdx_guest; in a container, give it the "
              "device"};
    case EACCES:
    case EPERM:
      return {ErrorCode::permission, what + std::strerror(error),
              "only root may ask for reports, unless the device's owner is changed (udev)"};
    case ENOTTY:
      return {ErrorCode::unsupported, what + "it does not know TDX_CMD_GET_REPORT0",
              "this is another device, or a driver that is not mainline Linux's"};
    default:
      return {ErrorCode::io, what + "no report: " + std::strerror(error),
              "the TDX module refused: the kernel's log says more (dmesg)"};
  }
}

}  // namespace

GetReport0 get_report0_of(const std::string& path) {
  return [path](std::span<uint8_t, kReportRequestBytes> request) {
    const UniqueFd device(open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!device.valid()) return errno;
    return ioctl(device.get(), kGetReport0, request.data()) == 0 ? 0 : errno;
  };
}

Result<Bytes> report_by(const GetReport0& get_report0, std::string_view device,
                        const ByteArray<kReportDataBytes>& report_data, Deadline deadline) {
  std::array<uint8_t, kReportRequestBytes> request{};
  for (;;) {
    request.fill(0);
    std::ranges::copy(report_data, request.begin());
    const int error = get_report0(request);
    if (error == 0) break;
    if (error != EBUSY && error != EINTR && error != EAGAIN) return device_error(device, error);
    if (!pause_for(kPause, deadline)) {
      return Error{ErrorCode::timed_out, std::string(device) + ": busy for too long",
                   "ask again; where it stays busy, the kernel's log says more (dmesg)"};
    }
  }
  const ByteView report = ByteView(request).subspan(kReportDataBytes);
  const Result<TdReportStruct> parsed = parse_td_report(report);
  if (!parsed.ok()) {
    return Error{ErrorCode::refused,
                 std::string(device) + ": what it gave is no TDREPORT: " + parsed.error().what,
                 std::string(kNotTheDriver)};
  }
  if (parsed->report_mac_struct.report_data != report_data) {
    return Error{ErrorCode::refused,
                 std::string(device) + ": its TDREPORT has other report data than was asked for",
                 std::string(kNotTheDriver)};
  }
  return Bytes(report.begin(), report.end());
}

}  // namespace quoin::td
