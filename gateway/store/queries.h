// SqliteArchive: the Archive of the web and the jobs, on a read-only connection of its own. Never waits for the writer.
#pragma once

#include <filesystem>

#include "core/archive.h"
#include "store/database.h"

namespace firegate::store {

class SqliteArchive final : public Archive {
 public:
  static Result<std::unique_ptr<Archive>> open(const std::filesystem::path& path);
  explicit SqliteArchive(Database database) noexcept : database_(std::move(database)) {}

  Result<AlarmPage> alarms(const AlarmQuery& query) override;
  Result<Alarm> alarm(AlarmId id) override;
  Result<std::vector<JournalEntry>> timeline(AlarmId id) override;
  Result<std::vector<DeliveryRow>> deliveries(AlarmId id) override;
  Result<std::vector<SeriesPoint>> series(std::string_view device, Point point, Port port, Instant from,
                                          Instant to) override;
  Result<void> each_reading(Instant from, Instant to, const std::function<bool(const ReadingRow&)>& take) override;
  Result<std::vector<RawCopy>> messages(std::string_view device) override;
  Result<JournalPage> journal(const JournalQuery& query) override;
  // On connections of its own.
  Result<JournalReport> check_journal(const std::function<bool()>& stop, const JournalProgress& progress) override;

 private:
  Database database_;
};

}  // namespace firegate::store
