// DeviceRecords: what people did to devices, on the store. Reads on a connection of its own; writes through the writer
// and waits for the commit. Owned by `app`; the writer outlives it. One thread at a time, which may wait for the disk.
//
// What was not committed within kPatience, or failed, is given up: nothing of it is written later. One case is left, as
// with accounts: a commit that seemed to fail had reached the disk. Then it holds from the next start on.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "core/device_record.h"
#include "store/writer.h"

namespace firegate::store {

class DeviceRecords {
 public:
  static constexpr Millis kPatience{10'000};  // our choice: below the 15 s that an answer of the API may take

  DeviceRecords(std::filesystem::path path, Writer& writer) : path_(std::move(path)), writer_(writer) {}

  Result<void> save(RegistryChange change);
  Result<void> note_test(std::string device, std::uint32_t no, std::string note, JournalEntry line);  // not_found

  Result<std::vector<DeviceChange>> changes(std::string_view device, std::size_t limit);  // newest first
  Result<std::vector<TestRecord>> tests(std::string_view device, std::size_t limit);      // the same
  Result<std::pair<ImportRecord, std::vector<DeviceChange>>> import(std::uint64_t no);    // not_found

 private:
  template <typename Read>
  auto reading(Read read) -> decltype(read(std::declval<Database&>()));
  Result<void> write(Writer::Work work);

  const std::filesystem::path path_;
  Writer& writer_;
  std::optional<Database> database_;
};

// At start, before the writer has the connection.
Result<RegistryRecords> load_registry_records(Database& database);

}  // namespace firegate::store
