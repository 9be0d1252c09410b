#include "src/simulator/mount_tsm.h"

#include <gtest/gtest.h>

#include <string>

#include "quoin/quote.h"
#include "src/simulator/platform.h"
#include "src/simulator/samples_testing.h"

namespace quoin::simulator {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTimeout{100};

// What a system call ended with: 0, or its error.
template <typename T>
int error_of(const KernelResult<T>& result) {
  return result ? 0 : result.error().number;
}

class TsmReportsTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(reports_.make("a")); }

  std::unique_ptr<KernelFile> open(std::string_view attribute, std::string_view name = "a") {
    return reports_.open(name, attribute).value();
  }
  void write(ByteView bytes, std::string_view name = "a") {
    const std::unique_ptr<KernelFile> file = open("inblob", name);
    ASSERT_EQ(file->write(bytes, 0).value(), bytes.size());
    file->close();
  }
  KernelResult<Bytes> read(std::string_view name = "a") {
    return open("outblob", name)->read(size_t{1} << 20, 0);
  }
  int read_error() { return error_of(read()); }
  std::string generation() {
    return std::string(as_text(open("generation")->read(100, 0).value()));
  }
  // A write and a read; the error of the read.
  int quote_error() {
    write(test_report_data());
    return read_error();
  }
  void add(const char* fault) { ASSERT_TRUE(faults_.add(fault).ok()); }

  Platform platform_{test_seed(1), kIssued};
  Faults faults_;
  std::chrono::steady_clock::time_point now_{std::chrono::hours(1)};
  milliseconds waited_{0};
  bool interrupted_ = false;
  int quotes_ = 0;
  TsmReports reports_{[this](const ByteArray<64>& report_data) {
                        ++quotes_;
                        return platform_.quote(platform_.td_report({}, report_data));
                      },
                      faults_,
                      {.now = [this] { return now_; },
                       .wait =
                           [this](milliseconds time) {
                             now_ += time;
                             waited_ += time;
                             return !interrupted_;
                           }},
                      kTimeout};
};

TEST_F(TsmReportsTest, RefusesWhatTheKernelRefuses) {
  EXPECT_EQ(error_of(reports_.make("a")), EEXIST);
  EXPECT_EQ(error_of(reports_.remove("b")), ENOENT);
  EXPECT_EQ(error_of(reports_.open("b", "inblob")), ENOENT);
  EXPECT_EQ(error_of(reports_.open("a", "auxblob")), ENOENT);
  // Nothing written yet.
  EXPECT_EQ(read_error(), EINVAL);

  const std::unique_ptr<KernelFile> inblob = open("inblob");
  EXPECT_EQ(error_of(inblob->write(Bytes(65), 0)), EFBIG);
  EXPECT_EQ(error_of(inblob->write(Bytes(1), 64)), EFBIG);
  EXPECT_EQ(error_of(inblob->write(Bytes(64), 1)), EFBIG);
  EXPECT_EQ(error_of(inblob->write(Bytes(1), UINT64_MAX)), EFBIG);
  EXPECT_EQ(error_of(inblob->read(1, 0)), EINVAL);
  inblob->close();
  EXPECT_EQ(generation(), "0\n");
  EXPECT_EQ(error_of(open("outblob")->write(Bytes(1), 0)), EINVAL);
  EXPECT_EQ(error_of(open("generation")->write(Bytes(1), 0)), EINVAL);
  EXPECT_EQ(error_of(open("outblob")->ioctl(0xc4405401, {})), ENOTTY);
  EXPECT_EQ(quotes_, 0);
}

TEST_F(TsmReportsTest, TakesAShortInblobAndRefusesTheQuote) {
  for (const size_t size : {1u, 63u}) {
    write(Bytes(size));
    EXPECT_EQ(read_error(), EINVAL) << size;
  }
  EXPECT_EQ(generation(), "2\n");
  EXPECT_EQ(quotes_, 0);
}

TEST_F(TsmReportsTest, TakesWhatIsWrittenWhenItIsClosed) {
  const std::unique_ptr<KernelFile> inblob = open("inblob");
  const ByteArray<64> report_data = test_report_data();
  const ByteView data(report_data);
  ASSERT_TRUE(inblob->write(data.first(40), 0));
  ASSERT_TRUE(inblob->write(data.subspan(40), 40));
  EXPECT_EQ(generation(), "0\n");
  EXPECT_EQ(read_error(), EINVAL);
  inblob->close();
  EXPECT_EQ(generation(), "1\n");
  // Again, as after fork(2): nothing was written since.
  inblob->close();
  EXPECT_EQ(generation(), "1\n");
  const Bytes bytes = read().value();
  EXPECT_EQ(parse_quote(bytes).value().report_data(), report_data);
}

TEST_F(TsmReportsTest, MakesOneQuoteForEachGeneration) {
  write(test_report_data());
  const Bytes first = read().value();
  EXPECT_EQ(read().value(), first);
  EXPECT_EQ(quotes_, 1);
  const std::unique_ptr<KernelFile> opened = open("outblob");
  const Bytes begin = opened->read(100, 0).value();
  write(ByteArray<64>{9});
  const Bytes second = read().value();
  EXPECT_NE(second, first);
  EXPECT_EQ(quotes_, 2);
  // Whoever was reading goes on with what they began with, to its end.
  Bytes whole = begin;
  while (true) {
    const Bytes more = opened->read(1000, whole.size()).value();
    if (more.empty()) break;
    whole.insert(whole.end(), more.begin(), more.end());
  }
  EXPECT_EQ(whole, first);
}

TEST_F(TsmReportsTest, KeepsEntriesApart) {
  ASSERT_TRUE(reports_.make("b"));
  EXPECT_EQ(reports_.names(), (std::vector<std::string>{"a", "b"}));
  write(test_report_data());
  EXPECT_EQ(error_of(read("b")), EINVAL);
  EXPECT_EQ(as_text(open("provider", "b")->read(100, 0).value()), "tdx_guest\n");

  const std::unique_ptr<KernelFile> outblob = open("outblob");
  const std::unique_ptr<KernelFile> inblob = open("inblob");
  ASSERT_TRUE(inblob->write(Bytes(64), 0));
  ASSERT_TRUE(reports_.remove("a"));
  EXPECT_FALSE(reports_.has("a"));
  EXPECT_EQ(error_of(outblob->read(1, 0)), ENOENT);
  inblob->close();
  // Another of the same name knows nothing of it.
  ASSERT_TRUE(reports_.make("a"));
  EXPECT_EQ(generation(), "0\n");
}

TEST_F(TsmReportsTest, BoundsHowManyEntriesThereAre) {
  for (size_t i = 1; i < TsmReports::kMaxEntries; ++i) {
    ASSERT_TRUE(reports_.make("n" + std::to_string(i)));
  }
  EXPECT_EQ(error_of(reports_.make("b")), ENOMEM);
}

TEST_F(TsmReportsTest, FailsAsItIsToldTo) {
  const struct {
    const char* fault;
    int error;
  } kTests[] = {
      {"outblob-ebusy=1", EBUSY}, {"outblob-etimedout=1", ETIMEDOUT}, {"outblob-eintr=1", EINTR},
      {"outblob-eio=1", EIO},     {"outblob-enxio=1", ENXIO},
  };
  for (const auto& test : kTests) {
    add(test.fault);
    EXPECT_EQ(quote_error(), test.error) << test.fault;
    EXPECT_EQ(read_error(), 0) << test.fault;
  }
  add("no-provider=2");
  EXPECT_EQ(error_of(reports_.make("b")), ENXIO);
  EXPECT_EQ(read_error(), ENXIO);
  add("mkdir-eio=1");
  EXPECT_EQ(error_of(reports_.make("b")), EIO);
  EXPECT_EQ(error_of(reports_.make("b")), 0);
}

TEST_F(TsmReportsTest, LeavesTheBufferWithTheHost) {
  add("outblob-wedged=3");
  EXPECT_EQ(quote_error(), ETIMEDOUT);
  EXPECT_EQ(read_error(), EBUSY);
  EXPECT_EQ(quote_error(), EBUSY);
  EXPECT_EQ(read_error(), 0);
}

TEST_F(TsmReportsTest, WaitsForASlowHost) {
  add("slow=40");
  EXPECT_EQ(quote_error(), 0);
  EXPECT_EQ(waited_, milliseconds(40));
  // The quote that was made is read at once.
  EXPECT_EQ(read_error(), 0);
  EXPECT_EQ(waited_, milliseconds(40));
}

TEST_F(TsmReportsTest, TimesOutAndIsBusyUntilTheHostIsDone) {
  add("slow=250");
  EXPECT_EQ(quote_error(), ETIMEDOUT);
  EXPECT_EQ(waited_, kTimeout);
  EXPECT_EQ(read_error(), EBUSY);
  now_ += milliseconds(149);
  EXPECT_EQ(read_error(), EBUSY);
  EXPECT_EQ(waited_, kTimeout);
  now_ += milliseconds(1);
  EXPECT_EQ(read_error(), ETIMEDOUT);
}

TEST_F(TsmReportsTest, IsInterrupted) {
  add("slow=40");
  interrupted_ = true;
  now_ -= milliseconds(40);
  EXPECT_EQ(quote_error(), EINTR);
  interrupted_ = false;
  now_ -= milliseconds(1);
  EXPECT_EQ(read_error(), EBUSY);
  now_ += milliseconds(1);
  EXPECT_EQ(read_error(), 0);
}

TEST_F(TsmReportsTest, MovesTheGenerationAsItIsToldTo) {
  add("inblob-ebusy=1");
  write(test_report_data());
  EXPECT_EQ(generation(), "0\n");
  add("generation-jumps=1");
  write(test_report_data());
  EXPECT_EQ(generation(), "2\n");
  add("generation-moves=1");
  EXPECT_EQ(read_error(), 0);
  EXPECT_EQ(generation(), "3\n");
}

TEST_F(TsmReportsTest, HandsOverQuotesAsItIsToldTo) {
  write(test_report_data());
  const Bytes good = read().value();
  const auto next = [this](const char* fault) {
    add(fault);
    write(test_report_data());
    return read().value();
  };
  EXPECT_TRUE(next("outblob-empty=1").empty());
  EXPECT_EQ(next("outblob-truncated=1").size(), good.size() / 2);

  const Bytes padded = next("quote-padded=1");
  EXPECT_EQ(padded.size(), 8192u);
  EXPECT_TRUE(equal(ByteView(padded).first(good.size()), good));
  EXPECT_TRUE(all_zero(ByteView(padded).subspan(good.size())));

  const Bytes dice = next("quote-dice=1");
  EXPECT_GT(dice.size(), 100'000u);
  EXPECT_EQ(dice[0], 0xd8);
  EXPECT_FALSE(parse_quote(dice).ok());

  const Bytes other = next("quote-wrong-report-data=1");
  EXPECT_NE(parse_quote(other)->report_data(), test_report_data());
  const Bytes forged = next("quote-wrong-signature=1");
  EXPECT_EQ(parse_quote(forged)->report_data(), test_report_data());
  EXPECT_NE(forged, good);
  write(test_report_data());
  EXPECT_EQ(read().value(), good);
}

}  // namespace
}  // namespace quoin::simulator
