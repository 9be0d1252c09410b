// A caller who does everything wrong, and many who do it at once. No TD is needed for that.

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "src/capi/capi_testing.h"

namespace quoin::capi {
namespace {

uint8_t some_bytes[2048];

class HostileCaller : public CapiTest {
 protected:
  static void init() {
    ASSERT_EQ(tdx_security_init(), TDX_SUCCESS);
    ASSERT_EQ(tdx_attestation_init(nullptr), TDX_SUCCESS);
  }
};

// Every function that needs an init, with parameters that are right.
std::vector<std::pair<std::string, int>> call_everything() {
  static const tdx_report_t report = {};
  static const tdx_report_full_t full = {};
  tdx_report_t report_out;
  tdx_report_full_t full_out;
  tdx_quote_t quote = {};
  tdx_security_info_t info;
  tdx_secure_boot_state_t boot;
  tdx_attestation_evidence_t* evidence = nullptr;
  tdx_appraisal_t appraisal;
  tdx_platform_identity_t identity;
  quote.out_len = 4;
  bool verified = false;
  uint32_t word = 0;
  uint8_t* out = nullptr;
  std::array<uint8_t, 64> buffer{};
  size_t size = buffer.size();
  const auto fresh = [&] { return &(size = buffer.size()); };
  return {
      {"check_guest", tdx_check_guest()},
      {"get_security_info", tdx_get_security_info(&info)},
      {"generate_report", tdx_generate_report(some_bytes, 64, &report_out)},
      {"get_quote", tdx_get_quote(&report, &quote)},
      {"get_quote_bytes", tdx_get_quote_bytes(&report, buffer.data(), fresh())},
      {"verify_quote", tdx_verify_quote(&quote, &verified)},
      {"verify_quote_bytes", tdx_verify_quote_bytes(some_bytes, 64, &verified)},
      {"protect", tdx_protect_memory_region(some_bytes, sizeof some_bytes, 0)},
      {"protect_report", tdx_protect_memory_region_report(some_bytes, sizeof some_bytes, 0, &word)},
      {"unprotect", tdx_unprotect_memory_region(some_bytes, sizeof some_bytes)},
      {"query_memory", tdx_query_memory_encryption(some_bytes, 16, &word)},
      {"get_secure_boot_state", tdx_get_secure_boot_state(nullptr, 0, &boot)},
      {"verify_secure_boot", tdx_verify_secure_boot()},
      {"get_boot_measurements", tdx_get_boot_measurements(buffer.data(), fresh())},
      {"derive_key", tdx_derive_key(some_bytes, 8, buffer.data(), 32)},
      {"seal_data", tdx_seal_data(some_bytes, 8, buffer.data(), fresh())},
      {"unseal_data", tdx_unseal_data(some_bytes, 8, buffer.data(), fresh())},
      {"channel_init", tdx_secure_channel_init()},
      {"channel_send", tdx_secure_channel_send(some_bytes, 8)},
      {"channel_recv", tdx_secure_channel_recv(buffer.data(), fresh())},
      {"a.generate_report", tdx_attestation_generate_report(some_bytes, 64, &full_out)},
      {"a.get_quote", tdx_attestation_get_quote(&full, &out, &size)},
      {"a.get_collateral", tdx_attestation_get_collateral(some_bytes, 64, &out, &size)},
      {"a.verify_quote", tdx_attestation_verify_quote(some_bytes, 64, some_bytes, 64, &word)},
      {"a.appraise",
       tdx_attestation_appraise(some_bytes, 64, some_bytes, 64, nullptr, 0, &appraisal)},
      {"a.generate_evidence", tdx_attestation_generate_evidence(some_bytes, 64, &evidence)},
      {"a.get_td_info", tdx_attestation_get_td_info(&full_out)},
      {"a.extend_rtmr", tdx_attestation_extend_rtmr(3, some_bytes, 48)},
      {"a.check_mac", tdx_report_check_mac(&full)},
      {"a.identity", tdx_attestation_get_platform_identity(some_bytes, 64, &identity)},
      {"a.manifest", tdx_attestation_get_platform_manifest(&out, &size)},
      {"a.register", tdx_attestation_platform_register(nullptr)},
  };
}

void expect_not_initialized() {
  for (const auto& [name, code] : call_everything()) {
    const bool attestation = name.starts_with("a.");
    EXPECT_EQ(code, attestation ? TDX_ATTEST_ERROR_NOT_INITIALIZED : TDX_ERROR_NOT_INITIALIZED)
        << name;
  }
  EXPECT_FALSE(tdx_is_guest());
  EXPECT_FALSE(tdx_is_memory_encrypted(some_bytes, 16));
}

TEST_F(HostileCaller, ComesTooEarlyAndTooLate) {
  expect_not_initialized();
  tdx_security_cleanup();
  tdx_attestation_cleanup();
  tdx_secure_channel_cleanup();
  init();
  init();
  for (const auto& [name, code] : call_everything()) {
    EXPECT_NE(code, TDX_ERROR_NOT_INITIALIZED) << name;
    EXPECT_NE(code, TDX_ATTEST_ERROR_NOT_INITIALIZED) << name;
    EXPECT_NE(code, TDX_ERROR_INTERNAL) << name;
    EXPECT_NE(code, TDX_ATTEST_ERROR_INTERNAL) << name;
  }
  tdx_security_cleanup();
  tdx_attestation_cleanup();
  expect_not_initialized();
  tdx_security_cleanup();
  tdx_attestation_cleanup();
  expect_not_initialized();
}

TEST_F(HostileCaller, HandsOverNothing) {
  init();
  tdx_report_t report = {};
  tdx_report_full_t full = {};
  tdx_quote_t quote = {};
  bool verified = true;
  uint32_t word = 0;
  uint8_t* out = some_bytes;
  size_t size = 10;
  uint8_t byte = 0;
  const std::vector<std::pair<std::string, int>> security = {
      {"get_security_info", tdx_get_security_info(nullptr)},
      {"generate_report", tdx_generate_report(some_bytes, 64, nullptr)},
      {"generate_report data", tdx_generate_report(nullptr, 1, &report)},
      {"generate_report long", tdx_generate_report(some_bytes, SIZE_MAX, &report)},
      {"get_quote", tdx_get_quote(nullptr, &quote)},
      {"get_quote quote", tdx_get_quote(&report, nullptr)},
      {"get_quote_bytes", tdx_get_quote_bytes(nullptr, &byte, &(size = 1))},
      {"get_quote_bytes len", tdx_get_quote_bytes(&report, some_bytes, nullptr)},
      {"verify_quote", tdx_verify_quote(nullptr, &verified)},
      {"verify_quote verified", tdx_verify_quote(&quote, nullptr)},
      {"verify_quote empty", tdx_verify_quote(&quote, &verified)},
      {"verify_quote_bytes", tdx_verify_quote_bytes(nullptr, 10, &verified)},
      {"verify_quote_bytes verified", tdx_verify_quote_bytes(some_bytes, 10, nullptr)},
      {"protect", tdx_protect_memory_region(nullptr, 10, 0)},
      {"protect nothing", tdx_protect_memory_region(some_bytes, 0, 0)},
      {"protect flags", tdx_protect_memory_region(some_bytes, 10, 0x80000000u)},
      {"protect done", tdx_protect_memory_region_report(some_bytes, 10, 0, nullptr)},
      {"unprotect", tdx_unprotect_memory_region(nullptr, 10)},
      {"query", tdx_query_memory_encryption(some_bytes, 10, nullptr)},
      {"query address", tdx_query_memory_encryption(nullptr, 10, &word)},
      {"query size", tdx_query_memory_encryption(some_bytes, 0, &word)},
      {"boot state", tdx_get_secure_boot_state(nullptr, 0, nullptr)},
      {"measurements", tdx_get_boot_measurements(some_bytes, nullptr)},
      {"derive_key", tdx_derive_key(some_bytes, 4, nullptr, 32)},
      {"derive_key label", tdx_derive_key(nullptr, 4, some_bytes, 32)},
      {"derive_key no label", tdx_derive_key(nullptr, 0, some_bytes, 32)},
      {"derive_key long label", tdx_derive_key(some_bytes, 257, some_bytes, 32)},
      {"derive_key short", tdx_derive_key(some_bytes, 4, some_bytes, 15)},
      {"seal len", tdx_seal_data(some_bytes, 4, some_bytes, nullptr)},
      {"seal data", tdx_seal_data(nullptr, 4, some_bytes, &(size = 10))},
      {"unseal len", tdx_unseal_data(some_bytes, 4, some_bytes, nullptr)},
      {"unseal data", tdx_unseal_data(nullptr, 4, some_bytes, &(size = 10))},
      {"recv", tdx_secure_channel_recv(nullptr, &(size = 10))},
      {"recv len", tdx_secure_channel_recv(some_bytes, nullptr)},
      {"recv nothing", tdx_secure_channel_recv(some_bytes, &(size = 0))},
      {"send", tdx_secure_channel_send(nullptr, 4)},
      {"configure port", tdx_secure_channel_configure("host", nullptr, true, 0)},
      {"configure anybody", tdx_secure_channel_configure("host:1", nullptr, false, 0)},
      {"configure time", tdx_secure_channel_configure("host:1", nullptr, true, UINT32_MAX)},
      {"td root", tdx_set_td_root("relative")},
      {"td root empty", tdx_set_td_root("")},
      {"td root late", tdx_set_td_root("/tmp")},
      {"policy", tdx_set_policy(nullptr, 10)},
      {"policy text", tdx_set_policy("measurements = 3", 16)},
      {"policy file", tdx_set_policy_file("/there/is/none")},
      {"root", tdx_insecure_trust_root(nullptr, 3)},
      {"root bytes", tdx_insecure_trust_root(some_bytes, sizeof some_bytes)},
      {"root long", tdx_insecure_trust_root(some_bytes, SIZE_MAX)},
      {"collateral", tdx_set_collateral(nullptr, 3)},
      {"collateral bytes", tdx_set_collateral(some_bytes, 64)},
      {"broker nobody", tdx_set_key_broker("host:1", nullptr, nullptr)},
      {"broker address", tdx_set_key_broker("host", some_bytes, nullptr)},
      {"broker policy", tdx_set_key_broker("host:1", some_bytes, "../x")},
  };
  for (const auto& [name, code] : security) EXPECT_EQ(code, TDX_ERROR_INVALID_PARAM) << name;
  EXPECT_FALSE(verified);

  const std::vector<std::pair<std::string, int>> attestation = {
      {"generate_report", tdx_attestation_generate_report(some_bytes, 64, nullptr)},
      {"generate_report data", tdx_attestation_generate_report(nullptr, 64, &full)},
      {"generate_report long", tdx_attestation_generate_report(some_bytes, 65, &full)},
      {"get_quote", tdx_attestation_get_quote(nullptr, &out, &size)},
      {"get_quote out", tdx_attestation_get_quote(&full, nullptr, &size)},
      {"get_quote len", tdx_attestation_get_quote(&full, &out, nullptr)},
      {"get_collateral", tdx_attestation_get_collateral(nullptr, 5, &out, &size)},
      {"get_collateral quote", tdx_attestation_get_collateral(some_bytes, 5, &out, &size)},
      {"get_collateral out", tdx_attestation_get_collateral(some_bytes, 5, nullptr, &size)},
      {"verify", tdx_attestation_verify_quote(nullptr, 5, nullptr, 0, &word)},
      {"verify status", tdx_attestation_verify_quote(some_bytes, 5, nullptr, 0, nullptr)},
      {"appraise", tdx_attestation_appraise(some_bytes, 5, nullptr, 0, nullptr, 0, nullptr)},
      {"evidence", tdx_attestation_generate_evidence(some_bytes, 5, nullptr)},
      {"td_info", tdx_attestation_get_td_info(nullptr)},
      {"extend", tdx_attestation_extend_rtmr(3, nullptr, 48)},
      {"hash", tdx_attestation_get_report_data_hash(some_bytes, 5, nullptr)},
      {"hash data", tdx_attestation_get_report_data_hash(nullptr, 5, some_bytes)},
      {"structure", tdx_report_check_structure(nullptr, nullptr)},
      {"mac", tdx_report_check_mac(nullptr)},
      {"identity", tdx_attestation_get_platform_identity(nullptr, 0, nullptr)},
      {"manifest", tdx_attestation_get_platform_manifest(nullptr, &size)},
      {"uefi path", tdx_attestation_set_uefi_path("relative")},
  };
  for (const auto& [name, code] : attestation) {
    EXPECT_EQ(code, TDX_ATTEST_ERROR_INVALID_PARAM) << name;
  }
  EXPECT_EQ(out, nullptr);
  EXPECT_EQ(size, 0u);
  EXPECT_EQ(word, TDX_TCB_STATUS_UNKNOWN);
  EXPECT_EQ(tdx_memory_allocate(0, 0, nullptr), nullptr);
  EXPECT_EQ(tdx_memory_allocate(SIZE_MAX, 0, nullptr), nullptr);
  tdx_memory_free(nullptr);
  tdx_attestation_free(nullptr);
  tdx_attestation_free_evidence(nullptr);
}

TEST_F(HostileCaller, HandsOverNonsenseAsAQuote) {
  init();
  tdx_quote_t quote = {};
  bool verified = true;
  for (const uint32_t size : {TDX_QUOTE_DATA_SIZE + 1u, UINT32_MAX}) {
    quote.out_len = size;
    EXPECT_EQ(tdx_verify_quote(&quote, &verified), TDX_ERROR_INVALID_PARAM);
  }
  quote.out_len = TDX_QUOTE_DATA_SIZE;
  EXPECT_EQ(tdx_verify_quote(&quote, &verified), TDX_ERROR_ATTESTATION);
  quote.status = 1;
  EXPECT_EQ(tdx_verify_quote(&quote, &verified), TDX_ERROR_INVALID_PARAM);
  EXPECT_FALSE(verified);
  uint32_t status = 0;
  EXPECT_EQ(tdx_attestation_verify_quote(some_bytes, 2000, nullptr, 0, &status),
            TDX_ATTEST_ERROR_VERIFICATION);
  EXPECT_EQ(status, UINT32_MAX);
  tdx_appraisal_t appraisal;
  EXPECT_EQ(tdx_attestation_appraise(some_bytes, 2000, nullptr, 0, nullptr, 0, &appraisal),
            TDX_ATTEST_ERROR_VERIFICATION);
  EXPECT_FALSE(appraisal.genuine || appraisal.accepted);
  EXPECT_EQ(appraisal.tcb_status, UINT32_MAX);
}

// Convention 4: no bytes are bytes.
TEST_F(HostileCaller, HandsOverNothingAsAQuote) {
  init();
  bool verified = true;
  EXPECT_EQ(tdx_verify_quote_bytes(nullptr, 0, &verified), TDX_ERROR_ATTESTATION);
  EXPECT_FALSE(verified);
  EXPECT_EQ(tdx_verify_quote_bytes(nullptr, 1, &verified), TDX_ERROR_INVALID_PARAM);
  uint32_t status = 0;
  EXPECT_EQ(tdx_attestation_verify_quote(nullptr, 0, nullptr, 0, &status),
            TDX_ATTEST_ERROR_VERIFICATION);
  EXPECT_EQ(status, TDX_TCB_STATUS_UNKNOWN);
  tdx_appraisal_t appraisal;
  EXPECT_EQ(tdx_attestation_appraise(nullptr, 0, nullptr, 0, nullptr, 0, &appraisal),
            TDX_ATTEST_ERROR_VERIFICATION);
  EXPECT_FALSE(appraisal.genuine);
}

TEST_F(HostileCaller, SaysThatAQuoteIsLongerThanAnyIs) {
  init();
  for (const size_t size : {(size_t{1} << 20) + 1, size_t{SIZE_MAX}}) {
    bool verified = true;
    EXPECT_EQ(tdx_verify_quote_bytes(some_bytes, size, &verified), TDX_ERROR_ATTESTATION);
    EXPECT_FALSE(verified);
    uint32_t status = 0;
    EXPECT_EQ(tdx_attestation_verify_quote(some_bytes, size, nullptr, 0, &status),
              TDX_ATTEST_ERROR_VERIFICATION);
    EXPECT_EQ(status, TDX_TCB_STATUS_UNKNOWN);
    tdx_appraisal_t appraisal;
    EXPECT_EQ(tdx_attestation_appraise(some_bytes, size, nullptr, 0, nullptr, 0, &appraisal),
              TDX_ATTEST_ERROR_VERIFICATION);
    EXPECT_FALSE(appraisal.genuine || appraisal.accepted);
    EXPECT_EQ(appraisal.tcb_status, TDX_TCB_STATUS_UNKNOWN);
  }
}

TEST_F(HostileCaller, FreesWhatIsNotThere) {
  void* const memory = tdx_memory_allocate(8, 0, nullptr);
  ASSERT_NE(memory, nullptr);
  tdx_memory_free(memory);
  EXPECT_DEATH(tdx_memory_free(memory), "");
  EXPECT_DEATH(tdx_memory_free(some_bytes), "");
}

TEST_F(HostileCaller, MemorySaysWhatWasDone) {
  init();
  uint32_t done = 0;
  void* const memory = tdx_memory_allocate(100, TDX_MEMORY_NO_DUMP, &done);
  ASSERT_NE(memory, nullptr);
  EXPECT_EQ(done, TDX_MEMORY_NO_DUMP | TDX_MEMORY_GUARDED);
  EXPECT_EQ(tdx_protect_memory_region_report(memory, 100, TDX_MEMORY_NO_DUMP, &done), TDX_SUCCESS);
  EXPECT_EQ(done, TDX_MEMORY_NO_DUMP);
  EXPECT_EQ(tdx_protect_memory_region_report(memory, 100, TDX_MEMORY_NO_FORK, &done),
            TDX_ERROR_INVALID_PARAM);
  EXPECT_EQ(done, 0u);
  EXPECT_EQ(tdx_unprotect_memory_region(memory, 100), TDX_SUCCESS);
  tdx_memory_free(memory);
}

// Otherwise a child's tdx_memory_free() would wipe what it does not have, or what it shares.
TEST_F(HostileCaller, AllocatedMemoryKeepsWhatAChildHasOfIt) {
  init();
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  uint8_t* const everywhere = static_cast<uint8_t*>(tdx_memory_allocate(page, 0, nullptr));
  uint8_t* const here =
      static_cast<uint8_t*>(tdx_memory_allocate(page, TDX_MEMORY_NO_FORK, nullptr));
  ASSERT_TRUE(everywhere != nullptr && here != nullptr);
  for (const uint32_t flags : {TDX_MEMORY_NO_FORK, TDX_MEMORY_WIPE_ON_FORK}) {
    EXPECT_EQ(tdx_protect_memory_region(everywhere, page, flags), TDX_ERROR_INVALID_PARAM);
    EXPECT_EQ(tdx_protect_memory_region(everywhere - page, page, flags), TDX_ERROR_INVALID_PARAM);
    EXPECT_EQ(tdx_protect_memory_region(everywhere - page, 2 * page, flags),
              TDX_ERROR_INVALID_PARAM);
  }
  EXPECT_EQ(tdx_unprotect_memory_region(here, page), TDX_SUCCESS);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // Where `here` was there is something else by now.
    void* const other = mmap(here, page, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (other != here) _exit(1);
    here[0] = 1;
    everywhere[0] = 1;
    tdx_memory_free(here);
    tdx_memory_free(everywhere);
    _exit(here[0] == 1 ? 0 : 2);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  tdx_memory_free(here);
  tdx_memory_free(everywhere);
}

TEST_F(HostileCaller, MemoryThatIsNotThereIsNotProtected) {
  init();
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* const gone =
      mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(gone, MAP_FAILED);
  uint32_t done = 0;
  const int code = tdx_protect_memory_region_report(gone, page, 0, &done);
  const uint32_t both = TDX_MEMORY_LOCKED | TDX_MEMORY_NO_DUMP;
  EXPECT_EQ(done | TDX_MEMORY_LOCKED, both) << "what 0 stands for; locking is limited";
  EXPECT_EQ(code, done == both ? TDX_SUCCESS : TDX_ERROR_NOT_SUPPORTED);
  ASSERT_EQ(munmap(gone, page), 0);
  EXPECT_EQ(tdx_protect_memory_region_report(gone, page, TDX_MEMORY_NO_DUMP, &done),
            TDX_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(done, 0u);
  EXPECT_EQ(tdx_unprotect_memory_region(gone, page), TDX_ERROR_NOT_SUPPORTED);
}

TEST_F(HostileCaller, ComesFromManyThreads) {
  std::atomic<bool> stop = false;
  std::atomic<int> wrong_answers = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        for (const auto& [name, code] : call_everything()) {
          const bool can_succeed =
              name.contains("protect") || name.contains("get_sec") || name.contains("query");
          if (code > 0 || (code == 0 && !can_succeed)) ++wrong_answers;
        }
        void* const memory = tdx_memory_allocate(64, 0, nullptr);
        if (memory == nullptr) ++wrong_answers;
        tdx_memory_free(memory);
      }
    });
  }
  for (int i = 0; i < 40; ++i) {
    init();
    tdx_set_policy(nullptr, 0);
    tdx_insecure_trust_root(nullptr, 0);
    tdx_set_collateral(nullptr, 0);
    if (i % 2 == 1) tdx_security_cleanup();
    if (i % 3 == 1) tdx_attestation_cleanup();
    tdx_secure_channel_cleanup();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong_answers, 0);
}

// One root a policy and epoch, as a broker gives it.
class TestRoots final : public RootSecretProvider {
 public:
  explicit TestRoots(uint8_t number) : number_(number) {}

  Result<RootSecret> root_secret(const RootRequest& request) override {
    if (failure) return *failure;
    RootSecret root;
    root.epoch = request.epoch.value_or(epoch);
    root.secret.mutable_view()[0] = number_;
    root.secret.mutable_view()[1] = static_cast<uint8_t>(root.epoch);
    root.source = RootSource::broker;
    root.source_identity = Bytes(32, 7);
    root.policy_id = request.policy_id;
    return root;
  }

  uint64_t epoch = 1;
  std::optional<Error> failure;

 private:
  uint8_t number_;
};

class Keys : public CapiTest {
 protected:
  void SetUp() override {
    CapiTest::SetUp();
    ASSERT_EQ(tdx_security_init(), TDX_SUCCESS);
    give(roots_);
  }

  static void give(std::shared_ptr<RootSecretProvider> roots) {
    ASSERT_TRUE(change_session([&](Session& session) -> Result<void> {
                  session.key_source = roots;
                  session.key_policy_id = "default";
                  return {};
                }).ok());
  }

  static ByteArray<32> key_of(std::string_view label) {
    ByteArray<32> key{};
    EXPECT_EQ(tdx_derive_key(as_bytes(label).data(), label.size(), key.data(), key.size()),
              TDX_SUCCESS);
    return key;
  }

  static Bytes sealed(std::string_view data) {
    size_t size = 0;
    EXPECT_EQ(tdx_seal_data(as_bytes(data).data(), data.size(), nullptr, &size),
              TDX_ERROR_BUFFER_TOO_SMALL);
    Bytes out(size);
    EXPECT_EQ(tdx_seal_data(as_bytes(data).data(), data.size(), out.data(), &size), TDX_SUCCESS);
    EXPECT_EQ(size, out.size());
    return out;
  }

  // What comes out; nothing where it does not open.
  static std::optional<std::string> unsealed(const Bytes& data, int failure = TDX_ERROR_CRYPTO) {
    Bytes out(4096, 0xff);
    size_t size = out.size();
    const int code = tdx_unseal_data(data.data(), data.size(), out.data(), &size);
    if (code == TDX_SUCCESS) return std::string(as_text(ByteView(out).first(size)));
    EXPECT_EQ(code, failure);
    EXPECT_EQ(size, 0u);
    EXPECT_TRUE(all_zero(out));
    return std::nullopt;
  }

  std::shared_ptr<TestRoots> roots_ = std::make_shared<TestRoots>(1);
};

TEST_F(Keys, WithoutASourceThereAreNone) {
  const Bytes data = sealed("secret");
  give(nullptr);
  ByteArray<32> key;
  key.fill(0xff);
  EXPECT_EQ(tdx_derive_key(some_bytes, 8, key.data(), key.size()), TDX_ERROR_NO_KEY_SOURCE);
  EXPECT_TRUE(all_zero(key));
  size_t size = 0;
  EXPECT_EQ(tdx_seal_data(some_bytes, 8, nullptr, &size), TDX_ERROR_NO_KEY_SOURCE);
  EXPECT_EQ(unsealed(data, TDX_ERROR_NO_KEY_SOURCE), std::nullopt);
}

TEST_F(Keys, HaveLimits) {
  size_t size = 0;
  EXPECT_EQ(tdx_seal_data(some_bytes, (size_t{1} << 30) + 1, nullptr, &size),
            TDX_ERROR_INVALID_PARAM);
  EXPECT_EQ(tdx_seal_data(some_bytes, size_t{1} << 30, nullptr, &size), TDX_ERROR_BUFFER_TOO_SMALL);
  Bytes key(8161, 0xff);
  EXPECT_EQ(tdx_derive_key(some_bytes, 1, key.data(), 8161), TDX_ERROR_INVALID_PARAM);
  EXPECT_TRUE(all_zero(key));
  EXPECT_EQ(tdx_derive_key(some_bytes, 256, key.data(), 8160), TDX_SUCCESS);
  give(nullptr);
  EXPECT_EQ(tdx_derive_key(some_bytes, 1, key.data(), 8161), TDX_ERROR_INVALID_PARAM)
      << "before anybody is asked";
}

TEST_F(Keys, ASourceThatRefusesIsNotOneThatIsAway) {
  ByteArray<32> key{};
  const struct {
    ErrorCode error;
    int code;
  } cases[] = {
      {ErrorCode::refused, TDX_ERROR_ATTESTATION},
      {ErrorCode::not_found, TDX_ERROR_ATTESTATION},
      {ErrorCode::timed_out, TDX_ERROR_COMMUNICATION},
      {ErrorCode::io, TDX_ERROR_COMMUNICATION},
      {ErrorCode::unsupported, TDX_ERROR_COMMUNICATION},
  };
  for (const auto& test : cases) {
    roots_->failure = Error{test.error, "why", ""};
    EXPECT_EQ(tdx_derive_key(some_bytes, 8, key.data(), key.size()), test.code);
  }
  roots_->failure = no_key_source("none", "");
  EXPECT_EQ(tdx_derive_key(some_bytes, 8, key.data(), key.size()), TDX_ERROR_NO_KEY_SOURCE);
}

TEST_F(Keys, AreTheSameForTheSameAndForNothingElse) {
  const ByteArray<32> key = key_of("label");
  EXPECT_EQ(key, key_of("label"));
  EXPECT_NE(key, key_of("label2"));
  ByteArray<48> longer{};
  EXPECT_EQ(tdx_derive_key(as_bytes("label").data(), 5, longer.data(), longer.size()), TDX_SUCCESS);
  EXPECT_FALSE(equal(ByteView(longer).first(32), key));
  give(std::make_shared<TestRoots>(2));
  EXPECT_NE(key, key_of("label"));
}

TEST_F(Keys, WhatIsSealedOpensWholeUnderItsRoot) {
  const Bytes data = sealed("secret");
  EXPECT_EQ(unsealed(data), "secret");
  EXPECT_NE(data, sealed("secret"));
  EXPECT_EQ(unsealed(sealed("")), "");
  roots_->epoch = 2;
  EXPECT_EQ(unsealed(data), "secret") << "the data says under which epoch";
  for (size_t i = 0; i < data.size(); ++i) {
    Bytes changed = data;
    changed[i] ^= 1;
    EXPECT_EQ(unsealed(changed), std::nullopt) << i;
    EXPECT_EQ(unsealed(Bytes(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(i))),
              std::nullopt);
  }
  size_t needed = 5;
  EXPECT_EQ(tdx_unseal_data(data.data(), data.size(), some_bytes, &needed),
            TDX_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(needed, 6u);
  give(std::make_shared<TestRoots>(2));
  EXPECT_EQ(unsealed(data), std::nullopt);
}

}  // namespace
}  // namespace quoin::capi
