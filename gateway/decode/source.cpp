#include "decode/source.h"

#include <fmt/format.h>

#include <algorithm>

#include "decode/topic_filter.h"

namespace firegate::decode {
namespace {

bool begins_with_wildcard(std::string_view filter) noexcept {
  const auto level = first_level(filter);
  return level == "+" || level == "#";
}

// Two sources may overlap only where one of them waits for what the other does not name.
bool may_share(std::string_view one, std::string_view other) noexcept {
  return begins_with_wildcard(one) != begins_with_wildcard(other);
}

struct Parsed {
  Source source;
  SourcePos at;
  std::string path;
};

class SourcesReader {
 public:
  SourcesReader(std::span<const Driver* const> drivers, Problems& problems) : drivers_(drivers), problems_(problems) {
    for (const Driver* driver : drivers_) formats_.push_back(driver->format());
  }

  std::vector<Source> read(const ConfigNode& list) {
    if (list.type != ConfigNode::Type::list) {
      problems_.add(ProblemCode::E106_wrong_type, list.at, list.path, "expected a list of sources");
      return {};
    }
    for (const auto& item : list.items) one(*item);
    std::vector<Source> sources;
    for (Parsed& parsed : parsed_) sources.push_back(std::move(parsed.source));
    return sources;
  }

 private:
  void one(const ConfigNode& node) {
    MapReader reader(node, problems_);
    if (!reader.ok()) return;
    Source source;
    const std::string format = reader.text("format");
    source.driver = driver(reader, format);
    source.id = reader.text("id", format);
    if (!is_id(source.id) && reader.has("id")) {
      reader.wrong("id", ProblemCode::E111_bad_id,
                   fmt::format("found \"{}\", expected 1 to 64 of A-Z a-z 0-9 _ -", source.id));
    }
    source.base = reader.text("base", std::string(source.driver ? source.driver->default_base() : ""));
    check_base(reader, source.base);
    const ConfigNode* topics = reader.list("topics");
    reader.finish();
    if (!source.driver) return;
    source.filters = topics ? read_topics(*topics) : source.driver->filters(source.base);
    check_against_others(source, node);
    parsed_.push_back({std::move(source), node.at, node.path});
  }

  const Driver* driver(MapReader& reader, std::string_view format) {
    for (const Driver* known : drivers_) {
      if (known->format() == format) return known;
    }
    if (!reader.has("format")) return nullptr;
    std::string message = fmt::format("found \"{}\", expected one of {}", format, fmt::join(formats_, ", "));
    if (const auto near = nearest(format, formats_); !near.empty())
      message += fmt::format("; did you mean \"{}\"", near);
    reader.wrong("format", ProblemCode::E108_not_in_list, std::move(message));
    return nullptr;
  }

  static void check_base(MapReader& reader, const std::string& base) {
    if (base.empty()) return;
    std::optional<std::string> why = filter_problem(base);
    if (!why && base.find_first_of("+#") != std::string::npos) why = "a base topic has no wildcards";
    if (!why && base.ends_with('/')) why = "expected no slash at the end";
    if (why) reader.wrong("base", ProblemCode::E117_not_allowed, fmt::format("found \"{}\": {}", base, *why));
  }

  std::vector<std::string> read_topics(const ConfigNode& list) {
    std::vector<std::string> filters;
    if (list.items.empty()) {
      problems_.add(ProblemCode::E107_out_of_range, list.at, list.path,
                    "found an empty list, expected at least one filter");
    }
    for (const auto& item : list.items) {
      if (const auto why = filter_problem(item->scalar)) {
        problems_.add(ProblemCode::E117_not_allowed, item->at, item->path,
                      fmt::format("found \"{}\": {}", item->scalar, *why));
        continue;
      }
      filters.push_back(item->scalar);
    }
    return filters;
  }

  void check_against_others(const Source& source, const ConfigNode& node) {
    for (const Parsed& other : parsed_) {
      if (other.source.id == source.id) {
        const ConfigNode* id = node.find("id");
        problems_.add(
            ProblemCode::E109_duplicate_id, id ? id->at : node.at, node.path + ".id",
            fmt::format("\"{}\" stands here a second time, first at {}:{}", source.id, other.at.line, other.at.column));
      }
      if (const auto shared = shared_topic(source, other.source)) {
        problems_.add(
            ProblemCode::E113_contradiction, node.at, node.path,
            fmt::format(
                "\"{}\" of {} and \"{}\" of {} ({}:{}) match the same topics, expected sources that do not overlap",
                shared->first, source.id, shared->second, other.source.id, other.at.line, other.at.column));
      }
    }
  }

  static std::optional<std::pair<std::string, std::string>> shared_topic(const Source& one, const Source& other) {
    for (const std::string& a : one.filters) {
      for (const std::string& b : other.filters) {
        if (overlap(a, b) && !may_share(a, b)) return std::pair(a, b);
      }
    }
    return std::nullopt;
  }

  std::span<const Driver* const> drivers_;
  Problems& problems_;
  std::vector<std::string_view> formats_;
  std::vector<Parsed> parsed_;
};

std::vector<Source> default_sources(std::span<const Driver* const> drivers) {
  std::vector<Source> sources;
  for (const Driver* driver : drivers) {
    sources.push_back({std::string(driver->format()), driver, std::string(driver->default_base()),
                       driver->filters(driver->default_base())});
  }
  return sources;
}

Limits parse_limits(const ConfigNode& node, Problems& problems) {
  MapReader reader(node, problems);
  Limits limits;
  if (!reader.ok()) return limits;
  limits.device_messages_per_second =
      reader.number("device_messages_per_second", limits.device_messages_per_second, 1, 100'000);
  limits.device_burst = reader.number("device_burst", limits.device_burst, 1, 1'000'000);
  limits.redelivery_window = reader.duration("redelivery_window", limits.redelivery_window);
  limits.backlog_age = reader.duration("backlog_age", limits.backlog_age);
  limits.threads = static_cast<unsigned>(reader.integer("decode_threads", limits.threads, 1, 4));
  reader.finish();
  return limits;
}

}  // namespace

Settings Settings::parse(const ConfigNode* sources, const ConfigNode* limits, std::span<const Driver* const> drivers,
                         Problems& problems) {
  const auto given = [](const ConfigNode* node) { return node && node->type != ConfigNode::Type::null; };
  Settings settings;
  settings.sources = given(sources) ? SourcesReader(drivers, problems).read(*sources) : default_sources(drivers);
  if (given(limits)) settings.limits = parse_limits(*limits, problems);
  return settings;
}

Router::Router(std::span<const Source> sources) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    for (const std::string& filter : sources[i].filters) {
      auto& list = begins_with_wildcard(filter) ? any_ : by_first_[std::string(first_level(filter))];
      list.push_back({filter, i});
    }
  }
  const auto by_detail = [](const Entry& a, const Entry& b) { return more_specific(a.filter, b.filter); };
  for (auto& [level, entries] : by_first_) std::ranges::stable_sort(entries, by_detail);
  std::ranges::stable_sort(any_, by_detail);
}

std::optional<std::size_t> Router::route(std::string_view topic) const noexcept {
  if (const auto found = by_first_.find(first_level(topic)); found != by_first_.end()) {
    if (const auto source = first_match(found->second, topic)) return source;
  }
  return first_match(any_, topic);
}

std::optional<std::size_t> Router::first_match(std::span<const Entry> entries, std::string_view topic) noexcept {
  for (const Entry& entry : entries) {
    if (matches(entry.filter, topic)) return entry.source;
  }
  return std::nullopt;
}

}  // namespace firegate::decode
