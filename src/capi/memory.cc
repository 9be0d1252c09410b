// tdx_security.h: memory.

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

#include "src/base/try.h"
#include "src/capi/memory_map.h"
#include "src/capi/memory_protection.h"
#include "src/capi/report.h"
#include "src/capi/session.h"
#include "src/os/io.h"
#include "src/td/detect.h"
#include "tdx_security.h"

namespace quoin::capi {
namespace {

static_assert(TDX_MEMORY_LOCKED == kMemoryLocked && TDX_MEMORY_NO_DUMP == kMemoryNoDump &&
              TDX_MEMORY_NO_FORK == kMemoryNoFork && TDX_MEMORY_WIPE_ON_FORK == kMemoryWipeOnFork &&
              TDX_MEMORY_GUARDED == kMemoryGuarded && TDX_MEMORY_SECRET == kMemorySecret);

constexpr size_t kMaxMapBytes = size_t{64} << 20;

std::span<uint8_t> region_of(void* address, size_t size) {
  return address == nullptr ? std::span<uint8_t>()
                            : std::span(static_cast<uint8_t*>(address), size);
}

// What tdx_memory_allocate() has given out. Like the session, it lives as long as the process.
struct Allocations {
  std::mutex mutex;
  std::map<const void*, GuardedMemory> by_address;
};

Allocations& allocations() {
  static auto* const allocations = new Allocations;
  return *allocations;
}

// Whether some of the region is what tdx_memory_allocate() has given out.
bool is_allocated(const void* address, size_t size) {
  const auto begin = std::bit_cast<uintptr_t>(address);
  Allocations& all = allocations();
  const std::lock_guard lock(all.mutex);
  return std::ranges::any_of(all.by_address, [&](const auto& entry) {
    const std::span<const uint8_t> pages = entry.second.pages();
    const auto first = std::bit_cast<uintptr_t>(pages.data());
    return first < begin ? begin - first < pages.size() : first - begin < size;
  });
}

Outcome protect_region(void* address, size_t size, uint32_t flags, uint32_t& done) {
  const uint32_t wanted = flags == 0 ? kMemoryLocked | kMemoryNoDump : flags;
  if ((wanted & kMemoryForkMeasures) != 0 && is_allocated(address, size)) {
    return wrong("what a child has of allocated memory is chosen as it is allocated");
  }
  Protection protection = protect(region_of(address, size), wanted);
  done = protection.done;
  if (protection.result.ok()) return {};
  Error error = std::move(protection.result).error();
  if (error.code == ErrorCode::invalid_argument) return error;
  return {TDX_ERROR_NOT_SUPPORTED, std::move(error)};
}

Outcome unprotect_region(void* address, size_t size) {
  const uint32_t kept = is_allocated(address, size) ? kMemoryForkMeasures : 0;
  const Result<void> result = unprotect(region_of(address, size), kMemoryRegionMeasures & ~kept);
  if (result.ok() || result.error().code == ErrorCode::invalid_argument) return result;
  return {TDX_ERROR_NOT_SUPPORTED, result.error()};
}

Result<td::Answer> is_encrypted(const Session& session, td::Td& td, void* address, size_t size) {
  if (address == nullptr || size == 0) return wrong("an empty region");
  // A tree of files may be another machine's.
  if (!session.td_is_kernels()) return td::Answer::unknown;
  if (const Result<TdReportStruct> report = prove_guest(td); !report.ok()) {
    const bool nothing =
        report.error().code == ErrorCode::not_found && !td::detect(session.paths()).any();
    return nothing ? td::Answer::no : td::Answer::unknown;
  }
  const Bytes maps = TRY(read_file("/proc/self/maps", kMaxMapBytes));
  const bool own = is_own_anonymous_memory(as_text(maps), std::bit_cast<uintptr_t>(address), size);
  return own ? td::Answer::yes : td::Answer::unknown;
}

}  // namespace

extern "C" {

int tdx_protect_memory_region(void* address, size_t size, uint32_t flags) {
  return run_security("tdx_protect_memory_region", kSecurity,
                      [&](const Session&, td::Td&) -> Outcome {
                        uint32_t done = 0;
                        return protect_region(address, size, flags, done);
                      });
}

int tdx_protect_memory_region_report(void* address, size_t size, uint32_t flags, uint32_t* done) {
  if (done != nullptr) *done = 0;
  return run_security("tdx_protect_memory_region_report", kSecurity,
                      [&](const Session&, td::Td&) -> Outcome {
                        if (done == nullptr) return wrong("done is NULL");
                        return protect_region(address, size, flags, *done);
                      });
}

int tdx_unprotect_memory_region(void* address, size_t size) {
  return run_security("tdx_unprotect_memory_region", kSecurity,
                      [&](const Session&, td::Td&) { return unprotect_region(address, size); });
}

void* tdx_memory_allocate(size_t size, uint32_t flags, uint32_t* done) {
  if (done != nullptr) *done = 0;
  void* address = nullptr;
  run("tdx_memory_allocate", kSecurity, [&](const Session&) -> Outcome {
    GuardedMemory memory = TRY(GuardedMemory::allocate(size, flags));
    uint8_t* const bytes = memory.bytes().data();
    const uint32_t measures = memory.protection().done;
    Allocations& all = allocations();
    const std::lock_guard lock(all.mutex);
    all.by_address.emplace(bytes, std::move(memory));
    address = bytes;
    if (done != nullptr) *done = measures;
    return {};
  });
  return address;
}

void tdx_memory_free(void* address) {
  if (address == nullptr) return;
  Allocations& all = allocations();
  const std::lock_guard lock(all.mutex);
  // Whoever frees what is not there frees what somebody else has by now.
  if (all.by_address.erase(address) == 0) std::abort();
}

int tdx_query_memory_encryption(void* address, size_t size, uint32_t* answer) {
  if (answer != nullptr) *answer = TDX_ANSWER_UNKNOWN;
  return run_security("tdx_query_memory_encryption", kSecurity,
                      [&](const Session& session, td::Td& td) -> Outcome {
                        if (answer == nullptr) return wrong("answer is NULL");
                        switch (TRY(is_encrypted(session, td, address, size))) {
                          case td::Answer::yes:
                            *answer = TDX_ANSWER_YES;
                            break;
                          case td::Answer::no:
                            *answer = TDX_ANSWER_NO;
                            break;
                          case td::Answer::unknown:
                            break;
                        }
                        return {};
                      });
}

bool tdx_is_memory_encrypted(void* address, size_t size) {
  uint32_t answer = TDX_ANSWER_UNKNOWN;
  const int code = tdx_query_memory_encryption(address, size, &answer);
  return code == TDX_SUCCESS && answer == TDX_ANSWER_YES;
}

}  // extern "C"
}  // namespace quoin::capi
