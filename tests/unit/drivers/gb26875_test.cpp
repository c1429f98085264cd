// GB/T 26875.3: frames and streams of them, data units in both directions, answers and commands over MQTT, and the
// samples of
// ../shared/data. What each frame becomes in readings stands in drivers/gb26875/vectors.jsonl.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>

#include "drivers/gb26875/data_unit.h"
#include "drivers/gb26875/frame.h"
#include "drivers/gb26875/hex.h"
#include "unit/drivers/support.h"

namespace firegate::test {
namespace {

using gb26875::CommandByte;
using gb26875::Frame;
using gb26875::FrameError;
using gb26875::FrameSplitter;
using gb26875::Object;
using gb26875::Part;
using gb26875::TimeTag;
using gb26875::Type;
using testing::ElementsAre;

constexpr TimeTag kTag{{32, 3, 10, 1, 11, 26}};  // 2026-11-01 10:03:32 in Beijing
const Instant kTagTime = *instant_from_text("2026-11-01T02:03:32Z");

Frame frame_of(std::string_view unit, CommandByte command = CommandByte::send, std::uint16_t serial = 1) {
  Frame frame;
  frame.serial = serial;
  frame.sent_at = kTag;
  frame.source = 0x379;
  frame.destination = 0x15b38;
  frame.command = static_cast<std::uint8_t>(command);
  frame.unit = unit;
  return frame;
}

std::string bytes_of(const Frame& frame) { return gb26875::write_frame(frame).value(); }

std::string state_of_unit(std::uint8_t status) {
  Object object;
  object.status = status;
  object.time = kTag;
  return gb26875::write_unit(Type::unit_state, std::span(&object, 1)).value();
}

// ---- frames ----

TEST(Gb26875Frame, IsLaidOutAsInTheStandard) {
  const auto bytes = bytes_of(frame_of("", CommandByte::confirm));
  EXPECT_EQ(gb26875::to_hex(bytes), "40400100010120030a010b1a790300000000385b01000000000003692323");
}

TEST(Gb26875Frame, IsReadAsItWasWritten) {
  const std::string unit = state_of_unit(9);
  const std::string bytes = bytes_of(frame_of(unit, CommandByte::answer, 0xFEDC));
  const auto found = gb26875::inspect(bytes);  // a view of them
  ASSERT_FALSE(found.error);
  EXPECT_EQ(found.frame.serial, 0xFEDC);
  EXPECT_EQ(found.frame.sent_at, kTag);
  EXPECT_EQ(found.frame.source, 0x379u);
  EXPECT_EQ(found.frame.destination, 0x15b38u);
  EXPECT_TRUE(found.frame.is(CommandByte::answer));
  EXPECT_EQ(found.frame.unit, unit);
}

TEST(Gb26875Frame, IsNotWrittenAgainstTheStandard) {
  EXPECT_TRUE(gb26875::write_frame(frame_of(std::string(1024, 'x'))));
  EXPECT_FALSE(gb26875::write_frame(frame_of(std::string(1025, 'x'))));
  Frame far = frame_of("");
  far.destination = gb26875::kHighestAddress + 1;
  EXPECT_FALSE(gb26875::write_frame(far));
  Frame timeless = frame_of("");
  timeless.sent_at = {};
  EXPECT_TRUE(gb26875::write_frame(timeless));
  timeless.sent_at = {{60, 0, 0, 1, 1, 26}};
  EXPECT_FALSE(gb26875::write_frame(timeless));
}

TEST(Gb26875Frame, AnyFlippedByteIsSeen) {
  const std::string right = bytes_of(frame_of(state_of_unit(1)));
  for (std::size_t at = 0; at < right.size(); ++at) {
    std::string wrong = right;
    wrong[at] = static_cast<char>(wrong[at] ^ 0x04);
    EXPECT_TRUE(gb26875::inspect(wrong).error) << "byte " << at;
  }
}

TEST(Gb26875Frame, AnswerEchoesTheSerialNumberAndExchangesTheAddresses) {
  Frame asked = frame_of("");
  asked.user_version = 32;
  asked.serial = 77;
  const Frame answer = gb26875::answer_to(asked, CommandByte::refuse, kTagTime);
  EXPECT_EQ(answer.serial, 77);
  EXPECT_EQ(answer.user_version, 32);
  EXPECT_EQ(answer.source, asked.destination);
  EXPECT_EQ(answer.destination, asked.source);
  EXPECT_EQ(answer.sent_at, kTag);
  EXPECT_TRUE(answer.is(CommandByte::refuse));
  EXPECT_TRUE(answer.unit.empty());
}

TEST(Gb26875Time, IsBeijingTime) {
  EXPECT_EQ(gb26875::to_instant(kTag), kTagTime);
  EXPECT_EQ(gb26875::to_time_tag(kTagTime), kTag);
  EXPECT_EQ(gb26875::to_time_tag(*instant_from_text("2027-12-31T16:00:00Z")), (TimeTag{{0, 0, 0, 1, 1, 28}}));
}

TEST(Gb26875Time, ThatIsNoneIsNone) {
  EXPECT_FALSE(gb26875::to_instant({}));
  EXPECT_FALSE(gb26875::to_instant({{60, 0, 0, 1, 1, 26}}));
  EXPECT_FALSE(gb26875::to_instant({{0, 60, 0, 1, 1, 26}}));
  EXPECT_FALSE(gb26875::to_instant({{0, 0, 24, 1, 1, 26}}));
  EXPECT_FALSE(gb26875::to_instant({{0, 0, 0, 29, 2, 26}}));
  EXPECT_FALSE(gb26875::to_instant({{0, 0, 0, 1, 1, 100}}));
  EXPECT_EQ(gb26875::to_time_tag(Instant{}), TimeTag{});
}

// ---- streams ----

// Serial numbers of the frames found, negative for a bad one; after each piece until nothing more comes.
class Stream {
 public:
  void add(std::string_view bytes) {
    splitter_.add(bytes);
    drain();
  }
  void give_up() {
    splitter_.give_up();
    drain();
  }
  const std::vector<int>& serials() const { return serials_; }
  FrameSplitter& splitter() { return splitter_; }

 private:
  void drain() {
    while (const auto found = splitter_.next())
      serials_.push_back(found->error ? -found->frame.serial : found->frame.serial);
  }
  FrameSplitter splitter_;
  std::vector<int> serials_;
};

std::string numbered(std::uint16_t serial) { return bytes_of(frame_of(state_of_unit(1), CommandByte::send, serial)); }

TEST(Gb26875Stream, FramesComeOutWhereverTheyAreCut) {
  const std::string bytes = numbered(1) + numbered(2) + numbered(3);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    Stream stream;
    stream.add(std::string_view(bytes).substr(0, cut));
    stream.add(std::string_view(bytes).substr(cut));
    ASSERT_THAT(stream.serials(), ElementsAre(1, 2, 3)) << "cut at " << cut;
    ASSERT_FALSE(stream.splitter().waiting());
  }
}

TEST(Gb26875Stream, FramesComeOutByteByByte) {
  Stream stream;
  for (const char byte : numbered(1) + "noise" + numbered(2)) stream.add({&byte, 1});
  EXPECT_THAT(stream.serials(), ElementsAre(1, 2));
  EXPECT_EQ(stream.splitter().garbage(), 5u);
}

TEST(Gb26875Stream, StartAndEndMarksInsideAFrameAreData) {
  Object object;
  object.text = "@@##@@##";
  const auto unit = gb26875::write_unit(Type::unit_configuration, std::span(&object, 1)).value();
  Stream stream;
  stream.add(bytes_of(frame_of(unit, CommandByte::send, 5)) + numbered(6));
  EXPECT_THAT(stream.serials(), ElementsAre(5, 6));
}

TEST(Gb26875Stream, GarbageBetweenFramesIsDropped) {
  using namespace std::string_literals;
  Stream stream;
  stream.add("\xFF\0@"s + numbered(1) + "##@ @"s + numbered(2) + "@"s);
  stream.add(std::string_view(numbered(3)).substr(1));
  EXPECT_THAT(stream.serials(), ElementsAre(1, 2, 3));
}

TEST(Gb26875Stream, ABadFrameIsSaidOnceAndTheNextOneFound) {
  std::string bad_sum = numbered(1), bad_end = numbered(2);
  bad_sum[30] = static_cast<char>(bad_sum[30] ^ 1);
  bad_end.back() = '!';
  Stream stream;
  stream.add(bad_sum + bad_end + numbered(3));
  EXPECT_THAT(stream.serials(), ElementsAre(-1, -2, 3));
}

TEST(Gb26875Stream, AFrameCutShortCostsOnlyItself) {
  Stream stream;
  stream.add(numbered(1).substr(0, 29) + numbered(2) + numbered(3));
  EXPECT_THAT(stream.serials(), ElementsAre(2, 3));
}

TEST(Gb26875Stream, WhatWillNotBeCompletedIsGivenUp) {
  std::string claims_much = numbered(1);
  claims_much[25] = '\x03';  // 777 bytes more than there are
  Stream stream;
  stream.add(claims_much + numbered(2));
  EXPECT_TRUE(stream.serials().empty());
  ASSERT_TRUE(stream.splitter().waiting());
  stream.give_up();
  EXPECT_THAT(stream.serials(), ElementsAre(2));
}

TEST(Gb26875Stream, KeepsLessThanOneFrame) {
  Stream stream;
  for (int i = 0; i < 100; ++i) stream.add(std::string(10'000, '@'));
  EXPECT_TRUE(stream.serials().empty());
  EXPECT_GE(stream.splitter().garbage(), 1'000'000u - gb26875::kLongestFrame);
}

// ---- data units ----

Object full_object() {
  Object object;
  object.system_type = 1;
  object.system_address = 2;
  object.component_type = 42;
  object.component_address = 0x04030201;
  object.status = 0x0F;
  object.analogue_type = 3;
  object.analogue_value = -7;
  object.operation = 0x24;
  object.operator_number = 9;
  object.major = 3;
  object.minor = 4;
  object.text = "room";
  object.record_count = 5;
  object.minutes = 10;
  object.time = kTag;
  return object;
}

void expect_part(Part part, const Object& read, const Object& written) {
  switch (part) {
    case Part::component_address: EXPECT_EQ(read.component_address, written.component_address); return;
    case Part::analogue_value: EXPECT_EQ(read.analogue_value, written.analogue_value); return;
    case Part::status:
    case Part::unit_status: EXPECT_EQ(read.status, written.status); return;
    case Part::operation: EXPECT_EQ(read.operation, written.operation); return;
    case Part::operator_number: EXPECT_EQ(read.operator_number, written.operator_number); return;
    case Part::description: EXPECT_EQ(read.text, std::string(written.text) + std::string(27, '\0')); return;
    case Part::text: EXPECT_EQ(read.text, written.text); return;
    case Part::minutes: EXPECT_EQ(read.minutes, written.minutes); return;
    case Part::time:
    case Part::time_tag: EXPECT_EQ(read.time, written.time); return;
    default: return;  // one byte each; a wrong place shows in the bytes written again
  }
}

TEST(Gb26875Unit, EveryTypeIsReadAsItWasWritten) {
  int types = 0;
  for (int type = 0; type < 256; ++type) {
    SCOPED_TRACE(type);
    const auto parts = gb26875::layout_of(static_cast<std::uint8_t>(type));
    const Object object = full_object();
    const auto bytes = gb26875::write_unit(static_cast<Type>(type), std::span(&object, 1));
    ASSERT_EQ(bytes.has_value(), !parts.empty());
    if (!bytes) continue;
    ++types;
    const auto unit = gb26875::read_unit(*bytes);
    ASSERT_TRUE(unit && unit->conformant);
    ASSERT_EQ(unit->objects.size(), 1u);
    EXPECT_EQ(gb26875::write_unit(static_cast<Type>(type), unit->objects).value(), *bytes);
    for (const Part part : parts) {
      expect_part(part, unit->objects[0], object);
    }
  }
  EXPECT_EQ(types, 29);  // table 3 without the reserved ones
}

TEST(Gb26875Unit, HoldsAsManyObjectsAsTheStandardAllows) {
  const std::vector<Object> many(128, full_object());
  for (const auto& [type, most] : std::vector<std::pair<Type, std::size_t>>{{Type::system_state, 102},
                                                                            {Type::component_state, 22},
                                                                            {Type::component_value, 63},
                                                                            {Type::unit_operation, 127},
                                                                            {Type::unit_state, 1}}) {
    const auto full = gb26875::write_unit(type, std::span(many).first(most));
    ASSERT_TRUE(full);
    EXPECT_EQ(gb26875::read_unit(*full)->objects.size(), most);
    EXPECT_FALSE(gb26875::write_unit(type, std::span(many).first(most + 1)));
  }
  EXPECT_FALSE(gb26875::write_unit(Type::system_state, {}));
}

TEST(Gb26875Unit, TextsThatAreTooLongAreNotWritten) {
  Object object = full_object();
  const std::string long_text(256, 'x');
  object.text = std::string_view(long_text).substr(0, 32);
  EXPECT_FALSE(gb26875::write_unit(Type::component_state, std::span(&object, 1)));
  EXPECT_TRUE(gb26875::write_unit(Type::unit_configuration, std::span(&object, 1)));
  object.text = long_text;
  EXPECT_FALSE(gb26875::write_unit(Type::unit_configuration, std::span(&object, 1)));
}

TEST(Gb26875Unit, AMissingTimeIsReadAndNotConformant) {
  const auto unit = gb26875::read_unit(state_of_unit(1).substr(0, 3));
  ASSERT_TRUE(unit);
  EXPECT_FALSE(unit->conformant);
  ASSERT_EQ(unit->objects.size(), 1u);
  EXPECT_EQ(unit->objects[0].time, TimeTag{});
}

TEST(Gb26875Unit, BytesThatDoNotFitGiveNoObject) {
  const std::string right = state_of_unit(1);
  for (const auto& wrong :
       {right + "x", right.substr(0, 5), right.substr(0, 2), std::string("\x15\x02") + right.substr(2)}) {
    EXPECT_TRUE(gb26875::read_unit(wrong)->objects.empty()) << gb26875::to_hex(wrong);
  }
  EXPECT_FALSE(gb26875::read_unit("x"));
}

// ---- answers over MQTT ----

constexpr std::string_view kTopic = "gb26875/u1/up";

DecodeResult decode(std::string_view payload, bool retained = false, std::string_view topic = kTopic) {
  static const LinkState nothing;
  RawMessage message;
  message.topic = topic;
  message.payload = payload;
  message.arrived_at = kTagTime;
  message.retained = retained;
  return driver_of("gb26875")->decode(message, DecodeContext{"gb26875", nothing, models()});
}

TEST(Gb26875, ConfirmsWhatAUnitSends) {
  const auto result = decode(bytes_of(frame_of(state_of_unit(1), CommandByte::send, 9)));
  ASSERT_TRUE(result) << text_of(result);
  ASSERT_EQ(result->replies.size(), 1u);
  EXPECT_EQ(result->replies[0].topic, "gb26875/u1/down");
  EXPECT_FALSE(result->replies[0].retain);
  const auto answer = gb26875::inspect(result->replies[0].payload);
  ASSERT_FALSE(answer.error);
  EXPECT_TRUE(answer.frame.is(CommandByte::confirm));
  EXPECT_EQ(answer.frame.serial, 9);
  EXPECT_EQ(answer.frame.destination, 0x379u);
  EXPECT_EQ(answer.frame.sent_at, kTag);
  EXPECT_TRUE(answer.frame.unit.empty());
}

TEST(Gb26875, AnswersInTheFormInWhichItIsSpokenTo) {
  const auto result = decode(gb26875::to_hex(bytes_of(frame_of(state_of_unit(1)))));
  ASSERT_TRUE(result) << text_of(result);
  ASSERT_EQ(result->replies.size(), 1u);
  const auto bytes = gb26875::from_hex(result->replies[0].payload);
  ASSERT_TRUE(bytes);
  EXPECT_FALSE(gb26875::inspect(*bytes).error);
}

TEST(Gb26875, AnswersTheHandshakeOfAMaker) {
  const auto result = decode(bytes_of(frame_of("\x16")));
  ASSERT_TRUE(result);
  ASSERT_EQ(result->replies.size(), 1u);
  EXPECT_EQ(gb26875::inspect(result->replies[0].payload).frame.unit, "\x17");
}

TEST(Gb26875, RefusesABadFrameBesideAGoodOne) {
  std::string bad = bytes_of(frame_of(state_of_unit(1), CommandByte::send, 7));
  bad[30] = static_cast<char>(bad[30] ^ 1);
  const auto result = decode(bad + bytes_of(frame_of(state_of_unit(1), CommandByte::send, 8)));
  ASSERT_TRUE(result);
  ASSERT_EQ(result->replies.size(), 2u);
  EXPECT_TRUE(gb26875::inspect(result->replies[0].payload).frame.is(CommandByte::refuse));
  EXPECT_EQ(gb26875::inspect(result->replies[0].payload).frame.serial, 7);
  EXPECT_TRUE(gb26875::inspect(result->replies[1].payload).frame.is(CommandByte::confirm));
  EXPECT_EQ(result->unknown_fields, 1u);
}

TEST(Gb26875, AnswersNothingThatAsksForNoAnswer) {
  const std::string frame = bytes_of(frame_of(state_of_unit(1)));
  EXPECT_TRUE(decode(frame, true)->replies.empty()) << "retained";
  EXPECT_TRUE(decode(frame, false, "gb26875/report")->replies.empty()) << "nobody said where the unit listens";
  EXPECT_TRUE(decode(bytes_of(frame_of(state_of_unit(1), CommandByte::answer)))->replies.empty());
  EXPECT_TRUE(decode(bytes_of(frame_of("", CommandByte::confirm)))->replies.empty());
  EXPECT_TRUE(decode(bytes_of(frame_of("", CommandByte::refuse)))->replies.empty());
}

TEST(Gb26875, GivesTheTimeOfTheEventAndNoneForZeros) {
  const auto result = decode(bytes_of(frame_of(state_of_unit(1))));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->messages.at(0).measured_at, kTagTime);
  const auto timeless = decode(bytes_of(frame_of(state_of_unit(1).substr(0, 3))));
  ASSERT_TRUE(timeless);
  EXPECT_FALSE(timeless->messages.at(0).measured_at);
}

TEST(Gb26875, CountsWhatIsAMakersOwn) {
  const auto result = decode(bytes_of(frame_of(std::string("\x96\x01") + std::string(16, 'x'))));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->unknown_fields, 1u);
}

TEST(Gb26875, CountsAFrameThatWasCut) {
  const std::string frame = bytes_of(frame_of(state_of_unit(1)));
  EXPECT_EQ(decode(frame)->unknown_fields, 0u);
  const auto result = decode(frame + frame.substr(0, 20));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->messages.size(), 1u);
  EXPECT_EQ(result->unknown_fields, 1u);
}

// What goes up says at least that the unit is there, what goes down is somebody's command.
TEST(Gb26875, EveryTypeOfTheStandardIsAccountedForInItsDirection) {
  constexpr int kFirstDown = 61;
  int types = 0;
  for (int type = 0; type < 256; ++type) {
    SCOPED_TRACE(type);
    Object object = full_object();
    const auto unit = gb26875::write_unit(static_cast<Type>(type), std::span(&object, 1));
    if (!unit) continue;
    ++types;
    const bool up = type < kFirstDown;
    const auto command = up ? CommandByte::send : type < 89 ? CommandByte::request : CommandByte::control;
    const auto result = decode(bytes_of(frame_of(*unit, command)));
    ASSERT_TRUE(result) << text_of(result);
    EXPECT_EQ(result->messages.empty(), !up);
    EXPECT_EQ(result->ignored, up ? std::nullopt : std::optional(IgnoreReason::command_echo));
    EXPECT_EQ(result->replies.size(), up ? 1u : 0u);
    EXPECT_EQ(result->unknown_fields, 0u);
  }
  EXPECT_EQ(types, 29);
}

TEST(Gb26875, IsRecognisedByItsFrames) {
  const Driver& driver = *driver_of("gb26875");
  const std::string frame = bytes_of(frame_of(state_of_unit(1)));
  EXPECT_EQ(driver.recognise("a/b/u1/up", frame), "a/b");
  EXPECT_EQ(driver.recognise("vendor/report", gb26875::to_hex(frame)), "vendor");
  EXPECT_EQ(driver.recognise("report", frame), "");
  EXPECT_FALSE(driver.recognise("vendor/report", frame.substr(0, 20)));
  EXPECT_FALSE(driver.recognise("vendor/report", "40"));
  EXPECT_FALSE(driver.recognise("vendor/report", R"({"smoke":true})"));
}

// ---- commands ----

class Gb26875Commands : public testing::Test {
 protected:
  DecodeResult hear(const Frame& frame, std::string_view topic = kTopic) {
    const std::string payload = bytes_of(frame);
    RawMessage message;
    message.topic = topic;
    message.payload = payload;
    auto result = driver_.decode(message, DecodeContext{"gb26875", link_, models()});
    if (result) {
      for (const auto& learned : result->learned) link_.learn(learned);
    }
    return result;
  }
  EncodeResult encode(CommandKind kind, std::string_view address = "000000000379", std::string id = "c1") {
    return driver_.encode({.id = std::move(id), .kind = kind}, address, {"gb26875", link_, kTagTime});
  }
  // The frame that was sent; its bytes live in `sent_`.
  Frame send(CommandKind kind, std::string_view address = "000000000379") {
    const auto encoded = encode(kind, address);
    EXPECT_TRUE(encoded) << encoded.error().detail;
    if (!encoded) return {};
    for (const auto& learned : encoded->learned) link_.learn(learned);
    EXPECT_EQ(encoded->messages.at(0).topic, "gb26875/u1/down");
    sent_ = encoded->messages.at(0).payload;
    const auto found = gb26875::inspect(sent_);
    EXPECT_FALSE(found.error);
    return found.frame;
  }
  static std::string reply_in(const DecodeResult& result) {
    if (!result) return "rejected";
    for (const auto& message : result->messages) {
      if (message.reply) return fmt::format("{} {}", message.reply->command_id, message.reply->result);
    }
    return {};
  }
  Frame from_unit(CommandByte command, std::uint16_t serial, std::string_view unit = {}) {
    return frame_of(unit, command, serial);
  }

  const Driver& driver_ = *driver_of("gb26875");
  LinkState link_;
  std::string sent_;
};

TEST_F(Gb26875Commands, WaitUntilTheUnitHasSpoken) {
  const auto refused = encode(CommandKind::sync_clock);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, RefuseReason::not_known_yet);
}

TEST_F(Gb26875Commands, GoToTheTcpLinkWhereTheUnitCameOverIt) {
  const auto heard = hear(frame_of(state_of_unit(1)), "gb26875/000000000379");
  ASSERT_TRUE(heard);
  EXPECT_TRUE(heard->replies.empty()) << "the link has answered";
  const auto encoded = encode(CommandKind::duty_check);
  ASSERT_TRUE(encoded) << encoded.error().detail;
  EXPECT_EQ(encoded->messages.at(0).topic, "gb26875/000000000379/down");
}

TEST_F(Gb26875Commands, SetTheClock) {
  hear(frame_of(state_of_unit(1)));
  const Frame sent = send(CommandKind::sync_clock);
  EXPECT_TRUE(sent.is(CommandByte::control));
  EXPECT_EQ(sent.source, 0x15b38u) << "as the unit calls us";
  EXPECT_EQ(sent.destination, 0x379u);
  const auto unit = gb26875::read_unit(sent.unit);
  ASSERT_TRUE(unit && unit->is(Type::sync_clock));
  EXPECT_EQ(unit->objects.at(0).time, kTag);
  EXPECT_EQ(reply_in(hear(from_unit(CommandByte::confirm, sent.serial))), "c1 done");
  EXPECT_EQ(reply_in(hear(from_unit(CommandByte::confirm, sent.serial))), "") << "once";
}

TEST_F(Gb26875Commands, ADutyCheckIsDoneWhenAPersonAnswers) {
  hear(frame_of(state_of_unit(1)));
  const Frame sent = send(CommandKind::duty_check);
  EXPECT_EQ(gb26875::read_unit(sent.unit)->objects.at(0).minutes, 10);
  EXPECT_EQ(reply_in(hear(from_unit(CommandByte::confirm, sent.serial))), "c1 accepted");
  Object pressed;
  pressed.operation = 0x20;
  pressed.operator_number = 3;
  pressed.time = kTag;
  const auto unit = gb26875::write_unit(Type::unit_operation, std::span(&pressed, 1)).value();
  EXPECT_EQ(reply_in(hear(from_unit(CommandByte::send, 40, unit))), "c1 done");
}

TEST_F(Gb26875Commands, ARefusalFails) {
  hear(frame_of(state_of_unit(1)));
  const Frame sent = send(CommandKind::duty_check);
  EXPECT_EQ(reply_in(hear(from_unit(CommandByte::refuse, static_cast<std::uint16_t>(sent.serial + 1)))), "")
      << "of another packet";
  EXPECT_EQ(reply_in(hear(from_unit(CommandByte::refuse, sent.serial))), "c1 failed");
}

TEST_F(Gb26875Commands, AQueryIsDoneWithItsAnswer) {
  hear(frame_of(state_of_unit(1)));
  const Frame sent = send(CommandKind::query);
  EXPECT_TRUE(sent.is(CommandByte::request));
  EXPECT_TRUE(gb26875::read_unit(sent.unit)->is(Type::read_unit_state));
  EXPECT_EQ(reply_in(hear(from_unit(CommandByte::answer, sent.serial, state_of_unit(1)))), "c1 done");
}

TEST_F(Gb26875Commands, SystemsAndComponentsAreAskedThroughTheirUnit) {
  hear(frame_of(state_of_unit(1)));
  const Frame system = send(CommandKind::query, "000000000379/11.2");
  EXPECT_EQ(gb26875::to_hex(system.unit), "3d010b02");
  const Frame component = send(CommandKind::query, "000000000379/1.2/67305985");
  EXPECT_EQ(gb26875::to_hex(component.unit), "3e01010201020304");
  EXPECT_FALSE(encode(CommandKind::sync_clock, "000000000379/11.2"));
}

TEST_F(Gb26875Commands, EachPacketHasTheNextSerialNumber) {
  hear(frame_of(state_of_unit(1)));
  EXPECT_EQ(send(CommandKind::query).serial, 0);
  EXPECT_EQ(send(CommandKind::sync_clock).serial, 1);
  link_.learn({"serial:000000000379", "65535"});
  EXPECT_EQ(send(CommandKind::query).serial, 0);
}

TEST_F(Gb26875Commands, OnlyThoseOfTheStandardAreSent) {
  hear(frame_of(state_of_unit(1)));
  for (const CommandKind kind : {CommandKind::cut_off, CommandKind::silence_device, CommandKind::set_limits}) {
    const auto refused = encode(kind);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, RefuseReason::not_supported);
  }
  for (const char* address : {"", "379", "000000000379/", "000000000379/1", "000000000379/1.1/x", "zzzzzzzzzzzz"}) {
    EXPECT_FALSE(encode(CommandKind::query, address)) << address;
  }
}

// ---- the samples ----

// What a status of the standard says, beside the driver's own tables: point and bit.
struct Stated {
  const char* point;
  unsigned bit;
};
constexpr std::array kOfComponents{Stated{"fault", 2},     Stated{"disabled", 3}, Stated{"supervisory", 4},
                                   Stated{"started", 5},   Stated{"feedback", 6}, Stated{"delayed", 7},
                                   Stated{"mains_fail", 8}};

const Reading* find_reading(const Decoded& decoded, std::string_view point) {
  for (const auto& message : decoded.messages) {
    for (const auto& reading : message.readings) {
      if (name(reading.point) == point) return &reading;
    }
  }
  return nullptr;
}

bool says_fire_now(const Decoded& decoded) {
  for (const auto& message : decoded.messages) {
    for (const auto& reading : message.readings) {
      if (says_fire(reading.point) && as_bool(reading.value) && *as_bool(reading.value)) return true;
    }
  }
  return false;
}

void expect_status(const Decoded& decoded, std::int64_t type, std::uint64_t status) {
  EXPECT_EQ(says_fire_now(decoded), (status & 2) != 0);
  if (type == 21) {
    const Reading* mains = find_reading(decoded, "mains_fail");
    ASSERT_TRUE(mains);
    EXPECT_EQ(mains->value, Value((status & 8) != 0));
    return;
  }
  for (const auto& stated : kOfComponents) {
    const Reading* reading = find_reading(decoded, stated.point);
    ASSERT_TRUE(reading) << stated.point;
    EXPECT_EQ(reading->value, Value((status >> stated.bit & 1) != 0)) << stated.point;
  }
}

class Gb26875Samples : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(file())) GTEST_SKIP() << "no ../shared/data: third-party material is not part of a checkout";
  }
  static fs::path file() { return tree() / "../shared/data/gb26875/frames.jsonl"; }
};

// A sample that is a bare data unit is put into a frame of ours.
std::string frame_of_sample(const Json& meaning, const std::string& bytes) {
  if (text_of(meaning, "kind") != "adu") return bytes;
  const bool asks = static_cast<std::uint8_t>(bytes[0]) > 60;
  return bytes_of(frame_of(bytes, asks ? CommandByte::request : CommandByte::send));
}

TEST_F(Gb26875Samples, AreAllAccountedForAsTheirSourceSays) {
  simdjson::dom::parser parser;
  std::map<std::string, int> outcomes;
  int number = 0;
  for (const auto& text : lines_of(file())) {
    SCOPED_TRACE(fmt::format("line {}", ++number));
    const Json line = parser.parse(text);
    const Json meaning = line["meaning"].value();
    const Json said = meaning["decoded_per_standard"].value();
    const auto result = decode(frame_of_sample(meaning, gb26875::from_hex(text_of(line, "hex")).value()));
    const bool rejected = text_of(meaning, "expect") == "reject_or_wait";
    ++outcomes[!result ? "rejected" : result->ignored ? "ignored" : "readings"];
    if (rejected) {
      EXPECT_FALSE(result);
      continue;
    }
    Json objects;
    const bool frame = text_of(meaning, "kind") == "frame";
    if ((frame ? said["app"]["objects"] : said["objects"]).get(objects) || !result || result->ignored) continue;
    std::uint64_t status = 0;
    if (objects.at(0)["status"].get_uint64().get(status) || objects.get_array().value().size() != 1) continue;
    const std::int64_t type = (frame ? said["app"]["type"] : said["type"]).get_int64().value();
    expect_status(*result, type, status);
    ++outcomes["status compared"];
  }
  for (const auto& [outcome, count] : outcomes) std::cout << fmt::format("{}: {}\n", outcome, count);
  EXPECT_EQ(number, outcomes["readings"] + outcomes["ignored"] + outcomes["rejected"]);
  EXPECT_GE(outcomes["readings"], 25);
  EXPECT_GE(outcomes["status compared"], 10);
}

}  // namespace
}  // namespace firegate::test
