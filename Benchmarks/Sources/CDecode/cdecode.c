#include "cdecode.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static uint32_t little_endian_32(const uint8_t *bytes) {
  uint32_t value;
  memcpy(&value, bytes, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  value = __builtin_bswap32(value);
#endif
  return value;
}

/// The checks of both forms and the sums; `at` is where the frame begins, `available` how many bytes there are.
static inline bool decode(const uint8_t *bytes, size_t at, size_t available, uint32_t limit, uint32_t *length,
                          struct cdecode_sum *sum) {
  if (available < 6) return false;
  if (bytes[at] != 0xFE || bytes[at + 1] != 0xEF) return false;
  *length = little_endian_32(bytes + at + 2);
  if (*length < 8 || *length > limit) return false;
  if (available - 6 < *length) return false;
  sum->frames += 1;
  sum->protocol_ids += little_endian_32(bytes + at + 6);
  sum->serial_numbers += little_endian_32(bytes + at + 10);
  sum->payload_offsets += at + 14;
  sum->payload_bytes += *length - 8;
  return true;
}

struct cdecode_sum cdecode_walk_stream(const uint8_t *bytes, size_t count, uint32_t limit) {
  struct cdecode_sum sum = {0, 0, 0, 0, 0};
  uint32_t length;
  for (size_t at = 0; decode(bytes, at, count - at, limit, &length, &sum);) at += 6 + (size_t)length;
  return sum;
}

struct cdecode_sum cdecode_walk_messages(const uint8_t *bytes, size_t count, const struct cdecode_range *messages,
                                         size_t message_count, uint32_t limit) {
  struct cdecode_sum sum = {0, 0, 0, 0, 0};
  uint32_t length;
  for (size_t index = 0; index < message_count; index += 1) {
    struct cdecode_range message = messages[index];
    if (message.lower > message.upper || message.upper > count) break;
    if (!decode(bytes, message.lower, message.upper - message.lower, limit, &length, &sum)) break;
    if (message.upper - message.lower - 6 != length) break;
  }
  return sum;
}

void cdecode_allocate(void) {
  void *volatile byte = malloc(1);
  free(byte);
}
