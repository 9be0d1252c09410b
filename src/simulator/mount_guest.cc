#include "src/simulator/mount_guest.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "src/base/reader.h"
#include "src/base/writer.h"
#include "src/eventlog/ccel_format.h"
#include "src/eventlog/ccel_writer.h"
#include "src/simulator/distort.h"

namespace quoin::simulator {
namespace {

// _IOWR('T', 1, struct tdx_report_req): 64 bytes of report data, then 1024 of TDREPORT.
constexpr uint32_t kGetReport0 = 0xc4405401;
constexpr size_t kReportRequestBytes = td::kReportDataBytes + td::kTdReportBytes;

constexpr std::string_view kMeasurements = "/sys/devices/virtual/misc/tdx_guest/measurements/";

// Of a variable in efivarfs, whose attributes are 4 bytes.
constexpr size_t kTruncatedVariableBytes = 3;

class Device final : public KernelFile {
 public:
  Device(SimulatedTd& td, Faults& faults) : td_(td), faults_(faults) {}

  KernelResult<void> ioctl(uint32_t request, std::span<uint8_t> data) override {
    if (request != kGetReport0 || data.size() != kReportRequestBytes) return fails_with(ENOTTY);
    if (faults_.take(Fault::report_ebusy)) return fails_with(EBUSY);
    if (faults_.take(Fault::report_eio)) return fails_with(EIO);
    ByteArray<td::kReportDataBytes> report_data{};
    std::ranges::copy(data.first(td::kReportDataBytes), report_data.begin());
    const Result<Bytes> report =
        td_.report(distort_report_data(report_data, Fault::report_wrong_report_data, faults_));
    if (!report.ok()) return fails_with(EIO);
    std::ranges::copy(*report, data.subspan(td::kReportDataBytes).begin());
    return {};
  }

 private:
  SimulatedTd& td_;
  Faults& faults_;
};

// A register: each read is of what it is now.
class Register final : public KernelFile {
 public:
  using Value = std::function<ByteArray<48>(const SoftwareTd&)>;

  Register(SimulatedTd& td, Value value) : td_(td), value_(std::move(value)) {}

  KernelResult<Bytes> read(size_t size, uint64_t offset) override {
    const Result<SoftwareTd> td = td_.load();
    if (!td.ok()) return fails_with(EIO);
    return part_of(value_(*td), size, offset);
  }

 private:
  SimulatedTd& td_;
  Value value_;
};

class Rtmr final : public KernelFile {
 public:
  Rtmr(SimulatedTd& td, Faults& faults, unsigned index) : td_(td), faults_(faults), index_(index) {}

  KernelResult<Bytes> read(size_t size, uint64_t offset) override {
    const Result<ByteArray<48>> value = td_.read_rtmr(index_);
    if (!value.ok()) return fails_with(EIO);
    return part_of(*value, size, offset);
  }

  KernelResult<size_t> write(ByteView bytes, uint64_t offset) override {
    // fs/sysfs/file.c, sysfs_kf_bin_write(), and drivers/virt/coco/guest/tsm-mr.c.
    if (offset >= td::kRtmrBytes) return fails_with(EFBIG);
    if (bytes.empty()) return 0;
    if (offset != 0 || bytes.size() < td::kRtmrBytes) return fails_with(EINVAL);
    if (faults_.take(Fault::rtmr_ebusy)) return fails_with(EBUSY);
    if (faults_.take(Fault::rtmr_einval)) return fails_with(EINVAL);
    if (faults_.take(Fault::rtmr_eio)) return fails_with(EIO);
    ByteArray<td::kRtmrBytes> digest{};
    std::ranges::copy(bytes.first(td::kRtmrBytes), digest.begin());
    if (!td_.extend_any_rtmr(index_, digest).ok()) return fails_with(EIO);
    if (faults_.take(Fault::rtmr_eio_extended)) return fails_with(EIO);
    return digest.size();
  }

 private:
  SimulatedTd& td_;
  Faults& faults_;
  unsigned index_;
};

FileEntry bytes_entry(std::string path, mode_t mode, Bytes bytes) {
  const uint64_t size = bytes.size();
  return {std::move(path), mode, size,
          [bytes = std::move(bytes)] { return std::make_unique<BytesFile>(bytes); }};
}

// A file that cannot be read.
class UnreadableFile final : public KernelFile {
 public:
  KernelResult<Bytes> read(size_t /*size*/, uint64_t /*offset*/) override {
    return fails_with(EIO);
  }
};

// A file that cannot be read when `unreadable` happens, and otherwise has what `contents` gives.
// Both are asked each time that it is opened.
FileEntry faulty_entry(std::string path, mode_t mode, uint64_t size, Faults& faults,
                       Fault unreadable, std::function<Bytes()> contents) {
  return {std::move(path), mode, size,
          [&faults, unreadable, contents = std::move(contents)]() -> std::unique_ptr<KernelFile> {
            if (faults.take(unreadable)) return std::make_unique<UnreadableFile>();
            return std::make_unique<BytesFile>(contents());
          }};
}

// The bytes, or `count` of them where a fault says so.
Bytes maybe_truncated(Bytes bytes, size_t count, Fault fault, Faults& faults) {
  if (count < bytes.size() && faults.take(fault)) bytes.resize(count);
  return bytes;
}

// A table that says AMD's type, and whose checksum is right (UEFI specification 2.10, section
// 38.4.2).
Bytes of_sevs_type(Bytes table) {
  constexpr size_t kChecksum = 9;
  constexpr size_t kType = 36;
  constexpr uint8_t kTypeSev = 1;
  table[kChecksum] = static_cast<uint8_t>(table[kChecksum] + table[kType] - kTypeSev);
  table[kType] = kTypeSev;
  return table;
}

}  // namespace

std::vector<FileEntry> device_files(SimulatedTd& td, Faults& faults) {
  if (faults.is_set(Fault::no_device)) return {};
  return {
      {"/dev/tdx_guest", 0600, 0, [&td, &faults] { return std::make_unique<Device>(td, faults); }}};
}

std::vector<FileEntry> measurement_files(SimulatedTd& td, Faults& faults) {
  if (faults.is_set(Fault::no_measurements)) return {};
  const std::string folder(kMeasurements);
  const auto entry = [&](std::string_view name, const Register::Value& value) {
    return FileEntry{folder + std::string(name), 0444, td::kRtmrBytes,
                     [&td, value] { return std::make_unique<Register>(td, value); }};
  };
  std::vector<FileEntry> files = {
      entry("mrtd:sha384", [](const SoftwareTd& now) { return now.state.mr_td; }),
      entry("mrconfigid", [](const SoftwareTd& now) { return now.state.mr_config_id; }),
      entry("mrowner", [](const SoftwareTd& now) { return now.state.mr_owner; }),
      entry("mrownerconfig", [](const SoftwareTd& now) { return now.state.mr_owner_config; }),
  };
  for (unsigned index = 0; index < td::kRtmrCount; ++index) {
    files.push_back({folder + "rtmr" + std::to_string(index) + ":sha384", 0644, td::kRtmrBytes,
                     [&td, &faults, index] { return std::make_unique<Rtmr>(td, faults, index); }});
  }
  return files;
}

std::vector<FileEntry> kernel_files(SimulatedTd& td) {
  const auto open_boot_id = [&td] {
    const Result<std::string> boot_id = td.boot_id();
    const std::string line = (boot_id.ok() ? *boot_id : "") + "\n";
    return std::make_unique<BytesFile>(Bytes(line.begin(), line.end()));
  };
  const ByteView cpuinfo = as_bytes("processor\t: 0\nflags\t\t: fpu hypervisor tdx_guest\n\n");
  return {{"/proc/sys/kernel/random/boot_id", 0444, 0, open_boot_id},
          bytes_entry("/proc/cpuinfo", 0444, Bytes(cpuinfo.begin(), cpuinfo.end()))};
}

std::vector<FileEntry> firmware_files(const SoftwareTd& td, Faults& faults) {
  std::vector<FileEntry> files;
  if (!td.ccel.empty()) {
    const size_t size = td.ccel.size();
    const auto table = [&faults, size] {
      constexpr uint64_t kLogAddress = 0x7f000000;
      const bool is_longer = faults.take(Fault::ccel_wrong_length);
      Bytes bytes = write_ccel_table(
          {.log_area_bytes = is_longer ? size + 1 : size, .log_area_address = kLogAddress});
      return faults.take(Fault::ccel_wrong_type) ? of_sevs_type(std::move(bytes)) : bytes;
    };
    files.push_back(faulty_entry("/sys/firmware/acpi/tables/CCEL", 0400, ccel::kTableBytes, faults,
                                 Fault::ccel_eio, table));
    const auto log = [&faults, bytes = td.ccel] {
      return maybe_truncated(bytes, bytes.size() / 2, Fault::ccel_truncated, faults);
    };
    files.push_back(faulty_entry("/sys/firmware/acpi/tables/data/CCEL", 0400, size, faults,
                                 Fault::ccel_eio, log));
  }
  for (const EfiVariable& variable : td.efi_variables) {
    Writer out;
    out.u32le(variable.attributes).bytes(variable.value);
    const Bytes bytes = out.take();
    const auto contents = [&faults, bytes] {
      return maybe_truncated(bytes, kTruncatedVariableBytes, Fault::efivars_truncated, faults);
    };
    files.push_back(faulty_entry("/sys/firmware/efi/efivars/" + variable.name, 0444, bytes.size(),
                                 faults, Fault::efivars_eio, contents));
  }
  return files;
}

}  // namespace quoin::simulator
