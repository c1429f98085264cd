#include "registry/devices_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/utf8.h"

namespace firegate::registry {
namespace {

using documents::Csv;
using documents::CsvCell;
using documents::CsvRow;

constexpr std::array<std::string_view, kRequiredColumns> kRequired{"id",      "kind",   "format",
                                                                   "address", "estate", "building"};
constexpr std::size_t kLongestText = 256;  // bytes of an address, a name (our choice)
constexpr std::size_t kLongestNote = 1024;

using Columns = std::array<std::optional<std::size_t>, kDeviceColumns.size()>;

std::string suggestion(std::string_view word, std::span<const std::string_view> list) {
  const auto near = nearest(word, list);
  return near.empty() ? std::string() : fmt::format("; did you mean \"{}\"", near);
}

Columns read_header(const Csv& csv, Problems& problems) {
  Columns columns;
  for (std::size_t i = 0; i < csv.header.cells.size(); ++i) {
    const CsvCell& cell = csv.header.cells[i];
    const auto known = std::ranges::find(kDeviceColumns, cell.text);
    if (known == kDeviceColumns.end()) {
      problems.add(ProblemCode::E114_unknown_column, csv.at(cell), "",
                   fmt::format("found column \"{}\", expected any of {}{}", cell.text, fmt::join(kDeviceColumns, ", "),
                               suggestion(cell.text, kDeviceColumns)));
      continue;
    }
    auto& column = columns[static_cast<std::size_t>(known - kDeviceColumns.begin())];
    if (column) {
      problems.add(ProblemCode::E103_duplicate_key, csv.at(cell), "",
                   fmt::format("column \"{}\" stands here a second time, first as column {}", cell.text, *column + 1));
    }
    if (!column) column = i;
  }
  return columns;
}

bool has_required(const Csv& csv, const Columns& columns, Problems& problems) {
  bool complete = true;
  for (const std::string_view name : kRequired) {
    if (columns[static_cast<std::size_t>(std::ranges::find(kDeviceColumns, name) - kDeviceColumns.begin())]) continue;
    problems.add(ProblemCode::E115_missing_column, {csv.file, csv.header.line, 1}, "",
                 fmt::format("column \"{}\" is missing", name));
    complete = false;
  }
  return complete;
}

// Reads one row after another; remembers what must be unique.
class RowReader {
 public:
  RowReader(const Csv& csv, const Columns& columns, const Places& places, std::span<const SourceName> sources,
            Problems& problems)
      : csv_(csv), columns_(columns), places_(places), sources_(sources), problems_(problems) {
    for (const SourceName& source : sources_) {
      if (std::ranges::find(formats_, source.format) == formats_.end()) formats_.push_back(source.format);
    }
  }

  std::optional<Device> read(const CsvRow& row) {
    row_ = &row;
    good_ = true;
    Device device;
    device.id = read_id();
    device.kind = read_kind();
    read_source(device);
    device.address = text("address", kLongestText, true);
    device.model = text("model", kLongestText, false);
    if (device.model.empty()) device.model = "generic";
    device.name = text("name", kLongestText, false);
    if (device.name.empty()) device.name = device.id;
    device.note = text("note", kLongestNote, false);
    device.place = read_place();
    if (good_) check_unique(device);
    return good_ ? std::optional(std::move(device)) : std::nullopt;
  }

 private:
  const CsvCell* cell(std::string_view column) const {
    const auto known = std::ranges::find(kDeviceColumns, column) - kDeviceColumns.begin();
    const auto& at = columns_[static_cast<std::size_t>(known)];
    return at ? &row_->cells[*at] : nullptr;
  }
  std::string_view raw(std::string_view column) const {
    const CsvCell* found = cell(column);
    return found ? std::string_view(found->text) : std::string_view();
  }
  void wrong(std::string_view column, ProblemCode code, std::string message) {
    good_ = false;
    problems_.add(code, csv_.at(*cell(column)), std::string(column), std::move(message));
  }

  // Control characters would break lines of logs and tables; nobody means them.
  std::string text(std::string_view column, std::size_t longest, bool required) {
    const std::string_view found = raw(column);
    if (required && found.empty()) {
      wrong(column, ProblemCode::E105_missing_key, "found nothing, expected a value");
    } else if (found.size() > longest) {
      wrong(column, ProblemCode::E107_out_of_range,
            fmt::format("found {} bytes, expected at most {}", found.size(), longest));
    } else if (readable(found, found.size()) != found) {
      wrong(column, ProblemCode::E107_out_of_range, "found a control character, expected text on one line");
    }
    return std::string(found);
  }

  std::string read_id() {
    const std::string_view id = raw("id");
    if (!is_id(id)) {
      wrong("id", ProblemCode::E111_bad_id,
            fmt::format("found \"{}\", expected 1 to 64 of A-Z a-z 0-9 _ -", readable(id, 80)));
      return {};
    }
    const auto [first, is_new] = ids_.emplace(std::string(id), cell("id")->line);
    if (!is_new) {
      wrong("id", ProblemCode::E109_duplicate_id,
            fmt::format("\"{}\" stands here a second time, first in line {}", id, first->second));
    }
    return std::string(id);
  }

  DeviceKind read_kind() {
    const std::string_view word = raw("kind");
    if (const auto kind = from_label<DeviceKind>(word)) return *kind;
    wrong("kind", ProblemCode::E108_not_in_list,
          fmt::format("found \"{}\", expected one of {}{}", word, fmt::join(Labels<DeviceKind>::list, ", "),
                      suggestion(word, Labels<DeviceKind>::list)));
    return {};
  }

  void read_source(Device& device) {
    device.format = raw("format");
    device.source = raw("source");
    if (std::ranges::find(formats_, device.format) == formats_.end()) {
      wrong("format", ProblemCode::E108_not_in_list,
            fmt::format("found \"{}\", expected one of {}{}", device.format, fmt::join(formats_, ", "),
                        suggestion(device.format, formats_)));
    } else if (device.source.empty()) {
      choose_source(device);
    } else if (!speaks(device)) {
      wrong("source", ProblemCode::E110_unknown_reference,
            fmt::format("found \"{}\", expected {} (a source that speaks {})", device.source,
                        fmt::join(speakers(device.format), " or "), device.format));
    }
  }

  void choose_source(Device& device) {
    const auto list = speakers(device.format);
    if (list.size() == 1) {
      device.source = list.front();
      return;
    }
    const ProblemCode code = ProblemCode::E110_unknown_reference;
    const std::string message =
        fmt::format("found nothing, expected {} (several sources speak {})", fmt::join(list, " or "), device.format);
    if (cell("source")) {
      wrong("source", code, message);
    } else {
      wrong("format", code, "source: " + message);
    }
  }

  bool speaks(const Device& device) const {
    const auto list = speakers(device.format);
    return std::ranges::find(list, device.source) != list.end();
  }
  std::vector<std::string_view> speakers(std::string_view format) const {
    std::vector<std::string_view> list;
    for (const SourceName& source : sources_) {
      if (source.format == format) list.push_back(source.id);
    }
    return list;
  }

  PlacePtr read_place() {
    const PlacePath path{raw("estate"), raw("building"), raw("floor"), raw("zone"), raw("location")};
    if (auto place = path.estate.empty() || path.building.empty() ? nullptr : places_.find(path)) return place;
    // Which level is the first that does not exist?
    PlacePath known;
    if (!level("estate", path.estate, known.estate, known)) return nullptr;
    if (!level("building", path.building, known.building, known)) return nullptr;
    if (!path.floor.empty() && !level("floor", path.floor, known.floor, known)) return nullptr;
    if (!path.zone.empty() && !level("zone", path.zone, known.zone, known)) return nullptr;
    level("location", path.location, known.location, known);
    return nullptr;
  }

  // Goes one level down; where that fails the problem is stated, with what exists there.
  bool level(std::string_view column, std::string_view id, std::string_view& slot, PlacePath& known) {
    const PlacePath above = known;
    slot = id;
    if (id.empty()) {
      wrong(column, ProblemCode::E105_missing_key, "found nothing, expected a value");
      return false;
    }
    if (places_.find(known)) return true;
    const auto list = column == "zone" && known.floor.empty() ? zones_of_building(known) : places_.below(above);
    const bool ambiguous = std::ranges::find(list, id) != list.end();
    wrong(column, ProblemCode::E110_unknown_reference,
          ambiguous
              ? fmt::format("found \"{}\", which stands on several floors, expected the floor too", id)
              : fmt::format("found \"{}\", expected {}{}", id,
                            list.empty() ? "nothing: places.yaml has none here" : some_of(list), suggestion(id, list)));
    return false;
  }

  std::vector<std::string_view> zones_of_building(const PlacePath& path) const {
    std::vector<std::string_view> ids;
    for (const PlacePtr& place : places_.all()) {
      if (place->estate.id == path.estate && place->building.id == path.building && place->location.id.empty() &&
          !place->zone.id.empty()) {
        ids.push_back(place->zone.id);
      }
    }
    return ids;
  }

  static std::string some_of(const std::vector<std::string_view>& list) {
    constexpr std::size_t kShown = 8;
    const std::span<const std::string_view> shown(list.data(), std::min(list.size(), kShown));
    return fmt::format("one of {}{}", fmt::join(shown, ", "), list.size() > kShown ? ", ..." : "");
  }

  void check_unique(const Device& device) {
    const auto key = fmt::format("{}\n{}\n{}", device.source, device.format, device.address);
    const auto [first, is_new] = addresses_.emplace(key, cell("id")->line);
    if (is_new) return;
    wrong("address", ProblemCode::E109_duplicate_id,
          fmt::format("\"{}\" of source {} stands here a second time, first in line {}", device.address, device.source,
                      first->second));
  }

  const Csv& csv_;
  const Columns& columns_;
  const Places& places_;
  std::span<const SourceName> sources_;
  Problems& problems_;
  std::vector<std::string_view> formats_;
  boost::unordered_flat_map<std::string, int> ids_, addresses_;
  const CsvRow* row_ = nullptr;
  bool good_ = true;
};

}  // namespace

std::vector<Device> parse_devices(const Csv& csv, const Places& places, std::span<const SourceName> sources,
                                  Problems& problems) {
  std::vector<Device> devices;
  const Columns columns = read_header(csv, problems);
  if (!has_required(csv, columns, problems)) return devices;
  RowReader reader(csv, columns, places, sources, problems);
  for (const CsvRow& row : csv.rows) {
    if (auto device = reader.read(row)) devices.push_back(std::move(*device));
  }
  return devices;
}

}  // namespace firegate::registry
