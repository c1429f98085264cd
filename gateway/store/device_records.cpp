#include "store/device_records.h"

#include <fmt/format.h>

#include "store/tables/devices.h"
#include "store/tables/journal.h"
#include "store/write_and_wait.h"

namespace firegate::store {

// Opened when first needed, and again after it could not be read.
template <typename Read>
auto DeviceRecords::reading(Read read) -> decltype(read(std::declval<Database&>())) {
  if (!database_) {
    auto opened = Database::open(path_, Database::Mode::read_only);
    if (!opened) return tl::unexpected(opened.error());
    database_.emplace(std::move(*opened));
  }
  auto result = read(*database_);
  if (!result && result.error().code != ErrorCode::not_found) database_.reset();
  return result;
}

Result<void> DeviceRecords::save(RegistryChange change) {
  return write([change = std::move(change)](Transaction& transaction) { return devices::save(transaction, change); });
}

Result<void> DeviceRecords::note_test(std::string device, std::uint32_t no, std::string note, JournalEntry line) {
  return write([device = std::move(device), no, note = std::move(note),
                line = std::move(line)](Transaction& transaction) -> Result<void> {
    const auto found = devices::note_test(transaction.database(), device, no, note);
    if (!found) return tl::unexpected(found.error());
    if (!*found)
      return fail(ErrorCode::not_found, fmt::format("noting test {} of device {}: no such test", no, device));
    return journal::append(transaction.database(), line);
  });
}

Result<std::vector<DeviceChange>> DeviceRecords::changes(std::string_view device, std::size_t limit) {
  return reading([device, limit](Database& database) { return devices::changes_of(database, device, limit); });
}

Result<std::vector<TestRecord>> DeviceRecords::tests(std::string_view device, std::size_t limit) {
  return reading([device, limit](Database& database) { return devices::tests_of(database, device, limit); });
}

Result<std::pair<ImportRecord, std::vector<DeviceChange>>> DeviceRecords::import(std::uint64_t no) {
  return reading([no](Database& database) { return devices::import(database, no); });
}

Result<void> DeviceRecords::write(Writer::Work work) {
  return write_and_wait(writer_, std::move(work), kPatience, "recording devices");
}

Result<RegistryRecords> load_registry_records(Database& database) { return devices::load(database); }

}  // namespace firegate::store
