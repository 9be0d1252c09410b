#include <algorithm>
#include <string>

#include "src/cli/html_sections.h"
#include "src/cli/html_values.h"

namespace quoin::cli {
namespace {

Html answer(const Verification& verification) {
  if (verification.accepted && verification.simulated) {
    return html(
        "<div class='answer warn'><h1>✓ Accepted, SIMULATED</h1>\n<p class='lead'>It is what was "
        "asked for, and it comes from a simulator: it proves nothing to others.</p></div>\n");
  }
  if (verification.accepted) {
    return html(
        "<div class='answer good'><h1>✓ Accepted</h1>\n<p class='lead'>It is genuine, and all that "
        "was asked of it holds.</p></div>\n");
  }
  if (verification.unpinned) {
    return html(
        "<div class='answer warn'><h1>◐ Genuine, not accepted</h1>\n<p class='lead'>What it says "
        "is "
        "proven, but no policy says what should have run. Any owner of such a machine can put any "
        "statement into a genuine quote.</p></div>\n");
  }
  if (verification.genuine) {
    return html(
        "<div class='answer bad'><h1>✗ Refused</h1>\n<p class='lead'>It is genuine, and it is not "
        "what was asked for.</p></div>\n");
  }
  return html(
      "<div class='answer bad'><h1>✗ Refused</h1>\n<p class='lead'>It is not proven to be "
      "genuine.</p></div>\n");
}

Html yes_or_no(bool yes) {
  return yes ? html("<span class='mark good'>✓</span> yes")
             : html("<span class='mark bad'>✗</span> no");
}

Html html_advisories(const std::vector<std::string>& ids) {
  std::string all;
  for (const std::string& id : ids) all += (all.empty() ? "" : ", ") + id;
  return html("{}", all.empty() ? "none" : all);
}

Html facts(const Verification& verification) {
  const Verdict& verdict = verification.verdict;
  Html list;
  list.add(html_fact("Genuine", yes_or_no(verification.genuine)));
  list.add(html_fact("Accepted", yes_or_no(verification.accepted)));
  list.add(html_fact("TCB status", verdict.tcb_status ? to_string(*verdict.tcb_status)
                                                      : "could not be determined"));
  if (verdict.tcb_date) list.add(html_fact("TCB of", date_text(*verdict.tcb_date)));
  if (verdict.tcb_status) list.add(html_fact("Advisories", html_advisories(verdict.advisory_ids)));
  list.add(
      html_fact("Verified at", html("{}{}", html_time(verification.at),
                                    verification.at_is_claimed ? ", a time that was given" : "")));
  if (verdict.valid_until) {
    list.add(html_fact(*verdict.valid_until < verification.at ? "Held until" : "Holds until",
                       html_time(*verdict.valid_until)));
  }
  const auto passed = std::ranges::count(verification.checks, true, &Check::passed);
  list.add(html_fact("Checks", html("{} of {} passed", passed, verification.checks.size())));
  return html("<dl class='facts'>{}</dl>\n", list);
}

}  // namespace

Html html_headline(const Verification& verification) {
  Html section = answer(verification);
  if (const Check* reason = verification.reason()) {
    section.add(html_refusal(*reason));
    const auto failed = std::ranges::count(verification.checks, false, &Check::passed);
    if (failed > 1) {
      section.add("<p class='small'>{} more did not pass: <a href='#checks'>every check</a>.</p>\n",
                  failed - 1);
    }
  }
  section.add(facts(verification));
  return section;
}

}  // namespace quoin::cli
