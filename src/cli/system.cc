#include "src/cli/system.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>

#include "src/base/try.h"

namespace quoin::cli {
namespace {

std::optional<std::string> absolute_path_in(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr || *value != '/') return std::nullopt;
  return value;
}

Result<std::string> user_directory(const char* variable, std::string_view below_home) {
  if (const auto directory = absolute_path_in(variable)) return *directory;
  if (const auto home = absolute_path_in("HOME")) return *home + "/" + std::string(below_home);
  return Error{ErrorCode::not_found, std::string("neither ") + variable + " nor HOME is set",
               std::string("set ") + variable + " to a directory of yours"};
}

}  // namespace

UtcTime now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

Result<std::string> simulator_directory() {
  return TRY(user_directory("XDG_DATA_HOME", ".local/share")) + "/quoin/simulator";
}

Result<std::string> object_cache_directory() {
  const std::string parent = TRY(user_directory("XDG_CACHE_HOME", ".cache")) + "/quoin";
  std::error_code error;
  if (std::filesystem::create_directories(parent, error)) {
    std::filesystem::permissions(parent, std::filesystem::perms::owner_all, error);
  }
  if (error) {
    return Error{ErrorCode::io, "cannot make " + parent + ": " + error.message(),
                 "set XDG_CACHE_HOME to a directory of yours"};
  }
  return parent + "/objects";
}

Result<std::string> collateral_cache_directory() {
  return TRY(user_directory("XDG_CACHE_HOME", ".cache")) + "/quoin/collateral";
}

std::string_view version() { return QUOIN_VERSION; }

UtcTime version_date() {
  const Result<UtcTime> date = parse_rfc3339(QUOIN_VERSION_DATE);
  return date.ok() ? *date : UtcTime{};
}

}  // namespace quoin::cli
