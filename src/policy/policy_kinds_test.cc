// A value of another kind than its key wants is an error that names the key. It is never the
// default: whoever wrote it meant something.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "quoin/policy.h"

namespace quoin {
namespace {

std::string quoted(char digit, size_t count = 96) {
  return "\"" + std::string(count, digit) + "\"";
}

std::string measurement_set(std::string_view line) {
  return "[[measurements]]\nname = \"x\"\nmr_td = " + quoted('1') + "\nrtmr0 = " + quoted('2') +
         "\nrtmr1 = " + quoted('3') + "\nrtmr2 = " + quoted('4') + "\n" + std::string(line) + "\n";
}

std::string runtime_event(std::string_view members) {
  return measurement_set("runtime_events = [{" + std::string(members) + "}]");
}

std::string refusal_of(const std::string& lines) {
  const auto policy = parse_policy("version = 1\n" + lines);
  if (policy.ok()) return "accepted";
  EXPECT_EQ(policy.error().code, ErrorCode::malformed);
  return policy.error().what;
}

TEST(PolicyKinds, AnotherKindIsRefusedByName) {
  const struct {
    std::string text;
    std::string_view says;
  } kCases[] = {
      {"platforms = 1", "platforms is not a table"},
      {"td_attributes = true", "td_attributes is not a table"},
      {"receipt = []", "receipt is not a table"},
      {"trust_roots = \"root.pem\"", "trust_roots is not an array"},
      {"trust_roots = [1]", "trust_roots is not a string"},
      {"trust_roots = [[]]", "trust_roots is not a string"},
      {"[receipt]\nmodules = \"00\"", "modules is not an array"},
      {"[receipt]\nmodules = [1]", "modules is not a string"},
      {"[platforms]\nallow = \"ppid 00\"", "allow is not an array"},
      {"[platforms]\ndeny = {}", "deny is not an array"},
      {"[platforms]\nallow_file = []", "allow_file is not a string"},
      {"[td_attributes]\nrequire_sept_ve_disable = 0",
       "require_sept_ve_disable is neither true nor false"},
      {"[td_attributes]\nallow_migratable = \"no\"", "allow_migratable is neither true nor false"},
      {"[td_attributes]\nallow_service_td = 1", "allow_service_td is neither true nor false"},
      {"[td_attributes]\ninsecure_allow_tud_bits = [\"0\"]", "insecure_allow_tud_bits is not a n"},
      {"[tcb]\nminimum_evaluation_data_number = \"17\"", "minimum_evaluation_data_number is not a"},
      {"[tcb]\ngrace_period_days = 1.0", "grace_period_days is not a number"},
      {"[tcb]\nmaximum_collateral_age_days = true", "maximum_collateral_age_days is not a number"},
      {"[tcb]\nstale_collateral_on_error = 1",
       "stale_collateral_on_error is neither true nor false"},
      {"[tcb]\ndenied_advisories = 1", "denied_advisories is not an array"},
      {"[[measurements]]\nname = 1", "name is not a string"},
      {"[[measurements]]\nname = \"x\"\nmr_enclave = 1", "mr_enclave is not a string"},
      {"[[measurements]]\nname = \"x\"\nmr_enclave = " + quoted('1'), "mr_enclave is not 64"},
      {measurement_set("mr_seam = []"), "mr_seam is not a string"},
      {measurement_set("refuse_guest_events = 1"), "refuse_guest_events is neither true nor false"},
      {runtime_event("name = 1, any_payload = true"), "name is not a string"},
      {runtime_event("name = \"a\", any_payload = 1"), "any_payload is neither true nor false"},
      {runtime_event("name = \"a\", payload = 1"), "payload is not a string"},
      {runtime_event("name = \"a\", payload = []"), "payload is not a string"},
  };
  for (const auto& test : kCases) {
    const std::string what = refusal_of(test.text + "\n");
    EXPECT_NE(what.find(test.says), std::string::npos) << test.text << ": " << what;
    EXPECT_TRUE(what.starts_with("policy, line ")) << what;
  }
}

// A misspelled advisory would deny nothing.
TEST(PolicyKinds, AdvisoriesAreSpelledAsIntelDoes) {
  const auto denied = [](std::string_view name) {
    return refusal_of("[tcb]\ndenied_advisories = [\"" + std::string(name) + "\"]\n");
  };
  for (const std::string& name : {std::string("INTEL-SA-00615"), std::string("A"), std::string("0"),
                                  std::string("-"), std::string("Z-9"), std::string(64, 'A')}) {
    EXPECT_EQ(denied(name), "accepted") << name;
  }
  for (const std::string& name :
       {std::string(""), std::string("INTEL-SA-00615 "), std::string("INTEL_SA_00615"),
        std::string("intel-sa-00615"), std::string("INTEL.SA"), std::string("INTEL:SA"),
        std::string("INTEL@SA"), std::string("INTEL[SA"), std::string(65, 'A')}) {
    EXPECT_NE(denied(name).find("names like INTEL-SA-00615"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace quoin
