#include <string>
#include <utility>

#include "src/base/text.h"
#include "src/policy/platform_entry.h"
#include "src/policy/policy_file.h"

namespace quoin {
namespace {

using toml_reader::at;
using toml_reader::check_keys;
using toml_reader::read_array;
using toml_reader::read_string;
using toml_reader::read_table;

Result<PlatformList> read_list_file(const toml::node& node, std::string_view key,
                                    const PolicyFileReader& read_file) {
  const std::string name = TRY(read_string(node, key));
  if (!read_file) {
    return at(node, std::string(key) + " names a file, and nobody is here to read one");
  }
  const Bytes contents = TRY(read_file(name));
  Result<PlatformList> list = parse_platform_list(as_text(contents));
  if (list.ok()) return list;
  Error error = list.error();
  error.what = in_quotes(name) + ": " + error.what;
  return error;
}

// What stands under `key`, and in the file that `file_key` names.
Result<PlatformList> read_list(const toml::table& table, std::string_view key,
                               std::string_view file_key, const PolicyFileReader& read_file) {
  PlatformList list;
  if (const toml::node* file = table.get(file_key)) {
    list = TRY(read_list_file(*file, file_key, read_file));
  }
  const toml::array* entries = TRY(read_array(table, key));
  for (const toml::node& node : *entries) {
    const std::string entry = TRY(read_string(node, key));
    if (const auto added = add_platform_entry(list, entry); !added.ok()) {
      return at(node, std::string(key) + ": " + in_quotes(entry) + ": " + added.error().what);
    }
  }
  return list;
}

}  // namespace

Result<void> read_platforms(const toml::table& file, const PolicyFileReader& read_file,
                            Policy& policy) {
  const toml::table* platforms = TRY(read_table(file, "platforms"));
  TRY(check_keys(*platforms, {"allow", "deny", "allow_file", "deny_file"}));
  policy.denied_platforms = TRY(read_list(*platforms, "deny", "deny_file", read_file));
  if (!platforms->contains("allow") && !platforms->contains("allow_file")) return {};
  PlatformList allowed = TRY(read_list(*platforms, "allow", "allow_file", read_file));
  if (allowed.empty()) {
    return at(*platforms, "no platform is allowed: leave allow and allow_file out to accept any");
  }
  policy.allowed_platforms = std::move(allowed);
  return {};
}

}  // namespace quoin
