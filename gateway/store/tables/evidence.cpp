#include "store/tables/evidence.h"

#include <fmt/format.h>

#include <charconv>

namespace firegate::store {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      default: out += c;
    }
  }
  return out;
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char next = text[++i];
    out += next == 't' ? '\t' : next == 'n' ? '\n' : next;
  }
  return out;
}

// Cuts `text` at the first `end`; all of it when there is none.
std::string_view take(std::string_view& text, char end) {
  const auto at = std::min(text.find(end), text.size());
  const auto part = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return part;
}

template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string number_or_dash(const std::optional<double>& value) { return value ? fmt::format("{}", *value) : "-"; }

std::optional<Evidence> line_from_stored(std::string_view line) {
  const auto point = point_from_name(take(line, '\t'));
  const auto port = number<Port>(take(line, '\t'));
  const auto at = number<std::int64_t>(take(line, '\t'));
  const auto limit = take(line, '\t');
  if (!point || !port || !at) return std::nullopt;
  Value value = value_from_stored(unescaped(take(line, '\t')));
  std::string device = unescaped(take(line, '\t'));
  return Evidence{*point,           *port, std::move(value), number<double>(limit), Instant{Millis{*at}},
                  std::move(device), number<double>(line)};
}

}  // namespace

std::string evidence_to_stored(const std::vector<Evidence>& evidence) {
  std::string text;
  for (const Evidence& one : evidence) {
    fmt::format_to(std::back_inserter(text), "{}\t{}\t{}\t{}\t{}\t{}\t{}\n", name(one.point), one.port,
                   one.at.time_since_epoch().count(), number_or_dash(one.limit), escaped(to_stored(one.value)),
                   escaped(one.device), number_or_dash(one.share_pct));
  }
  return text;
}

std::vector<Evidence> evidence_from_stored(std::string_view text) {
  std::vector<Evidence> evidence;
  while (!text.empty()) {
    if (auto one = line_from_stored(take(text, '\n'))) evidence.push_back(std::move(*one));
  }
  return evidence;
}

}  // namespace firegate::store
