// The guest's requests (src/wasm/guest/protocol.h), read as the hostile bytes that they are.

#ifndef QUOIN_SRC_WASM_REQUEST_H_
#define QUOIN_SRC_WASM_REQUEST_H_

#include <cstdint>
#include <string>
#include <variant>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin {

// A path beneath a directory that the guest has. Nothing is known about the path but its length.
struct Place {
  uint32_t directory = 0;
  std::string path;
};

// New times, in nanoseconds since 1970, and which of them to set (WASI's fstflags).
struct NewTimes {
  uint64_t accessed = 0;
  uint64_t modified = 0;
  uint16_t flags = 0;
};

// What ends the run: no answer.
struct ExitReport {
  uint32_t status = 0;
};
struct TrapReport {
  uint8_t trap = 0;
};
struct GiveUpReport {
  uint8_t reason = 0;
};

struct ReadStdinRequest {
  uint32_t max_bytes = 0;
};
struct WaitStdinRequest {
  uint64_t nanoseconds = 0;  // all ones: for ever
};

struct OpenRequest {
  Place place;
  uint8_t flags = 0;  // QUOIN_OPEN_*
};
struct CloseRequest {
  uint32_t id = 0;
};
struct StatRequest {
  uint32_t id = 0;
};
struct SyncRequest {
  uint32_t id = 0;
};
struct SetTimesRequest {
  uint32_t id = 0;
  NewTimes times;
};
struct ReadDirectoryRequest {
  uint32_t id = 0;
  uint64_t cookie = 0;
  uint32_t max_bytes = 0;
};
struct PathStatRequest {
  Place place;
  bool follow = false;
};
struct PathSetTimesRequest {
  Place place;
  bool follow = false;
  NewTimes times;
};
struct MakeDirectoryRequest {
  Place place;
};
struct RemoveDirectoryRequest {
  Place place;
};
struct UnlinkRequest {
  Place place;
};
struct RenameRequest {
  Place from;
  Place to;
};
struct SymlinkRequest {
  std::string target;
  Place place;
};
struct LinkRequest {
  Place from;
  bool follow = false;
  Place to;
};
struct ReadLinkRequest {
  Place place;
};

// What is about files.
using FileRequest =
    std::variant<OpenRequest, CloseRequest, StatRequest, SyncRequest, SetTimesRequest,
                 ReadDirectoryRequest, PathStatRequest, PathSetTimesRequest, MakeDirectoryRequest,
                 RemoveDirectoryRequest, UnlinkRequest, RenameRequest, SymlinkRequest, LinkRequest,
                 ReadLinkRequest>;

using Request = std::variant<ExitReport, TrapReport, GiveUpReport, ReadStdinRequest,
                             WaitStdinRequest, FileRequest>;

// Reads one message. Fails when it is not exactly one request: our guest runtime never sends such
// a message, so whoever does has taken its place.
Result<Request> parse_request(ByteView message);

}  // namespace quoin

#endif  // QUOIN_SRC_WASM_REQUEST_H_
