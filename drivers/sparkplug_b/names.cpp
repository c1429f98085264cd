#include "drivers/sparkplug_b/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace firegate::sparkplug {
namespace {

constexpr std::size_t kLongestName = 256;  // bytes (our choice)

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && name.find_first_of("\t\n") == std::string_view::npos;
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

std::string_view next(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const auto part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

}  // namespace

std::string learned_names(const Payload& birth) {
  std::string rows;
  for (const Metric& metric : birth.metrics) {
    if (!is_name(metric.name)) continue;
    const std::string alias = metric.alias ? std::to_string(*metric.alias) : "";
    rows += fmt::format("{}\t{}\t{}\n", alias, static_cast<std::uint32_t>(metric.type), metric.name);
  }
  return rows.empty() ? "\n" : rows;  // born, without metrics
}

Names::Names(std::string_view learned) {
  while (!learned.empty()) {
    auto row = next(learned, '\n');
    const auto alias = next(row, '\t'), type = next(row, '\t');
    const auto number = number_in(type);
    if (row.empty() || !number || *number > static_cast<std::uint64_t>(UINT32_MAX)) continue;
    const auto known = static_cast<DataType>(*number);
    types_.emplace(row, known);
    if (const auto of_alias = number_in(alias)) by_alias_.emplace(*of_alias, Named{row, known});
  }
}

std::optional<Named> Names::of(const Metric& metric) const {
  Named found;
  if (!metric.name.empty()) {
    const auto type = types_.find(metric.name);
    found = {metric.name, type == types_.end() ? DataType::unknown : type->second};
  } else {
    const auto named = metric.alias ? by_alias_.find(*metric.alias) : by_alias_.end();
    if (named == by_alias_.end()) return std::nullopt;
    found = named->second;
  }
  if (metric.type != DataType::unknown) found.type = metric.type;
  return found;
}

}  // namespace firegate::sparkplug
