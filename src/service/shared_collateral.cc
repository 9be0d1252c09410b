#include "src/service/shared_collateral.h"

#include <algorithm>
#include <condition_variable>
#include <optional>
#include <string>
#include <utility>

#include "src/base/try.h"
#include "src/os/deadline.h"
#include "src/pcs/bundle.h"

namespace quoin::broker {

// Shared with those who wait for it, who may outlast its place in the list.
struct SharedCollateral::Entry {
  explicit Entry(const pcs::CollateralRequest& wanted) : request(wanted) {}

  const pcs::CollateralRequest request;
  // None while it is being fetched, and for ever where that broke off.
  std::optional<Result<PreparedCollateral>> answer;
  TimePoint answered_at;
  bool broke_off = false;
  bool outdated = false;  // there was a quote that it did not serve
  std::condition_variable changed;
};

// The thread that fetches an entry. However it ends, nobody waits for it any longer.
class SharedCollateral::Fetching {
 public:
  Fetching(SharedCollateral& shared, std::shared_ptr<Entry> entry)
      : shared_(shared), entry_(std::move(entry)) {}
  ~Fetching() {
    {
      const std::scoped_lock lock(shared_.mutex_);
      entry_->broke_off = !entry_->answer.has_value();
      if (entry_->broke_off) std::erase(shared_.entries_, entry_);
    }
    entry_->changed.notify_all();
  }
  Fetching(const Fetching&) = delete;
  Fetching& operator=(const Fetching&) = delete;

  void answer(Result<PreparedCollateral> answer, TimePoint now) {
    const std::scoped_lock lock(shared_.mutex_);
    entry_->answered_at = now;
    entry_->answer.emplace(std::move(answer));
  }

 private:
  SharedCollateral& shared_;
  std::shared_ptr<Entry> entry_;
};

SharedCollateral::SharedCollateral(CollateralSource source, SharedCollateralSettings settings)
    : source_(std::move(source)), settings_(std::move(settings)) {}

Result<PreparedCollateral> SharedCollateral::get(const Quote& quote) {
  const pcs::CollateralRequest request = TRY(pcs::request_for(quote));
  const TimePoint now = settings_.clock();
  std::unique_lock lock(mutex_);
  if (auto* const kept = find(request); kept != nullptr && is_to_be_looked_at(**kept, now)) {
    // Another thread may put one in its place meanwhile.
    const std::shared_ptr<Entry> entry = *kept;
    look_at(*entry, quote, lock);
  }
  std::shared_ptr<Entry>* const known = find(request);
  if (known != nullptr && !(*known)->answer) {
    const std::shared_ptr<Entry> entry = *known;
    return wait(*entry, lock);
  }
  if (known != nullptr && is_kept(**known, now)) return *(*known)->answer;
  std::shared_ptr<Entry> added = TRY(add(request, known));
  Fetching fetching(*this, std::move(added));
  lock.unlock();

  Result<PreparedCollateral> answer = source_(quote);
  fetching.answer(answer, settings_.clock());
  return answer;
}

std::shared_ptr<SharedCollateral::Entry>* SharedCollateral::find(
    const pcs::CollateralRequest& request) {
  const auto found = std::ranges::find_if(
      entries_, [&](const std::shared_ptr<Entry>& entry) { return entry->request == request; });
  return found == entries_.end() ? nullptr : &*found;
}

bool SharedCollateral::is_to_be_looked_at(const Entry& entry, TimePoint now) const {
  return settings_.serves && entry.answer && entry.answer->ok() && is_kept(entry, now) &&
         now - entry.answered_at >= settings_.min_age;
}

void SharedCollateral::look_at(Entry& entry, const Quote& quote,
                               std::unique_lock<std::mutex>& lock) const {
  const PreparedCollateral collateral = **entry.answer;
  lock.unlock();
  const bool serves = settings_.serves(quote, collateral);
  lock.lock();
  entry.outdated |= !serves;
}

bool SharedCollateral::is_kept(const Entry& entry, TimePoint now) const {
  if (entry.outdated) return false;
  const bool holds =
      entry.answer->ok() && settings_.date() <= pcs::next_update((*entry.answer)->collateral());
  return now - entry.answered_at < (holds ? settings_.success_kept : settings_.failure_kept);
}

Result<std::shared_ptr<SharedCollateral::Entry>> SharedCollateral::add(
    const pcs::CollateralRequest& request, std::shared_ptr<Entry>* old) {
  auto entry = std::make_shared<Entry>(request);
  if (old == nullptr && entries_.size() < settings_.max_entries) {
    return entries_.emplace_back(std::move(entry));
  }
  if (old == nullptr) {
    // What is missed least: what is on its way not at all, failures first, and then by age. A
    // stranger who asks for what nobody has so drives out nothing but other failures.
    for (std::shared_ptr<Entry>& other : entries_) {
      const auto cost = [](const Entry& one) {
        return std::make_pair(one.answer->ok(), one.answered_at);
      };
      if (!other->answer) continue;
      if (old == nullptr || cost(*other) < cost(**old)) old = &other;
    }
  }
  if (old == nullptr) {
    return Error{ErrorCode::refused,
                 "collateral for " + std::to_string(entries_.size()) +
                     " kinds of platforms is being fetched at the moment",
                 "ask again in a minute"};
  }
  *old = std::move(entry);
  return *old;
}

Result<PreparedCollateral> SharedCollateral::wait(Entry& entry,
                                                  std::unique_lock<std::mutex>& lock) const {
  const Deadline deadline = deadline_after(settings_.patience);
  entry.changed.wait_until(lock, deadline, [&] { return entry.answer || entry.broke_off; });
  if (entry.answer) return *entry.answer;
  if (entry.broke_off) {
    return Error{ErrorCode::internal, "fetching this platform's collateral broke off", "ask again"};
  }
  return Error{ErrorCode::timed_out,
               "another connection is still fetching this platform's collateral, after " +
                   std::to_string(settings_.patience.count()) + " ms",
               "ask again: it is kept once it is there. Where that does not help, look at whether "
               "the service that has it answers (quoin collateral fetch)"};
}

}  // namespace quoin::broker
