#include "src/x509/sgx_extension.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "src/base/error.h"
#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/x509/der.h"

namespace quoin::x509 {
namespace {

// 1.2.840.113741.1.13.1
constexpr std::array<uint8_t, 9> kOidPrefix = {0x2a, 0x86, 0x48, 0x86, 0xf8,
                                               0x4d, 0x01, 0x0d, 0x01};

constexpr uint8_t kPpid = 1;
constexpr uint8_t kTcb = 2;
constexpr uint8_t kPceId = 3;
constexpr uint8_t kFmspc = 4;
constexpr uint8_t kSgxType = 5;
constexpr uint8_t kPlatformInstanceId = 6;
constexpr uint8_t kConfiguration = 7;

constexpr uint8_t kPceSvn = 17;
constexpr uint8_t kCpuSvn = 18;

constexpr uint8_t kDynamicPlatform = 1;
constexpr uint8_t kCachedKeys = 2;
constexpr uint8_t kSmtEnabled = 3;

constexpr uint8_t kLastSgxType = 2;

// One SEQUENCE { OBJECT IDENTIFIER, value } of a list.
struct Member {
  uint8_t number = 0;  // the last arc of the object identifier
  der::Parser value;   // at the value
};

// A cursor over a SEQUENCE OF Member whose object identifiers are a prefix and one arc of 1 to
// `last`. Refuses one that stands twice.
class MemberParser {
 public:
  MemberParser(const der::Parser& parser, ByteView prefix, uint8_t last)
      : parser_(parser), prefix_(prefix), last_(last) {}

  bool empty() const { return parser_.empty(); }

  Result<Member> next() {
    der::Parser fields = TRY(parser_.sequence("SGX extension"));
    const ByteView id = TRY(fields.object_identifier());
    if (id.size() != prefix_.size() + 1 || !equal(id.first(prefix_.size()), prefix_)) {
      return malformed("SGX extension: a member that does not belong there");
    }
    const uint8_t number = id.back();
    if (number < 1 || number > last_) {
      return unsupported("SGX extension: a member ending in ." + std::to_string(number));
    }
    if (has(number)) {
      return malformed("SGX extension: the member ending in ." + std::to_string(number) +
                       " stands twice");
    }
    seen_ |= 1u << number;
    return Member{number, fields};
  }

  // Whether the member has been read.
  bool has(uint8_t number) const { return (seen_ >> number & 1) != 0; }

  // Fails unless members 1 to `count` have all been read.
  Result<void> require_first(uint8_t count) const {
    for (uint8_t number = 1; number <= count; ++number) {
      if (!has(number)) {
        return malformed("SGX extension: no member ending in ." + std::to_string(number));
      }
    }
    return {};
  }

 private:
  der::Parser parser_;
  ByteView prefix_;
  uint8_t last_;
  uint32_t seen_ = 0;
};

// The object identifier of a member of the extension, to be the prefix of what is inside it.
std::array<uint8_t, kOidPrefix.size() + 1> member_id(uint8_t number) {
  std::array<uint8_t, kOidPrefix.size() + 1> id{};
  std::ranges::copy(kOidPrefix, id.begin());
  id.back() = number;
  return id;
}

// OCTET STRING (SIZE (N)).
template <size_t N>
Result<ByteArray<N>> octets(der::Parser& parser) {
  Reader contents(TRY(parser.expect(der::Tag::octet_string)).contents, "SGX extension");
  ByteArray<N> value{};
  TRY(contents.fill(value));
  TRY(contents.finish());
  return value;
}

// INTEGER (0..max of T).
template <typename T>
Result<T> svn(der::Parser& parser) {
  const uint32_t value = TRY(parser.small_unsigned());
  if (value > std::numeric_limits<T>::max()) {
    return malformed("SGX extension: a security version number that is too large");
  }
  return static_cast<T>(value);
}

// TCB ::= SEQUENCE OF SEQUENCE { .2.1 to .2.16 INTEGER (0..255), .2.17 INTEGER (0..65535),
//                                .2.18 OCTET STRING (SIZE (16)) }
Result<void> parse_tcb(der::Parser& parser, SgxExtension& extension) {
  const auto prefix = member_id(kTcb);
  MemberParser members(TRY(parser.sequence("SGX extension TCB")), prefix, kCpuSvn);
  while (!members.empty()) {
    Member member = TRY(members.next());
    if (member.number == kCpuSvn) {
      extension.cpu_svn = TRY(octets<16>(member.value));
    } else if (member.number == kPceSvn) {
      extension.pce_svn = TRY(svn<uint16_t>(member.value));
    } else {
      extension.tcb_components[member.number - 1u] = TRY(svn<uint8_t>(member.value));
    }
    TRY(member.value.finish());
  }
  return members.require_first(kCpuSvn);
}

// SGX Type ::= ENUMERATED { standard (0), scalable (1), scalable with integrity (2) }
Result<uint8_t> parse_sgx_type(der::Parser& parser) {
  const ByteView contents = TRY(parser.expect(der::Tag::enumerated)).contents;
  if (contents.size() != 1 || contents[0] > kLastSgxType) {
    return unsupported("SGX extension: SGX type " + to_hex(contents));
  }
  return contents[0];
}

// Configuration ::= SEQUENCE OF SEQUENCE { .7.1 to .7.3 BOOLEAN }
Result<SgxConfiguration> parse_configuration(der::Parser& parser) {
  const auto prefix = member_id(kConfiguration);
  MemberParser members(TRY(parser.sequence("SGX extension configuration")), prefix, kSmtEnabled);
  SgxConfiguration configuration;
  while (!members.empty()) {
    Member member = TRY(members.next());
    const bool value = TRY(member.value.boolean());
    TRY(member.value.finish());
    if (member.number == kDynamicPlatform) configuration.dynamic_platform = value;
    if (member.number == kCachedKeys) configuration.cached_keys = value;
    if (member.number == kSmtEnabled) configuration.smt_enabled = value;
  }
  return configuration;
}

Result<void> parse_member(Member& member, SgxExtension& extension) {
  switch (member.number) {
    case kPpid:
      extension.ppid = TRY(octets<16>(member.value));
      break;
    case kTcb:
      TRY(parse_tcb(member.value, extension));
      break;
    case kPceId:
      extension.pce_id = TRY(octets<2>(member.value));
      break;
    case kFmspc:
      extension.fmspc = TRY(octets<6>(member.value));
      break;
    case kSgxType:
      extension.sgx_type = TRY(parse_sgx_type(member.value));
      break;
    case kPlatformInstanceId:
      extension.platform_instance_id = TRY(octets<16>(member.value));
      break;
    case kConfiguration:
      extension.configuration = TRY(parse_configuration(member.value));
      break;
    default:
      return Error{ErrorCode::internal, "SGX extension: a member that was not refused"};
  }
  return member.value.finish();
}

}  // namespace

// SGX Extensions ::= SEQUENCE OF SEQUENCE { .1 to .7, value }
Result<SgxExtension> parse_sgx_extension(ByteView contents) {
  der::Parser outer(contents, "SGX extension");
  MemberParser members(TRY(outer.sequence("SGX extension")), kOidPrefix, kConfiguration);
  TRY(outer.finish());
  SgxExtension extension;
  while (!members.empty()) {
    Member member = TRY(members.next());
    TRY(parse_member(member, extension));
  }
  TRY(members.require_first(kSgxType));
  return extension;
}

}  // namespace quoin::x509
