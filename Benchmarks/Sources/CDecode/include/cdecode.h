#ifndef WIREPROOF_CDECODE_H
#define WIREPROOF_CDECODE_H

#include <stddef.h>
#include <stdint.h>

/// What a walk over frames comes to; the same fields as the Swift side's, so that neither can leave work out.
struct cdecode_sum {
  uint64_t frames;
  uint64_t protocol_ids;
  uint64_t serial_numbers;
  uint64_t payload_offsets;
  uint64_t payload_bytes;
};

/// Decodes frames of revision 1.3.3 back to back, with the checks of FrameCodec.decodePrefix, until the end or a fault.
struct cdecode_sum cdecode_walk(const uint8_t *bytes, size_t count, uint32_t limit);

/// Allocates and frees one byte, in a way that no compiler removes: what the counter of allocations has to see.
void cdecode_allocate(void);

#endif
