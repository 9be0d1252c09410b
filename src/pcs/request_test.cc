#include "src/pcs/request.h"

#include <gtest/gtest.h>

#include <utility>

#include "src/base/hex.h"
#include "src/base/testing_files.h"
#include "src/simulator/platform.h"
#include "src/simulator/samples_testing.h"

namespace quoin::pcs {
namespace {

using simulator::kIssued;
using simulator::test_seed;

Bytes quote_with(simulator::PlatformSettings settings, uint16_t version = 4,
                 CertificationDataType type = CertificationDataType::pck_chain) {
  const simulator::Platform platform(test_seed(1), std::move(settings));
  const simulator::QuoteBody body =
      version == 3
          ? simulator::QuoteBody(simulator::default_enclave_report(simulator::test_report_data()))
          : simulator::QuoteBody(TdReport10());
  simulator::QuoteParts parts = platform.quote_parts(body, version);
  parts.certification_data_type = type;
  parts.certification_data = platform.certification_data(type);
  return simulator::write_quote(platform.seed(), parts);
}

Result<CollateralRequest> request_of(const Bytes& bytes, Update update = Update::standard) {
  const Result<Quote> quote = parse_quote(bytes);
  EXPECT_TRUE(quote.ok());
  return request_for(*quote, update);
}

ErrorCode refusal_of(simulator::PlatformSettings settings) {
  const auto request = request_of(quote_with(std::move(settings)));
  EXPECT_FALSE(request.ok());
  return request.ok() ? ErrorCode::internal : request.error().code;
}

TEST(RequestFor, RefusesWhatDoesNotNameAPlatform) {
  using simulator::default_settings;
  for (const auto type : {CertificationDataType::ppid_plain, CertificationDataType::pck_leaf}) {
    const auto request = request_of(quote_with(default_settings(test_seed(1), kIssued), 4, type));
    ASSERT_FALSE(request.ok());
    EXPECT_EQ(request.error().code, ErrorCode::unsupported);
  }
  auto settings = default_settings(test_seed(1), kIssued);
  settings.pki.pck.sgx_extension.reset();
  EXPECT_EQ(refusal_of(settings), ErrorCode::malformed);
  settings = default_settings(test_seed(1), kIssued);
  settings.pki.pck.issuer.common_name = "Another CA";
  EXPECT_EQ(refusal_of(settings), ErrorCode::malformed);
  settings = default_settings(test_seed(1), kIssued);
  settings.pck_chain = {simulator::CertificateRole::root};
  EXPECT_EQ(refusal_of(settings), ErrorCode::malformed);
}

TEST(RequestFor, NamesPlatformCaTeeAndUpdate) {
  const auto tdx = request_of(quote_with(simulator::default_settings(test_seed(1), kIssued)));
  ASSERT_TRUE(tdx.ok()) << tdx.error().what;
  EXPECT_EQ(*tdx, (CollateralRequest{.fmspc = simulator::kFmspc}));
  const auto settings =
      simulator::default_settings(test_seed(1), kIssued, simulator::PckCa::processor);
  const auto sgx = request_of(quote_with(settings, 3), Update::early);
  ASSERT_TRUE(sgx.ok()) << sgx.error().what;
  EXPECT_EQ(*sgx, (CollateralRequest{.fmspc = simulator::kFmspc,
                                     .ca = PckCa::processor,
                                     .tee_type = TeeType::sgx,
                                     .update = Update::early}));
}

TEST(RequestFor, NamesThePlatformsOfRealQuotes) {
  size_t count = 0;
  const auto folder = testing_files::vectors() / "quotes";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no real quotes here";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const Bytes bytes = testing_files::read(entry.path());
    const Result<Quote> quote = parse_quote(bytes);
    if (!quote.ok()) continue;
    if (quote->certification_data_type != CertificationDataType::pck_chain) continue;
    const auto request = request_for(*quote);
    ASSERT_TRUE(request.ok()) << entry.path() << ": " << request.error().what;
    EXPECT_FALSE(all_zero(request->fmspc));
    ++count;
  }
  EXPECT_GT(count, 10u);
}

}  // namespace
}  // namespace quoin::pcs
