#include "drivers/ha_discovery/known_entities.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace firegate::ha {
namespace {

constexpr std::size_t kMostRows = 2000;  // of one key: the devices behind one bridge's availability (our choice)

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// The fields of a row of a kind; none when there are not as many.
template <std::size_t N>
std::optional<std::array<std::string_view, N>> fields_of(std::string_view row) {
  std::array<std::string_view, N> fields;
  for (std::size_t i = 0; i < N; ++i) {
    const auto end = row.find('\t');
    if ((i + 1 == N) != (end == std::string_view::npos)) return std::nullopt;
    fields[i] = row.substr(0, end);
    if (i + 1 < N) row.remove_prefix(end + 1);
  }
  return fields;
}

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  return whole && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::string form_of(const Place& place) { return place.whole ? "w" : "p"; }

// Whether a row's id is of the configuration at `topic`.
bool is_of(std::string_view id, std::string_view topic) {
  return id.starts_with(topic) && (id.size() == topic.size() || id[topic.size()] == '#');
}

}  // namespace

std::string topic_key(std::string_view topic) { return fmt::format("topic:{}", topic); }
std::string device_key(std::string_view address) { return fmt::format("device:{}", address); }

std::vector<StateRow> state_rows(std::string_view bytes) {
  std::vector<StateRow> rows;
  for (const std::string_view line : split(bytes, '\n')) {
    const auto fields = fields_of<10>(line);
    if (!fields || (*fields)[0] != "e" || (*fields)[2].empty()) continue;
    const auto& [kind, id, address, point, form, path, scale, offset, on, off] = *fields;
    const auto known = point_from_name(point);
    const auto times = number_in(scale), plus = number_in(offset);
    if (known && times && plus) rows.push_back({id, address, *known, form == "w", path, *times, *plus, on, off});
  }
  return rows;
}

std::vector<AvailabilityRow> availability_rows(std::string_view bytes) {
  std::vector<AvailabilityRow> rows;
  for (const std::string_view line : split(bytes, '\n')) {
    const auto fields = fields_of<7>(line);
    if (!fields || (*fields)[0] != "a" || (*fields)[1].empty()) continue;
    const auto& [kind, address, mode, form, path, on, off] = *fields;
    rows.push_back({address, mode, form == "w", path, on, off});
  }
  return rows;
}

std::vector<DeviceRow> device_rows(std::string_view bytes) {
  std::vector<DeviceRow> rows;
  for (const std::string_view line : split(bytes, '\n')) {
    const auto fields = fields_of<5>(line);
    if (!fields) continue;
    const auto& [point, id, command_topic, on, off] = *fields;
    rows.push_back({point, id, command_topic, on, off});
  }
  return rows;
}

Port port_of(const LinkState& link, std::string_view address, std::string_view point, std::string_view id) {
  const std::string* bytes = link.find(device_key(address));
  if (!bytes) return kNoPort;
  Port place = kNoPort, count = 0;
  for (const DeviceRow& row : device_rows(*bytes)) {
    if (row.point != point) continue;
    ++count;
    if (row.id == id) place = count;
  }
  return count > 1 ? place : kNoPort;
}

std::string Changes::bytes_of(std::string_view key) const {
  if (const auto changed = changed_.find(key); changed != changed_.end()) return changed->second;
  const std::string* known = link_.find(key);
  return known ? *known : std::string();
}

// Rows are sorted: the order of messages does not decide which port an entity is.
bool Changes::add_row(const std::string& key, const std::string& row) {
  const std::string bytes = bytes_of(key);
  auto rows = split(bytes, '\n');
  const auto at = std::lower_bound(rows.begin(), rows.end(), std::string_view(row));
  if (at != rows.end() && *at == row) return true;
  if (rows.size() >= kMostRows) return false;
  rows.insert(at, row);
  changed_[key] = fmt::format("{}\n", fmt::join(rows, "\n"));
  return true;
}

void Changes::keep_rows(const std::string& key, const auto& keeps) {
  const std::string bytes = bytes_of(key);
  std::string kept;
  for (const std::string_view row : split(bytes, '\n')) {
    if (keeps(row)) kept += fmt::format("{}\n", row);
  }
  changed_[key] = kept;
}

void Changes::forget(std::string_view topic) {
  const std::string own = fmt::format("entity:{}", topic);
  const std::string bytes = bytes_of(own);
  const auto keys = split(bytes, '\n');
  const auto other = [topic](std::string_view row) {
    const auto parts = split(row, '\t');
    return parts.size() < 2 || parts[0] == "a" || !is_of(parts[1], topic);
  };
  for (const std::string_view key : keys) keep_rows(std::string(key), other);
  for (const std::string_view device : keys) {  // a device without entities has no availability
    if (!device.starts_with("device:") || !bytes_of(device).empty()) continue;
    const std::string_view address = device.substr(7);
    for (const std::string_view key : keys) {
      if (!key.starts_with("topic:")) continue;
      keep_rows(std::string(key), [address](std::string_view row) {
        return !row.starts_with("a\t") || !row.substr(2).starts_with(fmt::format("{}\t", address));
      });
    }
    changed_[fmt::format("online:{}", address)] = {};
  }
  changed_[own] = {};
}

bool Changes::add(std::string_view topic, const Entity& entity) {
  const std::string own = fmt::format("entity:{}", topic);
  const auto note = [this, &own](const std::string& key, const std::string& row) {
    return add_row(key, row) && add_row(own, key);
  };
  const std::string_view point = name(entity.point);
  const Place& state = entity.state;
  bool fits = note(topic_key(state.topic),
                   fmt::format("e\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}", entity.id, entity.address, point,
                               form_of(state), state.path, entity.scale, entity.offset, state.on, state.off));
  fits =
      fits && note(device_key(entity.address), fmt::format("{}\t{}\t{}\t{}\t{}", point, entity.id, entity.command_topic,
                                                           entity.command_on, entity.command_off));
  for (const Place& place : entity.availability) {
    fits = fits && note(topic_key(place.topic), fmt::format("a\t{}\t{}\t{}\t{}\t{}\t{}", entity.address,
                                                            entity.availability_mode == "all"   ? "all"
                                                            : entity.availability_mode == "any" ? "any"
                                                                                                : "latest",
                                                            form_of(place), place.path, place.on, place.off));
  }
  return fits;
}

bool Changes::note_online(std::string_view address, std::string_view topic, std::string_view mode, bool online) {
  if (mode == "latest") return online;
  const std::string key = fmt::format("online:{}", address);
  keep_rows(key, [topic](std::string_view row) { return !row.starts_with(fmt::format("{}\t", topic)); });
  add_row(key, fmt::format("{}\t{}", topic, online ? 1 : 0));
  const std::string bytes = bytes_of(key);
  const auto rows = split(bytes, '\n');
  const auto says_yes = [](std::string_view row) { return row.ends_with('1'); };
  return mode == "all" ? std::ranges::all_of(rows, says_yes) : std::ranges::any_of(rows, says_yes);
}

std::vector<Learned> Changes::learned() const {
  std::vector<Learned> list;
  for (const auto& [key, bytes] : changed_) {
    const std::string* before = link_.find(key);
    if (before ? *before != bytes : !bytes.empty()) list.push_back({key, bytes});
  }
  return list;
}

}  // namespace firegate::ha
