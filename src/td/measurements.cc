#include "src/td/measurements.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "quoin/quote.h"
#include "src/base/try.h"
#include "src/os/io.h"
#include "src/os/unique_fd.h"

namespace quoin::td {
namespace {

constexpr std::chrono::milliseconds kPause{10};

std::string file_of(const std::string& directory, unsigned index) {
  return directory + "/rtmr" + std::to_string(index) + ":sha384";
}

}  // namespace

Result<ByteArray<kRtmrBytes>> read_rtmr_file(const std::string& directory, unsigned index) {
  const std::string path = file_of(directory, index);
  const Bytes bytes = TRY(read_file(path, kRtmrBytes));
  if (bytes.size() != kRtmrBytes) {
    return Error{ErrorCode::malformed,
                 path + ": it has " + std::to_string(bytes.size()) + " bytes, wanted 48"};
  }
  ByteArray<kRtmrBytes> value{};
  std::ranges::copy(bytes, value.begin());
  return value;
}

Result<void> extend_rtmr_file(const std::string& directory, unsigned index,
                              const ByteArray<kRtmrBytes>& digest, Deadline deadline) {
  const std::string path = file_of(directory, index);
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.valid()) {
    Error error = system_error(path, errno);
    if (error.code == ErrorCode::not_found) {
      error.code = ErrorCode::unsupported;
      error.hint = "Linux can extend RTMRs since 6.16";
    } else if (error.code == ErrorCode::permission) {
      error.hint =
          "only root may extend; in a container, bind-mount the directory so that it can "
          "be written";
    }
    return error;
  }
  for (;;) {
    // What was taken in part has been refused as a whole: the rest is not written.
    const ssize_t count = pwrite(file.get(), digest.data(), digest.size(), 0);
    if (count == ssize_t{kRtmrBytes}) return {};
    if (count >= 0) return Error{ErrorCode::io, path + ": the kernel took a part of the digest"};
    if (errno != EBUSY && errno != EINTR) return system_error(path, errno);
    if (!pause_for(kPause, deadline)) {
      return Error{ErrorCode::timed_out, path + ": busy for too long"};
    }
  }
}

Result<ByteArray<kRtmrBytes>> rtmr_of_report(ByteView td_report, unsigned index) {
  const TdReportStruct report = TRY(parse_td_report(td_report));
  switch (index) {
    case 0:
      return report.td_info.rtmr0;
    case 1:
      return report.td_info.rtmr1;
    case 2:
      return report.td_info.rtmr2;
    case kRuntimeRtmr:
      return report.td_info.rtmr3;
    default:
      return Error{ErrorCode::invalid_argument, "there is no RTMR" + std::to_string(index)};
  }
}

}  // namespace quoin::td
