// In place of the protobuf code that a wrapped client was generated with, which needs its very version of the library: the
// displacement is all that a client reads with it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "../wsclient/frame.hpp"

namespace ws {

enum P_BASE : std::uint32_t { none = 0, s2c_err_displace = wsclient::displacement_id };

class P_DISPLACE {
 public:
  bool ParseFromArray(const void* data, int size) {
    try {
      found_ = wsclient::Displacement::decode(std::string_view(static_cast<const char*>(data), static_cast<std::size_t>(size)));
      return true;
    } catch (const wsclient::ProtocolError&) {
      return false;
    }
  }
  bool ParseFromString(const std::string& data) { return ParseFromArray(data.data(), static_cast<int>(data.size())); }
  const std::string& old_ip() const { return found_.old_ip; }
  const std::string& new_ip() const { return found_.new_ip; }
  std::int64_t ts() const { return found_.ts; }

 private:
  wsclient::Displacement found_;
};

}  // namespace ws
