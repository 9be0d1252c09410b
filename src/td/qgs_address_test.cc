#include "src/td/qgs_address.h"

#include <gtest/gtest.h>

#include "src/td/qgs_error.h"

namespace quoin::td {
namespace {

TEST(QgsAddress, WhatIsNoAddressIsRefused) {
  for (const std::string_view text :
       {"", "4050", "vsock", "vsock:x", "vsock:2:x", "vsock:2:4050:1", "vsock:4294967296:1",
        "tcp:", "tcp:127.0.0.1", "tcp:127.0.0.1:", "tcp:127.0.0.1:0", "tcp:127.0.0.1:65536",
        "tcp:host.example:4050", "tcp:::1:4050", "tcp:[127.0.0.1]:4050", "tcp:[::1:4050",
        "unix:", "ftp:127.0.0.1:4050"}) {
    const Result<QgsAddress> address = parse_qgs_address(text);
    ASSERT_FALSE(address.ok()) << text;
    EXPECT_EQ(address.error().code, ErrorCode::invalid_argument) << text;
    EXPECT_FALSE(address.error().hint.empty()) << text;
  }
  EXPECT_FALSE(parse_qgs_address("unix:" + std::string(108, 'x')).ok());
}

TEST(QgsAddress, HttpIsUnsupported) {
  EXPECT_EQ(parse_qgs_address("https://localhost:8081").error().code, ErrorCode::unsupported);
  EXPECT_EQ(parse_qgs_address("http://localhost").error().code, ErrorCode::unsupported);
}

struct Spelling {
  std::string_view text;
  std::string_view canonical;
};

TEST(QgsAddress, EachKindHasItsSpellings) {
  for (const auto& [text, canonical] : {
           Spelling{"vsock:", "vsock:2:4050"},
           Spelling{"vsock://", "vsock:2:4050"},
           Spelling{"vsock:5000", "vsock:2:5000"},
           Spelling{"vsock::5000", "vsock:2:5000"},
           Spelling{"vsock:3:5000", "vsock:3:5000"},
           Spelling{"vsock:3:", "vsock:3:4050"},
           Spelling{"tcp:127.0.0.1:4050", "tcp:127.0.0.1:4050"},
           Spelling{"tcp://localhost:1", "tcp:127.0.0.1:1"},
           Spelling{"tcp:[::1]:65535", "tcp:[::1]:65535"},
           Spelling{"unix:/run/qgs.socket", "unix:/run/qgs.socket"},
           Spelling{"unix:///run/qgs.socket", "unix:/run/qgs.socket"},
       }) {
    const Result<QgsAddress> address = parse_qgs_address(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(to_string(*address), canonical);
    EXPECT_EQ(to_string(parse_qgs_address(canonical).value()), canonical);
  }
}

TEST(AttestConf, APortThatIsNoneIsMalformed) {
  for (const std::string_view text :
       {"port = 0", "port = 65536", "port =", "port = x", "port = 4050 x", "port = -1"}) {
    EXPECT_EQ(parse_attest_conf(text).error().code, ErrorCode::malformed) << text;
  }
}

TEST(AttestConf, TheFirstPortCounts) {
  EXPECT_EQ(parse_attest_conf("port = 4050\n").value(), 4050);
  EXPECT_EQ(parse_attest_conf("# QGS\n\n\t port=4051 \r\nport = 1\n").value(), 4051);
  EXPECT_EQ(parse_attest_conf("#port = 1\nother = 2\nport = 65535").value(), 65535);
  EXPECT_EQ(parse_attest_conf("").value(), std::nullopt);
  EXPECT_EQ(parse_attest_conf("# port = 4050\nports = 1\nport 2\n").value(), std::nullopt);
}

struct CodeCase {
  uint32_t code;
  std::string_view name;
};

TEST(QgsError, CodesHaveIntelsNames) {
  for (const auto& [code, name] : {
           CodeCase{0x12001, "QGS_MSG_ERROR_UNEXPECTED"},
           CodeCase{0x12004, "QGS_MSG_ERROR_INVALID_VERSION"},
           CodeCase{0x11011, "TEE_ATT_NO_PLATFORM_CERT_DATA"},
           CodeCase{0x0e011, "SGX_QL_NO_PLATFORM_CERT_DATA"},
           CodeCase{0x11015, "TEE_ATT_INVALID_REPORT"},
           CodeCase{0x1000c, "TDQE_REPORT_FORMAT_NOT_SUPPORTED"},
           CodeCase{0x0e027, "SGX_QL_TCB_OUT_OF_DATE"},
           CodeCase{0x11027, "0x00011027"},
           CodeCase{0x0f008, "SGX_PCE_INVALID_TCB"},
           CodeCase{0x0b010, "SGX_QCNL_ERROR_STATUS_PLATFORM_UNKNOWN"},
           CodeCase{0x00006, "0x00000006"},
           CodeCase{0x12fff, "0x00012fff"},
           CodeCase{0xdeadbeef, "0xdeadbeef"},
       }) {
    const QgsErrorText text = qgs_error_text(code);
    EXPECT_EQ(text.name, name);
    EXPECT_FALSE(text.what.empty()) << name;
    EXPECT_FALSE(text.hint.empty()) << name;
    EXPECT_NE(qgs_error(code).what.find(name), std::string::npos);
  }
  EXPECT_EQ(attest_error_text(6).name, "TDX_ATTEST_ERROR_EXTEND_FAILURE");
  EXPECT_EQ(attest_error_text(0x12001).name, "0x00012001");
}

}  // namespace
}  // namespace quoin::td
