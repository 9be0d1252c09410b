#include "src/service/broker_policies.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

#include "quoin/seal.h"
#include "src/base/try.h"
#include "src/base/writer.h"
#include "src/crypto/sha2.h"
#include "src/os/io.h"
#include "src/os/unique_fd.h"

namespace quoin::broker {
namespace {

constexpr std::string_view kSuffix = ".toml";
// A list of platforms is the largest (parse_platform_list()).
constexpr size_t kMaxFileBytes = size_t{16} << 20;

Error refused(std::string what, std::string hint = {}) {
  return {ErrorCode::refused, std::move(what), std::move(hint)};
}

// Whoever can write a policy decides who gets its root.
Result<void> check_owner(int fd, const std::string& path) {
  struct stat status{};
  if (fstat(fd, &status) != 0) return system_error(path, errno);
  if (status.st_uid != geteuid() && status.st_uid != 0) {
    return refused(path + ": belongs to another user, who could change it");
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return refused(path + ": others can change it", "chmod go-w takes that away");
  }
  return {};
}

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

Result<std::vector<std::string>> names_in(const std::string& path) {
  UniqueFd fd = TRY(owned(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), path));
  TRY(check_owner(fd.get(), path));
  const std::unique_ptr<DIR, CloseDirectory> directory(fdopendir(fd.get()));
  if (!directory) return system_error(path, errno);
  fd.release();
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    // The stream is this function's alone.
    const dirent* const entry = readdir(directory.get());  // NOLINT(concurrency-mt-unsafe)
    if (entry == nullptr && errno != 0) return system_error(path, errno);
    if (entry == nullptr) break;
    const std::string_view name(&entry->d_name[0]);
    if (!name.starts_with('.') && name.ends_with(kSuffix)) names.emplace_back(name);
    if (names.size() > kMaxPolicies) {
      return Error{ErrorCode::too_large,
                   path + ": more than " + std::to_string(kMaxPolicies) + " policies"};
    }
  }
  std::ranges::sort(names);
  return names;
}

// Follows links, as those of a mounted configuration: what they lead to is looked at.
Result<Bytes> read_owned_file(const std::string& path) {
  const UniqueFd file = TRY(owned(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC), path));
  TRY(check_owner(file.get(), path));
  return read_to_end(file.get(), kMaxFileBytes, path);
}

Result<NamedPolicy> load_policy(const std::string& directory, const std::string& name) {
  const std::string path = directory + "/" + name;
  NamedPolicy loaded;
  loaded.id = name.substr(0, name.size() - kSuffix.size());
  if (!is_policy_id(loaded.id)) {
    return refused(path + ": no policy can be called so", "letters, digits and ._- are allowed");
  }
  const Bytes text = TRY(read_owned_file(path));
  loaded.sha256 = sha256(text);
  Writer digests;
  digests.bytes(loaded.sha256);
  Result<Policy> policy = parse_policy(as_text(text), [&](std::string_view file) -> Result<Bytes> {
    const bool is_absolute = file.starts_with('/');
    Bytes list =
        TRY(read_owned_file(is_absolute ? std::string(file) : directory + "/" + std::string(file)));
    digests.bytes(sha256(list));
    return list;
  });
  const Result<void> pins = policy.ok() ? check_pins(*policy) : Result<void>(policy.error());
  if (!pins.ok()) {
    Error error = pins.error();
    error.what = path + ": " + error.what;
    return error;
  }
  loaded.policy = std::move(policy).value();
  // Lists decide as the text does.
  if (digests.size() > loaded.sha256.size()) loaded.sha256 = sha256(digests.view());
  return loaded;
}

}  // namespace

Result<void> check_pins(const Policy& policy) {
  if (policy.any_measurement || policy.measurements.empty()) {
    return refused("it names no measurements: any TD would get its keys",
                   "name MRTD and RTMR0 to RTMR2 of the images that may have them");
  }
  for (const MeasurementSet& set : policy.measurements) {
    if (!set.mr_td || !set.rtmr0 || !set.rtmr1 || !set.rtmr2) {
      return refused("the measurements \"" + set.name + "\" do not pin what runs in a TD",
                     "name MRTD and RTMR0 to RTMR2");
    }
  }
  // Whatever bit of that group a TD has set, its host may look into it (DEBUG is bit 0).
  if (policy.insecure_allowed_tud_bits != 0) {
    return refused("it accepts TDs that can be debugged, whose keys their host can read",
                   "leave insecure_allow_tud_bits out");
  }
  return {};
}

Result<std::vector<NamedPolicy>> load_policies(const std::string& directory) {
  const std::vector<std::string> names = TRY(names_in(directory));
  std::vector<NamedPolicy> policies;
  for (const std::string& name : names) policies.push_back(TRY(load_policy(directory, name)));
  if (policies.empty()) {
    return Error{ErrorCode::not_found, directory + ": there is no policy",
                 "a policy is a file NAME.toml, and TDs ask for its NAME"};
  }
  return policies;
}

}  // namespace quoin::broker
