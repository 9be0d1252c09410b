#include "src/simulator/faults.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace quoin::simulator {
namespace {

TEST(Faults, RefusesWhatIsNoFault) {
  Faults faults;
  for (const char* text :
       {"", "=", "=1", "outblob", "outblob-eio ", "OUTBLOB-EIO", "outblob-eio=", "outblob-eio=0",
        "outblob-eio=-1", "outblob-eio=+1", "outblob-eio=1x", "outblob-eio=0x1",
        "outblob-eio=1000001", "outblob-eio=99999999999", "outblob-eio=1=1", "slow", "slow=0"}) {
    const Result<void> added = faults.add(text);
    ASSERT_FALSE(added.ok()) << text;
    EXPECT_EQ(added.error().code, ErrorCode::invalid_argument) << text;
    EXPECT_FALSE(added.error().hint.empty()) << text;
  }
  for (const FaultDescription& fault : fault_descriptions()) EXPECT_FALSE(faults.take(fault.fault));
  EXPECT_EQ(faults.delay().count(), 0);
}

TEST(Faults, HaveEachANameOfTheirOwn) {
  std::set<std::string_view> names;
  for (const FaultDescription& fault : fault_descriptions()) {
    EXPECT_TRUE(names.insert(fault.name).second) << fault.name;
    EXPECT_FALSE(fault.help.empty());
    Faults faults;
    ASSERT_TRUE(faults.add(std::string(fault.name) + "=1").ok()) << fault.name;
    for (const FaultDescription& other : fault_descriptions()) {
      EXPECT_EQ(faults.is_set(other.fault), other.fault == fault.fault) << other.name;
    }
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(Fault::slow) + 1);
}

TEST(Faults, HappenAsOftenAsTheyShould) {
  Faults faults;
  ASSERT_TRUE(faults.add("outblob-eio=2").ok());
  ASSERT_TRUE(faults.add("report-eio").ok());
  ASSERT_TRUE(faults.add("slow=250").ok());
  EXPECT_TRUE(faults.take(Fault::outblob_eio));
  EXPECT_TRUE(faults.is_set(Fault::outblob_eio));
  EXPECT_TRUE(faults.take(Fault::outblob_eio));
  EXPECT_FALSE(faults.is_set(Fault::outblob_eio));
  EXPECT_FALSE(faults.take(Fault::outblob_eio));
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(faults.take(Fault::report_eio));
  EXPECT_EQ(faults.delay(), std::chrono::milliseconds(250));
}

}  // namespace
}  // namespace quoin::simulator
