#include "api/occupancy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace firegate::api {

tl::expected<Occupancy::Seat, metrics::HttpRefusal> Occupancy::take(const Peer& peer) {
  using metrics::HttpRefusal;
  if (peer.on_this_machine) {
    if (taken_ >= most_) return tl::unexpected(HttpRefusal::connections_full);
    ++taken_;
    return Seat(*this, {});
  }
  if (taken_ >= most_ - std::min(kKeptForThisMachine, most_ / 2)) return tl::unexpected(HttpRefusal::connections_full);
  std::string key = address_group(peer.address);
  std::size_t& of_address = by_address_[key];
  if (of_address >= most_of_one_address_) return tl::unexpected(HttpRefusal::address_full);
  ++of_address;
  ++taken_;
  return Seat(*this, std::move(key));
}

void Occupancy::leave(const std::string& key) noexcept {
  --taken_;
  if (key.empty()) return;
  const auto at = by_address_.find(key);
  if (--at->second == 0) by_address_.erase(at);
}

std::string address_group(std::string_view address) {
  std::array<unsigned char, 16> bytes{};
  const std::string text(address.substr(0, address.find('%')));
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  std::array<char, INET6_ADDRSTRLEN> group{};
  ::inet_ntop(AF_INET6, bytes.data(), group.data(), group.size());
  return std::string(group.data()) + "/64";
}

}  // namespace firegate::api
