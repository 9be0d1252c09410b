#include "src/cli/verdict_html.h"

#include "src/cli/html_page.h"
#include "src/cli/html_sections.h"
#include "src/cli/html_values.h"
#include "src/cli/system.h"
#include "src/crypto/sha2.h"

namespace quoin::cli {
namespace {

Html html_header() {
  return html("<header><p class='kicker'>Quoin: report of a verification</p></header>\n");
}

std::string title_of(const Verification& verification) {
  std::string title = verification.simulated ? "SIMULATED: " : "";
  if (verification.accepted) {
    title += "accepted";
  } else {
    title += verification.unpinned ? "genuine, not accepted" : "refused";
  }
  return title + " (quoin verify)";
}

Html html_footer(const Evidence& evidence, const Verification& verification,
                 std::string_view command) {
  Html facts;
  facts.add(html_fact(
      "Evidence",
      html("{}, quote of {} bytes, SHA-256 {}", evidence.receipt ? "a receipt" : "a quote",
           evidence.quote_bytes.size(), html_hex(sha256(evidence.quote_bytes)))));
  facts.add(html_fact("Verified at", html("{}, {}", html_time(verification.at),
                                          verification.at_is_claimed
                                              ? "a time that whoever verified gave"
                                              : "by the clock of the machine that verified")));
  facts.add(html_fact("Verified by", html("quoin {}", version())));
  return html(
      "<footer><section id='again'><h2>Verify again</h2>\n<p>This page is only a report: do not "
      "believe it, check it. With the same files, and the same policy:</p>\n"
      "<p><code class='again'>{}</code></p>\n<dl>{}</dl></section></footer>\n",
      command, facts);
}

}  // namespace

std::string verdict_html(const Evidence& evidence, const Collateral& collateral,
                         const Verification& verification, std::string_view command) {
  Html body;
  if (verification.simulated) {
    body.add(
        "<div class='band' role='note'><strong>SIMULATED</strong><br/>Made by a simulator, in "
        "software. It proves nothing to others.</div>\n");
  }
  body.add(html_header());
  body.add("<main>\n");
  body.add(html_headline(verification));
  if (evidence.statement) body.add(html_statement(*evidence.statement, verification.genuine));
  body.add(html_chain(evidence, collateral, verification));
  body.add(html_tcb(collateral, verification.verdict));
  body.add(html_timeline(evidence, collateral, verification));
  body.add(html_measurements(evidence.quote, verification.verdict));
  body.add(html_platform(evidence.quote, verification.verdict));
  body.add(html_checks(verification.checks));
  body.add("</main>\n");
  body.add(html_footer(evidence, verification, command));
  return html_page(title_of(verification), body);
}

std::string no_verdict_html(const Error& error) {
  Html body = html_header();
  body.add(
      "<main>\n<div class='answer bad'><h1>✗ No verdict</h1>\n"
      "<p class='lead'>What was given could not be read, so nothing is proven.</p></div>\n"
      "<dl>{}",
      html_fact("What is wrong", error.what));
  if (!error.hint.empty()) body.add(html_fact("What to do", error.hint));
  body.add(html_fact("By", html("quoin {}", version())));
  body.add("</dl></main>\n");
  return html_page("no verdict (quoin verify)", body);
}

}  // namespace quoin::cli
