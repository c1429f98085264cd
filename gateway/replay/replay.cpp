#include "replay/replay.h"

#include <algorithm>

#include "core/hash.h"
#include "decode/lane.h"

namespace firegate::replay {
namespace {

// Faults of ours are about the machine of the moment, not about what was recorded.
class NoFaults final : public SelfFault {
 public:
  void raise(SelfFaultCode, std::string_view, std::string) noexcept override {}
  void clear(SelfFaultCode, std::string_view) noexcept override {}
};

// Each alarm belongs to one partition, so its own entries are in order already.
template <typename Entries, typename KeyOf>
void sort_by(Entries& entries, KeyOf key_of) {
  std::stable_sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) { return key_of(a) < key_of(b); });
}

void order(Batch& batch) {
  sort_by(batch.journal, [](const JournalEntry& entry) { return std::pair(entry.at, entry.alarm); });
  sort_by(batch.notices, [](const Notice& notice) { return std::pair(notice.at, notice.alarm.id); });
}

}  // namespace

struct Replay::Parts {
  Parts(Needs given, Instant start, std::size_t count)
      : needs(std::move(given)), router(needs.decode.sources), now(start) {
    const decode::LaneParts lane_parts{needs.models, needs.unmapped, rejected, faults, needs.metrics};
    Restored learned;
    learned.links = needs.links;
    for (const decode::Source& source : needs.decode.sources) {
      lanes.emplace_back(source, needs.decode.limits, lane_parts);
      lanes.back().restore(learned, *needs.devices);
    }
    for (std::size_t index = 0; index < count; ++index) {
      const auto owns = [index, count](std::string_view building) { return owner(building, count) == index; };
      partitions.push_back(std::make_unique<partition::Partition>(owns, needs.rules, needs.devices, Restored{}, start));
    }
  }

  static std::size_t owner(std::string_view building, std::size_t count) noexcept {
    return StableHash{}.add(building).value() % count;
  }

  void fire_timers(Batch& batch) {
    for (const auto& partition : partitions) partition->advance(now, batch);
  }

  void decode(const RawMessage& message, Batch& batch) {
    const auto source = router.route(message.topic);
    if (!source) {
      needs.metrics.messages_rejected[RejectReason::unknown_topic].add();
      return;
    }
    const decode::LaneContext context{needs.devices, now, Instant{}};
    decode::Lane& lane = lanes[*source];
    decode::LaneOutput output = lane.decode(std::span(&message, 1), context);
    hand_on(output, batch);
    for (decode::LaneOutput::Ask& ask : output.asks) {
      lane.answered(ask.ticket, needs.codecs ? run_and_wait(*needs.codecs, std::move(ask.request)) : CodecAnswer{});
    }
    while (const auto resumed = lane.resume(context)) hand_on(resumed->output, batch);
  }

  void hand_on(const decode::LaneOutput& output, Batch& batch) {
    for (const auto& [building, items] : output.buildings) {
      for (const ToPartition& item : items) of(building).receive(item, batch);
    }
  }

  partition::Partition& of(std::string_view building) noexcept {
    return *partitions[owner(building, partitions.size())];
  }

  Needs needs;
  NoFaults faults;
  decode::RejectedSamples rejected;
  decode::Router router;
  std::vector<decode::Lane> lanes;
  std::vector<std::unique_ptr<partition::Partition>> partitions;
  Instant now;
};

Replay::Replay(Needs needs, Instant start, std::size_t partitions)
    : parts_(std::make_unique<Parts>(std::move(needs), start, partitions)) {}
Replay::~Replay() = default;

Batch Replay::receive(const RawMessage& message) {
  Batch batch;
  parts_->now = std::max(parts_->now, message.arrived_at);
  parts_->fire_timers(batch);
  RawMessage taken = message;
  taken.arrived_at = parts_->now;
  parts_->decode(taken, batch);
  order(batch);
  return batch;
}

Batch Replay::receive(const ReadingRow& stored) {
  const Current& current = stored.current;
  return after(current.updated_at, [&](Batch& batch) {
    const DevicePtr* device = parts_->needs.devices->by_id(stored.device);
    if (!device) return;
    ToPartition item;
    item.device = *device;
    item.message.address = (*device)->address;
    item.message.kind = MessageKind::delta;
    item.message.measured_at = current.measured_at;
    item.message.readings.push_back({current.point, current.port, current.quality, current.value});
    item.arrived_at = parts_->now;
    parts_->of(building_key(*(*device)->place)).receive(item, batch);
  });
}

Batch Replay::advance(Instant now) {
  return after(now, [](Batch&) {});
}

Batch Replay::use(rules::RuleSetPtr rules, Instant now) {
  parts_->needs.rules = std::move(rules);
  return after(now, [this](Batch& batch) {
    for (const auto& partition : parts_->partitions) partition->use(parts_->needs.rules, parts_->now, batch);
  });
}

Batch Replay::use(DeviceMapPtr devices, Instant now) {
  parts_->needs.devices = std::move(devices);
  return after(now, [this](Batch& batch) {
    for (const auto& partition : parts_->partitions) partition->use(parts_->needs.devices, parts_->now, batch);
  });
}

// What is due until `now`, then the change.
Batch Replay::after(Instant now, const std::function<void(Batch&)>& change) {
  Batch batch;
  parts_->now = std::max(parts_->now, now);
  parts_->fire_timers(batch);
  change(batch);
  order(batch);
  return batch;
}

}  // namespace firegate::replay
