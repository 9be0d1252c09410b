// A directory of a test's own.

#ifndef QUOIN_SRC_SIMULATOR_DIRECTORY_TESTING_H_
#define QUOIN_SRC_SIMULATOR_DIRECTORY_TESTING_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace quoin::simulator {

// Goes away, with all that is in it, with the object.
class TestDirectory {
 public:
  TestDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "quoin-test-XXXXXX").string();
    const char* made = mkdtemp(name.data());
    if (made == nullptr) std::abort();
    path_ = made;
  }
  ~TestDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline void write_test_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline std::string read_test_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_DIRECTORY_TESTING_H_
