#include "quoin/receipt.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/base64.h"
#include "src/base/hex.h"
#include "src/receipt/report_data.h"
#include "src/receipt/rules.h"

namespace quoin {
namespace {

Bytes bytes_of(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

Statement sample() {
  Statement statement;
  statement.module_name = "app.wasm";
  statement.module_sha256.fill(1);
  statement.native_object_sha256.fill(2);
  statement.simulated = true;
  statement.quoin_version = "0.1.0";
  statement.runtime_sha256.fill(3);
  statement.toolchain_sha256.fill(4);
  statement.wasm2c_version = "1.0.32";
  statement.cc_version = "cc \"12\"";
  statement.arguments = {"app.wasm", "-v", "", "f\u00fcr\n\t\\"};
  statement.environment = {{.name = "HOME", .value_sha256 = {5}}};
  statement.nonce = Bytes{1, 2, 3, 4, 5, 6, 7, 8};
  statement.started = UtcTime{std::chrono::seconds(1'750'000'000)};
  statement.finished = UtcTime{std::chrono::seconds(1'750'000'001)};
  statement.standard_input = {.sha256 = {6}, .size = 7};
  statement.inputs = {{.name = "/data/in", .content = {.sha256 = {8}, .size = 9}}};
  statement.outcome = {.kind = "exited", .exit_status = 4'294'967'295u, .detail = ""};
  statement.standard_output = {.sha256 = {10}, .size = 11};
  statement.standard_error = {.sha256 = {12}, .size = 13};
  statement.outputs = {{.name = "/data/out", .content = {.sha256 = {14}, .size = UINT64_MAX}}};
  return statement;
}

Receipt sample_receipt() {
  return {.payload_type = std::string(kReceiptPayloadType),
          .payload = write_statement(sample()).value(),
          .quote = {1, 2, 3},
          .collateral = bytes_of("{\"tcb_info\": \"x\"}")};
}

Quote quote_for(const Receipt& receipt) {
  Quote quote;
  TdReport10 report;
  report.report_data = report_data_for(receipt.payload_type, receipt.payload);
  quote.body = report;
  return quote;
}

std::string reason_of(const std::vector<Check>& checks) {
  for (const Check& check : checks) {
    if (!check.passed) return std::string(check.id);
  }
  return "";
}

// The worked example of DSSE's protocol.md: PAE of "http://example.com/HelloWorld" and
// "hello world".
TEST(PreAuthenticationEncoding, IsDsses) {
  EXPECT_EQ(as_text(pre_authentication_encoding("http://example.com/HelloWorld",
                                                as_bytes("hello world"))),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  EXPECT_EQ(as_text(pre_authentication_encoding("", {})), "DSSEv1 0  0 ");
}

TEST(ReportData, TypesNeverMeet) {
  EXPECT_NE(report_data_for("a", as_bytes("b")), report_data_for("b", as_bytes("a")));
  EXPECT_NE(report_data_for("a 1 ", as_bytes("b")), report_data_for("a", as_bytes(" 1 b")));
  // SHA-512 of "DSSEv1 1 a 1 b".
  EXPECT_EQ(to_hex(report_data_for("a", as_bytes("b"))).size(), 128u);
}

TEST(Statement, IsWrittenAndReadBackWhole) {
  const auto payload = write_statement(sample());
  ASSERT_TRUE(payload.ok());
  const auto read = parse_statement(*payload);
  ASSERT_TRUE(read.ok()) << read.error().what;
  EXPECT_EQ(write_statement(*read).value(), *payload);
  EXPECT_EQ(read->module_name, "app.wasm");
  EXPECT_EQ(read->arguments, sample().arguments);
  EXPECT_EQ(read->nonce, sample().nonce);
  EXPECT_EQ(read->outcome.exit_status, 4'294'967'295u);
  EXPECT_EQ(read->outputs[0].content.size, UINT64_MAX);
  EXPECT_EQ(read->finished, sample().finished);
}

TEST(Statement, WithoutANonceSaysSo) {
  Statement statement = sample();
  statement.nonce.reset();
  const auto read = parse_statement(*write_statement(statement));
  ASSERT_TRUE(read.ok());
  EXPECT_FALSE(read->nonce);
}

TEST(Statement, WhatJsonCannotSpellIsNotStated) {
  const std::function<void(Statement&)> changes[] = {
      [](Statement& s) { s.arguments.emplace_back("\xff"); },
      [](Statement& s) { s.module_name = "\xc3"; },
      [](Statement& s) { s.inputs[0].name = "/data/\x80"; },
      [](Statement& s) { s.outputs[0].name = "/data/\x80"; },
      [](Statement& s) { s.environment[0].name = "\xed\xa0\x80"; },
      [](Statement& s) { s.outcome.detail = "\xff"; },
  };
  for (const auto& change : changes) {
    Statement statement = sample();
    change(statement);
    const auto payload = write_statement(statement);
    ASSERT_FALSE(payload.ok());
    EXPECT_EQ(payload.error().code, ErrorCode::invalid_argument);
  }
}

// Replaces the first `from` in the sample's payload.
Bytes changed_payload(std::string_view from, std::string_view to) {
  std::string text(as_text(write_statement(sample()).value()));
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return bytes_of(text);
}

TEST(Statement, WhatIsNotUnderstoodIsRefused) {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"{\"_type\"", "{\"more\":1,\"_type\""},
      {"Statement/v1", "Statement/v2"},
      {"urn:quoin:run:v1", "urn:quoin:run:v2"},
      {"\"simulated\":true", "\"simulated\":1"},
      {"\"simulated\":true", "\"simulated\":true,\"simulated\":false"},
      {"\"simulated\":true", "\"simulated\":true,\"trusted\":true"},
      {"\"simulated\":true,", ""},
      {"\"exit_status\":4294967295", "\"exit_status\":4294967296"},
      {"\"exit_status\":4294967295", "\"exit_status\":-1"},
      {"\"native-object\"", "\"other\""},
      {"\"sha256\":\"01", "\"sha256\":\"zz"},
      {"\"sha256\":\"01", "\"sha256\":\"0101"},
      {"\"nonce\":\"01", "\"nonce\":\"1"},
      {"2025-06-15T", "2025-06-31T"},
      {"\"arguments\":[", "\"arguments\":[7,"},
      {"\"size\":7", "\"size\":7.5"},
  };
  for (const auto& [from, to] : table) {
    SCOPED_TRACE(from);
    EXPECT_FALSE(parse_statement(changed_payload(from, to)).ok());
  }
  EXPECT_FALSE(parse_statement({}).ok());
  EXPECT_FALSE(parse_statement(as_bytes("[]")).ok());
  EXPECT_FALSE(parse_statement(as_bytes("{}")).ok());
}

TEST(ReceiptEnvelope, IsWrittenAndReadBackWhole) {
  const Receipt receipt = sample_receipt();
  const auto read = parse_receipt(write_receipt(receipt));
  ASSERT_TRUE(read.ok()) << read.error().what;
  EXPECT_EQ(read->payload_type, receipt.payload_type);
  EXPECT_EQ(read->payload, receipt.payload);
  EXPECT_EQ(read->quote, receipt.quote);
  EXPECT_EQ(read->collateral, receipt.collateral);
}

TEST(ReceiptEnvelope, MayLeaveCollateralOut) {
  Receipt receipt = sample_receipt();
  receipt.collateral.clear();
  const auto read = parse_receipt(write_receipt(receipt));
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(read->collateral.empty());
}

TEST(ReceiptEnvelope, WhatIsNotUnderstoodIsRefused) {
  const std::string text(as_text(write_receipt(sample_receipt())));
  const std::pair<std::string_view, std::string_view> table[] = {
      {"{\"payloadType\"", "{\"x\":1,\"payloadType\""},
      {"application/vnd.in-toto+json", "application/json"},
      {"tdx-quote", "sgx-quote"},
      {"\"sig\":\"", "\"sig\":\"!"},
      {"\"payload\":\"", "\"payload\":\" "},
      {"\"event_logs\":[]", "\"event_logs\":[1]"},
      {"\"event_logs\":[]", "\"event_logs\":[],\"more\":1"},
      {"\"event_logs\":[],", ""},
      {"{\"tcb_info\": \"x\"}", "\"text\""},
      {"[{\"keyid\"", "[{\"keyid\":\"tdx-quote\",\"sig\":\"AQID\"},{\"keyid\""},
  };
  for (const auto& [from, to] : table) {
    SCOPED_TRACE(from);
    std::string changed = text;
    const size_t at = changed.find(from);
    ASSERT_NE(at, std::string::npos);
    changed.replace(at, from.size(), to);
    EXPECT_FALSE(parse_receipt(as_bytes(changed)).ok());
  }
  for (size_t size = 0; size + 2 < text.size(); ++size) {
    EXPECT_FALSE(parse_receipt(as_bytes(text.substr(0, size))).ok()) << size;
  }
}

TEST(CheckReceipt, HoldsWhereTheQuoteVouchesForThePayload) {
  const Receipt receipt = sample_receipt();
  const auto checks = check_receipt(receipt, sample(), quote_for(receipt), true, {});
  EXPECT_EQ(reason_of(checks), "");
  EXPECT_FALSE(checks.empty());
}

TEST(CheckReceipt, EveryFlippedBitOfThePayloadIsRefused) {
  Receipt receipt = sample_receipt();
  const Quote quote = quote_for(receipt);
  for (size_t bit = 0; bit < receipt.payload.size() * 8; ++bit) {
    receipt.payload[bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
    EXPECT_EQ(reason_of(check_receipt(receipt, sample(), quote, true, {})), "receipt_report_data");
    receipt.payload[bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
  }
}

// All that can be asked of a receipt, and one that answers all of it.
struct Case {
  Receipt receipt = sample_receipt();
  Statement statement = sample();
  Quote quote = quote_for(receipt);
  bool simulated = true;
  ReceiptExpectations wanted = {.nonce = sample().nonce,
                                .module_sha256 = sample().module_sha256,
                                .policy_modules = {{}, sample().module_sha256}};
  // Of a quote that is no receipt's.
  ByteArray<64> quoted = report_data_for(receipt.payload_type, receipt.payload);

  std::vector<Check> checks() const {
    std::vector<Check> all = check_receipt(receipt, statement, quote, simulated, wanted);
    all.push_back(check_quoted_data(quote, quoted));
    return all;
  }
};

// What makes a case be refused, and by which rule.
struct Refusal {
  const char* name;
  Rule rule;
  void (*make)(Case&);
};

std::vector<Refusal> refusals() {
  return {
      {"a quote of an enclave", receipt_rules::kQuoteIsTd,
       [](Case& c) {
         EnclaveReport report;
         report.report_data = c.quote.report_data();
         c.quote.body = report;
       }},
      {"a quote of other report data", receipt_rules::kReportData,
       [](Case& c) {
         TdReport10 report;
         report.report_data = c.quote.report_data();
         report.report_data[63] ^= 1;
         c.quote.body = report;
       }},
      {"a payload that was changed", receipt_rules::kReportData,
       [](Case& c) { c.receipt.payload.back() ^= 1; }},
      {"a real quote of a statement that says simulated", receipt_rules::kSimulated,
       [](Case& c) { c.simulated = false; }},
      {"a simulated quote of a statement that says real", receipt_rules::kSimulated,
       [](Case& c) { c.statement.simulated = false; }},
      {"another nonce", receipt_rules::kNonce, [](Case& c) { c.wanted.nonce = Bytes{1}; }},
      {"no nonce", receipt_rules::kNonce, [](Case& c) { c.statement.nonce.reset(); }},
      {"another module", receipt_rules::kModule,
       [](Case& c) { (*c.wanted.module_sha256)[0] ^= 1; }},
      {"a module that the policy does not name", receipt_rules::kPolicyModule,
       [](Case& c) { c.wanted.policy_modules = {{}}; }},
      {"a quote of other data", receipt_rules::kQuotedData, [](Case& c) { c.quoted[0] ^= 1; }},
  };
}

TEST(CheckReceipt, EachFaultIsRefusedForItsReason) {
  EXPECT_EQ(reason_of(Case().checks()), "");
  for (const Refusal& refusal : refusals()) {
    SCOPED_TRACE(refusal.name);
    Case c;
    refusal.make(c);
    const std::vector<Check> checks = c.checks();
    const auto failed = std::ranges::find(checks, false, &Check::passed);
    ASSERT_NE(failed, checks.end());
    EXPECT_EQ(failed->id, refusal.rule.id);
    EXPECT_FALSE(failed->seen.empty());
    EXPECT_FALSE(failed->wanted.empty());
    EXPECT_FALSE(failed->advice.empty());
  }
}

TEST(CheckReceipt, EveryRuleIsTheReasonOfARefusal) {
  std::set<std::string_view> tested;
  for (const Refusal& refusal : refusals()) tested.insert(refusal.rule.id);
  std::set<std::string_view> all;
  for (const Rule& rule : receipt_rules::kAll) {
    EXPECT_TRUE(all.insert(rule.id).second) << rule.id << " stands twice";
    EXPECT_FALSE(rule.requirement.empty());
    EXPECT_FALSE(rule.source.empty());
    EXPECT_FALSE(rule.advice.empty());
  }
  EXPECT_EQ(tested, all);
}

TEST(CheckReceipt, NoChecksButTheRulesInTheirOrder) {
  const std::vector<Check> checks = Case().checks();
  ASSERT_EQ(checks.size(), receipt_rules::kAll.size());
  for (size_t i = 0; i < checks.size(); ++i) EXPECT_EQ(checks[i].id, receipt_rules::kAll[i].id);
}

TEST(CheckReceipt, PayloadTypeIsPartOfWhatIsSigned) {
  Receipt receipt = sample_receipt();
  const Quote quote = quote_for(receipt);
  receipt.payload_type = "application/vnd.quoin.other";
  EXPECT_EQ(reason_of(check_receipt(receipt, sample(), quote, true, {})), "receipt_report_data");
}

TEST(QuotedData, AreThoseThatWereAskedFor) {
  const Receipt receipt = sample_receipt();
  const Quote quote = quote_for(receipt);
  const ByteArray<64> right = report_data_for(receipt.payload_type, receipt.payload);
  EXPECT_EQ(reason_of({check_quoted_data(quote, right)}), "");
  for (const size_t changed : {size_t{0}, size_t{63}}) {
    ByteArray<64> wrong = right;
    wrong[changed] ^= 1;
    EXPECT_EQ(reason_of({check_quoted_data(quote, wrong)}), "quoted_data");
  }
}

}  // namespace
}  // namespace quoin
