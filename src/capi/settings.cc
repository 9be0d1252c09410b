// What a caller sets, for both headers: tdx_set_*(), tdx_insecure_trust_root().

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <utility>

#include "src/base/try.h"
#include "src/capi/session.h"
#include "src/os/io.h"
#include "tdx_security.h"

namespace quoin::capi {
namespace {

constexpr size_t kMaxPolicyBytes = size_t{1} << 20;
constexpr size_t kMaxListBytes = size_t{16} << 20;
constexpr size_t kMaxCertificateBytes = size_t{64} << 10;
constexpr size_t kMaxPathBytes = 4000;

// Puts a verifier in place for the roots that are trusted now.
void renew_verifier(Session& session) {
  std::vector<TrustRoot> roots = {TrustRoot::intel()};
  std::ranges::copy(session.insecure_roots, std::back_inserter(roots));
  if (session.policy) std::ranges::copy(session.policy->trust_roots, std::back_inserter(roots));
  session.verifier = std::make_shared<Verifier>(std::move(roots));
}

// Puts the policy in place that `parsed` is; none where it is not one.
Result<void> set_policy(const Result<std::optional<Policy>>& parsed) {
  TRY(change_session([&](Session& session) -> Result<void> {
    session.policy = parsed.ok() ? *parsed : std::nullopt;
    renew_verifier(session);
    return {};
  }));
  if (!parsed.ok()) return parsed.error();
  return {};
}

Result<std::optional<Policy>> parse_optional(std::string_view toml,
                                             const PolicyFileReader& read_list) {
  return std::optional(TRY(parse_policy(toml, read_list)));
}

Result<std::optional<Policy>> read_policy(const char* path) {
  if (path == nullptr) return std::optional<Policy>();
  const Bytes text = TRY(read_file(path, kMaxPolicyBytes));
  const std::filesystem::path directory = std::filesystem::path(path).parent_path();
  return parse_optional(as_text(text), [&](std::string_view name) {
    return read_file((directory / name).string(), kMaxListBytes);
  });
}

Result<std::string> read_root(const char* path) {
  if (path == nullptr) return std::string();
  if (*path != '/') return wrong("the TD's root is not an absolute path");
  const std::string_view text(path);
  if (text.size() > kMaxPathBytes) return wrong("the TD's root is too long a path");
  // "/" is where the kernel's own files are, and means something else than NULL: a tree.
  return std::string(text.substr(0, text.find_last_not_of('/') + 1)) + "/";
}

}  // namespace

extern "C" {

void tdx_set_reporter(tdx_reporter_t reporter, void* context) {
  run("tdx_set_reporter", kSettings, [&](const Session&) -> Outcome {
    return change_session([&](Session& changed) -> Result<void> {
      changed.reporter = reporter;
      changed.reporter_context = context;
      return {};
    });
  });
}

int tdx_set_td_root(const char* path) {
  return run("tdx_set_td_root", kSettings, [&](const Session&) -> Outcome {
    const std::string root = TRY(read_root(path));
    return change_session([&](Session& changed) -> Result<void> {
      if (changed.security_td || changed.attestation) {
        return wrong("the TD cannot be exchanged between an init and its cleanup");
      }
      changed.td_root = root;
      return {};
    });
  });
}

int tdx_set_policy(const char* toml, size_t len) {
  return run("tdx_set_policy", kSettings, [&](const Session&) -> Outcome {
    if (toml == nullptr && len != 0) return set_policy(wrong("the policy is NULL"));
    if (toml == nullptr) return set_policy(std::optional<Policy>());
    return set_policy(parse_optional(std::string_view(toml, len), {}));
  });
}

int tdx_set_policy_file(const char* path) {
  return run("tdx_set_policy_file", kSettings,
             [&](const Session&) -> Outcome { return set_policy(read_policy(path)); });
}

int tdx_insecure_trust_root(const uint8_t* certificate, size_t len) {
  return run("tdx_insecure_trust_root", kSettings, [&](const Session&) -> Outcome {
    const ByteView bytes = TRY(view_of(certificate, len, "the certificate"));
    if (bytes.size() > kMaxCertificateBytes) return wrong("too long for a certificate");
    std::vector<TrustRoot> roots;
    if (!bytes.empty()) roots.push_back(TRY(TrustRoot::parse(bytes)));
    return change_session([&](Session& changed) -> Result<void> {
      changed.insecure_roots = roots;
      renew_verifier(changed);
      return {};
    });
  });
}

int tdx_set_collateral(const uint8_t* bundle, size_t len) {
  return run("tdx_set_collateral", kSettings, [&](const Session&) -> Outcome {
    const ByteView bytes = TRY(view_of(bundle, len, "the collateral"));
    std::optional<PreparedCollateral> prepared;
    if (!bytes.empty()) prepared.emplace(TRY(Collateral::parse(bytes)));
    return change_session([&](Session& changed) -> Result<void> {
      changed.collateral = prepared;
      changed.collateral_bytes.assign(bytes.begin(), bytes.end());
      return {};
    });
  });
}

}  // extern "C"
}  // namespace quoin::capi
