// devices.csv: the table, and the devices in it, beside the places of config/places.yaml.
#include "fuzz/fuzz.h"
#include "registry/devices_file.h"
#include "settings/yaml.h"

namespace firegate::fuzz {
namespace {

const registry::Places& places() {
  static const registry::Places read = [] {
    Problems problems;
    const auto node = settings::load_yaml(FIREGATE_SOURCE_DIR "/config/places.yaml", "places.yaml", problems);
    must(node && problems.empty(), "config/places.yaml is right");
    return registry::parse_places(*node, problems);
  }();
  return read;
}

void must_be_whole(const documents::Csv& csv) {
  for (const documents::CsvRow& row : csv.rows) {
    must(row.cells.size() == csv.header.cells.size(), "a row has as many cells as the header");
    for (const documents::CsvCell& cell : row.cells) must(cell.line > 0 && cell.column > 0, "a cell knows its place");
  }
}

}  // namespace
}  // namespace firegate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firegate;
  static const std::vector<registry::SourceName> kSources{
      {"native", "native"}, {"zigbee2mqtt", "zigbee2mqtt"}, {"chirpstack", "chirpstack"}};
  Problems problems;
  const auto csv = documents::parse_csv(fuzz::text_of(data, size), "devices.csv", problems);
  fuzz::must(csv.has_value() || !problems.empty(), "a table, or a problem");
  if (csv) {
    fuzz::must_be_whole(*csv);
    for (const Device& device : registry::parse_devices(*csv, fuzz::places(), kSources, problems)) {
      fuzz::must(is_id(device.id), "a device's id is one");
      fuzz::must(device.place != nullptr, "a device has a place");
    }
  }
  problems.sort();
  for (const Problem& problem : problems.list()) static_cast<void>(to_text(problem));
  return 0;
}
