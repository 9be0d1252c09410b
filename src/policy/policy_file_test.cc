#include <gtest/gtest.h>

#include <string>

#include "quoin/policy.h"
#include "src/simulator/platform.h"
#include "src/x509/pem.h"

namespace quoin {
namespace {

std::string digits(char digit, size_t count = 96) {
  return "\"" + std::string(count, digit) + "\"";
}

std::string full_set() {
  return "[[measurements]]\nname = \"release\"\nmr_td = " + digits('1') +
         "\nrtmr0 = " + digits('2') + "\nrtmr1 = " + digits('3') + "\nrtmr2 = " + digits('4') +
         "\n";
}

TEST(ParsePolicy, SmallestPolicyHasTheDefaults) {
  const auto policy = parse_policy("version = 1\n");
  ASSERT_TRUE(policy.ok()) << policy.error().what;
  EXPECT_TRUE(policy->measurements.empty());
  EXPECT_FALSE(policy->any_measurement);
  EXPECT_EQ(policy->tcb_statuses, std::vector{TcbStatus::up_to_date});
  EXPECT_TRUE(policy->require_sept_ve_disable);
  EXPECT_FALSE(policy->allow_migratable);
  EXPECT_FALSE(policy->allow_perfmon);
  EXPECT_FALSE(policy->allow_service_td);
  EXPECT_TRUE(policy->modules.empty());
  EXPECT_TRUE(policy->trust_roots.empty());
  EXPECT_FALSE(policy->allowed_advisories);
  EXPECT_TRUE(policy->denied_advisories.empty());
  EXPECT_EQ(policy->grace_period_days, 0u);
  EXPECT_EQ(policy->minimum_tcb_evaluation_data_number, 0u);
  EXPECT_FALSE(policy->maximum_collateral_age_days);
  EXPECT_FALSE(policy->stale_collateral_on_error);
  EXPECT_FALSE(policy->allowed_platforms);
  EXPECT_TRUE(policy->denied_platforms.empty());
  EXPECT_EQ(policy->insecure_allowed_tud_bits, 0);
}

TEST(ParsePolicy, EverythingThatCanBeSaid) {
  const simulator::Platform platform(simulator::Seed(), UtcTime{});
  const auto policy = parse_policy(
      "version = 1\ntrust_roots = [\"\"\"\n" +
      x509::to_pem(platform.root_certificate(), "CERTIFICATE") + "\"\"\"]\n" + full_set() +
      "rtmr3 = " + digits('5') + "\nmr_seam = " + digits('6') + "\nmr_config_id = " + digits('7') +
      "\nmr_owner = " + digits('8') + "\nmr_owner_config = " + digits('9') +
      "\n[[measurements]]\nname = \"enclave\"\nmr_enclave = " + digits('a', 64) +
      "\n[tcb]\nstatuses = [\"UpToDate\", \"SWHardeningNeeded\"]\n"
      "minimum_evaluation_data_number = 17\nallowed_advisories = [\"INTEL-SA-00615\"]\n"
      "denied_advisories = [\"INTEL-SA-00614\", \"INTEL-SA-00617\"]\ngrace_period_days = 180\n"
      "maximum_collateral_age_days = 14\nstale_collateral_on_error = true\n"
      "[platforms]\nallow = [\"fmspc " +
      std::string(12, 'c') + "\"]\ndeny = [\"ppid " + std::string(32, 'd') +
      "\"]\n"
      "[td_attributes]\nrequire_sept_ve_disable = false\nallow_migratable = true\n"
      "allow_perfmon = true\nallow_service_td = true\ninsecure_allow_tud_bits = [0, 7]\n"
      "[receipt]\nmodules = [" +
      digits('b', 64) + "]\n");
  ASSERT_TRUE(policy.ok()) << policy.error().what;
  ASSERT_EQ(policy->measurements.size(), 2u);
  const MeasurementSet& set = policy->measurements[0];
  EXPECT_EQ(set.name, "release");
  EXPECT_EQ((*set.mr_td)[0], 0x11);
  EXPECT_EQ((*set.rtmr0)[0], 0x22);
  EXPECT_EQ((*set.rtmr1)[0], 0x33);
  EXPECT_EQ((*set.rtmr2)[0], 0x44);
  EXPECT_EQ((*set.rtmr3)[0], 0x55);
  EXPECT_EQ((*set.mr_seam)[0], 0x66);
  EXPECT_EQ((*set.mr_config_id)[0], 0x77);
  EXPECT_EQ((*set.mr_owner)[0], 0x88);
  EXPECT_EQ((*set.mr_owner_config)[0], 0x99);
  EXPECT_EQ((*policy->measurements[1].mr_enclave)[31], 0xaa);
  EXPECT_EQ(policy->tcb_statuses,
            (std::vector{TcbStatus::up_to_date, TcbStatus::sw_hardening_needed}));
  EXPECT_EQ(policy->minimum_tcb_evaluation_data_number, 17u);
  EXPECT_EQ(policy->allowed_advisories, (std::vector<std::string>{"INTEL-SA-00615"}));
  EXPECT_EQ(policy->denied_advisories,
            (std::vector<std::string>{"INTEL-SA-00614", "INTEL-SA-00617"}));
  EXPECT_EQ(policy->grace_period_days, 180u);
  EXPECT_EQ(policy->maximum_collateral_age_days, 14u);
  EXPECT_TRUE(policy->stale_collateral_on_error);
  ASSERT_TRUE(policy->allowed_platforms);
  EXPECT_EQ(policy->allowed_platforms->fmspcs.size(), 1u);
  EXPECT_EQ(policy->denied_platforms.ppids.size(), 1u);
  EXPECT_EQ(policy->insecure_allowed_tud_bits, 0x81);
  EXPECT_FALSE(policy->require_sept_ve_disable);
  EXPECT_TRUE(policy->allow_migratable);
  EXPECT_TRUE(policy->allow_perfmon);
  EXPECT_TRUE(policy->allow_service_td);
  ASSERT_EQ(policy->modules.size(), 1u);
  ASSERT_EQ(policy->trust_roots.size(), 1u);
  EXPECT_TRUE(policy->trust_roots[0].is_simulator());
}

struct Refusal {
  std::string text;
  std::string_view says;  // part of the error
};

TEST(ParsePolicy, WhatIsNotUnderstoodIsRefused) {
  const std::string v = "version = 1\n";
  const Refusal table[] = {
      {"", "no version"},
      {"version = 2\n", "version is not 1"},
      {"version = \"1\"\n", "version is not 1"},
      {"version = 1.0\n", "version is not 1"},
      {"version = true\n", "version is not 1"},
      {v + "mesurements = []\n", "unknown key \"mesurements\""},
      {v + "any_measurement = true\n", "unknown key"},
      {v + "[tcb]\nstatus = []\n", "unknown key \"status\""},
      {v + "[td_attributes]\nallow_debug = true\n", "unknown key \"allow_debug\""},
      {v + "[receipt]\nmodule = []\n", "unknown key"},
      {v + full_set() + "rtmr4 = " + digits('1') + "\n", "unknown key \"rtmr4\""},
      {v + "[tcb]\nstatuses = [\"Revoked\"]\n", "no TCB status that can be accepted"},
      {v + "[tcb]\nstatuses = [\"NotSupported\"]\n", "no TCB status that can be accepted"},
      {v + "[tcb]\nstatuses = [\"uptodate\"]\n", "no TCB status that can be accepted"},
      {v + "[tcb]\nstatuses = [1]\n", "not a string"},
      {v + "[tcb]\nstatuses = \"UpToDate\"\n", "not an array"},
      {v + "[tcb]\nminimum_evaluation_data_number = -1\n", "not a number from 0"},
      {v + "[tcb]\nminimum_evaluation_data_number = 4294967296\n", "not a number from 0"},
      {v + "[tcb]\nminimum_evaluation_data_number = 1.5\n", "not a number from 0"},
      {v + "tcb = 1\n", "not a table"},
      {v + "measurements = 1\n", "not an array"},
      {v + "measurements = [1]\n", "not an array of tables"},
      {v + "[[measurements]]\nmr_td = " + digits('1') + "\n", "has no name"},
      {v + "[[measurements]]\nname = \"x\"\n", "does not pin what ran"},
      {v + "[[measurements]]\nname = \"x\"\nmr_td = " + digits('1') + "\n", "does not pin"},
      {v + "[[measurements]]\nname = \"x\"\nmr_td = " + digits('1', 95) + "\n", "96 hex digits"},
      {v + "[[measurements]]\nname = \"x\"\nmr_td = " + digits('g') + "\n", "96 hex digits"},
      {v + "[[measurements]]\nname = \"x\"\nmr_td = 1\n", "not a string"},
      {v + full_set() + "mr_enclave = " + digits('a', 64) + "\n", "of a TD and of an enclave"},
      {v + "[tcb]\ngrace_period_days = 3651\n", "not a number from 0 to 3650"},
      {v + "[tcb]\nmaximum_collateral_age_days = -1\n", "not a number from 0 to 3650"},
      {v + "[tcb]\nallowed_advisories = \"INTEL-SA-1\"\n", "not an array"},
      {v + "[tcb]\nallowed_advisories = [1]\n", "not a string"},
      {v + "[tcb]\ndenied_advisories = [\"intel-sa-1\"]\n", "names like INTEL-SA-00615"},
      {v + "[tcb]\ndenied_advisories = [\"\"]\n", "names like INTEL-SA-00615"},
      {v + "[platforms]\nallowed = []\n", "unknown key \"allowed\""},
      {v + "[platforms]\nallow = []\n", "no platform is allowed"},
      {v + "[platforms]\nallow = [1]\n", "not a string"},
      {v + "[platforms]\ndeny = [\"ppid 00\"]\n", "ppid wants 32 hex digits"},
      {v + "[platforms]\ndeny_file = \"x\"\n", "nobody is here to read"},
      {v + "[platforms]\ndeny_file = 1\n", "not a string"},
      {v + "[td_attributes]\ninsecure_allow_tud_bits = [8]\n", "not a number from 0 to 7"},
      {v + "[td_attributes]\ninsecure_allow_tud_bits = 1\n", "not an array"},
      {v + full_set() + "runtime_events = 1\n", "not an array"},
      {v + full_set() + "runtime_events = [1]\n", "not an array of tables"},
      {v + full_set() + "runtime_events = [{any_payload = true}]\n", "has no name"},
      {v + full_set() + "runtime_events = [{name = \"a:b\", any_payload = true}]\n", "no name of"},
      {v + full_set() + "runtime_events = [{name = \"a\"}]\n", "payload or any_payload"},
      {v + full_set() + "runtime_events = [{name = \"a\", any_payload = false}]\n",
       "payload or any_payload"},
      {v + full_set() + "runtime_events = [{name = \"a\", payload = \"\", any_payload = true}]\n",
       "payload or any_payload"},
      {v + full_set() + "runtime_events = [{name = \"a\", payload = \"0\"}]\n", "not in hex"},
      {v + full_set() + "runtime_events = [{name = \"a\", value = \"\"}]\n", "unknown key"},
      {v + full_set() + "refuse_guest_events = true\n", "wants runtime_events"},
      {v + full_set() + "rtmr3 = " + digits('5') + "\nruntime_events = []\n", "rtmr3 twice"},
      {v + "[[measurements]]\nname = \"x\"\nmr_enclave = " + digits('a', 64) +
           "\nruntime_events = []\n",
       "of a TD and of an enclave"},
      {v + "[td_attributes]\nallow_perfmon = 1\n", "neither true nor false"},
      {v + "[receipt]\nmodules = []\n", "modules is empty"},
      {v + "[receipt]\nmodules = [\"00\"]\n", "64 hex digits"},
      {v + "trust_roots = [\"hello\"]\n", "trust_roots"},
      {v + "version = 1\n", "line 2"},
      {"[{", "line 1"},
      {std::string(1000, '['), "line 1"},
      {v + "a = " + std::string(100'000, '['), "line 2"},
      {v + "\xff", "line 2: a character that is not ASCII"},
      {v + "\n\u00e4 = 1\n", "line 3: a character that is not ASCII"},
      {v + "[[measuremena\u0405", "line 2: a character that is not ASCII"},
  };
  for (const Refusal& refusal : table) {
    SCOPED_TRACE(refusal.text.substr(0, 200));
    const auto policy = parse_policy(refusal.text);
    ASSERT_FALSE(policy.ok());
    EXPECT_EQ(policy.error().code, ErrorCode::malformed);
    if (refusal.says != "trust_roots") {
      EXPECT_NE(policy.error().what.find(refusal.says), std::string::npos) << policy.error().what;
    }
  }
}

// Each of the four registers that pin a TD is needed.
TEST(ParsePolicy, ASetWithoutOneOfTheFourDoesNotPin) {
  for (const std::string_view left_out : {"mr_td", "rtmr0", "rtmr1", "rtmr2"}) {
    std::string text = "version = 1\n[[measurements]]\nname = \"x\"\nrtmr3 = " + digits('5') + "\n";
    for (const std::string_view name : {"mr_td", "rtmr0", "rtmr1", "rtmr2"}) {
      if (name != left_out) text += std::string(name) + " = " + digits('1') + "\n";
    }
    const auto policy = parse_policy(text);
    ASSERT_FALSE(policy.ok()) << left_out;
    EXPECT_NE(policy.error().what.find("does not pin"), std::string::npos);
  }
}

// Each dot of a key is a table in a table: without a bound, freeing them overflows the stack.
TEST(ParsePolicy, KeysWithoutEndAreRefused) {
  std::string key = "a";
  for (int i = 0; i < 400'000; ++i) key += ".a";
  const std::string v = "version = 1\n";
  for (const std::string& text : {v + key + " = 1\n", v + "[" + key + "]\n", v + key + "\n"}) {
    EXPECT_EQ(parse_policy(text).error().code, ErrorCode::too_large);
  }
  // What is below the bound is read, and refused for its name.
  const auto policy = parse_policy(v + key.substr(0, 8000) + "a = 1\n");
  ASSERT_FALSE(policy.ok());
  EXPECT_EQ(policy.error().code, ErrorCode::malformed);
}

TEST(ParsePolicy, RuntimeEventsKeepTheirOrder) {
  const auto policy = parse_policy("version = 1\n" + full_set() +
                                   "refuse_guest_events = true\n"
                                   "[[measurements.runtime_events]]\nname = \"b\"\n"
                                   "payload = \"00fF\"\n[[measurements.runtime_events]]\n"
                                   "name = \"guest/a\"\nany_payload = true\n");
  ASSERT_TRUE(policy.ok()) << policy.error().what;
  const MeasurementSet& set = policy->measurements[0];
  EXPECT_TRUE(set.refuse_guest_events);
  ASSERT_TRUE(set.runtime_events);
  ASSERT_EQ(set.runtime_events->size(), 2u);
  EXPECT_EQ((*set.runtime_events)[0].name, "b");
  EXPECT_EQ((*set.runtime_events)[0].payload, (Bytes{0x00, 0xff}));
  EXPECT_EQ((*set.runtime_events)[1].name, "guest/a");
  EXPECT_FALSE((*set.runtime_events)[1].payload);
}

TEST(ParsePolicy, MoreThanAThousandRuntimeEventsAreRefused) {
  std::string text = "version = 1\n" + full_set() + "runtime_events = [";
  for (int i = 0; i < 1001; ++i) text += "{name = \"a\", any_payload = true},";
  EXPECT_FALSE(parse_policy(text + "]\n").ok());
}

Result<Bytes> read_sample(std::string_view name) {
  if (name == "empty") return Bytes{};
  if (name == "bad") return Bytes{'x'};
  if (name != "lists/ours.txt") return Error{ErrorCode::not_found, "no such file"};
  const ByteView text = as_bytes("fmspc 111111111111\nfmspc 222222222222\n");
  return Bytes(text.begin(), text.end());
}

TEST(ParsePolicy, ListsOfPlatformsCanStandInFiles) {
  const auto policy = parse_policy(
      "version = 1\n[platforms]\nallow_file = \"lists/ours.txt\"\n"
      "allow = [\"fmspc 333333333333\"]\ndeny_file = \"empty\"\n",
      read_sample);
  ASSERT_TRUE(policy.ok()) << policy.error().what;
  EXPECT_EQ(policy->allowed_platforms->size(), 3u);
  EXPECT_TRUE(policy->denied_platforms.empty());
}

// A list that cannot be read must not be a list that is left out.
TEST(ParsePolicy, ListsThatCannotBeReadAreErrors) {
  const std::string v = "version = 1\n[platforms]\n";
  EXPECT_EQ(parse_policy(v + "deny_file = \"nowhere\"\n", read_sample).error().code,
            ErrorCode::not_found);
  EXPECT_NE(parse_policy(v + "deny_file = \"bad\"\n", read_sample).error().what.find("\"bad\""),
            std::string::npos);
  EXPECT_NE(parse_policy(v + "allow_file = \"empty\"\n", read_sample)
                .error()
                .what.find("no platform is allowed"),
            std::string::npos);
}

TEST(ParsePolicy, OverAMebibyteIsRefused) {
  const std::string text = "version = 1\n#" + std::string(size_t{1} << 20, 'x');
  EXPECT_EQ(parse_policy(text).error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace quoin
