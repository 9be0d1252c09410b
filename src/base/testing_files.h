// Test data: files of this tree, and the real quotes and collateral beside it. For tests only.

#ifndef QUOIN_SRC_BASE_TESTING_FILES_H_
#define QUOIN_SRC_BASE_TESTING_FILES_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "quoin/bytes.h"

namespace quoin::testing_files {

// The bytes of a file; none when it cannot be read.
inline Bytes read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

// The folder of real quotes, collateral and event logs; it may not exist. The environment's
// QUOIN_VECTORS goes before what the build was told.
inline std::filesystem::path vectors() {
  const char* from_environment = std::getenv("QUOIN_VECTORS");
  return from_environment != nullptr ? from_environment : QUOIN_VECTORS;
}

// A file or folder under testdata/.
inline std::filesystem::path testdata(const std::filesystem::path& name) {
  return std::filesystem::path(QUOIN_SOURCE_DIR) / "testdata" / name;
}

}  // namespace quoin::testing_files

#endif  // QUOIN_SRC_BASE_TESTING_FILES_H_
