#include "src/cli/policy_case.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/try.h"
#include "src/cli/named_files.h"

namespace quoin::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".case.json";
constexpr std::string_view kNameInDirectory = "case.json";
constexpr size_t kMaxEntries = 10'000;
constexpr size_t kMaxDescriptionBytes = size_t{64} << 10;

Result<std::vector<fs::directory_entry>> list(const std::string& directory) {
  std::error_code error;
  std::vector<fs::directory_entry> entries;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (entries.size() == kMaxEntries) {
      return too_large(directory + ": more than 10000 entries");
    }
    entries.push_back(*it);
  }
  if (error) {
    return usage_error("cannot read the directory " + directory + ": " + error.message(), "");
  }
  return entries;
}

// A member that is a text, or nothing.
Result<std::optional<std::string>> optional_text(const JsonValue& object, std::string_view name) {
  if (!object.has(name)) return std::optional<std::string>();
  const JsonValue member = TRY(object.get(name));
  Result<std::string> text = member.string();
  if (!text.ok()) return malformed(std::string(name) + " is not a text");
  return std::optional<std::string>(std::move(*text));
}

Result<std::string> text(const JsonValue& object, std::string_view name) {
  std::optional<std::string> found = TRY(optional_text(object, name));
  if (!found) return malformed("it has no member " + std::string(name));
  return std::move(*found);
}

// A member that is misspelt must not be one that is left out.
Result<void> check_members(const JsonValue& object) {
  constexpr std::array<std::string_view, 6> kKnown = {"evidence", "collateral", "event_log",
                                                      "at",       "expect",     "reason"};
  for (const JsonValue::Member& member : TRY(object.members())) {
    if (std::ranges::find(kKnown, member.name) == kKnown.end()) {
      return malformed("unknown member " + member.name);
    }
  }
  return {};
}

Result<Expectation> read_expectation(const JsonValue& object) {
  const std::string expect = TRY(text(object, "expect"));
  const std::optional<std::string> reason = TRY(optional_text(object, "reason"));
  if (expect == "accepted" && !reason) return Expectation{.accepted = true, .reason = {}};
  if (expect == "refused" && reason) return Expectation{.accepted = false, .reason = *reason};
  return malformed("wanted expect accepted, or expect refused and a reason");
}

// The collateral that came with the evidence.
Result<Collateral> own_collateral(const Evidence& evidence) {
  if (!evidence.collateral.empty()) return Collateral::parse(evidence.collateral);
  return Error{ErrorCode::not_found, "there is no collateral to verify with"};
}

Result<PolicyCase> read_description(std::string_view path) {
  Inputs inputs(STDIN_FILENO);
  const Bytes description = TRY(read_named(inputs, path, kMaxDescriptionBytes));
  const JsonDocument document = TRY(JsonDocument::parse(description));
  const JsonValue object = document.root();
  TRY(check_members(object));
  const auto read = [&](const std::string& name) {
    return read_named(inputs, path_in(directory_of(path), name));
  };

  PolicyCase result;
  result.expectation = TRY(read_expectation(object));
  const std::string at = TRY(text(object, "at"));
  result.at = TRY(parse_rfc3339(at));
  const std::string evidence_name = TRY(text(object, "evidence"));
  const Bytes evidence = TRY(read(evidence_name));
  result.evidence = TRY(read_evidence(evidence));
  if (const auto name = TRY(optional_text(object, "collateral"))) {
    const Bytes bundle = TRY(read(*name));
    result.collateral = TRY(Collateral::parse(bundle));
  } else {
    result.collateral = TRY(own_collateral(result.evidence));
  }
  if (const auto name = TRY(optional_text(object, "event_log"))) {
    result.event_log = TRY(read_event_log_file(inputs, path_in(directory_of(path), *name)));
  }
  return result;
}

}  // namespace

Result<std::vector<CaseFile>> list_cases(const std::string& directory) {
  std::vector<CaseFile> cases;
  for (const fs::directory_entry& entry : TRY(list(directory))) {
    const std::string name = entry.path().filename().string();
    std::error_code error;
    if (entry.is_directory(error)) {
      const fs::path description = entry.path() / kNameInDirectory;
      if (fs::exists(description, error)) cases.push_back({name, description.string()});
    } else if (name.size() > kSuffix.size() && name.ends_with(kSuffix)) {
      cases.push_back({name.substr(0, name.size() - kSuffix.size()), entry.path().string()});
    }
  }
  std::ranges::sort(cases, {}, &CaseFile::path);
  return cases;
}

Result<std::vector<std::string>> list_files(const std::string& directory) {
  std::vector<std::string> paths;
  for (const fs::directory_entry& entry : TRY(list(directory))) {
    std::error_code error;
    const std::string path = entry.path().string();
    if (entry.is_regular_file(error) && !path.ends_with(kSuffix)) paths.push_back(path);
  }
  std::ranges::sort(paths);
  return paths;
}

Result<PolicyCase> read_case(const CaseFile& file) {
  Result<PolicyCase> read = read_description(file.path);
  if (read.ok()) return read;
  return in_file(file.path, read.error());
}

Result<PolicyCase> read_bare_evidence(const std::string& path, UtcTime at, ByteView collateral) {
  Inputs inputs(STDIN_FILENO);
  const Bytes file = TRY(read_named(inputs, path));
  PolicyCase result;
  result.evidence = TRY(read_evidence(file));
  result.at = at;
  const bool has_its_own = !result.evidence.collateral.empty() || collateral.empty();
  result.collateral =
      TRY(has_its_own ? own_collateral(result.evidence) : Collateral::parse(collateral));
  return result;
}

Verification judge(const PolicyCase& policy_case, const Policy& policy,
                   const std::vector<TrustRoot>& trust_roots) {
  VerificationRequest request;
  request.policy = policy;
  request.trust_roots = trust_roots;
  request.event_log = policy_case.event_log;
  request.at = policy_case.at;
  return verify_evidence(policy_case.evidence, *policy_case.collateral, request);
}

std::string answer_text(bool accepted, std::string_view reason) {
  return accepted ? "accepted" : "refused (" + std::string(reason) + ")";
}

std::string answer_text(const Verification& verification) {
  const Check* reason = verification.reason();
  return answer_text(verification.accepted, reason != nullptr ? reason->id : "");
}

}  // namespace quoin::cli
