// Does a verifier that shares nothing with ours accept the simulator's quotes? The npm package
// @phala/dcap-qvl, by way of tools/peer.

#include <gtest/gtest.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include "src/base/json.h"
#include "src/simulator/platform.h"
#include "src/simulator/samples_testing.h"

namespace quoin::simulator {
namespace {

namespace fs = std::filesystem;

// What tools/peer/verify.mjs exits with when the package is not installed.
constexpr int kNotInstalled = 77;

class PeerTest : public testing::Test {
 protected:
  PeerTest() {
    std::string name = (fs::temp_directory_path() / "quoin-peer-XXXXXX").string();
    files_ = mkdtemp(name.data());
  }
  ~PeerTest() override { fs::remove_all(files_); }

  void SetUp() override {
    if (system("node --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "node is not installed";
    ask({}, {}, "");
    if (exit_status_ == kNotInstalled) {
      GTEST_SKIP() << "@phala/dcap-qvl is not installed: tools/peer/install does that";
    }
  }

  std::string file(const char* name, ByteView bytes) const {
    const fs::path path = files_ / name;
    std::ofstream(path, std::ios::binary) << as_text(bytes);
    return path.string();
  }

  // The TCB status that the peer finds, or "refused". `root` is a file; Intel's when it is empty.
  std::string ask(ByteView quote, ByteView bundle, const std::string& root) {
    const fs::path script = fs::path(QUOIN_SOURCE_DIR) / "tools" / "peer" / "verify.mjs";
    const std::string now = std::to_string(kNow.time_since_epoch().count());
    std::string command = "node '" + script.string() + "' '" + file("quote", quote) + "' '" +
                          file("bundle", bundle) + "' " + now;
    if (!root.empty()) command += " '" + root + "'";
    FILE* const pipe = popen((command + " 2>/dev/null").c_str(), "r");
    std::array<char, 1024> line{};
    const bool answered = fgets(line.data(), line.size(), pipe) != nullptr;
    exit_status_ = WEXITSTATUS(pclose(pipe));
    if (exit_status_ == 1 && answered) return "refused";
    if (exit_status_ != 0) return "failed";
    const std::string json = line.data();
    return *JsonDocument::parse(as_bytes(json))->root().get("status")->string();
  }

  int exit_status_ = 0;

 private:
  fs::path files_;
};

Bytes td_quote(const Platform& platform) {
  return platform.quote(platform.td_report(default_td_state(), test_report_data())).value();
}

TEST_F(PeerTest, AcceptsOurQuotesUnderOurRootOnly) {
  const Platform platform(test_seed(1), kIssued);
  const Platform another(test_seed(2), kIssued);
  const Bytes quote = td_quote(platform);
  const Bytes bundle = platform.collateral_bundle();
  EXPECT_EQ(ask(quote, bundle, file("root", platform.root_certificate())), "UpToDate");
  EXPECT_EQ(ask(quote, bundle, ""), "refused");
  EXPECT_EQ(ask(quote, bundle, file("root", another.root_certificate())), "refused");
}

TEST_F(PeerTest, AcceptsOurSgxQuotes) {
  const Platform platform(test_seed(1), kIssued);
  const QuoteBody enclave = default_enclave_report(test_report_data());
  const Bytes quote = write_quote(platform.seed(), platform.quote_parts(enclave, 3));
  const std::string root = file("root", platform.root_certificate());
  EXPECT_EQ(ask(quote, platform.collateral_bundle(TeeType::sgx), root), "UpToDate");
}

TEST_F(PeerTest, RefusesARevokedPck) {
  PlatformSettings settings = default_settings(test_seed(1), kIssued);
  settings.pck_crl.revoked = {{.serial = derive_serial(test_seed(1), kPckKey), .date = kIssued}};
  const Platform platform(test_seed(1), settings);
  const std::string root = file("root", platform.root_certificate());
  EXPECT_EQ(ask(td_quote(platform), platform.collateral_bundle(), root), "refused");
}

}  // namespace
}  // namespace quoin::simulator
