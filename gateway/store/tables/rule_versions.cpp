#include "store/tables/rule_versions.h"

#include <fmt/format.h>

#include <string_view>

namespace firegate::store::rule_versions {
namespace {

constexpr std::chrono::hours kDay{24}, kMonth{30 * 24};
constexpr std::string_view kColumns = "number, author, name, at, note, rollback_of, added, removed, changed";

// Ids of rules hold no comma.
std::string to_stored(const std::vector<std::string>& ids) { return fmt::format("{}", fmt::join(ids, ",")); }

std::vector<std::string> ids_from_stored(std::string_view text) {
  std::vector<std::string> ids;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    ids.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return ids;
}

RuleVersion read(Query& query) {
  RuleVersion version;
  version.number = static_cast<std::uint32_t>(query.integer());
  version.author = query.text();
  version.name = query.text();
  version.at = query.instant();
  version.note = query.text();
  version.rollback_of = static_cast<std::uint32_t>(query.integer());
  for (auto* ids : {&version.changes.added, &version.changes.removed, &version.changes.changed}) {
    *ids = ids_from_stored(query.text());
  }
  return version;
}

Result<RuleFiles> read_files(Query query) {
  RuleFiles files;
  for (;;) {
    const auto row = query.next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return files;
    std::string name = query.text();
    files.push_back({std::move(name), query.text()});
  }
}

// Estates between unit separators, which stand in no id; empty: none.
std::string to_text(const Scope& scope) {
  std::string text;
  for (const std::string& estate : scope.estates) text += (text.empty() ? "\x1F" : "") + estate + "\x1F";
  return text;
}

}  // namespace

Result<std::uint32_t> newest(Database& database) {
  return database.read_integer("SELECT coalesce(max(number), 0) FROM rule_versions").map([](std::int64_t number) {
    return static_cast<std::uint32_t>(number);
  });
}

Result<void> insert(Database& database, const RuleVersion& version, const RuleFiles& files) {
  static const std::string sql =
      fmt::format("INSERT INTO rule_versions ({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", kColumns);
  auto query = database.query(sql);
  query.bind(version.number, version.author, version.name, version.at, version.note, version.rollback_of,
             to_stored(version.changes.added), to_stored(version.changes.removed), to_stored(version.changes.changed));
  if (auto written = query.run(); !written) return written;
  for (const RuleFile& file : files) {
    auto row = database.query("INSERT INTO rule_version_files (version, name, text) VALUES (?, ?, ?)");
    if (auto written = row.bind(version.number, file.name, file.text).run(); !written) return written;
  }
  return {};
}

Result<std::vector<RuleVersion>> list(Database& database, std::size_t limit) {
  static const std::string sql = fmt::format("SELECT {} FROM rule_versions ORDER BY number DESC LIMIT ?", kColumns);
  auto query = database.query(sql);
  query.bind(static_cast<std::uint64_t>(limit));
  std::vector<RuleVersion> versions;
  for (;;) {
    const auto row = query.next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return versions;
    versions.push_back(read(query));
  }
}

Result<std::pair<RuleVersion, RuleFiles>> load(Database& database, std::uint32_t number) {
  static const std::string sql = fmt::format("SELECT {} FROM rule_versions WHERE number = ?", kColumns);
  auto query = database.query(sql);
  const auto row = query.bind(number).next();
  if (!row) return tl::unexpected(row.error());
  if (!*row)
    return fail(ErrorCode::not_found, fmt::format("looking up version {} of the rules: no such version", number));
  RuleVersion version = read(query);
  auto files = database.query("SELECT name, text FROM rule_version_files WHERE version = ? ORDER BY name");
  files.bind(number);
  return read_files(std::move(files)).map([&version](RuleFiles&& read) {
    return std::pair(std::move(version), std::move(read));
  });
}

Result<void> save_shadow(Database& database, const std::optional<ShadowRecord>& shadow) {
  auto cleared = database.query("DELETE FROM rule_shadow").run().and_then([&database] {
    return database.query("DELETE FROM rule_shadow_files").run();
  });
  if (!cleared || !shadow) return cleared;
  auto query = database.query(
      "INSERT INTO rule_shadow (id, author, name, since, first_message, note) VALUES (1, ?, ?, ?, ?, ?)");
  query.bind(shadow->author, shadow->name, shadow->since, shadow->first_message, shadow->note);
  if (auto written = query.run(); !written) return written;
  for (const RuleFile& file : shadow->files) {
    auto row = database.query("INSERT INTO rule_shadow_files (name, text) VALUES (?, ?)");
    if (auto written = row.bind(file.name, file.text).run(); !written) return written;
  }
  return {};
}

Result<std::optional<ShadowRecord>> load_shadow(Database& database) {
  auto query = database.query("SELECT author, name, since, first_message, note FROM rule_shadow");
  const auto row = query.next();
  if (!row) return tl::unexpected(row.error());
  if (!*row) return std::optional<ShadowRecord>{};
  ShadowRecord shadow;
  shadow.author = query.text();
  shadow.name = query.text();
  shadow.since = query.instant();
  shadow.first_message = query.number();
  shadow.note = query.text();
  return read_files(database.query("SELECT name, text FROM rule_shadow_files ORDER BY name"))
      .map([&shadow](RuleFiles&& files) {
        shadow.files = std::move(files);
        return std::optional(std::move(shadow));
      });
}

Result<std::vector<RuleHits>> hits(Database& database, const Scope& scope, Instant now) {
  auto query = database.query(
      "SELECT rule, coalesce(verdict, ''), count(*), sum(first_raised_at > ?1), max(first_raised_at) FROM alarms "
      "WHERE first_raised_at > ?2 AND (?3 OR (?4 <> '' AND (estate = '' OR instr(?4, char(31) || estate || char(31)) > "
      "0))) "
      "GROUP BY 1, 2 ORDER BY 1");
  query.bind(now - kDay, now - kMonth, scope.every, to_text(scope));
  std::vector<RuleHits> all;
  for (;;) {
    const auto row = query.next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return all;
    std::string rule = query.text();
    if (all.empty() || all.back().rule != rule) all.push_back({std::move(rule), 0, 0, {}, {}});
    RuleHits& of = all.back();
    const auto verdict = from_label<Verdict>(query.text());
    const std::uint64_t alarms = query.number();
    of.month += alarms;
    of.day += query.number();
    of.last_at = std::max(of.last_at, query.instant());
    if (verdict) of.verdicts[static_cast<std::size_t>(*verdict)] += alarms;
  }
}

}  // namespace firegate::store::rule_versions
