// Chatter: which alarms come and go so often that telling each time says nothing any more. Counts the raises of each
// rule and subject over a sliding window, whatever alarm ids they have. Pure; the owner's thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <string>
#include <utility>

#include "core/clock.h"

namespace firegate::alarms {

// ISA-18.2: three or more activations of one alarm within 60 s (domain, section 3.3). Quiet again: as long without one,
// our choice.
constexpr Millis kChatterWindow = std::chrono::minutes{1};
constexpr unsigned kChatterRaises = 3;

class Chatter {
 public:
  // One more raise; true when it makes enough of them.
  bool raised(const std::string& origin, Instant at);
  void clock_stepped(Millis step);
  std::size_t size() const noexcept { return raises_.size(); }  // raises within the window

 private:
  std::deque<std::pair<Instant, std::string>> raises_;  // by time
  boost::unordered_flat_map<std::string, unsigned> counts_;
};

}  // namespace firegate::alarms
