#include <gtest/gtest.h>

#include <map>
#include <string>

#include "quoin/eventlog.h"
#include "src/base/testing_files.h"
#include "src/eventlog/events_testing.h"

namespace quoin {
namespace {

using events_testing::event;
using events_testing::kGlobal;
using events_testing::variable;

TEST(DataIsMeasured, OfTypesThatHaveTheirDataMeasured) {
  for (const uint32_t type :
       {0x4U, 0x5U, 0x8U, 0x80000001U, 0x80000006U, 0x80000007U, 0x8000000cU, 0x800000e0U}) {
    CcEvent one = event(1, type, {1, 2, 3});
    EXPECT_EQ(data_is_measured(one), DataMeasured::yes) << type;
    one.data[0] ^= 1;
    EXPECT_EQ(data_is_measured(one), DataMeasured::no) << type;
    one.data.clear();
    EXPECT_EQ(data_is_measured(one), DataMeasured::no) << type;
  }
}

TEST(DataIsMeasured, OfTypesThatHaveSomethingElseMeasured) {
  for (const uint32_t type :
       {0x6U, 0xaU, 0xdU, 0x80000003U, 0x80000009U, 0x8000000aU, 0x8000000bU, 0x12345678U}) {
    CcEvent one = event(1, type, {1, 2, 3});
    EXPECT_EQ(data_is_measured(one), DataMeasured::yes) << type;
    one.data[0] ^= 1;
    EXPECT_EQ(data_is_measured(one), DataMeasured::not_in_event) << type;
  }
  // Nothing of it was measured, whatever its digest is.
  EXPECT_EQ(data_is_measured(event(1, 3, {1})), DataMeasured::not_in_event);
}

TEST(DataIsMeasured, OfBootVariablesTheValue) {
  CcEvent one = event(1, 0x80000002, Bytes{7, 8});
  one.data = variable(kGlobal, "Boot0000", Bytes{7, 8});
  EXPECT_EQ(data_is_measured(one), DataMeasured::yes);
  one.data.back() ^= 1;
  EXPECT_EQ(data_is_measured(one), DataMeasured::no);
  one.data = {7, 8};  // no variable
  EXPECT_EQ(data_is_measured(one), DataMeasured::no);
  one = event(1, 0x80000002, variable(kGlobal, "Boot0000", Bytes{7, 8}));
  EXPECT_EQ(data_is_measured(one), DataMeasured::no);
}

TEST(DataIsMeasured, OfRuntimeEventsNameAndPayload) {
  CcEvent one;
  one.mr_index = 4;
  one.type = kRuntimeEventType;
  one.name = "guest/a";
  one.data = {1};
  one.digest = runtime_event_digest({one.name, one.data});
  EXPECT_EQ(data_is_measured(one), DataMeasured::yes);
  one.name = "guest/b";
  EXPECT_EQ(data_is_measured(one), DataMeasured::no);
}

// Whatever real firmware says that it measured, it did.
TEST(DataIsMeasured, OfRealLogs) {
  for (const auto& [name, measured] :
       {std::pair{"gcp-cos113.ccel.bin", 16}, std::pair{"grub-noquote.ccel.bin", 19},
        std::pair{"ovmf-noquote.ccel.bin", 12}}) {
    const Bytes file = testing_files::read(testing_files::vectors() / "eventlogs" / name);
    if (file.empty()) GTEST_SKIP() << "the vectors are not here";
    std::map<DataMeasured, int> counts;
    const auto log = CcEventLog::parse(file);
    ASSERT_TRUE(log.ok());
    for (const CcEvent& event : log->events()) ++counts[data_is_measured(event)];
    EXPECT_EQ(counts[DataMeasured::no], 0) << name;
    EXPECT_EQ(counts[DataMeasured::yes], measured) << name;
  }
}

}  // namespace
}  // namespace quoin
