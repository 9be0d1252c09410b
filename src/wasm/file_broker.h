// Everything about files that a guest cannot do itself: the only way from a guest to a path.

#ifndef QUOIN_SRC_WASM_FILE_BROKER_H_
#define QUOIN_SRC_WASM_FILE_BROKER_H_

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/os/unique_fd.h"
#include "src/wasm/file_record.h"
#include "src/wasm/request.h"
#include "src/wasm/resolve.h"
#include "src/wasm/run.h"

namespace quoin {

// What goes back to the guest: WASI's errno, and behind errno 0 the payload and a descriptor, if
// any (see src/wasm/guest/protocol.h).
struct Answer {
  uint16_t error = 0;
  Bytes payload;
  int fd = -1;  // borrowed from the broker
};

// The guest's directories and files. Its requests are resolved beneath the preopened directories
// only; in a read-only one nothing is changed. Regular files and directories are opened, and
// nothing else. Not thread-safe.
class FileBroker {
 public:
  // Opens the directories. Their ids are 0, 1, 2, ... in order.
  static Result<FileBroker> open(std::span<const Preopen> preopens);

  // Does what the guest asks. An Error ends the run: no honest record could be made, or the
  // deadline has passed (ErrorCode::timed_out).
  Result<Answer> handle(const FileRequest& request, Deadline deadline);

  // Closes what is open and adds the digests of inputs and outputs.
  Result<void> finish(RunRecord& record, Deadline deadline);

 private:
  struct Root {
    UniqueFd fd;
    std::string guest_path;
    std::string host_path;  // as the kernel has it
    bool read_only = true;
  };
  struct Entry {
    UniqueFd fd;
    size_t preopen = 0;
    bool is_directory = false;
    FileName name;                   // files
    std::optional<FileState> state;  // files that were hashed: what they were
  };

  Result<Answer> operation(const OpenRequest& request, Deadline deadline);
  Result<Answer> operation(const CloseRequest& request, Deadline deadline);
  Result<Answer> operation(const StatRequest& request, Deadline deadline);
  Result<Answer> operation(const SyncRequest& request, Deadline deadline);
  Result<Answer> operation(const SetTimesRequest& request, Deadline deadline);
  Result<Answer> operation(const ReadDirectoryRequest& request, Deadline deadline);
  Result<Answer> operation(const PathStatRequest& request, Deadline deadline);
  Result<Answer> operation(const PathSetTimesRequest& request, Deadline deadline);
  Result<Answer> operation(const MakeDirectoryRequest& request, Deadline deadline);
  Result<Answer> operation(const RemoveDirectoryRequest& request, Deadline deadline);
  Result<Answer> operation(const UnlinkRequest& request, Deadline deadline);
  Result<Answer> operation(const RenameRequest& request, Deadline deadline);
  Result<Answer> operation(const SymlinkRequest& request, Deadline deadline);
  Result<Answer> operation(const LinkRequest& request, Deadline deadline);
  Result<Answer> operation(const ReadLinkRequest& request, Deadline deadline);

  // Opens a regular file or a directory as the request asks; errno on failure. `created` says that
  // it was not there before.
  UniqueFd open_target(const Entry& directory, const OpenRequest& request, bool& created) const;
  // Notes in the record what the guest will be able to do with the file.
  Result<void> record_open(Entry& entry, const OpenRequest& request, const struct stat& about,
                           bool created, Deadline deadline);

  Entry* find(uint32_t id);
  // The directory of that id, or why not: WASI's errno.
  Entry* find_directory(uint32_t id, uint16_t& error);
  // The same for something that will change: not in a read-only directory.
  Entry* find_writable(uint32_t id, uint16_t& error);
  // The name of something in the preopened directory, or nothing when it has left it.
  std::optional<FileName> name_of(size_t preopen, int fd) const;
  std::optional<FileName> name_of(size_t preopen, const ParentAndName& place) const;

  std::vector<Root> roots_;
  std::map<uint32_t, Entry> entries_;
  uint32_t next_id_ = 0;
  FileRecord record_;
};

}  // namespace quoin

#endif  // QUOIN_SRC_WASM_FILE_BROKER_H_
