// MQTT topics and filters: MQTT 5.0, section 4.7. Byte exact: no trimming, no case folding, no normalisation (T08).
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace firegate::decode {

// A topic as a broker may deliver it: 1 to 65,535 bytes of UTF-8, no wildcard, no U+0000.
bool is_topic(std::string_view topic) noexcept;
// Why a filter cannot be used; none for a good one. `$share/...` is refused (architecture, section 7), and so is every
// filter that begins with '$': those topics are the broker's own.
std::optional<std::string> filter_problem(std::string_view filter);

bool matches(std::string_view filter, std::string_view topic) noexcept;
// Whether some topic matches both.
bool overlap(std::string_view one, std::string_view other) noexcept;
// Of two filters that overlap, whether `one` says more about the topic: at the first level where they differ, a word
// says more than '+', and '+' more than '#'.
bool more_specific(std::string_view one, std::string_view other) noexcept;

// The first level, without its slash.
std::string_view first_level(std::string_view topic) noexcept;

}  // namespace firegate::decode
