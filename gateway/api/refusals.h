// Refusals: requests that were not let through, counted by reason and logged, each reason once a minute at most, so
// that an attack fills neither the log nor the disk. Web thread only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "api/http.h"
#include "core/clock.h"
#include "metrics/metrics.h"

namespace firegate::api {

enum class Refusal : std::uint8_t {
  unauthenticated,  // nobody is signed in, or the session has ended
  forbidden,        // the role does not allow it
  pin_required,
  password_required,  // the role sleeps
  wrong_token,        // a cookie without its token: not from a page of ours
  wrong_ticket,       // of a live feed
  stranger,           // from the page of another site, by a name that is not ours, by another user of this machine
  too_many,
  push_unknown_source,  // from here on those of PushRefusal (core/push.h), in its order
  push_unproved,
  push_not_private,
  push_clock_off,
  push_replayed,
  push_overloaded,
  push_not_stored,
};

class Refusals {
 public:
  explicit Refusals(metrics::Metrics& metrics) : metrics_(metrics) {}
  void count(Refusal why, const Request& request, Steady now);

 private:
  struct Warned {
    std::optional<Steady> at;
    std::uint64_t since = 0;  // refusals that were counted and not logged
  };
  metrics::Metrics& metrics_;
  std::array<Warned, 15> warned_;
};

}  // namespace firegate::api

template <>
struct firegate::Labels<firegate::api::Refusal> {
  static constexpr std::array<std::string_view, 15> list{"unauthenticated",     "forbidden",      "pin_required",
                                                         "password_required",   "wrong_token",    "wrong_ticket",
                                                         "stranger",            "too_many",       "push_unknown_source",
                                                         "push_unproved",       "push_not_private", "push_clock_off",
                                                         "push_replayed",       "push_overloaded",  "push_not_stored"};
};
