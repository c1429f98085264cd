#include "store/tables/devices.h"

#include <fmt/format.h>

#include "store/tables/journal.h"
#include "store/tables/places.h"

namespace firegate::store::devices {
namespace {

// "name=value" a line; what would end a line is written as \n, and \ as \\.
std::string to_stored(const DeviceWords& words) {
  std::string text;
  for (const auto& [name, value] : words) {
    text += name + "=";
    for (const char c : value) {
      if (c == '\n') text += "\\n";
      else if (c == '\\') text += "\\\\";
      else text += c;
    }
    text += '\n';
  }
  return text;
}

DeviceWords words_from_stored(std::string_view text) {
  DeviceWords words;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    std::string value;
    for (std::size_t i = equals + 1; i < line.size(); ++i) {
      const bool escaped = line[i] == '\\' && i + 1 < line.size();
      if (escaped) ++i;
      value += escaped && line[i] == 'n' ? '\n' : line[i];
    }
    words.emplace(line.substr(0, equals), std::move(value));
  }
  return words;
}

template <typename Rows, typename Write>
Result<void> each(const Rows& rows, Write write) {
  for (const auto& row : rows) {
    if (auto written = write(row); !written) return written;
  }
  return {};
}

// An address may go from one device to another within a change: those that get another give theirs up first.
Result<void> free_address(Database& database, const Device& device) {
  return database
      .query("UPDATE devices SET address = char(1) || id WHERE id = ? AND (source, format, address) <> (?, ?, ?)")
      .bind(device.id, device.source, device.format, device.address)
      .run();
}

Result<void> drop(Database& database, const std::string& id) {
  for (const std::string_view sql : {"DELETE FROM devices WHERE id = ?", "DELETE FROM disablements WHERE device = ?",
                                     "DELETE FROM device_facts WHERE device = ?"}) {
    if (auto dropped = database.query(sql).bind(id).run(); !dropped) return dropped;
  }
  return {};
}

Result<void> save_facts(Database& database, const std::string& device, const DeviceFacts& facts) {
  std::optional<double> x, y;
  if (facts.position) {
    x = facts.position->x;
    y = facts.position->y;
  }
  return database
      .query(
          "INSERT OR REPLACE INTO device_facts (device, revision, x, y, adopted_at, calibrated_at, "
          "expected_life_years) "
          "VALUES (?, ?, ?, ?, ?, ?, ?)")
      .bind(device, facts.revision, x, y, facts.adopted_at, facts.calibrated_at, facts.expected_life_years)
      .run();
}

Result<void> add_change(Database& database, const DeviceChange& change) {
  return database
      .query(
          "INSERT INTO device_changes (device, at, by, what, before, after, reason, revision, import) VALUES (?, ?, ?, "
          "?, ?, ?, ?, ?, ?)")
      .bind(change.device, change.at, change.by, label(change.what), to_stored(change.from), to_stored(change.to),
            change.reason, change.revision, change.import)
      .run();
}

// What a message has passed meanwhile stays passed.
Result<void> save_test(Database& database, const TestRecord& test) {
  return database
      .query(
          "INSERT INTO device_tests (device, no, at, until, by, needs_flag, ended_at, passed, note) VALUES (?, ?, ?, "
          "?, "
          "?, ?, ?, 0, '') ON CONFLICT (device, no) DO UPDATE SET until = excluded.until, ended_at = excluded.ended_at")
      .bind(test.device, test.no, test.at, test.until, test.by, test.needs_flag, test.ended_at)
      .run();
}

Result<void> save_import(Database& database, const std::optional<ImportRecord>& import) {
  if (!import) return {};
  return database.query("INSERT OR REPLACE INTO device_imports (no, at, by, undone) VALUES (?, ?, ?, ?)")
      .bind(import->no, import->at, import->by, import->undone)
      .run();
}

constexpr std::string_view kTestColumns =
    "device, no, at, until, by, needs_flag, ended_at, message_at, payload, signal_dbm, passed, note";

TestRecord read_test(Query& query) {
  TestRecord test;
  test.device = query.text();
  test.no = static_cast<std::uint32_t>(query.integer());
  test.at = query.instant();
  test.until = query.instant();
  test.by = query.text();
  test.needs_flag = query.integer() != 0;
  test.ended_at = query.maybe_instant();
  test.message_at = query.maybe_instant();
  test.payload = query.bytes();
  test.signal_dbm = query.maybe_real();
  test.passed = query.integer() != 0;
  test.note = query.text();
  return test;
}

DeviceChange read_change(Query& query) {
  DeviceChange change;
  change.device = query.text();
  change.at = query.instant();
  change.by = query.text();
  change.what = enum_from_stored<DeviceChangeKind>(query.text());
  change.from = words_from_stored(query.text());
  change.to = words_from_stored(query.text());
  change.reason = query.text();
  change.revision = static_cast<std::uint32_t>(query.integer());
  change.import = query.number();
  return change;
}
constexpr std::string_view kChangeColumns = "device, at, by, what, before, after, reason, revision, import";

template <typename T, typename Read>
Result<std::vector<T>> read_all(Query query, Read read) {
  std::vector<T> rows;
  for (;;) {
    const auto row = query.next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return rows;
    rows.push_back(read(query));
  }
}

Result<void> load_facts(Database& database, std::map<std::string, DeviceFacts>& into) {
  auto query =
      database.query("SELECT device, revision, x, y, adopted_at, calibrated_at, expected_life_years FROM device_facts");
  for (;;) {
    const auto row = query.next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return {};
    DeviceFacts& facts = into[query.text()];
    facts.revision = static_cast<std::uint32_t>(query.integer());
    const auto x = query.maybe_real(), y = query.maybe_real();
    if (x && y) facts.position = PlanPosition{*x, *y};
    facts.adopted_at = query.maybe_instant();
    facts.calibrated_at = query.maybe_instant();
    if (const auto years = query.integer(); years > 0) facts.expected_life_years = static_cast<int>(years);
  }
}

// How many tests there were, and the last that was passed or has ended.
Result<void> load_last_tests(Database& database, std::map<std::string, DeviceFacts>& into) {
  auto query = database.query(
      "SELECT device, max(no), max(CASE WHEN passed OR ended_at IS NOT NULL THEN no END) FROM device_tests GROUP BY "
      "device");
  std::vector<std::pair<std::string, std::uint32_t>> last;
  for (;;) {
    const auto row = query.next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) break;
    std::string device = query.text();
    into[device].tests = static_cast<std::uint32_t>(query.integer());
    if (const auto no = static_cast<std::uint32_t>(query.integer()); no > 0) last.emplace_back(std::move(device), no);
  }
  for (const auto& [device, no] : last) {
    auto one = database.query("SELECT at, by, passed FROM device_tests WHERE device = ? AND no = ?");
    one.bind(device, no);
    if (const auto row = one.next(); !row) return tl::unexpected(row.error());
    LastTest& test = into[device].last_test.emplace();
    test.at = one.instant();
    test.by = one.text();
    test.passed = one.integer() != 0;
  }
  return {};
}

Result<std::vector<IgnoredDevice>> load_ignored(Database& database) {
  return read_all<IgnoredDevice>(database.query("SELECT source, format, address, by, at, reason FROM ignored_devices"),
                                 [](Query& query) {
                                   IgnoredDevice ignored;
                                   ignored.address.source = query.text();
                                   ignored.address.format = query.text();
                                   ignored.address.address = query.text();
                                   ignored.by = query.text();
                                   ignored.at = query.instant();
                                   ignored.reason = query.text();
                                   return ignored;
                                 });
}

}  // namespace

Result<void> save(Transaction& transaction, const RegistryChange& change) {
  Database& database = transaction.database();
  return each(change.drop, [&](const std::string& id) { return drop(database, id); })
      .and_then([&] { return each(change.put, [&](const Device& device) { return free_address(database, device); }); })
      .and_then([&] {
        return each(change.put, [&](const Device& device) { return places::save_device(transaction, device); });
      })
      .and_then([&] {
        return each(change.facts, [&](const auto& row) { return save_facts(database, row.first, row.second); });
      })
      .and_then(
          [&] { return each(change.changes, [&](const DeviceChange& row) { return add_change(database, row); }); })
      .and_then([&] {
        return each(change.ignore, [&](const IgnoredDevice& row) {
          return database
              .query(
                  "INSERT OR REPLACE INTO ignored_devices (source, format, address, by, at, reason) VALUES (?, ?, ?, "
                  "?, ?, ?)")
              .bind(row.address.source, row.address.format, row.address.address, row.by, row.at, row.reason)
              .run();
        });
      })
      .and_then([&] {
        return each(change.heed, [&](const DeviceAddress& row) {
          return database.query("DELETE FROM ignored_devices WHERE source = ? AND format = ? AND address = ?")
              .bind(row.source, row.format, row.address)
              .run();
        });
      })
      .and_then([&] { return each(change.tests, [&](const TestRecord& row) { return save_test(database, row); }); })
      .and_then([&] { return save_import(database, change.import); })
      .and_then([&] {
        return each(change.journal, [&](const JournalEntry& row) { return journal::append(database, row); });
      });
}

Result<void> pass_test(Database& database, const TestRow& row) {
  const std::string_view payload = row.raw ? std::string_view(row.raw->payload) : std::string_view();
  return database
      .query(
          "UPDATE device_tests SET passed = 1, message_at = ?, payload = ?, signal_dbm = ? WHERE device = ? AND no = ? "
          "AND passed = 0")
      .bind(row.at, Bytes{payload}, row.signal_dbm, row.device, row.no)
      .run();
}

Result<bool> note_test(Database& database, std::string_view device, std::uint32_t no, std::string_view note) {
  auto written =
      database.query("UPDATE device_tests SET note = ? WHERE device = ? AND no = ?").bind(note, device, no).run();
  return written.map([&database] { return database.changed_rows() > 0; });
}

Result<RegistryRecords> load(Database& database) {
  RegistryRecords records;
  if (auto loaded = load_facts(database, records.facts); !loaded) return tl::unexpected(loaded.error());
  if (auto loaded = load_last_tests(database, records.facts); !loaded) return tl::unexpected(loaded.error());
  auto ignored = load_ignored(database);
  if (!ignored) return tl::unexpected(ignored.error());
  records.ignored = std::move(*ignored);
  auto open = read_all<TestRecord>(
      database.query(fmt::format("SELECT {} FROM device_tests WHERE ended_at IS NULL", kTestColumns)), read_test);
  if (!open) return tl::unexpected(open.error());
  records.open_tests = std::move(*open);
  const auto last = database.read_integer("SELECT coalesce(max(no), 0) FROM device_imports");
  if (!last) return tl::unexpected(last.error());
  records.last_import = static_cast<std::uint64_t>(*last);
  return records;
}

Result<std::vector<DeviceChange>> changes_of(Database& database, std::string_view device, std::size_t limit) {
  auto query = database.query(
      fmt::format("SELECT {} FROM device_changes WHERE device = ? ORDER BY seq DESC LIMIT ?", kChangeColumns));
  query.bind(device, static_cast<std::uint64_t>(limit));
  return read_all<DeviceChange>(std::move(query), read_change);
}

Result<std::vector<TestRecord>> tests_of(Database& database, std::string_view device, std::size_t limit) {
  auto query = database.query(
      fmt::format("SELECT {} FROM device_tests WHERE device = ? ORDER BY no DESC LIMIT ?", kTestColumns));
  query.bind(device, static_cast<std::uint64_t>(limit));
  return read_all<TestRecord>(std::move(query), read_test);
}

Result<std::pair<ImportRecord, std::vector<DeviceChange>>> import(Database& database, std::uint64_t no) {
  std::pair<ImportRecord, std::vector<DeviceChange>> found;
  {
    auto query = database.query("SELECT no, at, by, undone FROM device_imports WHERE no = ?");
    query.bind(no);
    const auto row = query.next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return fail(ErrorCode::not_found, fmt::format("looking up import {}: no such import", no));
    found.first.no = query.number();
    found.first.at = query.instant();
    found.first.by = query.text();
    found.first.undone = query.integer() != 0;
  }
  auto query =
      database.query(fmt::format("SELECT {} FROM device_changes WHERE import = ? ORDER BY seq", kChangeColumns));
  query.bind(no);
  auto changes = read_all<DeviceChange>(std::move(query), read_change);
  if (!changes) return tl::unexpected(changes.error());
  found.second = std::move(*changes);
  return found;
}

}  // namespace firegate::store::devices
