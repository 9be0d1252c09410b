#include <gtest/gtest.h>

#include <string>

#include "quoin/eventlog.h"
#include "src/base/testing_files.h"
#include "src/eventlog/events_testing.h"

namespace quoin {
namespace {

using events_testing::event;
using events_testing::kDatabase;
using events_testing::kGlobal;
using events_testing::logged;
using events_testing::separator;
using events_testing::variable;

SecureBootLog from(std::vector<CcEvent> events) {
  // The views that come back are not looked at by whoever calls this.
  return secure_boot_from_log(CcEventLog::from_events(std::move(events)).value());
}

CcEvent secure_boot(const Bytes& value) { return logged(kGlobal, "SecureBoot", value); }

// The same event under another type.
CcEvent called(CcEvent event, uint32_t type) {
  event.type = type;
  return event;
}

CcEvent in_register(CcEvent event, uint32_t index) {
  event.mr_index = index;
  return event;
}

TEST(SecureBootTest, SaysOnOnlyWhereNothingSpeaksAgainstIt) {
  CcEvent lie = secure_boot({1});
  lie.digest = secure_boot({0}).digest;
  CcEvent cut = secure_boot({1});
  cut = event(1, cut.type, Bytes(cut.data.begin(), cut.data.end() - 1));
  CcEvent other_lie = logged(kDatabase, "db", Bytes{1});
  other_lie.data.back() ^= 1;
  const CcEvent on = secure_boot({1});
  const CcEvent off = secure_boot({0});
  const CcEvent none = secure_boot({});
  constexpr uint32_t kConfigFlags = 0xa;
  struct Case {
    std::string name;
    std::vector<CcEvent> events;
    SecureBoot state = SecureBoot::not_known;
  };
  const Case table[] = {
      {"nothing", {}, SecureBoot::not_logged},
      {"other variables", {logged(kGlobal, "PK", {}), separator(1)}, SecureBoot::not_logged},
      {"another's variable", {logged(kDatabase, "SecureBoot", Bytes{1})}, SecureBoot::not_logged},
      {"another name", {logged(kGlobal, "SecureBoo", Bytes{1})}, SecureBoot::not_logged},
      {"another register", {in_register(on, 2)}, SecureBoot::not_logged},
      {"not measured", {called(on, kNoActionEventType)}, SecureBoot::not_logged},
      {"another type", {called(on, kConfigFlags)}, SecureBoot::not_logged},
      {"off", {off, separator(1)}, SecureBoot::off},
      {"no such variable", {none, separator(1)}, SecureBoot::off},
      {"off twice", {off, off}, SecureBoot::off},
      {"on", {on, separator(1)}, SecureBoot::on},
      {"on, without a separator", {on}, SecureBoot::on},
      {"on twice", {on, on, separator(1), on}, SecureBoot::on},
      {"behind the separator of another register", {separator(2), on}, SecureBoot::on},
      {"what was not measured", {called(separator(1), 3), called(off, 3), on}, SecureBoot::on},
      {"off elsewhere", {in_register(off, 2), on}, SecureBoot::on},
      {"on, then off", {on, off}},
      {"off, then on", {off, on}},
      {"off, then on behind the separator", {off, separator(1), on}},
      {"on, then off behind the separator", {on, separator(1), off}},
      {"on behind the separator only", {separator(1), on}},
      {"the separator under another type", {called(separator(1), 0xd), on}},
      {"another separator under another type", {called(event(1, 4, Bytes(4, 0xff)), 0xd), on}},
      {"an error's separator under another type", {called(event(1, 4, {1, 0, 0, 0}), 0xd), on}},
      {"a separator of something else", {event(1, 4, {2, 0, 0, 0}), on}},
      {"off under another type only", {called(off, 0xd), separator(1)}},
      {"off under another type", {called(off, 0xd), on, separator(1)}},
      {"none under another type", {on, separator(1), called(none, 0xd)}},
      {"2", {secure_boot({2})}},
      {"two bytes", {secure_boot({1, 0})}},
      {"data that was not measured", {lie}},
      {"on, and data that was not measured", {on, lie}},
      {"on, and other data that was not measured", {on, other_lie}},
      {"data that cannot be read", {on, cut}},
  };
  for (const Case& one : table) {
    SCOPED_TRACE(one.name);
    EXPECT_EQ(from(one.events).state, one.state);
  }
}

TEST(SecureBootTest, FindsTheKeys) {
  const auto log = CcEventLog::from_events({
      secure_boot({1}),
      logged(kGlobal, "PK", Bytes{2}),
      logged(kGlobal, "KEK", Bytes{3}),
      logged(kDatabase, "db", Bytes{4}),
      logged(kDatabase, "dbx", {}),
      separator(1),
      logged(kGlobal, "Other", Bytes{5}),
  });
  ASSERT_TRUE(log.ok());
  const SecureBootLog found = secure_boot_from_log(*log);
  EXPECT_EQ(found.state, SecureBoot::on);
  ASSERT_TRUE(found.pk && found.kek && found.db && found.dbx);
  EXPECT_TRUE(equal(*found.pk, Bytes{2}));
  EXPECT_TRUE(equal(*found.kek, Bytes{3}));
  EXPECT_TRUE(equal(*found.db, Bytes{4}));
  EXPECT_TRUE(found.dbx->empty());
}

TEST(SecureBootTest, KeysThatContradictAreNotKnownEither) {
  const CcEvent on = secure_boot({1});
  for (const std::string_view name : {"PK", "KEK"}) {
    EXPECT_EQ(from({on, logged(kGlobal, name, Bytes{1}), logged(kGlobal, name, Bytes{2})}).state,
              SecureBoot::not_known);
    EXPECT_EQ(from({on, separator(1), logged(kGlobal, name, Bytes{1})}).state,
              SecureBoot::not_known);
  }
  for (const std::string_view name : {"db", "dbx"}) {
    EXPECT_EQ(
        from({on, logged(kDatabase, name, Bytes{1}), logged(kDatabase, name, Bytes{2})}).state,
        SecureBoot::not_known);
    // Of another GUID it is another variable.
    EXPECT_FALSE(from({on, logged(kGlobal, name, Bytes{1})}).db);
  }
  const SecureBootLog log = from({on, logged(kGlobal, "PK", Bytes{1}), on, secure_boot({0})});
  EXPECT_FALSE(log.pk);
  EXPECT_FALSE(from({secure_boot({2}), logged(kGlobal, "PK", Bytes{1})}).pk);
}

TEST(SecureBootTest, RealLogs) {
  for (const auto& [name, state] : {std::pair{"gcp-cos113.ccel.bin", SecureBoot::off},
                                    std::pair{"grub-noquote.ccel.bin", SecureBoot::on},
                                    std::pair{"ovmf-noquote.ccel.bin", SecureBoot::off}}) {
    const Bytes file = testing_files::read(testing_files::vectors() / "eventlogs" / name);
    if (file.empty()) GTEST_SKIP() << "the vectors are not here";
    const auto log = CcEventLog::parse(file);
    ASSERT_TRUE(log.ok());
    EXPECT_EQ(secure_boot_from_log(*log).state, state) << name;
    EXPECT_TRUE(secure_boot_from_log(*log).pk) << name;
  }
}

}  // namespace
}  // namespace quoin
