#include "store/store.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <system_error>

#include "store/migrations.h"
#include "store/tables/alarms.h"
#include "store/tables/readings.h"
#include "store/tables/state.h"

namespace firegate::store {
namespace {

namespace fs = std::filesystem;

struct FinishBackup {
  void operator()(sqlite3_backup* backup) const noexcept { sqlite3_backup_finish(backup); }
};

Result<void> copy_pages(Database& from, Database& to) {
  const std::unique_ptr<sqlite3_backup, FinishBackup> copy(
      sqlite3_backup_init(to.handle(), "main", from.handle(), "main"));
  if (!copy) return tl::unexpected(to.last_error("starting a backup"));
  // All pages in one step: one read snapshot, which in WAL mode does not hold up the writer.
  const int status = sqlite3_backup_step(copy.get(), -1);
  if (status == SQLITE_DONE) return {};
  return fail(ErrorCode::io_failed, fmt::format("copying store {} to {}: found {}", from.path().string(),
                                                to.path().string(), sqlite3_errstr(status)));
}

Result<void> put_aside(const fs::path& path, const fs::path& aside) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    const fs::path file = path.string() + suffix;
    std::error_code error;
    fs::rename(file, aside.string() + suffix, error);
    if (error && error != std::errc::no_such_file_or_directory) {
      return fail(ErrorCode::io_failed,
                  fmt::format("putting aside the damaged store {}: found {}", file.string(), error.message()));
    }
  }
  return {};
}

Result<void> back_up_before_migration(const fs::path& path, int version) {
  if (version == 0 || version >= newest_schema()) return {};
  const fs::path copy = fmt::format("{}.schema{}", path.string(), version);
  std::error_code error;
  if (fs::exists(copy, error)) return {};
  return backup(path, copy);
}

// Moves the value of `from` to `to`, or answers the error.
template <typename T>
Result<void> take(Result<T> from, T& to) {
  if (!from) return tl::unexpected(from.error());
  to = std::move(*from);
  return {};
}

// The rows of a check: what they say, or the damage that kept them from being read.
Result<void> read_damages(Query& query, std::vector<std::string>& damages) {
  for (;;) {
    const auto row = query.next();
    if (!row && row.error().code == ErrorCode::corrupt) damages.push_back(row.error().message);
    if (!row && row.error().code != ErrorCode::corrupt) return tl::unexpected(row.error());
    if (!row || !*row) return {};
    if (std::string text = query.text(); text != "ok") damages.push_back(std::move(text));
  }
}

}  // namespace

Result<Database> open(const fs::path& path) {
  auto database = Database::open(path, Database::Mode::read_write);
  if (!database) return database;
  const auto version = schema_version(*database);
  if (!version) return tl::unexpected(version.error());
  if (auto copied = back_up_before_migration(path, *version); !copied) return tl::unexpected(copied.error());
  if (auto migrated = migrate(*database); !migrated) return tl::unexpected(migrated.error());
  return database;
}

Result<Opened> open_or_replace(const fs::path& path, Instant now) {
  auto database = open(path);
  if (database) {
    // Reading all of the state finds most damage that matters at start; `check` reads every page.
    const auto readable = load(*database);
    if (readable) return Opened{std::move(*database), std::nullopt};
    database = tl::unexpected(readable.error());
  }
  if (database.error().code != ErrorCode::corrupt) return tl::unexpected(database.error());
  const fs::path aside = fmt::format("{}.damaged-{}", path.string(), now.time_since_epoch().count());
  if (auto moved = put_aside(path, aside); !moved) return tl::unexpected(moved.error());
  return open(path).map([&aside](Database&& fresh) { return Opened{std::move(fresh), aside}; });
}

Result<Restored> load(Database& database) {
  Restored all;
  auto loaded = take(alarms::load_live(database), all.alarms)
                    .and_then([&] { return take(load_current_values(database), all.values); })
                    .and_then([&] { return take(state::load_devices(database), all.devices); })
                    .and_then([&] { return take(state::load_rule_states(database), all.rule_states); })
                    .and_then([&] { return take(state::load_retained_fires(database), all.retained_fires); })
                    .and_then([&] { return take(state::load_links(database), all.links); })
                    .and_then([&] { return take(state::load_positions(database), all.positions); })
                    .and_then([&] { return take(state::fact(database, state::kInboxPosition), all.inbox_position); });
  if (!loaded) return tl::unexpected(loaded.error());
  return all;
}

Result<CheckReport> check(const fs::path& path) {
  auto database = Database::open(path, Database::Mode::read_only);
  if (!database) return tl::unexpected(database.error());
  CheckReport report;
  report.newest_schema = newest_schema();
  if (auto read = take(schema_version(*database), report.schema); !read) return tl::unexpected(read.error());
  for (const std::string_view sql : {"PRAGMA integrity_check", "PRAGMA foreign_key_check"}) {
    auto query = database->query(sql);
    if (auto read = read_damages(query, report.damages); !read) return tl::unexpected(read.error());
  }
  return report;
}

Result<std::vector<std::string>> tables_of(const fs::path& path) {
  auto database = Database::open(path, Database::Mode::read_only);
  if (!database) return tl::unexpected(database.error());
  auto query = database->query("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0");
  std::vector<std::string> tables;
  for (;;) {
    const auto row = query.next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return tables;
    tables.push_back(query.text());
  }
}

Result<std::vector<std::string>> quick_check(const fs::path& path, const std::string& table) {
  auto database = Database::open(path, Database::Mode::read_only);
  if (!database) return tl::unexpected(database.error());
  std::vector<std::string> damages;
  auto query = database->query("SELECT quick_check FROM pragma_quick_check(?)");
  query.bind(table);
  if (auto read = read_damages(query, damages); !read) return tl::unexpected(read.error());
  return damages;
}

Result<void> backup(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (fs::exists(to, error)) {
    return fail(ErrorCode::refused, fmt::format("backing up to {}: found a file, expected none", to.string()));
  }
  const fs::path unfinished = to.string() + ".unfinished";
  fs::remove(unfinished, error);
  {
    auto source = Database::open(from, Database::Mode::read_only);
    if (!source) return tl::unexpected(source.error());
    auto target = Database::open(unfinished, Database::Mode::read_write);
    if (!target) return tl::unexpected(target.error());
    // The copy is one file: no WAL beside it that somebody forgets to take along.
    auto copied =
        copy_pages(*source, *target).and_then([&] { return target->execute("PRAGMA journal_mode = DELETE"); });
    if (!copied) return copied;
  }
  fs::rename(unfinished, to, error);
  if (error)
    return fail(ErrorCode::io_failed, fmt::format("naming the backup {}: found {}", to.string(), error.message()));
  return {};
}

}  // namespace firegate::store
