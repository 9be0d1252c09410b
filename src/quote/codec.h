// Visitors for the tables of src/quote/fields.h: from bytes, and to bytes.

#ifndef QUOIN_SRC_QUOTE_CODEC_H_
#define QUOIN_SRC_QUOTE_CODEC_H_

#include <string_view>
#include <utility>

#include "quoin/quote.h"
#include "src/base/reader.h"
#include "src/base/writer.h"

namespace quoin {

// Fills each field from a Reader. After the first failure the rest stay as they were, and
// finish() returns it.
class FieldReader {
 public:
  explicit FieldReader(Reader& in) : in_(in) {}

  template <size_t N>
  void operator()(std::string_view, ByteArray<N>& out) {
    if (status_.ok()) status_ = in_.fill(out);
  }
  void operator()(std::string_view, uint8_t& out) { store(&Reader::u8, out); }
  void operator()(std::string_view, uint16_t& out) { store(&Reader::u16le, out); }
  void operator()(std::string_view, uint32_t& out) { store(&Reader::u32le, out); }
  void operator()(std::string_view, TeeType& out) {
    uint32_t value = 0;
    store(&Reader::u32le, value);
    out = static_cast<TeeType>(value);
  }

  Result<void> finish() && { return std::move(status_); }

 private:
  template <typename Integer>
  void store(Result<Integer> (Reader::*read)(), Integer& out) {
    if (!status_.ok()) return;
    Result<Integer> value = (in_.*read)();
    if (value.ok()) {
      out = *value;
    } else {
      status_ = std::move(value).error();
    }
  }

  Reader& in_;
  Result<void> status_;
};

// Appends each field to a Writer.
class FieldWriter {
 public:
  explicit FieldWriter(Writer& out) : out_(out) {}

  template <size_t N>
  void operator()(std::string_view, const ByteArray<N>& value) {
    out_.bytes(value);
  }
  void operator()(std::string_view, uint8_t value) { out_.u8(value); }
  void operator()(std::string_view, uint16_t value) { out_.u16le(value); }
  void operator()(std::string_view, uint32_t value) { out_.u32le(value); }
  void operator()(std::string_view, TeeType value) { out_.u32le(static_cast<uint32_t>(value)); }

 private:
  Writer& out_;
};

}  // namespace quoin

#endif  // QUOIN_SRC_QUOTE_CODEC_H_
