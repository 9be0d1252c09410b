// Talking to the broker.

#include <string.h>
#include <sys/socket.h>

#include "guest.h"

static uint8_t answer_bytes[QUOIN_MAX_MESSAGE];

static void put(struct quoin_message* message, const void* bytes, size_t size) {
  if (size > sizeof message->bytes - message->size) quoin_give_up(QUOIN_GIVE_UP_SETUP);
  memcpy(message->bytes + message->size, bytes, size);
  message->size += size;
}

void quoin_put_u8(struct quoin_message* message, uint8_t value) { put(message, &value, 1); }
void quoin_put_u16(struct quoin_message* message, uint16_t value) { put(message, &value, 2); }
void quoin_put_u32(struct quoin_message* message, uint32_t value) { put(message, &value, 4); }
void quoin_put_u64(struct quoin_message* message, uint64_t value) { put(message, &value, 8); }

bool quoin_put_path(struct quoin_message* message, uint32_t address, uint32_t length) {
  const void* path = quoin_memory(address, length);
  if (path == NULL || length >= QUOIN_MAX_PATH) return false;
  quoin_put_u16(message, (uint16_t)length);
  put(message, path, length);
  return true;
}

void quoin_begin(struct quoin_message* message, uint8_t op) {
  message->size = 0;
  quoin_put_u8(message, op);
}

struct quoin_answer quoin_ask(const struct quoin_message* message) {
  if (send(QUOIN_BROKER_FD, message->bytes, message->size, MSG_NOSIGNAL) !=
      (ssize_t)message->size) {
    quoin_give_up(QUOIN_GIVE_UP_SETUP);
  }
  union {
    struct cmsghdr header;
    uint8_t bytes[CMSG_SPACE(sizeof(int))];
  } control;
  struct iovec part = {answer_bytes, sizeof answer_bytes};
  struct msghdr header = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t size;
  do {
    size = recvmsg(QUOIN_BROKER_FD, &header, 0);
  } while (size < 0 && errno == EINTR);
  if (size < 2) quoin_give_up(QUOIN_GIVE_UP_SETUP);

  struct quoin_answer answer = {.payload = answer_bytes + 2, .size = (size_t)size - 2, .fd = -1};
  memcpy(&answer.error, answer_bytes, 2);
  const struct cmsghdr* attached = CMSG_FIRSTHDR(&header);
  if (attached != NULL && attached->cmsg_level == SOL_SOCKET && attached->cmsg_type == SCM_RIGHTS) {
    memcpy(&answer.fd, CMSG_DATA(attached), sizeof answer.fd);
  }
  return answer;
}

uint32_t quoin_get_u32(const uint8_t* bytes) {
  uint32_t value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

uint64_t quoin_get_u64(const uint8_t* bytes) {
  uint64_t value;
  memcpy(&value, bytes, sizeof value);
  return value;
}
