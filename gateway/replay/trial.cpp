#include "replay/trial.h"

#include <utility>

namespace firegate::replay {

Trial::Side::Side(const World& world, rules::RuleSetPtr rules, Instant start)
    : unmapped(world.make_unmapped(metrics)),
      replay(
          {world.decode, world.models, *unmapped, metrics, std::move(rules), world.devices, world.links, world.codecs},
          start) {}

Trial::Trial(const World& world, rules::RuleSetPtr today, rules::RuleSetPtr candidate, Instant start)
    : today_(world, std::move(today), start), candidate_(world, std::move(candidate), start) {}

void Trial::take(const RawMessage& message) {
  for (Side* side : {&today_, &candidate_}) side->episodes.add(side->replay.receive(message));
}

void Trial::take(const ReadingRow& stored) {
  for (Side* side : {&today_, &candidate_}) side->episodes.add(side->replay.receive(stored));
}

void Trial::advance(Instant now) {
  for (Side* side : {&today_, &candidate_}) side->episodes.add(side->replay.advance(now));
}

void Trial::use_today(rules::RuleSetPtr rules, Instant now) {
  today_.episodes.add(today_.replay.use(std::move(rules), now));
}

void Trial::use(const DeviceMapPtr& devices, Instant now) {
  for (Side* side : {&today_, &candidate_}) side->episodes.add(side->replay.use(devices, now));
}

}  // namespace firegate::replay
