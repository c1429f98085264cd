// Source: one place that messages come from: a broker's base topic and the wire format spoken below it.
// Router: which source a topic belongs to. Built from gateway.yaml; immutable; any thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/config_node.h"
#include "core/driver.h"

namespace firegate::decode {

struct Source {
  std::string id;                    // [A-Za-z0-9_-]{1,64}
  const Driver* driver = nullptr;    // never null; lives as long as the program
  std::string base;                  // base topic, without a slash at the end; may be empty
  std::vector<std::string> filters;  // what to subscribe to
};

// Where a flood begins (T05), and other limits of this stage. All our choice.
struct Limits {
  double device_messages_per_second = 200;  // sustained, one device; what is beyond is merged, not lost
  double device_burst = 2000;               // messages a device may send at once before that
  Millis redelivery_window{10'000};         // after (re)connecting, a repeat is taken for a redelivery
  Millis backlog_age{60'000};               // what waited longer than this in the inbox is late
  unsigned threads = 2;                     // of the lanes, 1 to 4
};

struct Settings {
  std::vector<Source> sources;
  Limits limits;

  // `sources` and `limits` are those sections of gateway.yaml; null where missing: then one source for each driver, at
  // its default base. Two configured sources may not share topics, except that a filter which begins with a wildcard
  // leaves to the others what they name.
  static Settings parse(const ConfigNode* sources, const ConfigNode* limits, std::span<const Driver* const> drivers,
                        Problems& problems);
};

class Router {
 public:
  explicit Router(std::span<const Source> sources);

  // Index of the source, by the most specific filter that matches; none for a topic nobody subscribed to.
  std::optional<std::size_t> route(std::string_view topic) const noexcept;

 private:
  struct Entry {
    std::string filter;
    std::size_t source;
  };
  static std::optional<std::size_t> first_match(std::span<const Entry> entries, std::string_view topic) noexcept;

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  boost::unordered_flat_map<std::string, std::vector<Entry>, Hash, std::equal_to<>> by_first_;  // most specific first
  std::vector<Entry> any_;  // filters that begin with a wildcard
};

}  // namespace firegate::decode
