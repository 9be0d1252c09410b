#include "src/td/qgs_message.h"

#include <string>

#include "src/base/error.h"
#include "src/base/reader.h"
#include "src/base/try.h"
#include "src/base/writer.h"

namespace quoin::td {
namespace {

struct Header {
  uint16_t minor_version = 0;
  uint32_t type = 0;
  uint32_t size = 0;
  uint32_t error_code = 0;
};

Result<Header> read_header(Reader& in) {
  if (const uint16_t major = TRY(in.u16le()); major != kQgsMajorVersion) {
    return unsupported("QGS message: major version " + std::to_string(major));
  }
  Header header;
  header.minor_version = TRY(in.u16le());
  header.type = TRY(in.u32le());
  header.size = TRY(in.u32le());
  header.error_code = TRY(in.u32le());
  return header;
}

// A header of that type, whose size is the message's.
Result<Header> read_header_of(Reader& in, QgsType type) {
  const size_t size = in.remaining();
  if (size > kMaxQgsMessageBytes) return too_large("QGS message: it has more than 1 MiB");
  const Header header = TRY(read_header(in));
  if (header.type != static_cast<uint32_t>(type)) {
    return unsupported("QGS message: type " + std::to_string(header.type) + ", wanted " +
                       std::to_string(static_cast<uint32_t>(type)));
  }
  if (header.size != size) {
    return malformed("QGS message: it says that it has " + std::to_string(header.size) +
                     " bytes, and has " + std::to_string(size));
  }
  return header;
}

// Two parts whose lengths stand in front of both.
struct TwoParts {
  uint32_t first_size = 0;
  uint32_t second_size = 0;
};

Result<TwoParts> read_sizes(Reader& in) {
  TwoParts sizes;
  sizes.first_size = TRY(in.u32le());
  sizes.second_size = TRY(in.u32le());
  return sizes;
}

Bytes write_two_parts(const Header& header, TwoParts sizes, ByteView first, ByteView second) {
  Writer out;
  out.u16le(kQgsMajorVersion).u16le(header.minor_version).u32le(header.type);
  out.u32le(
      static_cast<uint32_t>(kQgsHeaderBytes + 2 * sizeof(uint32_t) + first.size() + second.size()));
  out.u32le(header.error_code);
  out.u32le(sizes.first_size).u32le(sizes.second_size).bytes(first).bytes(second);
  return out.take();
}

uint32_t size_of(ByteView part) { return static_cast<uint32_t>(part.size()); }

}  // namespace

Result<QgsType> qgs_type(ByteView message) {
  Reader in(message, "QGS message");
  const Header header = TRY(read_header(in));
  if (header.type > static_cast<uint32_t>(QgsType::get_platform_info_response)) {
    return malformed("QGS message: there is no type " + std::to_string(header.type));
  }
  return static_cast<QgsType>(header.type);
}

Bytes write_message(const QgsQuoteRequest& request) {
  const Header header = {.minor_version = request.minor_version,
                         .type = static_cast<uint32_t>(QgsType::get_quote_request)};
  return write_two_parts(
      header, {.first_size = size_of(request.report), .second_size = size_of(request.id_list)},
      request.report, request.id_list);
}

Bytes write_message(const QgsQuoteResponse& response) {
  const Header header = {.minor_version = response.minor_version,
                         .type = static_cast<uint32_t>(QgsType::get_quote_response),
                         .error_code = response.error_code};
  return write_two_parts(
      header, {.first_size = size_of(response.selected_id), .second_size = size_of(response.quote)},
      response.selected_id, response.quote);
}

Result<QgsQuoteRequest> parse_quote_request(ByteView message) {
  Reader in(message, "QGS quote request");
  const Header header = TRY(read_header_of(in, QgsType::get_quote_request));
  if (header.error_code != 0) return malformed("QGS quote request: it has an error code");
  const TwoParts sizes = TRY(read_sizes(in));
  QgsQuoteRequest request = {.minor_version = header.minor_version, .report = {}};
  request.report = TRY(in.bytes(sizes.first_size));
  request.id_list = TRY(in.bytes(sizes.second_size));
  TRY(in.finish());
  if (request.report.empty()) return malformed("QGS quote request: it has no report");
  return request;
}

Result<QgsQuoteResponse> parse_quote_response(ByteView message) {
  Reader in(message, "QGS quote response");
  const Header header = TRY(read_header_of(in, QgsType::get_quote_response));
  const TwoParts sizes = TRY(read_sizes(in));
  QgsQuoteResponse response = {.minor_version = header.minor_version,
                               .error_code = header.error_code};
  response.selected_id = TRY(in.bytes(sizes.first_size));
  response.quote = TRY(in.bytes(sizes.second_size));
  TRY(in.finish());
  const bool has_parts = !response.selected_id.empty() || !response.quote.empty();
  if (response.error_code != 0 && has_parts) {
    return malformed("QGS quote response: it has an error code and a quote");
  }
  if (response.error_code == 0 && response.quote.empty()) {
    return malformed("QGS quote response: it has neither a quote nor an error code");
  }
  return response;
}

Bytes with_length(ByteView message) {
  const uint32_t size = size_of(message);
  Writer out;
  for (int shift = 24; shift >= 0; shift -= 8) out.u8(static_cast<uint8_t>(size >> shift));
  return out.bytes(message).take();
}

Result<size_t> parse_length(const ByteArray<kQgsLengthBytes>& bytes) {
  Reader in(bytes, "QGS length");
  const size_t length = TRY(in.u32be());
  if (length < kQgsHeaderBytes) {
    return malformed("QGS: a message of " + std::to_string(length) + " bytes has no header");
  }
  if (length > kMaxQgsMessageBytes) {
    return too_large("QGS: a message of " + std::to_string(length) + " bytes");
  }
  return length;
}

}  // namespace quoin::td
