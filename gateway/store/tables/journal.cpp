#include "store/tables/journal.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/tables/state.h"

namespace firegate::store::journal {
namespace {

constexpr std::size_t kPiece = 1000;  // rows at a time; our choice
constexpr std::string_view kColumns = "at, kind, alarm, subject, from_state, to_state, who, post, why, name, address";

struct Last {
  std::uint64_t given = 0;
  ChainHash hash = kBeforeTheFirst;
};

std::optional<ChainHash> hash_from(const std::string& bytes) noexcept {
  ChainHash hash;
  if (bytes.size() != hash.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

Result<Last> last(Database& database) {
  Last last;
  {
    auto query = database.query("SELECT seq FROM sqlite_sequence WHERE name = 'journal'");
    const auto row = query.next();
    if (!row) return tl::unexpected(row.error());
    if (*row) last.given = query.number();
  }
  auto query = database.query("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1");
  const auto row = query.next();
  if (!row) return tl::unexpected(row.error());
  if (!*row) return last;
  last.given = std::max(last.given, query.number());
  last.hash = hash_from(query.bytes()).value_or(kBeforeTheFirst);
  return last;
}

void read_entry(Query& query, JournalEntry& entry) {
  entry.at = query.instant();
  entry.kind = query.text();
  entry.alarm = static_cast<AlarmId>(query.number());
  for (auto* field :
       {&entry.subject, &entry.from, &entry.to, &entry.who, &entry.post, &entry.why, &entry.name, &entry.address}) {
    *field = query.text();
  }
}

Result<std::vector<JournalRow>> read_rows(Query& query) {
  std::vector<JournalRow> rows;
  for (;;) {
    const auto next = query.next();
    if (!next) return tl::unexpected(next.error());
    if (!*next) return rows;
    JournalRow& row = rows.emplace_back();
    row.seq = query.number();
    read_entry(query, row.entry);
    row.hash = to_hex(query.bytes());
  }
}

Result<ChainHash> chain_piece(Database& database, ChainHash hash, const std::vector<JournalRow>& rows) {
  for (const JournalRow& row : rows) {
    hash = chain_hash(hash, row.seq, row.entry);
    auto update = database.query("UPDATE journal SET hash = ? WHERE seq = ?");
    if (auto set = update.bind(Bytes{as_bytes(hash)}, row.seq).run(); !set) return tl::unexpected(set.error());
  }
  return hash;
}

}  // namespace

Result<void> append(Database& database, const JournalEntry& entry) {
  const auto before = last(database);
  if (!before) return tl::unexpected(before.error());
  const std::uint64_t seq = before->given + 1;
  const ChainHash hash = chain_hash(before->hash, seq, entry);
  return database
      .query(
          "INSERT INTO journal (seq, at, kind, alarm, subject, from_state, to_state, who, post, why, name, address, "
          "hash) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(seq, entry.at, entry.kind, static_cast<std::uint64_t>(entry.alarm), entry.subject, entry.from, entry.to,
            entry.who, entry.post, entry.why, entry.name, entry.address, Bytes{as_bytes(hash)})
      .run();
}

Result<std::vector<JournalEntry>> of_alarm(Database& database, AlarmId id) {
  static const std::string sql =
      fmt::format("SELECT {} FROM journal WHERE alarm = ?1 AND alarm <> 0 ORDER BY seq", kColumns);
  std::vector<JournalEntry> entries;
  auto query = database.query(sql);
  query.bind(static_cast<std::uint64_t>(id));
  for (;;) {
    const auto row = query.next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return entries;
    read_entry(query, entries.emplace_back());
  }
}

Result<std::vector<JournalRow>> rows_after(Database& database, std::int64_t seq, std::size_t limit) {
  static const std::string sql =
      fmt::format("SELECT seq, {}, hash FROM journal WHERE seq > ? ORDER BY seq LIMIT ?", kColumns);
  auto query = database.query(sql);
  query.bind(seq, static_cast<std::uint64_t>(limit));
  return read_rows(query);
}

// Each filter that is set is one clause, so that the index that serves it is used. Every clause is a constant.
Result<std::vector<JournalRow>> newest(Database& database, const JournalQuery& wanted, const std::string& estates,
                                       const Before& before) {
  const bool of_person = !wanted.who.empty() && wanted.who != "system";
  // Entries about alarms or devices of the scope's estates, or about none. What has become of an alarm that is no
  // longer stored is for those who see every estate.
  constexpr std::string_view kScope =
      " AND ?10 <> '' AND (alarm = 0 OR EXISTS (SELECT 1 FROM alarms a WHERE a.id = journal.alarm AND (a.estate = '' "
      "OR "
      "instr(?10, char(31) || a.estate || char(31)) > 0))) AND NOT EXISTS (SELECT 1 FROM devices d WHERE d.id = "
      "journal.subject AND d.estate <> '' AND instr(?10, char(31) || d.estate || char(31)) = 0)";
  const std::string sql = fmt::format(
      "SELECT seq, {}, hash FROM journal WHERE (at, seq) < (?1, ?2){}{}{}{}{}{}{}{} ORDER BY at DESC, seq DESC LIMIT "
      "?9",
      kColumns, wanted.from ? " AND at >= ?3" : "", wanted.to ? " AND at <= ?4" : "",
      wanted.who.empty() ? "" : " AND who = ?5", of_person ? " AND who <> 'system'" : "",
      wanted.kind.empty() ? "" : " AND kind = ?6", wanted.subject.empty() ? "" : " AND subject = ?7",
      wanted.alarm ? " AND alarm = ?8 AND alarm <> 0" : "", wanted.scope.every ? "" : kScope);
  auto query = database.query(sql);
  query.bind(before.at, before.seq, wanted.from, wanted.to, wanted.who, wanted.kind, wanted.subject,
             static_cast<std::uint64_t>(wanted.alarm.value_or(AlarmId{})),
             static_cast<std::uint64_t>(wanted.limit + 1));
  if (!wanted.scope.every) query.bind(estates);
  return read_rows(query);
}

Result<Ends> ends(Database& database) {
  auto query = database.query(
      "SELECT (SELECT min(seq) FROM journal), (SELECT max(seq) FROM journal), (SELECT seq FROM sqlite_sequence WHERE "
      "name = 'journal'), (SELECT value FROM meta WHERE key = 'checkpoints')");
  const auto row = query.next();
  if (!row) return tl::unexpected(row.error());
  Ends ends;
  for (auto* number : {&ends.first, &ends.last, &ends.given, &ends.checkpoints}) *number = query.number();
  return ends;
}

Result<std::optional<ChainHash>> hash_of(Database& database, std::uint64_t seq) {
  auto query = database.query("SELECT hash FROM journal WHERE seq = ?");
  query.bind(seq);
  const auto row = query.next();
  if (!row) return tl::unexpected(row.error());
  return *row ? hash_from(query.bytes()) : std::nullopt;
}

Result<void> remove_through(Database& database, std::uint64_t seq) {
  return state::set_fact(database, kCut, seq).and_then([&] {
    return database.query("DELETE FROM journal WHERE seq <= ?").bind(seq).run();
  });
}

Result<void> chain_existing(Database& database) {
  const auto gap_ends = database.read_integer(
      "SELECT max(seq) FROM (SELECT seq, lag(seq) OVER (ORDER BY seq) AS before FROM journal) WHERE seq <> before + 1");
  if (!gap_ends) return tl::unexpected(gap_ends.error());
  ChainHash hash = kBeforeTheFirst;
  for (std::int64_t after = *gap_ends - 1;;) {
    const auto rows = rows_after(database, after, kPiece);
    if (!rows) return tl::unexpected(rows.error());
    if (rows->empty()) break;
    const auto chained = chain_piece(database, hash, *rows);
    if (!chained) return tl::unexpected(chained.error());
    hash = *chained;
    after = static_cast<std::int64_t>(rows->back().seq);
  }
  return database.execute(
      "CREATE TRIGGER journal_is_append_only BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append "
      "only'); END");
}

}  // namespace firegate::store::journal
