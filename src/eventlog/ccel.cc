#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "quoin/eventlog.h"
#include "src/base/error.h"
#include "src/base/reader.h"
#include "src/base/try.h"
#include "src/eventlog/ccel_format.h"

namespace quoin {
namespace {

// More than TCG has ever had in one log.
constexpr size_t kMaxAlgorithms = 16;
constexpr uint8_t kPaddingByte = 0xff;
constexpr uint32_t kPaddingIndex = 0xffffffff;

struct Algorithm {
  uint16_t id = 0;
  uint16_t digest_bytes = 0;
};

const Algorithm* find(const std::vector<Algorithm>& algorithms, uint16_t id) {
  const auto found = std::ranges::find(algorithms, id, &Algorithm::id);
  return found == algorithms.end() ? nullptr : &*found;
}

// TCG_EfiSpecIdEvent (10.4.5.1), which says what digests the events have.
Result<std::vector<Algorithm>> read_spec_id(ByteView data) {
  Reader reader(data, "event log, Spec ID");
  const ByteView signature = TRY(reader.bytes(ccel::kSpecIdSignature.size()));
  if (!equal(signature, as_bytes(ccel::kSpecIdSignature))) {
    return malformed("event log: it does not begin with \"Spec ID Event03\"");
  }
  TRY(reader.u32le());  // platform class
  const uint8_t minor = TRY(reader.u8());
  const uint8_t major = TRY(reader.u8());
  if (major != ccel::kSpecMajor) {
    return unsupported("event log: version " + std::to_string(major) + "." + std::to_string(minor) +
                       " of the format; quoin reads 2");
  }
  TRY(reader.bytes(2));  // errata, and the size of UINTN
  const uint32_t count = TRY(reader.u32le());
  if (count > kMaxAlgorithms) return too_large("event log: more than 16 digest algorithms");
  std::vector<Algorithm> algorithms;
  for (uint32_t i = 0; i < count; ++i) {
    Algorithm algorithm;
    algorithm.id = TRY(reader.u16le());
    algorithm.digest_bytes = TRY(reader.u16le());
    if (find(algorithms, algorithm.id) != nullptr) {
      return malformed("event log: its Spec ID names a digest algorithm twice");
    }
    algorithms.push_back(algorithm);
  }
  const uint8_t vendor_bytes = TRY(reader.u8());
  TRY(reader.bytes(vendor_bytes));
  TRY(reader.finish());

  const Algorithm* const sha384 = find(algorithms, ccel::kSha384);
  if (sha384 == nullptr) return unsupported("event log: its events have no SHA-384 digests");
  if (sha384->digest_bytes != sizeof(CcEvent::digest)) {
    return malformed("event log: its Spec ID says that SHA-384 has " +
                     std::to_string(sha384->digest_bytes) + " bytes");
  }
  return algorithms;
}

// TCG_PCClientPCREvent (10.2.1): the first event, in the format of TPM 1.2.
Result<std::vector<Algorithm>> read_header(Reader& log) {
  const uint32_t index = TRY(log.u32le());
  const uint32_t type = TRY(log.u32le());
  // It is not measured; edk2 names register 1, others 0.
  if (index > 1 || type != kNoActionEventType) {
    return malformed("event log: it does not begin with a Spec ID event");
  }
  const ByteView sha1 = TRY(log.bytes(ccel::kSha1Bytes));
  if (!all_zero(sha1)) return malformed("event log: its Spec ID event has a digest");
  const ByteView spec_id = TRY(log.u32le_prefixed());
  return read_spec_id(spec_id);
}

// TPML_DIGEST_VALUES: the SHA-384 digest among the others.
Result<ByteArray<48>> read_digests(Reader& log, const std::vector<Algorithm>& algorithms) {
  const uint32_t count = TRY(log.u32le());
  if (count > algorithms.size()) {
    return malformed("it has " + std::to_string(count) + " digests, and the Spec ID names " +
                     std::to_string(algorithms.size()) + " algorithms");
  }
  std::vector<uint16_t> seen;
  std::optional<ByteArray<48>> digest;
  for (uint32_t i = 0; i < count; ++i) {
    const uint16_t id = TRY(log.u16le());
    const Algorithm* const algorithm = find(algorithms, id);
    if (algorithm == nullptr) {
      return malformed("it has a digest of algorithm " + std::to_string(id) +
                       ", which the Spec ID does not name");
    }
    if (std::ranges::find(seen, id) != seen.end()) {
      return malformed("it has two digests of algorithm " + std::to_string(id));
    }
    seen.push_back(id);
    if (id == ccel::kSha384) {
      TRY(log.fill(digest.emplace()));
    } else {
      TRY(log.bytes(algorithm->digest_bytes));
    }
  }
  if (!digest) return malformed("it has no SHA-384 digest");
  return *digest;
}

// TCG_PCR_EVENT2 (10.2.2).
Result<CcEvent> read_event(Reader& log, const std::vector<Algorithm>& algorithms) {
  CcEvent event;
  event.mr_index = TRY(log.u32le());
  if (event.mr_index == kPaddingIndex) return malformed("there are bytes behind the padding");
  event.type = TRY(log.u32le());
  event.digest = TRY(read_digests(log, algorithms));
  const uint32_t size = TRY(log.u32le());
  if (size > kMaxCcEventDataBytes) {
    return too_large("its data would have " + std::to_string(size) + " bytes; 1 MiB is the most");
  }
  const ByteView data = TRY(log.bytes(size));
  event.data.assign(data.begin(), data.end());
  return event;
}

// Whether nothing follows. Firmware fills the area with 0xFF, others with zeros.
bool is_padding(ByteView rest) {
  return all_zero(rest) ||
         std::ranges::all_of(rest, [](uint8_t byte) { return byte == kPaddingByte; });
}

}  // namespace

Result<CcEventLog> CcEventLog::parse(ByteView log) {
  if (log.size() > kMaxCcEventLogBytes) return too_large("event log: more than 4 MiB");
  Reader reader(log, "event log");
  const std::vector<Algorithm> algorithms = TRY(read_header(reader));
  std::vector<CcEvent> events;
  while (!is_padding(reader.rest())) {
    Result<CcEvent> event = read_event(reader, algorithms);
    if (!event.ok()) {
      Error error = std::move(event).error();
      error.what = "event log, event " + std::to_string(events.size()) + ": " + error.what;
      return error;
    }
    events.push_back(std::move(*event));
  }
  return from_events(std::move(events));
}

}  // namespace quoin
