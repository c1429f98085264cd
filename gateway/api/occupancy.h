// Occupancy: how many connections of one kind there may be, in all and from one address, with places kept for this
// machine itself: strangers cannot fill the house so that its own people stay outside (reliability, T28). A connection
// holds a Seat for as long as its socket is open. Web thread only; outlives its seats. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "api/peer.h"
#include "metrics/metrics.h"

namespace firegate::api {

constexpr std::size_t kKeptForThisMachine = 50;  // our choice; of small houses at most half

class Occupancy {
 public:
  Occupancy(std::size_t most, std::size_t most_of_one_address) noexcept
      : most_(most), most_of_one_address_(most_of_one_address) {}
  Occupancy(const Occupancy&) = delete;
  Occupancy& operator=(const Occupancy&) = delete;

  class Seat {
   public:
    Seat() = default;
    Seat(Seat&& other) noexcept : house_(std::exchange(other.house_, nullptr)), key_(std::move(other.key_)) {}
    Seat& operator=(Seat&& other) noexcept {
      if (this != &other) {
        free();
        house_ = std::exchange(other.house_, nullptr);
        key_ = std::move(other.key_);
      }
      return *this;
    }
    ~Seat() { free(); }

   private:
    friend class Occupancy;
    Seat(Occupancy& house, std::string key) : house_(&house), key_(std::move(key)) {}
    void free() noexcept {
      if (Occupancy* house = std::exchange(house_, nullptr)) house->leave(key_);
    }
    Occupancy* house_ = nullptr;
    std::string key_;
  };

  // connections_full or address_full when there is no place for this peer.
  tl::expected<Seat, metrics::HttpRefusal> take(const Peer& peer);
  void limit_to(std::size_t most) noexcept { most_ = most; }
  std::size_t taken() const noexcept { return taken_; }

 private:
  void leave(const std::string& key) noexcept;

  std::size_t most_, most_of_one_address_;
  std::size_t taken_ = 0;
  std::map<std::string, std::size_t, std::less<>> by_address_;  // those from elsewhere
};

// Whom a limit by address counts together: an IPv4 address; of IPv6 the first 64 bits, which one household has (RFC
// 6177).
std::string address_group(std::string_view address);

}  // namespace firegate::api
