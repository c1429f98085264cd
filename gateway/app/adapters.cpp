#include "app/adapters.h"

#include <fmt/ranges.h>

#include <future>

#include "store/tables/places.h"

namespace firegate::app {

Result<decode::Pulled> InboxSource::pull(Millis wait) {
  // The lanes keep the batch as long as they work on it; each pull has one of its own.
  auto batch = std::make_shared<ingest::InboxBatch>();
  if (auto read = reader_.next(*batch, wait); !read) return tl::unexpected(read.error());
  const auto messages = batch->messages();
  return decode::Pulled{messages, std::move(batch)};
}

Result<registry::Inventory> StoredInventory::load() noexcept {
  if (!at_start_) return fail(ErrorCode::refused, "loading places: they are loaded at start only");
  auto loaded = store::places::load(*at_start_);
  if (!loaded) return tl::unexpected(loaded.error());
  return registry::Inventory{std::move(loaded->places), std::move(loaded->devices)};
}

Result<RegistryRecords> StoredInventory::load_records() noexcept {
  if (!at_start_) return fail(ErrorCode::refused, "loading records of devices: they are loaded at start only");
  return store::load_registry_records(*at_start_);
}

Result<void> StoredInventory::save(const RegistryChange& change) noexcept {
  if (!records_) return fail(ErrorCode::refused, "recording devices: the gateway is starting");
  return records_->save(change);
}

Result<std::pair<ImportRecord, std::vector<DeviceChange>>> StoredInventory::import(std::uint64_t no) noexcept {
  if (!records_) return fail(ErrorCode::refused, "reading an import: the gateway is starting");
  return records_->import(no);
}

Result<void> StoredInventory::replace_all(const registry::Inventory& inventory) noexcept {
  const store::places::Places places{inventory.places, inventory.devices};
  if (at_start_) {
    auto transaction = store::Transaction::begin(*at_start_);
    if (!transaction) return tl::unexpected(transaction.error());
    if (auto replaced = store::places::replace_all(*transaction, places); !replaced) return replaced;
    return transaction->commit();
  }
  std::promise<Result<void>> promise;
  auto done = promise.get_future();
  writer_->run([&places](store::Transaction& transaction) { return store::places::replace_all(transaction, places); }, true,
               [&promise](Result<void> result) { promise.set_value(std::move(result)); });
  return done.get();
}

std::uint64_t HealthBoard::waiting() const noexcept {
  const InboxSeq last = parts_.inbox.last(), done = finished_.load(std::memory_order_relaxed);
  return last > done ? last - done : 0;
}

Health HealthBoard::health() const {
  Health health;
  const bool connected = parts_.metrics.broker_connected.value() > 0;
  health.parts.push_back({"broker", connected, connected ? "connected" : "not connected"});
  const double canary = parts_.metrics.canary_round_trip_seconds.value();
  const bool canary_late = parts_.canary.late();
  health.parts.push_back({"canary", connected && !canary_late,
                          fmt::format("{}last round trip {:.1f} ms", canary_late ? "does not come back; " : "", canary * 1000)});
  health.parts.push_back({"inbox", parts_.metrics.inbox_refused.value() == 0,
                          fmt::format("{} waiting, {} refused", waiting(), parts_.metrics.inbox_refused.value())});
  const auto failure = parts_.writer.failure();
  const auto damage = parts_.file.damage();
  health.parts.push_back({"store", !failure && !damage,
                          failure ? failure->message : damage ? *damage : fmt::format("{} rows waiting", parts_.writer.waiting())});
  health.parts.push_back(loops());
  const partition::Counts counts = parts_.partitions.counts();
  health.devices_total = counts.devices;
  health.devices_online = counts.online;
  health.devices_unmapped = static_cast<std::uint64_t>(parts_.metrics.devices_unmapped.value());
  health.inbox_waiting = waiting();
  health.decision_lag = counts.decision_lag;
  health.clock_drift = parts_.clock.drift();
  return health;
}

Health::Part HealthBoard::loops() const {
  const LoopWatch* watched = loops_.load(std::memory_order_acquire);
  if (!watched) return {"loops", false, "starting"};
  const auto stuck = watched->stuck();
  return {"loops", stuck.empty(), stuck.empty() ? "all go round" : fmt::format("{}", fmt::join(stuck, ", "))};
}

void HealthBoard::update_gauges() const {
  const partition::Counts counts = parts_.partitions.counts();
  parts_.metrics.devices.set(static_cast<double>(counts.devices));
  parts_.metrics.devices_online.set(static_cast<double>(counts.online));
  parts_.metrics.alarms_live.set(static_cast<double>(counts.live_alarms));
  parts_.metrics.alarms_unacknowledged.set(static_cast<double>(counts.unacknowledged));
  parts_.metrics.decision_lag_seconds.set(std::chrono::duration<double>(counts.decision_lag).count());
  parts_.metrics.inbox_waiting.set(static_cast<double>(waiting()));
  parts_.metrics.inbox_received_position.set(static_cast<double>(parts_.inbox.last()));
  parts_.metrics.inbox_synced_position.set(static_cast<double>(parts_.inbox.synced_up_to()));
  parts_.metrics.inbox_finished_position.set(static_cast<double>(parts_.inbox.committed()));
  parts_.metrics.clock_drift_seconds.set(std::chrono::duration<double>(parts_.clock.drift()).count());
}

}  // namespace firegate::app
