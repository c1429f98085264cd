#include "decode/topic_filter.h"

#include <simdjson.h>

#include <array>

namespace firegate::decode {
namespace {

constexpr std::size_t kLongestTopic = 65'535;  // MQTT 5.0, 1.5.4

// Takes the next level off `rest`; false when none is left.
class Levels {
 public:
  explicit Levels(std::string_view text) noexcept : rest_(text) {}
  bool next(std::string_view& level) noexcept {
    if (done_) return false;
    const std::size_t slash = rest_.find('/');
    level = rest_.substr(0, slash);
    done_ = slash == std::string_view::npos;
    if (!done_) rest_.remove_prefix(slash + 1);
    return true;
  }

 private:
  std::string_view rest_;
  bool done_ = false;
};

bool is_wildcard(std::string_view level) noexcept { return level == "+" || level == "#"; }

int weight(std::string_view level) noexcept { return level == "#" ? 0 : level == "+" ? 1 : 2; }

// MQTT 5.0, 4.7.2: a filter that begins with a wildcard does not match topics that begin with '$'.
bool hidden_from(std::string_view topic, std::string_view filter) noexcept {
  return topic.starts_with('$') && is_wildcard(first_level(filter));
}

}  // namespace

std::string_view first_level(std::string_view topic) noexcept { return topic.substr(0, topic.find('/')); }

bool is_topic(std::string_view topic) noexcept {
  constexpr std::string_view kForbidden("+#\0", 3);
  return !topic.empty() && topic.size() <= kLongestTopic && topic.find_first_of(kForbidden) == std::string_view::npos &&
         simdjson::validate_utf8(topic.data(), topic.size());
}

std::optional<std::string> filter_problem(std::string_view filter) {
  if (filter.empty() || filter.size() > kLongestTopic) return "expected 1 to 65535 bytes";
  if (!simdjson::validate_utf8(filter.data(), filter.size()) || filter.find('\0') != std::string_view::npos) {
    return "expected UTF-8 without zero bytes";
  }
  if (filter.starts_with("$share/")) return "shared subscriptions split a device's messages over several readers";
  if (filter.starts_with('$')) return "topics that begin with \"$\" are the broker's own";
  Levels levels(filter);
  std::string_view level;
  bool ended = false;
  while (levels.next(level)) {
    if (ended) return "expected \"#\" only as the last level";
    ended = level == "#";
    if (!is_wildcard(level) && level.find_first_of("+#") != std::string_view::npos) {
      return "expected \"+\" and \"#\" only as whole levels";
    }
  }
  return std::nullopt;
}

bool matches(std::string_view filter, std::string_view topic) noexcept {
  if (hidden_from(topic, filter)) return false;
  Levels wanted(filter);
  Levels found(topic);
  std::string_view want;
  std::string_view have;
  while (wanted.next(want)) {
    if (want == "#") return true;  // also the level above: "a/#" matches "a"
    if (!found.next(have)) return false;
    if (want != "+" && want != have) return false;
  }
  return !found.next(have);
}

bool overlap(std::string_view one, std::string_view other) noexcept {
  Levels ones(one);
  Levels others(other);
  std::string_view a;
  std::string_view b;
  while (true) {
    const bool has_a = ones.next(a);
    const bool has_b = others.next(b);
    if (!has_a || !has_b) return (has_a ? a == "#" : true) && (has_b ? b == "#" : true);
    if (a == "#" || b == "#") return true;
    if (a != b && a != "+" && b != "+") return false;
  }
}

bool more_specific(std::string_view one, std::string_view other) noexcept {
  Levels ones(one);
  Levels others(other);
  std::string_view a;
  std::string_view b;
  while (true) {
    const bool has_a = ones.next(a);
    const bool has_b = others.next(b);
    if (!has_a || !has_b) return !has_a && has_b;  // "a" says more than "a/#"
    if (weight(a) != weight(b)) return weight(a) > weight(b);
  }
}

}  // namespace firegate::decode
