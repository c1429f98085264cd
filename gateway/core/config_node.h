// ConfigNode: one node of a configuration file with the place where it stands. Problems: every error of a run at once.
// `settings` makes these from YAML; each folder parses its own part from them and knows nothing of YAML.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"

namespace firegate {

struct SourcePos {
  std::shared_ptr<const std::string> file;  // as the user named it
  int line = 0;                             // from 1; 0 = the file as a whole
  int column = 0;                           // from 1
};

// Codes of configuration problems. Closed; each is a row in gateway/README.md.
enum class ProblemCode : std::uint16_t {
  E101_unreadable_file = 101, E102_bad_syntax, E103_duplicate_key, E104_unknown_key, E105_missing_key,
  E106_wrong_type, E107_out_of_range, E108_not_in_list, E109_duplicate_id, E110_unknown_reference,
  E111_bad_id, E112_bad_duration, E113_contradiction, E114_unknown_column, E115_missing_column, E116_too_large,
  E117_not_allowed,
};

struct Problem {
  ProblemCode code{};
  SourcePos at;
  std::string path;     // "rules[3].when.above"; empty for the file as a whole
  std::string message;  // what, found, expected; lower case, no full stop
};

// Collects every problem of a run. One thread.
class Problems {
 public:
  void add(ProblemCode code, const SourcePos& at, std::string path, std::string message);
  bool empty() const noexcept { return list_.empty(); }
  const std::vector<Problem>& list() const noexcept { return list_; }
  // Sorted by file, line, column: the order in which a person fixes them.
  void sort();

 private:
  std::vector<Problem> list_;
};

// "rules/smoke.yaml:12:5: error[E108]: rules[0].class: found \"fire\", expected one of ..., did you mean \"fire_alarm\""
std::string to_text(const Problem& problem);

class ConfigNode;
using ConfigNodePtr = std::shared_ptr<const ConfigNode>;

// A scalar, a list or a map. Immutable once built. Maps keep the order of the file.
class ConfigNode {
 public:
  enum class Type : std::uint8_t { null, scalar, list, map };
  struct Member {
    std::string key;
    SourcePos key_at;
    ConfigNodePtr value;
  };

  Type type = Type::null;
  SourcePos at;
  std::string path;
  std::string scalar;            // text as written, quotes removed
  bool quoted = false;           // "12" is text, 12 a number
  std::vector<ConfigNodePtr> items;
  std::vector<Member> members;

  const ConfigNode* find(std::string_view key) const noexcept;  // map: the member; null when absent
};

// Reads the members of one map. Everything wrong is added to `problems`, and a default is returned so that reading goes on
// and all problems of a file are found in one run. Call `finish` last: it reports the keys that nobody asked for.
class MapReader {
 public:
  MapReader(const ConfigNode& node, Problems& problems);

  bool ok() const noexcept { return is_map_; }
  bool has(std::string_view key) noexcept;
  std::string text(std::string_view key, std::optional<std::string> otherwise = std::nullopt);  // no default: required
  double number(std::string_view key, std::optional<double> otherwise, double low, double high);
  std::int64_t integer(std::string_view key, std::optional<std::int64_t> otherwise, std::int64_t low, std::int64_t high);
  bool boolean(std::string_view key, std::optional<bool> otherwise);
  Millis duration(std::string_view key, std::optional<Millis> otherwise);  // "500ms", "10s", "5min", "24h", "7d"
  std::size_t one_of(std::string_view key, std::optional<std::size_t> otherwise, std::span<const std::string_view> list);
  template <typename Enum>
  Enum choice(std::string_view key, std::optional<Enum> otherwise);
  const ConfigNode* node(std::string_view key, bool required = false);  // marks the key as known; null when absent
  const ConfigNode* list(std::string_view key, bool required = false);  // as node, and reports what is not a list
  const ConfigNode* map(std::string_view key, bool required = false);   // as node, and reports what is not a map

  void wrong(std::string_view key, ProblemCode code, std::string message);  // a problem at the key's value
  void finish();

 private:
  const ConfigNode* scalar(std::string_view key, bool required);

  const ConfigNode& node_;
  Problems& problems_;
  bool is_map_;
  std::vector<std::string_view> asked_;
};

// "5min" → 300000 ms; none when it is not a number with a unit of ms, s, min, h, d.
std::optional<Millis> duration_from_text(std::string_view text) noexcept;

// The entry of `list` nearest to `word` by edit distance (at most a third of its length away); empty when none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> list) noexcept;

// [A-Za-z0-9_-]{1,64}: ids of devices and places (vocabulary; reliability T02).
bool is_id(std::string_view text) noexcept;

}  // namespace firegate

#include "core/labels.h"

template <typename Enum>
Enum firegate::MapReader::choice(std::string_view key, std::optional<Enum> otherwise) {
  const auto index = otherwise ? std::optional(static_cast<std::size_t>(*otherwise)) : std::nullopt;
  return static_cast<Enum>(one_of(key, index, Labels<Enum>::list));
}
