#include "src/td/qgs_message.h"

#include <gtest/gtest.h>

#include "src/base/hex.h"

namespace quoin::td {
namespace {

// Header in the order of the wire, sizes of both parts, both parts.
constexpr std::string_view kRequestHex =
    "0100"      // major
    "0100"      // minor
    "00000000"  // GET_QUOTE_REQ
    "1d000000"  // 29 bytes
    "00000000"  // no error
    "03000000"  // report
    "02000000"  // ids
    "aabbcc"
    "1122";
constexpr std::string_view kResponseHex =
    "01000100010000001e0000000000000002000000040000001122aabbccdd";
constexpr std::string_view kErrorHex = "010001000100000018000000012001000000000000000000";

Bytes bytes(std::string_view hex) { return from_hex(hex).value(); }

Bytes with(std::string_view hex, size_t offset, uint8_t value) {
  Bytes changed = bytes(hex);
  changed[offset] = value;
  return changed;
}

struct Case {
  std::string_view what;
  Bytes message;
  ErrorCode code;
};

TEST(QgsMessage, RequestsThatAreRefused) {
  const Case cases[] = {
      {"nothing", {}, ErrorCode::truncated},
      {"major version", with(kRequestHex, 0, 2), ErrorCode::unsupported},
      {"a response", bytes(kResponseHex), ErrorCode::unsupported},
      {"size too small", with(kRequestHex, 8, 0x1c), ErrorCode::malformed},
      {"size too large", with(kRequestHex, 8, 0x1e), ErrorCode::malformed},
      {"error code", with(kRequestHex, 12, 1), ErrorCode::malformed},
      {"report too long", with(kRequestHex, 16, 6), ErrorCode::truncated},
      {"report of 4 GiB", with(kRequestHex, 19, 0xff), ErrorCode::truncated},
      {"report too short", with(kRequestHex, 16, 2), ErrorCode::trailing_bytes},
      {"ids too long", with(kRequestHex, 20, 3), ErrorCode::truncated},
      {"no report",
       bytes("0100010000000000180000000000000000000000"
             "00000000"),
       ErrorCode::malformed},
  };
  for (const Case& one : cases) {
    const Result<QgsQuoteRequest> request = parse_quote_request(one.message);
    ASSERT_FALSE(request.ok()) << one.what;
    EXPECT_EQ(request.error().code, one.code) << one.what;
  }
}

TEST(QgsMessage, ResponsesThatAreRefused) {
  const Case cases[] = {
      {"nothing", {}, ErrorCode::truncated},
      {"a header alone", bytes("01000100010000001000000000000000"), ErrorCode::truncated},
      {"major version", with(kResponseHex, 1, 1), ErrorCode::unsupported},
      {"a request", bytes(kRequestHex), ErrorCode::unsupported},
      {"size", with(kResponseHex, 9, 1), ErrorCode::malformed},
      {"id too long", with(kResponseHex, 16, 7), ErrorCode::truncated},
      {"quote too long", with(kResponseHex, 20, 5), ErrorCode::truncated},
      {"quote too short", with(kResponseHex, 20, 3), ErrorCode::trailing_bytes},
      {"an error with a quote", with(kResponseHex, 12, 1), ErrorCode::malformed},
      {"neither", bytes("010001000100000018000000000000000000000000000000"), ErrorCode::malformed},
  };
  for (const Case& one : cases) {
    const Result<QgsQuoteResponse> response = parse_quote_response(one.message);
    ASSERT_FALSE(response.ok()) << one.what;
    EXPECT_EQ(response.error().code, one.code) << one.what;
  }
}

TEST(QgsMessage, EachTruncationIsRefused) {
  const Bytes request = bytes(kRequestHex);
  for (size_t size = 0; size < request.size(); ++size) {
    EXPECT_FALSE(parse_quote_request(ByteView(request).first(size)).ok()) << size;
  }
  const Bytes response = bytes(kResponseHex);
  for (size_t size = 0; size < response.size(); ++size) {
    EXPECT_FALSE(parse_quote_response(ByteView(response).first(size)).ok()) << size;
  }
}

TEST(QgsMessage, OneOverTheLimitIsRefused) {
  EXPECT_EQ(parse_quote_response(Bytes(kMaxQgsMessageBytes + 1)).error().code,
            ErrorCode::too_large);
}

TEST(QgsMessage, ReadsAndWritesTheSame) {
  const Bytes request_bytes = bytes(kRequestHex);
  const QgsQuoteRequest request = parse_quote_request(request_bytes).value();
  EXPECT_EQ(to_hex(request.report), "aabbcc");
  EXPECT_EQ(to_hex(request.id_list), "1122");
  EXPECT_EQ(write_message(request), request_bytes);

  const Bytes response_bytes = bytes(kResponseHex);
  const QgsQuoteResponse response = parse_quote_response(response_bytes).value();
  EXPECT_EQ(to_hex(response.selected_id), "1122");
  EXPECT_EQ(to_hex(response.quote), "aabbccdd");
  EXPECT_EQ(response.error_code, 0);
  EXPECT_EQ(write_message(response), response_bytes);

  const Bytes error_bytes = bytes(kErrorHex);
  const QgsQuoteResponse error = parse_quote_response(error_bytes).value();
  EXPECT_EQ(error.error_code, 0x12001);
  EXPECT_TRUE(error.quote.empty());
  EXPECT_EQ(write_message(error), error_bytes);
}

TEST(QgsMessage, AnyMinorVersionIsUnderstoodAndKept) {
  const Bytes old = with(kRequestHex, 2, 0);
  EXPECT_EQ(write_message(parse_quote_request(old).value()), old);
}

TEST(QgsMessage, TypesHaveNames) {
  EXPECT_EQ(qgs_type(bytes(kRequestHex)).value(), QgsType::get_quote_request);
  EXPECT_EQ(qgs_type(with(kRequestHex, 4, 5)).value(), QgsType::get_platform_info_response);
  EXPECT_EQ(qgs_type(with(kRequestHex, 4, 6)).error().code, ErrorCode::malformed);
  EXPECT_EQ(qgs_type(with(kRequestHex, 0, 0)).error().code, ErrorCode::unsupported);
  EXPECT_EQ(qgs_type(Bytes(15)).error().code, ErrorCode::unsupported);
}

TEST(QgsMessage, TheLengthInFrontIsBigEndianAndBounded) {
  EXPECT_EQ(to_hex(with_length(Bytes(0x102, 7))).substr(0, 12), "000001020707");
  EXPECT_EQ(parse_length({0, 0, 1, 2}).value(), 0x102);
  EXPECT_EQ(parse_length({0, 0, 0, 16}).value(), 16);
  EXPECT_EQ(parse_length({0, 0, 0, 15}).error().code, ErrorCode::malformed);
  EXPECT_EQ(parse_length({0, 0x10, 0x10, 0}).value(), kMaxQgsMessageBytes);
  EXPECT_EQ(parse_length({0, 0x10, 0x10, 1}).error().code, ErrorCode::too_large);
  EXPECT_EQ(parse_length({0xff, 0xff, 0xff, 0xff}).error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace quoin::td
