// A store of the registry in memory, with what was saved. Header only.
#pragma once

#include <utility>
#include <vector>

#include "registry/registry.h"

namespace firegate::fakes {

class MemoryRegistryStore final : public registry::RegistryStore {
 public:
  Result<registry::Inventory> load() noexcept override {
    if (broken) return fail(ErrorCode::io_failed, "reading places: disk");
    return kept;
  }
  Result<RegistryRecords> load_records() noexcept override { return records; }
  Result<void> replace_all(const registry::Inventory& inventory) noexcept override {
    if (broken) return fail(ErrorCode::io_failed, "writing places: disk");
    kept = inventory;
    ++writes;
    return {};
  }
  Result<void> save(const RegistryChange& change) noexcept override {
    if (broken) return fail(ErrorCode::io_failed, "recording devices: disk");
    saved.push_back(change);
    return {};
  }
  Result<std::pair<ImportRecord, std::vector<DeviceChange>>> import(std::uint64_t no) noexcept override {
    std::pair<ImportRecord, std::vector<DeviceChange>> found;
    for (const RegistryChange& change : saved) {
      if (change.import && change.import->no == no) found.first = *change.import;
      for (const DeviceChange& row : change.changes) {
        if (row.import == no) found.second.push_back(row);
      }
    }
    if (found.first.no == 0) return fail(ErrorCode::not_found, "no such import");
    return found;
  }
  std::vector<DeviceChange> changes() const {
    std::vector<DeviceChange> rows;
    for (const RegistryChange& change : saved) rows.insert(rows.end(), change.changes.begin(), change.changes.end());
    return rows;
  }

  registry::Inventory kept;
  RegistryRecords records;
  std::vector<RegistryChange> saved;
  int writes = 0;
  bool broken = false;
};

}  // namespace firegate::fakes
