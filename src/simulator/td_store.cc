#include "src/simulator/td_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "src/base/try.h"
#include "src/simulator/private_files.h"
#include "src/simulator/state.h"

namespace quoin::simulator {
namespace {

constexpr const char* kDirectory = "tds";
constexpr const char* kFile = "td.json";
// Where the file is made, under the lock.
constexpr const char* kNewFile = ".td.json.new";
// What a TD that is being removed is called: no name of a TD begins so.
constexpr std::string_view kRemoved = "removed";
constexpr const char* kRuntimeLog = "runtime-log";
constexpr size_t kMaxNameLength = 64;

bool is_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= kMaxNameLength && letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || c == '-' || c == '_'; });
}

Result<void> check_name(std::string_view name) {
  if (is_name(name)) return {};
  return Error{ErrorCode::invalid_argument, "a TD cannot be called '" + std::string(name) + "'",
               "up to 64 lower-case letters, digits, - and _, beginning with a letter or a digit"};
}

Error no_such_td(std::string_view name) {
  return {ErrorCode::not_found, "there is no simulated TD '" + std::string(name) + "'",
          "quoin sim td list names them; quoin sim td create makes one"};
}

// The directory of the TDs.
Result<File> open_tds(const std::string& directory) {
  const File state = TRY(open_private_directory(directory));
  return open_private_directory(state, kDirectory);
}

Result<File> open_td(const std::string& directory, std::string_view name) {
  TRY(check_name(name));
  const Result<File> tds = open_tds(directory);
  if (!tds.ok() && tds.error().code == ErrorCode::not_found) return no_such_td(name);
  if (!tds.ok()) return tds.error();
  Result<File> td = open_private_directory(*tds, std::string(name));
  if (!td.ok() && td.error().code == ErrorCode::not_found) return no_such_td(name);
  return td;
}

// Waits until nobody else has it. Closing the directory gives it back, however the process ends.
Result<void> lock(const File& td) {
  while (flock(td.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return system_error("lock");
  }
  return {};
}

Result<SoftwareTd> read_td(const File& directory, std::string_view name) {
  const Result<File> file = open_private_file(directory, kFile);
  // A directory without it is what a crash while making it leaves.
  if (!file.ok() && file.error().code == ErrorCode::not_found) return no_such_td(name);
  if (!file.ok()) return file.error();
  const size_t size = TRY(file_size(*file, kFile));
  if (size > kMaxSoftwareTdBytes) {
    return Error{ErrorCode::too_large, "simulator's state: td.json has " + std::to_string(size) +
                                           " bytes, over " + std::to_string(kMaxSoftwareTdBytes)};
  }
  Bytes bytes(size);
  TRY(read_exactly(*file, bytes, kFile));
  return read_software_td(bytes);
}

// Under the lock.
Result<void> write_td(const File& directory, const SoftwareTd& td) {
  TemporaryFile file(directory, kNewFile);
  TRY(file.write(write_software_td(td), S_IRUSR | S_IWUSR));
  TRY(file.rename_to(kFile));
  if (fsync(directory.get()) != 0) return system_error(kFile);
  return {};
}

Result<void> make_directory(const File& parent, const std::string& name) {
  if (mkdirat(parent.get(), name.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return system_error(name);
  }
  if (fsync(parent.get()) != 0) return system_error(name);
  return {};
}

}  // namespace

Result<TdStore> TdStore::open(std::string directory, bool on_real_td) {
  TRY(refuse_on_real_td(on_real_td));
  return TdStore(std::move(directory));
}

Result<std::vector<std::string>> TdStore::names() const {
  std::vector<std::string> names;
  const Result<File> tds = open_tds(directory_);
  if (!tds.ok() && tds.error().code == ErrorCode::not_found) return names;
  if (!tds.ok()) return tds.error();
  std::error_code error;
  const std::filesystem::path path = std::filesystem::path(directory_) / kDirectory;
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (!is_name(name)) continue;
    const Result<SoftwareTd> td = load(name);
    if (td.ok() || td.error().code != ErrorCode::not_found) names.push_back(std::move(name));
  }
  if (error) return Error{ErrorCode::io, "simulator's state: " + error.message()};
  std::ranges::sort(names);
  return names;
}

Result<void> TdStore::create(std::string_view name, const SoftwareTd& td) const {
  TRY(check_name(name));
  {
    const File state = TRY(open_private_directory(directory_));
    TRY(make_directory(state, kDirectory));
  }
  const File tds = TRY(open_tds(directory_));
  TRY(make_directory(tds, std::string(name)));
  const File directory = TRY(open_private_directory(tds, std::string(name)));
  TRY(lock(directory));
  const Result<SoftwareTd> old = read_td(directory, name);
  if (old.ok() || old.error().code != ErrorCode::not_found) {
    return Error{ErrorCode::invalid_argument,
                 "there is a simulated TD '" + std::string(name) + "' already",
                 "quoin sim td set changes it, quoin sim td remove takes it away"};
  }
  return write_td(directory, td);
}

Result<SoftwareTd> TdStore::load(std::string_view name) const {
  return read_td(TRY(open_td(directory_, name)), name);
}

Result<SoftwareTd> TdStore::load_or_create(std::string_view name) const {
  Result<SoftwareTd> td = load(name);
  if (td.ok() || td.error().code != ErrorCode::not_found || name != kDefaultTd) return td;
  const Result<void> made = create(name, default_software_td(fresh_boot_id()));
  // Somebody else may have been first.
  td = load(name);
  if (!td.ok() && !made.ok()) return made.error();
  return td;
}

Result<SoftwareTd> TdStore::change(std::string_view name,
                                   const std::function<Result<void>(SoftwareTd&)>& change) const {
  const File directory = TRY(open_td(directory_, name));
  TRY(lock(directory));
  SoftwareTd td = TRY(read_td(directory, name));
  TRY(change(td));
  TRY(write_td(directory, td));
  return td;
}

Result<void> TdStore::remove(std::string_view name) const {
  const File directory = TRY(open_td(directory_, name));
  TRY(lock(directory));
  // One that cannot be read can still be removed.
  const Result<SoftwareTd> td = read_td(directory, name);
  if (!td.ok() && td.error().code == ErrorCode::not_found) return td.error();
  // Under another name first, so that it is there or gone, and never in part.
  const std::string removed = random_name(kRemoved);
  const File tds = TRY(open_tds(directory_));
  if (renameat(tds.get(), std::string(name).c_str(), tds.get(), removed.c_str()) != 0) {
    return system_error(name);
  }
  std::error_code error;
  std::filesystem::remove_all(std::filesystem::path(directory_) / kDirectory / removed, error);
  if (error) return Error{ErrorCode::io, "simulator's state: " + error.message()};
  return {};
}

Result<std::string> TdStore::runtime_log_directory(std::string_view name) const {
  const File directory = TRY(open_td(directory_, name));
  TRY(make_directory(directory, kRuntimeLog));
  TRY(open_private_directory(directory, kRuntimeLog));
  return directory_ + "/" + kDirectory + "/" + std::string(name) + "/" + kRuntimeLog;
}

}  // namespace quoin::simulator
