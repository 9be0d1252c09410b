// A host's platform manifest, and the service that it goes to: a server of this test's, which takes
// one request.

#include <poll.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <utility>

#include "src/capi/capi_testing.h"
#include "src/channel/tcp.h"
#include "src/os/unique_fd.h"
#include "src/simulator/mount_testing.h"

namespace quoin::capi {
namespace {

const Bytes kManifest = {0x17, 0x8e, 0x87, 0x4b, 0x49, 0xe4, 0x4a, 0xa5, 0x99, 0xbb,
                         0x30, 0x57, 0x17, 0x09, 0x25, 0xb4, 1,    2,    3};

// What efivarfs shows of it: attributes, version 1, its size, and the manifest.
Bytes variable_of(const Bytes& manifest) {
  Bytes variable = {7, 0, 0, 0, 1, 0, static_cast<uint8_t>(manifest.size()), 0};
  variable.insert(variable.end(), manifest.begin(), manifest.end());
  return variable;
}

// Answers one request with `answer`, and keeps what was asked.
class RegistrationService {
 public:
  explicit RegistrationService(std::string answer) : answer_(std::move(answer)) {
    thread_ = std::jthread([this] { serve(); });
  }

  std::string url() const { return "http://" + to_string(listener_.address()); }
  // What came, once it was answered.
  const std::string& request() {
    thread_.join();
    return request_;
  }

 private:
  void serve() {
    pollfd polled = {.fd = listener_.fd(), .events = POLLIN, .revents = 0};
    if (poll(&polled, 1, 10'000) != 1) return;
    Result<channel::Socket> accepted = listener_.accept();
    if (!accepted.ok()) return;
    const UniqueFd socket(accepted->release());
    std::string buffer(65536, 0);
    while (!request_.ends_with(as_text(kManifest))) {
      const ssize_t count = ::read(socket.get(), buffer.data(), buffer.size());
      if (count <= 0) return;
      request_.append(buffer, 0, static_cast<size_t>(count));
    }
    static_cast<void>(::write(socket.get(), answer_.data(), answer_.size()));
  }

  channel::TcpListener listener_ =
      channel::TcpListener::open({.host = "127.0.0.1", .port = "0"}).value();
  std::string answer_;
  std::string request_;
  std::jthread thread_;
};

class AHost : public CapiTest {
 protected:
  void SetUp() override {
    CapiTest::SetUp();
    ASSERT_EQ(tdx_attestation_init(nullptr), TDX_ATTEST_SUCCESS);
    efivars_ = directory_.path() / "vars";
    std::filesystem::create_directories(efivars_);
    ASSERT_EQ(tdx_attestation_set_uefi_path(efivars_.c_str()), TDX_ATTEST_SUCCESS);
  }

  void leave_manifest() {
    simulator::write_test_file(
        efivars_ / "SgxRegistrationServerRequest-304e0796-d515-4698-ac6e-e76cb1a71c28",
        std::string(as_text(variable_of(kManifest))));
  }

  std::filesystem::path efivars_;
};

TEST_F(AHost, WithoutAManifestHasNothingToSend) {
  uint8_t* manifest = nullptr;
  size_t size = 0;
  EXPECT_EQ(tdx_attestation_get_platform_manifest(&manifest, &size),
            TDX_ATTEST_ERROR_NOT_SUPPORTED);
  ASSERT_EQ(tdx_attestation_set_registration(true), TDX_ATTEST_SUCCESS);
  EXPECT_EQ(tdx_attestation_platform_register(nullptr), TDX_ATTEST_ERROR_NOT_SUPPORTED);
}

TEST_F(AHost, HandsOutItsManifest) {
  leave_manifest();
  uint8_t* manifest = nullptr;
  size_t size = 0;
  ASSERT_EQ(tdx_attestation_get_platform_manifest(&manifest, &size), TDX_ATTEST_SUCCESS);
  EXPECT_TRUE(equal(ByteView(manifest, size), kManifest));
  tdx_attestation_free(manifest);
}

TEST_F(AHost, SendsNothingUnlessTold) {
  leave_manifest();
  RegistrationService service("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(tdx_attestation_platform_register(service.url().c_str()),
            TDX_ATTEST_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(tdx_attestation_platform_register(nullptr), TDX_ATTEST_ERROR_NOT_SUPPORTED);
  EXPECT_NE(last().reason.find("19 bytes would go to https://api.trustedservices.intel.com/"),
            std::string::npos)
      << last().reason;

  ASSERT_EQ(tdx_attestation_set_registration(true), TDX_ATTEST_SUCCESS);
  ASSERT_EQ(tdx_attestation_platform_register(service.url().c_str()), TDX_ATTEST_SUCCESS);
  const std::string& request = service.request();
  EXPECT_TRUE(request.starts_with("POST /sgx/registration/v1/platform HTTP/1.1\r\n")) << request;
  EXPECT_NE(request.find("\r\nContent-Type: application/octet-stream\r\n"), std::string::npos);
  EXPECT_NE(request.find("\r\nContent-Length: 19\r\n"), std::string::npos);

  ASSERT_EQ(tdx_attestation_set_registration(false), TDX_ATTEST_SUCCESS);
  EXPECT_EQ(tdx_attestation_platform_register(nullptr), TDX_ATTEST_ERROR_NOT_SUPPORTED);
}

TEST_F(AHost, ARefusalIsNoSuccess) {
  leave_manifest();
  ASSERT_EQ(tdx_attestation_set_registration(true), TDX_ATTEST_SUCCESS);
  for (const char* status : {"200 OK", "400 Bad Request", "404 Not Found", "415 x", "503 x"}) {
    RegistrationService service("HTTP/1.1 " + std::string(status) +
                                "\r\nError-Code: InvalidRegistrationServer\r\n"
                                "Content-Length: 0\r\n\r\n");
    EXPECT_EQ(tdx_attestation_platform_register(service.url().c_str()), TDX_ATTEST_ERROR_NETWORK)
        << status;
    EXPECT_NE(last().reason.find(std::string(status).substr(0, 3)), std::string::npos)
        << last().reason;
  }
}

TEST_F(AHost, SendsToNobodyWhoCouldBeAnybody) {
  leave_manifest();
  ASSERT_EQ(tdx_attestation_set_registration(true), TDX_ATTEST_SUCCESS);
  for (const char* server : {"no address", "http://192.0.2.1", "ftp://127.0.0.1", ""}) {
    EXPECT_EQ(tdx_attestation_platform_register(server), TDX_ATTEST_ERROR_INVALID_PARAM) << server;
  }
}

TEST_F(AHost, IsNoTdThatDoesNotAnswer) {
  using simulator::MountedTd;
  if (!MountedTd::is_possible()) GTEST_SKIP() << MountedTd::kWhyNot;
  leave_manifest();
  ASSERT_EQ(tdx_attestation_set_registration(true), TDX_ATTEST_SUCCESS);
  for (const auto& [faults, reason] :
       {std::pair(std::vector<std::string>{}, "a TD has no platform manifest"),
        std::pair(std::vector<std::string>{"report-eio"}, "this may be a TD"),
        std::pair(std::vector<std::string>{"report-wrong-report-data"}, "this may be a TD")}) {
    const MountedTd mounted({.faults = faults});
    tdx_attestation_cleanup();
    ASSERT_EQ(tdx_set_td_root(mounted.root().c_str()), TDX_SUCCESS);
    ASSERT_EQ(tdx_attestation_init(nullptr), TDX_ATTEST_SUCCESS);
    uint8_t* manifest = nullptr;
    size_t size = 0;
    EXPECT_EQ(tdx_attestation_get_platform_manifest(&manifest, &size),
              TDX_ATTEST_ERROR_NOT_SUPPORTED);
    EXPECT_NE(last().reason.find(reason), std::string::npos) << last().reason;
    EXPECT_TRUE(manifest == nullptr && size == 0);
    // Nobody listens there: what were sent would be an error of the network.
    EXPECT_EQ(tdx_attestation_platform_register("http://127.0.0.1:1"),
              TDX_ATTEST_ERROR_NOT_SUPPORTED);
    EXPECT_NE(last().reason.find(reason), std::string::npos) << last().reason;
  }
}

}  // namespace
}  // namespace quoin::capi
