#include "src/simulator/mount_tree.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "src/base/try.h"
#include "src/simulator/mount_guest.h"

namespace quoin::simulator {
namespace {

constexpr mode_t kDirectoryMode = 0755;
constexpr std::string_view kReports = "/sys/kernel/config/tsm/report";

// Where a path leads below kReports: to an entry, and to a file of it unless that is empty.
struct ReportPath {
  std::string_view entry;
  std::string_view attribute;
};

// Nothing for a path that is not below kReports, or too far below.
std::optional<ReportPath> report_path(std::string_view path) {
  if (!path.starts_with(kReports) || path.size() <= kReports.size() + 1) return std::nullopt;
  if (path[kReports.size()] != '/') return std::nullopt;
  const std::string_view below = path.substr(kReports.size() + 1);
  const size_t slash = below.find('/');
  if (slash == std::string_view::npos) return ReportPath{below, {}};
  const std::string_view attribute = below.substr(slash + 1);
  if (attribute.find('/') != std::string_view::npos) return std::nullopt;
  return ReportPath{below.substr(0, slash), attribute};
}

std::string_view parent_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

const TsmAttribute* find_attribute(std::string_view name) {
  const auto* found = std::ranges::find(kTsmAttributes, name, &TsmAttribute::name);
  return found == kTsmAttributes.end() ? nullptr : found;
}

NodeStatus directory_status() { return {.directory = true, .mode = kDirectoryMode, .size = 0}; }

KernelResult<void> check_access(mode_t mode, bool to_read, bool to_write) {
  if (to_read && (mode & 0444) == 0) return fails_with(EACCES);
  if (to_write && (mode & 0222) == 0) return fails_with(EACCES);
  return {};
}

}  // namespace

Result<std::unique_ptr<GuestTree>> GuestTree::make(SimulatedTd& td, Faults& faults, KernelTime time,
                                                   std::chrono::milliseconds quote_timeout) {
  std::vector<FileEntry> files = firmware_files(TRY(td.load()), faults);
  for (FileEntry& file : device_files(td, faults)) files.push_back(std::move(file));
  for (FileEntry& file : kernel_files(td)) files.push_back(std::move(file));
  for (FileEntry& file : measurement_files(td, faults)) files.push_back(std::move(file));
  return std::unique_ptr<GuestTree>(
      new GuestTree(td, faults, std::move(time), quote_timeout, std::move(files)));
}

GuestTree::GuestTree(SimulatedTd& td, Faults& faults, KernelTime time,
                     std::chrono::milliseconds quote_timeout, std::vector<FileEntry> files)
    : reports_([&td](const ByteArray<64>& report_data) { return td.quote(report_data); }, faults,
               std::move(time), quote_timeout),
      files_(std::move(files)) {
  // These are there with nothing in them.
  add_directories("/dev");
  add_directories("/sys/firmware/efi/efivars");
  if (!faults.is_set(Fault::no_tsm)) add_directories(kReports);
  for (const FileEntry& file : files_) add_directories(parent_of(file.path));
}

// The directory and those above it.
void GuestTree::add_directories(std::string_view path) {
  while (directories_.emplace(path).second && path != "/") path = parent_of(path);
}

const FileEntry* GuestTree::find_file(std::string_view path) const {
  const auto found = std::ranges::find(files_, path, &FileEntry::path);
  return found == files_.end() ? nullptr : &*found;
}

KernelResult<NodeStatus> GuestTree::status(std::string_view path) const {
  if (directories_.contains(path)) return directory_status();
  if (const FileEntry* file = find_file(path)) {
    return NodeStatus{.directory = false, .mode = file->mode, .size = file->size};
  }
  const std::optional<ReportPath> report = report_path(path);
  if (!report || !reports_.has(report->entry)) return fails_with(ENOENT);
  if (report->attribute.empty()) return directory_status();
  const TsmAttribute* attribute = find_attribute(report->attribute);
  if (attribute == nullptr) return fails_with(ENOENT);
  return NodeStatus{.directory = false, .mode = attribute->mode, .size = attribute->size};
}

KernelResult<std::vector<std::string>> GuestTree::list(std::string_view path) const {
  const KernelResult<NodeStatus> found = status(path);
  if (!found) return std::unexpected(found.error());
  if (!found->directory) return fails_with(ENOTDIR);
  std::vector<std::string> names;
  if (path == kReports) return reports_.names();
  if (report_path(path)) {
    for (const TsmAttribute& attribute : kTsmAttributes) names.emplace_back(attribute.name);
    return names;
  }
  for (const std::string& directory : directories_) {
    if (directory != "/" && parent_of(directory) == path) names.push_back(name_of(directory));
  }
  for (const FileEntry& file : files_) {
    if (parent_of(file.path) == path) names.push_back(name_of(file.path));
  }
  return names;
}

KernelResult<void> GuestTree::make_directory(std::string_view path) {
  if (status(path)) return fails_with(EEXIST);
  const std::optional<ReportPath> report = report_path(path);
  // What configfs and sysfs say where nobody makes directories.
  if (!report || !report->attribute.empty() || !directories_.contains(kReports)) {
    return fails_with(EPERM);
  }
  return reports_.make(report->entry);
}

KernelResult<void> GuestTree::remove_directory(std::string_view path) {
  const KernelResult<NodeStatus> found = status(path);
  if (!found) return std::unexpected(found.error());
  if (!found->directory) return fails_with(ENOTDIR);
  const std::optional<ReportPath> report = report_path(path);
  if (!report) return fails_with(EPERM);
  return reports_.remove(report->entry);
}

KernelResult<std::unique_ptr<KernelFile>> GuestTree::open(std::string_view path, bool to_read,
                                                          bool to_write) {
  const KernelResult<NodeStatus> found = status(path);
  if (!found) return std::unexpected(found.error());
  if (found->directory) return fails_with(EISDIR);
  const KernelResult<void> access = check_access(found->mode, to_read, to_write);
  if (!access) return std::unexpected(access.error());
  if (const FileEntry* file = find_file(path)) return file->open();
  const std::optional<ReportPath> report = report_path(path);
  if (!report) return fails_with(ENOENT);
  return reports_.open(report->entry, report->attribute);
}

}  // namespace quoin::simulator
