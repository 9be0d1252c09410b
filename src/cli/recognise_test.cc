#include "src/cli/recognise.h"

#include <gtest/gtest.h>

#include <string>

#include "src/base/base64.h"
#include "src/base/hex.h"
#include "src/x509/pem.h"

namespace quoin::cli {
namespace {

Bytes quote_like() {
  Bytes bytes(600, 0x5a);
  bytes[0] = 4;
  bytes[1] = 0;
  return bytes;
}

TEST(RecogniseTest, RefusesWhatItDoesNotKnow) {
  const std::string kTests[] = {
      "",
      " \n\t ",
      "hello",
      "{}",
      "{\"a\":1",
      "{\"quote\":\"not hex!\"}",
      "0123",
      "-----BEGIN NOTHING-----\nAAAA\n-----END NOTHING-----\n",
      "-----BEGIN ",
      "{\"quote\":7}",
  };
  for (const std::string& text : kTests) {
    EXPECT_FALSE(recognise(as_bytes(text)).ok()) << text;
  }
}

TEST(RecogniseTest, UnwrapsAQuote) {
  const Bytes quote = quote_like();
  const std::string hex = to_hex(quote);
  const std::string base64 = to_base64(quote);
  const std::string kTests[] = {
      std::string(as_text(quote)),
      hex,
      "0x" + hex + "\n",
      "  " + hex.substr(0, 64) + "\r\n" + hex.substr(64) + "\n",
      base64,
      base64.substr(0, 76) + "\n" + base64.substr(76) + "\n",
      x509::to_pem(quote, "QUOTE"),
      x509::to_pem(quote, "TDX QUOTE"),
  };
  for (const std::string& text : kTests) {
    const Result<Recognised> recognised = recognise(as_bytes(text));
    ASSERT_TRUE(recognised.ok()) << text.substr(0, 80);
    EXPECT_EQ(recognised->kind, ContentKind::quote);
    EXPECT_EQ(recognised->bytes, quote);
  }
}

TEST(RecogniseTest, KnowsJsonByItsMembers) {
  const struct {
    std::string_view text;
    ContentKind kind;
  } kTests[] = {
      {R"({"payloadType":"x","payload":"","signatures":[]})", ContentKind::receipt},
      {R"({"quote":"04000200","tcb_info":"{}"})", ContentKind::quote_bundle},
      {R"({"quote":"BAACAA==","tcb_info":"{}"})", ContentKind::quote_bundle},
      {R"({"tcb_info":"{}","qe_identity":"{}"})", ContentKind::bundle},
      {R"({"tcbInfo":{"fmspc":""},"signature":""})", ContentKind::tcb_info},
      {R"({"enclaveIdentity":{"id":"QE"},"signature":""})", ContentKind::qe_identity},
      {R"({"id":"TDX","fmspc":"00"})", ContentKind::tcb_info},
      {R"({"event_log":"[]"})", ContentKind::event_log},
      {R"({"event_log":"[]","quote":"04000200"})", ContentKind::quote_bundle},
      {" [", ContentKind::event_log},
      {R"({"id":"TD_QE","miscselect":"00"})", ContentKind::qe_identity},
  };
  for (const auto& test : kTests) {
    const Result<Recognised> recognised = recognise(as_bytes(test.text));
    ASSERT_TRUE(recognised.ok()) << test.text;
    EXPECT_EQ(recognised->kind, test.kind) << test.text;
  }
}

TEST(RecogniseTest, TakesTheSignedObjectOutOfTheResponse) {
  const Result<Recognised> recognised =
      recognise(as_bytes(R"( {"tcbInfo": {"fmspc" : ""} ,"signature":""})"));
  ASSERT_TRUE(recognised.ok());
  EXPECT_EQ(as_text(recognised->text), R"({"fmspc" : ""})");
}

TEST(RecogniseTest, KnowsATdReportByItsSize) {
  Bytes report(1024, 0);
  report[0] = 0x81;
  EXPECT_EQ(recognise(report)->kind, ContentKind::td_report);
  report.push_back(0);
  EXPECT_FALSE(recognise(report).ok());
}

TEST(RecogniseTest, KnowsAnEventLogByItsSpecId) {
  Bytes log(32, 0);
  const ByteView spec_id = as_bytes("Spec ID Event03");
  log.insert(log.end(), spec_id.begin(), spec_id.end());
  for (const std::string& text : {std::string(as_text(log)), to_hex(log), to_base64(log)}) {
    const Result<Recognised> recognised = recognise(as_bytes(text));
    ASSERT_TRUE(recognised.ok());
    EXPECT_EQ(recognised->kind, ContentKind::event_log);
    EXPECT_EQ(recognised->bytes, log);
  }
  log[32] = 's';
  EXPECT_FALSE(recognise(log).ok());
}

}  // namespace
}  // namespace quoin::cli
