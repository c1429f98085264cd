// Units: what the link knows of each unit that has spoken: its connection, what it sent lately, what it has not
// confirmed. Owned by the GbLink; the io thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

#include "gb_link/connection.h"
#include "gb_link/orders.h"
#include "gb_link/recent_frames.h"

namespace firegate::gb_link {

constexpr std::size_t kMostUnits = 20'000;      // our choice: with and without a connection
constexpr Millis kForgetAfter{600'000};         // our choice: without a connection
constexpr std::uint16_t kFirstSerial = 0x8000;  // of the link's own packets; the driver's commands count from 0

struct Unit {
  std::uint64_t address = 0;
  std::shared_ptr<Connection> connection;  // null: none
  Steady heard_at{};
  RecentFrames recent;

  // How it speaks, to be spoken to alike.
  std::uint64_t centre = 0;  // the address it calls us by
  std::uint8_t version = 1, user_version = 1;

  Orders orders;
  std::uint16_t next_serial = kFirstSerial;
  Steady clock_due{}, duty_due{};
  std::optional<Steady> duty_until;  // a duty check is confirmed and not answered yet
};

class Units {
 public:
  // The unit, made when it is new; null: as many are known as are kept. Stays where it is until it is forgotten.
  Unit* take(std::uint64_t address);
  Unit* find(std::uint64_t address) noexcept;
  // Drops those that have had no connection for kForgetAfter.
  void forget(Steady now);
  std::size_t connected() const noexcept;
  // `visit(unit)`; it must not take or forget any.
  template <typename Visit>
  void each(Visit visit) {
    for (auto& [address, unit] : units_) visit(unit);
  }

 private:
  std::unordered_map<std::uint64_t, Unit> units_;
};

}  // namespace firegate::gb_link
