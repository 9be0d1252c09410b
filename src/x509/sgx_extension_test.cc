#include "src/x509/sgx_extension.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "src/base/hex.h"
#include "src/x509/chain.h"
#include "src/x509/der_test_builder.h"

namespace quoin::x509 {
namespace {

using x509_test::element;
using x509_test::fails_with;
using x509_test::hex;
using x509_test::join;
using x509_test::octet_string;
using x509_test::oid;
using x509_test::sequence;
using x509_test::testdata;

// SEQUENCE { 1.2.840.113741.1.13.1 and `arcs`, value }
Bytes member(std::string_view arcs, const Bytes& value) {
  return sequence({oid("2a864886f84d010d01" + std::string(arcs)), value});
}

std::vector<Bytes> tcb_members() {
  std::vector<Bytes> members;
  for (uint8_t i = 1; i <= 16; ++i) {
    members.push_back(member("02" + to_hex(ByteArray<1>{i}), element(0x02, {i})));
  }
  members.push_back(member("0211", hex("02020102")));
  members.push_back(member("0212", octet_string(Bytes(16, 0xdd))));
  return members;
}

// .1 to .5, in order.
std::vector<Bytes> required_members() {
  return {member("01", octet_string(Bytes(16, 0xaa))), member("02", sequence(tcb_members())),
          member("03", octet_string(hex("0a0b"))), member("04", octet_string(Bytes(6, 0xbb))),
          member("05", hex("0a0101"))};
}

TEST(SgxExtensionTest, reads_every_member) {
  const Bytes pem = testdata("chain.pem");
  const auto chain = Chain::parse_pem(as_text(pem));
  ASSERT_TRUE(chain.ok());
  const auto extension = parse_sgx_extension(chain->certificates()[0].sgx_extension);
  ASSERT_TRUE(extension.ok()) << extension.error().what;
  EXPECT_EQ(to_hex(extension->ppid), "000102030405060708090a0b0c0d0e0f");
  EXPECT_EQ(to_hex(extension->tcb_components), "0f1e2d3c4b5a69788796a5b4c3d2e1f0");
  EXPECT_EQ(extension->pce_svn, 40000);
  EXPECT_EQ(to_hex(extension->cpu_svn), "d0d1d2d3d4d5d6d7d8d9dadbdcdddedf");
  EXPECT_EQ(to_hex(extension->pce_id), "a1a2");
  EXPECT_EQ(to_hex(extension->fmspc), "b1b2b3b4b5b6");
  EXPECT_EQ(extension->sgx_type, 1);
  ASSERT_TRUE(extension->platform_instance_id.has_value());
  EXPECT_EQ(to_hex(*extension->platform_instance_id), "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf");
  ASSERT_TRUE(extension->configuration.has_value());
  EXPECT_EQ(extension->configuration->dynamic_platform, true);
  EXPECT_EQ(extension->configuration->cached_keys, false);
  EXPECT_EQ(extension->configuration->smt_enabled, true);
}

TEST(SgxExtensionTest, takes_members_in_any_order) {
  std::vector<Bytes> members = required_members();
  std::vector<Bytes> tcb = tcb_members();
  std::ranges::reverse(tcb);
  members[1] = member("02", sequence(tcb));
  std::ranges::reverse(members);
  const auto extension = parse_sgx_extension(sequence(members));
  ASSERT_TRUE(extension.ok()) << extension.error().what;
  EXPECT_EQ(to_hex(extension->tcb_components), "0102030405060708090a0b0c0d0e0f10");
  EXPECT_EQ(extension->pce_svn, 0x102);
  EXPECT_FALSE(extension->platform_instance_id.has_value());
  EXPECT_FALSE(extension->configuration.has_value());
}

TEST(SgxExtensionTest, every_required_member_stands_exactly_once) {
  for (size_t i = 0; i < required_members().size(); ++i) {
    std::vector<Bytes> members = required_members();
    const std::string name = "ending in ." + std::to_string(i + 1);
    members.push_back(members[i]);
    EXPECT_TRUE(fails_with(parse_sgx_extension(sequence(members)), ErrorCode::malformed,
                           name + " stands twice"));
    members.pop_back();
    members.erase(members.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_TRUE(fails_with(parse_sgx_extension(sequence(members)), ErrorCode::malformed,
                           "no member " + name));
  }
  for (size_t i = 0; i < tcb_members().size(); ++i) {
    std::vector<Bytes> members = required_members();
    std::vector<Bytes> tcb = tcb_members();
    const std::string name = "ending in ." + std::to_string(i + 1);
    tcb.push_back(tcb[i]);
    members[1] = member("02", sequence(tcb));
    EXPECT_TRUE(fails_with(parse_sgx_extension(sequence(members)), ErrorCode::malformed,
                           name + " stands twice"));
    tcb.pop_back();
    tcb.erase(tcb.begin() + static_cast<std::ptrdiff_t>(i));
    members[1] = member("02", sequence(tcb));
    EXPECT_TRUE(fails_with(parse_sgx_extension(sequence(members)), ErrorCode::malformed,
                           "no member " + name));
  }
}

TEST(SgxExtensionTest, refuses_bad_members) {
  constexpr size_t kAppend = 5;
  const auto configuration = [](const std::vector<Bytes>& members) {
    return member("07", sequence(members));
  };
  const auto tcb_with = [](size_t index, const Bytes& replacement) {
    std::vector<Bytes> tcb = tcb_members();
    tcb[index] = replacement;
    return member("02", sequence(tcb));
  };
  const Bytes dynamic = member("0701", hex("0101ff"));
  const struct {
    std::string_view name;
    size_t index;  // of the member that is replaced, or kAppend
    Bytes member;
    ErrorCode code;
    std::string_view what;
  } kTests[] = {
      {"unknown member", kAppend, member("08", hex("0500")), ErrorCode::unsupported, ".8"},
      {"member 0", kAppend, member("00", hex("0500")), ErrorCode::unsupported, ".0"},
      {"another prefix", kAppend, sequence({oid("2a864886f84d010d02"), hex("0500")}),
       ErrorCode::malformed, "does not belong"},
      {"another prefix of that length", kAppend,
       sequence({oid("2a864886f84d010d0206"), hex("0500")}), ErrorCode::malformed,
       "does not belong"},
      {"an arc too deep", kAppend, member("0601", hex("0500")), ErrorCode::malformed,
       "does not belong"},
      {"member of another type", kAppend, hex("0500"), ErrorCode::malformed, "wanted 0x30"},
      {"short PPID", 0, member("01", octet_string(Bytes(15))), ErrorCode::truncated, ""},
      {"long PPID", 0, member("01", octet_string(Bytes(17))), ErrorCode::trailing_bytes, ""},
      {"PPID and more", 0, member("01", join({octet_string(Bytes(16)), hex("0500")})),
       ErrorCode::trailing_bytes, ""},
      {"PPID of another type", 0, member("01", element(0x0c, Bytes(16))), ErrorCode::malformed,
       "wanted 0x04"},
      {"SVN of 256", 1, tcb_with(0, member("0201", hex("02020100"))), ErrorCode::malformed,
       "too large"},
      {"negative SVN", 1, tcb_with(0, member("0201", hex("0201ff"))), ErrorCode::malformed,
       "negative"},
      {"SVN and more", 1, tcb_with(0, member("0201", hex("0201010500"))), ErrorCode::trailing_bytes,
       ""},
      {"PCESVN of 65536", 1, tcb_with(16, member("0211", hex("0203010000"))), ErrorCode::malformed,
       "too large"},
      {"short CPUSVN", 1, tcb_with(17, member("0212", octet_string(Bytes(15)))),
       ErrorCode::truncated, ""},
      {"unknown in the TCB", 1, tcb_with(17, member("0213", hex("0500"))), ErrorCode::unsupported,
       ".19"},
      {"of the extension, in the TCB", 1, tcb_with(17, member("03", hex("0500"))),
       ErrorCode::malformed, "does not belong"},
      {"TCB and more", 1, member("02", join({sequence(tcb_members()), hex("0500")})),
       ErrorCode::trailing_bytes, ""},
      {"long PCEID", 2, member("03", octet_string(Bytes(3))), ErrorCode::trailing_bytes, ""},
      {"short FMSPC", 3, member("04", octet_string(Bytes(5))), ErrorCode::truncated, ""},
      {"unknown SGX type", 4, member("05", hex("0a0103")), ErrorCode::unsupported, "type 03"},
      {"SGX type of two octets", 4, member("05", hex("0a020001")), ErrorCode::unsupported,
       "type 0001"},
      {"SGX type of another type", 4, member("05", hex("020101")), ErrorCode::malformed,
       "wanted 0x0a"},
      {"short platform instance", kAppend, member("06", octet_string(Bytes(15))),
       ErrorCode::truncated, ""},
      {"configuration twice in itself", kAppend, configuration({dynamic, dynamic}),
       ErrorCode::malformed, "stands twice"},
      {"unknown configuration", kAppend, configuration({member("0704", hex("0101ff"))}),
       ErrorCode::unsupported, ".4"},
      {"configuration and more", kAppend, configuration({member("0701", hex("0101ff0500"))}),
       ErrorCode::trailing_bytes, ""},
      {"configuration of another value", kAppend, configuration({member("0701", hex("010101"))}),
       ErrorCode::malformed, "BOOLEAN"},
  };
  for (const auto& test : kTests) {
    std::vector<Bytes> members = required_members();
    if (test.index == kAppend) {
      members.push_back(test.member);
    } else {
      members[test.index] = test.member;
    }
    EXPECT_TRUE(fails_with(parse_sgx_extension(sequence(members)), test.code, test.what))
        << test.name;
  }
}

TEST(SgxExtensionTest, optional_members_stand_at_most_once) {
  const Bytes instance = member("06", octet_string(Bytes(16)));
  const Bytes configuration = member("07", sequence({}));
  for (const Bytes& optional : {instance, configuration}) {
    std::vector<Bytes> members = required_members();
    members.push_back(optional);
    EXPECT_TRUE(parse_sgx_extension(sequence(members)).ok());
    members.push_back(optional);
    EXPECT_TRUE(
        fails_with(parse_sgx_extension(sequence(members)), ErrorCode::malformed, "stands twice"));
  }
}

TEST(SgxExtensionTest, refuses_bad_framing) {
  const Bytes good = sequence(required_members());
  ASSERT_TRUE(parse_sgx_extension(good).ok());
  EXPECT_TRUE(fails_with(parse_sgx_extension(join({good, {0x00}})), ErrorCode::trailing_bytes, ""));
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_TRUE(
        fails_with(parse_sgx_extension(ByteView(good).first(size)), ErrorCode::truncated, ""))
        << size;
  }
}

}  // namespace
}  // namespace quoin::x509
