#include "drivers/ha_discovery/value_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "drivers/common/lenient.h"

namespace firegate::ha {
namespace {

constexpr std::size_t kLongest = 200;  // bytes of a template that names one field (our choice)

bool is_name(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// A text that is read from its start.
class Cursor {
 public:
  explicit Cursor(std::string_view rest) : rest_(rest) {}

  bool done() {
    skip_blank();
    return rest_.empty();
  }
  bool take(char c) {
    skip_blank();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view word() {
    skip_blank();
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_name);
    return cut(static_cast<std::size_t>(end - rest_.begin()));
  }
  // 'text' or "text", without its quotes.
  std::optional<std::string_view> quoted() {
    skip_blank();
    if (rest_.empty() || (rest_.front() != '\'' && rest_.front() != '"')) return std::nullopt;
    const auto end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos) return std::nullopt;
    const auto text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return text;
  }
  std::optional<double> number() {
    skip_blank();
    double found = 0;
    const auto read = std::from_chars(rest_.data(), rest_.data() + rest_.size(), found);
    if (read.ec != std::errc{}) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(read.ptr - rest_.data()));
    return found;
  }

 private:
  void skip_blank() { rest_ = rest_.substr(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }
  std::string_view cut(std::size_t size) {
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
};

void append(std::string& path, std::string_view step) { path += fmt::format("{}{}", path.empty() ? "" : ".", step); }

// Paths are written with dots and bars: a key that has one cannot be said.
bool may_be_step(std::string_view key) { return !key.empty() && key.find_first_of(".|\t\n") == std::string_view::npos; }

// ".a", "['a']", "[0]" as often as they come.
bool read_steps(Cursor& cursor, std::string& path) {
  for (;;) {
    if (cursor.take('.')) {
      const auto name = cursor.word();
      if (name.empty()) return false;
      append(path, name);
    } else if (cursor.take('[')) {
      const auto key = cursor.quoted();
      const auto step = key ? *key : cursor.word();
      if (!may_be_step(step) || (!key && !port_from_text(step)) || !cursor.take(']')) return false;
      append(path, step);
    } else {
      return true;
    }
  }
}

// Filters that leave the value what it is. What stands for a missing value (`default`) is not taken: missing is
// unknown.
bool is_harmless(std::string_view filter) {
  constexpr std::array<std::string_view, 11> kFilters{"float", "int",   "round",      "default", "d",   "is_defined",
                                                      "lower", "upper", "capitalize", "string",  "trim"};
  return std::find(kFilters.begin(), kFilters.end(), filter) != kFilters.end();
}

bool skip_arguments(Cursor& cursor) {
  if (!cursor.take('(')) return true;
  while (!cursor.take(')')) {
    if (!cursor.quoted() && !cursor.number() && cursor.word().empty() && !cursor.take(',') && !cursor.take('=')) {
      return false;
    }
  }
  return true;
}

bool read_filters(Cursor& cursor) {
  while (cursor.take('|')) {
    if (!is_harmless(cursor.word()) || !skip_arguments(cursor)) return false;
  }
  return true;
}

// "* 0.001", "/ 10".
bool read_scale(Cursor& cursor, double& scale) {
  for (;;) {
    const bool times = cursor.take('*');
    if (!times && !cursor.take('/')) return true;
    const auto factor = cursor.number();
    if (!factor || *factor == 0) return false;
    scale = times ? scale * *factor : scale / *factor;
  }
}

bool read(Cursor& cursor, ValueTemplate& made) {
  const bool bracket = cursor.take('(');
  const auto root = cursor.word();
  made.whole = root == "value";
  if (!made.whole && root != "value_json") return false;
  if (!made.whole && !read_steps(cursor, made.path)) return false;
  if (!made.whole && made.path.empty()) return false;
  if (!read_filters(cursor) || !read_scale(cursor, made.scale)) return false;
  if (bracket && !cursor.take(')')) return false;
  return read_scale(cursor, made.scale) && read_filters(cursor) && cursor.done();
}

}  // namespace

tl::expected<ValueTemplate, std::string> ValueTemplate::parse(std::string_view text) {
  ValueTemplate made;
  auto inner = trimmed(text);
  if (inner.empty()) {
    made.whole = true;
    return made;
  }
  const bool whole = inner.size() <= kLongest && inner.starts_with("{{") && inner.ends_with("}}") && inner.size() > 4;
  if (whole) {
    inner = inner.substr(2, inner.size() - 4);
    if (inner.starts_with('-')) inner.remove_prefix(1);
    if (inner.ends_with('-')) inner.remove_suffix(1);
    Cursor cursor(inner);
    if (read(cursor, made)) return made;
  }
  return tl::unexpected(std::string(text.substr(0, 80)));
}

}  // namespace firegate::ha
