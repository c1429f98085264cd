#include "store/tables/raw_messages.h"

namespace firegate::store::raw_messages {

Result<void> append(Database& database, const RawRow& row) {
  std::int64_t number = 0;
  {
    auto insert = database.query(
        "INSERT INTO raw_messages (device, number, at, source, topic, payload, bytes, retained) VALUES (?1, (SELECT "
        "coalesce(max(number), 0) + 1 FROM raw_messages WHERE device = ?1), ?2, ?3, ?4, ?5, ?6, ?7) RETURNING number");
    const RawCopy& raw = *row.raw;
    insert.bind(row.device, raw.at, raw.source, raw.topic, Bytes{raw.payload}, raw.bytes, raw.retained);
    const auto inserted = insert.next();
    if (!inserted) return tl::unexpected(inserted.error());
    number = insert.integer();
  }
  return database.query("DELETE FROM raw_messages WHERE device = ? AND number <= ?")
      .bind(row.device, number - static_cast<std::int64_t>(kRawMessages))
      .run();
}

Result<std::vector<RawCopy>> of_device(Database& database, std::string_view device) {
  auto query = database.query(
      "SELECT at, source, topic, payload, bytes, retained FROM raw_messages WHERE device = ? ORDER BY number DESC");
  query.bind(device);
  std::vector<RawCopy> messages;
  for (;;) {
    const auto row = query.next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return messages;
    // One by one: arguments of a call have no order.
    RawCopy& raw = messages.emplace_back();
    raw.at = query.instant();
    raw.source = query.text();
    raw.topic = query.text();
    raw.payload = query.bytes();
    raw.bytes = query.number();
    raw.retained = query.integer() != 0;
  }
}

}  // namespace firegate::store::raw_messages
