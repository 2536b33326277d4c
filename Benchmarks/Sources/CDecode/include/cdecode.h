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

/// Where a message stands in the buffer. Both sides read the same array of these.
struct cdecode_range {
  size_t lower;
  size_t upper;
};

/// Decodes frames of revision 1.3.3 back to back, with the checks of FrameCodec.decodePrefix, until the end or a fault.
struct cdecode_sum cdecode_walk_stream(const uint8_t *bytes, size_t count, uint32_t limit);

/// Decodes messages of one frame of revision 1.3.3 each, with the checks of FrameCodec.decodeMessage, until the end or a
/// fault; a range that leaves the buffer is one.
struct cdecode_sum cdecode_walk_messages(const uint8_t *bytes, size_t count, const struct cdecode_range *messages,
                                         size_t message_count, uint32_t limit);

/// Allocates and frees one byte, in a way that no compiler removes: what the counter of allocations has to see.
void cdecode_allocate(void);

#endif
