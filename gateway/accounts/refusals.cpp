#include "accounts/refusals.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "accounts/words.h"

namespace firegate::accounts {

void Refusals::refused(JournalEntry line) {
  if (lines_of_this_minute_ < kRefusalsAMinute) {
    ++lines_of_this_minute_;
    lines_.push_back(std::move(line));
    return;
  }
  ++counted_;
  last_subject_ = std::move(line.subject);
  last_address_ = std::move(line.address);
}

void Refusals::turned_away(std::string subject, std::string address) {
  ++counted_;
  last_subject_ = std::move(subject);
  last_address_ = std::move(address);
}

void Refusals::report(std::vector<JournalEntry>& journal, Instant now, Steady steady) {
  std::ranges::move(lines_, std::back_inserter(journal));
  lines_.clear();
  if (minute_began_ && steady - *minute_began_ < std::chrono::minutes(1)) return;
  minute_began_ = steady;
  lines_of_this_minute_ = 0;
  if (counted_ == 0) return;
  JournalEntry& line = journal.emplace_back(
      own_line("sign_in_refused", std::exchange(last_subject_, {}), std::exchange(last_address_, {}), now));
  line.why = fmt::format("{} tries were turned away since the last such line, the last of them here", counted_);
  counted_ = 0;
}

}  // namespace firegate::accounts
