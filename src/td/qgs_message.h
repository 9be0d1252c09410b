// Messages of Intel's quote generation service (DCAP, QuoteGeneration/quote_wrapper/qgs_msg_lib):
// what goes over the socket. Both directions, since the simulator speaks for the other side.

#ifndef QUOIN_SRC_TD_QGS_MESSAGE_H_
#define QUOIN_SRC_TD_QGS_MESSAGE_H_

#include <cstddef>
#include <cstdint>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin::td {

// In front of every message on the socket: its length, big-endian.
inline constexpr size_t kQgsLengthBytes = 4;
// u16 major, u16 minor, u32 type, u32 size of the whole message, u32 error code; little-endian, as
// everything behind the length.
inline constexpr size_t kQgsHeaderBytes = 16;
// The longest message that we read: a quote of 1 MiB, and what stands around it.
inline constexpr size_t kMaxQgsMessageBytes = (size_t{1} << 20) + 4096;

// The major version is looked at; of the minor one any is understood (Intel's library does so too).
inline constexpr uint16_t kQgsMajorVersion = 1;
inline constexpr uint16_t kQgsMinorVersion = 1;

enum class QgsType : uint32_t {
  get_quote_request = 0,
  get_quote_response = 1,
  get_collateral_request = 2,
  get_collateral_response = 3,
  get_platform_info_request = 4,
  get_platform_info_response = 5,
};

// The type that a message has. Fails with truncated, unsupported (major version), malformed (type).
Result<QgsType> qgs_type(ByteView message);

// "Quote this report." The views are of the message that was parsed.
struct QgsQuoteRequest {
  uint16_t minor_version = kQgsMinorVersion;
  ByteView report;
  ByteView id_list = {};  // which attestation keys are wanted; empty: any
};

// The answer. Of an error there is neither quote nor id.
struct QgsQuoteResponse {
  uint16_t minor_version = kQgsMinorVersion;
  uint32_t error_code = 0;
  ByteView selected_id = {};
  ByteView quote = {};
};

// The message, without the length in front of it.
Bytes write_message(const QgsQuoteRequest& request);
Bytes write_message(const QgsQuoteResponse& response);

// Reads a message whose sizes all fit exactly: write_message(parse(x)) == x. A request has a
// report, and a response without an error a quote. Fail with truncated, trailing_bytes, malformed,
// unsupported (another major version or type), or too_large (over kMaxQgsMessageBytes).
Result<QgsQuoteRequest> parse_quote_request(ByteView message);
Result<QgsQuoteResponse> parse_quote_response(ByteView message);

// The length that goes in front of a message, and behind it the message.
Bytes with_length(ByteView message);

// The length of the message that comes. Fails with malformed when it is shorter than a header, and
// with too_large over kMaxQgsMessageBytes.
Result<size_t> parse_length(const ByteArray<kQgsLengthBytes>& bytes);

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_QGS_MESSAGE_H_
