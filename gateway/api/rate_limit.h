// RateLimit: token buckets by name: of a principal, or of an address without sign-in. Bounded: when there are too many,
// those that are full again go first, then the one that was used longest ago. Pure; one thread; time is a parameter.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"

namespace firegate::api {

class RateLimit {
 public:
  struct Figures {
    double per_second = 0;
    double burst = 0;
  };
  static constexpr std::size_t kMaxNames = 10'000;  // our choice

  explicit RateLimit(Figures figures) : figures_(figures) {}

  // Takes one; none: it may go ahead; else the time after which it may.
  std::optional<std::chrono::seconds> take(std::string_view name, Steady now);
  std::size_t names() const noexcept { return buckets_.size(); }

 private:
  struct Bucket {
    double left = 0;
    Steady at{};
  };
  void make_room(Steady now);
  double filled(const Bucket& bucket, Steady now) const noexcept;

  Figures figures_;
  boost::unordered_flat_map<std::string, Bucket> buckets_;
};

constexpr RateLimit::Figures kSignedInRate{20, 200};  // our choice: a board that fills at once, and no more after
constexpr RateLimit::Figures kPushRate{200, 2000};    // our choice: a platform with some thousand chargers
constexpr RateLimit::Figures kStrangerRate{5, 50};    // our choice: one page and some attempts

}  // namespace firegate::api
