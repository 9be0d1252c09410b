#include "src/wasm/module.h"

#include <algorithm>

#include "src/base/error.h"
#include "src/base/reader.h"
#include "src/base/text.h"
#include "src/base/try.h"

namespace quoin {
namespace {

constexpr uint8_t kMagicAndVersion[] = {0x00, 'a', 's', 'm', 0x01, 0x00, 0x00, 0x00};
constexpr std::string_view kWasi = "wasi_snapshot_preview1";

// Section ids (Core Specification, section 5.5.2; 13 is the exception handling proposal's).
enum class Section : uint8_t {
  custom = 0,
  type = 1,
  import = 2,
  function = 3,
  table = 4,
  memory = 5,
  global = 6,
  exported = 7,
  start = 8,
  element = 9,
  code = 10,
  data = 11,
  data_count = 12,
  tag = 13,
};

// Sections stand in this order; their ids do not.
constexpr Section kOrder[] = {
    Section::custom,  Section::type,       Section::import, Section::function, Section::table,
    Section::memory,  Section::tag,        Section::global, Section::exported, Section::start,
    Section::element, Section::data_count, Section::code,   Section::data};

// LEB128 of at most `bits` bits. As the specification has it (section 5.2.2): no more bytes than
// those bits need, and nothing set above them. Longer ways to write a number are allowed.
Result<uint64_t> leb128(Reader& reader, unsigned bits) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < bits; shift += 7) {
    const uint8_t byte = TRY(reader.u8());
    const unsigned room = bits - shift;
    if (room < 7 && (byte & 0x7f) >> room != 0) return malformed("wasm: a number is too large");
    value |= uint64_t{byte & 0x7fU} << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return malformed("wasm: a number takes too many bytes");
}

Result<uint32_t> u32(Reader& reader) { return static_cast<uint32_t>(TRY(leb128(reader, 32))); }

// A count of things, of which each takes a byte or more.
Result<uint32_t> count(Reader& reader, uint32_t max, std::string_view what) {
  const uint32_t value = TRY(u32(reader));
  if (value > max) {
    return too_large("wasm: " + std::to_string(value) + " " + std::string(what) + ", at most " +
                     std::to_string(max) + " are allowed");
  }
  if (value > reader.remaining()) {
    return Error{ErrorCode::truncated, "wasm: too few bytes for the " + std::string(what)};
  }
  return value;
}

Result<std::string> name(Reader& reader) {
  const uint32_t size = TRY(count(reader, kMaxModuleNameBytes, "bytes of a name"));
  return std::string(as_text(TRY(reader.bytes(size))));
}

char letter(uint8_t value_type) {
  switch (value_type) {
    case 0x7f:
      return 'i';
    case 0x7e:
      return 'I';
    case 0x7d:
      return 'f';
    case 0x7c:
      return 'd';
    default:
      return '?';
  }
}

// Value types that are one byte: numbers, vectors, funcref, externref.
Result<uint8_t> value_type(Reader& reader) {
  const uint8_t type = TRY(reader.u8());
  if ((type >= 0x7b && type <= 0x7f) || type == 0x70 || type == 0x6f) return type;
  return unsupported("wasm: a value type that Quoin does not know");
}

// Steps over a table's type and refuses one that is too large to allocate.
Result<void> table_type(Reader& reader) {
  TRY(value_type(reader));
  const uint8_t flags = TRY(reader.u8());
  if (flags > 1) return unsupported("wasm: a table of a kind that Quoin does not know");
  const uint32_t elements = TRY(u32(reader));
  if (elements > kMaxTableElements) {
    return too_large("wasm: a table of " + std::to_string(elements) + " elements, at most " +
                     std::to_string(kMaxTableElements) + " are allowed");
  }
  if (flags == 1) TRY(u32(reader));
  return {};
}

Result<MemoryLimits> memory_type(Reader& reader) {
  const uint8_t flags = TRY(reader.u8());
  if (flags > 7) return unsupported("wasm: a memory of a kind that Quoin does not know");
  MemoryLimits limits;
  limits.is_shared = (flags & 2) != 0;
  limits.is_64_bit = (flags & 4) != 0;
  const unsigned bits = limits.is_64_bit ? 64 : 32;
  limits.initial_pages = TRY(leb128(reader, bits));
  if ((flags & 1) != 0) limits.max_pages = TRY(leb128(reader, bits));
  const uint64_t most = limits.is_64_bit ? uint64_t{1} << 48 : uint64_t{1} << 16;
  if (limits.initial_pages > most || limits.max_pages.value_or(0) > most) {
    return malformed("wasm: a memory of more pages than there can be");
  }
  return limits;
}

// The sections' contents, while they are being read.
class ModuleReader {
 public:
  Result<WasmModule> read(Reader reader);

 private:
  Result<void> read_section(Section section, Reader body);
  Result<void> read_types(Reader& body);
  Result<void> read_imports(Reader& body);
  Result<void> read_functions(Reader& body);
  Result<void> read_tables(Reader& body);
  Result<void> read_memories(Reader& body);
  Result<void> read_exports(Reader& body);

  // The signature of a type, or of a function.
  Result<FunctionSignature> type(uint32_t index) const;
  Result<FunctionSignature> function(uint32_t index) const;

  std::vector<FunctionSignature> types_;
  std::vector<uint32_t> functions_;  // type indices, imported functions first
  WasmModule module_;
};

Result<WasmModule> ModuleReader::read(Reader reader) {
  if (!equal(TRY(reader.bytes(sizeof kMagicAndVersion)), kMagicAndVersion)) {
    return malformed("wasm: not a WebAssembly module of version 1");
  }
  const Section* last = kOrder;
  while (!reader.empty()) {
    const auto section = static_cast<Section>(TRY(reader.u8()));
    const uint32_t size = TRY(u32(reader));
    Reader body = TRY(reader.sub(size, "wasm section"));
    if (section == Section::custom) {
      TRY(name(body));
      continue;
    }
    const Section* place = std::ranges::find(kOrder, section);
    if (place == std::end(kOrder)) return unsupported("wasm: a section that Quoin does not know");
    if (place <= last) return malformed("wasm: sections are out of order");
    last = place;
    TRY(read_section(section, body));
  }
  return std::move(module_);
}

Result<void> ModuleReader::read_section(Section section, Reader body) {
  switch (section) {
    case Section::type:
      TRY(read_types(body));
      return body.finish();
    case Section::import:
      TRY(read_imports(body));
      return body.finish();
    case Section::function:
      TRY(read_functions(body));
      return body.finish();
    case Section::table:
      TRY(read_tables(body));
      return body.finish();
    case Section::memory:
      TRY(read_memories(body));
      return body.finish();
    case Section::exported:
      TRY(read_exports(body));
      return body.finish();
    case Section::start:
      TRY(u32(body));
      module_.has_start_function = true;
      return body.finish();
    case Section::tag:
      return unsupported("wasm: exception tags, which Quoin does not offer");
    case Section::custom:
    case Section::global:
    case Section::element:
    case Section::code:
    case Section::data:
    case Section::data_count:
      return {};
  }
  return {};
}

Result<void> ModuleReader::read_types(Reader& body) {
  const uint32_t types = TRY(count(body, kMaxModuleTypes, "types"));
  for (uint32_t i = 0; i < types; ++i) {
    if (TRY(body.u8()) != 0x60) return unsupported("wasm: a type that is not a function's");
    FunctionSignature signature;
    for (const bool results : {false, true}) {
      const uint32_t values = TRY(count(body, 1'000, "values of a function's type"));
      for (uint32_t j = 0; j < values; ++j) signature += letter(TRY(value_type(body)));
      if (!results) signature += ':';
    }
    types_.push_back(std::move(signature));
  }
  return {};
}

Result<void> ModuleReader::read_imports(Reader& body) {
  const uint32_t imports = TRY(count(body, kMaxModuleImports, "imports"));
  for (uint32_t i = 0; i < imports; ++i) {
    ModuleImport import;
    import.module = TRY(name(body));
    import.name = TRY(name(body));
    const uint8_t kind = TRY(body.u8());
    switch (kind) {
      case 0: {
        const uint32_t index = TRY(u32(body));
        import.signature = TRY(type(index));
        functions_.push_back(index);
        break;
      }
      case 1:
        TRY(table_type(body));
        break;
      case 2:
        TRY(memory_type(body));
        break;
      case 3:
        TRY(value_type(body));
        TRY(body.u8());
        break;
      case 4:
        TRY(body.u8());
        TRY(u32(body));
        break;
      default:
        return malformed("wasm: an import of a kind that does not exist");
    }
    import.kind = static_cast<ExternalKind>(kind);
    module_.imports.push_back(std::move(import));
  }
  return {};
}

Result<void> ModuleReader::read_functions(Reader& body) {
  const uint32_t functions = TRY(count(body, kMaxModuleFunctions, "functions"));
  for (uint32_t i = 0; i < functions; ++i) {
    const uint32_t index = TRY(u32(body));
    TRY(type(index));
    functions_.push_back(index);
  }
  return {};
}

Result<void> ModuleReader::read_tables(Reader& body) {
  const uint32_t tables = TRY(count(body, 10, "tables"));
  for (uint32_t i = 0; i < tables; ++i) TRY(table_type(body));
  return {};
}

Result<void> ModuleReader::read_memories(Reader& body) {
  const uint32_t memories = TRY(count(body, 10, "memories"));
  for (uint32_t i = 0; i < memories; ++i) module_.memories.push_back(TRY(memory_type(body)));
  return {};
}

Result<void> ModuleReader::read_exports(Reader& body) {
  const uint32_t exports = TRY(count(body, kMaxModuleExports, "exports"));
  std::vector<std::string> names;
  for (uint32_t i = 0; i < exports; ++i) {
    ModuleExport entry;
    entry.name = TRY(name(body));
    const uint8_t kind = TRY(body.u8());
    if (kind > 4) return malformed("wasm: an export of a kind that does not exist");
    entry.kind = static_cast<ExternalKind>(kind);
    entry.index = TRY(u32(body));
    if (entry.kind == ExternalKind::function) entry.signature = TRY(function(entry.index));
    names.push_back(entry.name);
    module_.exports.push_back(std::move(entry));
  }
  std::ranges::sort(names);
  if (std::ranges::adjacent_find(names) != names.end()) {
    return malformed("wasm: two exports have one name");
  }
  return {};
}

Result<FunctionSignature> ModuleReader::type(uint32_t index) const {
  if (index >= types_.size()) return malformed("wasm: a type that does not exist");
  return types_[index];
}

Result<FunctionSignature> ModuleReader::function(uint32_t index) const {
  if (index >= functions_.size()) return malformed("wasm: a function that does not exist");
  return types_[functions_[index]];
}

// A name from the module.
std::string shown_name(std::string_view name) {
  constexpr size_t kMaxShownName = 80;
  return shown(name, kMaxShownName);
}

// wasm2c 1.0.32 writes the names of exports into comments of its C as they are: a name that ended
// the comment would go on as C, compiled with the rest.
bool fits_comment(std::string_view text) {
  return std::ranges::all_of(text, is_printable_ascii) && text.find("*/") == std::string_view::npos;
}

Result<void> check_import(const ModuleImport& import) {
  const std::string what = shown_name(import.module) + "." + shown_name(import.name);
  if (import.module == "wasi_unstable") {
    return unsupported("imports " + what + ": WASI preview 0, which nobody builds for any more; " +
                       "Quoin offers preview 1 (" + std::string(kWasi) + ")");
  }
  if (import.kind != ExternalKind::function) {
    return unsupported("imports the " + std::string(to_string(import.kind)) + " " + what +
                       "; Quoin offers only functions");
  }
  const char* wanted = import.module == kWasi ? wasi_signature(import.name) : nullptr;
  if (wanted == nullptr) return unsupported("imports " + what + ", which Quoin does not offer");
  if (import.signature != wanted) {
    return unsupported("imports " + what + " with the type " + shown_name(import.signature) +
                       "; it has the type " + wanted);
  }
  return {};
}

}  // namespace

std::string_view to_string(ExternalKind kind) {
  switch (kind) {
    case ExternalKind::function:
      return "function";
    case ExternalKind::table:
      return "table";
    case ExternalKind::memory:
      return "memory";
    case ExternalKind::global:
      return "global";
    case ExternalKind::tag:
      return "tag";
  }
  return "?";
}

Result<WasmModule> read_wasm_module(ByteView wasm) {
  if (wasm.size() > kMaxModuleBytes) {
    return too_large("wasm: " + std::to_string(wasm.size()) + " bytes, at most " +
                     std::to_string(kMaxModuleBytes) + " are allowed");
  }
  return ModuleReader().read(Reader(wasm, "wasm"));
}

Result<void> check_runnable(const WasmModule& module) {
  for (const ModuleImport& import : module.imports) TRY(check_import(import));
  for (const ModuleExport& entry : module.exports) {
    if (!fits_comment(entry.name)) {
      return unsupported("exports " + shown_name(entry.name) +
                         ": a name that is not printable ASCII, or contains \"*/\"");
    }
  }
  if (module.memories.size() > 1) return unsupported("has more than one memory");
  if (!module.memories.empty() && module.memories[0].is_64_bit) {
    return unsupported("has a 64-bit memory");
  }
  if (!module.memories.empty() && module.memories[0].is_shared) {
    return unsupported("has a shared memory: Quoin offers no threads");
  }
  const auto exported = [&](std::string_view name, ExternalKind kind) {
    return std::ranges::find_if(module.exports, [&](const ModuleExport& entry) {
      return entry.name == name && entry.kind == kind;
    });
  };
  if (module.memories.empty() || exported("memory", ExternalKind::memory) == module.exports.end()) {
    return unsupported("exports no memory called \"memory\": not a WASI program");
  }
  const auto start = exported("_start", ExternalKind::function);
  if (start == module.exports.end()) {
    return unsupported("exports no function called \"_start\": not a WASI command");
  }
  if (start->signature != ":") {
    return unsupported("exports a \"_start\" with parameters or results");
  }
  return {};
}

}  // namespace quoin
