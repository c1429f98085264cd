// Life: what happens at a device on an ordinary day: temperatures wander, doors open, e-bikes come to charge, lifts
// run. Nothing of it may be an alarm or come near a limit of the default rules, but for the nuisance life, which may.
// Pure; owned by the estate, one thread.
#pragma once

#include <memory>

#include "core/clock.h"
#include "core/device_kind.h"
#include "simulate/facts.h"
#include "simulate/nuisance.h"
#include "simulate/random.h"

namespace firegate::simulate {

class Life {
 public:
  virtual ~Life() = default;

  virtual void begin(Facts&, Random&) = 0;  // sets every fact the device knows, all of them normal
  virtual Millis pace() const = 0;          // between two calls of `go_on`
  // `now` counts from the start of the estate. True when the device tells the change at once.
  virtual bool go_on(Facts&, Random&, Millis now) = 0;
};

std::unique_ptr<Life> make_life(DeviceKind kind);
// A detector that measures, in a year in which nothing burns (simulate/nuisance.h), its quiet hours cut to five
// minutes.
std::unique_ptr<Life> make_nuisance_life(DeviceKind kind, NuisanceRoom room);

// Parts of make_life.
std::unique_ptr<Life> make_charging_life(int ports);
std::unique_ptr<Life> make_lift_life();

// A walk of `point` by at most `step` that stays within low..high, with `digits` decimals.
void wander(Facts& facts, Random& random, Point point, double step, double low, double high, int digits,
            Port port = kNoPort);

}  // namespace firegate::simulate
