#include "src/td/tsm.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <functional>
#include <optional>

#include "src/os/file_lock.h"
#include "src/td/samples_testing.h"
#include "src/td/tsm_entry.h"

namespace quoin::td {
namespace {

// An entry as the kernel's: what is written is taken as the file is closed, if the driver is free,
// and counts generation up. Each test breaks it in one way.
class FakeEntry final : public TsmEntry {
 public:
  TsmRead read(std::string_view attribute, size_t max_bytes) override {
    if (attribute == "provider") return text(provider);
    if (attribute == "generation") {
      if (generation_text) return text(*generation_text);
      return text(std::to_string(generation));
    }
    if (attribute != "outblob") return {.error = ENOENT};
    ++outblob_reads;
    if (!outblob_errors.empty()) {
      const int error = outblob_errors.front();
      outblob_errors.pop_front();
      return {.error = error};
    }
    generation += generation_jump_at_read;
    Bytes quote = make_quote(inblob);
    if (quote.size() > max_bytes) return {.error = EFBIG};
    return {.error = 0, .bytes = std::move(quote)};
  }

  int write_inblob(ByteView bytes) override {
    ++writes;
    if (write_error != 0) return write_error;
    if (busy_commits > 0) {
      --busy_commits;
      return 0;
    }
    if (bytes.size() != inblob.size()) return EINVAL;
    std::ranges::copy(bytes, inblob.begin());
    generation += generation_step;
    return 0;
  }

  std::string provider = "tdx_guest";
  uint64_t generation = 0;
  std::optional<std::string> generation_text;
  uint64_t generation_step = 1;
  uint64_t generation_jump_at_read = 0;
  int write_error = 0;
  int busy_commits = 0;
  std::deque<int> outblob_errors;
  int outblob_reads = 0;
  int writes = 0;
  ByteArray<64> inblob{};
  std::function<Bytes(const ByteArray<64>&)> make_quote = [](const ByteArray<64>& report_data) {
    return TestMachine().quote(report_data);
  };

 private:
  static TsmRead text(const std::string& value) {
    const std::string line = value + "\n";
    const ByteView bytes = as_bytes(line);
    return {.error = 0, .bytes = Bytes(bytes.begin(), bytes.end())};
  }
};

Result<Bytes> ask(FakeEntry& entry, std::chrono::milliseconds time = long_enough()) {
  Result<Bytes> quote = quote_by_entry(entry, sample_report_data(), deadline_after(time));
  EXPECT_TRUE(quote.ok() || !quote.error().hint.empty()) << quote.error().what;
  return quote;
}

ErrorCode refusal(FakeEntry& entry) {
  const Result<Bytes> quote = ask(entry, std::chrono::milliseconds(120));
  EXPECT_FALSE(quote.ok());
  return quote.error().code;
}

TEST(Tsm, AnotherProviderIsUnsupported) {
  FakeEntry entry;
  entry.provider = "sev_guest";
  EXPECT_EQ(refusal(entry), ErrorCode::unsupported);
  EXPECT_EQ(entry.writes, 0);
}

TEST(Tsm, AGenerationThatIsNoNumberIsMalformed) {
  for (const char* text : {"", "x", "1 ", "-1", "0x1", "99999999999999999999"}) {
    FakeEntry entry;
    entry.generation_text = text;
    EXPECT_EQ(refusal(entry), ErrorCode::malformed) << text;
  }
}

TEST(Tsm, AWriteOfSomebodyElseBeforeTheReadIsRefused) {
  FakeEntry entry;
  entry.generation_step = 2;
  EXPECT_EQ(refusal(entry), ErrorCode::refused);
  EXPECT_EQ(entry.outblob_reads, 0);
}

TEST(Tsm, AWriteOfSomebodyElseDuringTheReadIsRefused) {
  FakeEntry entry;
  entry.generation_jump_at_read = 1;
  EXPECT_EQ(refusal(entry), ErrorCode::refused);
}

TEST(Tsm, AQuoteOfOtherReportDataIsRefused) {
  FakeEntry entry;
  entry.make_quote = [](const ByteArray<64>&) {
    return TestMachine().quote(sample_report_data(9));
  };
  EXPECT_EQ(refusal(entry), ErrorCode::refused);
}

TEST(Tsm, AnEmptyOutblobIsAnError) {
  FakeEntry entry;
  entry.make_quote = [](const ByteArray<64>&) { return Bytes(); };
  EXPECT_EQ(refusal(entry), ErrorCode::truncated);
}

TEST(Tsm, AnOutblobOverTheLimitIsAnError) {
  FakeEntry entry;
  entry.make_quote = [](const ByteArray<64>&) { return Bytes((size_t{1} << 20) + 1); };
  EXPECT_EQ(refusal(entry), ErrorCode::too_large);
}

TEST(Tsm, ACommitThatIsThrownAwayIsTriedAgain) {
  FakeEntry entry;
  entry.busy_commits = 2;
  EXPECT_TRUE(ask(entry).ok());
  EXPECT_EQ(entry.writes, 3);
}

TEST(Tsm, ADriverThatNeverTakesTheReportDataTimesOut) {
  FakeEntry entry;
  entry.busy_commits = 1'000'000;
  EXPECT_EQ(refusal(entry), ErrorCode::timed_out);
  EXPECT_EQ(entry.outblob_reads, 0);
}

TEST(Tsm, ABusyOrInterruptedReadIsTriedAgain) {
  FakeEntry entry;
  entry.outblob_errors = {EBUSY, EINTR, EBUSY};
  EXPECT_TRUE(ask(entry).ok());
  EXPECT_EQ(entry.outblob_reads, 4);
}

TEST(Tsm, AWedgedDriverTimesOutAndSaysWhy) {
  FakeEntry entry;
  entry.outblob_errors.assign(1'000, EBUSY);
  const Result<Bytes> quote = ask(entry, soon());
  ASSERT_FALSE(quote.ok());
  EXPECT_EQ(quote.error().code, ErrorCode::timed_out);
  EXPECT_NE(quote.error().what.find("the host still owns the buffer"), std::string::npos);
}

struct ErrorCase {
  int error;
  ErrorCode code;
};

TEST(Tsm, OtherErrorsOfTheReadAreNamedAndEndIt) {
  for (const auto& [error, code] : {
           ErrorCase{EINVAL, ErrorCode::io},
           ErrorCase{ENXIO, ErrorCode::not_found},
           ErrorCase{ETIMEDOUT, ErrorCode::timed_out},
           ErrorCase{EIO, ErrorCode::io},
           ErrorCase{EFBIG, ErrorCode::too_large},
           ErrorCase{EOVERFLOW, ErrorCode::io},
       }) {
    FakeEntry entry;
    entry.outblob_errors = {error};
    const Result<Bytes> quote = ask(entry);
    ASSERT_FALSE(quote.ok());
    EXPECT_EQ(quote.error().code, code) << error;
    EXPECT_EQ(entry.outblob_reads, 1) << error;
  }
}

TEST(Tsm, AWriteThatFailsEndsIt) {
  FakeEntry entry;
  entry.write_error = EFBIG;
  EXPECT_EQ(refusal(entry), ErrorCode::too_large);
  EXPECT_EQ(entry.writes, 1);
}

TEST(Tsm, GivesTheQuoteWithoutPadding) {
  FakeEntry entry;
  entry.generation = 41;
  entry.make_quote = [](const ByteArray<64>& report_data) {
    Bytes quote = TestMachine().quote(report_data);
    quote.resize(quote.size() + 100);
    return quote;
  };
  EXPECT_EQ(ask(entry).value(), TestMachine().quote(sample_report_data()));
  EXPECT_EQ(entry.inblob, sample_report_data());
  EXPECT_EQ(entry.generation, 42);
}

// Directories of a disk have no attributes in them, and that is enough to see what is made.
class TsmDirectory : public WithDirectory {
 protected:
  Result<Bytes> ask(std::chrono::milliseconds time = long_enough()) const {
    return quote_by_tsm(directory_, sample_report_data(), deadline_after(time));
  }
  bool is_empty() const { return std::filesystem::is_empty(directory_); }
};

TEST_F(TsmDirectory, WithoutConfigfsItIsNotFound) {
  std::filesystem::remove(directory_);
  const Result<Bytes> quote = ask();
  ASSERT_FALSE(quote.ok());
  EXPECT_EQ(quote.error().code, ErrorCode::not_found);
  EXPECT_NE(quote.error().hint.find("configfs"), std::string::npos);
  EXPECT_EQ(tsm_provider(directory_, deadline_after(soon())).answer, Answer::no);
}

TEST_F(TsmDirectory, TheEntryIsRemovedWhenItFails) {
  EXPECT_EQ(ask().error().code, ErrorCode::not_found);
  EXPECT_TRUE(is_empty());
  EXPECT_EQ(tsm_provider(directory_, deadline_after(soon())).answer, Answer::no);
  EXPECT_TRUE(is_empty());
}

TEST_F(TsmDirectory, WhatTheKilledLeftIsRemovedAndWhatOthersHaveIsNot) {
  std::filesystem::create_directory(path("quoin-00"));
  std::filesystem::create_directory(path("com.intel.dcap"));
  EXPECT_FALSE(ask().ok());
  EXPECT_FALSE(std::filesystem::exists(path("quoin-00")));
  EXPECT_TRUE(std::filesystem::exists(path("com.intel.dcap")));
}

TEST_F(TsmDirectory, OneAtATime) {
  const Result<FileLock> other = FileLock::of_existing(directory_, deadline_after(soon()));
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(ask(soon()).error().code, ErrorCode::timed_out);
  EXPECT_EQ(tsm_provider(directory_, deadline_after(soon())).answer, Answer::unknown);
}

TEST_F(TsmDirectory, EntriesHaveNamesOfTheirOwn) {
  const Result<TsmDirectoryEntry> first = TsmDirectoryEntry::create(directory_);
  const Result<TsmDirectoryEntry> second = TsmDirectoryEntry::create(directory_);
  EXPECT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 2);
}

TEST_F(TsmDirectory, AttributesAreFilesOfTheEntry) {
  Result<TsmDirectoryEntry> entry = TsmDirectoryEntry::create(directory_);
  const std::string inside = std::filesystem::directory_iterator(directory_)->path();
  EXPECT_EQ(entry->read("provider", 100).error, ENOENT);
  EXPECT_EQ(entry->write_inblob(sample_report_data()), ENOENT);
  put(inside + "/provider", "tdx_guest\n");
  put(inside + "/inblob", "");
  EXPECT_EQ(as_text(entry->read("provider", 10).bytes), "tdx_guest\n");
  EXPECT_EQ(entry->read("provider", 9).error, EFBIG);
  put(inside + "/outblob", Bytes(100'000, 7));
  EXPECT_EQ(entry->read("outblob", 100'000).bytes, Bytes(100'000, 7));
  EXPECT_EQ(entry->write_inblob(sample_report_data()), 0);
  EXPECT_TRUE(equal(testing_files::read(inside + "/inblob"), sample_report_data()));
}

}  // namespace
}  // namespace quoin::td
