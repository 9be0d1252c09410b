#include "src/pcs/status.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace quoin::pcs {
namespace {

struct Meaning {
  unsigned status = 0;
  ErrorCode code = ErrorCode::io;
  std::string_view what;
  std::string_view hint;
};

constexpr std::string_view kPlatform =
    "register the platform with it (PCKIDRetrievalTool on the host), or fetch what it lacks "
    "(pccsadmin), or ask Intel's service";

constexpr Meaning kMeanings[] = {
    {400, ErrorCode::refused, "the service does not understand what is asked for",
     "is it of an older version? It may not know --update or TDX"},
    {401, ErrorCode::refused, "the service does not let us",
     "it wants a subscription or a password, which quoin does not send"},
    {403, ErrorCode::refused, "the service does not let us",
     "it wants a subscription or a password, which quoin does not send"},
    {404, ErrorCode::not_found, "the service does not have it",
     "the platform (FMSPC) is not known to it, or the address is wrong"},
    {410, ErrorCode::not_found, "the service no longer has it",
     "the TCB evaluation data that was asked for is too old: ask for --update standard"},
    {429, ErrorCode::refused, "the service was asked too often", "try again later, or use a PCCS"},
    {460, ErrorCode::io, "the PCCS could not verify what it has",
     "on the PCCS, refresh its cache (GET /sgx/certification/v4/refresh), and look at its log"},
    {461, ErrorCode::not_found, "the PCCS does not know this platform", kPlatform},
    {462, ErrorCode::not_found, "the PCCS has no certificates for this platform's TCB", kPlatform},
    {500, ErrorCode::io, "the service failed", "the service's own log says why"},
    {502, ErrorCode::io, "the service, or a proxy, got no answer from behind it",
     "on the PCCS, look at its log, and at its way to api.trustedservices.intel.com"},
    {503, ErrorCode::io, "the service is not available", "try again later"},
    {504, ErrorCode::io, "the PCCS, or a proxy, could not reach Intel's service",
     "on the PCCS, look at its proxy, its ApiKey, and its way to api.trustedservices.intel.com"},
};

// What a header may add to a message.
constexpr size_t kMaxHeaderBytes = 120;

}  // namespace

Error status_error(unsigned status) {
  const std::string text = "HTTP status " + std::to_string(status);
  const auto* meaning = std::ranges::find(kMeanings, status, &Meaning::status);
  if (meaning == std::end(kMeanings)) {
    return {ErrorCode::io, text, "the service's own log says why"};
  }
  return {meaning->code, text + ": " + std::string(meaning->what), std::string(meaning->hint)};
}

Error answer_error(const net::HttpResponse& response) {
  Error error = status_error(response.status);
  if (response.attempts > 1) {
    error.what += ", after " + std::to_string(response.attempts) + " attempts";
  }
  constexpr std::string_view kHeaders[] = {"error-code", "error-message", "request-id"};
  for (const std::string_view name : kHeaders) {
    const std::string* value = response.header(name);
    if (value == nullptr) continue;
    error.what.append("; ").append(name).append(": ").append(value->substr(0, kMaxHeaderBytes));
  }
  return error;
}

}  // namespace quoin::pcs
