// Result<T>: a value or an Error. Exceptions stop at the adapter that touches a throwing library;
// between our own parts a failure is a Result.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "core/labels.h"

namespace firegate {

// Why something of ours could not be done. Closed; each label is a row in gateway/README.md.
enum class ErrorCode : std::uint8_t {
  bad_input,      // what was given is wrong; giving it again will not help
  not_found,      // no such thing
  refused,        // right input, wrong moment: the state does not allow it
  overloaded,     // a bounded queue is full; try again later
  io_failed,      // disk, socket or library call failed
  corrupt,        // stored bytes do not check
  timed_out,      // no answer in time
  unsupported,    // known, but not available here
};
template <>
struct Labels<ErrorCode> {
  static constexpr std::array<std::string_view, 8> list{"bad_input", "not_found", "refused",   "overloaded",
                                                        "io_failed", "corrupt",   "timed_out", "unsupported"};
};

// `message` says what was being done, on what, what was found, what was expected: lower case, no full stop.
struct Error {
  ErrorCode code{};
  std::string message;
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace firegate
