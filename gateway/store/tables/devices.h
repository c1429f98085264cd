// What people did to devices: facts, changes, tests, what is ignored, imports (core/device_record.h). The devices
// themselves are in places.h.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "core/device_record.h"
#include "store/database.h"

namespace firegate::store::devices {

// Inside the caller's transaction. Two devices may change their addresses with each other.
Result<void> save(Transaction& transaction, const RegistryChange& change);
// The message by which a test is passed; a test that is not known, or was passed, is left alone.
Result<void> pass_test(Database& database, const TestRow& row);
// False: there is no such test.
Result<bool> note_test(Database& database, std::string_view device, std::uint32_t no, std::string_view note);

Result<RegistryRecords> load(Database& database);
Result<std::vector<DeviceChange>> changes_of(Database& database, std::string_view device,
                                             std::size_t limit);  // newest first
Result<std::vector<TestRecord>> tests_of(Database& database, std::string_view device, std::size_t limit);  // the same
// An import with the changes that it made, in their order. not_found: no such import.
Result<std::pair<ImportRecord, std::vector<DeviceChange>>> import(Database& database, std::uint64_t no);

}  // namespace firegate::store::devices
