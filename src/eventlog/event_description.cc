#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "quoin/eventlog.h"
#include "src/base/error.h"
#include "src/base/hex.h"
#include "src/base/reader.h"
#include "src/base/text.h"
#include "src/base/try.h"
#include "src/eventlog/event_types.h"
#include "src/eventlog/utf16.h"

namespace quoin {
namespace {

constexpr size_t kEllipsisBytes = 3;

// Text in printable ASCII.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (is_printable_ascii(c)) {
      out += c;
    } else {
      out += "\\x" + to_hex(as_bytes({&c, 1}));
    }
  }
  return out;
}

// Only as many bytes as can be shown.
std::string hex(ByteView bytes) {
  return to_hex(bytes.first(std::min(bytes.size(), kMaxEventDescriptionBytes)));
}

std::string counted_bytes(uint64_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

std::string_view without_nul(std::string_view text) {
  if (text.ends_with('\0')) text.remove_suffix(1);
  return text;
}

// Text, if that is what it is: printable ASCII, in bytes or in UTF-16, with or without a NUL at its
// end. Boot loaders write line breaks into their commands.
std::optional<std::string> as_plain_text(ByteView data) {
  const auto is_plain = [](std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
      return is_printable_ascii(c) || c == '\n' || c == '\r' || c == '\t';
    });
  };
  const std::string_view bytes = without_nul(as_text(data));
  if (is_plain(bytes)) return escaped(bytes);
  const std::optional<std::string> wide = utf8_from_utf16le(data);
  if (wide && is_plain(without_nul(*wide))) return escaped(without_nul(*wide));
  return std::nullopt;
}

std::string text_or_hex(ByteView data) {
  if (data.empty()) return "(empty)";
  if (std::optional<std::string> text = as_plain_text(data)) return std::move(*text);
  return hex(data);
}

Result<std::string> describe_variable(ByteView data) {
  const UefiVariable variable = TRY(parse_uefi_variable(data));
  std::string text = escaped(variable.name) + " " + guid_text(variable.vendor_guid) + ", " +
                     counted_bytes(variable.data.size());
  if (!variable.data.empty()) text += ": " + hex(variable.data);
  return text;
}

// TCG_PCClientTaggedEvent.
Result<std::string> describe_tag(ByteView data) {
  Reader reader(data, "tagged event");
  const uint32_t id = TRY(reader.u32le());
  const ByteView tagged = TRY(reader.u32le_prefixed());
  TRY(reader.finish());
  const ByteArray<4> big_endian = {static_cast<uint8_t>(id >> 24), static_cast<uint8_t>(id >> 16),
                                   static_cast<uint8_t>(id >> 8), static_cast<uint8_t>(id)};
  return "tag " + to_hex(big_endian) + ": " + text_or_hex(tagged);
}

// UEFI_IMAGE_LOAD_EVENT. Device paths are for whoever knows them by heart.
Result<std::string> describe_image(ByteView data) {
  Reader reader(data, "image load event");
  TRY(reader.u64le());  // where in memory: another on each boot
  const uint64_t size = TRY(reader.u64le());
  TRY(reader.u64le());  // where it was linked to be
  const uint64_t path_bytes = TRY(reader.u64le());
  const ByteView path = TRY(reader.bytes(path_bytes));
  TRY(reader.finish());
  return "image of " + counted_bytes(size) + ", device path " + (path.empty() ? "none" : hex(path));
}

// UEFI_GPT_DATA: the partition table's header, how many entries, and they.
Result<std::string> describe_gpt(ByteView data) {
  Reader reader(data, "GPT event");
  constexpr std::string_view kSignature = "EFI PART";
  constexpr size_t kBeforeDiskGuid = 56 - kSignature.size();
  constexpr size_t kBehindDiskGuid = 92 - 56 - 16;
  const ByteView signature = TRY(reader.bytes(kSignature.size()));
  if (!equal(signature, as_bytes(kSignature))) return malformed("GPT event: no partition table");
  TRY(reader.bytes(kBeforeDiskGuid));
  ByteArray<16> disk{};
  TRY(reader.fill(disk));
  TRY(reader.bytes(kBehindDiskGuid));
  const uint64_t partitions = TRY(reader.u64le());
  return "disk " + guid_text(disk) + ", " + std::to_string(partitions) +
         (partitions == 1 ? " partition" : " partitions");
}

// UEFI_PLATFORM_FIRMWARE_BLOB2 and UEFI_HANDOFF_TABLE_POINTERS2 begin with a name of their own.
Result<std::string> describe_named(ByteView data) {
  Reader reader(data, "named event");
  const uint8_t size = TRY(reader.u8());
  const ByteView name = TRY(reader.bytes(size));
  return text_or_hex(name) + (reader.empty() ? "" : ", " + hex(reader.rest()));
}

Result<std::string> describe_by_type(const CcEvent& event) {
  switch (event.type) {
    case event_types::kSeparator:
      return equal(event.data, ByteArray<4>{}) ? std::string("separator") : text_or_hex(event.data);
    case event_types::kEventTag:
      return describe_tag(event.data);
    case event_types::kVariableDriverConfig:
    case event_types::kVariableBoot:
    case event_types::kVariableBoot2:
    case event_types::kVariableAuthority:
      return describe_variable(event.data);
    case event_types::kBootServicesApplication:
    case event_types::kBootServicesDriver:
    case event_types::kRuntimeServicesDriver:
      return describe_image(event.data);
    case event_types::kGptEvent:
      return describe_gpt(event.data);
    case event_types::kFirmwareBlob2:
    case event_types::kHandoffTables2:
      return describe_named(event.data);
    case kRuntimeEventType:
      return escaped(event.name) + ": " + text_or_hex(event.data);
    default:
      return text_or_hex(event.data);
  }
}

}  // namespace

std::string describe_event(const CcEvent& event) {
  Result<std::string> described = describe_by_type(event);
  std::string text = described.ok() ? std::move(*described) : text_or_hex(event.data);
  if (text.size() > kMaxEventDescriptionBytes) {
    text.resize(kMaxEventDescriptionBytes - kEllipsisBytes);
    text += "...";
  }
  return text;
}

}  // namespace quoin
