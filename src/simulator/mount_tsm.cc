#include "src/simulator/mount_tsm.h"

#include <algorithm>
#include <utility>

#include "src/simulator/distort.h"

namespace quoin::simulator {
namespace {

// TSM_REPORT_INBLOB_MAX of the kernel, and what the driver of TDX wants.
constexpr size_t kInblobBytes = 64;

Bytes text(std::string line) {
  line += '\n';
  return Bytes(line.begin(), line.end());
}

}  // namespace

// What is written gathers here, and is taken at close(2).
class TsmReports::Inblob final : public KernelFile {
 public:
  Inblob(TsmReports& reports, std::shared_ptr<Entry> entry)
      : reports_(reports), entry_(std::move(entry)) {}

  KernelResult<size_t> write(ByteView bytes, uint64_t offset) override {
    if (offset > kInblobBytes || bytes.size() > kInblobBytes - offset) return fails_with(EFBIG);
    const size_t end = static_cast<size_t>(offset) + bytes.size();
    if (end > bytes_.size()) bytes_.resize(end);
    std::ranges::copy(bytes, bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
    written_ = true;
    return bytes.size();
  }

  void close() override {
    if (!std::exchange(written_, false)) return;
    reports_.take_inblob(*entry_, std::exchange(bytes_, {}));
  }

 private:
  TsmReports& reports_;
  std::shared_ptr<Entry> entry_;
  Bytes bytes_;
  bool written_ = false;
};

// The first read that gives something makes the quote; what follows reads the same one.
class TsmReports::Outblob final : public KernelFile {
 public:
  Outblob(TsmReports& reports, std::shared_ptr<Entry> entry)
      : reports_(reports), entry_(std::move(entry)) {}

  KernelResult<Bytes> read(size_t size, uint64_t offset) override {
    if (bytes_.empty()) {
      KernelResult<Bytes> bytes = reports_.read_outblob(*entry_);
      if (!bytes) return bytes;
      bytes_ = *std::move(bytes);
    }
    return part_of(bytes_, size, offset);
  }

 private:
  TsmReports& reports_;
  std::shared_ptr<Entry> entry_;
  Bytes bytes_;
};

TsmReports::TsmReports(MakeQuote make_quote, Faults& faults, KernelTime time,
                       std::chrono::milliseconds timeout)
    : make_quote_(std::move(make_quote)),
      faults_(faults),
      time_(std::move(time)),
      timeout_(timeout) {}

std::vector<std::string> TsmReports::names() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  names.reserve(entries_.size());
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

bool TsmReports::has(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  return entries_.contains(name);
}

KernelResult<void> TsmReports::make(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (entries_.contains(name)) return fails_with(EEXIST);
  if (faults_.take(Fault::no_provider)) return fails_with(ENXIO);
  if (faults_.take(Fault::mkdir_eio)) return fails_with(EIO);
  if (entries_.size() >= kMaxEntries) return fails_with(ENOMEM);
  entries_.emplace(name, std::make_shared<Entry>());
  return {};
}

KernelResult<void> TsmReports::remove(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(name);
  if (found == entries_.end()) return fails_with(ENOENT);
  found->second->removed = true;
  entries_.erase(found);
  return {};
}

KernelResult<std::unique_ptr<KernelFile>> TsmReports::open(std::string_view name,
                                                           std::string_view attribute) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(name);
  if (found == entries_.end()) return fails_with(ENOENT);
  const std::shared_ptr<Entry>& entry = found->second;
  if (attribute == "inblob") return std::make_unique<Inblob>(*this, entry);
  if (attribute == "outblob") return std::make_unique<Outblob>(*this, entry);
  if (attribute == "generation") {
    return std::make_unique<BytesFile>(text(std::to_string(entry->generation)));
  }
  if (attribute != "provider") return fails_with(ENOENT);
  if (faults_.take(Fault::no_provider)) return fails_with(ENXIO);
  return std::make_unique<BytesFile>(text("tdx_guest"));
}

void TsmReports::take_inblob(Entry& entry, Bytes bytes) {
  const std::lock_guard lock(mutex_);
  if (entry.removed || faults_.take(Fault::inblob_ebusy)) return;
  entry.inblob = std::move(bytes);
  entry.generation += faults_.take(Fault::generation_jumps) ? 2u : 1u;
}

KernelResult<Bytes> TsmReports::read_outblob(Entry& entry) {
  const std::lock_guard lock(mutex_);
  if (entry.removed) return fails_with(ENOENT);
  if (faults_.take(Fault::no_provider)) return fails_with(ENXIO);
  if (entry.inblob.empty()) return fails_with(EINVAL);
  if (!entry.outblob || entry.outblob_generation != entry.generation) {
    entry.outblob.reset();
    KernelResult<Bytes> quote = new_quote(entry);
    if (!quote) return quote;
    entry.outblob = *std::move(quote);
    entry.outblob_generation = entry.generation;
    if (faults_.take(Fault::generation_moves)) ++entry.generation;
  }
  return *entry.outblob;
}

KernelResult<Bytes> TsmReports::new_quote(const Entry& entry) {
  if (entry.inblob.size() != kInblobBytes) return fails_with(EINVAL);
  if (const KernelResult<void> asked = ask_host(); !asked) return std::unexpected(asked.error());
  ByteArray<kInblobBytes> report_data{};
  std::ranges::copy(entry.inblob, report_data.begin());
  Result<Bytes> made =
      make_quote_(distort_report_data(report_data, Fault::quote_wrong_report_data, faults_));
  if (!made.ok()) return fails_with(EIO);
  Bytes quote = distort_quote(*std::move(made), faults_);
  if (faults_.take(Fault::outblob_truncated)) quote.resize(quote.size() / 2);
  if (faults_.take(Fault::outblob_empty)) quote.clear();
  return quote;
}

// The host has one buffer, and one request in it at a time: one that times out or is interrupted
// stays in there until the host is done with it.
KernelResult<void> TsmReports::ask_host() {
  if (time_.now() < host_busy_until_) return fails_with(EBUSY);
  if (faults_.take(Fault::outblob_wedged)) {
    return fails_with(std::exchange(wedged_, true) ? EBUSY : ETIMEDOUT);
  }
  if (faults_.take(Fault::outblob_ebusy)) return fails_with(EBUSY);
  if (faults_.take(Fault::outblob_etimedout)) return fails_with(ETIMEDOUT);
  if (faults_.take(Fault::outblob_eintr)) return fails_with(EINTR);
  if (faults_.take(Fault::outblob_eio)) return fails_with(EIO);
  if (faults_.take(Fault::outblob_enxio)) return fails_with(ENXIO);
  const std::chrono::milliseconds delay = faults_.delay();
  if (delay.count() == 0) return {};
  host_busy_until_ = time_.now() + delay;
  if (!time_.wait(std::min(delay, timeout_))) return fails_with(EINTR);
  if (delay > timeout_) return fails_with(ETIMEDOUT);
  host_busy_until_ = {};
  return {};
}

}  // namespace quoin::simulator
