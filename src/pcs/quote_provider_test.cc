#include "src/pcs/quote_provider.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <bit>
#include <filesystem>
#include <fstream>
#include <functional>
#include <utility>

#include "quoin/collateral.h"
#include "src/base/hex.h"
#include "src/pcs/bundle.h"
#include "src/pcs/quote_provider_format.h"
#include "src/pcs/simulated_service_testing.h"

namespace quoin::pcs {
namespace {

using simulator::kNow;

// The test's library in a directory of its own, which nobody else can write.
class QuoteProviderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "quoin-qpl-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    path_ = directory_ + "/libdcap_quoteprov.so.1";
    std::filesystem::copy_file(QUOIN_PROVIDER, path_);
    ASSERT_EQ(chmod(path_.c_str(), 0755), 0);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  ErrorCode refusal() const {
    const auto provider = QuoteProvider::load(path_);
    if (!provider.ok()) return provider.error().code;
    ADD_FAILURE() << "loaded";
    return ErrorCode::internal;
  }

  // What the library is to give; it stays where it is until the next call.
  struct Strings {
    std::string pck_crl_issuer_chain, root_ca_crl, pck_crl, tcb_info_issuer_chain, tcb_info,
        qe_identity_issuer_chain, qe_identity;
  };

  // Loads the library, has it give that, and asks.
  Result<Bytes> fetch(const std::function<void(ProvidedCollateral&)>& change = {},
                      uint32_t code = 0, const CollateralRequest& request = kTestRequest) {
    auto provider = QuoteProvider::load(path_);
    if (!provider.ok()) return provider.error();
    strings_ = simulated();
    ProvidedCollateral given = {.major_version = 3, .minor_version = 1, .tee_type = 0x81};
    const auto put = [](std::string& text, char*& data, uint32_t& size) {
      data = text.data();
      size = static_cast<uint32_t>(text.size() + 1);
    };
    put(strings_.pck_crl_issuer_chain, given.pck_crl_issuer_chain, given.pck_crl_issuer_chain_size);
    put(strings_.root_ca_crl, given.root_ca_crl, given.root_ca_crl_size);
    put(strings_.pck_crl, given.pck_crl, given.pck_crl_size);
    put(strings_.tcb_info_issuer_chain, given.tcb_info_issuer_chain,
        given.tcb_info_issuer_chain_size);
    put(strings_.tcb_info, given.tcb_info, given.tcb_info_size);
    put(strings_.qe_identity_issuer_chain, given.qe_identity_issuer_chain,
        given.qe_identity_issuer_chain_size);
    put(strings_.qe_identity, given.qe_identity, given.qe_identity_size);
    if (change) change(given);
    void* const library = dlopen(path_.c_str(), RTLD_NOW | RTLD_NOLOAD);
    const auto provide =
        std::bit_cast<void (*)(ProvidedCollateral*, uint32_t)>(dlsym(library, "provide"));
    const auto released = std::bit_cast<uint32_t (*)()>(dlsym(library, "released"));
    provide(&given, code);
    Result<Bytes> bundle = (*provider)->fetch(request, kNow);
    released_ = released();
    dlclose(library);
    return bundle;
  }

  static Strings simulated() {
    SimulatedService service;
    const Service where = {.kind = Service::Kind::pccs, .base = std::string(kTestHost)};
    const CollateralUrls urls = collateral_urls(where, kTestRequest);
    const auto tcb_info = service.get(urls.tcb_info).value();
    const auto qe_identity = service.get(urls.qe_identity).value();
    const auto pck_crl = service.get(urls.pck_crl + "&encoding=der").value();
    const auto root_ca_crl = service.get(urls.root_ca_crl).value();
    const auto chain = [](const net::HttpResponse& response, std::string_view name) {
      return net::percent_decoded(*response.header(name)).value();
    };
    return {.pck_crl_issuer_chain = chain(pck_crl, "sgx-pck-crl-issuer-chain"),
            .root_ca_crl = std::string(as_text(root_ca_crl.body)),
            .pck_crl = std::string(as_text(pck_crl.body)),
            .tcb_info_issuer_chain = chain(tcb_info, "tcb-info-issuer-chain"),
            .tcb_info = std::string(as_text(tcb_info.body)),
            .qe_identity_issuer_chain = chain(qe_identity, "sgx-enclave-identity-issuer-chain"),
            .qe_identity = std::string(as_text(qe_identity.body))};
  }

  std::string directory_;
  std::string path_;
  Strings strings_;
  uint32_t released_ = 0;
};

TEST_F(QuoteProviderTest, WhatOthersCouldChangeIsNotLoaded) {
  for (const mode_t mode : {0775U, 0757U}) {
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
    EXPECT_EQ(refusal(), ErrorCode::refused);
  }
  ASSERT_EQ(chmod(path_.c_str(), 0755), 0);
  for (const mode_t mode : {0770U, 0703U, 01777U}) {
    ASSERT_EQ(chmod(directory_.c_str(), mode), 0);
    EXPECT_EQ(refusal(), ErrorCode::refused);
  }
  ASSERT_EQ(chmod(directory_.c_str(), 0755), 0);
  EXPECT_TRUE(QuoteProvider::load(path_).ok());
}

TEST_F(QuoteProviderTest, WhatIsNoLibraryIsNotLoaded) {
  const auto relative = QuoteProvider::load("libdcap_quoteprov.so.1");
  ASSERT_FALSE(relative.ok());
  EXPECT_EQ(relative.error().code, ErrorCode::invalid_argument);
  std::filesystem::remove(path_);
  EXPECT_EQ(refusal(), ErrorCode::not_found);
  std::filesystem::create_directory(path_);
  EXPECT_EQ(refusal(), ErrorCode::refused);
  std::filesystem::remove(path_);
  std::ofstream(path_) << "no library";
  ASSERT_EQ(chmod(path_.c_str(), 0755), 0);
  EXPECT_EQ(refusal(), ErrorCode::unsupported);
}

TEST_F(QuoteProviderTest, ALibraryOfAnotherKindIsNotUsed) {
  std::filesystem::remove(path_);
  for (const char* libc : {"/lib/x86_64-linux-gnu/libz.so.1", "/lib64/libz.so.1"}) {
    if (!std::filesystem::exists(libc)) continue;
    std::filesystem::copy_file(libc, path_, std::filesystem::copy_options::overwrite_existing);
    ASSERT_EQ(chmod(path_.c_str(), 0755), 0);
    EXPECT_EQ(refusal(), ErrorCode::unsupported);
  }
}

TEST_F(QuoteProviderTest, GivesABundle) {
  const auto bundle = fetch();
  ASSERT_TRUE(bundle.ok()) << bundle.error().what;
  EXPECT_TRUE(Collateral::parse(*bundle).ok());
  EXPECT_EQ(read_provenance(*bundle).value().source, path_);
  EXPECT_EQ(released_, 1U);
}

TEST_F(QuoteProviderTest, TheSameOfEachFormOfItsStructure) {
  const Bytes wanted = fetch().value();
  // Sizes without the zero; CRLs in hex.
  const auto exact = fetch([](ProvidedCollateral& given) {
    --given.pck_crl_size;
    --given.tcb_info_size;
    --given.qe_identity_issuer_chain_size;
  });
  EXPECT_EQ(exact.value(), wanted);
  std::string hex;
  const auto in_hex = fetch([&](ProvidedCollateral& given) {
    hex = to_hex(as_bytes(std::string_view(given.pck_crl, given.pck_crl_size - 1)));
    given.minor_version = 0;
    given.pck_crl = hex.data();
    given.pck_crl_size = static_cast<uint32_t>(hex.size() + 1);
  });
  EXPECT_EQ(in_hex.value(), wanted);
}

TEST_F(QuoteProviderTest, NothingIsBelieved) {
  struct Case {
    std::string_view name;
    std::function<void(ProvidedCollateral&)> change;
    ErrorCode code;
  };
  const Case cases[] = {
      {"another version", [](auto& given) { given.major_version = 2; }, ErrorCode::unsupported},
      {"a minor version of the future", [](auto& given) { given.minor_version = 2; },
       ErrorCode::unsupported},
      {"another TEE", [](auto& given) { given.tee_type = 0; }, ErrorCode::refused},
      {"no TCB info", [](auto& given) { given.tcb_info = nullptr; }, ErrorCode::malformed},
      {"an empty part", [](auto& given) { given.qe_identity_size = 0; }, ErrorCode::malformed},
      {"a part of 4 GiB", [](auto& given) { given.tcb_info_issuer_chain_size = UINT32_MAX; },
       ErrorCode::too_large},
      {"a CRL of 4 GiB", [](auto& given) { given.root_ca_crl_size = UINT32_MAX; },
       ErrorCode::too_large},
      {"a CRL that is cut off", [](auto& given) { given.pck_crl_size = 20; }, ErrorCode::truncated},
      {"TCB info that is cut off", [](auto& given) { given.tcb_info_size /= 2; },
       ErrorCode::malformed},
      {"parts that are exchanged",
       [](auto& given) {
         std::swap(given.tcb_info, given.qe_identity);
         std::swap(given.tcb_info_size, given.qe_identity_size);
       },
       ErrorCode::malformed},
  };
  for (const Case& test : cases) {
    const auto bundle = fetch(test.change);
    ASSERT_FALSE(bundle.ok()) << test.name;
    EXPECT_EQ(bundle.error().code, test.code) << test.name << ": " << bundle.error().what;
    EXPECT_TRUE(bundle.error().what.starts_with(path_)) << bundle.error().what;
    EXPECT_EQ(released_, 1U) << test.name;
  }
}

TEST_F(QuoteProviderTest, AnotherPlatformIsRefused) {
  CollateralRequest request = kTestRequest;
  request.fmspc[0] ^= 1;
  const auto bundle = fetch({}, 0, request);
  ASSERT_FALSE(bundle.ok());
  EXPECT_EQ(bundle.error().code, ErrorCode::refused);
  request = kTestRequest;
  request.update = Update::early;
  EXPECT_EQ(fetch({}, 0, request).error().code, ErrorCode::refused);
  // The functions for SGX are others.
  request = kTestRequest;
  request.tee_type = TeeType::sgx;
  EXPECT_EQ(fetch({}, 0, request).error().code, ErrorCode::refused);
}

TEST_F(QuoteProviderTest, ItsErrorsAreToldInWords) {
  auto failed = fetch({}, 0xe019);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, ErrorCode::io);
  EXPECT_NE(failed.error().what.find("SGX_QL_NETWORK_ERROR"), std::string::npos);
  failed = fetch({}, 0xe01b);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace quoin::pcs
