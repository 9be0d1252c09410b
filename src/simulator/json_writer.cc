#include "src/simulator/json_writer.h"

#include <cstdint>

#include "quoin/bytes.h"
#include "src/base/hex.h"

namespace quoin::simulator {

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const ByteArray<1> byte = {static_cast<uint8_t>(c)};
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte[0] < 0x20) {
      out += "\\u00" + to_hex(byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string json_object(const std::vector<JsonMember>& members) {
  std::string out = "{";
  for (const JsonMember& member : members) {
    if (member.value.empty()) continue;
    if (out.size() > 1) out += ',';
    out += json_string(member.name) + ':' + member.value;
  }
  return out + '}';
}

std::string json_array(const std::vector<std::string>& values) {
  std::string out = "[";
  for (const std::string& value : values) {
    if (out.size() > 1) out += ',';
    out += value;
  }
  return out + ']';
}

}  // namespace quoin::simulator
