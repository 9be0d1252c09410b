#include "src/wasm/toolchain.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <set>

#include "src/base/try.h"
#include "src/base/writer.h"
#include "src/os/unique_fd.h"
#include "src/wasm/guest_sources.h"
#include "src/wasm/tool.h"

namespace quoin {
namespace {

constexpr size_t kMaxRuntimeSource = size_t{1} << 20;
constexpr size_t kMaxRuntimeSources = 32;
constexpr size_t kMaxToolBytes = size_t{512} << 20;
constexpr std::chrono::seconds kVersionTimeout{20};
constexpr std::string_view kHint = "apt-get install wabt gcc libc6-dev";

Error missing(Error error) {
  error.hint = kHint;
  return error;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

// The names of wabt's runtime sources in the directory; none when there is no such directory.
std::vector<std::string> runtime_names(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseDirectory> directory(opendir(path.c_str()));
  if (directory == nullptr) return names;
  while (const dirent* entry = readdir(directory.get())) {
    const std::string name = entry->d_name;
    const bool is_source = name.ends_with(".c") || name.ends_with(".h") || name.ends_with(".inc");
    if (name.starts_with("wasm-rt") && is_source) names.push_back(name);
  }
  return names;
}

Result<std::vector<RuntimeSource>> find_runtime_sources(const ToolPaths& tools) {
  std::vector<RuntimeSource> sources;
  std::set<std::string> seen;
  for (const std::string& directory : tools.runtime_sources) {
    for (const std::string& name : runtime_names(directory)) {
      if (!seen.insert(name).second) continue;
      if (seen.size() > kMaxRuntimeSources) {
        return Error{ErrorCode::too_large, directory + ": too many files called wasm-rt*"};
      }
      sources.push_back({name, TRY(read_file(directory + "/" + name, kMaxRuntimeSource))});
    }
  }
  for (const char* needed : {"wasm-rt.h", "wasm-rt-impl.h", "wasm-rt-impl.c"}) {
    if (!seen.contains(needed)) {
      return missing({ErrorCode::not_found, "wabt's " + std::string(needed) + " is missing"});
    }
  }
  std::ranges::sort(sources, {}, &RuntimeSource::name);
  return sources;
}

// What a tool says about itself.
Result<std::string> ask(const ToolPaths& tools, const std::string& program,
                        const std::string& argument) {
  ToolRun run;
  run.program = program;
  run.arguments = {argument};
  run.readable = {tools.wasm2c.substr(0, tools.wasm2c.rfind('/'))};
  run.timeout = kVersionTimeout;
  auto said = run_tool(run);
  if (!said.ok() && said.error().code == ErrorCode::not_found) return missing(said.error());
  return first_lines(TRY(std::move(said)), 1);
}

Result<int> known_minor(const std::string& version) {
  if (version == "1.0.32") return 32;
  if (version == "1.0.36") return 36;
  return Error{ErrorCode::unsupported,
               "wasm2c " + version + ": Quoin knows the output of 1.0.32 and 1.0.36"};
}

// Appends a name and a digest, so that no two lists of them look alike.
void append(Writer& writer, std::string_view name, ByteView bytes) {
  writer.u32le(static_cast<uint32_t>(name.size())).bytes(as_bytes(name)).bytes(sha256(bytes));
}

Sha256Digest runtime_digest() {
  Writer writer;
  for (const GuestSource& source : guest_sources()) {
    append(writer, source.name, as_bytes(source.text));
  }
  for (const std::string& flag : compiler_flags()) append(writer, "flag", as_bytes(flag));
  return sha256(writer.view());
}

}  // namespace

Result<Bytes> read_file(const std::string& path, size_t max, int flags) {
  const UniqueFd file =
      TRY(owned(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags), path));
  struct stat about{};
  if (fstat(file.get(), &about) != 0) return system_error(path, errno);
  if (!S_ISREG(about.st_mode)) return Error{ErrorCode::io, path + ": not a regular file"};
  if (static_cast<uint64_t>(about.st_size) > max) {
    return Error{ErrorCode::too_large, path + ": more than " + std::to_string(max) + " bytes"};
  }
  Bytes bytes(static_cast<size_t>(about.st_size));
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = read(file.get(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(path, errno);
    if (got == 0) return Error{ErrorCode::io, path + ": became shorter while it was read"};
    done += static_cast<size_t>(got);
  }
  return bytes;
}

const std::vector<std::string>& compiler_flags() {
  static const std::vector<std::string> flags = {
      "-std=gnu17", "-O2", "-w", "-pipe", "-D_GNU_SOURCE", "-DNDEBUG", "-I.",
      // What wabt asks for: recursion that does not end must use up the stack, and NaNs stay NaNs.
      "-fno-optimize-sibling-calls", "-frounding-math", "-fsignaling-nans",
      // wasm2c gives functions to tables as pointers of one type.
      "-fno-strict-aliasing",
      // A frame larger than the guard page cannot step over it.
      "-fstack-clash-protection", "-fstack-protector-strong",
      // The same module gives the same bytes.
      "-fno-ident", "-ffile-prefix-map=./=", "-s", "-Wl,--build-id=none",
      // One static executable, that needs nothing from the system.
      "-fPIE", "-static-pie", "-Wl,-z,noexecstack", "-Wl,-z,relro", "-Wl,-z,now",
      "-Wl,--wrap=wasm_rt_allocate_memory", "-Wl,--wrap=wasm_rt_allocate_funcref_table",
      "-Wl,--wrap=wasm_rt_allocate_externref_table"};
  return flags;
}

Result<FoundToolchain> look_at_toolchain(const ToolPaths& tools) {
  FoundToolchain found;
  Toolchain& toolchain = found.toolchain;
  toolchain.wasm2c_version = TRY(ask(tools, tools.wasm2c, "--version"));
  found.wabt_minor = TRY(known_minor(toolchain.wasm2c_version));
  toolchain.cc_version = TRY(ask(tools, tools.compiler, "--version"));
  found.runtime_sources = TRY(find_runtime_sources(tools));

  // A C library that is missing comes back as the bare name.
  const std::string libc = TRY(ask(tools, tools.compiler, "-print-file-name=libc.a"));
  if (!libc.starts_with('/')) {
    return missing({ErrorCode::not_found, "the static C library, libc.a, is missing"});
  }
  Writer writer;
  append(writer, "wasm2c", TRY(read_file(tools.wasm2c, kMaxToolBytes)));
  append(writer, "wasm2c version", as_bytes(toolchain.wasm2c_version));
  append(writer, "cc version", as_bytes(toolchain.cc_version));
  append(writer, "libc.a", TRY(read_file(libc, kMaxToolBytes)));
  for (const RuntimeSource& source : found.runtime_sources) {
    append(writer, source.name, source.text);
  }
  toolchain.digest = sha256(writer.view());
  toolchain.runtime_digest = runtime_digest();
  return found;
}

Result<Toolchain> find_toolchain(const ToolPaths& tools) {
  return TRY(look_at_toolchain(tools)).toolchain;
}

}  // namespace quoin
