#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "src/cli/html_chain_places.h"
#include "src/cli/html_sections.h"
#include "src/cli/html_values.h"

namespace quoin::cli {
namespace {

enum class Group : uint8_t {
  platform,
  revocation,
  collateral,
  enclave,
  quote,
  receipt,
  request,
  other
};

struct GroupName {
  Group group;
  std::string_view name;
};
constexpr std::array kGroups = {
    GroupName{Group::platform, "The platform's certificates"},
    GroupName{Group::revocation, "Revocation lists"},
    GroupName{Group::collateral, "TCB info and QE identity"},
    GroupName{Group::enclave, "The quoting enclave"},
    GroupName{Group::quote, "The quote"},
    GroupName{Group::receipt, "The receipt"},
    GroupName{Group::request, "What was asked of it"},
    GroupName{Group::other, "Other checks"},
};

Group group_of(const Check& check) {
  switch (places_of(check.id).front().node) {
    case ChainNode::root:
    case ChainNode::pck_ca:
    case ChainNode::pck_certificate:
      return Group::platform;
    case ChainNode::root_ca_crl:
    case ChainNode::pck_crl:
      return Group::revocation;
    case ChainNode::tcb_signer:
    case ChainNode::tcb_info:
    case ChainNode::qe_identity:
      return Group::collateral;
    case ChainNode::qe_report:
    case ChainNode::attestation_key:
      return Group::enclave;
    case ChainNode::quote:
      return Group::quote;
    case ChainNode::statement:
      return Group::receipt;
    case ChainNode::request:
      return Group::request;
    case ChainNode::other:
      break;
  }
  return Group::other;
}

Html passed_check(const Check& check) {
  return html(
      "<li class='check'><p class='rule'><span class='mark good'>✓</span> {}</p>"
      "<p class='small'><code>{}</code> · seen: {} · {}</p></li>\n",
      requirement_of(check.id), check.id, check.seen, check.rule);
}

// Groups of which something failed come first, and are open.
struct GroupOfChecks {
  std::string_view name;
  std::vector<const Check*> passed;
  std::vector<const Check*> failed;
};

Html html_group(const GroupOfChecks& group) {
  const size_t count = group.passed.size() + group.failed.size();
  Html list;
  for (const Check* check : group.failed) {
    list.add("<li class='check'>{}</li>\n", html_refusal(*check));
  }
  for (const Check* check : group.passed) list.add(passed_check(*check));
  if (!group.failed.empty()) {
    return html(
        "<details open='open'><summary><span class='mark bad'>✗</span> {} "
        "<span class='count'>{} of {} did not pass</span></summary>\n<ul>{}</ul></details>\n",
        group.name, group.failed.size(), count, list);
  }
  return html(
      "<details><summary><span class='mark good'>✓</span> {} "
      "<span class='count'>{} of {} passed</span></summary>\n<ul>{}</ul></details>\n",
      group.name, count, count, list);
}

}  // namespace

Html html_refusal(const Check& check) {
  Html facts;
  facts.add(html_fact("Seen", check.seen));
  facts.add(html_fact("Wanted", check.wanted));
  if (!check.advice.empty()) facts.add(html_fact("What to do", html("<b>{}</b>", check.advice)));
  facts.add(html_fact("Check", html("<code>{}</code>", check.id)));
  facts.add(html_fact("Written in", check.rule));
  return html(
      "<div class='refusal'><p class='rule'><span class='mark bad'>✗ Does not hold:</span> {}</p>\n"
      "<dl>{}</dl></div>",
      requirement_of(check.id), facts);
}

Html html_checks(const std::vector<Check>& checks) {
  std::vector<GroupOfChecks> groups;
  for (const auto& [group, name] : kGroups) {
    GroupOfChecks found = {.name = name, .passed = {}, .failed = {}};
    for (const Check& check : checks) {
      if (group_of(check) == group) (check.passed ? found.passed : found.failed).push_back(&check);
    }
    if (!found.passed.empty() || !found.failed.empty()) groups.push_back(std::move(found));
  }

  const auto passed = std::ranges::count(checks, true, &Check::passed);
  Html section;
  section.add("<section id='checks'><h2>Every check</h2>\n<p>{} of {} passed.</p>\n", passed,
              checks.size());
  // Those in which something failed come first.
  for (const bool with_failures : {true, false}) {
    for (const GroupOfChecks& group : groups) {
      if (group.failed.empty() != with_failures) section.add(html_group(group));
    }
  }
  section.add("</section>\n");
  return section;
}

}  // namespace quoin::cli
