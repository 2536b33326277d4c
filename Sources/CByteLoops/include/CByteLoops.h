// Two loops over bytes, with instructions that the compiler does not choose for Swift unless the whole package is told to need
// them: they are chosen here at run time, where the processor has them. Nothing beyond the bytes that are given is read or written.
#ifndef CBYTELOOPS_H
#define CBYTELOOPS_H

#include <stddef.h>
#include <stdint.h>

// Base64 (RFC 4648 section 4) of as many whole blocks of bytes as the processor encodes at once, without padding: three bytes
// become four characters. Gives the number of bytes that were taken, a multiple of three, and 0 on most processors. The target
// has room for the encoding of all bytes.
size_t cbyteloops_base64(const uint8_t *_Nonnull source, size_t count, uint8_t *_Nonnull target);

// The sum of all bytes as 16-bit words in little-endian order, not folded: up to multiples of 2^16 - 1. An odd last byte counts
// as a word with zero after it.
uint64_t cbyteloops_internet_sum(const uint8_t *_Nonnull source, size_t count);

#endif
