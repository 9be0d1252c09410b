#include "src/cli/verdict_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "src/cli/exit_status.h"
#include "src/cli/verdict_json.h"

namespace quoin::cli {
namespace {

const std::string kHostile = "x\033[2J\nACCEPTED\n" + std::string(5'000, 'y');

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// A receipt with everything in it that a screen could overflow with.
Evidence hostile_evidence() {
  Evidence evidence;
  TdReport10 report;
  for (auto* field : {&report.mr_td, &report.rtmr0, &report.rtmr1, &report.rtmr2, &report.rtmr3}) {
    field->fill(0xab);
  }
  evidence.quote.body = report;
  Statement statement;
  statement.module_name = kHostile;
  statement.arguments.assign(100, kHostile);
  statement.nonce = Bytes(64, 0xff);
  statement.outcome = {.kind = "trapped", .exit_status = 0, .detail = kHostile};
  statement.inputs.assign(100, {kHostile, {}});
  evidence.receipt = Receipt();
  evidence.statement = statement;
  return evidence;
}

Verification hostile_verification() {
  Verification verification;
  verification.simulated = true;
  verification.verdict.tcb_status = TcbStatus::out_of_date;
  verification.verdict.tcb_date = UtcTime{};
  verification.verdict.advisory_ids.assign(500, "INTEL-SA-00000");
  verification.verdict.platform = PlatformIdentity();
  verification.verdict.valid_until = UtcTime{};
  verification.checks.assign(
      80, {"policy_tcb_status", false, kHostile, kHostile, "policy", "do something"});
  return verification;
}

TEST(VerdictTextTest, FitsOneScreenWhateverItSays) {
  const std::string text = verdict_text(hostile_evidence(), hostile_verification(), {});
  const std::vector<std::string> lines = lines_of(text);
  EXPECT_LE(lines.size(), kScreenLines);
  for (const std::string& line : lines) {
    EXPECT_LE(line.size(), kScreenColumns) << line;
    EXPECT_TRUE(std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; })) << line;
    EXPECT_FALSE(line.starts_with("ACCEPTED")) << line;
  }
  EXPECT_TRUE(lines[0].starts_with("REFUSED: policy_tcb_status: x")) << lines[0];
  EXPECT_EQ(lines[1], "SIMULATED: proves nothing to others");
}

TEST(VerdictTextTest, VerboseHasEveryCheck) {
  const std::string text =
      verdict_text(hostile_evidence(), hostile_verification(), {.verbose = true});
  EXPECT_GE(lines_of(text).size(), 3 * 80U);
}

TEST(VerdictTextTest, SaysTheAnswerFirst) {
  Verification verification;
  verification.accepted = true;
  verification.at_is_claimed = true;
  std::string text = verdict_text(hostile_evidence(), verification, {});
  EXPECT_TRUE(text.starts_with("ACCEPTED: ")) << text;
  EXPECT_EQ(text.find("SIMULATED"), std::string::npos);
  EXPECT_NE(text.find("1970-01-01T00:00:00Z (your claim)"), std::string::npos) << text;

  verification.accepted = false;
  verification.unpinned = true;
  text = verdict_text(hostile_evidence(), verification, {});
  EXPECT_TRUE(text.starts_with("GENUINE, NOT ACCEPTED: no policy pins what ran\n")) << text;
}

TEST(VerdictTextTest, ColourIsOnlyThereWhenAsked) {
  const Evidence evidence = hostile_evidence();
  const Verification verification = hostile_verification();
  EXPECT_EQ(verdict_text(evidence, verification, {}).find('\033'), std::string::npos);
  EXPECT_NE(verdict_text(evidence, verification, {.colour = true}).find('\033'), std::string::npos);
}

TEST(VerdictJsonTest, TcbStatusIsAnIntelNameOrNull) {
  const auto json_with = [](std::optional<TcbStatus> status) {
    Verification verification;
    verification.verdict.tcb_status = status;
    return to_json(verdict_value(hostile_evidence(), verification));
  };
  EXPECT_NE(json_with(TcbStatus::out_of_date).find("\"tcb_status\": \"OutOfDate\""),
            std::string::npos);
  EXPECT_NE(json_with(TcbStatus::not_supported).find("\"tcb_status\": \"NotSupported\""),
            std::string::npos);
  EXPECT_NE(json_with(std::nullopt).find("\"tcb_status\": null"), std::string::npos);
  EXPECT_NE(json_with(TcbStatus::unrecognized).find("\"tcb_status\": null"), std::string::npos);
}

TEST(VerificationTest, ExitStatusFollowsTheAnswer) {
  Verification verification;
  EXPECT_EQ(verification.exit_status(), kExitRefused);
  verification.genuine = true;
  EXPECT_EQ(verification.exit_status(), kExitRefused);
  verification.unpinned = true;
  EXPECT_EQ(verification.exit_status(), kExitUnpinned);
  verification.accepted = true;
  EXPECT_EQ(verification.exit_status(), kExitOk);
}

}  // namespace
}  // namespace quoin::cli
