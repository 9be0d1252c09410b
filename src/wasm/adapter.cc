#include "src/wasm/adapter.h"

#include <set>

namespace quoin {
namespace {

// How one version of wasm2c spells the names of a module called "m" (wabt, src/c-writer.cc).
struct Spelling {
  std::string_view instance;       // the type of the module's instance
  std::string_view host;           // the type that stands for the imported module
  std::string_view import_prefix;  // in front of an imported function's name
  std::string_view before;         // run once before the instance is made
  std::string_view instantiate;
  std::string_view start;
};

constexpr Spelling kSpelling32 = {"Z_m_instance_t",
                                  "struct Z_wasi_snapshot_preview1_instance_t",
                                  "Z_wasi_snapshot_preview1Z_",
                                  "  Z_m_init_module();\n",
                                  "Z_m_instantiate",
                                  "Z_mZ__start"};
constexpr Spelling kSpelling36 = {"w2c_m",
                                  "struct w2c_wasi__snapshot__preview1",
                                  "w2c_wasi__snapshot__preview1_",
                                  "",
                                  "wasm2c_m_instantiate",
                                  "w2c_m_0x5Fstart"};

// The C function of one import.
std::string import_function(const Spelling& spelling, const ModuleImport& import) {
  const size_t colon = import.signature.find(':');
  std::string parameters = std::string(spelling.host) + "* host";
  std::string arguments;
  for (size_t i = 0; i < colon; ++i) {
    const std::string parameter = "p" + std::to_string(i);
    parameters += (import.signature[i] == 'I' ? ", u64 " : ", u32 ") + parameter;
    arguments += (i == 0 ? "" : ", ") + parameter;
  }
  const bool has_result = colon + 1 < import.signature.size();
  return std::string(has_result ? "u32 " : "void ") + std::string(spelling.import_prefix) +
         import.name + "(" + parameters + ") {\n  (void)host;\n  " + (has_result ? "return " : "") +
         "quoin_wasi_" + import.name + "(" + arguments + ");\n}\n\n";
}

}  // namespace

std::string make_adapter(const WasmModule& module, int wabt_minor) {
  const Spelling& spelling = wabt_minor == 32 ? kSpelling32 : kSpelling36;
  std::string text = "#include \"m.h\"\n#include \"guest.h\"\n#include \"wasi_functions.h\"\n\n" +
                     std::string(spelling.host) + " {\n  char nothing;\n};\n\n";
  std::set<std::string> seen;
  for (const ModuleImport& import : module.imports) {
    if (seen.insert(import.name).second) text += import_function(spelling, import);
  }
  // One host instance is passed for each module that is imported from; we offer one.
  text += "static " + std::string(spelling.instance) + " instance;\nstatic " +
          std::string(spelling.host) + " host;\n\nvoid quoin_run_module(void) {\n  (void)host;\n" +
          "  wasm_rt_init();\n" + std::string(spelling.before) + "  " +
          std::string(spelling.instantiate) +
          (module.imports.empty() ? "(&instance);\n" : "(&instance, &host);\n") + "  " +
          std::string(spelling.start) + "(&instance);\n}\n";
  return text;
}

}  // namespace quoin
