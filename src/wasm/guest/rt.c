// wabt's runtime, and what we change in it: traps go to the broker, memory is limited and guarded
// to its very end, and a table that could not be allocated never comes to be.

#include "wasm-rt.h"

void quoin_trap(wasm_rt_trap_t code);
#define WASM_RT_TRAP_HANDLER quoin_trap
#include "wasm-rt-impl.c"
#if QUOIN_WABT_MINOR >= 36
#include "wasm-rt-mem-impl.c"
#endif
#undef PAGE_SIZE

#include <sys/mman.h>

#include "guest.h"

enum { WASM_PAGE_BYTES = 65536 };

// A 32-bit address plus a 32-bit offset plus the widest access reach a little past 8 GiB.
static const uint64_t kReservedBytes = (UINT64_C(8) << 30) + WASM_PAGE_BYTES;

#if QUOIN_WABT_MINOR >= 36
typedef uint64_t page_count;
#else
typedef uint32_t page_count;
#endif

void quoin_trap(wasm_rt_trap_t code) {
  switch (code) {
    case WASM_RT_TRAP_OOB:
      quoin_trap_with(QUOIN_TRAP_OUT_OF_BOUNDS);
    case WASM_RT_TRAP_INT_OVERFLOW:
      quoin_trap_with(QUOIN_TRAP_INTEGER_OVERFLOW);
    case WASM_RT_TRAP_DIV_BY_ZERO:
      quoin_trap_with(QUOIN_TRAP_DIVISION_BY_ZERO);
    case WASM_RT_TRAP_INVALID_CONVERSION:
      quoin_trap_with(QUOIN_TRAP_INVALID_CONVERSION);
    case WASM_RT_TRAP_UNREACHABLE:
      quoin_trap_with(QUOIN_TRAP_UNREACHABLE);
    case WASM_RT_TRAP_CALL_INDIRECT:
      quoin_trap_with(QUOIN_TRAP_INDIRECT_CALL);
    case WASM_RT_TRAP_UNCAUGHT_EXCEPTION:
      quoin_trap_with(QUOIN_TRAP_UNCAUGHT_EXCEPTION);
    case WASM_RT_TRAP_EXHAUSTION:
      quoin_trap_with(QUOIN_TRAP_STACK_EXHAUSTED);
    default:
      quoin_trap_with(QUOIN_TRAP_OTHER);
  }
}

static uint64_t memory_bytes(const void* memory) {
  return (uint64_t)((const wasm_rt_memory_t*)memory)->pages * WASM_PAGE_BYTES;
}

// The linker puts these in the place of wabt's (--wrap).

static void allocate_memory(wasm_rt_memory_t* memory, page_count initial, page_count max) {
  if (initial > quoin_max_pages) quoin_give_up(QUOIN_GIVE_UP_MEMORY);
  memory->data =
      mmap(NULL, kReservedBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory->data == MAP_FAILED) quoin_give_up(QUOIN_GIVE_UP_SETUP);
  const uint64_t size = (uint64_t)initial * WASM_PAGE_BYTES;
  if (size > 0 && mprotect(memory->data, size, PROT_READ | PROT_WRITE) != 0) {
    quoin_give_up(QUOIN_GIVE_UP_MEMORY);
  }
  memory->pages = initial;
  memory->max_pages = max < quoin_max_pages ? max : quoin_max_pages;
  memory->size = initial * WASM_PAGE_BYTES;
  quoin_set_memory(memory->data, memory, memory_bytes);
}

#if QUOIN_WABT_MINOR >= 36
void __wrap_wasm_rt_allocate_memory(wasm_rt_memory_t* memory, uint64_t initial, uint64_t max,
                                    bool is64) {
  if (is64) quoin_give_up(QUOIN_GIVE_UP_SETUP);
  allocate_memory(memory, initial, max);
  memory->is64 = false;
}
#else
void __wrap_wasm_rt_allocate_memory(wasm_rt_memory_t* memory, uint32_t initial, uint32_t max) {
  allocate_memory(memory, initial, max);
}
#endif

void __real_wasm_rt_allocate_funcref_table(wasm_rt_funcref_table_t* table, uint32_t elements,
                                           uint32_t max);
void __wrap_wasm_rt_allocate_funcref_table(wasm_rt_funcref_table_t* table, uint32_t elements,
                                           uint32_t max) {
  __real_wasm_rt_allocate_funcref_table(table, elements, max);
  if (table->data == NULL && elements > 0) quoin_give_up(QUOIN_GIVE_UP_MEMORY);
}

void __real_wasm_rt_allocate_externref_table(wasm_rt_externref_table_t* table, uint32_t elements,
                                             uint32_t max);
void __wrap_wasm_rt_allocate_externref_table(wasm_rt_externref_table_t* table, uint32_t elements,
                                             uint32_t max) {
  __real_wasm_rt_allocate_externref_table(table, elements, max);
  if (table->data == NULL && elements > 0) quoin_give_up(QUOIN_GIVE_UP_MEMORY);
}
