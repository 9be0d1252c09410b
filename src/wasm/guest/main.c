// The guest's beginning and its ends.

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest.h"

struct quoin_texts quoin_arguments;
struct quoin_texts quoin_environment;
uint32_t quoin_max_pages;

enum { MAX_TEXTS = 32 * 1024 };

static uint8_t greeting[QUOIN_MAX_MESSAGE];
static size_t greeting_size;
static size_t greeting_read;
// Each text, with a zero byte behind it: at most as long as the greeting, in which a length of two
// bytes or more stands before each.
static char texts[QUOIN_MAX_MESSAGE];
static size_t texts_size;
static char* argument_texts[MAX_TEXTS];
static char* environment_texts[MAX_TEXTS];

static _Noreturn void say_and_exit(const uint8_t* message, size_t size, int status) {
  (void)!send(QUOIN_BROKER_FD, message, size, MSG_NOSIGNAL);
  _exit(status);
}

void quoin_exit(uint32_t status) {
  uint8_t message[5] = {QUOIN_OP_EXIT};
  memcpy(message + 1, &status, sizeof status);
  say_and_exit(message, sizeof message, (int)(status & 0xff));
}

void quoin_trap_with(uint8_t trap) {
  const uint8_t message[2] = {QUOIN_OP_TRAP, trap};
  say_and_exit(message, sizeof message, 134);
}

void quoin_give_up(uint8_t reason) {
  const uint8_t message[2] = {QUOIN_OP_GIVE_UP, reason};
  say_and_exit(message, sizeof message, 125);
}

static const uint8_t* take(size_t size) {
  if (size > greeting_size - greeting_read) quoin_give_up(QUOIN_GIVE_UP_SETUP);
  const uint8_t* taken = greeting + greeting_read;
  greeting_read += size;
  return taken;
}

static uint16_t take_u16(void) {
  uint16_t value;
  memcpy(&value, take(sizeof value), sizeof value);
  return value;
}

static char* take_text(size_t size) {
  const uint8_t* bytes = take(size);
  if (size >= sizeof texts - texts_size) quoin_give_up(QUOIN_GIVE_UP_SETUP);
  char* text = texts + texts_size;
  memcpy(text, bytes, size);
  text[size] = '\0';
  texts_size += size + 1;
  return text;
}

static void take_texts(struct quoin_texts* into, char** list) {
  into->texts = list;
  into->count = take_u16();
  if (into->count > MAX_TEXTS) quoin_give_up(QUOIN_GIVE_UP_SETUP);
  for (uint32_t i = 0; i < into->count; ++i) {
    const uint32_t size = quoin_get_u32(take(4));
    list[i] = take_text(size);
    into->total_bytes += size + 1;
  }
}

static void read_greeting(void) {
  const ssize_t size = recv(QUOIN_BROKER_FD, greeting, sizeof greeting, 0);
  if (size < 0) quoin_give_up(QUOIN_GIVE_UP_SETUP);
  greeting_size = (size_t)size;
  quoin_max_pages = quoin_get_u32(take(4));
  take_texts(&quoin_arguments, argument_texts);
  take_texts(&quoin_environment, environment_texts);
  const uint8_t preopens = *take(1);
  for (uint8_t i = 0; i < preopens; ++i) {
    const uint32_t id = quoin_get_u32(take(4));
    quoin_add_preopen(id, take_text(take_u16()));
  }
}

int main(void) {
  // A file that grows too large is an errno for the program, not its end.
  signal(SIGXFSZ, SIG_IGN);
  quoin_open_standard_streams();
  read_greeting();
  quoin_run_module();
  quoin_exit(0);
}
