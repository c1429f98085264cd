#include "store/delivery_records.h"

#include "core/log.h"
#include "store/tables/notices.h"

namespace firegate::store {
namespace {

void report(const std::string& key, const Result<void>& written) {
  if (!written) log::warning("delivery_not_recorded", {{"key", key}, {"reason", written.error().message}});
}

}  // namespace

Result<Undelivered> DeliveryRecords::undelivered() noexcept {
  auto database = Database::open(path_, Database::Mode::read_only);
  if (!database) return tl::unexpected(database.error());
  return notices::undelivered(*database);
}

void DeliveryRecords::routed(std::string key, std::vector<std::string> channels, Instant at) noexcept {
  auto work = [key, channels = std::move(channels), at](Transaction& transaction) {
    return notices::route(transaction.database(), key, channels, at);
  };
  writer_.run(std::move(work), false, [key](const Result<void>& written) { report(key, written); });
}

void DeliveryRecords::record(DeliveryRow row) noexcept {
  std::string key = row.key;
  auto work = [row = std::move(row)](Transaction& transaction) { return notices::record(transaction.database(), row); };
  writer_.run(std::move(work), false, [key = std::move(key)](const Result<void>& written) { report(key, written); });
}

}  // namespace firegate::store
