// A driver whose messages say what it decodes to. The topic's last level is the address; the payload is words:
// "smoke=1 temperature=21.5 boot=a seq=7 event network reply learn=key:value answer bad ignore codec=name".
// Of a codec the driver takes one answer for smoke: the data "1".
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "core/driver.h"

namespace firegate::support {

class ScriptedDriver final : public Driver {
 public:
  explicit ScriptedDriver(std::string format = "scripted", std::string base = "t")
      : format_(std::move(format)), base_(std::move(base)) {}

  std::string_view format() const noexcept override { return format_; }
  std::string_view default_base() const noexcept override { return base_; }
  std::vector<std::string> filters(std::string_view base) const override { return {fmt::format("{}/#", base)}; }
  std::optional<std::string> recognise(std::string_view, std::string_view) const override { return std::nullopt; }
  PayloadLimits limits(std::string_view, std::string_view topic) const noexcept override {
    return topic.ends_with("/list") ? kListLimits : PayloadLimits{};
  }

  DecodeResult decode(const RawMessage& raw, const DecodeContext& context) const override {
    Decoded decoded;
    DeviceMessage message;
    message.address = raw.topic.substr(raw.topic.rfind('/') + 1);
    std::string_view rest = raw.payload;
    while (!rest.empty()) {
      const std::string_view word = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
      if (word == "bad") return reject(RejectReason::unparsable, "scripted");
      if (word == "ignore") decoded.ignored = IgnoreReason::command_echo;
      take(word, message, decoded, context);
    }
    if (!decoded.ignored) decoded.messages.push_back(std::move(message));
    return decoded;
  }

 private:
  static void take(std::string_view word, DeviceMessage& message, Decoded& decoded, const DecodeContext& context) {
    const auto equals = word.find('=');
    const std::string_view key = word.substr(0, equals);
    const std::string value(equals == std::string_view::npos ? "" : word.substr(equals + 1));
    if (key == "smoke") message.readings.push_back({Point::smoke, kNoPort, Quality::good, value == "1"});
    if (key == "temperature")
      message.readings.push_back({Point::temperature_c, kNoPort, Quality::good, std::strtod(value.c_str(), nullptr)});
    if (key == "boot") message.boot = value;
    if (key == "seq") message.seq = std::strtoull(value.c_str(), nullptr, 10);
    if (key == "event") message.kind = MessageKind::event;
    if (key == "network") message.of_the_network = true;
    if (key == "reply") message.kind = MessageKind::reply;
    if (key == "answer") decoded.replies.push_back({"t/answer", value, false});
    if (key == "learn")
      decoded.learned.push_back({value.substr(0, value.find(':')), value.substr(value.find(':') + 1)});
    if (key == "codec") take_codec(value, message, decoded, context);
    if (key == "known")
      message.readings.push_back({Point::test, kNoPort, Quality::good, context.link.find(value) != nullptr});
  }

  static void take_codec(const std::string& script, DeviceMessage& message, Decoded& decoded,
                         const DecodeContext& context) {
    if (!context.codec) {
      decoded.codec.emplace();
      decoded.codec->address = message.address;
      decoded.codec->script = script;
    } else if (context.codec->outcome == CodecOutcome::data) {
      message.readings.push_back({Point::smoke, kNoPort, Quality::good, context.codec->data == "1"});
    }
  }

  std::string format_, base_;
};

}  // namespace firegate::support
