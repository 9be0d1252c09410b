// Does a verifier that shares nothing with ours accept the simulator's quotes? The npm package
// @phala/dcap-qvl, by way of testdata/peer.

#include <gtest/gtest.h>
#include <stdio.h>
#include <stdlib.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "src/simulator/platform.h"
#include "src/simulator/samples_testing.h"

namespace quoin::simulator {
namespace {

namespace fs = std::filesystem;

struct ClosePipe {
  void operator()(FILE* pipe) const { pclose(pipe); }
};

class PeerTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(peer_ / "node_modules")) {
      GTEST_SKIP() << "npm ci has not been run in testdata/peer";
    }
    if (system("node --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "node is not installed";
    std::string name = (fs::temp_directory_path() / "quoin-peer-XXXXXX").string();
    files_ = mkdtemp(name.data());
  }
  ~PeerTest() override {
    if (!files_.empty()) fs::remove_all(files_);
  }

  std::string file(const char* name, ByteView bytes) const {
    const fs::path path = files_ / name;
    std::ofstream(path, std::ios::binary) << as_text(bytes);
    return path.string();
  }

  // The first line that the peer prints. `root` is a file, or "intel".
  std::string ask(ByteView quote, ByteView bundle, const std::string& root) const {
    const std::string command = "node '" + (peer_ / "peer_verify.mjs").string() + "' '" +
                                file("quote", quote) + "' '" + file("bundle", bundle) + "' '" +
                                root + "' " + std::to_string(kNow.time_since_epoch().count());
    const std::unique_ptr<FILE, ClosePipe> pipe(popen(command.c_str(), "r"));
    std::array<char, 512> line{};
    if (!pipe || fgets(line.data(), line.size(), pipe.get()) == nullptr) return "no answer";
    const std::string answer = line.data();
    return answer.substr(0, answer.find('\n'));
  }

  fs::path peer_ = fs::path(QUOIN_SOURCE_DIR) / "testdata" / "peer";
  fs::path files_;
};

TEST_F(PeerTest, AcceptsOurQuotesUnderOurRootOnly) {
  const Platform platform(test_seed(1), kIssued);
  const Bytes quote =
      platform.quote(platform.td_report(default_td_state(), test_report_data())).value();
  const Bytes bundle = platform.collateral_bundle();
  const std::string root = file("root", platform.root_certificate());
  EXPECT_EQ(ask(quote, bundle, root), "UpToDate");
  EXPECT_TRUE(ask(quote, bundle, "intel").starts_with("refused: "));

  const Platform another(test_seed(2), kIssued);
  const std::string other_root = file("root", another.root_certificate());
  EXPECT_TRUE(ask(quote, bundle, other_root).starts_with("refused: "));
}

TEST_F(PeerTest, AcceptsOurSgxQuotes) {
  const Platform platform(test_seed(1), kIssued);
  const Bytes quote = write_quote(
      platform.seed(), platform.quote_parts(default_enclave_report(test_report_data()), 3));
  EXPECT_EQ(ask(quote, platform.collateral_bundle(TeeType::sgx),
                file("root", platform.root_certificate())),
            "UpToDate");
}

TEST_F(PeerTest, RefusesARevokedPck) {
  PlatformSettings settings = default_settings(test_seed(1), kIssued);
  settings.pck_crl.revoked = {{.serial = derive_serial(test_seed(1), kPckKey), .date = kIssued}};
  const Platform platform(test_seed(1), settings);
  const Bytes quote =
      platform.quote(platform.td_report(default_td_state(), test_report_data())).value();
  EXPECT_TRUE(ask(quote, platform.collateral_bundle(), file("root", platform.root_certificate()))
                  .starts_with("refused: "));
}

}  // namespace
}  // namespace quoin::simulator
