// What decoding a capture costs in C when nothing can go wrong: pcap in this byte order, Ethernet, IPv4 without options, no
// loss, no reordering, no checks of checksums, no fragments, unfragmented binary messages. Counts frames and pairs calls.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { chunk_size = 1 << 20, table_size = 1 << 12, calls_size = 1 << 10, largest_message = 1 << 20 };

struct direction {
  uint64_t key;
  uint32_t address, port;
  int used, upgraded, client;
  uint8_t *bytes;  // What is held of a message that is not whole.
  size_t held;
  uint32_t calls[calls_size];
  uint64_t started[calls_size];
  struct direction *peer;
};

static struct direction *table[table_size];
static uint64_t frames, calls, payload_bytes, inflated_bytes, latency_sum;
static z_stream inflater;
static uint8_t scratch[largest_message];

static struct direction *find(uint32_t source, uint16_t source_port, uint32_t target, uint16_t target_port) {
  uint64_t from = (uint64_t)source << 16 | source_port, to = (uint64_t)target << 16 | target_port;
  uint64_t slot = (from * 0x9E3779B97F4A7C15u ^ to * 0xC2B2AE3D27D4EB4Fu) >> 52;
  for (;; slot = (slot + 1) % table_size) {
    struct direction *entry = table[slot];
    if (!entry) {
      entry = table[slot] = calloc(1, sizeof *entry);
      entry->key = from;
      entry->address = target, entry->port = target_port;
      return entry;
    }
    if (entry->key == from && entry->address == target && entry->port == target_port) return entry;
  }
}

static uint32_t little(const uint8_t *bytes) {
  uint32_t value;
  memcpy(&value, bytes, 4);
  return value;
}

static void message(struct direction *from, const uint8_t *bytes, size_t length, uint64_t time) {
  if (length < 14 || bytes[0] != 0xFE || bytes[1] != 0xEF || little(bytes + 2) + 6 != length) return;
  frames++;
  payload_bytes += length - 14;
  uint32_t sn = little(bytes + 10);
  if (!sn) return;
  struct direction *asker = from->peer;
  if ((sn % 2 == 0) == from->client) {
    from->calls[sn / 2 % calls_size] = sn;
    from->started[sn / 2 % calls_size] = time;
  } else if (asker && asker->calls[sn / 2 % calls_size] == sn) {
    asker->calls[sn / 2 % calls_size] = 0;
    calls++;
    latency_sum += time - asker->started[sn / 2 % calls_size];
  }
}

static void unmask(uint8_t *to, const uint8_t *from, size_t length, const uint8_t *key) {
  uint64_t wide;
  uint32_t narrow;
  memcpy(&narrow, key, 4);
  wide = (uint64_t)narrow << 32 | narrow;
  size_t index = 0;
  for (; index + 8 <= length; index += 8) {
    uint64_t word;
    memcpy(&word, from + index, 8);
    word ^= wide;
    memcpy(to + index, &word, 8);
  }
  for (; index < length; index++) to[index] = from[index] ^ key[index % 4];
}

// Decodes the frames that are whole; returns how many bytes they took.
static size_t decode(struct direction *from, const uint8_t *bytes, size_t length, uint64_t time) {
  size_t start = 0;
  while (length - start >= 2) {
    const uint8_t *head = bytes + start;
    uint64_t size = head[1] & 0x7F;
    size_t taken = 2;
    if (size == 126) {
      if (length - start < 4) break;
      size = head[2] << 8 | head[3], taken = 4;
    } else if (size == 127) {
      if (length - start < 10) break;
      size = (uint64_t)head[6] << 24 | head[7] << 16 | head[8] << 8 | head[9], taken = 10;
    }
    size_t masked = head[1] & 0x80 ? 4 : 0;
    if (length - start < taken + masked + size) break;
    const uint8_t *data = head + taken + masked;
    if (masked) unmask(scratch, data, size, head + taken), data = scratch;
    if (head[0] & 0x40) {
      static uint8_t plain[largest_message];
      inflateReset(&inflater);
      inflater.next_in = (uint8_t *)data, inflater.avail_in = size;
      inflater.next_out = plain, inflater.avail_out = sizeof plain;
      inflate(&inflater, Z_SYNC_FLUSH);
      static uint8_t tail[4] = {0, 0, 0xFF, 0xFF};
      inflater.next_in = tail, inflater.avail_in = 4;
      inflate(&inflater, Z_SYNC_FLUSH);
      inflated_bytes += sizeof plain - inflater.avail_out;
      message(from, plain, sizeof plain - inflater.avail_out, time);
    } else {
      message(from, data, size, time);
    }
    start += taken + masked + size;
  }
  return start;
}

static void segment(struct direction *from, const uint8_t *bytes, size_t length, uint64_t time) {
  if (!from->upgraded) {  // The upgrade is one segment each way.
    from->upgraded = 1;
    return;
  }
  if (from->held) {
    memcpy(from->bytes + from->held, bytes, length);
    size_t taken = decode(from, from->bytes, from->held + length, time);
    from->held += length - taken;
    if (taken) memmove(from->bytes, from->bytes + taken, from->held);
    return;
  }
  size_t taken = decode(from, bytes, length, time);
  if (taken == length) return;
  if (!from->bytes) from->bytes = malloc(2 * largest_message);
  from->held = length - taken;
  memcpy(from->bytes, bytes + taken, from->held);
}

static void packet(const uint8_t *bytes, size_t length, uint64_t time) {
  if (length < 54 || bytes[12] != 8 || bytes[13] != 0 || bytes[23] != 6) return;
  const uint8_t *ip = bytes + 14, *tcp = ip + 20;
  size_t total = ip[2] << 8 | ip[3], offset = 20 + (tcp[12] >> 4) * 4;
  if (total <= offset) return;
  uint16_t source_port = tcp[0] << 8 | tcp[1], target_port = tcp[2] << 8 | tcp[3];
  struct direction *from = find(little(ip + 12), source_port, little(ip + 16), target_port);
  if (!from->used) {
    from->used = 1;
    from->client = target_port == 8003;
    from->peer = find(little(ip + 16), target_port, little(ip + 12), source_port);
    from->peer->peer = from;
  }
  segment(from, ip + offset, total - offset, time);
}

int main(int argc, char **argv) {
  int file = argc == 2 ? open(argv[1], O_RDONLY) : -1;
  if (file < 0) return 2;
  inflateInit2(&inflater, -15);
  static uint8_t chunk[2 * chunk_size];
  size_t held = 0;
  uint64_t packets = 0;
  int first = 1;
  ssize_t count;
  while ((count = read(file, chunk + held, chunk_size)) > 0) {
    size_t length = held + count, start = first ? 24 : 0;
    first = 0;
    while (length - start >= 16) {
      uint32_t captured = little(chunk + start + 8);
      if (length - start < 16 + captured) break;
      packet(chunk + start + 16, captured, little(chunk + start) * 1000000ull + little(chunk + start + 4));
      packets++;
      start += 16 + captured;
    }
    held = length - start;
    memmove(chunk, chunk + start, held);
  }
  printf("%llu packets, %llu frames, %llu calls, %llu bytes of payloads, %llu inflated, %llu us of calls\n", (unsigned long long)packets,
         (unsigned long long)frames, (unsigned long long)calls, (unsigned long long)payload_bytes, (unsigned long long)inflated_bytes,
         (unsigned long long)latency_sum);
}
