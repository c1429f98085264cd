#include "commands/command_book.h"

#include <algorithm>

#include "commands/effect.h"

namespace firegate::commands {
namespace {

// Whether a command in state `from` may still become `to`.
bool goes_forward(CommandState from, CommandState to) noexcept {
  switch (from) {
    case CommandState::requested: return to != CommandState::requested;
    case CommandState::sent: return to > CommandState::sent && to != CommandState::refused;
    case CommandState::accepted: return to > CommandState::accepted && to != CommandState::refused;
    case CommandState::done: return to == CommandState::verified;
    case CommandState::timed_out:
      return to == CommandState::accepted || to == CommandState::done || to == CommandState::verified ||
             to == CommandState::failed;
    case CommandState::verified:
    case CommandState::failed:
    case CommandState::refused: return false;
  }
  return false;
}

// Until when a command in this state waits; kNever: it does not.
Instant deadline_of(const CommandRecord& record) noexcept {
  switch (record.state) {
    case CommandState::requested:
    case CommandState::sent: return record.at + kAnswerWithin;
    case CommandState::accepted:
      return record.changed_at + (record.command.kind == CommandKind::duty_check ? kDutyWithin : kDoneWithin);
    default: return kNever;
  }
}

std::string_view overdue_text(CommandState state) noexcept {
  switch (state) {
    case CommandState::requested: return "it is not known whether it left";
    case CommandState::sent: return "the device did not answer";
    default: return "the device accepted it and said no more";
  }
}

// GB/T 26875.3: a unit answers for the systems and components below its address.
bool answers_for(std::string_view speaker, std::string_view addressed) noexcept {
  return addressed == speaker || (addressed.starts_with(speaker) && addressed.substr(speaker.size()).starts_with('/'));
}

bool may_show(const CommandRecord& record) noexcept {
  return has_effect(record.command.kind) && record.state != CommandState::requested &&
         goes_forward(record.state, CommandState::verified);
}

}  // namespace

void CommandBook::add(CommandRecord record) {
  std::string id = record.command.id;
  records_.insert_or_assign(std::move(id), std::move(record));
}

std::optional<CommandRecord> CommandBook::advance(std::string_view id, CommandState to, std::string why, Instant now) {
  const auto found = records_.find(id);
  if (found == records_.end() || !goes_forward(found->second.state, to)) return std::nullopt;
  found->second.state = to;
  found->second.why = std::move(why);
  found->second.changed_at = now;
  return found->second;
}

std::optional<CommandRecord> CommandBook::answered(const CommandAnswer& answer, Instant now) {
  const auto found = records_.find(answer.id);
  if (found == records_.end()) return std::nullopt;
  const CommandRecord& record = found->second;
  if (record.source != answer.source || !answers_for(answer.address, record.address)) return std::nullopt;
  const auto to = from_label<CommandState>(answer.result);
  if (to != CommandState::accepted && to != CommandState::done && to != CommandState::failed) return std::nullopt;
  return advance(answer.id, *to, answer.reason, now);
}

std::optional<CommandRecord> CommandBook::measured(std::string_view id, const DeviceSnapshot& device, Instant now) {
  const auto found = records_.find(id);
  if (found == records_.end() || !may_show(found->second) || !shows_effect(found->second, device)) return std::nullopt;
  const bool asked = found->second.command.kind == CommandKind::query;
  return advance(id, CommandState::verified, asked ? "the device has spoken since" : "its readings show it", now);
}

std::vector<CommandRecord> CommandBook::tick(Instant now) {
  std::vector<CommandRecord> over;
  for (auto& [id, record] : records_) {
    if (deadline_of(record) > now) continue;
    const std::string why(overdue_text(record.state));
    if (auto changed = advance(id, CommandState::timed_out, why, now)) over.push_back(std::move(*changed));
  }
  std::erase_if(records_, [now](const auto& entry) {
    return deadline_of(entry.second) == kNever && now - entry.second.changed_at >= kWatched;
  });
  return over;
}

CommandRecord CommandBook::newest(CommandRecord record) const {
  const auto found = records_.find(record.command.id);
  if (found == records_.end()) return record;
  record.state = found->second.state;
  record.why = found->second.why;
  record.changed_at = found->second.changed_at;
  return record;
}

std::vector<CommandRecord> CommandBook::to_measure() const {
  std::vector<CommandRecord> list;
  for (const auto& [id, record] : records_) {
    if (may_show(record)) list.push_back(record);
  }
  return list;
}

}  // namespace firegate::commands
