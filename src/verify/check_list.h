// The list of checks that a verdict or a decision is made of.

#ifndef QUOIN_SRC_VERIFY_CHECK_LIST_H_
#define QUOIN_SRC_VERIFY_CHECK_LIST_H_

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "quoin/time.h"
#include "quoin/verify.h"
#include "src/verify/rule.h"

namespace quoin {

// Which checks are written down. How each went counts in either case.
enum class Detail : uint8_t { every_check, refusals };

// What a check says besides how it went.
struct CheckText {
  std::string seen;
  std::string wanted;
  std::string advice = {};  // where there is better advice than the rule's
};

// The check of `rule`, as it went.
Check make_check(const Rule& rule, bool passed, CheckText text);

// Collects checks in order, and the earliest end of what they rest on. Not thread-safe. Where all
// pass and only refusals are written down, nothing is allocated.
class CheckList {
 public:
  explicit CheckList(Detail detail) : detail_(detail) {}

  // Records how `rule` went, and returns it. `text()` gives a CheckText; it is called only for what
  // is written down.
  template <typename Text>
  bool add(const Rule& rule, bool passed, const Text& text) {
    const bool counted = count(rule, passed);
    if (!counted || detail_ == Detail::every_check) {
      checks_.push_back(make_check(rule, counted, text()));
    }
    return counted;
  }

  // Whether something that ends at `end` (inclusive) still holds at `now`.
  bool not_expired(const Rule& rule, UtcTime end, UtcTime now);

  // Whether something that begins at `begin` (inclusive) holds at `now` already.
  bool not_before(const Rule& rule, UtcTime begin, UtcTime now);

  // The first rule that did not hold; null when all did.
  const Rule* reason() const { return reason_; }
  bool all_passed() const { return reason_ == nullptr; }
  UtcTime valid_until() const { return valid_until_; }
  std::vector<Check> take() { return std::move(checks_); }

 private:
  bool count(const Rule& rule, bool passed);

  Detail detail_;
  std::vector<Check> checks_;
  const Rule* reason_ = nullptr;
  UtcTime valid_until_ = UtcTime::max();
};

// The first of `checks` that did not pass; null when all did.
const Check* first_refusal(std::span<const Check> checks);

}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_CHECK_LIST_H_
