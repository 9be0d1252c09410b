// How the machine booted, as the C API says it: every answer can be wrong by itself.

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "quoin/eventlog.h"
#include "src/capi/capi_testing.h"
#include "src/capi/td_testing.h"
#include "src/eventlog/ccel_writer.h"
#include "src/simulator/measured_boot.h"
#include "src/simulator/mount_testing.h"
#include "src/simulator/platform.h"
#include "src/simulator/samples_testing.h"
#include "src/simulator/software_td.h"

namespace quoin::capi {
namespace {

using simulator::SoftwareTd;

void set_secure_boot(SoftwareTd& td, uint8_t value) {
  for (const auto& [name, byte] :
       {std::pair("SecureBoot", value), std::pair("SetupMode", uint8_t{0})}) {
    const std::string full = std::string(name) + "-8be4df61-93ca-11d2-aa0d-00e098032b8c";
    ASSERT_TRUE(simulator::set_efi_variable(td, {full, 6, {byte}}).ok());
  }
}

SoftwareTd booted(uint8_t secure_boot) {
  SoftwareTd td = simulator::default_software_td("626f6f74-7465-4d00-8000-000000000000");
  set_secure_boot(td, secure_boot);
  EXPECT_TRUE(simulator::boot_measured(td).ok());
  return td;
}

class Boot : public CapiTest {
 protected:
  // The process is in that TD.
  void enter(const SoftwareTd& td) {
    write_files(td);
    ASSERT_EQ(tdx_security_init(), TDX_SUCCESS);
    ASSERT_TRUE(change_session([&](Session& session) -> Result<void> {
                  session.security_td = security_td(std::make_shared<TestTd>(td.state));
                  return {};
                }).ok());
  }

  static bool has(uint32_t feature) {
    tdx_security_info_t info;
    EXPECT_EQ(tdx_get_security_info(&info), TDX_SUCCESS);
    EXPECT_TRUE(info.is_tdx_guest);
    EXPECT_EQ(info.secure_boot_enabled, (info.security_features & TDX_SEC_SECURE_BOOT) != 0);
    return (info.security_features & feature) != 0;
  }

  void write(const std::string& path, ByteView bytes) {
    const auto full = directory_.path() / path;
    std::filesystem::create_directories(full.parent_path());
    simulator::write_test_file(full, std::string(as_text(bytes)));
  }

 private:
  void write_files(const SoftwareTd& td) {
    std::filesystem::remove_all(directory_.path() / "sys");
    if (!td.ccel.empty()) {
      const CcelTable table = {.log_area_bytes = td.ccel.size() + claimed_more,
                               .log_area_address = 0x7f000000};
      write("sys/firmware/acpi/tables/CCEL", write_ccel_table(table));
      write("sys/firmware/acpi/tables/data/CCEL", td.ccel);
    }
    for (const simulator::EfiVariable& variable : td.efi_variables) {
      Bytes bytes = {static_cast<uint8_t>(variable.attributes), 0, 0, 0};
      bytes.insert(bytes.end(), variable.value.begin(), variable.value.end());
      write("sys/firmware/efi/efivars/" + variable.name, bytes);
    }
  }

 protected:
  size_t claimed_more = 0;
};

TEST_F(Boot, EachAnswerCounts) {
  constexpr uint32_t kYes = TDX_ANSWER_YES;
  constexpr uint32_t kNo = TDX_ANSWER_NO;
  constexpr uint32_t kUnknown = TDX_ANSWER_UNKNOWN;
  const struct {
    const char* what;
    uint8_t booted_with;
    std::function<void(SoftwareTd&)> change;
    std::array<uint32_t, 3> answers;  // variable, logged, log_replays
    int code;
  } cases[] = {
      {"as it is", 1, [](SoftwareTd&) {}, {kYes, kYes, kYes}, TDX_SUCCESS},
      {"off since",
       1,
       [](SoftwareTd& td) { set_secure_boot(td, 0); },
       {kNo, kYes, kYes},
       TDX_ERROR_ATTESTATION},
      {"no variables",
       1,
       [](SoftwareTd& td) { td.efi_variables.clear(); },
       {kUnknown, kYes, kYes},
       TDX_ERROR_NOT_SUPPORTED},
      {"on since",
       0,
       [](SoftwareTd& td) { set_secure_boot(td, 1); },
       {kYes, kNo, kYes},
       TDX_ERROR_ATTESTATION},
      {"no log",
       1,
       [](SoftwareTd& td) { td.ccel.clear(); },
       {kYes, kUnknown, kUnknown},
       TDX_ERROR_NOT_SUPPORTED},
      {"a log that says nothing of it",
       1,
       [](SoftwareTd& td) {
         td.ccel = write_ccel({});
         td.state.rtmr0 = {};
       },
       {kYes, kUnknown, kYes},
       TDX_ERROR_NOT_SUPPORTED},
      {"a log of another boot",
       1,
       [](SoftwareTd& td) { td.state.rtmr0[0] ^= 1; },
       {kYes, kYes, kNo},
       TDX_ERROR_ATTESTATION},
  };
  for (const auto& test : cases) {
    SoftwareTd td = booted(test.booted_with);
    test.change(td);
    enter(td);
    tdx_secure_boot_state_t state = {9, 9, 9};
    EXPECT_EQ(tdx_get_secure_boot_state(nullptr, 0, &state), TDX_SUCCESS);
    EXPECT_EQ(state.variable, test.answers[0]) << test.what;
    EXPECT_EQ(state.logged, test.answers[1]) << test.what;
    EXPECT_EQ(state.log_replays, test.answers[2]) << test.what;
    EXPECT_EQ(tdx_verify_secure_boot(), test.code) << test.what;
    EXPECT_EQ(has(TDX_SEC_SECURE_BOOT), test.code == TDX_SUCCESS) << test.what;
  }
}

TEST_F(Boot, IsMeasuredWhereTheLogExplainsAllThatWas) {
  enter(booted(1));
  EXPECT_TRUE(has(TDX_SEC_MEASURED_BOOT));
  EXPECT_FALSE(has(TDX_SEC_ATTESTATION)) << "there is no way to quotes";
  // The number of a port at which nobody listens.
  write("etc/tdx-attest.conf", as_bytes("port = 4294967294\n"));
  EXPECT_FALSE(has(TDX_SEC_ATTESTATION));
  EXPECT_FALSE(has(TDX_SEC_SEALED_STORAGE));
  const std::function<void(SoftwareTd&)> changes[] = {
      [](SoftwareTd& td) { td.state.rtmr0[0] ^= 1; },
      [](SoftwareTd& td) { td.state.rtmr1[0] ^= 1; },
      [](SoftwareTd& td) { td.state.rtmr2[0] ^= 1; },
      [](SoftwareTd& td) { td.ccel.clear(); },
      // Firmware that measures nothing.
      [](SoftwareTd& td) {
        td.ccel = write_ccel({});
        td.state.rtmr0 = td.state.rtmr1 = td.state.rtmr2 = {};
      },
  };
  for (const auto& change : changes) {
    SoftwareTd td = booted(1);
    change(td);
    enter(td);
    EXPECT_FALSE(has(TDX_SEC_MEASURED_BOOT)) << &change - changes;
  }
  claimed_more = 1;
  enter(booted(1));
  EXPECT_FALSE(has(TDX_SEC_MEASURED_BOOT)) << "a log that is shorter than its table says";
}

// Through files that the kernel gives, or does not give: what cannot be read says neither yes nor
// no, however the machine was booted.
TEST_F(Boot, WhatCannotBeReadIsUnknown) {
  if (!simulator::MountedTd::is_possible()) GTEST_SKIP() << simulator::MountedTd::kWhyNot;
  constexpr uint32_t kUnknown = TDX_ANSWER_UNKNOWN;
  for (const uint8_t booted_with : {uint8_t{1}, uint8_t{0}}) {
    const uint32_t as_booted = booted_with == 1 ? TDX_ANSWER_YES : TDX_ANSWER_NO;
    const struct {
      const char* fault;
      std::array<uint32_t, 3> answers;  // variable, logged, log_replays
    } cases[] = {
        {"slow=1", {as_booted, as_booted, TDX_ANSWER_YES}},
        {"ccel-eio", {as_booted, kUnknown, kUnknown}},
        {"ccel-truncated", {as_booted, kUnknown, kUnknown}},
        {"ccel-wrong-length", {as_booted, kUnknown, kUnknown}},
        {"ccel-wrong-type", {as_booted, kUnknown, kUnknown}},
        {"efivars-eio", {kUnknown, as_booted, TDX_ANSWER_YES}},
        {"efivars-truncated", {kUnknown, as_booted, TDX_ANSWER_YES}},
    };
    for (const auto& test : cases) {
      SCOPED_TRACE(test.fault);
      const simulator::MountedTd mounted({.faults = {test.fault}, .td = booted(booted_with)});
      tdx_security_cleanup();
      ASSERT_EQ(tdx_set_td_root(mounted.root().c_str()), TDX_SUCCESS);
      ASSERT_EQ(tdx_security_init(), TDX_SUCCESS);
      tdx_secure_boot_state_t state = {9, 9, 9};
      EXPECT_EQ(tdx_get_secure_boot_state(nullptr, 0, &state), TDX_SUCCESS);
      EXPECT_EQ(state.variable, test.answers[0]);
      EXPECT_EQ(state.logged, test.answers[1]);
      EXPECT_EQ(state.log_replays, test.answers[2]);
      const auto any = [&](uint32_t answer) {
        return std::ranges::find(test.answers, answer) != test.answers.end();
      };
      const int wanted = any(TDX_ANSWER_NO) ? TDX_ERROR_ATTESTATION
                         : any(kUnknown)    ? TDX_ERROR_NOT_SUPPORTED
                                            : TDX_SUCCESS;
      EXPECT_EQ(tdx_verify_secure_boot(), wanted);
      EXPECT_EQ(has(TDX_SEC_SECURE_BOOT), wanted == TDX_SUCCESS);
      EXPECT_EQ(has(TDX_SEC_MEASURED_BOOT), state.log_replays == TDX_ANSWER_YES);
    }
  }
}

TEST_F(Boot, AQuoteOfAnEnclaveSaysNothing) {
  enter(booted(1));
  const simulator::Platform platform(simulator::test_seed(1), now());
  const simulator::QuoteParts parts =
      platform.quote_parts(simulator::default_enclave_report({}), 3);
  const Bytes quote = write_quote(platform.seed(), parts);
  tdx_secure_boot_state_t state = {9, 9, 9};
  EXPECT_EQ(tdx_get_secure_boot_state(quote.data(), quote.size(), &state), TDX_ERROR_INVALID_PARAM);
  EXPECT_TRUE(state.variable == 0 && state.logged == 0 && state.log_replays == 0);
}

}  // namespace
}  // namespace quoin::capi
