// The joints between folders that may not know each other: the inbox as the decode reader sees it, the store as the
// registry sees it, the trays as the web sees them, the health of all parts. Owned by App.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "app/loop_watch.h"
#include "core/live.h"
#include "decode/reader.h"
#include "decode/rejected_samples.h"
#include "ingest/canary.h"
#include "ingest/inbox.h"
#include "metrics/metrics.h"
#include "partition/partition_set.h"
#include "registry/registry.h"
#include "registry/unmapped.h"
#include "store/database.h"
#include "store/device_records.h"
#include "store/file_check.h"
#include "store/writer.h"

namespace firegate::app {

// The reader's thread only.
class InboxSource final : public decode::MessageSource {
 public:
  InboxSource(ingest::Inbox& inbox, InboxSeq from) : reader_(inbox, from) {}
  Result<decode::Pulled> pull(Millis wait) override;

 private:
  ingest::InboxReader reader_;
};

// Reads and seeds through the database that is open at start, before the writer has it; writes through the writer.
class StoredInventory final : public registry::RegistryStore {
 public:
  explicit StoredInventory(store::Database& at_start) : at_start_(&at_start) {}
  void attach(store::Writer& writer, store::DeviceRecords& records) noexcept {
    at_start_ = nullptr;
    writer_ = &writer;
    records_ = &records;
  }
  Result<registry::Inventory> load() noexcept override;
  Result<RegistryRecords> load_records() noexcept override;
  Result<void> replace_all(const registry::Inventory& inventory) noexcept override;
  Result<void> save(const RegistryChange& change) noexcept override;
  Result<std::pair<ImportRecord, std::vector<DeviceChange>>> import(std::uint64_t no) noexcept override;

 private:
  store::Database* at_start_;
  store::Writer* writer_ = nullptr;
  store::DeviceRecords* records_ = nullptr;  // null: not yet
};

class Trays final : public Tray {
 public:
  Trays(const registry::UnmappedTray& unmapped, const decode::RejectedSamples& rejected)
      : unmapped_(unmapped), rejected_(rejected) {}
  std::vector<Unmapped> unmapped() const override { return unmapped_.list(); }
  std::vector<RejectedSample> rejected() const override { return rejected_.list(); }

 private:
  const registry::UnmappedTray& unmapped_;
  const decode::RejectedSamples& rejected_;
};

// The journal with the inbox's place in it: what is finished is told to the store with the next commit.
class HealthBoard final : public HealthSource {
 public:
  struct Parts {
    const ingest::Inbox& inbox;
    const ingest::Canary& canary;
    const store::Writer& writer;
    const store::FileCheck& file;
    const partition::PartitionSet& partitions;
    const registry::UnmappedTray& unmapped;
    const Clock& clock;
    metrics::Metrics& metrics;
  };
  explicit HealthBoard(Parts parts) : parts_(parts) {}

  Health health() const override;
  // Finished up to `seq`, which arrived at `at`; any thread.
  void finished(InboxSeq seq) noexcept { finished_.store(seq, std::memory_order_relaxed); }
  // From now on stuck loops count too. `loops` outlives this.
  void attach(const LoopWatch& loops) noexcept { loops_.store(&loops, std::memory_order_release); }
  // Brings the gauges up to date; once a second.
  void update_gauges() const;

 private:
  std::uint64_t waiting() const noexcept;
  Health::Part loops() const;

  Parts parts_;
  std::atomic<InboxSeq> finished_{0};
  std::atomic<const LoopWatch*> loops_{nullptr};  // null: not all of them run yet
};

}  // namespace firegate::app
