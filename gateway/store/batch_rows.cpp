#include "store/batch_rows.h"

#include <set>
#include <tuple>

#include "store/tables/alarms.h"
#include "store/tables/devices.h"
#include "store/tables/journal.h"
#include "store/tables/notices.h"
#include "store/tables/raw_messages.h"
#include "store/tables/state.h"

namespace firegate::store {
namespace {

template <typename Rows, typename Write>
Result<void> write_each(const Rows& rows, Write write) {
  for (const auto& row : rows) {
    if (auto written = write(row); !written) return written;
  }
  return {};
}

// Keeps the last row of each key.
template <typename Row, typename Key>
void keep_last(std::vector<Row>& rows, Key key) {
  std::set<decltype(key(rows.front()))> seen;
  std::vector<Row> kept;
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    if (seen.insert(key(*row)).second) kept.push_back(std::move(*row));
  }
  rows.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));
}

}  // namespace

Result<void> write_rows(Transaction& transaction, const Batch& batch, ReadingLog& readings) {
  Database& db = transaction.database();
  const auto save_state = [&db](const auto& row) { return state::save(db, row); };
  return write_each(batch.alarms, [&db](const Alarm& row) { return alarms::save(db, row); })
      .and_then(
          [&] { return write_each(batch.journal, [&](const JournalEntry& row) { return journal::append(db, row); }); })
      .and_then([&] { return write_each(batch.notices, [&](const Notice& row) { return notices::append(db, row); }); })
      .and_then(
          [&] { return write_each(batch.readings, [&](const ReadingRow& row) { return readings.append(db, row); }); })
      .and_then(
          [&] { return write_each(batch.raws, [&db](const RawRow& row) { return raw_messages::append(db, row); }); })
      .and_then([&] { return write_each(batch.devices, save_state); })
      .and_then([&] { return write_each(batch.tests, [&db](const TestRow& row) { return devices::pass_test(db, row); }); })
      .and_then([&] { return write_each(batch.rule_states, save_state); })
      .and_then([&] { return write_each(batch.retained_fires, save_state); })
      .and_then([&] { return write_each(batch.links, save_state); })
      .and_then([&] { return write_each(batch.positions, save_state); });
}

std::size_t count_rows(const Batch& batch) noexcept {
  return batch.alarms.size() + batch.journal.size() + batch.notices.size() + batch.readings.size() + batch.raws.size() +
         batch.devices.size() + batch.tests.size() + batch.rule_states.size() + batch.retained_fires.size() + batch.links.size() +
         batch.positions.size();
}

std::size_t drop_history(Batch& batch) noexcept {
  const std::size_t dropped = batch.readings.size() + batch.raws.size();
  batch.readings.clear();
  batch.raws.clear();
  return dropped;
}

void compact(Batch& batch) {
  keep_last(batch.alarms, [](const Alarm& row) { return row.id; });
  keep_last(batch.devices, [](const DeviceRow& row) { return row.device; });
  keep_last(batch.rule_states, [](const RuleStateRow& row) { return std::tuple(row.device, row.port, row.rule); });
  keep_last(batch.retained_fires, [](const RetainedFireRow& row) { return std::tuple(row.subject, row.point); });
  keep_last(batch.links, [](const LinkRow& row) { return std::tuple(row.source, row.learned.key); });
  keep_last(batch.positions, [](const Position& row) { return std::tuple(row.building, row.source); });
  keep_last(batch.holds, [](const InboxHold& hold) { return hold.get(); });
}

}  // namespace firegate::store
