#include "core/config_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <tuple>

namespace firegate {
namespace {

std::string_view file_of(const SourcePos& at) noexcept { return at.file ? std::string_view(*at.file) : ""; }

template <typename T>
std::optional<T> parse_whole(std::string_view text) noexcept {
  T value{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view type_name(ConfigNode::Type type) noexcept {
  switch (type) {
    case ConfigNode::Type::null: return "nothing";
    case ConfigNode::Type::scalar: return "a single value";
    case ConfigNode::Type::list: return "a list";
    case ConfigNode::Type::map: return "a map";
  }
  return "nothing";
}

std::string found(const ConfigNode& node) {
  return node.type == ConfigNode::Type::scalar ? fmt::format("found \"{}\"", node.scalar)
                                               : fmt::format("found {}", type_name(node.type));
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

void Problems::add(ProblemCode code, const SourcePos& at, std::string path, std::string message) {
  list_.push_back({code, at, std::move(path), std::move(message)});
}

void Problems::sort() {
  std::stable_sort(list_.begin(), list_.end(), [](const Problem& a, const Problem& b) {
    return std::make_tuple(file_of(a.at), a.at.line, a.at.column) < std::make_tuple(file_of(b.at), b.at.line, b.at.column);
  });
}

std::string to_text(const Problem& problem) {
  std::string text = fmt::format("{}:{}:{}: error[E{}]: ", file_of(problem.at), problem.at.line, problem.at.column,
                                 static_cast<unsigned>(problem.code));
  if (!problem.path.empty()) text += problem.path + ": ";
  return text + problem.message;
}

const ConfigNode* ConfigNode::find(std::string_view key) const noexcept {
  for (const Member& member : members) {
    if (member.key == key) return member.value.get();
  }
  return nullptr;
}

MapReader::MapReader(const ConfigNode& node, Problems& problems)
    : node_(node), problems_(problems), is_map_(node.type == ConfigNode::Type::map) {
  if (!is_map_) {
    problems_.add(ProblemCode::E106_wrong_type, node.at, node.path, fmt::format("{}, expected a map", found(node)));
  }
}

bool MapReader::has(std::string_view key) noexcept {
  const ConfigNode* value = node_.find(key);
  return value && value->type != ConfigNode::Type::null;
}

const ConfigNode* MapReader::node(std::string_view key, bool required) {
  asked_.push_back(key);
  const ConfigNode* value = node_.find(key);
  if (value && value->type == ConfigNode::Type::null) value = nullptr;
  if (!value && required && is_map_) {
    problems_.add(ProblemCode::E105_missing_key, node_.at, node_.path, fmt::format("\"{}\" is missing", key));
  }
  return value;
}

const ConfigNode* MapReader::list(std::string_view key, bool required) {
  const ConfigNode* value = node(key, required);
  if (value && value->type != ConfigNode::Type::list) {
    wrong(key, ProblemCode::E106_wrong_type, fmt::format("{}, expected a list", found(*value)));
    return nullptr;
  }
  return value;
}

const ConfigNode* MapReader::map(std::string_view key, bool required) {
  const ConfigNode* value = node(key, required);
  if (value && value->type != ConfigNode::Type::map) {
    wrong(key, ProblemCode::E106_wrong_type, fmt::format("{}, expected a map", found(*value)));
    return nullptr;
  }
  return value;
}

const ConfigNode* MapReader::scalar(std::string_view key, bool required) {
  const ConfigNode* value = node(key, required);
  if (value && value->type != ConfigNode::Type::scalar) {
    wrong(key, ProblemCode::E106_wrong_type, fmt::format("{}, expected a single value", found(*value)));
    return nullptr;
  }
  return value;
}

std::string MapReader::text(std::string_view key, std::optional<std::string> otherwise) {
  const ConfigNode* value = scalar(key, !otherwise);
  return value ? value->scalar : otherwise.value_or("");
}

double MapReader::number(std::string_view key, std::optional<double> otherwise, double low, double high) {
  const ConfigNode* value = scalar(key, !otherwise);
  if (!value) return otherwise.value_or(low);
  const auto parsed = parse_whole<double>(value->scalar);
  if (!parsed || !std::isfinite(*parsed)) {
    wrong(key, ProblemCode::E106_wrong_type, fmt::format("{}, expected a number", found(*value)));
    return otherwise.value_or(low);
  }
  if (*parsed < low || *parsed > high) {
    wrong(key, ProblemCode::E107_out_of_range, fmt::format("found {}, expected {} to {}", *parsed, low, high));
    return otherwise.value_or(low);
  }
  return *parsed;
}

std::int64_t MapReader::integer(std::string_view key, std::optional<std::int64_t> otherwise, std::int64_t low,
                                std::int64_t high) {
  const ConfigNode* value = scalar(key, !otherwise);
  if (!value) return otherwise.value_or(low);
  const auto parsed = parse_whole<std::int64_t>(value->scalar);
  if (!parsed) {
    wrong(key, ProblemCode::E106_wrong_type, fmt::format("{}, expected a whole number", found(*value)));
    return otherwise.value_or(low);
  }
  if (*parsed < low || *parsed > high) {
    wrong(key, ProblemCode::E107_out_of_range, fmt::format("found {}, expected {} to {}", *parsed, low, high));
    return otherwise.value_or(low);
  }
  return *parsed;
}

bool MapReader::boolean(std::string_view key, std::optional<bool> otherwise) {
  const ConfigNode* value = scalar(key, !otherwise);
  if (!value) return otherwise.value_or(false);
  if (!value->quoted && value->scalar == "true") return true;
  if (!value->quoted && value->scalar == "false") return false;
  wrong(key, ProblemCode::E106_wrong_type, fmt::format("{}, expected true or false", found(*value)));
  return otherwise.value_or(false);
}

Millis MapReader::duration(std::string_view key, std::optional<Millis> otherwise) {
  const ConfigNode* value = scalar(key, !otherwise);
  if (!value) return otherwise.value_or(Millis{0});
  if (const auto parsed = duration_from_text(value->scalar)) return *parsed;
  wrong(key, ProblemCode::E112_bad_duration,
        fmt::format("{}, expected a duration such as 500ms, 10s, 5min, 24h or 7d", found(*value)));
  return otherwise.value_or(Millis{0});
}

std::size_t MapReader::one_of(std::string_view key, std::optional<std::size_t> otherwise,
                              std::span<const std::string_view> list) {
  const ConfigNode* value = scalar(key, !otherwise);
  if (!value) return otherwise.value_or(0);
  const auto at = std::find(list.begin(), list.end(), value->scalar);
  if (at != list.end()) return static_cast<std::size_t>(at - list.begin());
  std::string message = fmt::format("{}, expected one of {}", found(*value), fmt::join(list, ", "));
  if (const auto near = nearest(value->scalar, list); !near.empty()) message += fmt::format("; did you mean \"{}\"", near);
  wrong(key, ProblemCode::E108_not_in_list, std::move(message));
  return otherwise.value_or(0);
}

void MapReader::wrong(std::string_view key, ProblemCode code, std::string message) {
  const ConfigNode* value = node_.find(key);
  const std::string path = node_.path.empty() ? std::string(key) : fmt::format("{}.{}", node_.path, key);
  problems_.add(code, value ? value->at : node_.at, path, std::move(message));
}

void MapReader::finish() {
  for (const ConfigNode::Member& member : node_.members) {
    if (std::find(asked_.begin(), asked_.end(), member.key) != asked_.end()) continue;
    std::string message = fmt::format("unknown key \"{}\", expected one of {}", member.key, fmt::join(asked_, ", "));
    if (const auto near = nearest(member.key, asked_); !near.empty()) message += fmt::format("; did you mean \"{}\"", near);
    problems_.add(ProblemCode::E104_unknown_key, member.key_at, node_.path, std::move(message));
  }
}

std::optional<Millis> duration_from_text(std::string_view text) noexcept {
  std::int64_t count = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
  if (read.ec != std::errc{} || count < 0) return std::nullopt;
  const std::string_view unit(read.ptr, static_cast<std::size_t>(text.data() + text.size() - read.ptr));
  constexpr std::int64_t kLongest = 3650;  // days; keeps every product far from overflow
  const auto scaled = [&](std::int64_t millis) -> std::optional<Millis> {
    if (count > kLongest * 86'400'000 / millis) return std::nullopt;
    return Millis{count * millis};
  };
  if (unit == "ms") return scaled(1);
  if (unit == "s") return scaled(1000);
  if (unit == "min") return scaled(60'000);
  if (unit == "h") return scaled(3'600'000);
  if (unit == "d") return scaled(86'400'000);
  return std::nullopt;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> list) noexcept {
  std::string_view best;
  std::size_t best_distance = word.size() / 3 + 2;
  for (const std::string_view entry : list) {
    const std::size_t distance = edit_distance(word, entry);
    if (distance < best_distance) {
      best = entry;
      best_distance = distance;
    }
  }
  return best;
}

bool is_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

}  // namespace firegate
