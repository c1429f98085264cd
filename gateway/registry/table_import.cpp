// Registry: devices by a table, as many as it names: added and changed by id, all or nothing, and undone.
#include <fmt/format.h>

#include <algorithm>

#include "documents/csv.h"
#include "registry/device_words.h"
#include "registry/registry.h"

namespace firegate::registry {
namespace {

using documents::Csv;
using documents::CsvCell;
using documents::CsvRow;

constexpr std::string_view kExpected = ", expected ";

// What an export put before a cell that a spreadsheet would compute goes away again.
void unguard(Csv& csv) {
  constexpr std::string_view kTriggers = "=+-@\t\r\n";
  constexpr std::array<std::string_view, 4> kWide{"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};
  for (CsvRow& row : csv.rows) {
    for (CsvCell& cell : row.cells) {
      if (cell.text.size() < 2 || cell.text.front() != '\'') continue;
      const std::string_view rest = std::string_view(cell.text).substr(1);
      const bool wide = std::ranges::any_of(kWide, [rest](std::string_view form) { return rest.starts_with(form); });
      if (wide || kTriggers.find(rest.front()) != std::string_view::npos) cell.text.erase(0, 1);
    }
  }
}

// "found "x", expected y" in its two halves.
ImportProblem in_two(int row, std::string column, std::string_view message) {
  ImportProblem problem;
  problem.row = row;
  problem.column = std::move(column);
  const std::size_t at = message.find(kExpected);
  problem.found = message.substr(0, at);
  if (problem.found.starts_with("found ")) problem.found.erase(0, 6);
  if (at != std::string_view::npos) problem.expected = message.substr(at + kExpected.size());
  return problem;
}

}  // namespace

class TableImport {
 public:
  TableImport(const Registry& registry, const Scope& scope) : registry_(registry), scope_(scope) {}

  void read(std::string_view text) {
    Problems problems;
    auto csv = documents::parse_csv(text, "import", problems);
    if (csv) {
      csv_ = std::move(*csv);
      unguard(csv_);
      devices_ = parse_devices(csv_, *registry_.places_, registry_.sources_, problems);
    }
    for (const Problem& problem : problems.list()) report_.problems.push_back(in_words(problem));
    for (const CsvRow& row : csv_.rows) rows_.emplace(cell(row, "id"), row.line);
    for (Device& device : devices_) judge(device);
    check_addresses();
    std::ranges::stable_sort(report_.problems, {}, &ImportProblem::row);
  }

  // Everything that changes, as of import `no`.
  RegistryChange change(std::uint64_t no, const Order& order) {
    RegistryChange change;
    change.import = ImportRecord{no, order.at, order.by, false};
    for (Registry::Next& next : next_) {
      const DevicePtr* was = registry_.map_->by_id(next.device.id);
      if (!was) next.facts.adopted_at = order.at;
      ++next.facts.revision;
      registry_.note(change, was ? was->get() : nullptr, next, DeviceChangeKind::imported, order, no);
      change.facts.emplace_back(next.device.id, std::move(next.facts));
      change.put.push_back(std::move(next.device));
    }
    return change;
  }

  ImportReport& report() noexcept { return report_; }

 private:
  bool has(std::string_view column) const {
    return std::ranges::find(csv_.header.cells, column, &CsvCell::text) != csv_.header.cells.end();
  }
  std::string_view cell(const CsvRow& row, std::string_view column) const {
    const auto at = std::ranges::find(csv_.header.cells, column, &CsvCell::text);
    const auto index = static_cast<std::size_t>(at - csv_.header.cells.begin());
    return index < row.cells.size() ? std::string_view(row.cells[index].text) : std::string_view();
  }

  ImportProblem in_words(const Problem& problem) const {
    const auto row = std::ranges::find(csv_.rows, problem.at.line, &CsvRow::line);
    std::string column;
    if (row != csv_.rows.end()) {
      const auto at = std::ranges::find(row->cells, problem.at.column, &CsvCell::column);
      const auto index = static_cast<std::size_t>(at - row->cells.begin());
      if (at != row->cells.end() && index < csv_.header.cells.size()) column = csv_.header.cells[index].text;
    }
    return in_two(problem.at.line, std::move(column), problem.message);
  }

  void wrong(const Device& device, std::string column, std::string found, std::string expected) {
    const auto row = rows_.find(device.id);
    report_.problems.push_back(
        {row == rows_.end() ? 0 : row->second, std::move(column), std::move(found), std::move(expected)});
  }

  // What the table says of it, and the rest as it was.
  void judge(Device& device) {
    if (!scope_.admits(device.place->estate.id)) {
      return wrong(device, "estate", device.place->estate.id, "an estate whose devices you map");
    }
    const DevicePtr* known = registry_.map_->by_id(device.id);
    if (!known) {
      ++report_.added;
      next_.push_back({std::move(device), registry_.facts(device.id)});
      return;
    }
    const Device& was = **known;
    if (!scope_.admits(was.place->estate.id))
      return wrong(device, "id", device.id, "an id that is free, or of a device that you map");
    Device next = registry_.as_stored(was);
    next.kind = device.kind;
    next.format = device.format;
    next.address = device.address;
    if (has("source") || was.format != device.format) next.source = device.source;
    if (has("model")) next.model = device.model;
    if (has("name")) next.name = device.name;
    if (has("note")) next.note = device.note;
    const bool whole = has("floor") || has("zone") || has("location");
    if (whole || building_key(*device.place) != building_key(*was.place)) next.place = device.place;
    DeviceFacts facts = registry_.facts(was.id);
    if (words_of(next, facts) == words_of(was, facts)) {
      ++report_.unchanged;
      return;
    }
    ++report_.changed;
    next_.push_back({std::move(next), std::move(facts)});
  }

  // As all devices will be then: an address may go from one to another, and belongs to one.
  void check_addresses() {
    std::set<std::string_view> moving;
    for (const Registry::Next& next : next_) moving.insert(next.device.id);
    std::map<DeviceAddress, std::string_view> taken;
    for (const Registry::Next& next : next_) {
      const Device& device = next.device;
      const auto [other, is_new] =
          taken.emplace(DeviceAddress{device.source, device.format, device.address}, device.id);
      const DevicePtr* holder = registry_.map_->by_address(device.source, device.format, device.address);
      const bool stays = holder && (*holder)->id != device.id && !moving.contains((*holder)->id);
      if (!is_new)
        wrong(device, "address", device.address, fmt::format("another address than that of {}", other->second));
      else if (stays)
        wrong(device, "address", device.address, fmt::format("another address than that of {}", (*holder)->id));
    }
  }

  const Registry& registry_;
  const Scope& scope_;
  Csv csv_;
  std::vector<Device> devices_;
  std::vector<Registry::Next> next_;
  boost::unordered_flat_map<std::string, int> rows_;  // id → row
  ImportReport report_;
};

Answer<ImportReport> Registry::import_table(std::string_view csv, const Scope& scope, bool dry_run,
                                            const Order& order) {
  TableImport table(*this, scope);
  table.read(csv);
  ImportReport& report = table.report();
  if (!report.problems.empty()) report.added = report.changed = report.unchanged = 0;
  if (dry_run || !report.problems.empty() || report.added + report.changed == 0) return std::move(report);
  const std::uint64_t no = last_import_ + 1;
  RegistryChange change = table.change(no, order);
  JournalEntry line;
  line.at = order.at;
  line.kind = "devices_imported";
  line.subject = fmt::format("import:{}", no);
  line.to = fmt::format("{} added, {} changed", report.added, report.changed);
  line.who = order.who;
  line.name = order.by;
  line.address = order.address;
  change.journal.push_back(std::move(line));
  if (auto done = commit(std::move(change)); !done) return tl::unexpected<Refusal>(done.error());
  report.import = no;
  return std::move(report);
}

Answer<Undone> Registry::undo_import(std::uint64_t no, const Scope& scope, const Order& order) {
  const std::string doing = fmt::format("undoing import {}", no);
  auto found = store_.import(no);
  if (!found) return tl::unexpected<Refusal>(Refusal{found.error()});
  auto& [import, changes] = *found;
  if (import.undone) return refuse(ErrorCode::refused, doing + ": it is undone already");
  if (import.at + kUndoWithin < order.at)
    return refuse(ErrorCode::refused, doing + ": found one of more than 24 h ago");
  Refusal touched{{ErrorCode::refused, doing + ": devices have changed since"}};
  Undone undone;
  RegistryChange change;
  for (const DeviceChange& row : changes) {
    const DevicePtr* device = map_->by_id(row.device);
    if (device && !scope.admits((*device)->place->estate.id))
      return refuse(ErrorCode::refused, doing + ": found devices of estates that you do not map");
    Next next{device ? as_stored(**device) : Device{}, facts(row.device)};
    if (!device || next.facts.revision != row.revision) {
      touched.devices.push_back(row.device);
      continue;
    }
    const Device was = next.device;
    ++next.facts.revision;
    if (row.from.empty()) {
      ++undone.removed;
      DeviceChange gone;
      gone.device = row.device;
      gone.at = order.at;
      gone.by = order.by;
      gone.what = DeviceChangeKind::removed;
      gone.from = words_of(was, next.facts);
      gone.reason = doing;
      gone.revision = next.facts.revision;
      change.changes.push_back(std::move(gone));
      change.drop.push_back(row.device);
      continue;
    }
    ++undone.changed_back;
    apply_words(row.from, *places_, next.device, next.facts);
    Order why = order;
    why.reason = doing;
    note(change, &was, next, DeviceChangeKind::changed, why);
    change.facts.emplace_back(row.device, std::move(next.facts));
    change.put.push_back(std::move(next.device));
  }
  if (!touched.devices.empty()) return tl::unexpected<Refusal>(std::move(touched));
  import.undone = true;
  change.import = import;
  JournalEntry line;
  line.at = order.at;
  line.kind = "import_undone";
  line.subject = fmt::format("import:{}", no);
  line.to = fmt::format("{} removed, {} changed back", undone.removed, undone.changed_back);
  line.who = order.who;
  line.name = order.by;
  line.address = order.address;
  change.journal.push_back(std::move(line));
  if (auto done = commit(std::move(change)); !done) return tl::unexpected<Refusal>(done.error());
  return undone;
}

}  // namespace firegate::registry
