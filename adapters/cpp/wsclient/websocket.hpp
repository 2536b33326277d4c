// RFC 6455 without I/O: frames out, and what has arrived put together to messages (clause 11).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "frame.hpp"
#include "text.hpp"

namespace wsclient {

enum Opcode : int { op_continuation = 0, op_text = 1, op_binary = 2, op_close = 8, op_ping = 9, op_pong = 10 };

inline bool is_opcode(int opcode) { return (opcode >= 0 && opcode <= 2) || (opcode >= 8 && opcode <= 10); }

inline bool close_code_may_be_sent(unsigned code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

inline void apply_mask(std::string& data, std::string_view key) {
  for (std::size_t at = 0; at < data.size(); ++at) data[at] = static_cast<char>(data[at] ^ key[at % 4]);
}

// One frame. `first` is its first byte, `key` masks it; an empty key is a server's, which masks nothing.
inline std::string encode_websocket_frame(std::uint8_t first, std::string payload, std::string_view key) {
  const std::uint8_t mask = key.empty() ? 0 : 0x80;
  std::string out(1, static_cast<char>(first));
  const std::uint64_t size = payload.size();
  const int extra = size <= 125 ? 0 : size <= 0xFFFF ? 2 : 8;
  out += static_cast<char>(mask | (extra == 0 ? size : extra == 2 ? 126 : 127));
  for (int place = extra - 1; place >= 0; --place) out += static_cast<char>(size >> 8 * place & 0xFF);
  if (!key.empty()) apply_mask(payload, key);
  return out.append(key).append(payload);
}

// A message or a control frame that has arrived whole.
struct Event {
  int opcode = 0;
  std::string payload;
  bool compressed = false;
  std::uint32_t fragments = 1;

  // Of a close frame; 0 when it has none.
  unsigned close_code() const {
    return payload.size() < 2 ? 0 : detail::byte_at(payload, 0) * 256u + detail::byte_at(payload, 1);
  }
};

// Takes the bytes of a peer as they come. At the first violation `feed` throws; the events before it are in its result's place.
class Decoder {
 public:
  Decoder(bool peer_masks, bool deflate, std::uint64_t limit) : peer_masks_(peer_masks), deflate_(deflate), limit_(limit) {}

  // Appends what the bytes complete. Nothing is decoded after a close frame.
  void feed(std::string_view data, std::vector<Event>& events) {
    buffer_ += data;
    while (!closed_ && frame(events)) {
    }
  }

  bool closed() const { return closed_; }

 private:
  struct Message {
    int opcode;
    bool compressed;
    std::string payload;
    std::uint32_t fragments = 0;
    bool is_text() const { return opcode == op_text && !compressed; }
  };

  // Takes one frame; false when its end has not arrived.
  bool frame(std::vector<Event>& events) {
    const std::string_view b = buffer_;
    if (b.empty()) return false;
    const std::uint8_t first = detail::byte_at(b, 0);
    const bool fin = first >= 0x80;
    const int rsv = first >> 4 & 7, opcode = first & 15;
    check_first_byte(fin, rsv, opcode);
    if (b.size() < 2) return false;
    const bool masked = detail::byte_at(b, 1) >= 0x80;
    std::uint64_t length = detail::byte_at(b, 1) & 127;
    std::size_t head = 2;
    if (masked && !peer_masks_) throw ProtocolError("masked-server", passed_ + 1);
    if (!masked && peer_masks_) throw ProtocolError("unmasked-client", passed_ + 1);
    if (opcode >= op_close && length > 125) throw ProtocolError("control-too-long", passed_ + 1);
    if (length > 125) {
      const std::size_t size = length == 126 ? 2 : 8;
      if (b.size() < head + size) return false;
      length = 0;
      for (std::size_t place = 0; place < size; ++place) length = length << 8 | detail::byte_at(b, head + place);
      if (length <= (size == 2 ? 125u : 0xFFFFu)) throw ProtocolError("nonminimal-length", passed_ + 1);
      if (length >> 63 != 0) throw ProtocolError("bad-length", passed_ + head);
      head += size;
    }
    const std::uint64_t before = message_ ? message_->payload.size() : 0;
    if (opcode < op_close && length > limit_ - before) throw ProtocolError("message-too-large", passed_, 1009);
    std::string key(4, '\0');
    if (masked) {
      if (b.size() < head + 4) return false;
      key = b.substr(head, 4);
      head += 4;
    }
    const bool whole = b.size() - head >= length;
    const std::string_view body = b.substr(head, whole ? static_cast<std::size_t>(length) : std::string_view::npos);
    if (opcode < op_close) {
      if (opcode != op_continuation && !message_) message_ = Message{opcode, rsv != 0, {}};
      if (message_->is_text()) examine(body, key, fin && whole, passed_ + head);
    }
    if (!whole) return false;
    std::string payload(body);
    if (masked) apply_mask(payload, key);
    const std::size_t place = passed_ + head;
    buffer_.erase(0, head + static_cast<std::size_t>(length));
    passed_ += head + static_cast<std::size_t>(length);
    examined_ = 0;
    if (opcode >= op_close) control(opcode, std::move(payload), place, events);
    else fragment(fin, payload, events);
    return true;
  }

  void check_first_byte(bool fin, int rsv, int opcode) const {
    const bool control = opcode >= op_close, began = message_ && message_->fragments > 0;
    const auto refuse = [&](bool is_fault, const char* code) {
      if (is_fault) throw ProtocolError(code, passed_);
    };
    refuse((rsv & 3) != 0 || (rsv != 0 && !deflate_), "reserved-bits");
    refuse(!is_opcode(opcode), "reserved-opcode");
    refuse(rsv != 0 && control, "control-compressed");
    refuse(control && !fin, "control-fragmented");
    refuse(opcode == op_continuation && !began, "stray-continuation");
    refuse((opcode == op_text || opcode == op_binary) && began, "interleaved-message");
    refuse(opcode == op_continuation && rsv != 0, "continuation-compressed");
  }

  // Text is refused at the first byte that cannot go on, also before its frame is whole (RFC 3629 section 4).
  void examine(std::string_view body, std::string_view key, bool final, std::size_t at) {
    for (; examined_ < body.size(); ++examined_) {
      const auto byte = static_cast<std::uint8_t>(body[examined_] ^ key[examined_ % 4]);
      if (!accepts(byte)) throw ProtocolError("text-utf8", at + examined_, 1007);
    }
    if (final && missing_ > 0) throw ProtocolError("text-utf8", at + body.size(), 1007);
  }

  bool accepts(std::uint8_t byte) {
    if (missing_ > 0) {
      const bool fits = byte >= low_ && byte <= high_;
      --missing_, low_ = 0x80, high_ = 0xBF;
      return fits;
    }
    if (byte < 0x80) return true;
    if (byte < 0xC2 || byte > 0xF4) return false;
    missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
    low_ = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
    high_ = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
    return true;
  }

  void control(int opcode, std::string payload, std::size_t at, std::vector<Event>& events) {
    Event event{opcode, std::move(payload)};
    if (opcode == op_close) {
      if (event.payload.size() == 1) throw ProtocolError("close-length-one", at);
      if (!event.payload.empty() && !close_code_may_be_sent(event.close_code())) throw ProtocolError("close-code", at);
      if (event.payload.size() > 2 && !is_utf8(std::string_view(event.payload).substr(2))) throw ProtocolError("close-utf8", at, 1007);
      closed_ = true;
    }
    events.push_back(std::move(event));
  }

  void fragment(bool fin, const std::string& payload, std::vector<Event>& events) {
    message_->payload += payload;
    ++message_->fragments;
    if (!fin) return;
    events.push_back({message_->opcode, std::move(message_->payload), message_->compressed, message_->fragments});
    message_.reset();
  }

  bool peer_masks_, deflate_, closed_ = false;
  std::uint64_t limit_;
  std::string buffer_;
  std::size_t passed_ = 0;    // bytes that came before the buffer
  std::size_t examined_ = 0;  // payload bytes of the frame in the buffer that were looked at for UTF-8
  std::optional<Message> message_;
  int missing_ = 0;
  std::uint8_t low_ = 0x80, high_ = 0xBF;
};

}  // namespace wsclient
