// Linear memory, as the host functions see it.

#include <string.h>

#include "guest.h"

static uint8_t* memory_data;
static const void* memory_object;
static uint64_t (*memory_size)(const void* memory);

void quoin_set_memory(uint8_t* data, const void* memory, uint64_t (*size)(const void* memory)) {
  memory_data = data;
  memory_object = memory;
  memory_size = size;
}

void* quoin_memory(uint32_t address, uint64_t size) {
  if (memory_data == NULL) return NULL;
  const uint64_t all = memory_size(memory_object);
  if (address > all || size > all - address) return NULL;
  return memory_data + address;
}

void* quoin_memory_array(uint32_t address, uint32_t count, uint32_t size) {
  return quoin_memory(address, (uint64_t)count * size);
}

bool quoin_store_u8(uint32_t address, uint8_t value) {
  void* place = quoin_memory(address, sizeof value);
  if (place != NULL) memcpy(place, &value, sizeof value);
  return place != NULL;
}

bool quoin_store_u32(uint32_t address, uint32_t value) {
  void* place = quoin_memory(address, sizeof value);
  if (place != NULL) memcpy(place, &value, sizeof value);
  return place != NULL;
}

bool quoin_store_u64(uint32_t address, uint64_t value) {
  void* place = quoin_memory(address, sizeof value);
  if (place != NULL) memcpy(place, &value, sizeof value);
  return place != NULL;
}
