// DeliveryRecords: the DeliveryLog on the store. `undelivered` reads on a connection of its own, before the pipeline
// starts; the rest goes through the writer. Owned by `app`; the writer outlives it.
#pragma once

#include <filesystem>

#include "core/delivery_log.h"
#include "store/writer.h"

namespace firegate::store {

class DeliveryRecords final : public DeliveryLog {
 public:
  DeliveryRecords(std::filesystem::path path, Writer& writer) : path_(std::move(path)), writer_(writer) {}

  Result<Undelivered> undelivered() noexcept override;
  void routed(std::string key, std::vector<std::string> channels, Instant at) noexcept override;
  void record(DeliveryRow row) noexcept override;

 private:
  const std::filesystem::path path_;
  Writer& writer_;
};

}  // namespace firegate::store
