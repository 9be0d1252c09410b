#include "src/pcs/service.h"

#include <gtest/gtest.h>

namespace quoin::pcs {
namespace {

constexpr CollateralRequest kTdx = {.fmspc = {0x00, 0x80, 0x6f, 0x05, 0x00, 0x00}};
constexpr CollateralRequest kSgx = {.fmspc = {0x00, 0x90, 0x6e, 0xd5, 0x00, 0x00},
                                    .ca = PckCa::processor,
                                    .tee_type = TeeType::sgx,
                                    .update = Update::early};

TEST(Service, RefusesWhatIsNoAddress) {
  for (const std::string address :
       {"", "localhost:8081", "ftp://localhost/", "HTTPS://localhost", "https://", "http://",
        "https:///sgx/certification/v4/", "https://host/?a=b", "https://host/#a",
        "https://user@host/", "https://host/ ", "https://host/\n", "https://host/\x80",
        "https://host\\/", "https://host/sgx/certification/v1/",
        "https://host/sgx/certification/v5", "https://host/tdx/certification/v3/",
        "https://host/sgx/certification/v4/tcb"}) {
    const Result<Service> service = Service::parse(address);
    ASSERT_FALSE(service.ok()) << address;
    EXPECT_EQ(service.error().code, ErrorCode::invalid_argument) << address;
    EXPECT_FALSE(service.error().hint.empty());
  }
  EXPECT_FALSE(Service::parse("https://" + std::string(2000, 'a')).ok());
}

TEST(Service, ReadsEveryFormOfAPccsUrl) {
  const struct {
    std::string_view address;
    std::string_view base;
    unsigned version;
  } cases[] = {
      {"https://localhost:8081", "https://localhost:8081", 4},
      {"https://localhost:8081/", "https://localhost:8081", 4},
      {"https://localhost:8081/sgx/certification/v3/", "https://localhost:8081", 3},
      {"https://localhost:8081/sgx/certification/v4/", "https://localhost:8081", 4},
      {"https://localhost:8081/sgx/certification/v4", "https://localhost:8081", 4},
      {"https://localhost:8081/tdx/certification/v4//", "https://localhost:8081", 4},
      {"http://127.0.0.1:80", "http://127.0.0.1:80", 4},
      {"https://proxy.example/pccs/sgx/certification/v4/", "https://proxy.example/pccs", 4},
  };
  for (const auto& c : cases) {
    const Result<Service> service = Service::parse(c.address);
    ASSERT_TRUE(service.ok()) << c.address;
    EXPECT_EQ(service->base, c.base);
    EXPECT_EQ(service->version, c.version);
    EXPECT_EQ(service->kind, Service::Kind::pccs);
  }
  EXPECT_EQ(Service::parse("https://api.trustedservices.intel.com/sgx/certification/v4/")->kind,
            Service::Kind::intel);
  // Others that look like it are not.
  EXPECT_EQ(Service::parse("https://api.trustedservices.intel.com.example")->kind,
            Service::Kind::pccs);
  EXPECT_EQ(Service::parse("http://api.trustedservices.intel.com")->kind, Service::Kind::pccs);
}

TEST(CollateralUrls, AreIntels) {
  const CollateralUrls tdx = collateral_urls(Service::intel(), kTdx);
  const std::string host = "https://api.trustedservices.intel.com";
  EXPECT_EQ(tdx.tcb_info, host + "/tdx/certification/v4/tcb?fmspc=00806f050000&update=standard");
  EXPECT_EQ(tdx.qe_identity, host + "/tdx/certification/v4/qe/identity?update=standard");
  EXPECT_EQ(tdx.pck_crl, host + "/sgx/certification/v4/pckcrl?ca=platform&encoding=der");
  EXPECT_EQ(tdx.root_ca_crl, "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der");
  const CollateralUrls sgx = collateral_urls(Service::intel(), kSgx);
  EXPECT_EQ(sgx.tcb_info, host + "/sgx/certification/v4/tcb?fmspc=00906ed50000&update=early");
  EXPECT_EQ(sgx.qe_identity, host + "/sgx/certification/v4/qe/identity?update=early");
  EXPECT_EQ(sgx.pck_crl, host + "/sgx/certification/v4/pckcrl?ca=processor&encoding=der");
}

TEST(CollateralUrls, OfAPccsNeverLeaveIt) {
  for (const CollateralRequest& request : {kTdx, kSgx}) {
    for (const char* address : {"https://h:1/sgx/certification/v3/", "https://h:1"}) {
      const CollateralUrls urls = collateral_urls(Service::parse(address).value(), request);
      for (const auto& url : {urls.tcb_info, urls.qe_identity, urls.pck_crl, urls.root_ca_crl}) {
        EXPECT_TRUE(url.starts_with("https://h:1/")) << url;
      }
    }
  }
  // Version 3 knows neither TDX nor "update".
  const Service old = Service::parse("https://h:1/sgx/certification/v3/").value();
  EXPECT_EQ(collateral_urls(old, kSgx).tcb_info,
            "https://h:1/sgx/certification/v3/tcb?fmspc=00906ed50000");
  EXPECT_EQ(collateral_urls(old, kSgx).qe_identity, "https://h:1/sgx/certification/v3/qe/identity");
  EXPECT_EQ(collateral_urls(old, kTdx).tcb_info,
            "https://h:1/tdx/certification/v4/tcb?fmspc=00806f050000&update=standard");
  EXPECT_EQ(collateral_urls(old, kTdx).pck_crl,
            "https://h:1/sgx/certification/v3/pckcrl?ca=platform");
  EXPECT_EQ(collateral_urls(old, kTdx).root_ca_crl, "https://h:1/sgx/certification/v3/rootcacrl");
}

}  // namespace
}  // namespace quoin::pcs
