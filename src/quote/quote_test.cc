#include "quoin/quote.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "src/base/testing_files.h"
#include "src/simulator/platform.h"

namespace quoin {
namespace {

using simulator::Platform;
using simulator::QuoteParts;
using simulator::Seed;

const Platform& platform() {
  static const Platform instance(Seed(), UtcTime{std::chrono::seconds(1'750'000'000)});
  return instance;
}

// A body of that type in which every byte of every field is `fill`.
template <typename Body>
Body filled_td_body(uint8_t fill) {
  Body body;
  body.tee_tcb_svn.fill(fill);
  body.mr_td.fill(fill);
  body.rtmr3.fill(static_cast<uint8_t>(fill + 1));
  body.report_data.fill(static_cast<uint8_t>(fill + 2));
  return body;
}

struct Kind {
  std::string name;
  uint16_t version;
  simulator::QuoteBody body;
  BodyType body_type;
  size_t signed_size;
};

std::vector<Kind> kinds() {
  TdReport15Ex ex = filled_td_body<TdReport15Ex>(0x50);
  ex.tee_tcb_svn2.fill(0x51);
  ex.mr_service_td.fill(0x52);
  ex.vm_id = 0x53;
  ex.cur_servtd_attributes.fill(0x54);
  EnclaveReport enclave;
  enclave.isv_svn = 0x1234;
  enclave.miscselect = 0x56789abc;
  enclave.report_data.fill(0x55);
  return {
      {"v3 SGX", 3, enclave, BodyType::sgx_enclave_report, 48 + 384},
      {"v4 SGX", 4, enclave, BodyType::sgx_enclave_report, 48 + 384},
      {"v4 TDX", 4, filled_td_body<TdReport10>(1), BodyType::td_report_10, 48 + 584},
      {"v5 SGX", 5, enclave, BodyType::sgx_enclave_report, 48 + 6 + 384},
      {"v5 TD 1.0", 5, filled_td_body<TdReport10>(2), BodyType::td_report_10, 48 + 6 + 584},
      {"v5 TD 1.5", 5, filled_td_body<TdReport15>(3), BodyType::td_report_15, 48 + 6 + 648},
      {"v5 TD 1.5 Ex", 5, ex, BodyType::td_report_15_ex, 48 + 6 + 885},
  };
}

Bytes write(const Kind& kind, const std::function<void(QuoteParts&)>& change = {}) {
  QuoteParts parts = platform().quote_parts(kind.body, kind.version);
  if (change) change(parts);
  return simulator::write_quote(Seed(), parts);
}

TEST(ParseQuote, EveryKindSaysWhatItIsAndRoundTrips) {
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    const Bytes bytes = write(kind, [](QuoteParts& parts) { parts.trailing = {0, 0, 7}; });
    const auto quote = parse_quote(bytes);
    ASSERT_TRUE(quote.ok()) << quote.error().what;
    EXPECT_EQ(quote->header.version, kind.version);
    EXPECT_EQ(quote->body_type(), kind.body_type);
    EXPECT_EQ(quote->signed_bytes.size(), kind.signed_size);
    EXPECT_EQ(quote->qe_report_bytes.size(), 384u);
    EXPECT_EQ(quote->certification_data_type, CertificationDataType::pck_chain);
    EXPECT_EQ(Bytes(quote->trailing.begin(), quote->trailing.end()), (Bytes{0, 0, 7}));
    // Behind a header of 48 bytes, and in version 5 the body's type and size (A.3.2, A.3.10).
    const size_t report_data = (kind.version == 5 ? 54u : 48u) +
                               (kind.body_type == BodyType::sgx_enclave_report ? 320u : 520u);
    EXPECT_TRUE(equal(ByteView(bytes).subspan(report_data, 64), quote->report_data()));
    EXPECT_FALSE(all_zero(quote->report_data()));
    EXPECT_EQ(quote->td_report() != nullptr, kind.body_type != BodyType::sgx_enclave_report);
    EXPECT_EQ(quote->enclave_report() != nullptr, kind.body_type == BodyType::sgx_enclave_report);
    EXPECT_EQ(quote->td_report_15() != nullptr, kind.body_type == BodyType::td_report_15 ||
                                                    kind.body_type == BodyType::td_report_15_ex);
    EXPECT_EQ(serialise(*quote), bytes);
  }
}

TEST(ParseQuote, FieldsStandWhereTheSpecificationSays) {
  const Bytes v4 = write(kinds()[2]);
  const auto quote = parse_quote(v4);
  ASSERT_TRUE(quote.ok());
  const TdReport10& report = *quote->td_report();
  const ByteView bytes(v4);
  // Absolute offsets (Intel TDX DCAP Quoting Library API, A.3.2, behind a header of 48).
  EXPECT_TRUE(equal(bytes.subspan(48, 16), report.tee_tcb_svn));
  EXPECT_TRUE(equal(bytes.subspan(64, 48), report.mr_seam));
  EXPECT_TRUE(equal(bytes.subspan(112, 48), report.mr_signer_seam));
  EXPECT_TRUE(equal(bytes.subspan(160, 8), report.seam_attributes));
  EXPECT_TRUE(equal(bytes.subspan(168, 8), report.td_attributes));
  EXPECT_TRUE(equal(bytes.subspan(176, 8), report.xfam));
  EXPECT_TRUE(equal(bytes.subspan(184, 48), report.mr_td));
  EXPECT_TRUE(equal(bytes.subspan(232, 48), report.mr_config_id));
  EXPECT_TRUE(equal(bytes.subspan(280, 48), report.mr_owner));
  EXPECT_TRUE(equal(bytes.subspan(328, 48), report.mr_owner_config));
  EXPECT_TRUE(equal(bytes.subspan(376, 48), report.rtmr0));
  EXPECT_TRUE(equal(bytes.subspan(424, 48), report.rtmr1));
  EXPECT_TRUE(equal(bytes.subspan(472, 48), report.rtmr2));
  EXPECT_TRUE(equal(bytes.subspan(520, 48), report.rtmr3));
  EXPECT_TRUE(equal(bytes.subspan(568, 64), report.report_data));
}

struct Refusal {
  std::string what;
  std::function<void(QuoteParts&)> change;
  ErrorCode code;
};

TEST(ParseQuote, WhatIsWrittenWronglyIsRefused) {
  using P = QuoteParts;
  const Kind v4 = kinds()[2];
  const Kind v5 = kinds()[5];
  const std::vector<std::pair<Kind, Refusal>> table = {
      {v4, {"version 2", [](P& p) { p.header.version = 2; }, ErrorCode::unsupported}},
      {v4, {"version 6", [](P& p) { p.header.version = 6; }, ErrorCode::unsupported}},
      {v4, {"P-384", [](P& p) { p.header.attestation_key_type = 3; }, ErrorCode::unsupported}},
      {v4,
       {"TEE type 1", [](P& p) { p.header.tee_type = static_cast<TeeType>(1); },
        ErrorCode::unsupported}},
      {v4, {"vendor", [](P& p) { p.header.qe_vendor_id[0] ^= 1; }, ErrorCode::unsupported}},
      {v4,
       {"inner type 6", [](P& p) { p.certification_data_type = CertificationDataType::qe_report; },
        ErrorCode::unsupported}},
      {v4,
       {"inner type 0",
        [](P& p) { p.certification_data_type = static_cast<CertificationDataType>(0); },
        ErrorCode::unsupported}},
      {v4,
       {"outer type 5", [](P& p) { p.lies.outer_certification_data_type = uint16_t{5}; },
        ErrorCode::unsupported}},
      {v4,
       {"signature data of 2^31", [](P& p) { p.lies.signature_data_size = 0x80000000u; },
        ErrorCode::truncated}},
      {v4,
       {"signature data of 2^32-1", [](P& p) { p.lies.signature_data_size = 0xffffffffu; },
        ErrorCode::truncated}},
      {v4,
       {"outer part of 2^31", [](P& p) { p.lies.outer_certification_data_size = 0x80000000u; },
        ErrorCode::truncated}},
      {v4,
       {"outer part too short", [](P& p) { p.lies.outer_certification_data_size = 500u; },
        ErrorCode::trailing_bytes}},
      {v4,
       {"inner part of 2^31", [](P& p) { p.lies.certification_data_size = 0x80000000u; },
        ErrorCode::truncated}},
      {v4,
       {"inner part too short", [](P& p) { p.lies.certification_data_size = 1u; },
        ErrorCode::trailing_bytes}},
      {v4,
       {"authentication data too long",
        [](P& p) { p.lies.qe_authentication_data_size = uint16_t{0xffff}; }, ErrorCode::truncated}},
      {v5, {"body type 0", [](P& p) { p.lies.body_type = uint16_t{0}; }, ErrorCode::unsupported}},
      {v5, {"body type 5", [](P& p) { p.lies.body_type = uint16_t{5}; }, ErrorCode::unsupported}},
      {v5, {"body type 1.0", [](P& p) { p.lies.body_type = uint16_t{2}; }, ErrorCode::malformed}},
      {v5, {"body size", [](P& p) { p.lies.body_size = 649u; }, ErrorCode::malformed}},
      {v5, {"body of 2^31", [](P& p) { p.lies.body_size = 0x80000000u; }, ErrorCode::malformed}},
      {v5,
       {"SGX body in a TDX quote",
        [](P& p) {
          p.lies.body_type = uint16_t{1};
          p.lies.body_size = 384u;
        },
        ErrorCode::malformed}},
      {v5,
       {"TD body in an SGX quote", [](P& p) { p.header.tee_type = TeeType::sgx; },
        ErrorCode::malformed}},
  };
  for (const auto& [kind, refusal] : table) {
    SCOPED_TRACE(refusal.what);
    const Bytes bytes = write(kind, refusal.change);
    const auto quote = parse_quote(bytes);
    ASSERT_FALSE(quote.ok());
    EXPECT_EQ(quote.error().code, refusal.code) << quote.error().what;
  }
  const Bytes v3 = write(kinds()[0], [](P& p) { p.header.tee_type = TeeType::tdx; });
  EXPECT_EQ(parse_quote(v3).error().code, ErrorCode::unsupported) << "version 3 is for SGX only";
}

TEST(ParseQuote, AuthenticationDataMayHaveAnyLength) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{32}, size_t{65535}}) {
    const Bytes bytes = write(
        kinds()[2], [=](QuoteParts& parts) { parts.qe_authentication_data.assign(size, 0x77); });
    const auto quote = parse_quote(bytes);
    ASSERT_TRUE(quote.ok()) << size;
    EXPECT_EQ(quote->qe_authentication_data.size(), size);
    EXPECT_EQ(serialise(*quote), bytes);
  }
}

TEST(ParseQuote, EveryTruncationIsAnError) {
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    const Bytes bytes = write(kind);
    for (size_t size = 0; size < bytes.size(); ++size) {
      // A copy of its own, so that a sanitizer sees a read behind the end.
      const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_FALSE(parse_quote(cut).ok()) << size;
    }
  }
}

void put_u32le(Bytes& bytes, size_t at, size_t value) {
  for (size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<uint8_t>(value >> (8 * i));
}

// A length that is too small, where the bytes that would be wanted stand right behind the end.
TEST(ParseQuote, NoPartReachesBehindItsEnd) {
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    const Bytes bytes =
        write(kind, [](QuoteParts& parts) { parts.certification_data = {1, 2, 3}; });
    const size_t signature_data = kind.signed_size + 4;
    for (size_t size = 0; signature_data + size < bytes.size(); ++size) {
      Bytes cut = bytes;
      put_u32le(cut, kind.signed_size, size);
      EXPECT_EQ(parse_quote(cut).error().code, ErrorCode::truncated) << size;
    }
    if (kind.version == 3) continue;
    // The signature, the key, and the type and size of the QE report certification data.
    constexpr size_t kBeforeOuterPart = 64 + 64 + 2 + 4;
    for (size_t size = 0; signature_data + kBeforeOuterPart + size < bytes.size(); ++size) {
      Bytes cut = bytes;
      put_u32le(cut, kind.signed_size, kBeforeOuterPart + size);
      put_u32le(cut, signature_data + kBeforeOuterPart - 4, size);
      EXPECT_EQ(parse_quote(cut).error().code, ErrorCode::truncated) << size;
    }
  }
}

TEST(ParseQuote, EveryFlippedBitIsReadOrRefusedAndRoundTrips) {
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    Bytes bytes = write(kind, [](QuoteParts& parts) { parts.certification_data = {1, 2, 3}; });
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      bytes[bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
      const auto quote = parse_quote(bytes);
      if (quote.ok()) {
        EXPECT_EQ(serialise(*quote), bytes) << bit;
      }
      bytes[bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
    }
  }
}

TEST(ParseQuote, OverAMebibyteIsRefused) {
  Bytes bytes = write(kinds()[2]);
  bytes.resize((size_t{1} << 20) + 1);
  EXPECT_EQ(parse_quote(bytes).error().code, ErrorCode::too_large);
  bytes.resize(size_t{1} << 20);
  EXPECT_TRUE(parse_quote(bytes).ok());
}

TEST(ParseQuote, RealQuotesRoundTrip) {
  const auto folder = testing_files::vectors() / "quotes";
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "no real quotes at " << folder << " (set QUOIN_VECTORS)";
  }
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename().string());
    const Bytes bytes = testing_files::read(entry.path());
    const auto quote = parse_quote(bytes);
    ASSERT_TRUE(quote.ok()) << quote.error().what;
    EXPECT_EQ(serialise(*quote), bytes);
    ++count;
  }
  EXPECT_GT(count, 0u);
}

}  // namespace
}  // namespace quoin
