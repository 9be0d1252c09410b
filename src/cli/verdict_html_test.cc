#include "src/cli/verdict_html.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/base64.h"
#include "src/base/json.h"
#include "src/base/testing_files.h"
#include "src/cli/value.h"
#include "src/collateral/parts.h"
#include "src/crypto/sha2.h"
#include "src/policy/rules.h"
#include "src/receipt/rules.h"
#include "src/verify/rules.h"
#include "src/x509/chain.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kCommand = "quoin verify --at 2027-01-10T00:00:00Z FILE";
const UtcTime kAt = std::chrono::sys_days(std::chrono::January / 10 / 2027);
// Ends an element, an attribute of either quotes, and a comment; names a script in every way.
const std::string kHostile =
    "--></title></style></svg>'\"/><script>alert(1)</script><img src=x onerror='alert(2)'>"
    "<a href=\"javascript:alert(3)\">&lt;\x1b[2J\xe2\x80\xae&#60;http://example.org]]>";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// The same certificates with other common names of the same length. They are not signed any more.
std::string renamed_chain(std::string_view pem, std::string_view from, std::string_view to) {
  EXPECT_EQ(from.size(), to.size());
  const x509::Chain chain = x509::Chain::parse_pem(pem).value();
  std::string all;
  for (const x509::Certificate& certificate : chain.certificates()) {
    std::string der(as_text(certificate.encoded));
    replace_all(der, from, to);
    all += "-----BEGIN CERTIFICATE-----\n";
    const std::string base64 = to_base64(as_bytes(der));
    for (size_t i = 0; i < base64.size(); i += 64) all += base64.substr(i, 64) + "\n";
    all += "-----END CERTIFICATE-----\n";
  }
  return all;
}

// The sample bundle, with something in the place of something else in it.
Collateral sample_collateral(std::string_view advisory = "SAMPLE-SA-00002",
                             std::string_view signer = "Test TCB Signing") {
  const Bytes file = testing_files::read(testing_files::testdata("collateral/bundle.json"));
  const JsonDocument document = JsonDocument::parse(file).value();
  Value::Object bundle;
  for (const auto& member : document.root().members().value()) {
    std::string text = member.value.string().value();
    replace_all(text, "SAMPLE-SA-00002", advisory);
    if (member.name == "tcb_info_issuer_chain" || member.name == "qe_identity_issuer_chain") {
      text = renamed_chain(text, "Test TCB Signing", signer);
    }
    bundle.emplace_back(std::string(member.name), Value(text));
  }
  return Collateral::parse(as_bytes(to_json(bundle))).value();
}

// A quote's evidence, with the bytes that it points into.
struct Sample {
  explicit Sample(std::string_view root = "Test Root CA",
                  std::string_view ca = "Test PCK Platform CA") {
    const Bytes file = testing_files::read(testing_files::testdata("x509/chain.pem"));
    pem = renamed_chain(as_text(file), "Test Root CA", root);
    pem = renamed_chain(pem, "Test PCK Platform CA", ca);
    evidence.quote.body = TdReport15();
    evidence.quote.header.tee_type = TeeType::tdx;
    evidence.quote.certification_data = as_bytes(pem);
    verification.at = kAt;
  }

  std::string page(const Collateral& collateral) const {
    return verdict_html(evidence, collateral, verification, kCommand);
  }

  std::string pem;
  Evidence evidence;
  Verification verification;
};

void fail_check(Sample& sample, std::string_view id) {
  sample.verification.checks.push_back({id, false, "1", "2", "somewhere", "do something"});
}

void pass_every_check(Sample& sample) {
  const auto pass = [&](const auto& all) {
    for (const Rule& rule : all) {
      sample.verification.checks.push_back({rule.id, true, "1", "1", rule.source, ""});
    }
  };
  pass(rules::kAll);
  pass(policy_rules::kAll);
  pass(receipt_rules::kAll);
}

// A platform that reaches levels of the sample collateral, and not the newest.
PlatformTcb low_platform() {
  PlatformTcb tcb;
  tcb.sgx_tcb_components.fill(3);
  tcb.pce_svn = 13;
  tcb.qe_isv_svn = 4;
  tcb.tee_tcb_svn.emplace().fill(7);
  (*tcb.tee_tcb_svn)[0] = 4;
  (*tcb.tee_tcb_svn)[1] = 1;
  tcb.tee_tcb_svn2 = tcb.tee_tcb_svn;
  return tcb;
}

// Everything that a file can say, hostile and too long.
Sample hostile_sample() {
  Sample sample("</g><b a=1>'", "\"><script>x</script>");
  Statement statement;
  statement.module_name = kHostile;
  statement.quoin_version = kHostile;
  statement.wasm2c_version = kHostile;
  statement.cc_version = std::string(2'000'000, '<');
  statement.arguments.assign(10'000, kHostile);
  statement.environment.assign(10'000, {kHostile, {}});
  statement.inputs.assign(10'000, {kHostile, {.sha256 = {}, .size = 1}});
  statement.outputs.assign(10'000, {kHostile, {.sha256 = {}, .size = UINT64_MAX}});
  statement.outcome = {.kind = kHostile, .exit_status = 0, .detail = kHostile};
  statement.nonce = Bytes(64, 0xff);
  statement.started = UtcTime(std::chrono::seconds(-62'167'219'200));
  statement.finished = UtcTime(std::chrono::seconds(253'402'300'799));
  sample.evidence.receipt = Receipt();
  sample.evidence.statement = statement;

  sample.verification.simulated = true;
  sample.verification.verdict.tcb_status = TcbStatus::out_of_date;
  sample.verification.verdict.tcb_date = UtcTime{};
  sample.verification.verdict.advisory_ids.assign(500, kHostile);
  sample.verification.verdict.platform = PlatformIdentity();
  sample.verification.verdict.platform_tcb = low_platform();
  sample.verification.verdict.valid_until = UtcTime{};
  for (const std::string_view id : {"pck_chain_root", "quote_signature", "receipt_report_data"}) {
    sample.verification.checks.push_back({id, false, kHostile, kHostile, kHostile, kHostile});
    sample.verification.checks.push_back({id, true, kHostile, kHostile, kHostile, ""});
  }
  sample.verification.checks.push_back({kHostile, false, kHostile, kHostile, kHostile, kHostile});
  return sample;
}

// Everything between "<" and ">" must be markup as we write it: known elements, known attributes,
// values in quotes, and nothing in them that ends them.
void expect_only_our_markup(const std::string& page) {
  const std::set<std::string> kElements = {
      "html",    "head",    "meta",  "title",   "style", "body",  "header", "main",   "footer",
      "section", "div",     "p",     "h1",      "h2",    "span",  "b",      "strong", "br",
      "wbr",     "code",    "time",  "a",       "ul",    "li",    "dl",     "dt",     "dd",
      "details", "summary", "table", "caption", "thead", "tbody", "tr",     "th",     "td",
      "svg",     "desc",    "g",     "rect",    "text",  "path",  "line"};
  const std::set<std::string> kAttributes = {"lang",
                                             "charset",
                                             "http-equiv",
                                             "content",
                                             "name",
                                             "class",
                                             "id",
                                             "href",
                                             "role",
                                             "aria-label",
                                             "aria-labelledby",
                                             "datetime",
                                             "open",
                                             "scope",
                                             "viewBox",
                                             "x",
                                             "y",
                                             "x1",
                                             "x2",
                                             "y1",
                                             "y2",
                                             "width",
                                             "height",
                                             "rx",
                                             "d",
                                             "textLength",
                                             "lengthAdjust"};
  const std::regex kTag(R"re(</?([a-z0-9]+)((?: [A-Za-z0-9-]+=(?:'[^'<>]*'|"[^"<>]*"))*) */?>)re");
  const std::regex kAttribute(R"re( ([A-Za-z0-9-]+)=('[^']*'|"[^"]*"))re");
  const std::string doctype = "<!DOCTYPE html>";
  ASSERT_TRUE(page.starts_with(doctype));
  const size_t style = page.find("<style>");
  const size_t style_end = page.find("</style>");
  for (size_t at = page.find('<', 1); at != std::string::npos; at = page.find('<', at + 1)) {
    if (at > style && at < style_end) continue;
    const std::string tag = page.substr(at, page.find('>', at) + 1 - at);
    std::smatch parts;
    ASSERT_TRUE(std::regex_match(tag, parts, kTag)) << tag;
    EXPECT_TRUE(kElements.contains(parts[1])) << tag;
    const std::string attributes = parts[2];
    for (auto it = std::sregex_iterator(attributes.begin(), attributes.end(), kAttribute);
         it != std::sregex_iterator(); ++it) {
      EXPECT_TRUE(kAttributes.contains((*it)[1])) << tag;
      const std::string value = (*it)[2];
      EXPECT_TRUE((*it)[1] != "href" || value.starts_with("'#")) << tag;
    }
  }
}

size_t count_of(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST(VerdictHtmlTest, WhatFilesSayIsShownAndNeverObeyed) {
  const Sample sample = hostile_sample();
  const Collateral collateral = sample_collateral("<i title='&'>", "<script src=//x>");
  const std::string page = sample.page(collateral);
  expect_only_our_markup(page);
  // Every one of them is there to be seen.
  EXPECT_TRUE(contains(page, "&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_TRUE(contains(page, "&lt;/g&gt;&lt;b a=1&gt;&#39;"));
  EXPECT_TRUE(contains(page, "&quot;&gt;&lt;script&gt;x&lt;/script&gt;"));
  EXPECT_TRUE(contains(page, "&lt;i title=&#39;&amp;&#39;&gt;"));
  EXPECT_TRUE(contains(page, "&lt;script src=//x&gt;"));
  EXPECT_TRUE(contains(page, "\\u{1b}[2J\\u{202e}"));
  // The right-to-left override, as itself.
  EXPECT_FALSE(contains(page, "\xe2\x80\xae"));
  EXPECT_TRUE(std::ranges::all_of(
      page, [](char c) { return c == '\n' || static_cast<unsigned char>(c) >= ' '; }));
}

TEST(VerdictHtmlTest, ASizeIsNeverExceeded) {
  EXPECT_LT(hostile_sample().page(sample_collateral()).size(), size_t{400} << 10);
}

TEST(VerdictHtmlTest, NothingIsFetchedAndNothingRuns) {
  const std::string page = Sample().page(sample_collateral());
  expect_only_our_markup(page);
  EXPECT_FALSE(contains(page, "http:"));
  EXPECT_FALSE(contains(page, "https:"));
  EXPECT_FALSE(contains(page, "url("));
  EXPECT_FALSE(contains(page, "@import"));
  const size_t begin = page.find("<style>") + 7;
  const std::string style = page.substr(begin, page.find("</style>") - begin);
  EXPECT_TRUE(contains(page, "content=\"default-src 'none'; style-src 'sha256-" +
                                 to_base64(sha256(as_bytes(style))) +
                                 "'; base-uri 'none'; form-action 'none'\"/>"));
  EXPECT_FALSE(contains(page, "style='"));
}

TEST(VerdictHtmlTest, TheAnswerComesFirst) {
  struct Case {
    bool genuine;
    bool accepted;
    bool unpinned;
    bool simulated;
    std::string_view title;
    std::string_view headline;
  };
  constexpr Case kCases[] = {
      {true, true, false, false, "<title>accepted (", "<h1>✓ Accepted</h1>"},
      {true, true, false, true, "<title>SIMULATED: accepted (", "<h1>✓ Accepted, SIMULATED</h1>"},
      {true, false, true, false, "<title>genuine, not accepted (", "Genuine, not accepted</h1>"},
      {true, false, false, false, "<title>refused (", "It is genuine, and it is not what"},
      {false, false, false, false, "<title>refused (", "It is not proven to be genuine"},
  };
  const Collateral collateral = sample_collateral();
  for (const Case& c : kCases) {
    Sample sample;
    sample.evidence.statement = Statement();
    sample.verification.genuine = c.genuine;
    sample.verification.accepted = c.accepted;
    sample.verification.unpinned = c.unpinned;
    sample.verification.simulated = c.simulated;
    sample.verification.verdict.genuine = c.genuine;
    const std::string page = sample.page(collateral);
    EXPECT_TRUE(contains(page, c.title)) << c.headline;
    EXPECT_TRUE(contains(page, c.headline)) << c.headline;
    EXPECT_LT(page.find("<h1>"), page.find("<h2>"));
    EXPECT_EQ(count_of(page, "<h1>"), 1U);
    EXPECT_EQ(contains(page, "<h1>✓ Accepted"), c.accepted);
    EXPECT_EQ(contains(page, "<strong>SIMULATED</strong>"), c.simulated);
    EXPECT_EQ(page.find("SIMULATED</strong>") < page.find("<h1>"), c.simulated);
    // What is not proven is not told as if it were: statement, measurements, platform.
    EXPECT_EQ(count_of(page, "Not proven"), c.genuine ? 0U : 3U);
  }
}

TEST(VerdictHtmlTest, AStatementThatItsQuoteDoesNotVouchForIsNotProven) {
  Sample sample;
  sample.evidence.statement = Statement();
  sample.verification.verdict.genuine = true;
  const std::string page = sample.page(sample_collateral());
  EXPECT_EQ(count_of(page, "Not proven"), 1U);
  EXPECT_TRUE(contains(page, "<h2>What ran</h2>\n<p class='unproven'>"));
}

TEST(VerdictHtmlTest, ARefusalSaysWhyAndWhatToDo) {
  Sample sample;
  pass_every_check(sample);
  fail_check(sample, "qe_mr_signer");
  fail_check(sample, "policy_migratable");
  const std::string page = sample.page(sample_collateral());
  const size_t reason = page.find("class='refusal'");
  ASSERT_NE(reason, std::string::npos);
  EXPECT_LT(reason, page.find("<h2>"));
  const std::string told = page.substr(reason, page.find("</dl>", reason) - reason);
  for (const std::string_view part :
       {"The QE&#39;s MRSIGNER is the one in QE identity.", "<dd>1</dd>", "<dd>2</dd>",
        "do something", "qe_mr_signer", "somewhere"}) {
    EXPECT_TRUE(contains(told, part)) << part;
  }
  EXPECT_TRUE(contains(page, "1 more did not pass"));
  // Groups that failed are open, and come first.
  EXPECT_EQ(count_of(page, "<details open='open'>"), 2U);
  EXPECT_LT(page.rfind("<details open='open'>"), page.find("<details><summary>"));
}

TEST(VerdictHtmlTest, TheChainIsBrokenWhereACheckFailed) {
  struct Case {
    std::string_view check;
    std::string_view told;
  };
  constexpr Case kCases[] = {
      {"pck_chain_root", "<li>Root certificate: pck_chain_root</li>"},
      {"pck_not_revoked", "<li>PCK certificate: pck_not_revoked</li>"},
      {"pck_chain_signatures", "<li>the link to PCK CA: pck_chain_signatures</li>"},
      {"qe_report_data", "<li>the link to Attestation key: qe_report_data</li>"},
      {"quote_signature", "<li>the link to Quote: quote_signature</li>"},
      {"tcb_info_signature", "<li>the link to TCB info: tcb_info_signature</li>"},
      {"qe_identity_signature", "<li>the link to QE identity: qe_identity_signature</li>"},
      // Of 2026: over at the time of verification.
      {"qe_identity_not_expired", "<li>QE identity: qe_identity_not_expired</li>"},
      {"root_ca_crl_signature", "<li>the link to Root&#39;s CRL: root_ca_crl_signature</li>"},
      {"pck_crl_issuer", "<li>PCK CRL: pck_crl_issuer</li>"},
      {"policy_measurements", "<li>What was asked: policy_measurements</li>"},
  };
  const Collateral collateral = sample_collateral();
  Sample whole_sample;
  pass_every_check(whole_sample);
  const std::string whole = whole_sample.page(collateral);
  EXPECT_TRUE(contains(whole, "Every link holds"));
  EXPECT_FALSE(contains(whole, "<g class='bad'>"));
  EXPECT_FALSE(contains(whole, "<g class='unknown'>"));
  for (const Case& c : kCases) {
    Sample sample;
    fail_check(sample, c.check);
    const std::string page = sample.page(collateral);
    EXPECT_TRUE(contains(page, c.told)) << c.check;
    EXPECT_TRUE(contains(page, "<g class='bad'>")) << c.check;
    EXPECT_TRUE(contains(page, ">" + std::string(c.check) + "</text>") ||
                contains(page, "✗ " + std::string(c.check) + "</text>"))
        << c.check;
    EXPECT_FALSE(contains(page, "Every link holds")) << c.check;
  }
}

TEST(VerdictHtmlTest, WhatWasNotLookedAtIsNotCalledHolding) {
  const std::string page = Sample().page(sample_collateral());
  EXPECT_FALSE(contains(page, "<g class='good'>"));
  EXPECT_FALSE(contains(page, "Every link holds"));
  EXPECT_TRUE(contains(page, "Not every part could be looked at."));
}

TEST(VerdictHtmlTest, APlatformChainThatCannotBeReadIsLeftOut) {
  Sample sample;
  sample.evidence.quote.certification_data = {};
  const std::string page = sample.page(sample_collateral());
  expect_only_our_markup(page);
  EXPECT_TRUE(contains(page, "could not be read"));
  EXPECT_FALSE(contains(page, ">PCK certificate</th>"));
}

TEST(VerdictHtmlTest, SvnsThatLagAreMarked) {
  Sample sample;
  Verdict& verdict = sample.verification.verdict;
  verdict.platform_tcb = low_platform();
  verdict.tcb_status = TcbStatus::out_of_date;
  using Part = TcbShortfall::Part;
  verdict.tcb_shortfalls = {
      {Part::tdx_module, 1, 4, 6, UtcTime{}},
      {Part::sgx_component, 16, 3, 5, UtcTime{}},
  };
  const std::string page = sample.page(sample_collateral());
  EXPECT_EQ(count_of(page, "<tr class='lags'>"), 2U);
  EXPECT_TRUE(contains(page,
                       "<tr class='lags'><th scope='row'>TDX module TDX_01 <span class='mark "
                       "bad'>▼ behind</span></th><td>4</td><td>6</td><td>4</td></tr>"));
  EXPECT_TRUE(contains(page, "<tr class='lags'><th scope='row'>Component 16 "));
  EXPECT_TRUE(contains(page,
                       "<tr><th scope='row'>TDX module TDX_01, running now</th>"
                       "<td>4</td><td>6</td><td>-</td></tr>"));
  EXPECT_TRUE(contains(page, "TDX module TDX_01 has ISVSVN 4, UpToDate needs 6 since 1970-01-01"));
  // A module with a major version answers for two of sixteen.
  EXPECT_EQ(count_of(page, "<th scope='row'>Component "), 16U + 14U);
}

TEST(VerdictHtmlTest, WithoutAStatusThereIsNothingToCompareWith) {
  Sample sample;
  sample.verification.verdict.platform_tcb = low_platform();
  const std::string page = sample.page(sample_collateral());
  EXPECT_TRUE(contains(page, "could not be determined"));
  EXPECT_TRUE(
      contains(page, "<th scope='row'>TDX module TDX_01</th><td>4</td><td>-</td><td>-</td>"));
  EXPECT_FALSE(contains(page, "The levels that match"));
}

TEST(VerdictHtmlTest, DatesAreToldInWords) {
  const std::string page = Sample().page(sample_collateral());
  // 2026-01-02 to 2026-02-01, and the verification is in January 2027.
  EXPECT_TRUE(contains(page,
                       "<th scope='row'>TCB info <b class='first'>ends first</b></th>"
                       "<td class='dates'>2026-01-02 to 2026-02-01<br/><span class='mark bad'>"
                       "✗</span> ended 342 days before</td>"));
  EXPECT_EQ(count_of(page, "ends first</b>"), 1U);
  EXPECT_TRUE(contains(page, "holds 99 years more"));

  Sample early;
  early.verification.at = std::chrono::sys_days(std::chrono::January / 1 / 2026);
  EXPECT_TRUE(contains(early.page(sample_collateral()), "begins 1 day later"));
}

TEST(VerdictHtmlTest, ItSaysHowToVerifyAgain) {
  Sample sample;
  sample.verification.at_is_claimed = true;
  const std::string page = sample.page(sample_collateral());
  EXPECT_TRUE(contains(page, "<code class='again'>" + std::string(kCommand) + "</code>"));
  EXPECT_TRUE(contains(page, "a time that whoever verified gave"));
}

TEST(VerdictHtmlTest, NoVerdictIsNoAnswer) {
  const std::string page = no_verdict_html({ErrorCode::malformed, kHostile, kHostile});
  expect_only_our_markup(page);
  EXPECT_TRUE(contains(page, "<h1>✗ No verdict</h1>"));
  EXPECT_FALSE(contains(page, "ccepted"));
}

}  // namespace
}  // namespace quoin::cli
