#include "src/capi/memory_protection.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <csignal>
#include <fstream>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "src/capi/memory_map.h"

namespace quoin::capi {
namespace {

const size_t kPage = static_cast<size_t>(sysconf(_SC_PAGESIZE));

// Private pages that nobody else uses.
class Pages {
 public:
  explicit Pages(size_t count) : size_(count * kPage) {
    void* const mapped =
        mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT_NE(mapped, MAP_FAILED);
    data_ = static_cast<uint8_t*>(mapped);
  }
  ~Pages() { munmap(data_, size_); }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  std::span<uint8_t> all() const { return {data_, size_}; }

 private:
  uint8_t* data_ = nullptr;
  size_t size_;
};

// All that /proc/self/smaps says of the mapping that holds `address`.
std::string mapping_of(const uint8_t* address) {
  const auto wanted = std::bit_cast<uintptr_t>(address);
  std::ifstream smaps("/proc/self/smaps");
  std::string mapping;
  bool inside = false;
  for (std::string line; std::getline(smaps, line);) {
    uintptr_t begin = 0;
    uintptr_t end = 0;
    char dash = 0;
    std::istringstream fields(line);
    if (line.find('-') < line.find(' ') && fields >> std::hex >> begin >> dash >> end) {
      inside = begin <= wanted && wanted < end;
    }
    if (inside) mapping += line + "\n";
  }
  return mapping;
}

// The flags of that mapping: "lo" is locked, "dd" is not dumped, "dc" is not given to a child, "wf"
// is zero in a child.
std::string kernel_flags(const uint8_t* address) {
  const std::string mapping = mapping_of(address);
  const size_t flags = mapping.find("VmFlags:");
  return flags == std::string::npos ? "not mapped" : mapping.substr(flags) + " ";
}

bool has_flag(const uint8_t* address, std::string_view flag) {
  return kernel_flags(address).find(" " + std::string(flag) + " ") != std::string::npos;
}

// How a child ends that does `work`.
template <typename Work>
int child_status(Work work) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    _exit(work());
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

TEST(Protect, RefusesWhatCannotBe) {
  const Pages pages(2);
  const struct {
    std::string name;
    std::span<uint8_t> region;
    uint32_t wanted;
  } cases[] = {
      {"an empty region", {}, kMemoryLocked},
      {"guards around memory that is there", pages.all(), kMemoryGuarded},
      {"secret memory that is there", pages.all(), kMemorySecret},
      {"an unknown bit", pages.all(), 0x80000000u},
      {"both kinds of fork", pages.all(), kMemoryNoFork | kMemoryWipeOnFork},
      {"half a page not for a child", pages.all().first(kPage / 2), kMemoryNoFork},
      {"pages that begin in the middle, wiped", pages.all().subspan(16, kPage), kMemoryWipeOnFork},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    const Protection protection = protect(test.region, test.wanted);
    EXPECT_EQ(protection.done, 0u);
    ASSERT_FALSE(protection.result.ok());
    EXPECT_EQ(protection.result.error().code, ErrorCode::invalid_argument);
  }
  EXPECT_FALSE(has_flag(pages.all().data(), "lo"));
  EXPECT_FALSE(has_flag(pages.all().data(), "dc"));
}

TEST(Protect, RefusesWhatRunsOverTheEndOfMemory) {
  const Pages pages(1);
  uint8_t* const begin = pages.all().data() + 16;
  // The last size whose pages end before the address space does.
  const size_t most = SIZE_MAX - kPage - std::bit_cast<uintptr_t>(begin);
  std::vector<size_t> sizes = {most + 1, SIZE_MAX - std::bit_cast<uintptr_t>(begin)};
  for (size_t below = 0; below <= kPage; ++below) sizes.push_back(SIZE_MAX - below);
  for (const size_t size : sizes) {
    for (const uint32_t measures : {kMemoryLocked, kMemoryNoDump, kMemoryLocked | kMemoryNoDump}) {
      const Protection protection = protect({begin, size}, measures);
      EXPECT_EQ(protection.done, 0u) << size;
      ASSERT_FALSE(protection.result.ok()) << size;
      EXPECT_EQ(protection.result.error().code, ErrorCode::invalid_argument) << size;
      const Result<void> taken_back = unprotect({begin, size}, measures);
      ASSERT_FALSE(taken_back.ok()) << size;
      EXPECT_EQ(taken_back.error().code, ErrorCode::invalid_argument) << size;
    }
  }
  EXPECT_FALSE(has_flag(begin, "lo"));
  EXPECT_FALSE(has_flag(begin, "dd"));
  // What can be asked of the kernel is; it says no, but not before it has begun.
  const int status = child_status([&] {
    const Protection protection = protect({begin, most}, kMemoryNoDump);
    if (protection.done != 0 || protection.result.ok()) return 1;
    return protection.result.error().code == ErrorCode::io ? 0 : 2;
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Protect, TakesEachMeasureAndTakesItBack) {
  const struct {
    uint32_t measure;
    std::string_view flag;
  } cases[] = {{kMemoryLocked, "lo"},
               {kMemoryNoDump, "dd"},
               {kMemoryNoFork, "dc"},
               {kMemoryWipeOnFork, "wf"}};
  for (const auto& test : cases) {
    SCOPED_TRACE(test.flag);
    const Pages pages(1);
    const uint8_t* const address = pages.all().data();
    ASSERT_FALSE(has_flag(address, test.flag));
    const Protection protection = protect(pages.all(), test.measure);
    EXPECT_TRUE(protection.result.ok());
    EXPECT_EQ(protection.done, test.measure);
    EXPECT_TRUE(has_flag(address, test.flag)) << kernel_flags(address);
    EXPECT_TRUE(unprotect(pages.all(), test.measure).ok());
    EXPECT_FALSE(has_flag(address, test.flag)) << kernel_flags(address);
  }
}

TEST(Protect, CoversEachPageThatTheRegionTouches) {
  const Pages pages(3);
  const auto region = pages.all().subspan(kPage - 1, kPage + 2);
  EXPECT_TRUE(protect(region, kMemoryLocked | kMemoryNoDump).result.ok());
  for (size_t page = 0; page < 3; ++page) {
    EXPECT_TRUE(has_flag(pages.all().data() + page * kPage, "lo"));
    EXPECT_TRUE(has_flag(pages.all().data() + page * kPage, "dd"));
  }
  // The first and the last page may hold what is somebody else's secret.
  EXPECT_TRUE(unprotect(region, kMemoryLocked).ok());
  EXPECT_TRUE(has_flag(pages.all().data(), "lo"));
  EXPECT_FALSE(has_flag(pages.all().data() + kPage, "lo"));
  EXPECT_TRUE(has_flag(pages.all().data() + 2 * kPage, "lo"));
  EXPECT_TRUE(unprotect(pages.all().subspan(1, kPage), kMemoryLocked).ok());
  EXPECT_TRUE(has_flag(pages.all().data(), "lo")) << "no whole page in it";
}

TEST(Protect, SaysWhatTheKernelDidNotDo) {
  const int status = child_status([] {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_MEMLOCK, &none);
    // The superuser may lock all the same.
    if (geteuid() == 0 && seteuid(65534) != 0) return 2;
    const Pages pages(1);
    const Protection protection = protect(pages.all(), kMemoryLocked | kMemoryNoDump);
    if (protection.done != kMemoryNoDump || protection.result.ok()) return 3;
    return protection.result.error().hint.empty() ? 4 : 0;
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Protect, AChildDoesNotSeeTheBytes) {
  const Pages pages(1);
  pages.all()[0] = 42;
  ASSERT_TRUE(protect(pages.all(), kMemoryWipeOnFork).result.ok());
  const int status = child_status([&] { return int{pages.all()[0]}; });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(pages.all()[0], 42);
}

TEST(GuardedMemory, RefusesWhatCannotBe) {
  EXPECT_FALSE(GuardedMemory::allocate(0, 0).ok());
  EXPECT_FALSE(GuardedMemory::allocate(SIZE_MAX, 0).ok());
  EXPECT_FALSE(GuardedMemory::allocate((size_t{1} << 30) + 1, 0).ok());
  EXPECT_FALSE(GuardedMemory::allocate(1, 0x40).ok());
  EXPECT_FALSE(GuardedMemory::allocate(1, kMemoryNoFork | kMemoryWipeOnFork).ok());
}

TEST(GuardedMemory, IsZeroWritableAndSaysWhatItIs) {
  for (const size_t size : {size_t{1}, size_t{16}, kPage, kPage + 1, 3 * kPage}) {
    SCOPED_TRACE(size);
    const auto memory = GuardedMemory::allocate(size, kMemoryLocked | kMemoryNoDump);
    ASSERT_TRUE(memory.ok());
    EXPECT_EQ(memory->bytes().size(), size);
    EXPECT_TRUE(std::ranges::all_of(memory->bytes(), [](uint8_t byte) { return byte == 0; }));
    std::ranges::fill(memory->bytes(), uint8_t{7});
    EXPECT_TRUE(memory->protection().result.ok());
    EXPECT_EQ(memory->protection().done, kMemoryGuarded | kMemoryLocked | kMemoryNoDump);
    EXPECT_TRUE(has_flag(memory->bytes().data(), "lo"));
    EXPECT_TRUE(has_flag(memory->bytes().data(), "dd"));
  }
}

TEST(GuardedMemory, EndsWhoeverRunsOverItsEnd) {
  const struct {
    std::string name;
    std::ptrdiff_t offset;
    bool survives;
  } cases[] = {
      {"the last byte", 31, true},
      {"the byte behind it", 32, false},
      {"the byte before its page", 32 - static_cast<std::ptrdiff_t>(kPage) - 1, false},
  };
  for (const uint32_t wanted : {uint32_t{0}, kMemorySecret}) {
    for (const auto& test : cases) {
      SCOPED_TRACE(test.name);
      const int status = child_status([&] {
        const auto memory = GuardedMemory::allocate(32, wanted);
        if (!memory.ok()) return 1;
        uint8_t* const bytes = memory->bytes().data();
        *const_cast<volatile uint8_t*>(bytes + test.offset) = 1;
        return 0;
      });
      // A sanitizer turns the signal into an exit of its own.
      EXPECT_EQ(WIFEXITED(status) && WEXITSTATUS(status) == 0, test.survives);
    }
  }
}

TEST(GuardedMemory, CanBeSecret) {
  const auto memory = GuardedMemory::allocate(100, kMemorySecret | kMemoryLocked);
  ASSERT_TRUE(memory.ok());
  std::ranges::fill(memory->bytes(), uint8_t{9});
  const auto file = static_cast<int>(syscall(SYS_memfd_secret, 0));
  if (file < 0) {
    EXPECT_FALSE(memory->protection().result.ok());
    EXPECT_EQ(memory->protection().done, kMemoryGuarded | kMemoryLocked);
    GTEST_SKIP() << "this kernel has no secret memory";
  }
  close(file);
  EXPECT_TRUE(memory->protection().result.ok());
  EXPECT_EQ(memory->protection().done,
            kMemoryGuarded | kMemoryLocked | kMemorySecret | kMemoryNoFork);
  EXPECT_TRUE(has_flag(memory->bytes().data(), "lo"));
  EXPECT_TRUE(has_flag(memory->bytes().data(), "dc")) << "a child would share it";
  EXPECT_NE(mapping_of(memory->bytes().data()).find("secretmem"), std::string::npos)
      << mapping_of(memory->bytes().data());
}

// A child that gives back all that it holds must not give back its parent's.
TEST(GuardedMemory, IsNotTakenFromItsParent) {
  for (const uint32_t wanted : {kMemorySecret, kMemoryNoFork, kMemoryLocked}) {
    auto memory = GuardedMemory::allocate(100, wanted);
    ASSERT_TRUE(memory.ok());
    std::ranges::fill(memory->bytes(), uint8_t{9});
    const int status = child_status([&] {
      {
        const GuardedMemory gone = std::move(*memory);
      }
      return 0;
    });
    ASSERT_TRUE(WIFEXITED(status)) << wanted;
    EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_EQ(memory->bytes()[0], 9) << wanted;
  }
}

TEST(GuardedMemoryDeathTest, SaysWhereItIsNotSecret) {
  const auto try_it = [] {
    // The file of secret memory cannot be given a size, where the kernel has one at all.
    signal(SIGXFSZ, SIG_IGN);
    const rlimit nothing = {.rlim_cur = 0, .rlim_max = 0};
    if (setrlimit(RLIMIT_FSIZE, &nothing) != 0) _exit(2);
    const auto memory = GuardedMemory::allocate(100, kMemorySecret);
    if (!memory.ok()) _exit(3);
    memory->bytes()[0] = 1;
    const bool said = !memory->protection().result.ok();
    _exit(said && memory->protection().done == kMemoryGuarded ? 0 : 1);
  };
  EXPECT_EXIT(try_it(), testing::ExitedWithCode(0), "");
}

// Whether a mapping that cannot be read stands at both ends of those pages.
bool is_guarded(std::span<uint8_t> usable) {
  return kernel_flags(usable.data() - 1).find(" rd ") == std::string::npos &&
         kernel_flags(usable.data() + usable.size()).find(" rd ") == std::string::npos &&
         kernel_flags(usable.data() - 1) != "not mapped" &&
         kernel_flags(usable.data() + usable.size()) != "not mapped";
}

// Secret memory counts as locked, guards and all; the superuser may lock any amount.
TEST(GuardedMemory, IsOrdinaryWhereThereIsNoRoomForSecrets) {
  const int status = child_status([] {
    const rlimit some{16 * kPage, 16 * kPage};
    setrlimit(RLIMIT_MEMLOCK, &some);
    if (geteuid() == 0 && setuid(65534) != 0) return 2;
    for (const size_t pages : {64u, 17u, 16u, 15u}) {
      const auto memory = GuardedMemory::allocate(pages * kPage, kMemorySecret | kMemoryNoDump);
      if (!memory.ok()) return 3;
      std::ranges::fill(memory->bytes(), uint8_t{7});
      if (memory->protection().done != (kMemoryGuarded | kMemoryNoDump)) return 4;
      if (memory->protection().result.ok()) return 5;
      if (!is_guarded(memory->bytes())) return 6;
    }
    return 0;
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(GuardedMemory, IsWipedBeforeItIsGivenBack) {
  auto memory = GuardedMemory::allocate(16, kMemorySecret);
  ASSERT_TRUE(memory.ok());
  if (!memory->protection().result.ok()) GTEST_SKIP() << "this kernel has no secret memory";
  std::ranges::fill(memory->bytes(), uint8_t{9});
  // Secret memory is a file's: what it holds can be seen at a second place, which stays.
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  uint8_t* const begin = memory->bytes().data() + 16 - page;
  void* const second = mremap(begin, 0, page, MREMAP_MAYMOVE);
  ASSERT_NE(second, MAP_FAILED);
  const auto seen = std::span(static_cast<uint8_t*>(second), page).last(16);
  EXPECT_EQ(seen[0], 9);
  {
    const GuardedMemory gone = *std::move(memory);
  }
  EXPECT_TRUE(std::ranges::all_of(seen, [](uint8_t byte) { return byte == 0; }));
  munmap(second, page);
}

TEST(GuardedMemory, IsGivenBackOnce) {
  auto memory = GuardedMemory::allocate(8, 0);
  ASSERT_TRUE(memory.ok());
  uint8_t* const address = memory->bytes().data();
  GuardedMemory moved = *std::move(memory);
  EXPECT_EQ(moved.bytes().data(), address);
  moved = GuardedMemory::allocate(8, 0).value();
  EXPECT_NE(moved.bytes().data(), address);
  EXPECT_EQ(kernel_flags(address), "not mapped");
}

TEST(MemoryMap, IsOwnMemoryOnlyFromEndToEnd) {
  constexpr std::string_view kMaps =
      "1000-2000 r-xp 00000000 fe:01 1234                   /usr/bin/program\n"
      "2000-4000 rw-p 00000000 00:00 0                      [heap]\n"
      "4000-5000 rw-p 00000000 00:00 0 \n"
      "6000-7000 rw-s 00000000 00:00 0 \n"
      "7000-8000 rw-p 00000000 00:0e 12                     /dev/dax0.0\n"
      "8000-9000 r--p 00000000 00:00 0                      [vvar]\n"
      "9000-a000 rw-p 00000000 00:00 0                      [anon:arena]\n"
      "a000-b000 rw-s 00000000 00:05 77                     /dev/zero (deleted)\n"
      "b000-c000 rw-p 00000000 00:00 0                      [stack]\n"
      "d000-e000 rw-p 00000000 00:00 0 \n"
      "e000-f000 rw-p 00000000 00:0e 0 \n"
      "f000-10000 rw-p 00000000 00:00 12 \n";
  const struct {
    std::string name;
    uintptr_t begin;
    size_t size;
    bool own;
  } cases[] = {
      {"heap", 0x2000, 0x2000, true},
      {"heap and what follows", 0x2fff, 0x1002, true},
      {"up to the end", 0x4000, 0x1000, true},
      {"one byte over the end", 0x4000, 0x1001, false},
      {"one byte before the heap", 0x1fff, 2, false},
      {"a file", 0x1000, 16, false},
      {"shared", 0x6000, 16, false},
      {"a device", 0x7000, 16, false},
      {"the page that the host writes", 0x8000, 16, false},
      {"a named arena", 0x9000, 0x1000, true},
      {"shared anonymous memory", 0xa000, 16, false},
      {"the stack", 0xb000, 0x1000, true},
      {"nothing is there", 0x5000, 16, false},
      {"over a gap", 0xb000, 0x2001, false},
      {"behind a gap", 0xd000, 0x1000, true},
      {"a device without a name", 0xe000, 16, false},
      {"a file without a name", 0xf000, 16, false},
      {"behind everything", 0x10000, 16, false},
      {"no bytes", 0x2000, 0, false},
      {"around the address space", 0x2000, SIZE_MAX, false},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(is_own_anonymous_memory(kMaps, test.begin, test.size), test.own) << test.name;
  }
  EXPECT_FALSE(is_own_anonymous_memory("2000-zzzz rw-p 0 00:00 0 \n", 0x2000, 1));
  EXPECT_FALSE(is_own_anonymous_memory("2000 rw-p 0 00:00 0 \n", 0x2000, 1));
  EXPECT_TRUE(is_own_anonymous_memory("2000-3000 rw-p 0 00:00 0 \n", 0x2000, 1));
  EXPECT_FALSE(is_own_anonymous_memory("?\n2000-3000 rw-p 0 00:00 0 \n", 0x2000, 1));
}

}  // namespace
}  // namespace quoin::capi
