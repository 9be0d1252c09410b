#include "src/wasm/compile.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>

#include "src/base/try.h"
#include "src/os/unique_fd.h"
#include "src/wasm/adapter.h"
#include "src/wasm/cache.h"
#include "src/wasm/guest_sources.h"
#include "src/wasm/module.h"
#include "src/wasm/spawn.h"
#include "src/wasm/tool.h"
#include "src/wasm/toolchain.h"

namespace quoin {
namespace {

constexpr size_t kMaxObjectBytes = size_t{256} << 20;

// A fresh directory that only the tools' user can use, removed with all in it at the end.
class WorkDirectory {
 public:
  static Result<WorkDirectory> make() {
    const std::error_code none;
    std::error_code error;
    std::string path = std::filesystem::temp_directory_path(error).string();
    if (error != none) path = "/tmp";
    path += "/quoin-compile-XXXXXX";
    if (mkdtemp(path.data()) == nullptr) return system_error(path, errno);
    WorkDirectory directory(std::move(path));
    if (geteuid() == 0 && chown(directory.path().c_str(), kChildUser, kChildGroup) != 0) {
      return system_error(directory.path(), errno);
    }
    return directory;
  }

  ~WorkDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  WorkDirectory(WorkDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  WorkDirectory& operator=(WorkDirectory&&) = delete;

  const std::string& path() const { return path_; }

  // Writes a file that the tools can read.
  Result<void> write(std::string_view name, ByteView bytes) const {
    const std::string path = path_ + "/" + std::string(name);
    const UniqueFd file =
        TRY(owned(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644), path));
    // Whatever the umask is, the tools run as another user.
    if (fchmod(file.get(), 0644) != 0) return system_error(path, errno);
    while (!bytes.empty()) {
      const ssize_t put = ::write(file.get(), bytes.data(), bytes.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return system_error(path, errno);
      bytes = bytes.subspan(static_cast<size_t>(put));
    }
    return {};
  }

 private:
  explicit WorkDirectory(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

// Runs one of the two tools in the work directory.
Result<void> run_step(const CompileOptions& options, const WorkDirectory& directory,
                      const std::string& program, std::vector<std::string> arguments) {
  ToolRun run;
  run.program = program;
  run.arguments = std::move(arguments);
  run.directory = directory.path();
  run.readable = {options.tools.wasm2c.substr(0, options.tools.wasm2c.rfind('/'))};
  run.timeout = options.timeout;
  TRY(run_tool(run));
  return {};
}

void report(const CompileOptions& options, std::string_view what) {
  if (options.progress) options.progress(what);
}

Result<Bytes> build(ByteView wasm, const WasmModule& module, const FoundToolchain& tools,
                    const CompileOptions& options) {
  const WorkDirectory directory = TRY(WorkDirectory::make());
  TRY(directory.write("m.wasm", wasm));
  for (const GuestSource& source : guest_sources()) {
    TRY(directory.write(source.name, as_bytes(source.text)));
  }
  for (const RuntimeSource& source : tools.runtime_sources) {
    TRY(directory.write(source.name, source.text));
  }
  TRY(directory.write("adapter.c", as_bytes(make_adapter(module, tools.wabt_minor))));

  report(options, "translating");
  TRY(run_step(options, directory, options.tools.wasm2c,
               {"-n", "m", "--no-debug-names", "m.wasm", "-o", "m.c"}));
  report(options, "compiling");
  std::vector<std::string> arguments = compiler_flags();
  arguments.push_back("-DQUOIN_WABT_MINOR=" + std::to_string(tools.wabt_minor));
  for (const GuestSource& source : guest_sources()) {
    if (source.name.ends_with(".c")) arguments.emplace_back(source.name);
  }
  arguments.insert(arguments.end(), {"adapter.c", "m.c", "-o", "object", "-lm"});
  TRY(run_step(options, directory, options.tools.compiler, std::move(arguments)));
  // A link there would have been put there by a tool that somebody has taken over.
  return read_file(directory.path() + "/object", kMaxObjectBytes, O_NOFOLLOW);
}

}  // namespace

Result<NativeObject> compile_module(ByteView wasm, const CompileOptions& options) {
  if (options.timeout <= std::chrono::milliseconds::zero()) {
    return Error{ErrorCode::invalid_argument, "the compiler's time must be more than zero"};
  }
  const WasmModule module = TRY(read_wasm_module(wasm));
  TRY(check_runnable(module));
  FoundToolchain tools = TRY(look_at_toolchain(options.tools));

  NativeObject object;
  object.wasm_sha256 = sha256(wasm);
  object.toolchain = tools.toolchain;
  const Sha256Digest key =
      sha256({object.wasm_sha256, tools.toolchain.digest, tools.toolchain.runtime_digest,
              as_bytes(make_adapter(module, tools.wabt_minor))});
  std::optional<ObjectCache> cache;
  if (!options.cache_dir.empty()) cache = TRY(ObjectCache::open(options.cache_dir));
  if (cache.has_value()) {
    if (auto kept = cache->get(key); kept.ok()) {
      object.bytes = std::move(kept).value();
      object.from_cache = true;
    }
  }
  if (!object.from_cache) {
    object.bytes = TRY(build(wasm, module, tools, options));
    if (cache.has_value()) TRY(cache->put(key, object.bytes));
  }
  object.sha256 = sha256(object.bytes);
  return object;
}

}  // namespace quoin
