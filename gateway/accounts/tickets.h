// Tickets: each lets one live feed of one session be opened, once, within 30 s (reliability, T16: a cookie alone opens
// no socket, and what stands in an address is worthless when somebody reads it later). Bounded: the oldest ticket goes
// when there are too many. Owned by Accounts; its thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "core/clock.h"

namespace firegate::accounts {

constexpr std::chrono::seconds kTicketLasts{30};  // our choice
constexpr std::size_t kTicketsAtOnce = 1024;

class Tickets {
 public:
  std::string issue(std::string_view session, Steady now);
  // Whether it was for this session and in time. It is gone either way.
  bool redeem(std::string_view ticket, std::string_view session, Steady now);
  void forget_old(Steady now);

 private:
  struct Ticket {
    std::string hash, session;
    Steady ends{};
  };
  std::deque<Ticket> oldest_first_;
};

}  // namespace firegate::accounts
