// Facts: what is true at one device, in the words of the vocabulary, before anybody puts it into a wire format.
// Everyday life sets them; a scenario holds some at its own values for a while and then releases them. One thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/point.h"
#include "core/reading.h"
#include "core/value.h"

namespace firegate::simulate {

struct Fact {
  Port port = kNoPort;
  Point point{};
  Value value;                  // as the device sees it now
  std::optional<Value> normal;  // set while a scenario holds the value: what everyday life would say
};

class Facts {
 public:
  // Everyday life: seen at once, or after the release where a scenario holds the value.
  void set(Point point, Value value, Port port = kNoPort);
  // A scenario: the value stays until `release`.
  void hold(Point point, Value value, Port port = kNoPort);
  void release();

  const Value* find(Point point, Port port = kNoPort) const noexcept;
  bool has(Point point, Port port = kNoPort) const noexcept { return find(point, port) != nullptr; }
  bool flag(Point point, Port port = kNoPort) const noexcept;  // false when nothing is said
  double number(Point point, Port port = kNoPort, double otherwise = 0) const noexcept;
  std::string_view word(Point point, Port port = kNoPort) const noexcept;  // choice; empty when nothing is said
  std::span<const Fact> all() const noexcept { return facts_; }            // sorted by port, then point

 private:
  Fact& at(Point point, Port port);

  std::vector<Fact> facts_;
};

}  // namespace firegate::simulate
