// DEFLATE (RFC 1951) both ways without a library: decompressing all of it, compressing with fixed codes and one candidate a match.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "operation.hpp"

namespace operations {

namespace deflate {

constexpr std::array<int, 29> length_base{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
constexpr std::array<int, 29> length_bits{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
constexpr std::array<int, 30> distance_base{1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
                                            193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
constexpr std::array<int, 30> distance_bits{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13};
constexpr int longest_code = 15, end_of_block = 256;

// A canonical Huffman code.
struct Huffman {
  std::array<int, longest_code + 1> count{};
  std::vector<int> symbols;

  Huffman(const std::vector<int>& lengths, bool may_be_incomplete) : symbols(lengths.size()) {
    for (const int length : lengths) ++count[static_cast<std::size_t>(length)];
    int left = 1;
    for (std::size_t length = 1; length <= longest_code; ++length) {
      left = left * 2 - count[length];
      if (left < 0) throw ProtocolError("invalid-data");
    }
    const int used = static_cast<int>(lengths.size()) - count[0];
    // One code of one bit, or none at all, is as much as may be missing.
    if (left > 0 && !(may_be_incomplete && used <= 1 && count[1] == used)) throw ProtocolError("invalid-data");
    count[0] = 0;
    std::array<std::size_t, longest_code + 2> offsets{};
    for (std::size_t length = 1; length <= longest_code; ++length) offsets[length + 1] = offsets[length] + static_cast<std::size_t>(count[length]);
    for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
      if (lengths[symbol] > 0) symbols[offsets[static_cast<std::size_t>(lengths[symbol])]++] = static_cast<int>(symbol);
    }
  }

  static const Huffman& fixed_literals() {
    static const Huffman code = [] {
      std::vector<int> lengths(288, 8);
      std::fill(lengths.begin() + 144, lengths.begin() + 256, 9);
      std::fill(lengths.begin() + 256, lengths.begin() + 280, 7);
      return Huffman(lengths, false);
    }();
    return code;
  }

  static const Huffman& fixed_distances() {
    static const Huffman code(std::vector<int>(32, 5), false);
    return code;
  }
};

}  // namespace deflate

// Decompresses the messages of one direction, held to the window.
class Inflater {
 public:
  Inflater(int window_bits, bool fresh, std::size_t limit) : window_(std::size_t{1} << window_bits), fresh_(fresh), limit_(limit) {}

  // One message without its tail 00 00 FF FF, which this appends.
  std::string message(std::string_view data) {
    data_ = std::string(data) + std::string("\0\0\xFF\xFF", 4);
    at_ = 0, bits_ = 0, bit_count_ = 0, oldest_ = 0;
    out_ = fresh_ ? std::string() : history_;
    start_ = out_.size();
    while (at_ < data_.size() || bit_count_ > 0) {
      if (!block()) continue;
      // A final block. What follows is a stream of its own, unless it is only the tail that was appended.
      bits_ = 0, bit_count_ = 0, oldest_ = out_.size();
      if (at_ == data.size()) break;
    }
    const std::string found = out_.substr(start_);
    const std::size_t keep = out_.size() > window_ ? out_.size() - window_ : 0;
    history_ = out_.substr(std::max(keep, oldest_));
    return found;
  }

 private:
  int take(int count) {
    while (bit_count_ < count) {
      if (at_ == data_.size()) throw ProtocolError("truncated");
      bits_ |= static_cast<std::uint32_t>(wsclient::detail::byte_at(data_, at_++)) << bit_count_;
      bit_count_ += 8;
    }
    const auto value = static_cast<int>(bits_ & ((1u << count) - 1));
    bits_ >>= count;
    bit_count_ -= count;
    return value;
  }

  void put(char byte) {
    if (out_.size() - start_ >= limit_) throw ProtocolError("too-large");
    out_ += byte;
  }

  // Whether it was marked as the last.
  bool block() {
    const bool is_final = take(1) == 1;
    switch (take(2)) {
      case 0: stored(); break;
      case 1: codes(deflate::Huffman::fixed_literals(), deflate::Huffman::fixed_distances()); break;
      case 2: dynamic(); break;
      default: throw ProtocolError("invalid-data");
    }
    return is_final;
  }

  void stored() {
    bits_ = 0, bit_count_ = 0;
    const int length = take(16);
    if ((take(16) ^ length) != 0xFFFF) throw ProtocolError("invalid-data");
    for (int count = 0; count < length; ++count) put(static_cast<char>(take(8)));
  }

  void dynamic() {
    constexpr std::array<std::size_t, 19> order{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    const auto literals = static_cast<std::size_t>(take(5) + 257), distances = static_cast<std::size_t>(take(5) + 1);
    const auto codes_there = static_cast<std::size_t>(take(4) + 4);
    if (literals > 286 || distances > 30) throw ProtocolError("invalid-data");
    std::vector<int> lengths(19);
    for (std::size_t place = 0; place < codes_there; ++place) lengths[order[place]] = take(3);
    const deflate::Huffman code(lengths, false);
    lengths.clear();
    while (lengths.size() < literals + distances) {
      const int found = symbol(code);
      if (found == 16 && lengths.empty()) throw ProtocolError("invalid-data");
      const int repeated = found < 16 ? found : found == 16 ? lengths.back() : 0;
      const int times = found < 16 ? 1 : found == 16 ? 3 + take(2) : found == 17 ? 3 + take(3) : 11 + take(7);
      lengths.insert(lengths.end(), static_cast<std::size_t>(times), repeated);
    }
    if (lengths.size() > literals + distances || lengths[deflate::end_of_block] == 0) throw ProtocolError("invalid-data");
    const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(literals);
    codes(deflate::Huffman({lengths.begin(), middle}, true), deflate::Huffman({middle, lengths.end()}, true));
  }

  void codes(const deflate::Huffman& literals, const deflate::Huffman& distances) {
    for (int found; (found = symbol(literals)) != deflate::end_of_block;) {
      if (found < deflate::end_of_block) {
        put(static_cast<char>(found));
        continue;
      }
      if (found > 285) throw ProtocolError("invalid-data");
      const auto place = static_cast<std::size_t>(found - 257);
      const int length = deflate::length_base[place] + take(deflate::length_bits[place]);
      const auto code = static_cast<std::size_t>(symbol(distances));
      if (code > 29) throw ProtocolError("invalid-data");
      const auto distance = static_cast<std::size_t>(deflate::distance_base[code] + take(deflate::distance_bits[code]));
      if (distance > window_ || distance > out_.size() - oldest_) throw ProtocolError("invalid-data");
      for (int count = 0; count < length; ++count) put(out_[out_.size() - distance]);
    }
  }

  int symbol(const deflate::Huffman& huffman) {
    int code = 0, first = 0, index = 0;
    for (std::size_t length = 1; length <= deflate::longest_code; ++length) {
      code |= take(1);
      const int count = huffman.count[length];
      if (code - count < first) return huffman.symbols[static_cast<std::size_t>(index + code - first)];
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw ProtocolError("invalid-data");
  }

  std::size_t window_;
  bool fresh_;
  std::size_t limit_;
  std::string history_, data_, out_;
  std::size_t at_ = 0, start_ = 0, oldest_ = 0;
  std::uint32_t bits_ = 0;
  int bit_count_ = 0;
};

// Compresses the messages of one direction.
class Deflater {
 public:
  Deflater(int window_bits, bool fresh) : window_(std::size_t{1} << window_bits), fresh_(fresh) {}

  // One message without its tail 00 00 FF FF.
  std::string message(const std::string& data) {
    std::string text = fresh_ ? data : history_ + data;
    std::size_t at = text.size() - data.size();
    std::unordered_map<std::string, std::size_t> latest;  // of three bytes
    for (std::size_t place = 0; place + 3 <= at; ++place) latest[text.substr(place, 3)] = place;
    out_.clear(), bits_ = 0, bit_count_ = 0;
    put(0, 1), put(1, 2);  // not the last block, fixed codes
    while (at < text.size()) {
      const std::string three = text.substr(at, 3);
      const auto found = three.size() == 3 ? latest.find(three) : latest.end();
      std::size_t length = 0;
      if (found != latest.end() && at - found->second <= window_) {
        while (length < 258 && at + length < text.size() && text[found->second + length] == text[at + length]) ++length;
        put_match(static_cast<int>(length), static_cast<int>(at - found->second));
      } else {
        put_literal(wsclient::detail::byte_at(text, at));
      }
      for (const std::size_t end = at + std::max<std::size_t>(length, 1); at < end; ++at) {
        if (at + 3 <= text.size()) latest[text.substr(at, 3)] = at;
      }
    }
    put_literal(deflate::end_of_block);
    put(0, 3);  // an empty stored block, whose LEN and NLEN are the tail
    if (bit_count_ > 0) put(0, 8 - bit_count_);
    history_ = text.substr(text.size() > window_ ? text.size() - window_ : 0);
    return out_;
  }

 private:
  void put(std::uint32_t value, int count) {
    bits_ |= value << bit_count_;
    bit_count_ += count;
    for (; bit_count_ >= 8; bit_count_ -= 8, bits_ >>= 8) out_ += static_cast<char>(bits_ & 0xFF);
  }

  // Huffman codes begin with their highest bit.
  void put_code(std::uint32_t code, int count) {
    while (count-- > 0) put(code >> count & 1, 1);
  }

  void put_literal(std::uint32_t symbol) {
    if (symbol < 144) put_code(0x30 + symbol, 8);
    else if (symbol < 256) put_code(0x190 + symbol - 144, 9);
    else if (symbol < 280) put_code(symbol - 256, 7);
    else put_code(0xC0 + symbol - 280, 8);
  }

  void put_match(int length, int distance) {
    std::size_t place = deflate::length_base.size() - 1;
    while (deflate::length_base[place] > length) --place;
    put_literal(static_cast<std::uint32_t>(257 + place));
    put(static_cast<std::uint32_t>(length - deflate::length_base[place]), deflate::length_bits[place]);
    place = deflate::distance_base.size() - 1;
    while (deflate::distance_base[place] > distance) --place;
    put_code(static_cast<std::uint32_t>(place), 5);
    put(static_cast<std::uint32_t>(distance - deflate::distance_base[place]), deflate::distance_bits[place]);
  }

  std::size_t window_;
  bool fresh_;
  std::string history_, out_;
  std::uint32_t bits_ = 0;
  int bit_count_ = 0;
};

inline Value deflate_compress(const Value& input) {
  Deflater deflater(static_cast<int>(input["windowBits"].integer_or(15)), !input["contextTakeover"].boolean_or(true));
  Array out;
  for (const auto& message : input["messages"].as_array()) out.push_back(json::to_hex(deflater.message(bytes(message))));
  return Object{{"messages", out}};
}

inline Value deflate_decompress(const Value& input) {
  const auto limit = static_cast<std::size_t>(input["maxLength"].integer_or(wsclient::max_frame_length + 6));
  Inflater inflater(static_cast<int>(input["windowBits"].integer_or(15)), !input["contextTakeover"].boolean_or(true), limit);
  Array out;
  for (const auto& message : input["messages"].as_array()) {
    try {
      out.push_back(json::to_hex(inflater.message(bytes(message))));
    } catch (const ProtocolError& fault) {
      throw Refused(fault.code, static_cast<std::int64_t>(out.size()));
    }
  }
  return Object{{"messages", out}};
}

}  // namespace operations
