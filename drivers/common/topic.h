// Parts of MQTT topics, without copies.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "core/driver.h"

namespace firegate {

// What follows `base/` in the topic; none when the topic is not below the base. An empty base: the whole topic.
std::optional<std::string_view> below_base(std::string_view topic, std::string_view base) noexcept;
// "a/b/c" → {"a/b", "c"}; {"", "a"} without a slash.
std::pair<std::string_view, std::string_view> split_last(std::string_view topic) noexcept;
// "a/b/c" → {"a", "b/c"}; {"a", ""} without a slash.
std::pair<std::string_view, std::string_view> split_first(std::string_view topic) noexcept;
std::string join_topic(std::string_view base, std::string_view rest);  // without a slash where the base is empty

// An address that may be used as a key: 1 to 256 bytes, UTF-8, no control character, no topic wildcard.
bool is_address(std::string_view text) noexcept;
tl::unexpected<Rejection> bad_address(std::string_view where);

DeviceMessage message_of(std::string_view address, MessageKind kind);
// A message of one device, if it says anything; else ignored for `otherwise`.
Decoded decoded(DeviceMessage message, IgnoreReason otherwise = IgnoreReason::no_known_point);
Decoded ignored(IgnoreReason reason);

}  // namespace firegate
