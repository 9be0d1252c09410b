// Every real set of collateral, as Intel signed it: none is in the tree (QUOIN_VECTORS).

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "quoin/collateral.h"
#include "src/base/json.h"
#include "src/collateral/parts.h"
#include "src/collateral/samples_testing.h"
#include "src/crypto/p256.h"
#include "src/x509/der.h"

namespace quoin {
namespace {

std::filesystem::path vectors() { return QUOIN_VECTORS; }

std::vector<std::filesystem::path> sets() {
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::is_directory(vectors() / "sets")) return files;
  for (const auto& entry : std::filesystem::directory_iterator(vectors() / "sets")) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

P256PublicKey key_of(const SignedJson& json) {
  return P256PublicKey::from_point(json.issuer_chain.certificates().front().public_key).value();
}

template <typename Levels>
bool descends_by_svn(const Levels& levels) {
  return std::ranges::is_sorted(levels, std::greater(), &IsvSvnTcbLevel::isv_svn);
}

TEST(CollateralVectorsTest, EverySetIsRead) {
  const auto files = sets();
  if (files.empty()) GTEST_SKIP() << "no collateral in " << vectors() / "sets";
  EXPECT_EQ(files.size(), 302u);
  for (const auto& file : files) {
    const auto collateral = Collateral::parse(as_bytes(read_file(file)));
    ASSERT_TRUE(collateral.ok()) << file << ": " << collateral.error().what;
    const auto& info = collateral->tcb_info();
    const auto& parts = collateral->parts();

    EXPECT_TRUE(key_of(parts.tcb_info_signed)
                    .verify(parts.tcb_info_signed.signed_bytes, parts.tcb_info_signed.signature))
        << file;
    EXPECT_TRUE(
        key_of(parts.qe_identity_signed)
            .verify(parts.qe_identity_signed.signed_bytes, parts.qe_identity_signed.signature))
        << file;

    EXPECT_TRUE(std::ranges::is_sorted(info.tcb_levels, std::greater(), [](const TcbLevel& level) {
      return std::tie(level.sgx_tcb_components, level.pce_svn, level.tdx_tcb_components);
    })) << file;
    for (const auto& level : info.tcb_levels) {
      EXPECT_NE(level.status, TcbStatus::unrecognized) << file;
    }
    EXPECT_EQ(info.tdx_module.has_value(), info.id == TcbInfoId::tdx) << file;
    if (info.tdx_module_identities) {
      for (const auto& identity : *info.tdx_module_identities) {
        EXPECT_TRUE(descends_by_svn(identity.tcb_levels)) << file;
      }
    }
    EXPECT_TRUE(descends_by_svn(collateral->qe_identity().tcb_levels)) << file;
    EXPECT_EQ(collateral->qe_identity().id == QeIdentityId::td_qe, info.id == TcbInfoId::tdx)
        << file;
  }
}

// {"raw_tcb_info":"...","signature":[bytes of DER],"ca_chain":[...]}, of which somebody has changed
// the year of the issue date to 3000.
SignedJson read_corrupted(const std::filesystem::path& file, std::string_view member) {
  const auto text = read_file(file);
  const auto document = JsonDocument::parse(as_bytes(text)).value();
  SignedJson read;
  const auto body = document.root().get(member)->string().value();
  read.signed_bytes.assign(body.begin(), body.end());
  Bytes signature;
  const auto elements = document.root().get("signature")->elements().value();
  for (const auto& element : elements) {
    signature.push_back(static_cast<uint8_t>(element.unsigned_integer(255).value()));
  }
  read.signature = der::parse_ecdsa_signature(signature).value();
  std::string chain;
  const auto certificates = document.root().get("ca_chain")->elements().value();
  for (const auto& certificate : certificates) {
    chain += certificate.string().value();
  }
  read.issuer_chain = x509::Chain::parse_pem(chain).value();
  return read;
}

TEST(CollateralVectorsTest, CorruptedTextsAreReadAndNotSigned) {
  const auto info_file =
      vectors() / "negative/rust-sgx--intel-sgx_pcs_tests_data_corrupted_00906ea10000.tcb";
  const auto identity_file =
      vectors() / "negative/rust-sgx--intel-sgx_pcs_tests_data_corrupted_qe3_identity.id";
  if (!std::filesystem::exists(info_file)) GTEST_SKIP() << "no " << info_file;

  const auto info = read_corrupted(info_file, "raw_tcb_info");
  EXPECT_TRUE(parse_tcb_info(info.signed_bytes).ok());
  const auto identity = read_corrupted(identity_file, "raw_enclave_identity");
  EXPECT_TRUE(parse_qe_identity(identity.signed_bytes).ok());

  for (const auto* json : {&info, &identity}) {
    const auto key = key_of(*json);
    EXPECT_FALSE(key.verify(json->signed_bytes, json->signature));
    const std::string restored =
        replaced(std::string(as_text(json->signed_bytes)), "3000-", "2020-");
    EXPECT_TRUE(key.verify(as_bytes(restored), json->signature));
  }
}

}  // namespace
}  // namespace quoin
