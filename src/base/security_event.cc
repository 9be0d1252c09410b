#include "src/base/security_event.h"

#include <algorithm>

#include "src/base/hex.h"
#include "src/base/json_escape.h"
#include "src/base/utf8.h"

namespace quoin {
namespace {

constexpr size_t kMaxTextBytes = 256;
constexpr size_t kMaxShownBytes = 64;
constexpr std::string_view kCut = ",\"cut\":true";
constexpr std::string_view kEnd = "}\n";

constexpr bool is_in_order() {
  for (size_t i = 0; i < kSecurityEvents.size(); ++i) {
    if (static_cast<size_t>(kSecurityEvents[i].id) != i) return false;
  }
  return true;
}
static_assert(is_in_order());

std::string_view name_of(SecurityOutcome outcome) {
  switch (outcome) {
    case SecurityOutcome::allowed:
      return "allowed";
    case SecurityOutcome::refused:
      return "refused";
    case SecurityOutcome::failed:
      return "failed";
  }
  return "failed";
}

// The longest beginning of whole characters that fits.
std::string_view beginning(std::string_view text) {
  if (text.size() <= kMaxTextBytes) return text;
  size_t end = 0;
  for (;;) {
    const size_t size = std::max<size_t>(utf8_length(text.substr(end)), 1);
    if (end + size > kMaxTextBytes) return text.substr(0, end);
    end += size;
  }
}

}  // namespace

SecurityEvent::SecurityEvent(SecurityEventId id, UtcTime time) {
  const SecurityEventKind& kind = kSecurityEvents.at(static_cast<size_t>(id));
  json_ = "{\"time\":" + quoted_json(to_string(time)) + ",\"event\":" + quoted_json(kind.name) +
          ",\"outcome\":" + quoted_json(name_of(kind.outcome));
}

void SecurityEvent::add(std::string_view name, std::string_view json) {
  std::string member = "," + quoted_json(name) + ":";
  member += json;
  if (json_.size() + member.size() + kCut.size() + kEnd.size() > kMaxSecurityEventBytes) {
    cut_ = true;
  } else {
    json_ += member;
  }
}

SecurityEvent& SecurityEvent::text(std::string_view name, std::string_view value) {
  add(name, quoted_json(beginning(value)));
  return *this;
}

SecurityEvent& SecurityEvent::number(std::string_view name, uint64_t value) {
  add(name, std::to_string(value));
  return *this;
}

SecurityEvent& SecurityEvent::flag(std::string_view name, bool value) {
  add(name, value ? "true" : "false");
  return *this;
}

SecurityEvent& SecurityEvent::bytes(std::string_view name, ByteView value) {
  add(name, quoted_json(to_hex(value.first(std::min(value.size(), kMaxShownBytes)))));
  return *this;
}

SecurityEvent& SecurityEvent::error(const Error& error) {
  add("error", quoted_json(to_string(error.code)));
  add("what", quoted_json(beginning(error.what)));
  return *this;
}

std::string SecurityEvent::line() const {
  std::string line = json_;
  if (cut_) line += kCut;
  return line.append(kEnd);
}

}  // namespace quoin
