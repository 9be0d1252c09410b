#include "src/capi/memory_protection.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "src/base/try.h"
#include "src/crypto/secret.h"
#include "src/os/unique_fd.h"

namespace quoin::capi {
namespace {

constexpr size_t kMaxGuardedBytes = size_t{1} << 30;
// What every type can be aligned to: the end of guarded memory may be off by so much.
constexpr size_t kAlignment = alignof(std::max_align_t);

size_t page_size() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }

size_t round_up(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }

// How far `address` is into its page.
size_t offset_in_page(const uint8_t* address) {
  return std::bit_cast<uintptr_t>(address) % page_size();
}

// Whether the last page that `region` touches ends before the address space does: what comes behind
// would be rounded up to no bytes, with which every system call is content.
bool fits_address_space(std::span<uint8_t> region) {
  const auto begin = std::bit_cast<uintptr_t>(region.data());
  const uintptr_t most = std::numeric_limits<uintptr_t>::max() - page_size();
  return begin <= most && region.size() <= most - begin;
}

// Every page that `region` touches, which fits_address_space().
std::span<uint8_t> pages_around(std::span<uint8_t> region) {
  const size_t before = offset_in_page(region.data());
  return {region.data() - before, round_up(before + region.size(), page_size())};
}

// Every page that lies wholly in `region`; may be none.
std::span<uint8_t> pages_within(std::span<uint8_t> region) {
  const size_t skipped = (page_size() - offset_in_page(region.data())) % page_size();
  if (skipped >= region.size()) return {};
  const size_t left = region.size() - skipped;
  return region.subspan(skipped, left - left % page_size());
}

bool is_whole_pages(std::span<uint8_t> region) {
  return offset_in_page(region.data()) == 0 && region.size() % page_size() == 0;
}

// The system calls themselves: sanitizers put functions in the place of mlock() and munlock() that
// do nothing and succeed.
int lock(std::span<uint8_t> pages) {
  return static_cast<int>(syscall(SYS_mlock, pages.data(), pages.size()));
}
int unlock(std::span<uint8_t> pages) {
  return static_cast<int>(syscall(SYS_munlock, pages.data(), pages.size()));
}

template <int kAdvice>
int advise(std::span<uint8_t> pages) {
  return madvise(pages.data(), pages.size(), kAdvice);
}

struct Measure {
  uint32_t bit;
  std::string_view name;
  int (*take)(std::span<uint8_t> pages);
  int (*take_back)(std::span<uint8_t> pages);
};

constexpr std::array<Measure, 4> kMeasures = {{
    {kMemoryLocked, "mlock", lock, unlock},
    {kMemoryNoDump, "MADV_DONTDUMP", advise<MADV_DONTDUMP>, advise<MADV_DODUMP>},
    {kMemoryNoFork, "MADV_DONTFORK", advise<MADV_DONTFORK>, advise<MADV_DOFORK>},
    {kMemoryWipeOnFork, "MADV_WIPEONFORK", advise<MADV_WIPEONFORK>, advise<MADV_KEEPONFORK>},
}};

Error system_error(std::string_view call, int number) {
  Error error{number == EPERM || number == EACCES ? ErrorCode::permission : ErrorCode::io,
              std::string(call) + ": " + std::strerror(number)};
  if (call == "mlock" && (number == ENOMEM || number == EAGAIN || number == EPERM)) {
    error.hint = "raise RLIMIT_MEMLOCK (ulimit -l, LimitMEMLOCK= in a unit)";
  }
  return error;
}

// Maps `size` bytes without access: of `file`, or fresh ones where that is -1.
Result<std::span<uint8_t>> reserve(size_t size, int file) {
  const int kind = file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
  void* const mapped = mmap(nullptr, size, PROT_NONE, kind, file, 0);
  if (mapped == MAP_FAILED) return system_error("mmap", errno);
  return std::span(static_cast<uint8_t*>(mapped), size);
}

// The same of secret memory, in one piece with its guards: a mapping put over another one would
// leave a hole where it fails, which another thread's may fill.
Result<std::span<uint8_t>> reserve_secret(size_t size) {
  // No wrapper in glibc 2.36. The flag is O_CLOEXEC (mm/secretmem.c), whatever the manual page
  // says.
  const UniqueFd file(static_cast<int>(syscall(SYS_memfd_secret, O_CLOEXEC)));
  if (!file.valid() || ftruncate(file.get(), static_cast<off_t>(size)) != 0) {
    return system_error("memfd_secret", errno);
  }
  return reserve(size, file.get());
}

std::optional<Error> wrong_request(std::span<uint8_t> region, uint32_t measures) {
  if (region.empty()) return Error{ErrorCode::invalid_argument, "an empty region"};
  if (!fits_address_space(region)) {
    return Error{ErrorCode::invalid_argument, "a region beyond the end of memory"};
  }
  if ((measures & ~kMemoryRegionMeasures) != 0) {
    return Error{ErrorCode::invalid_argument, "measures that a region cannot be given"};
  }
  return std::nullopt;
}

}  // namespace

Protection protect(std::span<uint8_t> region, uint32_t wanted) {
  if (auto wrong = wrong_request(region, wanted)) return {0, *std::move(wrong)};
  if ((wanted & kMemoryForkMeasures) == kMemoryForkMeasures) {
    return {0, Error{ErrorCode::invalid_argument,
                     "a child cannot have zeros where it has nothing: either of the two"}};
  }
  if ((wanted & kMemoryForkMeasures) != 0 && !is_whole_pages(region)) {
    return {0, Error{ErrorCode::invalid_argument,
                     "the region is not whole pages: a child would lose what else is on them"}};
  }
  Protection protection;
  const std::span<uint8_t> pages = pages_around(region);
  for (const Measure& measure : kMeasures) {
    if ((wanted & measure.bit) == 0) continue;
    if (measure.take(pages) == 0) {
      protection.done |= measure.bit;
    } else if (protection.result.ok()) {
      protection.result = system_error(measure.name, errno);
    }
  }
  return protection;
}

Result<void> unprotect(std::span<uint8_t> region, uint32_t unwanted) {
  if (auto wrong = wrong_request(region, unwanted)) return *std::move(wrong);
  const std::span<uint8_t> pages = pages_within(region);
  if (pages.empty()) return {};
  Result<void> result;
  for (const Measure& measure : kMeasures) {
    if ((unwanted & measure.bit) == 0 || measure.take_back(pages) == 0) continue;
    if (result.ok()) result = system_error(measure.name, errno);
  }
  return result;
}

Result<GuardedMemory> GuardedMemory::allocate(size_t size, uint32_t wanted) {
  const uint32_t measures = wanted & ~(kMemorySecret | kMemoryGuarded);
  if (size == 0 || size > kMaxGuardedBytes || (measures & ~kMemoryRegionMeasures) != 0 ||
      (measures & kMemoryForkMeasures) == kMemoryForkMeasures) {
    return Error{ErrorCode::invalid_argument, "guarded memory of a size or kind that cannot be"};
  }
  const size_t page = page_size();
  const size_t inner = round_up(size, page);
  GuardedMemory memory;
  Result<void> secret;
  if ((wanted & kMemorySecret) != 0) {
    Result<std::span<uint8_t>> pages = reserve_secret(inner + 2 * page);
    if (pages.ok()) {
      memory.pages_ = *pages;
    } else {
      secret = std::move(pages).error();
    }
  }
  const bool is_secret = !memory.pages_.empty();
  if (!is_secret) memory.pages_ = TRY(reserve(inner + 2 * page, -1));
  // What lies between the guards.
  const std::span<uint8_t> usable = memory.pages_.subspan(page, inner);
  if (mprotect(usable.data(), usable.size(), PROT_READ | PROT_WRITE) != 0) {
    return system_error("mprotect", errno);
  }
  // A child would share secret memory, and wipe its parent's.
  if (is_secret && advise<MADV_DONTFORK>(usable) != 0) return system_error("MADV_DONTFORK", errno);
  // Secret memory is locked by its nature, and mlock(2) fails on it.
  memory.protection_ = protect(usable, is_secret ? measures & ~kMemoryLocked : measures);
  memory.protection_.done |= kMemoryGuarded;
  memory.owner_ = getpid();
  if (is_secret) {
    memory.protection_.done |= kMemorySecret | kMemoryNoFork | (measures & kMemoryLocked);
  }
  if (!secret.ok()) memory.protection_.result = std::move(secret);
  memory.bytes_ = usable.last(round_up(size, kAlignment)).first(size);
  return memory;
}

GuardedMemory::GuardedMemory(GuardedMemory&& other) noexcept
    : pages_(std::exchange(other.pages_, {})),
      bytes_(std::exchange(other.bytes_, {})),
      protection_(std::exchange(other.protection_, {})),
      owner_(other.owner_) {}

GuardedMemory& GuardedMemory::operator=(GuardedMemory&& other) noexcept {
  if (this != &other) {
    release();
    pages_ = std::exchange(other.pages_, {});
    bytes_ = std::exchange(other.bytes_, {});
    protection_ = std::exchange(other.protection_, {});
    owner_ = other.owner_;
  }
  return *this;
}

GuardedMemory::~GuardedMemory() { release(); }

void GuardedMemory::release() {
  if (pages_.empty()) return;
  const bool has_it = (protection_.done & kMemoryNoFork) == 0 || owner_ == getpid();
  if (has_it) {
    wipe(bytes_);
    munmap(pages_.data(), pages_.size());
  }
  pages_ = {};
  bytes_ = {};
}

}  // namespace quoin::capi
