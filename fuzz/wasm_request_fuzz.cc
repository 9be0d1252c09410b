// What a guest may send to the broker: a request that is read is written as it was, so nothing of
// it is lost or read twice.

#include "src/wasm/request.h"

#include <cstdint>
#include <variant>

#include "fuzz/require.h"
#include "src/base/writer.h"
#include "src/wasm/guest/protocol.h"

namespace {

using namespace quoin;
using fuzz::require;

// Writes requests as src/wasm/guest/protocol.h says.
class RequestWriter {
 public:
  void operator()(const ExitReport& request) { op(QUOIN_OP_EXIT).u32le(request.status); }
  void operator()(const TrapReport& request) { op(QUOIN_OP_TRAP).u8(request.trap); }
  void operator()(const GiveUpReport& request) { op(QUOIN_OP_GIVE_UP).u8(request.reason); }
  void operator()(const ReadStdinRequest& request) {
    op(QUOIN_OP_READ_STDIN).u32le(request.max_bytes);
  }
  void operator()(const WaitStdinRequest& request) {
    op(QUOIN_OP_WAIT_STDIN).u64le(request.nanoseconds);
  }
  void operator()(const FileRequest& request) { std::visit(*this, request); }

  void operator()(const OpenRequest& request) {
    op(QUOIN_OP_OPEN);
    place(request.place).u8(request.flags);
  }
  void operator()(const CloseRequest& request) { op(QUOIN_OP_CLOSE).u32le(request.id); }
  void operator()(const StatRequest& request) { op(QUOIN_OP_STAT).u32le(request.id); }
  void operator()(const SyncRequest& request) { op(QUOIN_OP_SYNC).u32le(request.id); }
  void operator()(const SetTimesRequest& request) {
    op(QUOIN_OP_SET_TIMES).u32le(request.id);
    times(request.times);
  }
  void operator()(const ReadDirectoryRequest& request) {
    op(QUOIN_OP_READDIR).u32le(request.id).u64le(request.cookie).u32le(request.max_bytes);
  }
  void operator()(const PathStatRequest& request) {
    op(QUOIN_OP_PATH_STAT);
    place(request.place);
    boolean(request.follow);
  }
  void operator()(const PathSetTimesRequest& request) {
    op(QUOIN_OP_PATH_SET_TIMES);
    place(request.place);
    boolean(request.follow);
    times(request.times);
  }
  void operator()(const MakeDirectoryRequest& request) {
    op(QUOIN_OP_MKDIR);
    place(request.place);
  }
  void operator()(const RemoveDirectoryRequest& request) {
    op(QUOIN_OP_RMDIR);
    place(request.place);
  }
  void operator()(const UnlinkRequest& request) {
    op(QUOIN_OP_UNLINK);
    place(request.place);
  }
  void operator()(const RenameRequest& request) {
    op(QUOIN_OP_RENAME);
    place(request.from);
    place(request.to);
  }
  void operator()(const SymlinkRequest& request) {
    op(QUOIN_OP_SYMLINK);
    text(request.target);
    place(request.place);
  }
  void operator()(const LinkRequest& request) {
    op(QUOIN_OP_LINK);
    place(request.from);
    boolean(request.follow);
    place(request.to);
  }
  void operator()(const ReadLinkRequest& request) {
    op(QUOIN_OP_READLINK);
    place(request.place);
  }

  ByteView view() const { return writer_.view(); }
  bool has_times() const { return has_times_; }

 private:
  Writer& op(uint8_t number) { return writer_.u8(number); }
  void boolean(bool value) { writer_.u8(value ? 1 : 0); }
  Writer& text(const std::string& value) {
    return writer_.u16le(static_cast<uint16_t>(value.size())).bytes(as_bytes(value));
  }
  Writer& place(const Place& value) {
    writer_.u32le(value.directory);
    return text(value.path);
  }
  void times(const NewTimes& value) {
    has_times_ = true;
    writer_.u64le(value.accessed).u64le(value.modified).u16le(value.flags);
  }

  Writer writer_;
  bool has_times_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView message(data, size);
  const auto request = parse_request(message);
  if (!request.ok()) return 0;
  RequestWriter writer;
  std::visit([&](const auto& any) { writer(any); }, *request);
  // Flags of times that do not exist are read as all of those that do.
  const size_t same = writer.has_times() ? size - sizeof(NewTimes::flags) : size;
  require(writer.view().size() == size);
  require(equal(writer.view().first(same), message.first(same)));
  return 0;
}
