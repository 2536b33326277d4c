// What a client needs of POSIX: a socket that can be waited for together with a wake-up, and nothing that leaks.
#pragma once
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace wsclient {

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void close() { *this = Descriptor(); }

 private:
  int number_;
};

// Ends a wait from another thread.
class WakeUp {
 public:
  WakeUp() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) throw std::runtime_error("no pipe: " + std::string(std::strerror(errno)));
    read_ = Descriptor(ends[0]), write_ = Descriptor(ends[1]);
  }
  void signal() const {
    [[maybe_unused]] const auto written = ::write(write_.get(), "", 1);  // a full pipe wakes as well
  }
  void clear() const {
    char bytes[64];
    while (::read(read_.get(), bytes, sizeof bytes) > 0) {
    }
  }
  int get() const { return read_.get(); }

 private:
  Descriptor read_, write_;
};

class Socket {
 public:
  enum class Ready { nothing, woken, socket };

  // Connects, or says why not. Addresses are tried one after the other, `timeout` in all.
  Socket(const std::string& host, const std::string& port, std::chrono::milliseconds timeout, const WakeUp& wake_up) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (const int fault = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found)) throw std::runtime_error(::gai_strerror(fault));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
    std::string fault = "no address";
    for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
      descriptor_ = Descriptor(::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      if (!descriptor_.is_open()) continue;
      int code = ::connect(descriptor_.get(), address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
      if (code == EINPROGRESS) {
        if (wait(true, timeout, wake_up) != Ready::socket) throw std::runtime_error("no connection in time");
        socklen_t size = sizeof code;
        ::getsockopt(descriptor_.get(), SOL_SOCKET, SO_ERROR, &code, &size);
      }
      if (code == 0) {
        const int on = 1;
        ::setsockopt(descriptor_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return;
      }
      fault = std::strerror(code);
    }
    throw std::runtime_error(fault);
  }

  // Waits until there is something to read (unless that is not wanted) or room to write (where that is).
  Ready wait(bool to_write, std::chrono::milliseconds timeout, const WakeUp& wake_up, bool to_read = true) const {
    const int events = (to_read ? POLLIN : 0) | (to_write ? POLLOUT : 0);
    pollfd waited[2] = {{descriptor_.get(), static_cast<short>(events), 0}, {wake_up.get(), POLLIN, 0}};
    const auto limit = std::chrono::milliseconds(3600000);
    if (::poll(waited, 2, static_cast<int>(std::min(std::max(timeout, std::chrono::milliseconds(0)), limit).count())) <= 0) return Ready::nothing;
    if (waited[1].revents != 0) wake_up.clear();
    return waited[0].revents != 0 ? Ready::socket : Ready::woken;
  }

  // Appends what there is to read. False at the end.
  bool read(std::string& out) const {
    char bytes[65536];
    const auto count = ::recv(descriptor_.get(), bytes, sizeof bytes, 0);
    if (count > 0) out.append(bytes, static_cast<std::size_t>(count));
    return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
  }

  // Takes from the front what there is room for. False when nothing more can be written.
  bool write(std::string& out) const {
    const auto count = ::send(descriptor_.get(), out.data(), out.size(), MSG_NOSIGNAL);
    if (count > 0) out.erase(0, static_cast<std::size_t>(count));
    return count >= 0 || errno == EAGAIN || errno == EINTR;
  }

  void close() { descriptor_.close(); }
  void end_writing() const { ::shutdown(descriptor_.get(), SHUT_WR); }

 private:
  Descriptor descriptor_;
};

inline std::string random_bytes(std::size_t count) {
  thread_local std::random_device source;
  std::string out;
  for (unsigned value = 0; out.size() < count; value >>= 8) {
    if (out.size() % 4 == 0) value = source();
    out += static_cast<char>(value & 0xFF);
  }
  return out;
}

}  // namespace wsclient
