#include "src/wasm/request.h"

#include "src/base/error.h"
#include "src/base/reader.h"
#include "src/base/try.h"
#include "src/wasm/guest/protocol.h"

namespace quoin {
namespace {

constexpr uint8_t kAllOpenFlags = 127;
constexpr uint16_t kAllTimeFlags = 15;

Result<bool> boolean(Reader& reader) {
  const uint8_t value = TRY(reader.u8());
  if (value > 1) return malformed("request: a truth value that is neither");
  return value == 1;
}

Result<std::string> text(Reader& reader) {
  const uint16_t size = TRY(reader.u16le());
  if (size >= QUOIN_MAX_PATH) return too_large("request: a path that is too long");
  return std::string(as_text(TRY(reader.bytes(size))));
}

Result<Place> place(Reader& reader) {
  Place result;
  result.directory = TRY(reader.u32le());
  result.path = TRY(text(reader));
  return result;
}

Result<NewTimes> times(Reader& reader) {
  NewTimes result;
  result.accessed = TRY(reader.u64le());
  result.modified = TRY(reader.u64le());
  result.flags = TRY(reader.u16le());
  // A guest may well ask for flags that do not exist: that is for the answer to say.
  result.flags = result.flags > kAllTimeFlags ? uint16_t{kAllTimeFlags} : result.flags;
  return result;
}

Result<uint32_t> piece(Reader& reader) {
  const uint32_t size = TRY(reader.u32le());
  if (size > QUOIN_MAX_PIECE) return too_large("request: a piece that is too long");
  return size;
}

Result<Request> read_request(Reader& reader) {
  const uint8_t op = TRY(reader.u8());
  switch (op) {
    case QUOIN_OP_EXIT:
      return Request(ExitReport{TRY(reader.u32le())});
    case QUOIN_OP_TRAP:
      return Request(TrapReport{TRY(reader.u8())});
    case QUOIN_OP_GIVE_UP:
      return Request(GiveUpReport{TRY(reader.u8())});
    case QUOIN_OP_READ_STDIN:
      return Request(ReadStdinRequest{TRY(piece(reader))});
    case QUOIN_OP_WAIT_STDIN:
      return Request(WaitStdinRequest{TRY(reader.u64le())});
    case QUOIN_OP_OPEN: {
      OpenRequest request{TRY(place(reader)), TRY(reader.u8())};
      if (request.flags > kAllOpenFlags) return malformed("request: unknown flags");
      return Request(FileRequest(std::move(request)));
    }
    case QUOIN_OP_CLOSE:
      return Request(FileRequest(CloseRequest{TRY(reader.u32le())}));
    case QUOIN_OP_STAT:
      return Request(FileRequest(StatRequest{TRY(reader.u32le())}));
    case QUOIN_OP_SYNC:
      return Request(FileRequest(SyncRequest{TRY(reader.u32le())}));
    case QUOIN_OP_SET_TIMES:
      return Request(FileRequest(SetTimesRequest{TRY(reader.u32le()), TRY(times(reader))}));
    case QUOIN_OP_READDIR:
      return Request(FileRequest(
          ReadDirectoryRequest{TRY(reader.u32le()), TRY(reader.u64le()), TRY(piece(reader))}));
    case QUOIN_OP_PATH_STAT:
      return Request(FileRequest(PathStatRequest{TRY(place(reader)), TRY(boolean(reader))}));
    case QUOIN_OP_PATH_SET_TIMES:
      return Request(FileRequest(
          PathSetTimesRequest{TRY(place(reader)), TRY(boolean(reader)), TRY(times(reader))}));
    case QUOIN_OP_MKDIR:
      return Request(FileRequest(MakeDirectoryRequest{TRY(place(reader))}));
    case QUOIN_OP_RMDIR:
      return Request(FileRequest(RemoveDirectoryRequest{TRY(place(reader))}));
    case QUOIN_OP_UNLINK:
      return Request(FileRequest(UnlinkRequest{TRY(place(reader))}));
    case QUOIN_OP_RENAME:
      return Request(FileRequest(RenameRequest{TRY(place(reader)), TRY(place(reader))}));
    case QUOIN_OP_SYMLINK:
      return Request(FileRequest(SymlinkRequest{TRY(text(reader)), TRY(place(reader))}));
    case QUOIN_OP_LINK:
      return Request(
          FileRequest(LinkRequest{TRY(place(reader)), TRY(boolean(reader)), TRY(place(reader))}));
    case QUOIN_OP_READLINK:
      return Request(FileRequest(ReadLinkRequest{TRY(place(reader))}));
    default:
      return malformed("request: unknown operation " + std::to_string(op));
  }
}

}  // namespace

Result<Request> parse_request(ByteView message) {
  Reader reader(message, "request");
  Request request = TRY(read_request(reader));
  TRY(reader.finish());
  return request;
}

}  // namespace quoin
