#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "quoin/eventlog.h"
#include "src/base/writer.h"
#include "src/crypto/sha2.h"
#include "src/eventlog/event_types.h"

namespace quoin {
namespace {

constexpr uint32_t kRtmr0Index = 1;

// EFI_GLOBAL_VARIABLE and EFI_IMAGE_SECURITY_DATABASE_GUID (UEFI 2.10, 3.3 and 32.6.1).
constexpr ByteArray<16> kGlobalVariable = {0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2, 0x11,
                                           0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c};
constexpr ByteArray<16> kImageSecurityDatabase = {0xcb, 0xb2, 0x19, 0xd7, 0x3a, 0x3d, 0x96, 0x45,
                                                  0xa3, 0xbc, 0xda, 0xd0, 0x0e, 0x67, 0x65, 0x6f};

// A variable that is looked for, and what was found.
struct Wanted {
  std::string_view name;
  ByteArray<16> guid;
  std::optional<ByteView> data = std::nullopt;
};

// Digests that decide under whatever type their events have: nothing vouches for the type, so who
// writes the log could call an event something else to hide it.
struct TellingDigests {
  // What ends the firmware's measurements: 0 or -1 in 32 bits, or 1 after an error.
  std::array<Sha384Digest, 3> separators;
  // Secure Boot is off, or there is no such variable.
  std::array<Sha384Digest, 2> off;
};

Bytes secure_boot_variable(ByteView value) {
  constexpr std::string_view kName{"S\0e\0c\0u\0r\0e\0B\0o\0o\0t\0", 20};
  return Writer()
      .bytes(kGlobalVariable)
      .u64le(kName.size() / 2)
      .u64le(value.size())
      .bytes(as_bytes(kName))
      .bytes(value)
      .take();
}

TellingDigests telling_digests() {
  return {
      {sha384(ByteArray<4>{0x00, 0x00, 0x00, 0x00}), sha384(ByteArray<4>{0xff, 0xff, 0xff, 0xff}),
       sha384(ByteArray<4>{0x01, 0x00, 0x00, 0x00})},
      {sha384(secure_boot_variable({})), sha384(secure_boot_variable(ByteArray<1>{0}))},
  };
}

bool is_one_of(std::span<const Sha384Digest> digests, const CcEvent& event) {
  return std::ranges::find(digests, event.digest) != digests.end();
}

// Takes the variable in where it is one of those. False when it says something else than before, or
// comes too late to say it first.
bool take(std::span<Wanted> wanted, const UefiVariable& variable, bool behind_separator) {
  for (Wanted& one : wanted) {
    if (one.name != variable.name || one.guid != variable.vendor_guid) continue;
    if (one.data) return equal(*one.data, variable.data);
    if (behind_separator) return false;
    one.data = variable.data;
  }
  return true;
}

// A firmware that has no Secure Boot measures the variable without contents.
SecureBoot state_of(const std::optional<ByteView>& value) {
  if (!value) return SecureBoot::not_logged;
  if (value->empty()) return SecureBoot::off;
  if (value->size() != 1) return SecureBoot::not_known;
  switch (value->front()) {
    case 0:
      return SecureBoot::off;
    case 1:
      return SecureBoot::on;
    default:
      return SecureBoot::not_known;
  }
}

}  // namespace

SecureBootLog secure_boot_from_log(const CcEventLog& log) {
  std::array wanted = {
      Wanted{"SecureBoot", kGlobalVariable}, Wanted{"PK", kGlobalVariable},
      Wanted{"KEK", kGlobalVariable},        Wanted{"db", kImageSecurityDatabase},
      Wanted{"dbx", kImageSecurityDatabase},
  };
  const TellingDigests telling = telling_digests();
  bool behind_separator = false;
  bool says_off = false;
  for (const CcEvent& event : log.events()) {
    if (event.mr_index != kRtmr0Index || !event.is_extended()) continue;
    behind_separator = behind_separator || event.type == event_types::kSeparator ||
                       is_one_of(telling.separators, event);
    says_off = says_off || is_one_of(telling.off, event);
    if (event.type != event_types::kVariableDriverConfig) continue;
    // Which variable it would be is in the data that is not to be believed.
    if (data_is_measured(event) != DataMeasured::yes) return {};
    const Result<UefiVariable> variable = parse_uefi_variable(event.data);
    if (!variable.ok() || !take(wanted, *variable, behind_separator)) return {};
  }
  const SecureBoot state = state_of(wanted[0].data);
  if (state == SecureBoot::not_known || (state != SecureBoot::off && says_off)) return {};
  return {state, wanted[1].data, wanted[2].data, wanted[3].data, wanted[4].data};
}

}  // namespace quoin
