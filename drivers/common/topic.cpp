#include "drivers/common/topic.h"

#include <fmt/format.h>

#include <simdjson.h>

namespace firegate {
namespace {
constexpr std::size_t kLongestAddress = 256;  // bytes (our choice)
}

std::optional<std::string_view> below_base(std::string_view topic, std::string_view base) noexcept {
  if (base.empty()) return topic;
  if (topic.size() <= base.size() + 1 || !topic.starts_with(base) || topic[base.size()] != '/') return std::nullopt;
  return topic.substr(base.size() + 1);
}

std::pair<std::string_view, std::string_view> split_last(std::string_view topic) noexcept {
  const auto slash = topic.rfind('/');
  if (slash == std::string_view::npos) return {{}, topic};
  return {topic.substr(0, slash), topic.substr(slash + 1)};
}

std::pair<std::string_view, std::string_view> split_first(std::string_view topic) noexcept {
  const auto slash = topic.find('/');
  if (slash == std::string_view::npos) return {topic, {}};
  return {topic.substr(0, slash), topic.substr(slash + 1)};
}

std::string join_topic(std::string_view base, std::string_view rest) {
  return base.empty() ? std::string(rest) : fmt::format("{}/{}", base, rest);
}

bool is_address(std::string_view text) noexcept {
  if (text.empty() || text.size() > kLongestAddress) return false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || c == '+' || c == '#') return false;
  }
  return simdjson::validate_utf8(text.data(), text.size());
}

tl::unexpected<Rejection> bad_address(std::string_view where) {
  return reject(RejectReason::bad_address,
                fmt::format("taking the device's address from {}: found none that can be used", where));
}

DeviceMessage message_of(std::string_view address, MessageKind kind) {
  DeviceMessage message;
  message.address = address;
  message.kind = kind;
  return message;
}

Decoded decoded(DeviceMessage message, IgnoreReason otherwise) {
  Decoded result;
  if (message.readings.empty() && !message.reply) {
    result.ignored = otherwise;
  } else {
    result.messages.push_back(std::move(message));
  }
  return result;
}

Decoded ignored(IgnoreReason reason) {
  Decoded result;
  result.ignored = reason;
  return result;
}

}  // namespace firegate
