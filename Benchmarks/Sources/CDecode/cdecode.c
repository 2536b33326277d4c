#include "cdecode.h"

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

struct cdecode_sum cdecode_walk(const uint8_t *bytes, size_t count, uint32_t limit) {
  struct cdecode_sum sum = {0, 0, 0, 0, 0};
  size_t at = 0;
  while (count - at >= 6) {
    if (bytes[at] != 0xFE || bytes[at + 1] != 0xEF) break;
    uint32_t length = little_endian_32(bytes + at + 2);
    if (length < 8 || length > limit) break;
    if (count - at - 6 < length) break;
    sum.frames += 1;
    sum.protocol_ids += little_endian_32(bytes + at + 6);
    sum.serial_numbers += little_endian_32(bytes + at + 10);
    sum.payload_offsets += at + 14;
    sum.payload_bytes += length - 8;
    at += 6 + (size_t)length;
  }
  return sum;
}

void cdecode_allocate(void) {
  void *volatile byte = malloc(1);
  free(byte);
}
