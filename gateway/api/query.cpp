#include "api/query.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace firegate::api {

std::string Query::text(std::string_view name) {
  const std::string* found = find(name);
  return found ? *found : std::string{};
}

std::optional<Instant> Query::instant(std::string_view name) {
  const std::string* found = find(name);
  if (!found) return std::nullopt;
  const auto at = instant_from_text(*found);
  if (!at) wrong(name, *found, "a date and time with a zone (RFC 3339)");
  return at;
}

std::int64_t Query::integer(std::string_view name, std::int64_t otherwise, std::int64_t low, std::int64_t high) {
  const std::string* found = find(name);
  if (!found) return otherwise;
  std::int64_t number = 0;
  const char* end = found->data() + found->size();
  const auto read = std::from_chars(found->data(), end, number);
  if (read.ec == std::errc{} && read.ptr == end && number >= low && number <= high) return number;
  wrong(name, *found, fmt::format("a whole number from {} to {}", low, high));
  return otherwise;
}

std::optional<bool> Query::boolean(std::string_view name) {
  constexpr std::array<std::string_view, 2> kWords{"false", "true"};
  const auto index = one_of(name, kWords);
  return index ? std::optional(*index == 1) : std::nullopt;
}

std::optional<Point> Query::point(std::string_view name) {
  const std::string* found = find(name);
  if (!found) return std::nullopt;
  const auto point = point_from_name(*found);
  if (!point) wrong(name, *found, "the name of a point");
  return point;
}

void Query::wrong(std::string_view name, std::string_view found, std::string_view expected) {
  if (error_) return;
  error_ = Error{ErrorCode::bad_input,
                 fmt::format("reading parameter \"{}\": found \"{}\", expected {}", name, found, expected)};
}

std::optional<Error> Query::finish() {
  for (const Parameter& parameter : parameters_) {
    if (error_) break;
    if (std::ranges::find(asked_, parameter.name) != asked_.end()) continue;
    error_ = Error{ErrorCode::bad_input, fmt::format("reading the query: found parameter \"{}\", expected one of {}",
                                                     parameter.name, fmt::join(asked_, ", "))};
  }
  return error_;
}

const std::string* Query::find(std::string_view name) {
  asked_.push_back(name);
  const auto at = std::ranges::find(parameters_, name, &Parameter::name);
  return at == parameters_.end() ? nullptr : &at->value;
}

std::optional<std::size_t> Query::one_of(std::string_view name, std::span<const std::string_view> list) {
  const std::string* found = find(name);
  if (!found) return std::nullopt;
  const auto at = std::ranges::find(list, *found);
  if (at != list.end()) return static_cast<std::size_t>(at - list.begin());
  wrong(name, *found, fmt::format("one of {}", fmt::join(list, ", ")));
  return std::nullopt;
}

}  // namespace firegate::api
