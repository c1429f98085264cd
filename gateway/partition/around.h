// Partition::Around: what the rules of one device may ask of the devices around it. A view for one call.
#pragma once

#include "partition/partition.h"

namespace firegate::partition {

class Partition::Around final : public rules::Surroundings {
 public:
  Around(const Partition& partition, const DeviceState& state, Instant now) noexcept
      : partition_(partition), state_(state), now_(now) {}

  rules::Tally tally(rules::LookNo look) const noexcept override;
  void evidence(rules::LookNo look, std::vector<Evidence>& into) const override;

 private:
  const Membership* membership(rules::LookNo look) const noexcept;

  const Partition& partition_;
  const DeviceState& state_;
  const Instant now_;
};

}  // namespace firegate::partition
