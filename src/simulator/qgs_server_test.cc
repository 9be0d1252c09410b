#include "src/simulator/qgs_server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <thread>

#include "quoin/quote.h"
#include "src/simulator/directory_testing.h"
#include "src/simulator/samples_testing.h"
#include "src/simulator/simulated_td.h"
#include "src/simulator/state.h"
#include "src/td/qgs_message.h"

namespace quoin::simulator {
namespace {

namespace fs = std::filesystem;

constexpr uint32_t kUnexpected = 0x12001;
constexpr uint32_t kInvalidParameter = 0x12003;
constexpr uint32_t kInvalidType = 0x12005;

class QgsTest : public testing::Test {
 protected:
  QgsTest() { init_state(state_, false).value(); }

  Bytes report() { return td_.report(test_report_data()).value(); }
  Bytes request() {
    const Bytes report = this->report();
    return td::write_message(td::QgsQuoteRequest{.report = report});
  }
  uint32_t error_code(ByteView message) {
    const Bytes answer = answer_qgs(td_, faults_, message);
    return td::parse_quote_response(answer).value().error_code;
  }
  void add(const char* fault) { ASSERT_TRUE(faults_.add(fault).ok()); }

  TestDirectory directory_;
  std::string state_ = (directory_.path() / "simulator").string();
  SimulatedTd td_{test_seed(1), TdStore::open(state_, false).value(), "default"};
  Faults faults_;
};

TEST_F(QgsTest, RefusesWhatItDoesNotQuote) {
  Bytes changed = report();
  changed[600] ^= 1;
  EXPECT_EQ(error_code(td::write_message(td::QgsQuoteRequest{.report = changed})), kUnexpected);
  EXPECT_EQ(error_code(td::write_message(td::QgsQuoteRequest{.report = Bytes(1)})), kUnexpected);
  const Bytes good = request();
  EXPECT_EQ(error_code(ByteView(good).first(good.size() - 1)), kInvalidParameter);
  add("qgs-error=1");
  EXPECT_EQ(error_code(good), kUnexpected);
  EXPECT_EQ(error_code(good), 0u);

  // GET_PLATFORM_INFO, which gets an answer of its own type.
  const Bytes info = {1, 0, 1, 0, 4, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0};
  const Bytes answer = answer_qgs(td_, faults_, info);
  EXPECT_EQ(*td::qgs_type(answer), td::QgsType::get_platform_info_response);
  EXPECT_EQ(ByteView(answer)[12] | ByteView(answer)[13] << 8 | ByteView(answer)[14] << 16,
            static_cast<int>(kInvalidType));
  EXPECT_EQ(error_code({}), kInvalidType);
}

TEST_F(QgsTest, QuotesAReport) {
  const Bytes answer = answer_qgs(td_, faults_, request());
  const td::QgsQuoteResponse response = td::parse_quote_response(answer).value();
  EXPECT_EQ(response.error_code, 0u);
  EXPECT_TRUE(equal(response.quote, td_.quote(test_report_data()).value()));
  add("quote-padded=1");
  const Bytes padded = answer_qgs(td_, faults_, request());
  EXPECT_EQ(td::parse_quote_response(padded)->quote.size(), 8192u);
}

// A server on a Unix socket, which serves from a thread.
class QgsServerTest : public QgsTest {
 protected:
  void SetUp() override {
    ASSERT_EQ(pipe(stop_.data()), 0);
    Result<QgsServer> server = QgsServer::listen_unix(path_);
    ASSERT_TRUE(server.ok()) << server.error().what;
    server_ = std::make_unique<QgsServer>(*std::move(server));
    thread_ = std::jthread([this] { server_->serve(td_, faults_, stop_[0]); });
  }
  void TearDown() override {
    close(stop_[1]);
    thread_.join();
    server_.reset();
    close(stop_[0]);
    EXPECT_FALSE(fs::exists(path_));
  }

  File connected() const {
    File socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(path_, address.sun_path);
    const void* generic = &address;
    EXPECT_EQ(connect(socket.get(), static_cast<const sockaddr*>(generic), sizeof(address)), 0);
    return socket;
  }
  static void transmit(const File& socket, ByteView bytes) {
    ASSERT_EQ(send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // So many bytes, or as many as come before the other side closes.
  static Bytes receive(const File& socket, size_t size) {
    Bytes bytes(size);
    size_t done = 0;
    while (done < size) {
      const ssize_t count = recv(socket.get(), bytes.data() + done, size - done, 0);
      if (count <= 0) break;
      done += static_cast<size_t>(count);
    }
    bytes.resize(done);
    return bytes;
  }
  static Bytes receive_message(const File& socket) {
    ByteArray<td::kQgsLengthBytes> length{};
    const Bytes prefix = receive(socket, length.size());
    if (prefix.size() != length.size()) return {};
    std::ranges::copy(prefix, length.begin());
    return receive(socket, td::parse_length(length).value());
  }

  std::string path_ = (directory_.path() / "qgs.socket").string();
  std::array<int, 2> stop_{};
  std::unique_ptr<QgsServer> server_;
  std::jthread thread_;
};

TEST_F(QgsServerTest, RefusesAddresses) {
  EXPECT_EQ(QgsServer::listen_unix("").error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(QgsServer::listen_unix(std::string(108, 'a')).error().code,
            ErrorCode::invalid_argument);
  EXPECT_EQ(QgsServer::listen_unix(path_).error().code, ErrorCode::invalid_argument);
  EXPECT_TRUE(fs::exists(path_));
  EXPECT_EQ(QgsServer::listen_unix("/nonexistent/socket").error().code, ErrorCode::io);
  const Result<QgsServer> tcp = QgsServer::listen_tcp(0);
  ASSERT_TRUE(tcp.ok());
  const std::string port = tcp->address().substr(tcp->address().rfind(':') + 1);
  EXPECT_EQ(tcp->address(), "tcp:127.0.0.1:" + port);
  EXPECT_EQ(QgsServer::listen_tcp(static_cast<uint16_t>(std::stoul(port))).error().code,
            ErrorCode::io);
}

TEST_F(QgsServerTest, ClosesOnWhatIsNoMessage) {
  for (const Bytes& bytes :
       {Bytes{0, 0, 0, 0}, Bytes{0, 0, 0, 15}, Bytes{0xff, 0xff, 0xff, 0xff}}) {
    const File socket = connected();
    transmit(socket, bytes);
    EXPECT_TRUE(receive(socket, 1).empty());
  }
  // Half a message, and nobody there any more.
  const File half = connected();
  transmit(half, ByteView(td::with_length(request())).first(100));
  shutdown(half.get(), SHUT_WR);
  EXPECT_TRUE(receive(half, 1).empty());
}

TEST_F(QgsServerTest, AnswersMessageAfterMessage) {
  struct stat status{};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const File socket = connected();
  for (int i = 0; i < 3; ++i) {
    transmit(socket, td::with_length(request()));
    const Bytes answer = receive_message(socket);
    EXPECT_TRUE(equal(td::parse_quote_response(answer)->quote, *td_.quote(test_report_data())));
  }
}

TEST_F(QgsServerTest, FailsAsItIsToldTo) {
  add("qgs-closes=1");
  const File first = connected();
  transmit(first, td::with_length(request()));
  EXPECT_TRUE(receive_message(first).empty());
  add("qgs-garbage=1");
  const File second = connected();
  transmit(second, td::with_length(request()));
  EXPECT_EQ(receive(second, 100), Bytes(64, 0xa5));
}

TEST_F(QgsServerTest, StopsWhileSomebodyIsConnected) {
  const File idle = connected();
  const File half = connected();
  transmit(half, Bytes{0, 0});
}

}  // namespace
}  // namespace quoin::simulator
