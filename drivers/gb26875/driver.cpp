// GB/T 26875.3-2011 over MQTT: the frames of user information transmission devices, binary or as hexadecimal text, one
// or more in a message. Topics, deviations and sources: notes.md.
#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <tuple>

#include "drivers/common/lenient.h"
#include "drivers/common/topic.h"
#include "drivers/gb26875/data_unit.h"
#include "drivers/gb26875/frame.h"
#include "drivers/gb26875/hex.h"
#include "drivers/gb26875/meaning.h"

namespace firegate {
namespace {

using gb26875::CommandByte;
using gb26875::DataUnit;
using gb26875::Frame;
using gb26875::FrameError;
using gb26875::FrameSplitter;
using gb26875::Object;
using gb26875::TimeTag;
using gb26875::Type;

constexpr std::string_view kRoot = "gb26875";
constexpr PayloadLimits kLimits{16 * 1024, 0, 0};  // our choice: seven of the longest frames as text
constexpr std::string_view kUp = "/up", kDown = "/down";
constexpr std::string_view kGone = "offline";  // the TCP link says so, or a broker as the unit's last will
// The TCP link says so of its duty checks (查岗): nobody answered within the minutes given, or somebody did.
constexpr std::string_view kDutyUnanswered = "duty_unanswered", kDutyAnswered = "duty_answered";
constexpr std::string_view kHandshake = "\x16", kHandshakeAnswer = "\x17";  // a maker's keep-alive (domain 1.10)
constexpr std::uint8_t kDutyMinutes = 10;  // practice (domain 1.10); the standard leaves it to the centre

// ---- what the link remembers ----

// How to reach a unit: as it speaks itself.
struct Way {
  bool as_text = false;      // hexadecimal
  std::uint64_t centre = 0;  // the address it calls us by
  std::string name;          // of its topics: <base>/<name>/up and .../down
};
std::string way_key(std::string_view unit) { return fmt::format("way:{}", unit); }
std::string serial_key(std::string_view unit) { return fmt::format("serial:{}", unit); }
std::string sent_key(std::string_view unit, CommandKind kind) { return fmt::format("sent:{}:{}", unit, label(kind)); }

std::string to_stored(const Way& way) {
  return fmt::format("{} {:012x} {}", way.as_text ? 't' : 'b', way.centre, way.name);
}

std::optional<Way> way_from_stored(std::string_view text) {
  constexpr std::size_t kNameAt = 15;
  Way way;
  if (text.size() <= kNameAt) return std::nullopt;
  way.as_text = text[0] == 't';
  const char* end = text.data() + kNameAt - 1;
  if (std::from_chars(text.data() + 2, end, way.centre, 16).ptr != end) return std::nullopt;
  way.name = text.substr(kNameAt);
  return way;
}

// A command that the unit has not answered yet: "<serial number> <command id>".
struct Sent {
  std::uint16_t serial = 0;
  std::string id;
};
std::optional<Sent> sent_under(const LinkState& link, const std::string& key) {
  const std::string* text = link.find(key);
  if (!text) return std::nullopt;
  Sent sent;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), sent.serial);
  if (failure != std::errc{} || end == text->data() + text->size()) return std::nullopt;
  sent.id = std::string(end + 1, text->data() + text->size());
  return sent;
}

std::string payload_of(const std::string& bytes, bool as_text) { return as_text ? gb26875::to_hex(bytes) : bytes; }

Rejection rejection_of(FrameError error, std::size_t bytes) {
  return {error == FrameError::too_long ? RejectReason::too_large : RejectReason::unparsable,
          fmt::format("reading a frame of GB/T 26875.3 in {} bytes: {}", bytes, label(error))};
}

// Whether the bytes are a frame by their first and last two, or hold a right one among others.
bool holds_frame(std::string_view bytes) {
  if (bytes.size() < gb26875::kShortestFrame || bytes.find("@@") == std::string_view::npos) return false;
  if (bytes.starts_with("@@") && bytes.ends_with("##")) return true;
  FrameSplitter splitter;
  splitter.add(bytes);
  while (const auto found = splitter.next()) {
    if (!found->error) return true;
  }
  return false;
}

// ---- one message ----

class Message {
 public:
  Message(std::string_view name, bool answered_here, const RawMessage& raw, const DecodeContext& context)
      : name_(name), answered_here_(answered_here), raw_(raw), context_(context) {}

  DecodeResult decode() {
    const auto read = gb26875::from_hex(raw_.payload);
    as_text_ = read.has_value();
    const std::string_view bytes = read ? std::string_view(*read) : raw_.payload;
    FrameSplitter splitter;
    splitter.add(bytes);
    do {
      while (const auto found = splitter.next()) {
        if (found->error) {
          refuse_frame(found->frame, rejection_of(*found->error, bytes.size()));
        } else {
          take(found->frame);
        }
      }
      splitter.give_up();  // nothing follows the end of a message
    } while (splitter.waiting());
    // Counted, so that a frame that was cut is not lost without a trace; of a refused one the rest is garbage as well.
    if (splitter.garbage() > 0 && !rejection_) ++result_.unknown_fields;
    return outcome(bytes);
  }

 private:
  DecodeResult outcome(std::string_view bytes) {
    if (!result_.messages.empty()) return std::move(result_);
    if (rejection_) return tl::unexpected(std::move(*rejection_));
    if (!ignored_) {
      return tl::unexpected(
          rejection_of(gb26875::inspect(bytes).error.value_or(FrameError::not_a_frame), bytes.size()));
    }
    result_.ignored = ignored_;
    return std::move(result_);
  }

  void take(const Frame& frame) {
    const std::string unit = gb26875::unit_address(frame.source);
    switch (static_cast<CommandByte>(frame.command)) {
      case CommandByte::send:
      case CommandByte::answer: return take_upload(frame, unit);
      case CommandByte::confirm:
      case CommandByte::refuse: return take_verdict(frame, unit);
      case CommandByte::control:
      case CommandByte::request: ignored_ = IgnoreReason::command_echo; return;
    }
    refuse_frame(frame, {RejectReason::not_supported,
                         fmt::format("reading the command of a frame: found {}, expected 1 to 6", frame.command)});
  }

  void take_upload(const Frame& frame, const std::string& unit) {
    const auto data = gb26875::read_unit(frame.unit);
    if (data && data->objects.empty() && !gb26875::layout_of(data->type).empty()) {
      return refuse_frame(
          frame, {RejectReason::wrong_type,
                  fmt::format("reading a unit of type {}: found {} bytes of {} objects, which do not fit", data->type,
                              data->body.size(), data->count)});
    }
    remember_way(frame, unit);
    gb26875::Meaning meaning = data ? gb26875::meaning_of(*data, unit) : gb26875::Meaning{};
    if (data && data->objects.empty()) ++meaning.unread;  // reserved, or a maker's own
    result_.unknown_fields += meaning.unread;
    add_sign_of_life(meaning, unit);
    for (DeviceMessage& message : meaning.messages) result_.messages.push_back(std::move(message));
    if (data) take_answers(frame, *data, unit);
    if (frame.is(CommandByte::send))
      answer(frame, CommandByte::confirm, frame.unit == kHandshake ? kHandshakeAnswer : "");
  }

  // Whatever the unit sends, it is there.
  static void add_sign_of_life(gb26875::Meaning& meaning, const std::string& unit) {
    for (const DeviceMessage& message : meaning.messages) {
      if (message.address == unit) return;
    }
    DeviceMessage life = message_of(unit, MessageKind::will);
    add(life.readings, Point::online, true);
    meaning.messages.push_back(std::move(life));
  }

  // An answer that is data: of a query, and of a duty check, which a person answers.
  void take_answers(const Frame& frame, const DataUnit& data, const std::string& unit) {
    if (frame.is(CommandByte::answer)) {
      const auto sent = sent_under(context_.link, sent_key(unit, CommandKind::query));
      if (sent && sent->serial == frame.serial) add_reply(unit, CommandKind::query, {sent->id, "done", {}}, true);
    }
    if (!data.is(Type::unit_operation)) return;
    for (const Object& object : data.objects) {
      if (!gb26875::has(object, gb26875::Operation::duty_answer)) continue;
      const auto sent = sent_under(context_.link, sent_key(unit, CommandKind::duty_check));
      if (sent) {
        add_reply(unit, CommandKind::duty_check,
                  {sent->id, "done", fmt::format("answered by operator {}", object.operator_number)}, true);
      }
      return;
    }
  }

  // The unit confirms or refuses what we sent, by its serial number. A confirmed duty check is not answered yet.
  void take_verdict(const Frame& frame, const std::string& unit) {
    const bool yes = frame.is(CommandByte::confirm);
    for (const CommandKind kind : {CommandKind::sync_clock, CommandKind::duty_check, CommandKind::query}) {
      const auto sent = sent_under(context_.link, sent_key(unit, kind));
      if (!sent || sent->serial != frame.serial) continue;
      const bool ends = !yes || kind == CommandKind::sync_clock;
      return add_reply(unit, kind,
                       {sent->id,
                        !yes   ? "failed"
                        : ends ? "done"
                               : "accepted",
                        yes ? "" : "refused by the unit"},
                       ends);
    }
    ignored_ = IgnoreReason::not_a_measurement;
  }

  void add_reply(const std::string& unit, CommandKind kind, Reply reply, bool ends) {
    DeviceMessage message = message_of(unit, MessageKind::reply);
    message.reply = std::move(reply);
    result_.messages.push_back(std::move(message));
    if (ends && !raw_.retained) result_.learned.push_back({sent_key(unit, kind), {}});
  }

  // Where nobody answers on a topic, the TCP link does: it names its topics as the unit.
  void remember_way(const Frame& frame, const std::string& unit) {
    if (raw_.retained || (!answered_here_ && name_ != unit)) return;
    std::string way = to_stored({as_text_, frame.destination, std::string(name_)});
    const std::string* known = context_.link.find(way_key(unit));
    if (!known || *known != way) result_.learned.push_back({way_key(unit), std::move(way)});
  }

  void refuse_frame(const Frame& frame, Rejection rejection) {
    if (!rejection_) rejection_ = std::move(rejection);
    ++result_.unknown_fields;
    answer(frame, CommandByte::refuse, "");
  }

  // Only where the topic says how to reach the unit. What the broker kept was answered when it came.
  void answer(const Frame& frame, CommandByte command, std::string_view unit) {
    if (!answered_here_ || raw_.retained) return;
    Frame answer = gb26875::answer_to(frame, command, raw_.arrived_at);
    answer.unit = unit;
    const auto bytes = gb26875::write_frame(answer);
    if (!bytes) return;  // never: it has the addresses of a frame that was read, and one byte at most
    result_.replies.push_back(
        {join_topic(context_.base, fmt::format("{}{}", name_, kDown)), payload_of(*bytes, as_text_), false});
  }

  std::string_view name_;  // of the unit's topics
  bool answered_here_;     // its answers are ours to give; false where the topic is somebody else's scheme
  const RawMessage& raw_;
  const DecodeContext& context_;
  bool as_text_ = false;
  Decoded result_;
  std::optional<Rejection> rejection_;  // of the first frame that is wrong
  std::optional<IgnoreReason> ignored_;
};

// The unit of a command: its type and its only object.
struct Asked {
  Type type{};
  Object object;
};
std::optional<Asked> asked_of(const Command& command, const gb26875::Address& address, Instant now) {
  Asked asked;
  if (address.system) std::tie(asked.object.system_type, asked.object.system_address) = *address.system;
  switch (command.kind) {
    case CommandKind::sync_clock:
      asked.type = Type::sync_clock;
      asked.object.time = gb26875::to_time_tag(now);
      break;
    case CommandKind::duty_check:
      asked.type = Type::duty_check;
      asked.object.minutes = kDutyMinutes;
      break;
    case CommandKind::query:
      asked.type = address.component ? Type::read_component_state
                   : address.system  ? Type::read_system_state
                                     : Type::read_unit_state;
      asked.object.component_address = address.component.value_or(0);
      return asked;
    default: return std::nullopt;
  }
  return address.system ? std::nullopt : std::optional(asked);  // only the unit has a clock and people
}

class Gb26875Driver final : public Driver {
 public:
  std::string_view format() const noexcept override { return "gb26875"; }
  std::string_view default_base() const noexcept override { return kRoot; }

  std::vector<std::string> filters(std::string_view base) const override {
    return {join_topic(base, "+"), join_topic(base, "+/up")};
  }

  // By content, in bytes or in text.
  std::optional<std::string> recognise(std::string_view topic, std::string_view payload) const override {
    const auto read = trimmed(payload).starts_with("40") ? gb26875::from_hex(payload) : std::nullopt;
    const std::string_view bytes = read ? std::string_view(*read) : payload;
    if (payload.size() > kLimits.bytes || !holds_frame(bytes)) return std::nullopt;
    const bool ours = topic.ends_with(kUp) || topic.ends_with(kDown);
    const std::string_view above = split_last(topic).first;
    return std::string(ours ? split_last(above).first : above);
  }

  PayloadLimits limits(std::string_view, std::string_view) const noexcept override { return kLimits; }

  DecodeResult decode(const RawMessage& message, const DecodeContext& context) const override {
    const auto rest = below_base(message.topic, context.base);
    if (!rest) return reject(RejectReason::unknown_topic, "expected <name>/up or <name> below the base");
    if (message.payload.empty()) return ignored(IgnoreReason::empty);
    if (rest->ends_with(kDown)) return ignored(IgnoreReason::command_echo);
    if (message.payload.size() > kLimits.bytes) {
      return reject(RejectReason::too_large,
                    fmt::format("found {} bytes, expected at most {}", message.payload.size(), kLimits.bytes));
    }
    const bool ours = rest->ends_with(kUp);
    const std::string_view name = ours ? rest->substr(0, rest->size() - kUp.size()) : *rest;
    if (ours && !is_address(name)) return bad_address("the topic");
    if (!ours && message.payload == kGone) return gone(name);
    if (!ours && (message.payload == kDutyUnanswered || message.payload == kDutyAnswered)) {
      return duty_checked(name, message.payload == kDutyAnswered);
    }
    return Message(name, ours, message, context).decode();
  }

  EncodeResult encode(const Command& command, std::string_view address, const EncodeContext& context) const override {
    const auto to = gb26875::address_from_text(address);
    if (!to) return refuse(RefuseReason::not_supported, "expected the address of a unit, a system or a component");
    const auto asked = asked_of(command, *to, context.now);
    if (!asked) return Driver::encode(command, address, context);
    const std::string unit = gb26875::unit_address(to->unit);
    const std::string* known = context.link.find(way_key(unit));
    const auto way = known ? way_from_stored(*known) : std::nullopt;
    if (!way) return refuse(RefuseReason::not_known_yet, "the unit has not spoken on a topic that can be answered");
    return write(command, *asked, unit, *way, *to, context);
  }

 private:
  static DecodeResult gone(std::string_view name) {
    const auto unit = gb26875::address_from_text(name);
    if (!unit || unit->system) return bad_address("the topic");
    DeviceMessage message = message_of(name, MessageKind::will);
    add(message.readings, Point::online, false);
    return decoded(std::move(message));
  }

  static DecodeResult duty_checked(std::string_view name, bool answered) {
    const auto unit = gb26875::address_from_text(name);
    if (!unit || unit->system) return bad_address("the topic");
    DeviceMessage message = message_of(name, MessageKind::delta);
    add(message.readings, Point::fault_code, std::string(answered ? "none" : "duty_check_unanswered"));
    return decoded(std::move(message));
  }

  static EncodeResult write(const Command& command, const Asked& asked, const std::string& unit, const Way& way,
                            const gb26875::Address& to, const EncodeContext& context) {
    const auto data = gb26875::write_unit(asked.type, std::span(&asked.object, 1));
    if (!data) return refuse(RefuseReason::not_supported, data.error().message);
    Frame frame;
    frame.serial = next_serial(context.link, unit);
    frame.sent_at = gb26875::to_time_tag(context.now);
    frame.source = way.centre;
    frame.destination = to.unit;
    frame.command =
        static_cast<std::uint8_t>(command.kind == CommandKind::query ? CommandByte::request : CommandByte::control);
    frame.unit = *data;
    const auto bytes = gb26875::write_frame(frame);
    if (!bytes) return refuse(RefuseReason::not_supported, bytes.error().message);
    return Encoded{{{join_topic(context.base, way.name + std::string(kDown)), payload_of(*bytes, way.as_text), false}},
                   {{serial_key(unit), std::to_string(frame.serial)},
                    {sent_key(unit, command.kind), fmt::format("{} {}", frame.serial, command.id)}}};
  }

  // From 0, one more for each new packet (GB/T 26875.3, table 1).
  static std::uint16_t next_serial(const LinkState& link, const std::string& unit) {
    const std::string* known = link.find(serial_key(unit));
    std::uint16_t last = 0;
    if (!known || std::from_chars(known->data(), known->data() + known->size(), last).ec != std::errc{}) return 0;
    return static_cast<std::uint16_t>(last + 1);
  }
};

}  // namespace

std::unique_ptr<Driver> make_gb26875_driver() { return std::make_unique<Gb26875Driver>(); }

}  // namespace firegate
