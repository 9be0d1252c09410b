#include "src/verify/check_list.h"

#include <algorithm>

namespace quoin {

Check make_check(const Rule& rule, bool passed, CheckText text) {
  if (passed) {
    text.advice.clear();
  } else if (text.advice.empty()) {
    text.advice = rule.advice;
  }
  return {rule.id,
          passed,
          std::move(text.seen),
          std::move(text.wanted),
          rule.source,
          std::move(text.advice)};
}

bool CheckList::not_expired(const Rule& rule, UtcTime end, UtcTime now) {
  valid_until_ = std::min(valid_until_, end);
  return add(rule, now <= end,
             [&] { return CheckText{"ends " + to_string(end), "not before " + to_string(now)}; });
}

bool CheckList::not_before(const Rule& rule, UtcTime begin, UtcTime now) {
  return add(rule, begin <= now, [&] {
    return CheckText{"begins " + to_string(begin), "not after " + to_string(now)};
  });
}

// Every check of every verdict and decision comes through here: tools/mutate takes them out one by
// one, and a test must see each.
bool CheckList::count(const Rule& rule, bool passed) {
  if (!passed && reason_ == nullptr) reason_ = &rule;
  return passed;
}

const Check* first_refusal(std::span<const Check> checks) {
  const auto check = std::ranges::find(checks, false, &Check::passed);
  return check == checks.end() ? nullptr : &*check;
}

}  // namespace quoin
