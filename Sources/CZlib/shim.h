#ifndef WIREPROOF_CZLIB_SHIM_H
#define WIREPROOF_CZLIB_SHIM_H

#include <zlib.h>

// deflateInit2 and inflateInit2 are macros, which Swift does not import.

/// Initialises a deflate stream; `window_bits` is negative for raw deflate (RFC 1951). Returns a zlib code.
static inline int czlib_deflate_init2(z_stream *stream, int level, int window_bits, int memory_level) {
  return deflateInit2(stream, level, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY);
}

/// Initialises an inflate stream; `window_bits` is negative for raw deflate, over 31 for gzip. Returns a zlib code.
static inline int czlib_inflate_init2(z_stream *stream, int window_bits) {
  return inflateInit2(stream, window_bits);
}

#endif
