// JUY charging stations for e-bikes: binary frames over MQTT. Sources and quirks: notes.md.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <memory>

#include "drivers/common/lenient.h"
#include "drivers/common/topic.h"
#include "drivers/juy_charger/frame.h"

namespace firegate {
namespace {

using juy::Code;
using juy::DataReader;
using juy::Frame;

constexpr std::string_view kRoot = "JUY";
constexpr PayloadLimits kLimits{4096, 0, 0};        // our choice; the longest frame of the document has 95 bytes
constexpr char kHeartbeatSeconds = 60;              // 10 to 250 allowed; domain 5.2: 60 s idle
constexpr std::uint32_t kFirstNewProtocol = 0x64;   // V1.0: the signal of a login is the protocol's version from here
constexpr std::uint32_t kHighestTemperature = 199;  // °C: above it the byte may as well be a negative number
constexpr std::size_t kPortReport = 17, kTariffPortReport = 31;  // bytes a port in 88 and 8F

// ---- topics and what the link remembers ----

struct JuyTopic {
  bool from_device = false;
  std::string_view imei;
  std::string_view code;  // as the device spells it
};

// `rest` is what follows the base: "D2S/<imei>/<code>/DEV", "S2D/<imei>/<code>/SERVER".
std::optional<JuyTopic> parse_topic(std::string_view rest) {
  const auto [direction, below] = split_first(rest);
  const auto [imei, tail] = split_first(below);
  const auto [code, end] = split_first(tail);
  const bool up = direction == "D2S" && end == "DEV";
  if (code.empty() || (!up && !(direction == "S2D" && end == "SERVER"))) return std::nullopt;
  return JuyTopic{up, imei, code};
}

std::string order_key(std::string_view imei, Port port) { return fmt::format("order:{}:{}", imei, port); }
std::string cut_key(std::string_view imei, Port port) { return fmt::format("cut:{}:{}", imei, port); }
std::string protocol_key(std::string_view imei) { return fmt::format("protocol:{}", imei); }

std::optional<std::uint32_t> number_under(const LinkState& link, const std::string& key) {
  const std::string* text = link.find(key);
  std::uint32_t number = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), number).ec != std::errc{})
    return std::nullopt;
  return number;
}

// ---- values ----

std::string_view stop_reason_word(std::uint32_t code) {
  constexpr std::array<std::string_view, 10> kWords{"full",     "time",    "prepaid",          "user",  "energy",
                                                    "overload", "no_load", "over_temperature", "smoke", "unknown"};
  return code < kWords.size() ? kWords[code] : std::string_view{};
}

Value temperature_value(std::uint32_t byte) {
  return byte > kHighestTemperature ? Value{Unknown{}} : Value{static_cast<double>(byte)};
}

// 0 to 31 as a mobile module counts (3GPP TS 27.007, +CSQ): -113 dBm and two more a step.
void add_signal(std::vector<Reading>& readings, std::uint32_t steps) {
  if (steps <= 31) add(readings, Point::signal_dbm, -113.0 + 2.0 * steps);
}

void add_port_state(std::vector<Reading>& readings, Port port, std::string_view word) {
  add(readings, Point::port_state, choice_value(Point::port_state, word), port);
}

// One status a port: of two faults the device names one, so that a fault says nothing of the other.
void add_port_status(std::vector<Reading>& readings, Port port, std::uint32_t status) {
  constexpr std::array<std::string_view, 5> kWords{"idle", "charging", "fault", "fault", "disabled"};
  add_port_state(readings, port, status < kWords.size() ? kWords[status] : std::string_view{});
  if (status <= 2) add(readings, Point::fuse_blown, status == 2, port);
  if (status <= 1 || status == 3) add(readings, Point::relay_stuck, status == 3, port);
}

tl::unexpected<Rejection> wrong_length(std::string_view what, std::size_t found) {
  return reject(RejectReason::wrong_type,
                fmt::format("reading {}: found {} bytes of data, which do not fit", what, found));
}

// ---- one message of a device ----

class Message {
 public:
  Message(const JuyTopic& topic, const Frame& frame, const RawMessage& raw, const DecodeContext& context)
      : topic_(topic), frame_(frame), raw_(raw), context_(context), data_(frame.data) {}

  DecodeResult decode() {
    switch (static_cast<Code>(frame_.code)) {
      case Code::login: return login();
      case Code::heartbeat: return heartbeat();
      case Code::start: return start_answer();
      case Code::stop: return stop_answer();
      case Code::end: return end();
      case Code::local_start: return local_start();
      case Code::ports: return ports();
      case Code::tariff_ports: return tariff_ports();
      case Code::identity: return identity();
    }
    return ignored(IgnoreReason::not_a_measurement);  // parameters, tariffs, cards, updates
  }

 private:
  DecodeResult login() {
    const std::string_view imei = data_.text(15);
    data_.skip(1 + 16 + 16 + 20);
    const auto signal = data_.number(1);
    data_.skip(1);
    if (!data_.ok()) return wrong_length("a login", frame_.data.size());
    if (topic_.imei.size() == imei.size() && imei != topic_.imei) {
      return reject(RejectReason::bad_address, "reading a login: found another device than in the topic");
    }
    DeviceMessage message = message_of(topic_.imei, MessageKind::will);
    add(message.readings, Point::online, true);
    add_signal(message.readings, signal);
    Decoded result = decoded(std::move(message));
    learn(result, protocol_key(topic_.imei), std::to_string(signal));
    constexpr std::array<char, 9> kAccepted{0, 0, 0, 0, 0, 0, 0, kHeartbeatSeconds,
                                            0};  // time (reserved), interval, ok
    answer(result, Code::login, {kAccepted.data(), kAccepted.size()});
    return result;
  }

  DecodeResult heartbeat() {
    DeviceMessage message = message_of(topic_.imei, MessageKind::snapshot);
    add_signal(message.readings, data_.number(1));
    const auto temperature = data_.number(1);
    const auto count = data_.number(1);
    if (!data_.ok() || data_.left() != count) return wrong_length("a heartbeat", frame_.data.size());
    add(message.readings, Point::board_temperature_c, temperature_value(temperature));
    for (std::uint32_t port = 1; port <= count; ++port) {
      add_port_status(message.readings, static_cast<Port>(port), data_.number(1));
    }
    Decoded result = decoded(std::move(message));
    answer(result, Code::heartbeat, std::string_view("\0", 1));
    return result;
  }

  DecodeResult start_answer() {
    const Port port = static_cast<Port>(data_.number(1));
    const auto order = data_.number(4);
    data_.skip(1);
    const auto outcome = data_.number(1);  // 0 started, 1 was charging already (under another order), 2 port faulty
    if (!data_.ok()) return wrong_length("the answer to a start", frame_.data.size());
    DeviceMessage message = message_of(topic_.imei, MessageKind::delta);
    add_port_state(message.readings, port, outcome <= 1 ? "charging" : outcome == 2 ? "fault" : "");
    if (outcome == 2) add(message.readings, Point::fault, true, port);
    Decoded result = decoded(std::move(message));
    if (outcome == 0) learn(result, order_key(topic_.imei, port), std::to_string(order));
    return result;
  }

  DecodeResult stop_answer() {
    const Port port = static_cast<Port>(data_.number(1));
    data_.skip(4);
    const auto outcome = data_.number(1);
    if (!data_.ok()) return wrong_length("the answer to a stop", frame_.data.size());
    const std::string* id = context_.link.find(cut_key(topic_.imei, port));
    if (!id) return ignored(IgnoreReason::not_a_measurement);  // somebody else's command
    DeviceMessage message = message_of(topic_.imei, MessageKind::reply);
    switch (outcome) {
      case 0: message.reply = Reply{*id, "done", {}}; break;
      case 1: message.reply = Reply{*id, "done", "the port was idle already"}; break;
      case 2: message.reply = Reply{*id, "failed", "the order number is not that of the port"}; break;
      default: message.reply = Reply{*id, "failed", fmt::format("result {}", outcome)};
    }
    Decoded result = decoded(std::move(message));
    learn(result, cut_key(topic_.imei, port), {});
    if (outcome == 2) learn(result, order_key(topic_.imei, port), {});
    return result;
  }

  // The power in it is that before the stop: as a reading it would look like a relay that has not opened.
  DecodeResult end() {
    const Port port = static_cast<Port>(data_.number(1));
    const auto order = data_.number(4), seconds = data_.number(4), energy = data_.number(4);
    data_.skip(4);
    const auto reason = data_.number(1);
    data_.skip(2);
    if (!data_.ok()) return wrong_length("the end of a charge", frame_.data.size());
    Decoded result;
    if (stop_reason_word(reason) == "smoke") {
      DeviceMessage smoke = message_of(topic_.imei, MessageKind::event);
      add(smoke.readings, Point::smoke, true, port);
      result.messages.push_back(std::move(smoke));
    }
    DeviceMessage message = message_of(topic_.imei, MessageKind::delta);
    add_port_state(message.readings, port, "idle");
    add(message.readings, Point::stop_reason, choice_value(Point::stop_reason, stop_reason_word(reason)), port);
    add(message.readings, Point::charge_s, static_cast<double>(seconds), port);
    add(message.readings, Point::energy_kwh, energy_value(energy), port);
    result.messages.push_back(std::move(message));
    const auto known = number_under(context_.link, order_key(topic_.imei, port));
    if (known == order) learn(result, order_key(topic_.imei, port), {});
    answer(result, Code::end, juy::port_and_order(port, order));
    return result;
  }

  DecodeResult local_start() {
    const Port port = static_cast<Port>(data_.number(1));
    const auto order = data_.number(4);
    data_.skip(1 + 4 + 4 + 4);
    if (!data_.ok()) return wrong_length("a local start", frame_.data.size());
    DeviceMessage message = message_of(topic_.imei, MessageKind::delta);
    add_port_state(message.readings, port, "charging");
    Decoded result = decoded(std::move(message));
    learn(result, order_key(topic_.imei, port), std::to_string(order));
    answer(result, Code::local_start, juy::port_and_order(port, order));
    return result;
  }

  DecodeResult ports() {
    DeviceMessage message = message_of(topic_.imei, MessageKind::delta);
    const auto count = read_station(message);
    if (!data_.ok() || data_.left() != count * kPortReport)
      return wrong_length("a report of ports", frame_.data.size());
    for (std::uint32_t i = 0; i < count; ++i) {
      const Port port = static_cast<Port>(data_.number(1));
      data_.skip(1 + 2);
      const auto power = data_.number(2), seconds = data_.number(4);
      data_.skip(2);
      const Value energy = energy_value(data_.number(4));
      add_charging(message, port, power, seconds, energy);
    }
    return decoded(std::move(message));
  }

  // As `ports`, where the tariff changes with the hour: energy in five parts of 0.001 kWh.
  DecodeResult tariff_ports() {
    DeviceMessage message = message_of(topic_.imei, MessageKind::delta);
    const auto count = read_station(message);
    data_.skip(2);
    if (!data_.ok() || data_.left() != count * kTariffPortReport) {
      return wrong_length("a report of ports by tariff", frame_.data.size());
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      const Port port = static_cast<Port>(data_.number(1));
      data_.skip(1);
      const auto power = data_.number(2), seconds = data_.number(4);
      data_.skip(2);
      double energy = 0;
      for (int part = 0; part < 5; ++part) {
        energy += data_.number(2) * 0.001;
        data_.skip(2);
      }
      add_charging(message, port, power, seconds, Value{energy});
    }
    return decoded(std::move(message));
  }

  DecodeResult identity() {
    DeviceMessage message = message_of(topic_.imei, MessageKind::delta);
    add_signal(message.readings, data_.number(1));
    if (!data_.ok()) return wrong_length("an identity", frame_.data.size());
    return decoded(std::move(message), IgnoreReason::not_a_measurement);
  }

  std::uint32_t read_station(DeviceMessage& message) {
    const auto count = data_.number(1);
    const auto tenths = data_.number(2);
    const auto temperature = data_.number(1);
    add(message.readings, Point::voltage_v, tenths / 10.0);
    add(message.readings, Point::board_temperature_c, temperature_value(temperature));
    return count;
  }

  void add_charging(DeviceMessage& message, Port port, std::uint32_t power, std::uint32_t seconds, Value energy) {
    add_port_state(message.readings, port, "charging");
    add(message.readings, Point::power_w, static_cast<double>(power), port);
    add(message.readings, Point::charge_s, static_cast<double>(seconds), port);
    add(message.readings, Point::energy_kwh, std::move(energy), port);
    add(message.readings, Point::port_temperature_c, temperature_value(data_.number(1)), port);
  }

  // 0.01 kWh; version 1.1 of the document says 0.001 in its history and 0.01 in its tables, so newer devices are
  // unknown.
  Value energy_value(std::uint32_t hundredths) const {
    const auto protocol = number_under(context_.link, protocol_key(topic_.imei));
    if (protocol && *protocol >= kFirstNewProtocol) return Unknown{};
    return hundredths / 100.0;
  }

  void learn(Decoded& result, std::string key, std::string bytes) const {
    const std::string* known = context_.link.find(key);
    if (known ? *known != bytes : !bytes.empty()) result.learned.push_back({std::move(key), std::move(bytes)});
  }

  // To the topic of the device, with the command spelt as it spelt it. What the broker kept was answered when it came.
  void answer(Decoded& result, Code code, std::string_view data) const {
    if (raw_.retained) return;
    result.replies.push_back({join_topic(context_.base, fmt::format("S2D/{}/{}/SERVER", topic_.imei, topic_.code)),
                              juy::write_frame(code, data), false});
  }

  const JuyTopic& topic_;
  const Frame& frame_;
  const RawMessage& raw_;
  const DecodeContext& context_;
  DataReader data_;
};

// A start that the operator's platform sends to the device: it carries the order number that a stop needs.
Decoded read_platform_command(const JuyTopic& topic, const Frame& frame) {
  Decoded result = ignored(IgnoreReason::command_echo);
  DataReader data(frame.data);
  const Port port = static_cast<Port>(data.number(1));
  const auto order = data.number(4);
  if (static_cast<Code>(frame.code) == Code::start && data.ok()) {
    result.learned.push_back({order_key(topic.imei, port), std::to_string(order)});
  }
  return result;
}

class JuyChargerDriver final : public Driver {
 public:
  std::string_view format() const noexcept override { return "juy_charger"; }
  std::string_view default_base() const noexcept override { return kRoot; }

  std::vector<std::string> filters(std::string_view base) const override {
    return {join_topic(base, "D2S/+/+/DEV"), join_topic(base, "S2D/+/83/SERVER")};
  }

  std::optional<std::string> recognise(std::string_view topic, std::string_view) const override {
    for (const std::string_view direction : {"D2S/", "S2D/"}) {
      const std::string mark = fmt::format("{}/{}", kRoot, direction);
      const auto at = topic.find(mark);
      if (at == std::string_view::npos || (at > 0 && topic[at - 1] != '/')) continue;
      if (parse_topic(topic.substr(at + kRoot.size() + 1))) return std::string(topic.substr(0, at + kRoot.size()));
    }
    return std::nullopt;
  }

  PayloadLimits limits(std::string_view, std::string_view) const noexcept override { return kLimits; }

  DecodeResult decode(const RawMessage& message, const DecodeContext& context) const override {
    const auto rest = below_base(message.topic, context.base);
    const auto topic = rest ? parse_topic(*rest) : std::nullopt;
    if (!topic) return reject(RejectReason::unknown_topic, "expected D2S/<imei>/<command>/DEV");
    if (!is_address(topic->imei)) return bad_address("the topic");
    if (message.payload.empty()) return ignored(IgnoreReason::empty);
    auto frame = juy::read_frame(message.payload);
    if (!frame) return tl::unexpected(frame.error());
    const bool repeats_imei = static_cast<Code>(frame->code) != Code::login && frame->data.starts_with(topic->imei);
    if (repeats_imei) frame->data.remove_prefix(topic->imei.size());  // the TCP form, carried over MQTT
    if (!topic->from_device) return read_platform_command(*topic, *frame);
    return Message(*topic, *frame, message, context).decode();
  }

  // A port is cut by the number of the order that runs on it; the device tells it at the start.
  EncodeResult encode(const Command& command, std::string_view address, const EncodeContext& context) const override {
    const bool cut = command.kind == CommandKind::cut_off || command.kind == CommandKind::stop;
    if (command.kind == CommandKind::query) return Encoded{{to(context, address, Code::ports, {"\0", 1})}, {}};
    if (!cut) return Driver::encode(command, address, context);
    if (command.port < 1 || command.port > 255) {
      return refuse(RefuseReason::bad_port,
                    fmt::format("{}: found port {}, expected 1 to 255", label(command.kind), command.port));
    }
    const auto order = number_under(context.link, order_key(address, command.port));
    if (!order) {
      return refuse(
          RefuseReason::not_known_yet,
          fmt::format("{}: the number of the order on port {} is not known; the station says it when a charge starts",
                      label(command.kind), command.port));
    }
    return Encoded{{to(context, address, Code::stop, juy::port_and_order(command.port, *order))},
                   {{cut_key(address, command.port), command.id}}};
  }

 private:
  static Outgoing to(const EncodeContext& context, std::string_view address, Code code, std::string_view data) {
    return {join_topic(context.base, fmt::format("S2D/{}/{:02X}/SERVER", address, static_cast<unsigned>(code))),
            juy::write_frame(code, data), false};
  }
};

}  // namespace

std::unique_ptr<Driver> make_juy_charger_driver() { return std::make_unique<JuyChargerDriver>(); }

}  // namespace firegate
