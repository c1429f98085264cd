#include "simulate/device_row.h"

#include <fstream>
#include <sstream>

#include "simulate/csv.h"

namespace firegate::simulate {
namespace {

struct Column {
  std::string_view name;
  std::string DeviceRow::*field;
  bool required;
};
// Columns that the simulator uses; `kind` is read apart, the others of the file (source, note) say nothing to it.
constexpr std::array<Column, 10> kColumns{{{"id", &DeviceRow::id, true},
                                           {"format", &DeviceRow::format, true},
                                           {"address", &DeviceRow::address, true},
                                           {"estate", &DeviceRow::estate, true},
                                           {"building", &DeviceRow::building, true},
                                           {"model", &DeviceRow::model, false},
                                           {"floor", &DeviceRow::floor, false},
                                           {"zone", &DeviceRow::zone, false},
                                           {"location", &DeviceRow::location, false},
                                           {"name", &DeviceRow::name, false}}};

constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);

std::size_t column_of(const CsvRow& header, std::string_view name) {
  const auto found = std::ranges::find(header.cells, name);
  return found == header.cells.end() ? kAbsent : static_cast<std::size_t>(found - header.cells.begin());
}

std::string_view cell(const CsvRow& row, std::size_t column) {
  return column < row.cells.size() ? std::string_view(row.cells[column]) : std::string_view();
}

Result<DeviceRow> to_device(const CsvRow& header, const CsvRow& row, std::string_view file) {
  DeviceRow device;
  for (const Column& column : kColumns) {
    device.*column.field = cell(row, column_of(header, column.name));
    if (column.required && (device.*column.field).empty()) {
      return fail(ErrorCode::bad_input,
                  fmt::format("{}:{}: column {} is empty, expected a value", file, row.line, column.name));
    }
  }
  const std::string_view kind = cell(row, column_of(header, "kind"));
  const auto known = from_label<DeviceKind>(kind);
  if (!known)
    return fail(ErrorCode::bad_input, fmt::format("{}:{}: \"{}\" is no kind of device", file, row.line, kind));
  device.kind = *known;
  return device;
}

}  // namespace

Result<std::vector<DeviceRow>> parse_devices(std::string_view csv, std::string_view file) {
  auto rows = read_csv(csv);
  if (!rows) return fail(rows.error().code, fmt::format("reading {}: {}", file, rows.error().message));
  if (rows->empty()) return fail(ErrorCode::bad_input, fmt::format("reading {}: the file is empty", file));

  const CsvRow& header = rows->front();
  for (const Column& column : kColumns) {
    if (column.required && column_of(header, column.name) == kAbsent) {
      return fail(ErrorCode::bad_input, fmt::format("reading {}: there is no column \"{}\"", file, column.name));
    }
  }
  std::vector<DeviceRow> devices;
  for (std::size_t i = 1; i < rows->size(); ++i) {
    auto device = to_device(header, (*rows)[i], file);
    if (!device) return tl::unexpected(device.error());
    devices.push_back(std::move(*device));
  }
  return devices;
}

bool in_kitchen(const DeviceRow& row) {
  return row.location == "kitchen" || row.name.find("厨房") != std::string::npos ||
         row.name.find("kitchen") != std::string::npos;
}

Result<std::vector<DeviceRow>> load_devices(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(ErrorCode::not_found, fmt::format("opening {}: it cannot be read", file.string()));
  std::ostringstream text;
  text << in.rdbuf();
  return parse_devices(text.str(), file.string());
}

}  // namespace firegate::simulate
