// What the operations of the adapter protocol share (docs/operations.md).
#pragma once
#include <string>

#include "../wsclient/frame.hpp"
#include "json.hpp"

namespace operations {

using json::Array;
using json::Object;
using json::Value;
using wsclient::ProtocolError;

// An error with the index of the message at fault.
struct Refused : ProtocolError {
  std::int64_t index;
  Refused(const std::string& code, std::int64_t index) : ProtocolError(code), index(index) {}
};

inline std::string bytes(const Value& hex) { return json::from_hex(hex.as_string()); }

inline std::string joined(const Value& pieces) {
  std::string all;
  for (const auto& piece : pieces.as_array()) all += bytes(piece);
  return all;
}

inline Value offset(std::size_t place) { return static_cast<std::int64_t>(place); }

inline Value text_or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }

}  // namespace operations
