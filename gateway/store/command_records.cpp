#include "store/command_records.h"

#include "store/tables/commands.h"
#include "store/tables/journal.h"
#include "store/write_and_wait.h"

namespace firegate::store {

// Opened when first needed, and again after it could not be read.
template <typename Read>
auto CommandRecords::reading(Read read) -> decltype(read(std::declval<Database&>())) {
  if (!database_) {
    auto opened = Database::open(path_, Database::Mode::read_only);
    if (!opened) return tl::unexpected(opened.error());
    database_.emplace(std::move(*opened));
  }
  auto result = read(*database_);
  if (!result) database_.reset();
  return result;
}

Result<void> CommandRecords::add(CommandRecord record, JournalEntry line) {
  const auto work = [record = std::move(record), line = std::move(line)](Transaction& transaction) -> Result<void> {
    if (auto added = commands::add(transaction.database(), record); !added) return added;
    return journal::append(transaction.database(), line);
  };
  return write_and_wait(writer_, work, kPatience, "recording a command");
}

void CommandRecords::change(CommandRecord record, JournalEntry line) noexcept {
  writer_.run(
      [record = std::move(record), line = std::move(line)](Transaction& transaction) -> Result<void> {
        if (auto changed = commands::change(transaction.database(), record); !changed) return changed;
        return journal::append(transaction.database(), line);
      },
      true, [](Result<void>) {});
}

Result<std::vector<CommandRecord>> CommandRecords::open() {
  return reading([](Database& database) { return commands::open(database); });
}

Result<std::vector<CommandRecord>> CommandRecords::of_device(std::string_view device, std::uint64_t before,
                                                             std::size_t limit) {
  return reading([=](Database& database) { return commands::of_device(database, device, before, limit); });
}

Result<std::optional<CommandRecord>> CommandRecords::by_key(std::string_view who, std::string_view key) {
  return reading([=](Database& database) { return commands::by_key(database, who, key); });
}

}  // namespace firegate::store
