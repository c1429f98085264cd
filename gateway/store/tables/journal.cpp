#include "store/tables/journal.h"

namespace firegate::store::journal {

Result<void> append(Database& database, const JournalEntry& entry) {
  return database
      .query(
          "INSERT INTO journal (at, kind, alarm, subject, from_state, to_state, who, post, why) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(entry.at, entry.kind, static_cast<std::uint64_t>(entry.alarm), entry.subject, entry.from, entry.to,
            entry.who, entry.post, entry.why)
      .run();
}

Result<std::vector<JournalEntry>> of_alarm(Database& database, AlarmId id) {
  std::vector<JournalEntry> entries;
  auto query = database.query(
      "SELECT at, kind, alarm, subject, from_state, to_state, who, post, why FROM journal "
      "WHERE alarm = ?1 AND alarm <> 0 ORDER BY seq");
  query.bind(static_cast<std::uint64_t>(id));
  for (;;) {
    const auto row = query.next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return entries;
    JournalEntry& entry = entries.emplace_back();
    entry.at = query.instant();
    entry.kind = query.text();
    entry.alarm = static_cast<AlarmId>(query.number());
    for (auto* field : {&entry.subject, &entry.from, &entry.to, &entry.who, &entry.post, &entry.why}) {
      *field = query.text();
    }
  }
}

Result<std::int64_t> remove_before(Database& database, Instant limit, int at_most) {
  auto query = database.query("DELETE FROM journal WHERE seq IN (SELECT seq FROM journal WHERE at < ? LIMIT ?)");
  if (auto removed = query.bind(limit, at_most).run(); !removed) return tl::unexpected(removed.error());
  return database.changed_rows();
}

}  // namespace firegate::store::journal
