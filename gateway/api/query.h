// Query: reads the parameters of a request's query. Remembers the first thing that is wrong; a parameter that nobody
// asked for is wrong too, because a misspelt filter would show everything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http.h"
#include "core/labels.h"
#include "core/reading.h"
#include "core/result.h"

namespace firegate::api {

class Query {
 public:
  explicit Query(const Request& request) : parameters_(request.query) {}

  std::string text(std::string_view name);  // empty when absent
  std::optional<Instant> instant(std::string_view name);
  std::int64_t integer(std::string_view name, std::int64_t otherwise, std::int64_t low, std::int64_t high);
  template <typename Enum>
  std::optional<Enum> choice(std::string_view name) {
    const auto index = one_of(name, Labels<Enum>::list);
    return index ? std::optional(static_cast<Enum>(*index)) : std::nullopt;
  }
  std::optional<bool> boolean(std::string_view name);
  std::optional<Point> point(std::string_view name);
  // Complains about the parameter if nothing was wrong before.
  void wrong(std::string_view name, std::string_view found, std::string_view expected);

  // The first thing that is wrong. Call last.
  std::optional<Error> finish();

 private:
  const std::string* find(std::string_view name);
  std::optional<std::size_t> one_of(std::string_view name, std::span<const std::string_view> list);

  const std::vector<Parameter>& parameters_;
  std::vector<std::string_view> asked_;
  std::optional<Error> error_;
};

}  // namespace firegate::api
