#include "CByteLoops.h"

#include <string.h>

// Words of 64 bits, both halves of each, then what is left. All processors that this is built for are little-endian.
static uint64_t internet_sum_words(const uint8_t *source, size_t count) {
  uint64_t total = 0;
  size_t offset = 0;
  for (; count - offset >= 8; offset += 8) {
    uint64_t word;
    memcpy(&word, source + offset, 8);
    total += (word & 0xFFFFFFFF) + (word >> 32);
  }
  uint64_t rest = 0;
  memcpy(&rest, source + offset, count - offset);
  total += (rest & 0xFFFFFFFF) + (rest >> 32);
  return total;
}

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

// Twelve bytes in each half of a vector become sixteen numbers of six bits, then characters. The method is that of Wojciech
// Muła and Daniel Lemire, "Faster Base64 Encoding and Decoding Using AVX2 Instructions" (2018).
AVX2 static size_t base64_avx2(const uint8_t *source, size_t count, uint8_t *target) {
  // Three bytes a, b, c stand as b, a, c, b, so that each pair of six-bit numbers lies in one 16-bit word.
  const __m256i spread = _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10,  //
                                          1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
  // What is added to a number to make it a character: for a-z, 0-9 (ten times), +, /, A-Z.
  const __m256i shifts = _mm256_setr_epi8(71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0,  //
                                          71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0);
  size_t offset = 0;
  // 28 bytes are read, the last four of which are not used.
  while (count - offset >= 28) {
    const __m128i low = _mm_loadu_si128((const __m128i *)(source + offset));
    const __m128i high = _mm_loadu_si128((const __m128i *)(source + offset + 12));
    const __m256i bytes = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), spread);
    const __m256i first = _mm256_mulhi_epu16(_mm256_and_si256(bytes, _mm256_set1_epi32(0x0FC0FC00)),
                                             _mm256_set1_epi32(0x04000040));
    const __m256i second = _mm256_mullo_epi16(_mm256_and_si256(bytes, _mm256_set1_epi32(0x003F03F0)),
                                              _mm256_set1_epi32(0x01000010));
    const __m256i numbers = _mm256_or_si256(first, second);
    // 0 for 26 to 51, 1 to 12 for 52 to 63, 13 for 0 to 25.
    const __m256i capital = _mm256_and_si256(_mm256_cmpgt_epi8(_mm256_set1_epi8(26), numbers), _mm256_set1_epi8(13));
    const __m256i kind = _mm256_or_si256(_mm256_subs_epu8(numbers, _mm256_set1_epi8(51)), capital);
    const __m256i characters = _mm256_add_epi8(numbers, _mm256_shuffle_epi8(shifts, kind));
    _mm256_storeu_si256((__m256i *)(target + offset / 3 * 4), characters);
    offset += 24;
  }
  return offset;
}

AVX2 static uint64_t internet_sum_avx2(const uint8_t *source, size_t count) {
  const __m256i half = _mm256_set1_epi16(INT16_MIN), ones = _mm256_set1_epi16(1);
  uint64_t total = 0;
  size_t offset = 0;
  while (count - offset >= 64) {
    // Words are taken as numbers with a sign, less 2^15 each, and added in pairs to sums of 32 bits, which have room for 2^15 of
    // them.
    size_t blocks = (count - offset) / 64;
    if (blocks > 8192) blocks = 8192;
    total += (uint64_t)blocks * 32 << 15;
    __m256i first = _mm256_setzero_si256(), second = _mm256_setzero_si256();
    for (size_t block = 0; block < blocks; block++, offset += 64) {
      const __m256i low = _mm256_loadu_si256((const __m256i *)(source + offset));
      const __m256i high = _mm256_loadu_si256((const __m256i *)(source + offset + 32));
      first = _mm256_add_epi32(first, _mm256_madd_epi16(_mm256_xor_si256(low, half), ones));
      second = _mm256_add_epi32(second, _mm256_madd_epi16(_mm256_xor_si256(high, half), ones));
    }
    const __m256i wide = _mm256_add_epi64(
        _mm256_add_epi64(_mm256_cvtepi32_epi64(_mm256_castsi256_si128(first)),
                         _mm256_cvtepi32_epi64(_mm256_extracti128_si256(first, 1))),
        _mm256_add_epi64(_mm256_cvtepi32_epi64(_mm256_castsi256_si128(second)),
                         _mm256_cvtepi32_epi64(_mm256_extracti128_si256(second, 1))));
    const __m128i pair = _mm_add_epi64(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
    // Modulo 2^64, so that what is taken off and what was added before cancel out.
    total += (uint64_t)_mm_cvtsi128_si64(pair) + (uint64_t)_mm_extract_epi64(pair, 1);
  }
  return total + internet_sum_words(source + offset, count - offset);
}

size_t cbyteloops_base64(const uint8_t *source, size_t count, uint8_t *target) {
  return __builtin_cpu_supports("avx2") ? base64_avx2(source, count, target) : 0;
}

uint64_t cbyteloops_internet_sum(const uint8_t *source, size_t count) {
  return __builtin_cpu_supports("avx2") ? internet_sum_avx2(source, count) : internet_sum_words(source, count);
}

#else

size_t cbyteloops_base64(const uint8_t *source, size_t count, uint8_t *target) { return 0; }

uint64_t cbyteloops_internet_sum(const uint8_t *source, size_t count) { return internet_sum_words(source, count); }

#endif
