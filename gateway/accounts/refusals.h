// Refusals: what the journal hears of those who were not let in. A try that was evaluated is a line, up to a number a
// minute; the others, and those that back-off turned away, are counted and make one line a minute. A flood cannot fill
// the journal. Owned by Accounts; its thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/batch.h"
#include "core/clock.h"

namespace firegate::accounts {

constexpr std::size_t kRefusalsAMinute = 30;  // lines; our choice

class Refusals {
 public:
  void refused(JournalEntry line);
  void turned_away(std::string subject, std::string address);
  // What has gathered since the last call.
  void report(std::vector<JournalEntry>& journal, Instant now, Steady steady);

 private:
  std::vector<JournalEntry> lines_;
  std::size_t lines_of_this_minute_ = 0;
  std::optional<Steady> minute_began_;
  std::uint64_t counted_ = 0;
  std::string last_subject_, last_address_;
};

}  // namespace firegate::accounts
