// WASI's functions about arguments, environment, time, random bytes, waiting and ending, and those
// that have nothing to do here.

#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "guest.h"
#include "wasi_functions.h"

enum {
  MAX_SUBSCRIPTIONS = 1024,
  SUBSCRIPTION_BYTES = 48,
  EVENT_BYTES = 32,
  EVENT_CLOCK = 0,
  EVENT_READ = 1,
  EVENT_WRITE = 2,
  CLOCK_IS_ABSOLUTE = 1
};

static const uint64_t kSecond = UINT64_C(1000000000);

static uint32_t texts_sizes(const struct quoin_texts* texts, uint32_t count, uint32_t bytes) {
  const bool stored =
      quoin_store_u32(count, texts->count) && quoin_store_u32(bytes, texts->total_bytes);
  return stored ? WASI_SUCCESS : WASI_FAULT;
}

static uint32_t texts_get(const struct quoin_texts* texts, uint32_t pointers, uint32_t buffer) {
  uint8_t* list = quoin_memory_array(pointers, texts->count, 4);
  uint8_t* bytes = quoin_memory(buffer, texts->total_bytes);
  if (list == NULL || bytes == NULL) return WASI_FAULT;
  uint32_t offset = 0;
  for (uint32_t i = 0; i < texts->count; ++i) {
    const uint32_t address = buffer + offset;
    const size_t size = strlen(texts->texts[i]) + 1;
    memcpy(list + 4 * (size_t)i, &address, sizeof address);
    memcpy(bytes + offset, texts->texts[i], size);
    offset += (uint32_t)size;
  }
  return WASI_SUCCESS;
}

uint32_t quoin_wasi_args_sizes_get(uint32_t count, uint32_t bytes) {
  return texts_sizes(&quoin_arguments, count, bytes);
}

uint32_t quoin_wasi_args_get(uint32_t pointers, uint32_t buffer) {
  return texts_get(&quoin_arguments, pointers, buffer);
}

uint32_t quoin_wasi_environ_sizes_get(uint32_t count, uint32_t bytes) {
  return texts_sizes(&quoin_environment, count, bytes);
}

uint32_t quoin_wasi_environ_get(uint32_t pointers, uint32_t buffer) {
  return texts_get(&quoin_environment, pointers, buffer);
}

static bool linux_clock(uint32_t clock, clockid_t* id) {
  const clockid_t ids[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID,
                           CLOCK_THREAD_CPUTIME_ID};
  if (clock > 3) return false;
  *id = ids[clock];
  return true;
}

static uint64_t nanoseconds(struct timespec time) {
  return (uint64_t)time.tv_sec * kSecond + (uint64_t)time.tv_nsec;
}

uint32_t quoin_wasi_clock_res_get(uint32_t clock, uint32_t result) {
  clockid_t id;
  struct timespec time;
  if (!linux_clock(clock, &id)) return WASI_INVAL;
  if (clock_getres(id, &time) != 0) return wasi_errno(errno);
  return quoin_store_u64(result, nanoseconds(time)) ? WASI_SUCCESS : WASI_FAULT;
}

uint32_t quoin_wasi_clock_time_get(uint32_t clock, uint64_t precision, uint32_t result) {
  clockid_t id;
  struct timespec time;
  (void)precision;
  if (!linux_clock(clock, &id)) return WASI_INVAL;
  if (clock_gettime(id, &time) != 0) return wasi_errno(errno);
  return quoin_store_u64(result, nanoseconds(time)) ? WASI_SUCCESS : WASI_FAULT;
}

uint32_t quoin_wasi_random_get(uint32_t buffer, uint32_t size) {
  uint8_t* place = quoin_memory(buffer, size);
  if (place == NULL) return WASI_FAULT;
  for (uint32_t done = 0; done < size;) {
    const ssize_t got = getrandom(place + done, size - done, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return WASI_IO;
    done += (uint32_t)got;
  }
  return WASI_SUCCESS;
}

// One subscription, taken apart: u64 userdata, u8 tag, then for a clock u32 id, u64 timeout, u64
// precision, u16 flags, and for the others u32 descriptor.
struct subscription {
  uint64_t userdata;
  uint8_t tag;
  uint16_t error;
  bool ready;
  bool waits_for_stdin;
  uint64_t wait;  // a clock's: nanoseconds from now
};

static void read_clock(const uint8_t* bytes, struct subscription* into) {
  const uint32_t clock = quoin_get_u32(bytes + 16);
  const uint64_t timeout = quoin_get_u64(bytes + 24);
  clockid_t id;
  if (!linux_clock(clock, &id) || clock > 1) {
    into->error = WASI_INVAL;
    into->ready = true;
    return;
  }
  into->wait = timeout;
  if ((bytes[40] & CLOCK_IS_ABSOLUTE) != 0) {
    struct timespec now;
    if (clock_gettime(id, &now) != 0) quoin_give_up(QUOIN_GIVE_UP_SETUP);
    into->wait = timeout > nanoseconds(now) ? timeout - nanoseconds(now) : 0;
  }
}

static struct subscription read_subscription(const uint8_t* bytes) {
  struct subscription result = {.userdata = quoin_get_u64(bytes), .tag = bytes[8]};
  if (result.tag == EVENT_CLOCK) {
    read_clock(bytes, &result);
    return result;
  }
  const struct quoin_fd* entry =
      result.tag <= EVENT_WRITE ? quoin_fd(quoin_get_u32(bytes + 16)) : NULL;
  if (entry != NULL && entry->kind == QUOIN_FD_STDIN && result.tag == EVENT_READ) {
    result.waits_for_stdin = true;
    return result;
  }
  // Files never make anyone wait, and nor may output: whoever writes too fast waits in fd_write.
  result.error = entry == NULL ? WASI_BADF : WASI_SUCCESS;
  result.ready = true;
  return result;
}

// Waits until standard input is ready or the time is over. Whether it is ready.
static bool wait_for_stdin(uint64_t wait) {
  struct quoin_message message;
  quoin_begin(&message, QUOIN_OP_WAIT_STDIN);
  quoin_put_u64(&message, wait);
  const struct quoin_answer answer = quoin_ask(&message);
  return answer.error == 0 && answer.size == 1 && answer.payload[0] != 0;
}

static void sleep_for(uint64_t wait) {
  struct timespec left = {.tv_sec = (time_t)(wait / kSecond), .tv_nsec = (long)(wait % kSecond)};
  while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
  }
}

static void store_event(uint8_t* place, const struct subscription* from) {
  memset(place, 0, EVENT_BYTES);
  memcpy(place, &from->userdata, sizeof from->userdata);
  memcpy(place + 8, &from->error, sizeof from->error);
  place[10] = from->tag;
  if (from->tag != EVENT_CLOCK && from->error == 0) place[16] = 1;  // at least one byte
}

uint32_t quoin_wasi_poll_oneoff(uint32_t in, uint32_t out, uint32_t count, uint32_t result) {
  if (count == 0 || count > MAX_SUBSCRIPTIONS) return WASI_INVAL;
  const uint8_t* wanted = quoin_memory_array(in, count, SUBSCRIPTION_BYTES);
  uint8_t* events = quoin_memory_array(out, count, EVENT_BYTES);
  if (wanted == NULL || events == NULL || quoin_memory(result, 4) == NULL) return WASI_FAULT;

  static struct subscription subscriptions[MAX_SUBSCRIPTIONS];
  bool any_ready = false;
  bool any_stdin = false;
  uint64_t wait = UINT64_MAX;
  for (uint32_t i = 0; i < count; ++i) {
    subscriptions[i] = read_subscription(wanted + SUBSCRIPTION_BYTES * (size_t)i);
    const struct subscription* one = &subscriptions[i];
    any_ready = any_ready || one->ready;
    any_stdin = any_stdin || one->waits_for_stdin;
    if (!one->ready && !one->waits_for_stdin && one->wait < wait) wait = one->wait;
  }
  bool stdin_ready = false;
  if (any_stdin) {
    stdin_ready = wait_for_stdin(any_ready ? 0 : wait);
  } else if (!any_ready) {
    sleep_for(wait);
  }
  const bool clock_rang = !any_ready && !stdin_ready;
  uint32_t happened = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const struct subscription* one = &subscriptions[i];
    const bool now = one->ready || (one->waits_for_stdin && stdin_ready) ||
                     (clock_rang && !one->waits_for_stdin && one->wait == wait);
    if (now) store_event(events + EVENT_BYTES * (size_t)happened++, one);
  }
  quoin_store_u32(result, happened);
  return WASI_SUCCESS;
}

void quoin_wasi_proc_exit(uint32_t status) { quoin_exit(status); }

uint32_t quoin_wasi_proc_raise(uint32_t signal) {
  (void)signal;
  return WASI_NOSYS;
}

uint32_t quoin_wasi_sched_yield(void) {
  sched_yield();
  return WASI_SUCCESS;
}

// There are no sockets, so that no descriptor is one.

static uint32_t not_a_socket(uint32_t fd) {
  return quoin_fd(fd) == NULL ? WASI_BADF : WASI_NOTSOCK;
}

uint32_t quoin_wasi_sock_accept(uint32_t fd, uint32_t flags, uint32_t result) {
  (void)flags;
  (void)result;
  return not_a_socket(fd);
}

uint32_t quoin_wasi_sock_recv(uint32_t fd, uint32_t iovs, uint32_t count, uint32_t flags,
                              uint32_t size, uint32_t result_flags) {
  (void)iovs;
  (void)count;
  (void)flags;
  (void)size;
  (void)result_flags;
  return not_a_socket(fd);
}

uint32_t quoin_wasi_sock_send(uint32_t fd, uint32_t iovs, uint32_t count, uint32_t flags,
                              uint32_t size) {
  (void)iovs;
  (void)count;
  (void)flags;
  (void)size;
  return not_a_socket(fd);
}

uint32_t quoin_wasi_sock_shutdown(uint32_t fd, uint32_t how) {
  (void)how;
  return not_a_socket(fd);
}
