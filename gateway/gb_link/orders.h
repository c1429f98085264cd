// Orders: what we have sent to one unit and it has not confirmed yet. Sent again after the time-out, three times in all
// (GB/T 26875.3, 6.2 to 6.5: a time-out of at most 10 s, three sends; both may be agreed otherwise). Pure; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "drivers/gb26875/frame.h"

namespace firegate::gb_link {

constexpr Millis kConfirmWithin{10'000};
constexpr unsigned kMostSends = 3;
constexpr std::size_t kMostOrders = 16;  // our choice: not yet confirmed, of one unit

struct Order {
  std::uint16_t serial = 0;
  std::string bytes;  // the frame
  std::function<void(Result<void>)> done;
};

class Orders {
 public:
  // False: too many wait, or one with the same serial number does. Counts as sent now.
  bool add(Order order, Steady now);
  bool waits_for(std::uint16_t serial) const noexcept;
  // The one that the unit's confirmation, refusal or answer is about.
  std::optional<Order> take(std::uint16_t serial);

  struct Due {
    std::vector<std::string> again;  // frames to send once more
    std::vector<Order> unconfirmed;  // sent often enough
  };
  Due due(Steady now);
  std::vector<Order> take_all();

 private:
  struct Waiting {
    Order order;
    unsigned sends = 1;
    Steady again_at{};
  };
  std::vector<Waiting> waiting_;
};

}  // namespace firegate::gb_link
