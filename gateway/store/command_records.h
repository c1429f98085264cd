// CommandRecords: commands to devices on the store. Reads on a connection of its own; writes through the writer, which
// outlives it. Owned by `app`. One thread at a time, which may wait for the disk.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "core/commands.h"
#include "store/writer.h"

namespace firegate::store {

class CommandRecords {
 public:
  static constexpr Millis kPatience{10'000};  // our choice: below the 15 s that an answer of the API may take

  CommandRecords(std::filesystem::path path, Writer& writer) : path_(std::move(path)), writer_(writer) {}

  // Waits for the commit. What was not committed within kPatience is given up: nothing of it is written later.
  Result<void> add(CommandRecord record, JournalEntry line);
  // Does not wait: the writer repeats what it could not write.
  void change(CommandRecord record, JournalEntry line) noexcept;

  Result<std::vector<CommandRecord>> open();  // requested, sent or accepted
  Result<std::vector<CommandRecord>> of_device(std::string_view device, std::uint64_t before, std::size_t limit);
  Result<std::optional<CommandRecord>> by_key(std::string_view who, std::string_view key);

 private:
  template <typename Read>
  auto reading(Read read) -> decltype(read(std::declval<Database&>()));

  const std::filesystem::path path_;
  Writer& writer_;
  std::optional<Database> database_;
};

}  // namespace firegate::store
