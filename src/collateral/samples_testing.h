// The samples in testdata/collateral, and ways to spoil them.

#ifndef QUOIN_SRC_COLLATERAL_SAMPLES_TESTING_H_
#define QUOIN_SRC_COLLATERAL_SAMPLES_TESTING_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin {

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A sample without the line break at its end.
inline std::string sample(std::string_view name) {
  std::string text =
      read_file(std::filesystem::path(QUOIN_SOURCE_DIR) / "testdata/collateral" / name);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

// `text` with the first `from` behind the first `anchor` replaced. Both must be there.
inline std::string replaced(std::string text, std::string_view anchor, std::string_view from,
                            std::string_view to) {
  const size_t start = text.find(anchor);
  const size_t at = start == std::string::npos ? start : text.find(from, start);
  if (at == std::string::npos) {
    ADD_FAILURE() << "the sample has no " << from << " behind " << anchor;
    return text;
  }
  return text.replace(at, from.size(), to);
}

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  return replaced(std::move(text), "", from, to);
}

inline std::string repeated(std::string_view text, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

// The code of a refusal; what was accepted fails the test.
template <typename T>
ErrorCode refusal(const Result<T>& result) {
  if (!result.ok()) return result.error().code;
  ADD_FAILURE() << "accepted";
  return ErrorCode::internal;
}

}  // namespace quoin

#endif  // QUOIN_SRC_COLLATERAL_SAMPLES_TESTING_H_
