// JSON text (RFC 8259) in the compact form that Intel signs: no blanks, members in a fixed order.

#ifndef QUOIN_SRC_SIMULATOR_JSON_WRITER_H_
#define QUOIN_SRC_SIMULATOR_JSON_WRITER_H_

#include <string>
#include <string_view>
#include <vector>

namespace quoin::simulator {

// A member of an object: its name, and its value as JSON text. One with an empty value is left out.
struct JsonMember {
  std::string_view name;
  std::string value;
};

// `text`, which is valid UTF-8, in quotes and escaped where it must be.
std::string json_string(std::string_view text);

std::string json_object(const std::vector<JsonMember>& members);

// An array of values that are JSON text.
std::string json_array(const std::vector<std::string>& values);

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_JSON_WRITER_H_
