// The C API and where its collateral comes from: a service on this machine, named to it or in the
// file of Intel's software, or the host's provider library. What these two have on a machine stands
// in directories of a test's own: a thread sees them there by a mount namespace.

#include <dlfcn.h>
#include <openssl/ssl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <atomic>
#include <bit>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "src/base/hex.h"
#include "src/base/testing_files.h"
#include "src/capi/capi_testing.h"
#include "src/channel/channel_key.h"
#include "src/channel/socket_bio.h"
#include "src/channel/tcp.h"
#include "src/crypto/openssl_pointer.h"
#include "src/pcs/qcnl_config.h"
#include "src/pcs/quote_provider.h"
#include "src/pcs/quote_provider_format.h"
#include "src/service/http_server.h"
#include "src/simulator/pcs_responses.h"
#include "src/simulator/platform.h"
#include "src/simulator/samples_testing.h"

namespace quoin::capi {
namespace {

using simulator::PcsFault;

// What the platform of the tests' quotes has its collateral from, as long as it lives.
class LocalPcs {
 public:
  explicit LocalPcs(const simulator::Platform& platform, PcsFault fault = PcsFault::none)
      : server_(service::HttpServer::start("127.0.0.1:0", [this, &platform,
                                                           fault](std::string_view target) {
                  auto reply = with_fault(fault, asked_++, pcs_reply(platform, target));
                  return service::HttpReply{.status = reply.status,
                                            .headers = std::move(reply.headers),
                                            .body = std::move(reply.body),
                                            .delay = reply.delay,
                                            .cut_off = reply.cut_off};
                }).value()) {}

  std::string url() const { return server_.url() + "/sgx/certification/v4/"; }
  uint64_t asked() const { return asked_; }

 private:
  std::atomic<uint64_t> asked_ = 0;
  service::HttpServer server_;
};

class FetchedCollateral : public CapiTest {
 protected:
  void SetUp() override {
    CapiTest::SetUp();
    const ByteView root = platform_.root_certificate();
    ASSERT_EQ(tdx_insecure_trust_root(root.data(), root.size()), TDX_SUCCESS);
    ASSERT_EQ(tdx_security_init(), TDX_SUCCESS);
  }

  static int init(const std::string& pccs_url, const std::string& collateral_path = "",
                  bool use_qpl = false) {
    tdx_attestation_config_t config = {};
    pccs_url.copy(config.pccs_url, sizeof config.pccs_url - 1);
    collateral_path.copy(config.collateral_path, sizeof config.collateral_path - 1);
    config.use_qpl = use_qpl;
    config.timeout_ms = 5'000;
    return tdx_attestation_init(&config);
  }

  int verify() {
    uint32_t status = TDX_TCB_STATUS_OK;
    const int code =
        tdx_attestation_verify_quote(quote_.data(), quote_.size(), nullptr, 0, &status);
    EXPECT_EQ(status, code == TDX_ATTEST_SUCCESS ? TDX_TCB_STATUS_OK : UINT32_MAX);
    bool verified = true;
    const int security = tdx_verify_quote_bytes(quote_.data(), quote_.size(), &verified);
    EXPECT_EQ(verified, code == TDX_ATTEST_SUCCESS);
    EXPECT_EQ(security == TDX_SUCCESS, verified);
    return code;
  }

  // Nothing is accepted, and no output says anything.
  void expect_none(int wanted, std::string_view why) {
    EXPECT_EQ(verify(), wanted) << why << ": " << last().reason;
    tdx_appraisal_t appraisal;
    const int appraised =
        tdx_attestation_appraise(quote_.data(), quote_.size(), nullptr, 0, nullptr, 0, &appraisal);
    EXPECT_FALSE(appraisal.genuine || appraisal.accepted) << why;
    if (wanted != TDX_ATTEST_ERROR_NETWORK) return;
    EXPECT_EQ(appraised, TDX_ATTEST_ERROR_NETWORK) << why;
    EXPECT_EQ(appraisal.tcb_status, UINT32_MAX) << why;
    EXPECT_EQ(appraisal.valid_until, 0) << why;
    bool verified = true;
    EXPECT_EQ(tdx_verify_quote_bytes(quote_.data(), quote_.size(), &verified),
              TDX_ERROR_COMMUNICATION)
        << why;
    uint8_t byte = 0;
    uint8_t* collateral = &byte;
    size_t size = 1;
    EXPECT_EQ(tdx_attestation_get_collateral(quote_.data(), quote_.size(), &collateral, &size),
              TDX_ATTEST_ERROR_NETWORK)
        << why;
    EXPECT_EQ(collateral, nullptr) << why;
    EXPECT_EQ(size, 0u) << why;
  }

  // Runs `work` on a thread to which /etc, and the directory of provider libraries, are empty.
  // False where this process may not have that.
  static bool on_another_machine(const std::function<void()>& work) {
    bool entered = false;
    std::thread([&] {
      entered = unshare(CLONE_NEWNS) == 0 &&
                mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                mount("tmpfs", "/etc", "tmpfs", 0, "mode=0755") == 0 &&
                mount("tmpfs", provider_path().parent_path().c_str(), "tmpfs", 0, "mode=0755") == 0;
      if (entered) work();
    }).join();
    return entered;
  }
  static constexpr const char* kWhyNot = "NOTHING IS MOUNTED: this needs root, who may mount";

  static std::filesystem::path provider_path() { return pcs::quote_provider_paths().front(); }

  const simulator::Platform platform_{simulator::test_seed(1), now()};
  const Bytes quote_ =
      platform_
          .quote(platform_.td_report(simulator::default_td_state(), simulator::test_report_data()))
          .value();
};

TEST_F(FetchedCollateral, OfAServiceThatIsNotAsItShouldBeIsNone) {
  const struct {
    PcsFault fault;
    int code;
  } cases[] = {
      {PcsFault::unknown, TDX_ATTEST_ERROR_NETWORK},
      {PcsFault::forbidden, TDX_ATTEST_ERROR_NETWORK},
      {PcsFault::redirect, TDX_ATTEST_ERROR_NETWORK},
      {PcsFault::html, TDX_ATTEST_ERROR_NETWORK},
      {PcsFault::empty, TDX_ATTEST_ERROR_NETWORK},
      {PcsFault::not_a_chain, TDX_ATTEST_ERROR_NETWORK},
      {PcsFault::oversize, TDX_ATTEST_ERROR_NETWORK},
      {PcsFault::other_platform, TDX_ATTEST_ERROR_NETWORK},
      {PcsFault::altered, TDX_ATTEST_ERROR_VERIFICATION},
  };
  std::string gone;
  for (const auto& [fault, code] : cases) {
    const LocalPcs pcs(platform_, fault);
    gone = pcs.url();
    ASSERT_EQ(init(pcs.url()), TDX_ATTEST_SUCCESS);
    expect_none(code, "fault " + std::to_string(static_cast<int>(fault)));
    EXPECT_GT(pcs.asked(), 0u);
  }
  ASSERT_EQ(init(gone), TDX_ATTEST_SUCCESS);
  expect_none(TDX_ATTEST_ERROR_NETWORK, "nobody is there");

  const simulator::Platform another(simulator::test_seed(2), now());
  const LocalPcs of_another(another);
  ASSERT_EQ(init(of_another.url()), TDX_ATTEST_SUCCESS);
  expect_none(TDX_ATTEST_ERROR_VERIFICATION, "signed under another root");

  const simulator::Platform long_ago(simulator::test_seed(1), now() - std::chrono::days(400));
  const LocalPcs of_long_ago(long_ago);
  ASSERT_EQ(init(of_long_ago.url()), TDX_ATTEST_SUCCESS);
  EXPECT_NE(verify(), TDX_ATTEST_SUCCESS) << "of a year ago";
}

void set_fetched_at(std::string& bundle, UtcTime time) {
  constexpr std::string_view kMember = "\"fetched_at\":\"";
  const std::string fetched_at = quoin::to_string(time);
  const size_t at = bundle.find(kMember);
  ASSERT_NE(at, std::string::npos) << bundle;
  bundle.replace(at + kMember.size(), fetched_at.size(), fetched_at);
}

TEST_F(FetchedCollateral, VerifiesAndIsKeptWhereThatIsWanted) {
  std::optional<LocalPcs> pcs(std::in_place, platform_);
  const std::string kept = (directory_.path() / "kept").string();
  ASSERT_EQ(init(pcs->url()), TDX_ATTEST_SUCCESS);
  EXPECT_EQ(verify(), TDX_ATTEST_SUCCESS) << last().reason;
  const uint64_t once = pcs->asked();
  EXPECT_EQ(verify(), TDX_ATTEST_SUCCESS);
  EXPECT_GT(pcs->asked(), once) << "nothing is kept";
  ASSERT_EQ(init(pcs->url(), kept), TDX_ATTEST_SUCCESS);
  EXPECT_EQ(verify(), TDX_ATTEST_SUCCESS) << last().reason;
  const std::string url = pcs->url();
  pcs.reset();
  EXPECT_EQ(verify(), TDX_ATTEST_SUCCESS) << "it is in " << kept;
  ASSERT_EQ(init(url), TDX_ATTEST_SUCCESS);
  EXPECT_EQ(verify(), TDX_ATTEST_ERROR_NETWORK);
  EXPECT_EQ(tdx_insecure_trust_root(nullptr, 0), TDX_SUCCESS);
  ASSERT_EQ(init(url, kept), TDX_ATTEST_SUCCESS);
  expect_none(TDX_ATTEST_ERROR_VERIFICATION, "that it was fetched is no reason to believe it");
}

// A service that answered wrongly once, or somebody who could write there.
TEST_F(FetchedCollateral, ThatWasKeptAndDoesNotVerifyIsFetchedAnew) {
  const std::string kept = (directory_.path() / "kept").string();
  const LocalPcs pcs(platform_);
  ASSERT_EQ(init(pcs.url(), kept), TDX_ATTEST_SUCCESS);
  ASSERT_EQ(verify(), TDX_ATTEST_SUCCESS) << last().reason;
  const uint64_t once = pcs.asked();
  for (const auto& entry : std::filesystem::directory_iterator(kept)) {
    if (entry.path().extension() != ".json") continue;
    std::string bundle(as_text(testing_files::read(entry.path())));
    constexpr std::string_view kMember = "\"tcb_info_signature\":\"";
    const size_t at = bundle.find(kMember);
    ASSERT_NE(at, std::string::npos) << bundle;
    bundle.replace(at + kMember.size(), 128, std::string(128, '0'));
    set_fetched_at(bundle, now() - std::chrono::hours(1));
    std::ofstream(entry.path(), std::ios::binary) << bundle;
  }
  // For a quote that nothing could mend nobody is asked.
  Bytes changed = quote_;
  changed[60] ^= 1;
  uint8_t* collateral = nullptr;
  size_t size = 0;
  EXPECT_EQ(tdx_attestation_get_collateral(changed.data(), changed.size(), &collateral, &size),
            TDX_ATTEST_SUCCESS);
  tdx_attestation_free(collateral);
  EXPECT_EQ(pcs.asked(), once);
  EXPECT_EQ(verify(), TDX_ATTEST_SUCCESS) << last().reason;
  EXPECT_EQ(pcs.asked(), 2 * once);
  EXPECT_EQ(verify(), TDX_ATTEST_SUCCESS) << last().reason;
  EXPECT_EQ(pcs.asked(), 2 * once) << "what was fetched anew is kept";
}

// What is no longer fresh is for the policy to allow, and the program is told of it.
TEST_F(FetchedCollateral, ThatIsNoLongerFreshIsUsedOnlyWhereThePolicyAllowsIt) {
  constexpr std::string_view kPolicy = "version = 1\n[tcb]\nstale_collateral_on_error = true\n";
  const std::filesystem::path kept = directory_.path() / "kept";
  {
    const LocalPcs pcs(platform_);
    ASSERT_EQ(init(pcs.url(), kept.string()), TDX_ATTEST_SUCCESS);
    EXPECT_EQ(verify(), TDX_ATTEST_SUCCESS) << last().reason;
  }
  for (const auto& entry : std::filesystem::directory_iterator(kept)) {
    if (entry.path().extension() != ".json") continue;
    std::string bundle(as_text(testing_files::read(entry.path())));
    set_fetched_at(bundle, now() - std::chrono::days(7));
    std::ofstream(entry.path(), std::ios::binary) << bundle;
  }
  const size_t before = report_count();
  expect_none(TDX_ATTEST_ERROR_NETWORK, "no policy");
  EXPECT_NE(last().reason.find(", 168 hours ago, and holds until"), std::string::npos)
      << last().reason;
  EXPECT_NE(last().hint.find("stale_collateral_on_error"), std::string::npos) << last().hint;
  ASSERT_EQ(tdx_set_policy("version = 1\n", 12), TDX_SUCCESS);
  expect_none(TDX_ATTEST_ERROR_NETWORK, "a policy that does not");
  EXPECT_NE(last().code, TDX_SUCCESS);
  EXPECT_GT(report_count(), before);

  ASSERT_EQ(tdx_set_policy(kPolicy.data(), kPolicy.size()), TDX_SUCCESS);
  const auto expect_told = [&](std::string_view function) {
    EXPECT_EQ(last().function, function);
    EXPECT_EQ(last().code, TDX_SUCCESS);
    EXPECT_NE(last().reason.find("; using what was fetched at "), std::string::npos)
        << last().reason;
  };
  EXPECT_EQ(verify(), TDX_ATTEST_SUCCESS) << last().reason;
  expect_told("tdx_verify_quote_bytes");
  uint32_t status = TDX_TCB_STATUS_UNKNOWN;
  EXPECT_EQ(tdx_attestation_verify_quote(quote_.data(), quote_.size(), nullptr, 0, &status),
            TDX_ATTEST_SUCCESS);
  expect_told("tdx_attestation_verify_quote");
  tdx_appraisal_t appraisal;
  EXPECT_EQ(
      tdx_attestation_appraise(quote_.data(), quote_.size(), nullptr, 0, nullptr, 0, &appraisal),
      TDX_ATTEST_SUCCESS);
  EXPECT_TRUE(appraisal.accepted);
  expect_told("tdx_attestation_appraise");
  uint8_t* collateral = nullptr;
  size_t size = 0;
  EXPECT_EQ(tdx_attestation_get_collateral(quote_.data(), quote_.size(), &collateral, &size),
            TDX_ATTEST_SUCCESS);
  tdx_attestation_free(collateral);
  expect_told("tdx_attestation_get_collateral");

  // Between the platform's signature and the policy the caller's bytes change.
  Bytes shared = quote_;
  tdx_set_reporter([](void* bytes, const char*, int, const char*,
                      const char*) { std::ranges::fill(*static_cast<Bytes*>(bytes), uint8_t{0}); },
                   &shared);
  bool verified = false;
  EXPECT_EQ(tdx_verify_quote_bytes(shared.data(), shared.size(), &verified), TDX_SUCCESS);
  EXPECT_TRUE(all_zero(std::exchange(shared, quote_)));
  EXPECT_EQ(tdx_attestation_verify_quote(shared.data(), shared.size(), nullptr, 0, &status),
            TDX_ATTEST_SUCCESS);
  EXPECT_TRUE(all_zero(std::exchange(shared, quote_)));
  EXPECT_EQ(
      tdx_attestation_appraise(shared.data(), shared.size(), nullptr, 0, nullptr, 0, &appraisal),
      TDX_ATTEST_SUCCESS);
  EXPECT_TRUE(appraisal.accepted);
  EXPECT_TRUE(all_zero(shared));
}

// Whoever makes a quote up says of which platform it is: the service would be asked about each.
TEST_F(FetchedCollateral, IsNotAskedForWhereNoPlatformHasSigned) {
  const LocalPcs pcs(platform_);
  ASSERT_EQ(init(pcs.url()), TDX_ATTEST_SUCCESS);
  Bytes changed = quote_;
  changed[60] ^= 1;
  uint32_t status = TDX_TCB_STATUS_OK;
  EXPECT_EQ(tdx_attestation_verify_quote(changed.data(), changed.size(), nullptr, 0, &status),
            TDX_ATTEST_ERROR_VERIFICATION);
  EXPECT_EQ(status, UINT32_MAX);
  tdx_appraisal_t appraisal;
  EXPECT_EQ(
      tdx_attestation_appraise(changed.data(), changed.size(), nullptr, 0, nullptr, 0, &appraisal),
      TDX_ATTEST_SUCCESS);
  EXPECT_FALSE(appraisal.genuine || appraisal.accepted);
  EXPECT_STREQ(appraisal.reason, "quote_signature");
  bool verified = true;
  EXPECT_EQ(tdx_verify_quote_bytes(changed.data(), changed.size(), &verified),
            TDX_ERROR_ATTESTATION);
  EXPECT_FALSE(verified);
  EXPECT_EQ(pcs.asked(), 0u);
  EXPECT_EQ(verify(), TDX_ATTEST_SUCCESS) << last().reason;
}

TEST_F(FetchedCollateral, ComesFromWhereIntelsFileSays) {
  const LocalPcs wrong(platform_, PcsFault::unknown);
  const LocalPcs right(platform_);
  const std::string path(pcs::kQcnlConfigPath);
  const bool entered = on_another_machine([&] {
    ASSERT_EQ(init(""), TDX_ATTEST_SUCCESS);
    for (const char* garbage : {"{\"pccs_url\": ", "{\"pccs_url\": \"http://pccs.example/\"}",
                                "{\"pccs_url\": \"file:///etc/passwd\"}"}) {
      simulator::write_test_file(path, garbage);
      expect_none(TDX_ATTEST_ERROR_NETWORK, garbage);
      EXPECT_EQ(last().reason.find("intel.com"), std::string::npos) << last().reason;
    }
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
    expect_none(TDX_ATTEST_ERROR_NETWORK, "no file, and not nothing");
    EXPECT_EQ(last().reason.find("intel.com"), std::string::npos) << last().reason;
    std::filesystem::remove(path);
    const std::vector<std::pair<std::string, bool>> files = {
        {"{\"pccs_url\": \"" + wrong.url() + "\"}", false},
        {"{\"pccs_url\": \"" + right.url() + "\"}", true},
        {"PCCS_URL=" + right.url() + "\nUSE_SECURE_CERT=FALSE\n", true},
        {"{\"pccs_url\": \"" + wrong.url() + "\", \"collateral_service\": \"" + right.url() + "\"}",
         true},
    };
    for (const auto& [text, verifies] : files) {
      simulator::write_test_file(path, text);
      EXPECT_EQ(verify(), verifies ? TDX_ATTEST_SUCCESS : TDX_ATTEST_ERROR_NETWORK)
          << text << last().reason;
    }
    ASSERT_EQ(init(wrong.url()), TDX_ATTEST_SUCCESS);
    expect_none(TDX_ATTEST_ERROR_NETWORK, "what init was told goes before the file");
  });
  if (!entered) GTEST_SKIP() << kWhyNot;
}

// Somebody with a certificate that nobody has signed, who has nothing.
class Impostor {
 public:
  Impostor() {
    SSL_CTX_use_certificate(context_.get(), ChannelKeyAccess::state(key_).certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), ChannelKeyAccess::state(key_).key.get());
    serving_ = std::jthread([this] {
      while (true) {
        channel::Socket socket = listener_.accept().value();
        if (stopping_) return;
        const OpenSslPointer<SSL, SSL_free> tls(SSL_new(context_.get()));
        BIO* const bio = make_socket_bio(socket).release();
        SSL_set_bio(tls.get(), bio, bio);
        char byte = 0;
        if (SSL_accept(tls.get()) != 1 || SSL_read(tls.get(), &byte, 1) != 1) continue;
        ++asked_;
        constexpr std::string_view kNothing = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
        SSL_write(tls.get(), kNothing.data(), kNothing.size());
      }
    });
  }
  ~Impostor() {
    stopping_ = true;
    const auto soon = channel::Deadline::in(std::chrono::seconds(5));
    static_cast<void>(channel::tcp_connect(listener_.address(), soon).ok());
  }
  Impostor(const Impostor&) = delete;
  Impostor& operator=(const Impostor&) = delete;

  std::string url() const { return "https://" + to_string(listener_.address()) + "/"; }
  uint64_t asked() const { return asked_; }

 private:
  ChannelKey key_ = ChannelKey::generate().value();
  OpenSslPointer<SSL_CTX, SSL_CTX_free> context_{SSL_CTX_new(TLS_server_method())};
  channel::TcpListener listener_ =
      channel::TcpListener::open({.host = "127.0.0.1", .port = "0"}).value();
  std::atomic<bool> stopping_ = false;
  std::atomic<uint64_t> asked_ = 0;
  std::jthread serving_;
};

TEST_F(FetchedCollateral, IsAskedOfNobodyElseUnlessIntelsFileAllowsIt) {
  const Impostor impostor;
  ASSERT_EQ(init(impostor.url()), TDX_ATTEST_SUCCESS);
  expect_none(TDX_ATTEST_ERROR_NETWORK, "named to init");
  const bool entered = on_another_machine([&] {
    ASSERT_EQ(init(""), TDX_ATTEST_SUCCESS);
    for (const char* more : {"", ", \"use_secure_cert\": true", ", \"use_secure_cert\": false"}) {
      EXPECT_EQ(impostor.asked(), 0u) << more;
      simulator::write_test_file(std::string(pcs::kQcnlConfigPath),
                                 "{\"pccs_url\": \"" + impostor.url() + "\"" + more + "}");
      EXPECT_EQ(verify(), TDX_ATTEST_ERROR_NETWORK) << more;
    }
  });
  if (!entered) GTEST_SKIP() << kWhyNot;
  EXPECT_GT(impostor.asked(), 0u);
}

// What the provider library of the tests gives: the texts of a bundle, where it can point to them.
class Provided {
 public:
  explicit Provided(const simulator::Platform& platform) : parts_(platform.collateral()) {
    const auto body = [&](const std::string& target) {
      return std::string(as_text(pcs_reply(platform, "/tdx/certification/v4/" + target).body));
    };
    parts_.tcb_info = body("tcb?fmspc=" + to_hex(simulator::kFmspc));
    parts_.qe_identity = body("qe/identity");
    put(parts_.pck_crl_issuer_chain, given.pck_crl_issuer_chain, given.pck_crl_issuer_chain_size);
    put(root_ca_crl_, given.root_ca_crl, given.root_ca_crl_size);
    put(pck_crl_, given.pck_crl, given.pck_crl_size);
    put(parts_.tcb_info_issuer_chain, given.tcb_info_issuer_chain,
        given.tcb_info_issuer_chain_size);
    put(parts_.tcb_info, given.tcb_info, given.tcb_info_size);
    put(parts_.qe_identity_issuer_chain, given.qe_identity_issuer_chain,
        given.qe_identity_issuer_chain_size);
    put(parts_.qe_identity, given.qe_identity, given.qe_identity_size);
  }
  Provided(const Provided&) = delete;
  Provided& operator=(const Provided&) = delete;

  pcs::ProvidedCollateral given = {.major_version = 3, .minor_version = 1, .tee_type = 0x81};

 private:
  static void put(std::string& text, char*& data, uint32_t& size) {
    data = text.data();
    size = static_cast<uint32_t>(text.size() + 1);
  }

  simulator::BundleParts parts_;
  std::string root_ca_crl_ = std::string(as_text(parts_.root_ca_crl));
  std::string pck_crl_ = std::string(as_text(parts_.pck_crl));
};

TEST_F(FetchedCollateral, ComesFromTheHostsLibraryWhereItIsInstalled) {
  const LocalPcs pcs(platform_);
  const simulator::Platform another(simulator::test_seed(2), now());
  Provided right(platform_);
  Provided of_another(another);
  const bool entered = on_another_machine([&] {
    ASSERT_EQ(init(pcs.url(), "", true), TDX_ATTEST_SUCCESS);
    EXPECT_EQ(verify(), TDX_ATTEST_SUCCESS) << "there is no library";
    const uint64_t before = pcs.asked();
    EXPECT_GT(before, 0u);

    const std::string path = provider_path().string();
    std::filesystem::copy_file(QUOIN_PROVIDER, path);
    ASSERT_EQ(chmod(path.c_str(), 0777), 0);
    expect_none(TDX_ATTEST_ERROR_NETWORK, "a library that others can write");
    EXPECT_EQ(dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD), nullptr);
    ASSERT_EQ(chmod(path.c_str(), 0755), 0);
    expect_none(TDX_ATTEST_ERROR_NETWORK, "a library that gives nothing");
    void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD);
    ASSERT_NE(library, nullptr);
    const auto provide =
        std::bit_cast<void (*)(pcs::ProvidedCollateral*, uint32_t)>(dlsym(library, "provide"));
    provide(&right.given, 0xe047);
    expect_none(TDX_ATTEST_ERROR_NETWORK, "a library that fails");
    provide(&of_another.given, 0);
    expect_none(TDX_ATTEST_ERROR_VERIFICATION, "another platform's");
    provide(&right.given, 0);
    EXPECT_EQ(verify(), TDX_ATTEST_SUCCESS) << last().reason;
    EXPECT_EQ(pcs.asked(), before) << "the library alone is asked";
    dlclose(library);
  });
  if (!entered) GTEST_SKIP() << kWhyNot;
}

}  // namespace
}  // namespace quoin::capi
