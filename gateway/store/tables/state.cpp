#include "store/tables/state.h"

namespace firegate::store::state {
namespace {

// All rows of `sql`, each made by `read`, which answers none for a row that this version cannot use.
template <typename Row, typename Read>
Result<std::vector<Row>> load_all(Database& database, std::string_view sql, Read read) {
  std::vector<Row> rows;
  auto query = database.query(sql);
  for (;;) {
    const auto next = query.next();
    if (!next) return tl::unexpected(next.error());
    if (!*next) return rows;
    if (std::optional<Row> row = read(query)) rows.push_back(std::move(*row));
  }
}

}  // namespace

Result<void> save(Database& database, const DeviceRow& row) {
  return database
      .query(
          "INSERT INTO device_states (device, last_heard, boot, seq) VALUES (?, ?, ?, ?) ON CONFLICT (device) DO "
          "UPDATE SET last_heard = excluded.last_heard, boot = excluded.boot, seq = excluded.seq")
      .bind(row.device, row.last_heard, row.boot, row.seq)
      .run();
}

Result<void> save(Database& database, const RuleStateRow& row) {
  if (row.state.empty()) {
    return database.query("DELETE FROM rule_states WHERE device = ? AND port = ? AND rule = ?")
        .bind(row.device, row.port, row.rule)
        .run();
  }
  return database
      .query(
          "INSERT INTO rule_states (device, port, rule, state) VALUES (?, ?, ?, ?) ON CONFLICT (device, port, rule) "
          "DO UPDATE SET state = excluded.state")
      .bind(row.device, row.port, row.rule, row.state)
      .run();
}

Result<void> save(Database& database, const RetainedFireRow& row) {
  if (row.forget) {
    return database.query("DELETE FROM retained_fires WHERE subject = ? AND point = ?")
        .bind(row.subject, name(row.point))
        .run();
  }
  return database.query("INSERT INTO retained_fires (subject, point) VALUES (?, ?) ON CONFLICT DO NOTHING")
      .bind(row.subject, name(row.point))
      .run();
}

Result<void> save(Database& database, const LinkRow& row) {
  if (row.learned.bytes.empty()) {
    return database.query("DELETE FROM links WHERE source = ? AND key = ?").bind(row.source, row.learned.key).run();
  }
  return database
      .query(
          "INSERT INTO links (source, key, bytes) VALUES (?, ?, ?) ON CONFLICT (source, key) DO UPDATE SET bytes = "
          "excluded.bytes")
      .bind(row.source, row.learned.key, row.learned.bytes)
      .run();
}

Result<void> save(Database& database, const Position& row) {
  return database
      .query(
          "INSERT INTO positions (building, source, seq) VALUES (?, ?, ?) ON CONFLICT (building, source) DO UPDATE "
          "SET seq = excluded.seq")
      .bind(row.building, row.source, row.seq)
      .run();
}

Result<std::vector<DeviceRow>> load_devices(Database& database) {
  return load_all<DeviceRow>(database, "SELECT device, last_heard, boot, seq FROM device_states", [](Query& query) {
    return std::optional(DeviceRow{query.text(), query.instant(), query.text(), query.number()});
  });
}

Result<std::vector<RuleStateRow>> load_rule_states(Database& database) {
  return load_all<RuleStateRow>(database, "SELECT device, port, rule, state FROM rule_states", [](Query& query) {
    return std::optional(RuleStateRow{query.text(), static_cast<Port>(query.integer()), query.text(), query.text()});
  });
}

Result<std::vector<RetainedFireRow>> load_retained_fires(Database& database) {
  return load_all<RetainedFireRow>(database, "SELECT subject, point FROM retained_fires",
                                   [](Query& query) -> std::optional<RetainedFireRow> {
                                     std::string subject = query.text();
                                     const auto point = point_from_name(query.text());
                                     if (!point) return std::nullopt;
                                     return RetainedFireRow{std::move(subject), *point};
                                   });
}

Result<std::vector<LinkRow>> load_links(Database& database) {
  return load_all<LinkRow>(database, "SELECT source, key, bytes FROM links", [](Query& query) {
    return std::optional(LinkRow{query.text(), Learned{query.text(), query.text()}});
  });
}

Result<std::vector<Position>> load_positions(Database& database) {
  return load_all<Position>(database, "SELECT building, source, seq FROM positions", [](Query& query) {
    return std::optional(Position{query.text(), query.text(), query.number()});
  });
}

Result<void> set_fact(Database& database, std::string_view key, std::uint64_t value) {
  return database
      .query("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
      .bind(key, value)
      .run();
}

Result<std::uint64_t> fact(Database& database, std::string_view key) {
  auto query = database.query("SELECT value FROM meta WHERE key = ?");
  const auto row = query.bind(key).next();
  if (!row) return tl::unexpected(row.error());
  return *row ? query.number() : 0;
}

}  // namespace firegate::store::state
