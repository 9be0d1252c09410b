#include "src/pcs/client.h"

#include <gtest/gtest.h>

#include "quoin/collateral.h"
#include "src/base/hex.h"
#include "src/collateral/parts.h"
#include "src/pcs/bundle.h"
#include "src/pcs/simulated_service_testing.h"

namespace quoin::pcs {
namespace {

using simulator::kIssued;
using simulator::kNow;
using simulator::PcsFault;

Result<Bytes> fetch(SimulatedService& service, const CollateralRequest& request = kTestRequest,
                    std::string_view path = "") {
  PcsClient client(service, Service::parse(std::string(kTestHost) + std::string(path)).value());
  return client.fetch(request, kNow);
}

TEST(PcsClient, NamesEveryFault) {
  const struct {
    PcsFault fault;
    ErrorCode code;
    std::string_view text;
  } cases[] = {
      {PcsFault::error, ErrorCode::io, "HTTP status 500"},
      {PcsFault::forbidden, ErrorCode::refused, "does not let us"},
      {PcsFault::unknown, ErrorCode::not_found, "does not have it"},
      {PcsFault::empty, ErrorCode::malformed, "an empty answer"},
      {PcsFault::html, ErrorCode::malformed, "CRL"},
      {PcsFault::no_chain, ErrorCode::malformed, "no header tcb-info-issuer-chain"},
      {PcsFault::two_chains, ErrorCode::malformed, "or more than one"},
      {PcsFault::bad_escape, ErrorCode::malformed, "percent-encoding"},
      {PcsFault::not_a_chain, ErrorCode::malformed, "issuer_chain"},
      {PcsFault::other_platform, ErrorCode::refused, "FMSPC 00806f050000"},
  };
  for (const auto& c : cases) {
    SimulatedService service(c.fault);
    const auto bundle = fetch(service);
    ASSERT_FALSE(bundle.ok()) << c.text;
    EXPECT_EQ(bundle.error().code, c.code) << bundle.error().what;
    EXPECT_NE(bundle.error().what.find(c.text), std::string::npos) << bundle.error().what;
    EXPECT_NE(bundle.error().what.find("pccs.test"), std::string::npos) << bundle.error().what;
    EXPECT_FALSE(bundle.error().hint.empty()) << bundle.error().what;
  }
}

TEST(PcsClient, RefusesAPlatformThatTheServiceDoesNotKnow) {
  SimulatedService service;
  CollateralRequest request = kTestRequest;
  request.fmspc[0] ^= 1;
  const auto bundle = fetch(service, request);
  ASSERT_FALSE(bundle.ok());
  EXPECT_EQ(bundle.error().code, ErrorCode::not_found);
}

// Answers SGX's TCB info or QE identity where TDX's is asked for.
class OtherTee final : public net::HttpGetter {
 public:
  OtherTee(SimulatedService& service, std::string_view resource)
      : service_(service), resource_(resource) {}

  Result<net::HttpResponse> get(const std::string& url) override {
    std::string asked = url;
    if (url.contains(resource_)) asked.replace(asked.find("/tdx/"), 5, "/sgx/");
    return service_.get(asked);
  }

 private:
  SimulatedService& service_;
  std::string_view resource_;
};

TEST(PcsClient, RefusesCollateralOfTheOtherTee) {
  for (const std::string_view resource : {"tcb?", "qe/identity"}) {
    SimulatedService service;
    OtherTee other(service, resource);
    PcsClient client(other, Service::parse(kTestHost).value());
    const auto bundle = client.fetch(kTestRequest, kNow);
    ASSERT_FALSE(bundle.ok()) << resource;
    EXPECT_EQ(bundle.error().code, ErrorCode::refused);
    EXPECT_NE(bundle.error().what.find("not that of TDX"), std::string::npos);
  }
}

TEST(PcsClient, AsksNobodyElse) {
  SimulatedService service;
  ASSERT_TRUE(fetch(service).ok());
  EXPECT_EQ(service.asked.size(), 4u);
}

TEST(PcsClient, KeepsTheBytesThatAreSigned) {
  SimulatedService service;
  const auto bundle = fetch(service);
  ASSERT_TRUE(bundle.ok()) << bundle.error().what;
  const Collateral collateral = Collateral::parse(*bundle).value();
  const simulator::BundleParts wanted = service.platform().collateral();
  const Collateral::Parts& parts = collateral.parts();
  EXPECT_EQ(as_text(parts.tcb_info_signed.signed_bytes), wanted.tcb_info);
  EXPECT_EQ(parts.tcb_info_signed.signature, wanted.tcb_info_signature);
  EXPECT_EQ(as_text(parts.qe_identity_signed.signed_bytes), wanted.qe_identity);
  EXPECT_EQ(parts.qe_identity_signed.signature, wanted.qe_identity_signature);
  EXPECT_EQ(parts.pck_crl.encoded, wanted.pck_crl);
  EXPECT_EQ(parts.root_ca_crl.encoded, wanted.root_ca_crl);
  const Provenance provenance = read_provenance(*bundle).value();
  EXPECT_EQ(provenance.source, kTestHost);
  EXPECT_EQ(provenance.fetched_at, kNow);
  EXPECT_EQ(next_update(collateral), kIssued + std::chrono::days(30));
}

TEST(PcsClient, FetchesForEveryKindOfPlatform) {
  for (const PckCa ca : {PckCa::platform, PckCa::processor}) {
    for (const TeeType tee : {TeeType::sgx, TeeType::tdx}) {
      for (const Update update : {Update::standard, Update::early}) {
        for (const std::string_view path :
             {"", "/sgx/certification/v4/", "/sgx/certification/v3/"}) {
          SimulatedService service;
          const auto bundle = fetch(
              service, {.fmspc = simulator::kFmspc, .ca = ca, .tee_type = tee, .update = update},
              path);
          ASSERT_TRUE(bundle.ok()) << path << ": " << bundle.error().what;
        }
      }
    }
  }
}

}  // namespace
}  // namespace quoin::pcs
