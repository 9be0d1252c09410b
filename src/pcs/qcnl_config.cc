#include "src/pcs/qcnl_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <system_error>

#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/text.h"
#include "src/base/try.h"

namespace quoin::pcs {
namespace {

constexpr size_t kMaxSize = size_t{64} << 10;
constexpr std::string_view kWhat = "sgx_default_qcnl.conf: ";

Error bad_value(std::string_view key, std::string_view wanted) {
  return malformed(std::string(kWhat) + std::string(key) + ": wanted " + std::string(wanted));
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string all(text);
  std::ranges::transform(all, all.begin(), [](char c) { return lower(c); });
  return all;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string without_blanks(std::string_view text) {
  std::string all(text);
  std::erase_if(all, is_blank);
  return all;
}

Result<bool> read_boolean(std::string_view key, std::string_view value) {
  const std::string text = lower(value);
  if (text == "true") return true;
  if (text == "false") return false;
  return bad_value(key, "true or false");
}

Result<uint32_t> read_number(std::string_view key, std::string_view value) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(value.begin(), value.end(), number);
  if (value.empty() || error != std::errc() || end != value.end()) {
    return bad_value(key, "a number");
  }
  return number;
}

Result<Update> read_update(std::string_view key, std::string_view value) {
  const std::string text = lower(value);
  if (text == "early") return Update::early;
  if (text == "standard") return Update::standard;
  return bad_value(key, "early or standard");
}

// Takes one setting, the key in lower case: Intel's two forms have the same keys otherwise. One
// that is not known is passed over.
Result<void> take(QcnlConfig& config, std::string_view key, const std::string& value) {
  if (key == "pccs_url") config.pccs_url = value;
  if (key == "collateral_service") config.collateral_service = value;
  if (key == "use_secure_cert") config.use_secure_cert = TRY(read_boolean(key, value));
  if (key == "tcb_update_type") config.tcb_update_type = TRY(read_update(key, value));
  if (key == "retry_times") config.retry_times = TRY(read_number(key, value));
  if (key == "retry_delay") config.retry_delay_seconds = TRY(read_number(key, value));
  if (key == "verify_collateral_cache_expire_hours") {
    config.verify_collateral_cache_expire_hours = TRY(read_number(key, value));
  }
  return {};
}

// Intel's reader takes comments in JSON: // to the end of the line, and /* */. Blanks take their
// place. None is looked for in strings.
Result<std::string> without_comments(std::string_view text) {
  std::string json(text);
  bool in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    if (in_string) {
      if (json[i] == '"') in_string = false;
      // What is escaped ends nothing.
      if (json[i] == '\\') ++i;
      continue;
    }
    if (json[i] == '"') in_string = true;
    const std::string_view rest = std::string_view(json).substr(i);
    if (!rest.starts_with("//") && !rest.starts_with("/*")) continue;
    const bool line = rest.starts_with("//");
    const size_t found = line ? rest.find('\n') : rest.find("*/", 2);
    if (!line && found == std::string_view::npos) {
      return malformed(std::string(kWhat) + "a comment without an end");
    }
    const size_t size = std::min(line ? found : found + 2, rest.size());
    std::fill_n(json.begin() + static_cast<std::ptrdiff_t>(i), size, ' ');
    i += size - 1;
  }
  return json;
}

Result<QcnlConfig> parse_json(std::string_view text) {
  const std::string json = TRY(without_comments(text));
  const auto document = JsonDocument::parse(as_bytes(json));
  if (!document.ok()) return malformed(std::string(kWhat) + document.error().what);
  QcnlConfig config;
  config.form = QcnlConfig::Form::json;
  for (const JsonValue::Member& member : TRY(document->root().members())) {
    // Keys are case-sensitive in this form. Strings, numbers and booleans all stand for what they
    // spell; what is deeper is not for us.
    if (member.value.is_object() || member.value.is_array() || member.value.is_null()) continue;
    const std::string value =
        member.value.is_string() ? TRY(member.value.string()) : std::string(member.value.raw());
    TRY(take(config, member.name, value));
  }
  return config;
}

bool is_url(std::string_view text) {
  const std::string start = lower(text.substr(0, 8));
  return start.starts_with("https://") || start.starts_with("http://");
}

Result<QcnlConfig> parse_lines(std::string_view text) {
  QcnlConfig config;
  size_t number = 0;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string line = without_blanks(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const std::string where = "line " + std::to_string(number);
    if (is_url(line)) {
      if (config.pccs_url) return malformed(std::string(kWhat) + where + ": a second address");
      config.form = QcnlConfig::Form::bare_url;
      config.pccs_url = line;
      config.remarks.push_back(where +
                               " is an address without a key, which Intel's software does " +
                               "not read: write PCCS_URL=" + line);
      continue;
    }
    const size_t equals = line.find('=');
    if (equals == std::string::npos) {
      config.remarks.push_back(where + " is not understood, and passed over");
      continue;
    }
    TRY(take(config, lower(line.substr(0, equals)), line.substr(equals + 1)));
  }
  return config;
}

}  // namespace

const std::string* QcnlConfig::collateral_url() const {
  if (collateral_service) return &*collateral_service;
  return pccs_url ? &*pccs_url : nullptr;
}

Result<QcnlConfig> parse_qcnl_config(std::string_view text) {
  if (text.size() > kMaxSize) return too_large(std::string(kWhat) + "larger than 64 KiB");
  const auto first = std::ranges::find_if_not(text, is_blank);
  // The file that Intel installs begins with the brace; a comment may stand before it.
  const bool json = first != text.end() && (*first == '{' || *first == '/');
  return json ? parse_json(text) : parse_lines(text);
}

}  // namespace quoin::pcs
