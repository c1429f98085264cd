// Registry: what people do to one device. Each is judged, stored with what was before and after, then published.
#include <fmt/format.h>

#include <algorithm>

#include "registry/device_words.h"
#include "registry/registry.h"

namespace firegate::registry {
namespace {

std::string subject_of(const std::string& id) { return "device:" + id; }

std::string to_line(const DeviceWords& words) {
  std::string line;
  for (const auto& [name, value] : words) line += fmt::format("{}{}={}", line.empty() ? "" : ", ", name, value);
  return line;
}

JournalEntry line_of(const Order& order, std::string kind, std::string subject) {
  JournalEntry line;
  line.at = order.at;
  line.kind = std::move(kind);
  line.subject = std::move(subject);
  line.who = order.who;
  line.name = order.by;
  line.address = order.address;
  line.why = order.reason;
  return line;
}

Order own_order(Instant at, std::string reason) {
  Order order;
  order.at = at;
  order.by = order.who = "system";
  order.reason = std::move(reason);
  return order;
}

std::vector<std::string> texts(const std::vector<std::string_view>& views) { return {views.begin(), views.end()}; }

DeviceChange tested(const TestRecord& test, const DeviceFacts& facts, const Order& order) {
  DeviceChange change;
  change.device = test.device;
  change.at = order.at;
  change.by = test.by;
  change.what = DeviceChangeKind::tested;
  change.to = {{"test", fmt::format("{}", test.no)}, {"passed", test.passed ? "yes" : "no"}};
  change.reason = order.reason;
  change.revision = facts.revision;
  return change;
}

}  // namespace

// --- what stands against it ---

Answer<Registry::Next> Registry::begin(const std::string& id, std::string_view doing) const {
  const DevicePtr* device = map_->by_id(id);
  if (!device) return refuse(ErrorCode::not_found, fmt::format("{} device {}: no such device", doing, id));
  return Next{as_stored(**device), facts(id)};
}

// The place with these ids; else the first level that does not exist, with what does.
Answer<PlacePtr> Registry::place_at(const PlaceIds& ids, std::string_view doing) const {
  const std::array<std::pair<std::string_view, const std::string*>, 5> levels{{{"estate", &ids.estate},
                                                                               {"building", &ids.building},
                                                                               {"floor", &ids.floor},
                                                                               {"zone", &ids.zone},
                                                                               {"location", &ids.location}}};
  const PlacePath path{ids.estate, ids.building, ids.floor, ids.zone, ids.location};
  if (auto place = ids.estate.empty() || ids.building.empty() ? nullptr : places_->find(path)) return place;

  PlacePath known;
  const std::array<std::string_view*, 5> slots{&known.estate, &known.building, &known.floor, &known.zone,
                                               &known.location};
  for (std::size_t level = 0; level < levels.size(); ++level) {
    const auto& [field, id] = levels[level];
    const bool needed = level < 2 || std::any_of(levels.begin() + static_cast<std::ptrdiff_t>(level), levels.end(),
                                                 [](const auto& below) { return !below.second->empty(); });
    if (!needed) break;
    const std::vector<std::string> exist = texts(places_->below(known));
    *slots[level] = *id;
    if (!id->empty() && places_->find(known)) continue;
    Refusal refusal{
        {ErrorCode::bad_input, fmt::format("{}: found {} \"{}\", expected one that exists", doing, field, *id)}};
    refusal.fields.push_back({std::string(field), *id, exist});
    return tl::unexpected<Refusal>(std::move(refusal));
  }
  return refuse(ErrorCode::bad_input, fmt::format("{}: found no such place", doing));
}

// A source of ours that speaks the format, and an address that nobody has.
std::optional<Refusal> Registry::refuse_address(const DeviceAddress& address, std::string_view doing) const {
  const bool speaks = std::ranges::any_of(sources_, [&address](const SourceName& source) {
    return source.id == address.source && source.format == address.format;
  });
  if (!speaks) {
    Refusal refusal{
        {ErrorCode::bad_input, fmt::format("{}: found source \"{}\" with format \"{}\", expected a source that "
                                           "speaks it",
                                           doing, address.source, address.format)}};
    FieldProblem problem{"source", address.source, {}};
    for (const SourceName& source : sources_) problem.expected.push_back(source.id + " (" + source.format + ")");
    refusal.fields.push_back(std::move(problem));
    return refusal;
  }
  if (address.address.empty() || address.address.size() > kMaxDeviceText) {
    Refusal refusal{
        {ErrorCode::bad_input, fmt::format("{}: expected an address of 1 to {} bytes", doing, kMaxDeviceText)}};
    refusal.fields.push_back({"address", "", {fmt::format("1 to {} bytes", kMaxDeviceText)}});
    return refusal;
  }
  const DevicePtr* taken = map_->by_address(address.source, address.format, address.address);
  if (!taken) return std::nullopt;
  Refusal refusal{{ErrorCode::refused,
                   fmt::format("{}: address \"{}\" is that of device {}", doing, address.address, (*taken)->id)}};
  refusal.devices.push_back((*taken)->id);
  return refusal;
}

// Of the address, what an id may hold.
std::string Registry::free_id(std::string_view address) const {
  constexpr std::size_t kLongest = 56;  // leaves room for a number
  std::string base;
  for (const char c : address.substr(0, kLongest)) {
    const bool fits =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (fits) base += c;
    else if (!base.empty() && base.back() != '-') base += '-';
  }
  while (!base.empty() && base.back() == '-') base.pop_back();
  if (base.empty()) base = "device";
  std::string id = base;
  for (unsigned no = 2; map_->by_id(id); ++no) id = fmt::format("{}-{}", base, no);
  return id;
}

// --- the entry and its history ---

void Registry::note(RegistryChange& change, const Device* was, const Next& next, DeviceChangeKind what,
                    const Order& order, std::uint64_t import) const {
  DeviceChange row;
  row.device = next.device.id;
  row.at = order.at;
  row.by = order.by;
  row.what = what;
  if (was) row.from = words_of(*was, facts(was->id));
  row.to = words_of(next.device, next.facts);
  keep_differences(row.from, row.to);
  row.reason = order.reason;
  row.revision = next.facts.revision;
  row.import = import;
  if (import == 0) {
    JournalEntry line = line_of(order, fmt::format("device_{}", label(what)), subject_of(next.device.id));
    line.from = to_line(row.from);
    line.to = to_line(row.to);
    change.journal.push_back(std::move(line));
  }
  change.changes.push_back(std::move(row));
}

Answer<DevicePtr> Registry::put(Next next, const Device* was, DeviceChangeKind what, const Order& order) {
  ++next.facts.revision;
  RegistryChange change;
  note(change, was, next, what, order);
  const std::string id = next.device.id;
  change.facts.emplace_back(id, std::move(next.facts));
  change.put.push_back(std::move(next.device));
  return commit(std::move(change)).map([this, &id] { return *map_->by_id(id); });
}

// --- acts ---

Answer<DevicePtr> Registry::adopt(const Adoption& wanted, const Order& order) {
  const std::string doing = fmt::format("adopting {}", wanted.address.address);
  if (auto refusal = refuse_address(wanted.address, doing)) return tl::unexpected<Refusal>(std::move(*refusal));
  auto place = place_at(wanted.place, doing);
  if (!place) return tl::unexpected<Refusal>(place.error());
  Next next;
  Device& device = next.device;
  device.id = wanted.id.empty() ? free_id(wanted.address.address) : wanted.id;
  if (!is_id(device.id)) {
    Refusal refusal{{ErrorCode::bad_input,
                     fmt::format("{}: found id \"{}\", expected 1 to 64 of A-Z a-z 0-9 _ -", doing, device.id)}};
    refusal.fields.push_back({"id", device.id, {"1 to 64 of A-Z a-z 0-9 _ -"}});
    return tl::unexpected<Refusal>(std::move(refusal));
  }
  if (map_->by_id(device.id)) {
    Refusal refusal{{ErrorCode::refused, fmt::format("{}: id {} is taken", doing, device.id)}};
    refusal.devices.push_back(device.id);
    return tl::unexpected<Refusal>(std::move(refusal));
  }
  device.source = wanted.address.source;
  device.format = wanted.address.format;
  device.address = wanted.address.address;
  device.kind = wanted.kind;
  device.model = wanted.model.empty() ? "generic" : wanted.model;
  device.name = wanted.name.empty() ? device.id : wanted.name;
  device.note = wanted.note;
  device.place = *place;
  next.facts = facts(device.id);
  next.facts.position = wanted.position;
  next.facts.adopted_at = order.at;
  return put(std::move(next), nullptr, DeviceChangeKind::adopted, order);
}

Answer<void> Registry::ignore(const DeviceAddress& address, const Order& order) {
  if (auto refusal = refuse_address(address, "ignoring " + address.address))
    return tl::unexpected<Refusal>(std::move(*refusal));
  RegistryChange change;
  change.ignore.push_back({address, order.by, order.at, order.reason});
  change.journal.push_back(
      line_of(order, "device_ignored", fmt::format("unmapped:{}/{}", address.format, address.address)));
  return commit(std::move(change));
}

Answer<void> Registry::heed(const DeviceAddress& address, const Order& order) {
  if (!ignored_.contains(address)) {
    return refuse(ErrorCode::refused, fmt::format("heeding {}: it is not ignored", address.address));
  }
  RegistryChange change;
  change.heed.push_back(address);
  change.journal.push_back(
      line_of(order, "device_heeded", fmt::format("unmapped:{}/{}", address.format, address.address)));
  return commit(std::move(change));
}

Answer<DevicePtr> Registry::change(const std::string& id, std::uint32_t revision, const DevicePatch& patch,
                                   const Order& order) {
  auto next = begin(id, "changing");
  if (!next) return tl::unexpected<Refusal>(next.error());
  if (next->facts.revision != revision) {
    Refusal refusal{{ErrorCode::refused, fmt::format("changing device {}: it has changed since it was read", id)}};
    refusal.stale = true;
    return tl::unexpected<Refusal>(std::move(refusal));
  }
  const Device was = next->device;
  Device& device = next->device;
  if (patch.name) device.name = patch.name->empty() ? device.id : *patch.name;
  if (patch.note) device.note = *patch.note;
  if (patch.model) device.model = patch.model->empty() ? "generic" : *patch.model;
  if (patch.kind) device.kind = *patch.kind;
  if (patch.place) {
    auto place = place_at(*patch.place, fmt::format("changing device {}", id));
    if (!place) return tl::unexpected<Refusal>(place.error());
    device.place = *place;
  }
  if (patch.position) next->facts.position = *patch.position;
  if (patch.expected_life_years) next->facts.expected_life_years = *patch.expected_life_years;
  if (patch.calibrated_at) next->facts.calibrated_at = *patch.calibrated_at;
  return put(std::move(*next), &was, DeviceChangeKind::changed, order);
}

Answer<DevicePtr> Registry::replace(const std::string& id, const Replacement& by, const Order& order) {
  auto next = begin(id, "replacing");
  if (!next) return tl::unexpected<Refusal>(next.error());
  const Device was = next->device;
  Device& device = next->device;
  const DeviceAddress address{by.address.source.empty() ? device.source : by.address.source,
                              by.address.format.empty() ? device.format : by.address.format, by.address.address};
  const std::string doing = fmt::format("replacing device {}", id);
  if (auto refusal = refuse_address(address, doing)) return tl::unexpected<Refusal>(std::move(*refusal));
  if (!by.kind && by.seems && *by.seems != device.kind) {
    Refusal refusal{
        {ErrorCode::refused, fmt::format("{}: the new one seems to be a {}, the device is a {}; expected its kind",
                                         doing, label(*by.seems), label(device.kind))}};
    refusal.fields.push_back({"kind", std::string(label(*by.seems)), {std::string(label(device.kind))}});
    return tl::unexpected<Refusal>(std::move(refusal));
  }
  device.source = address.source;
  device.format = address.format;
  device.address = address.address;
  if (by.kind) device.kind = *by.kind;
  if (by.model) device.model = by.model->empty() ? "generic" : *by.model;
  next->facts.calibrated_at.reset();  // that was the other one
  return put(std::move(*next), &was, DeviceChangeKind::replaced, order);
}

Answer<DevicePtr> Registry::disable(const std::string& id, Instant until, const Order& order) {
  auto next = begin(id, "disabling");
  if (!next) return tl::unexpected<Refusal>(next.error());
  if (until <= order.at || until > order.at + kLongestDisablement) {
    Refusal refusal{
        {ErrorCode::bad_input,
         fmt::format("disabling device {}: found the end {}, expected one within 30 days", id, to_text(until))}};
    refusal.fields.push_back(
        {"until", to_text(until), {fmt::format("until {}", to_text(order.at + kLongestDisablement))}});
    return tl::unexpected<Refusal>(std::move(refusal));
  }
  const Device was = next->device;
  next->device.disablement = std::make_shared<const Disablement>(Disablement{until, order.by, order.reason});
  return put(std::move(*next), &was, DeviceChangeKind::disabled, order);
}

Answer<DevicePtr> Registry::enable(const std::string& id, const Order& order) {
  auto next = begin(id, "enabling");
  if (!next) return tl::unexpected<Refusal>(next.error());
  if (!next->device.disablement)
    return refuse(ErrorCode::refused, fmt::format("enabling device {}: it is not disabled", id));
  const Device was = next->device;
  next->device.disablement.reset();
  return put(std::move(*next), &was, DeviceChangeKind::enabled, order);
}

Answer<void> Registry::remove(const std::string& id, const Order& order) {
  const auto found = begin(id, "removing");
  if (!found) return tl::unexpected<Refusal>(found.error());
  RegistryChange change;
  change.drop.push_back(id);
  DeviceChange row;
  row.device = id;
  row.at = order.at;
  row.by = order.by;
  row.what = DeviceChangeKind::removed;
  row.from = words_of(found->device, found->facts);
  row.reason = order.reason;
  row.revision = found->facts.revision + 1;
  JournalEntry line = line_of(order, "device_removed", subject_of(id));
  line.from = to_line(row.from);
  change.journal.push_back(std::move(line));
  change.changes.push_back(std::move(row));
  if (const auto test = tests_.find(id); test != tests_.end()) {
    change.tests.push_back(test->second);
    change.tests.back().ended_at = order.at;
  }
  return commit(std::move(change));
}

// --- tests ---

Answer<DevicePtr> Registry::begin_test(const std::string& id, Millis length, const Order& order) {
  auto next = begin(id, "testing");
  if (!next) return tl::unexpected<Refusal>(next.error());
  if (length <= Millis{0} || length > kLongestTest) {
    return refuse(ErrorCode::bad_input,
                  fmt::format("testing device {}: expected 1 to {} minutes", id, kLongestTest.count() / 60'000));
  }
  const auto open = tests_.find(id);
  const bool is_new = open == tests_.end();
  TestRecord test = is_new ? TestRecord{} : open->second;
  if (is_new) {
    test.device = id;
    test.no = ++next->facts.tests;
    test.at = order.at;
    test.by = order.by;
    const Model* model = models_.find(next->device.model);
    test.needs_flag = model && std::ranges::any_of(
                                   model->fields, [](const FieldMeaning& field) { return field.point == Point::test; });
  }
  test.until = order.at + length;
  next->device.test = std::make_shared<const TestWindow>(
      TestWindow{test.no, test.at, test.until, test.by, test.needs_flag, test.passed});
  RegistryChange change;
  change.tests.push_back(test);
  JournalEntry line = line_of(order, "device_test", subject_of(id));
  line.to = fmt::format("test {} until {}", test.no, to_text(test.until));
  change.journal.push_back(std::move(line));
  change.facts.emplace_back(id, next->facts);
  change.put.push_back(std::move(next->device));
  auto done = commit(std::move(change));
  if (!done) return tl::unexpected<Refusal>(done.error());
  tests_.insert_or_assign(id, std::move(test));
  return *map_->by_id(id);
}

Answer<DevicePtr> Registry::end_test(const std::string& id, const Order& order) {
  const auto found = begin(id, "ending the test of");
  if (!found) return tl::unexpected<Refusal>(found.error());
  const auto open = tests_.find(id);
  if (open == tests_.end()) {
    return refuse(ErrorCode::refused, fmt::format("ending the test of device {}: it is not in test", id));
  }
  return end_tests({open->second}, {}, order).map([this, &id] { return *map_->by_id(id); });
}

// With what else `change` holds; a device of it may stand in `put` already.
Answer<void> Registry::end_tests(std::vector<TestRecord> ended, RegistryChange change, const Order& order) {
  for (TestRecord& test : ended) {
    const DevicePtr* device = map_->by_id(test.device);
    if (!device) continue;
    test.ended_at = order.at;
    DeviceFacts known = facts(test.device);
    known.last_test = LastTest{test.at, test.by, test.passed};
    change.changes.push_back(tested(test, known, order));
    JournalEntry line = line_of(order, "device_test_ended", subject_of(test.device));
    line.to = fmt::format("test {} {}", test.no, test.passed ? "passed" : "not passed");
    change.journal.push_back(std::move(line));
    const auto same = [&test](const auto& row) { return row.first == test.device; };
    if (const auto row = std::ranges::find_if(change.facts, same); row != change.facts.end())
      row->second.last_test = known.last_test;
    else change.facts.emplace_back(test.device, std::move(known));
    const auto put = std::ranges::find(change.put, test.device, &Device::id);
    Device& next = put != change.put.end() ? *put : change.put.emplace_back(as_stored(**device));
    next.test.reset();
  }
  change.tests.insert(change.tests.end(), ended.begin(), ended.end());
  auto done = commit(std::move(change));
  if (!done) return done;
  for (const TestRecord& test : ended) tests_.erase(test.device);
  return {};
}

void Registry::test_passed(const TestRow& row) {
  const auto open = tests_.find(row.device);
  const std::lock_guard lock(mutex_);
  const auto known = facts_.find(row.device);
  if (known == facts_.end()) return;
  if (open != tests_.end() && open->second.no == row.no) {
    open->second.passed = true;
    known->second.last_test = LastTest{open->second.at, open->second.by, true};
  } else if (known->second.tests == row.no && known->second.last_test) {
    known->second.last_test->passed = true;  // its last message came as it ended
  }
}

Result<std::vector<DevicePtr>> Registry::tick(Instant now) {
  RegistryChange change;
  const Order order = own_order(now, "its time was over");
  for (const std::string& id : disabled_) {
    const Device& device = **map_->by_id(id);
    if (device.disablement->until > now) continue;
    Next next{as_stored(device), facts(id)};
    next.device.disablement.reset();
    ++next.facts.revision;
    note(change, &device, next, DeviceChangeKind::enabled, order);
    change.facts.emplace_back(id, std::move(next.facts));
    change.put.push_back(std::move(next.device));
  }
  std::vector<TestRecord> ended;
  for (const auto& [id, test] : tests_) {
    if (test.until <= now) ended.push_back(test);
  }
  std::vector<DevicePtr> devices;
  if (change.put.empty() && ended.empty()) return devices;
  auto done = end_tests(ended, std::move(change), order);
  if (!done) return tl::unexpected<Error>(done.error().error);
  for (const TestRecord& test : ended) {
    if (const DevicePtr* device = map_->by_id(test.device)) devices.push_back(*device);
  }
  return devices;
}

}  // namespace firegate::registry
