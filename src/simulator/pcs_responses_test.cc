#include "src/simulator/pcs_responses.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "src/simulator/samples_testing.h"

namespace quoin::simulator {
namespace {

Platform platform(PckCa ca = PckCa::platform) {
  return Platform(test_seed(1), default_settings(test_seed(1), kIssued, ca));
}

const std::string* header(const PcsReply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return &value;
  }
  return nullptr;
}

TEST(PcsReply, RefusesWhatIntelsServiceRefuses) {
  const struct {
    std::string_view target;
    unsigned status;
  } cases[] = {
      {"", 404},
      {"/", 404},
      {"/sgx/certification/", 404},
      {"/sgx/certification/v2/tcb?fmspc=51554f494e00", 404},
      {"/sgx/certification/v4/", 404},
      {"/sgx/certification/v4/TCB", 404},
      {"/tdx/certification/v3/tcb?fmspc=51554f494e00", 404},
      {"/tdx/certification/v4/pckcrl?ca=platform", 404},
      {"/tdx/certification/v4/rootcacrl", 404},
      {"/tdx/certification/v4/tcb", 400},
      {"/tdx/certification/v4/tcb?fmspc=", 400},
      {"/tdx/certification/v4/tcb?fmspc=51554f494e", 400},
      {"/tdx/certification/v4/tcb?fmspc=51554f494e0g", 400},
      {"/tdx/certification/v4/tcb?xfmspc=51554f494e00", 400},
      {"/tdx/certification/v4/tcb?fmspc=51554f494e00&update=late", 400},
      {"/tdx/certification/v4/tcb?fmspc=51554f494e01", 404},
      {"/tdx/certification/v4/qe/identity?update=x", 400},
      {"/sgx/certification/v4/pckcrl", 400},
      {"/sgx/certification/v4/pckcrl?ca=root", 400},
      {"/sgx/certification/v4/pckcrl?ca=platform&encoding=xml", 400},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(pcs_reply(platform(), c.target).status, c.status) << c.target;
  }
}

TEST(PcsReply, HasTheHeadersOfTheApi) {
  const struct {
    std::string_view target;
    std::string_view header;
  } cases[] = {
      {"/tdx/certification/v4/tcb?fmspc=51554F494E00&update=early", "TCB-Info-Issuer-Chain"},
      {"/sgx/certification/v4/tcb?update=standard&fmspc=51554f494e00", "TCB-Info-Issuer-Chain"},
      {"/sgx/certification/v3/tcb?fmspc=51554f494e00", "SGX-TCB-Info-Issuer-Chain"},
      {"/tdx/certification/v4/qe/identity", "SGX-Enclave-Identity-Issuer-Chain"},
      {"/sgx/certification/v4/pckcrl?ca=processor&encoding=pem", "SGX-PCK-CRL-Issuer-Chain"},
  };
  for (const auto& c : cases) {
    const PcsReply reply = pcs_reply(platform(), c.target);
    EXPECT_EQ(reply.status, 200u) << c.target;
    const std::string* chain = header(reply, c.header);
    ASSERT_NE(chain, nullptr) << c.target;
    EXPECT_TRUE(chain->starts_with("-----BEGIN%20CERTIFICATE-----%0A")) << *chain;
  }
}

TEST(PcsReply, GivesCrlsInThreeForms) {
  const Bytes crl = platform().collateral().pck_crl;
  const std::string target = "/sgx/certification/v4/pckcrl?ca=platform";
  EXPECT_EQ(pcs_reply(platform(), target + "&encoding=der").body, crl);
  EXPECT_TRUE(as_text(pcs_reply(platform(), target + "&encoding=pem").body)
                  .starts_with("-----BEGIN X509 CRL-----"));
  EXPECT_TRUE(as_text(pcs_reply(platform(), target).body).starts_with("30"));
  EXPECT_TRUE(
      as_text(pcs_reply(platform(), "/sgx/certification/v4/rootcacrl").body).starts_with("30"));
}

TEST(PcsReply, GivesTheCrlOfEitherCa) {
  for (const PckCa own : {PckCa::platform, PckCa::processor}) {
    const Bytes platform_crl =
        pcs_reply(platform(own), "/sgx/certification/v4/pckcrl?ca=platform&encoding=der").body;
    const Bytes processor_crl =
        pcs_reply(platform(own), "/sgx/certification/v4/pckcrl?ca=processor&encoding=der").body;
    EXPECT_NE(platform_crl, processor_crl);
    const Bytes own_crl = platform(own).collateral().pck_crl;
    EXPECT_EQ(own == PckCa::platform ? platform_crl : processor_crl, own_crl);
  }
}

TEST(PcsFaults, HaveNamesAndChangeSomething) {
  std::set<std::string_view> names;
  for (const NamedPcsFault& fault : pcs_faults()) {
    EXPECT_TRUE(names.insert(fault.name).second) << fault.name;
    EXPECT_EQ(parse_pcs_fault(fault.name), fault.fault);
    const Platform faulty(test_seed(1),
                          with_fault(fault.fault, default_settings(test_seed(1), kIssued)));
    bool same = true;
    for (const char* target : {"/tdx/certification/v4/tcb?fmspc=51554f494e00&update=early",
                               "/tdx/certification/v4/qe/identity"}) {
      const PcsReply reply = pcs_reply(Platform(test_seed(1), kIssued), target);
      const PcsReply changed = with_fault(fault.fault, 0, pcs_reply(faulty, target));
      same = same && changed.status == reply.status && changed.headers == reply.headers &&
             changed.body == reply.body && changed.delay == reply.delay &&
             changed.cut_off == reply.cut_off;
    }
    EXPECT_EQ(same, fault.fault == PcsFault::none) << fault.name;
  }
  EXPECT_FALSE(parse_pcs_fault("").has_value());
  EXPECT_FALSE(parse_pcs_fault("None").has_value());
  EXPECT_EQ(with_fault(PcsFault::busy_twice, 1, {}).status, 503u);
  EXPECT_EQ(with_fault(PcsFault::busy_twice, 2, {}).status, 200u);
}

}  // namespace
}  // namespace quoin::simulator
