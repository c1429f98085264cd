// Members: reads the members of a JSON object from a body or frame, with limits (reliability, T07), and remembers the
// first thing that is wrong: bad_input, naming the member. Members that are not asked for are passed over.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/account.h"
#include "core/labels.h"
#include "core/result.h"

namespace firegate::api {

constexpr std::size_t kMaxJsonDepth = 16;  // reliability, T07
constexpr std::size_t kMaxNameBytes = 64;  // of a person or a post; our choice
constexpr std::size_t kMaxGrants = 100;    // of one user; our choice

// bad_input: not JSON, not an object, too deep, or a member that stands twice.
Result<boost::json::object> parse_object(std::string_view text);

class Members {
 public:
  explicit Members(const boost::json::object& object) : object_(object) {}

  bool has(std::string_view name) const { return object_.if_contains(name) != nullptr; }
  // Plain text: UTF-8 without control characters. Empty when it is absent and not required.
  std::string text(std::string_view name, std::size_t max_bytes, bool required);
  std::uint64_t count(std::string_view name);
  bool boolean(std::string_view name);
  Instant instant_after(std::string_view name, Instant now);
  template <typename Enum>
  Enum choice(std::string_view name) {
    const std::string word = text(name, kMaxNameBytes, true);
    const auto value = from_label<Enum>(word);
    if (!value) {
      wrong(name, fmt::format("is \"{}\"", word), fmt::format("one of {}", fmt::join(Labels<Enum>::list, ", ")));
    }
    return value.value_or(Enum{});
  }
  std::vector<std::string> texts(std::string_view name, std::size_t most);
  // [{"role": "duty", "estate": "sunny" or "*"}]
  std::vector<Grant> grants(std::string_view name);

  void wrong(std::string_view name, std::string_view found, std::string_view expected);
  const std::optional<Error>& error() const noexcept { return error_; }
  template <typename T>
  Result<T> unless_wrong(T value) const {
    if (error_) return tl::unexpected<Error>(*error_);
    return value;
  }

 private:
  const boost::json::object& object_;
  std::optional<Error> error_;
};

// Reads a whole body: `fill(members, value)` takes what it needs.
template <typename T, typename Fill>
Result<T> read_body(std::string_view body, Fill fill) {
  const auto object = parse_object(body);
  if (!object) return tl::unexpected<Error>(object.error());
  Members members(*object);
  T value;
  fill(members, value);
  return members.unless_wrong(std::move(value));
}

}  // namespace firegate::api
