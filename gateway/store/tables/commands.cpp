#include "store/tables/commands.h"

#include <fmt/format.h>

namespace firegate::store::commands {
namespace {

constexpr std::string_view kColumns =
    "seq, id, device, estate, source, address, kind, port, until, state, why, at, changed_at, by, who, reason, key";

CommandRecord read_record(Query& query) {
  CommandRecord record;
  record.seq = query.number();
  record.command.id = query.text();
  record.device = query.text();
  record.estate = query.text();
  record.source = query.text();
  record.address = query.text();
  record.command.kind = from_label<CommandKind>(query.text()).value_or(CommandKind::query);
  record.command.port = static_cast<Port>(query.integer());
  record.command.until = query.maybe_instant();
  record.state = from_label<CommandState>(query.text()).value_or(CommandState::timed_out);
  record.why = query.text();
  record.at = query.instant();
  record.changed_at = query.instant();
  record.by = query.text();
  record.who = query.text();
  record.reason = query.text();
  record.key = query.text();
  return record;
}

Result<std::vector<CommandRecord>> rows_of(Query query) {
  std::vector<CommandRecord> rows;
  while (true) {
    const auto row = query.next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return rows;
    rows.push_back(read_record(query));
  }
}

}  // namespace

Result<void> add(Database& database, const CommandRecord& record) {
  const Command& command = record.command;
  auto added = database
                   .query(
                       "INSERT INTO commands (id, device, estate, source, address, kind, port, until, state, why, at, "
                       "changed_at, by, who, reason, key) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
                   .bind(command.id, record.device, record.estate, record.source, record.address, label(command.kind),
                         command.port, command.until, label(record.state), record.why, record.at, record.changed_at,
                         record.by, record.who, record.reason, record.key)
                   .run();
  if (!added) return added;
  return database
      .query(
          "DELETE FROM commands WHERE device = ?1 AND seq <= (SELECT seq FROM commands WHERE device = ?1 ORDER BY seq "
          "DESC LIMIT 1 OFFSET ?2)")
      .bind(record.device, kKept)
      .run();
}

Result<void> change(Database& database, const CommandRecord& record) {
  return database.query("UPDATE commands SET state = ?, why = ?, changed_at = ? WHERE id = ?")
      .bind(label(record.state), record.why, record.changed_at, record.command.id)
      .run();
}

Result<std::vector<CommandRecord>> open(Database& database) {
  return rows_of(database.query(
      fmt::format("SELECT {} FROM commands WHERE state IN ('requested', 'sent', 'accepted') ORDER BY seq", kColumns)));
}

Result<std::vector<CommandRecord>> of_device(Database& database, std::string_view device, std::uint64_t before,
                                             std::size_t limit) {
  auto query = database.query(fmt::format(
      "SELECT {} FROM commands WHERE device = ?1 AND (?2 = 0 OR seq < ?2) ORDER BY seq DESC LIMIT ?3", kColumns));
  query.bind(device, before, static_cast<std::uint64_t>(limit));
  return rows_of(std::move(query));
}

Result<std::optional<CommandRecord>> by_key(Database& database, std::string_view who, std::string_view key) {
  auto query = database.query(fmt::format("SELECT {} FROM commands WHERE who = ? AND key = ? AND key <> ''", kColumns));
  query.bind(who, key);
  auto rows = rows_of(std::move(query));
  if (!rows) return tl::unexpected(rows.error());
  return rows->empty() ? std::nullopt : std::optional(std::move(rows->front()));
}

}  // namespace firegate::store::commands
