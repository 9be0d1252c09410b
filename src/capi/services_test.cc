// The C API and whom it asks: a key broker, and a peer that wants evidence of us. Both are real, on
// sockets of this machine; the TD is a simulated one, mounted.

#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "quoin/broker.h"
#include "quoin/channel.h"
#include "quoin/seal.h"
#include "quoin/verifier.h"
#include "src/base/hex.h"
#include "src/capi/capi_testing.h"
#include "src/channel/peers_testing.h"
#include "src/channel/tcp.h"
#include "src/os/file_lock.h"
#include "src/service/broker_testing.h"
#include "src/simulator/mount_testing.h"
#include "src/td/linux_paths.h"
#include "src/td/td.h"

namespace quoin::capi {
namespace {

using simulator::MountedTd;

TrustRoot root_of(const MountedTd& mounted) {
  return TrustRoot::parse(mounted.root_certificate()).value();
}
PreparedCollateral collateral_of(const MountedTd& mounted) {
  return PreparedCollateral(Collateral::parse(mounted.collateral(now())).value());
}

// As the mounted TD is, and as it is not.
simulator::TdState this_image() { return simulator::default_td_state(); }
simulator::TdState another_image() {
  simulator::TdState state = this_image();
  state.rtmr2[0] ^= 1;
  return state;
}

// The mounted TD, of which there are no quotes: its quoting service does not answer.
class QuotelessTd final : public td::Td {
 public:
  explicit QuotelessTd(td::Td& td) : td_(td) {}

  Result<Bytes> report(const ByteArray<64>& report_data) override {
    return td_.report(report_data);
  }
  Result<Bytes> quote(const ByteArray<64>&) override { return none(); }
  Result<Bytes> quote_report(ByteView) override { return none(); }
  Result<ByteArray<48>> read_rtmr(unsigned index) override { return td_.read_rtmr(index); }
  Result<void> extend_rtmr(unsigned, const ByteArray<48>&) override { return none(); }
  Result<std::string> boot_id() override { return td_.boot_id(); }
  bool simulated() const override { return true; }

 private:
  static Error none() { return {ErrorCode::timed_out, "nobody answers"}; }

  td::Td& td_;
};

// One mount for all tests of a suite: it is made before any thread is.
class InAMountedTd : public CapiTest {
 protected:
  static void SetUpTestSuite() {
    if (MountedTd::is_possible()) mounted_ = new MountedTd;
  }
  static void TearDownTestSuite() {
    delete mounted_;
    mounted_ = nullptr;
  }

  void SetUp() override {
    if (mounted_ == nullptr) GTEST_SKIP() << MountedTd::kWhyNot;
    CapiTest::SetUp();
    enter(mounted_->root());
  }

  // The process is in that TD from now on.
  static void enter(const std::filesystem::path& root) {
    tdx_security_cleanup();
    ASSERT_EQ(tdx_set_td_root(root.c_str()), TDX_SUCCESS);
    ASSERT_EQ(tdx_security_init(), TDX_SUCCESS);
  }

  static void enter_quoteless() {
    ASSERT_TRUE(change_session([](Session& session) -> Result<void> {
                  session.security_td = security_td(std::make_shared<QuotelessTd>(mounted_->td()));
                  return {};
                }).ok());
  }

  inline static MountedTd* mounted_ = nullptr;
};

TEST_F(InAMountedTd, AttestationIsAvailableThoughSomebodyWaitsForAQuote) {
  const std::string directory = td::LinuxPaths::under(mounted_->root()).tsm_report;
  std::optional<FileLock> other;
  other.emplace(FileLock::of_existing(directory, deadline_after(std::chrono::seconds(5))).value());
  const std::jthread waits([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    other.reset();
  });
  tdx_security_info_t info;
  EXPECT_EQ(tdx_get_security_info(&info), TDX_SUCCESS) << last().reason;
  EXPECT_TRUE(info.attestation_available);
}

// The policy "app" accepts the mounted TD, and "other" another one.
class AKeyBroker : public InAMountedTd {
 protected:
  static void know_the_td(broker::Making& making) {
    making.settings.trust_roots = {root_of(*mounted_)};
    making.settings.collateral = [known = collateral_of(*mounted_)](const Quote&) {
      return Result<PreparedCollateral>(known);
    };
    making.settings.clock = now;
    making.settings.policies[0].policy = broker::policy_of(this_image());
    making.settings.policies[1].policy = broker::policy_of(another_image());
  }

  void SetUp() override {
    InAMountedTd::SetUp();
    if (!IsSkipped()) broker_ = std::make_unique<broker::TestBroker>(know_the_td);
  }

  static int use(const std::string& address, const ByteArray<32>& key, const char* policy) {
    return tdx_set_key_broker(address.c_str(), key.data(), policy);
  }
  int use(const char* policy) const {
    return use(to_string(broker_->address()), broker_->key(), policy);
  }

  // All three functions fail so, and give nothing.
  void expect_no_key(int code, const Bytes& sealed, const char* why) {
    expect_no_key(code, code, sealed, why);
  }
  void expect_no_key(int code, int unsealing, const Bytes& sealed, const char* why) {
    Bytes key(32, 0xff);
    EXPECT_EQ(tdx_derive_key(key.data(), 1, key.data(), key.size()), code) << why;
    EXPECT_TRUE(all_zero(key)) << why;
    EXPECT_EQ(last().function, "tdx_derive_key");
    EXPECT_EQ(last().code, code);
    EXPECT_FALSE(last().reason.empty()) << why;
    for (const auto& [function, wanted] :
         {std::pair(&tdx_seal_data, code), std::pair(&tdx_unseal_data, unsealing)}) {
      Bytes out(4096, 0xff);
      size_t size = out.size();
      EXPECT_EQ(function(sealed.data(), sealed.size(), out.data(), &size), wanted) << why;
      EXPECT_EQ(size, 0u) << why;
      EXPECT_TRUE(all_zero(out)) << why;
    }
  }

  static ByteArray<32> key() {
    ByteArray<32> key{};
    EXPECT_EQ(tdx_derive_key(as_bytes("disk").data(), 4, key.data(), key.size()), TDX_SUCCESS);
    return key;
  }
  static Bytes seal(std::string_view text) {
    Bytes out(4096);
    size_t size = out.size();
    EXPECT_EQ(tdx_seal_data(as_bytes(text).data(), text.size(), out.data(), &size), TDX_SUCCESS);
    out.resize(size);
    return out;
  }
  static std::string unseal(const Bytes& sealed) {
    Bytes out(4096);
    size_t size = out.size();
    EXPECT_EQ(tdx_unseal_data(sealed.data(), sealed.size(), out.data(), &size), TDX_SUCCESS);
    return std::string(as_text(ByteView(out).first(size)));
  }

  std::unique_ptr<broker::TestBroker> broker_;
};

TEST_F(AKeyBroker, GivesNothingToWhomItDoesNotAcceptAndIsTakenForNoOther) {
  ASSERT_EQ(use("app"), TDX_SUCCESS);
  const Bytes sealed = seal("secret");
  const size_t given = broker_->count("broker.root_released");
  EXPECT_EQ(given, 1u);

  ByteArray<32> another_key = broker_->key();
  another_key[31] ^= 1;
  ASSERT_EQ(use(to_string(broker_->address()), another_key, "app"), TDX_SUCCESS);
  expect_no_key(TDX_ERROR_ATTESTATION, sealed, "a broker with another key");
  ASSERT_EQ(use("other"), TDX_SUCCESS);
  expect_no_key(TDX_ERROR_ATTESTATION, TDX_ERROR_CRYPTO, sealed, "a policy for another image");
  EXPECT_EQ(broker_->last_reason("policy_measurements"), "policy_measurements");
  ASSERT_EQ(use(nullptr), TDX_SUCCESS);
  expect_no_key(TDX_ERROR_ATTESTATION, TDX_ERROR_CRYPTO, sealed, "no policy is called \"default\"");
  ASSERT_EQ(tdx_set_key_broker(nullptr, nullptr, nullptr), TDX_SUCCESS);
  expect_no_key(TDX_ERROR_NO_KEY_SOURCE, sealed, "no broker");
  ASSERT_EQ(use("app"), TDX_SUCCESS);
  enter(directory_.path());
  expect_no_key(TDX_ERROR_ATTESTATION, sealed, "no TD");
  enter_quoteless();
  expect_no_key(TDX_ERROR_ATTESTATION, sealed, "no quotes");
  EXPECT_NE(last().reason.find("nobody answers"), std::string::npos) << last().reason;

  enter(mounted_->root());
  broker_->stop();
  expect_no_key(TDX_ERROR_COMMUNICATION, sealed, "the broker is gone");
  EXPECT_EQ(broker_->count("broker.root_released"), given);
}

TEST_F(AKeyBroker, GivesKeysThatLast) {
  ASSERT_EQ(use("app"), TDX_SUCCESS);
  tdx_security_info_t info;
  ASSERT_EQ(tdx_get_security_info(&info), TDX_SUCCESS);
  EXPECT_NE(info.security_features & TDX_SEC_SEALED_STORAGE, 0u);
  const ByteArray<32> first = key();
  EXPECT_EQ(key(), first);
  const Bytes sealed = seal("secret");
  EXPECT_EQ(unseal(sealed), "secret");

  ASSERT_TRUE(broker_->store().rotate("app", {}, false).ok());
  EXPECT_NE(key(), first);
  EXPECT_EQ(unseal(sealed), "secret") << "epoch 1 is still given";
  const Bytes second = seal("of epoch 2");
  ASSERT_TRUE(broker_->store().rotate("app", {}, true).ok());
  EXPECT_EQ(unseal(seal("of epoch 3")), "of epoch 3");
  for (const Bytes& old : {sealed, second}) {
    Bytes out(100, 0xff);
    size_t size = out.size();
    EXPECT_EQ(tdx_unseal_data(old.data(), old.size(), out.data(), &size), TDX_ERROR_ATTESTATION);
    EXPECT_TRUE(size == 0 && all_zero(out)) << "a retired epoch";
  }
}

TEST_F(AKeyBroker, IsNotAskedForWhatItGaveNoRootOf) {
  ASSERT_EQ(use("app"), TDX_SUCCESS);
  const Bytes sealed = seal("secret");
  broker_->stop();
  const SealedHeader header = parse_sealed_header(sealed).value();
  size_t of_another_root = 0;
  for (size_t offset = 0; offset < header.size; ++offset) {
    Bytes changed = sealed;
    // Makes of "broker" a simulator, and of each letter of "app" another one.
    changed[offset] ^= 3;
    const Result<SealedHeader> read = parse_sealed_header(changed);
    const bool is_another =
        read.ok() && (read->source != header.source || read->policy_id != header.policy_id);
    of_another_root += is_another ? 1 : 0;
    Bytes out(100);
    size_t size = out.size();
    EXPECT_EQ(tdx_unseal_data(changed.data(), changed.size(), out.data(), &size),
              read.ok() && !is_another ? TDX_ERROR_COMMUNICATION : TDX_ERROR_CRYPTO)
        << offset;
  }
  EXPECT_EQ(of_another_root, 1 + header.policy_id.size());
}

TEST_F(AKeyBroker, ThatWasTurnedBackIsRefusedAsLongAsItStaysSet) {
  ASSERT_EQ(use("app"), TDX_SUCCESS);
  ASSERT_TRUE(broker_->store().rotate("app", 5, false).ok());
  const Bytes sealed = seal("of epoch 5");
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(broker_->database().c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, "UPDATE policy SET epoch = 4", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(database);
  expect_no_key(TDX_ERROR_ATTESTATION, sealed, "the policy was at epoch 5, and is at 4");
  ASSERT_EQ(use("app"), TDX_SUCCESS);
  key();
  ASSERT_EQ(tdx_set_minimum_epoch(5), TDX_SUCCESS);
  key();
  ASSERT_EQ(use("app"), TDX_SUCCESS);
  expect_no_key(TDX_ERROR_ATTESTATION, sealed, "what the program was told it was at");
  ASSERT_EQ(tdx_set_minimum_epoch(4), TDX_SUCCESS);
  ASSERT_EQ(use("app"), TDX_SUCCESS);
  key();
}

TEST_F(AKeyBroker, AnswersACallThatACleanupOvertakes) {
  std::atomic<bool> cleans_up = false;
  size_t cleanups = 0;
  broker_ = std::make_unique<broker::TestBroker>([&](broker::Making& making) {
    know_the_td(making);
    // Asked before the broker says a word: the call has begun, and nothing has been quoted.
    making.settings.clock = [&] {
      if (cleans_up.exchange(false)) {
        tdx_security_cleanup();
        ++cleanups;
      }
      return now();
    };
  });
  ASSERT_EQ(use("app"), TDX_SUCCESS);
  const auto overtaken = [&](const auto& call) {
    EXPECT_EQ(tdx_security_init(), TDX_SUCCESS);
    cleans_up = true;
    return call();
  };
  const ByteArray<32> first = key();
  EXPECT_EQ(overtaken(key), first) << last().reason;
  const Bytes sealed = overtaken([] { return seal("secret"); });
  EXPECT_EQ(overtaken([&] { return unseal(sealed); }), "secret") << last().reason;
  EXPECT_EQ(cleanups, 3u);
  Bytes after(32);
  EXPECT_EQ(tdx_derive_key(after.data(), 1, after.data(), after.size()), TDX_ERROR_NOT_INITIALIZED);
  broker_->stop();
}

TEST_F(AKeyBroker, IsShownNoQuoteThatComesTooLate) {
  std::vector<Deadline> deadlines;
  ASSERT_TRUE(change_session([&](Session& session) -> Result<void> {
                session.security_td->until = [&, opened = session.security_td->until](Deadline at) {
                  deadlines.push_back(at);
                  return opened(at);
                };
                return {};
              }).ok());
  ASSERT_EQ(use("app"), TDX_SUCCESS);
  const Deadline begin = std::chrono::steady_clock::now();
  key();
  ASSERT_EQ(deadlines.size(), 1u);
  EXPECT_LE(deadlines[0], deadline_after(BrokerOptions().timeout));
  EXPECT_GT(deadlines[0], begin);
}

// A server that is a TD itself, accepts one image, and sends back what it is sent.
class Mutual : public InAMountedTd {
 protected:
  void SetUp() override {
    InAMountedTd::SetUp();
    if (IsSkipped()) return;
    const ByteView root = td_.platform().root_certificate();
    ASSERT_EQ(tdx_insecure_trust_root(root.data(), root.size()), TDX_SUCCESS);
    const simulator::Platform platform(channel::TestTd::seed_of(1), now());
    const Bytes bundle = platform.collateral_bundle();
    ASSERT_EQ(tdx_set_collateral(bundle.data(), bundle.size()), TDX_SUCCESS);
    verifier_ = std::make_unique<Verifier>(std::vector<TrustRoot>{root_of(*mounted_)});
    accept_servers(this_image());
  }

  // What we accept of servers.
  static void accept_servers(const simulator::TdState& image) {
    std::string policy = "version = 1\n[[measurements]]\nname = \"server\"\n";
    for (const auto& [name, value] :
         {std::pair("mr_td", image.mr_td), std::pair("rtmr0", image.rtmr0),
          std::pair("rtmr1", image.rtmr1), std::pair("rtmr2", image.rtmr2)}) {
      policy += std::string(name) + " = \"" + to_hex(value) + "\"\n";
    }
    ASSERT_EQ(tdx_set_policy(policy.data(), policy.size()), TDX_SUCCESS);
  }

  // Serves one connection of a client that must be that image.
  std::jthread serve(const simulator::TdState& wanted) {
    ChannelOptions options = channel::attesting(td_);
    options.key = key_;
    options.peer_evidence =
        WantedEvidence{.verifier = verifier_.get(),
                       .policy = broker::policy_of(wanted),
                       .collateral = [known = collateral_of(*mounted_)](const Quote&) {
                         return Result<PreparedCollateral>(known);
                       }};
    received_.clear();
    appraisal_ = PeerAppraisal();
    return std::jthread([this, options] {
      channel::Socket socket = listener_.accept().value();
      Result<AttestedChannel> accepted =
          AttestedChannel::accept(socket.release(), options, now(), &appraisal_);
      if (!accepted.ok()) return;
      Bytes buffer(100);
      while (true) {
        const Result<size_t> count = accepted->read(buffer, channel::kPatience);
        if (!count.ok() || *count == 0) break;
        received_ += as_text(ByteView(buffer).first(*count));
        if (!accepted->write(ByteView(buffer).first(*count), channel::kPatience).ok()) break;
      }
      static_cast<void>(accepted->finish(channel::kPatience));
    });
  }

  int configure(bool wants_evidence = true, uint32_t timeout_ms = 20'000) {
    return tdx_secure_channel_configure(to_string(listener_.address()).c_str(),
                                        wants_evidence ? nullptr : key_.sha256().data(),
                                        wants_evidence, timeout_ms);
  }

  void expect_refused(const simulator::TdState& wanted, const char* why) {
    std::jthread server = serve(wanted);
    ASSERT_EQ(configure(), TDX_SUCCESS);
    EXPECT_EQ(tdx_secure_channel_init(), TDX_ERROR_ATTESTATION) << why << last().reason;
    EXPECT_EQ(tdx_secure_channel_send(as_bytes("secret").data(), 6), TDX_ERROR_COMMUNICATION);
    server.join();
    EXPECT_EQ(received_, "") << why;
    EXPECT_FALSE(appraisal_.accepted) << why;
  }

  channel::TestTd td_;
  ChannelKey key_ = ChannelKey::generate().value();
  std::unique_ptr<Verifier> verifier_;
  channel::TcpListener listener_ =
      channel::TcpListener::open({.host = "127.0.0.1", .port = "0"}).value();
  std::string received_;
  PeerAppraisal appraisal_;
};

TEST_F(Mutual, AClientThatDoesNotAttestIsRefused) {
  enter(directory_.path());
  expect_refused(this_image(), "there is no TD");
  EXPECT_FALSE(appraisal_.verdict) << "and no evidence";
}

TEST_F(Mutual, AClientThatHasNoQuoteIsRefused) {
  enter_quoteless();
  expect_refused(this_image(), "no quotes");
  EXPECT_FALSE(appraisal_.verdict);
}

TEST_F(Mutual, AClientThatIsNotWhatThePeerWantsIsRefused) {
  expect_refused(another_image(), "another image");
  ASSERT_TRUE(appraisal_.verdict);
  EXPECT_TRUE(appraisal_.verdict->genuine) << "the evidence was there, and right";
}

TEST_F(Mutual, AServerThatWeDoNotWantGetsNothing) {
  accept_servers(another_image());
  std::jthread server = serve(this_image());
  ASSERT_EQ(configure(), TDX_SUCCESS);
  EXPECT_EQ(tdx_secure_channel_init(), TDX_ERROR_ATTESTATION);
  EXPECT_NE(last().reason.find("policy_measurements"), std::string::npos) << last().reason;
  server.join();
  EXPECT_EQ(received_, "");
}

TEST_F(Mutual, AClientWhoseHostIsSlowDoesNotWaitForItsQuote) {
  const MountedTd slow({.faults = {"slow=20000"}});
  enter(slow.root());
  ASSERT_EQ(configure(true, 1'000), TDX_SUCCESS);
  for (const char* reason : {"no quote in time", "others were first"}) {
    std::jthread server = serve(this_image());
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(tdx_secure_channel_init(), TDX_ERROR_ATTESTATION);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
    EXPECT_NE(last().reason.find(reason), std::string::npos) << last().reason;
    server.join();
    EXPECT_FALSE(appraisal_.accepted);
  }
}

TEST_F(Mutual, AClientWhoseRuntimeLogIsHeldDoesNotWaitForIt) {
  // Everything but the log is the mounted TD's.
  std::filesystem::create_directory_symlink(mounted_->root() / "sys", directory_.path() / "sys");
  std::filesystem::create_directory_symlink(mounted_->root() / "dev", directory_.path() / "dev");
  std::filesystem::create_directory_symlink(mounted_->root() / "proc", directory_.path() / "proc");
  enter(directory_.path());
  const std::filesystem::path log = directory_.path() / "run/quoin/runtime-log";
  std::filesystem::create_directories(log);
  std::filesystem::permissions(log, std::filesystem::perms::owner_all);
  std::ofstream(log / "lock").close();
  const auto holder = FileLock::of_existing(log / "lock", deadline_after(std::chrono::seconds(5)));
  ASSERT_TRUE(holder.ok());
  std::jthread server = serve(this_image());
  ASSERT_EQ(configure(true, 1'000), TDX_SUCCESS);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(tdx_secure_channel_init(), TDX_ERROR_ATTESTATION);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  EXPECT_NE(last().reason.find("lock"), std::string::npos) << last().reason;
}

TEST_F(Mutual, AClientWhoseModuleIsBusyDoesNotWaitForItsReport) {
  const MountedTd busy({.faults = {"report-ebusy"}});
  enter(busy.root());
  ASSERT_EQ(configure(true, 200), TDX_SUCCESS);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(tdx_secure_channel_init(), TDX_ERROR_COMMUNICATION);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

TEST_F(Mutual, DataFlowsBothWaysWhereBothAccept) {
  for (const bool wants_evidence : {true, false}) {
    std::jthread server = serve(this_image());
    ASSERT_EQ(configure(wants_evidence), TDX_SUCCESS);
    ASSERT_EQ(tdx_secure_channel_init(), TDX_SUCCESS) << last().reason;
    EXPECT_EQ(tdx_secure_channel_send(as_bytes("question").data(), 8), TDX_SUCCESS);
    std::string answer;
    while (answer.size() < 8) {
      Bytes buffer(100);
      size_t size = buffer.size();
      ASSERT_EQ(tdx_secure_channel_recv(buffer.data(), &size), TDX_SUCCESS) << last().reason;
      ASSERT_GT(size, 0u);
      answer += as_text(ByteView(buffer).first(size));
    }
    EXPECT_EQ(answer, "question");
    tdx_secure_channel_cleanup();
    server.join();
    EXPECT_EQ(received_, "question");
    EXPECT_TRUE(appraisal_.accepted);
    EXPECT_EQ(parse_quote(appraisal_.evidence.quote)->td_report()->mr_td, this_image().mr_td);
  }
}

}  // namespace
}  // namespace quoin::capi
