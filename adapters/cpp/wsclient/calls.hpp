// The serial numbers of one side, and what waits for an answer (clause 13.2): even numbers for a client, odd ones for a server.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace wsclient {

enum class Side { client, server };

template <typename Waiting>
class Calls {
 public:
  explicit Calls(Side side = Side::client)
      : first_(side == Side::client ? 2 : 3), last_(side == Side::client ? 0xFFFFFFFE : 0xFFFFFFFF), next_(first_) {}

  void set_next(std::uint32_t sn) { next_ = sn; }

  // Keeps what waits, and gives it its number: never 0 or 1, never one that is still waiting.
  std::uint32_t begin(Waiting waiting) {
    while (by_sn_.count(next_) != 0) step();
    const std::uint32_t sn = next_;
    step();
    by_order_.emplace(made_, std::make_pair(sn, std::move(waiting)));
    by_sn_.emplace(sn, made_++);
    return sn;
  }

  // Whether a frame with this number is an answer; with another but 0 it is a request of the peer.
  bool is_own(std::uint32_t sn) const { return sn != 0 && sn % 2 == first_ % 2; }

  // Takes out what waits for a number.
  std::optional<Waiting> end(std::uint32_t sn) {
    const auto order = by_sn_.find(sn);
    if (order == by_sn_.end()) return {};
    const auto entry = by_order_.find(order->second);
    std::optional<Waiting> waiting(std::move(entry->second.second));
    by_order_.erase(entry);
    by_sn_.erase(order);
    return waiting;
  }

  // The numbers that wait, in the order of their calls.
  std::vector<std::uint32_t> waiting() const {
    std::vector<std::uint32_t> numbers;
    for (const auto& entry : by_order_) numbers.push_back(entry.second.first);
    return numbers;
  }

  const Waiting& get(std::uint32_t sn) const { return by_order_.at(by_sn_.at(sn)).second; }

 private:
  void step() { next_ = next_ == last_ ? first_ : next_ + 2; }

  std::uint32_t first_, last_, next_;
  std::uint64_t made_ = 0;
  std::map<std::uint64_t, std::pair<std::uint32_t, Waiting>> by_order_;
  std::unordered_map<std::uint32_t, std::uint64_t> by_sn_;
};

}  // namespace wsclient
