# Writes OUTPUT, a C++ file with the text of each of FILES (see guest_sources.h).

set(entries "")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${hex}")
  string(MAKE_C_IDENTIFIER ${name} identifier)
  string(APPEND arrays "constexpr char ${identifier}[] = {${bytes}};\n")
  string(APPEND entries "      {\"${name}\", {${identifier}, sizeof ${identifier}}},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"src/wasm/guest_sources.h\"

namespace quoin {
namespace {

${arrays}
}  // namespace

std::span<const GuestSource> guest_sources() {
  static constexpr GuestSource kSources[] = {
${entries}  };
  return kSources;
}

}  // namespace quoin
")
