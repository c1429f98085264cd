// Idempotency: the answers to POST requests that carried an Idempotency-Key, so that a console which lost the answer
// may ask again and nothing happens twice. For 24 h, at most 10,000; a failure of ours (5xx) is forgotten, it may be
// tried again. In memory: after a restart the key is new. Web thread only; time is a parameter.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "api/http.h"
#include "core/clock.h"

namespace firegate::api {

class Idempotency {
 public:
  static constexpr std::size_t kMaxKeys = 10'000;  // our choice
  static constexpr std::chrono::hours kKept{24};   // our choice
  static constexpr std::size_t kMaxKeyBytes = 64;  // our choice

  static bool is_key(std::string_view text) noexcept;  // 1 to 64 printable ASCII characters

  // Key, path and principal together. None: it is new, carry it out and then call `finish`. Else the answer: the first
  // one, 422 for another body, or 409 while the first is still being answered.
  std::optional<Response> begin(const Request& request, std::string_view key, Steady now);
  void finish(const Request& request, std::string_view key, const Response& response);

 private:
  struct Entry {
    std::uint64_t body = 0;  // hash
    std::uint64_t number = 0;
    std::optional<Response> answer;  // none: not yet answered
  };
  struct Age {
    std::string name;
    std::uint64_t number = 0;
    Steady at{};
  };
  void forget_old(Steady now);

  boost::unordered_flat_map<std::string, Entry> entries_;  // by name
  std::deque<Age> ages_;                                   // oldest first
  std::uint64_t last_number_ = 0;
};

}  // namespace firegate::api
