#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "src/cli/html_dates.h"
#include "src/cli/html_sections.h"
#include "src/cli/html_values.h"

namespace quoin::cli {
namespace {

using std::chrono::days;
using std::chrono::seconds;

// How far the picture reaches to both sides of the time of verification.
constexpr days kReach = days(40 * 365);

struct Tick {
  days distance;
  std::string_view name;
};
constexpr std::array kTicks = {
    Tick{days(-3650), "-10 y"}, Tick{days(-365), "-1 y"}, Tick{days(-30), "-30 d"},
    Tick{days(-7), "-7 d"},     Tick{days(7), "7 d"},     Tick{days(30), "30 d"},
    Tick{days(365), "1 y"},     Tick{days(3650), "10 y"},
};

// Where on the line a time stands, in thousandths of its length: logarithmic to both sides of the
// middle, so that an hour and thirty years both can be seen.
int position_of(seconds from_now) {
  const auto in_days = [](seconds duration) {
    return static_cast<double>(duration.count()) / 86'400;
  };
  const double distance = std::min(std::abs(in_days(from_now)), in_days(kReach));
  const double share = std::log1p(distance) / std::log1p(in_days(kReach));
  return 500 + static_cast<int>(std::lround(500 * (from_now.count() < 0 ? -share : share)));
}

// "52.5%", of thousandths.
std::string percent(int thousandths) {
  return std::to_string(thousandths / 10) + "." + std::to_string(thousandths % 10) + "%";
}

std::string status_text(const Validity& validity, UtcTime at) {
  if (validity.until < at) return "ended " + duration_text(at - validity.until) + " before";
  if (validity.from > at) return "begins " + duration_text(validity.from - at) + " later";
  return "holds " + duration_text(validity.until - at) + " more";
}

Html axis() {
  Html ticks;
  for (const auto& [distance, name] : kTicks) {
    const std::string x = percent(position_of(distance));
    ticks.add("<line class='tick' x1='{}' x2='{}' y1='16' y2='22'/>", x, x);
    ticks.add("<text class='axis' x='{}' y='12'>{}</text>\n", x, name);
  }
  return html(
      "<svg class='bar' role='img' aria-label='Scale: days and years from the time of "
      "verification'>{}<text class='axis now' x='50%' y='12'>now</text>"
      "<line class='now' x1='50%' x2='50%' y1='16' y2='22'/></svg>",
      ticks);
}

// A row's bar, with the line of now through it.
Html bar(const Validity& validity, UtcTime at, std::string_view title, std::string_view kind) {
  const int begin = position_of(validity.from - at);
  // A short one is still to be seen.
  const int end = std::max(begin + 8, position_of(validity.until - at));
  return html(
      "<svg class='bar' role='img'><title>{}</title>"
      "<line class='track' x1='0' x2='100%' y1='11' y2='11'/>"
      "<rect class='{}' x='{}' y='6' width='{}' height='10' rx='3'/>"
      "<line class='now' x1='50%' x2='50%' y1='0' y2='22'/></svg>",
      title, kind, percent(begin), percent(end - begin));
}

Html row(std::string_view name, const Validity& validity, UtcTime at, bool ends_first) {
  const bool holds = validity.contains(at);
  const std::string status = status_text(validity, at);
  const Html mark =
      holds ? html("<span class='mark good'>✓</span>") : html("<span class='mark bad'>✗</span>");
  const Html first = ends_first ? html(" <b class='first'>ends first</b>") : Html();
  return html(
      "<tr><th scope='row'>{}{}</th><td class='dates'>{} to {}<br/>{} {}</td>"
      "<td class='line'>{}</td></tr>\n",
      name, first, date_text(validity.from), date_text(validity.until), mark, status,
      bar(validity, at, status, holds ? "holds" : "ended"));
}

Html claim_row(std::string_view name, const Validity& span, UtcTime at, std::string_view note) {
  return html(
      "<tr><th scope='row'>{}</th><td class='dates'>{}<br/>{}</td><td class='line'>{}</td></tr>\n",
      name, date_text(span.from), note, bar(span, at, name, "claim"));
}

}  // namespace

Html html_timeline(const Evidence& evidence, const Collateral& collateral,
                   const Verification& verification) {
  const Result<x509::Chain> chain =
      x509::Chain::parse_pem(as_text(evidence.quote.certification_data));
  const x509::Chain none;
  const std::vector<DatedPart> parts = dated_parts(chain.ok() ? *chain : none, collateral);
  const DatedPart* first = first_to_end(parts);
  const UtcTime at = verification.at;

  Html rows;
  for (const DatedPart& part : parts) rows.add(row(part.name, part.validity, at, &part == first));
  if (const auto tcb_date = verification.verdict.tcb_date) {
    rows.add(claim_row("TCB date", {*tcb_date, *tcb_date}, at, "of the oldest level that matched"));
  }
  if (evidence.statement) {
    rows.add(claim_row("The run", {evidence.statement->started, evidence.statement->finished}, at,
                       "as its own clock says"));
  }
  Html section;
  section.add("<section id='dates'><h2>Dates</h2>\n");
  if (first != nullptr) {
    section.add("<p>{} ends first, at {}. Nothing that rests on it holds longer.</p>\n",
                first->name, html_time(first->validity.until));
  }
  section.add(
      "<table class='timeline'><thead><tr><th scope='col'>Part</th><th scope='col'>Holds</th>"
      "<th scope='col' class='line'>{}</th></tr></thead>\n<tbody>\n{}</tbody></table>\n"
      "<p class='small'>Now is the time of verification, {}. The scale is stretched around it: "
      "hours to the sides of the line, decades at the ends.</p></section>\n",
      axis(), rows, html_time(at));
  return section;
}

}  // namespace quoin::cli
