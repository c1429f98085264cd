#include "codec/frame.h"

#include <gtest/gtest.h>

namespace firegate::codec {
namespace {

std::string body_of(const std::string& frame) {
  EXPECT_EQ(body_size(std::string_view(frame).substr(0, kHeaderBytes)), frame.size() - kHeaderBytes);
  return frame.substr(kHeaderBytes);
}

TEST(CodecFrame, BringsAScriptOver) {
  const auto request = read_request(body_of(to_frame(Load{7, "codecs/a.js", "function decodeUplink() {}"})));
  ASSERT_TRUE(request && std::holds_alternative<Load>(*request));
  const Load& load = std::get<Load>(*request);
  EXPECT_EQ(load.script, 7u);
  EXPECT_EQ(load.name, "codecs/a.js");
  EXPECT_EQ(load.text, "function decodeUplink() {}");
}

TEST(CodecFrame, BringsACallOver) {
  const std::string bytes("\x00\xff\x10", 3);
  const auto request = read_request(body_of(to_frame(Call{0xFFFFFFFE, 255, -5, bytes, "{\"a\":1}"})));
  ASSERT_TRUE(request && std::holds_alternative<Call>(*request));
  const Call& call = std::get<Call>(*request);
  EXPECT_EQ(call.script, 0xFFFFFFFEu);
  EXPECT_EQ(call.f_port, 255);
  EXPECT_EQ(call.arrived_ms, -5);
  EXPECT_EQ(call.bytes, bytes);
  EXPECT_EQ(call.variables, "{\"a\":1}");
  const auto timeless = read_request(body_of(to_frame(Call{1, 0, std::nullopt, "", ""})));
  ASSERT_TRUE(timeless);
  EXPECT_FALSE(std::get<Call>(*timeless).arrived_ms);
}

TEST(CodecFrame, BringsAnAnswerOver) {
  CodecAnswer answer;
  answer.outcome = CodecOutcome::memory;
  answer.data = "{}";
  answer.errors = "[]";
  answer.warnings = "[\"w\"]";
  answer.detail = "why";
  const auto read = read_answer(body_of(to_frame(answer)));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->outcome, CodecOutcome::memory);
  EXPECT_EQ(read->data + read->errors + read->warnings + read->detail, "{}[][\"w\"]why");
}

TEST(CodecFrame, IsReadWhollyOrNotAtAll) {
  for (const std::string& whole : {body_of(to_frame(Load{1, "n", "t"})), body_of(to_frame(Call{1, 2, 3, "b", "{}"}))}) {
    EXPECT_TRUE(read_request(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(read_request(whole.substr(0, size))) << size;
    EXPECT_FALSE(read_request(whole + "x"));
    EXPECT_FALSE(read_answer(whole));
  }
}

TEST(CodecFrame, TakesNoLengthThatIsZeroOrTooLarge) {
  EXPECT_FALSE(body_size(std::string_view("\0\0\0\0", 4)));
  EXPECT_FALSE(body_size("\xff\xff\xff\xff"));
  EXPECT_FALSE(body_size("abc"));
  EXPECT_EQ(body_size(std::string_view("\0\0\x10\0", 4)), kMaxBody);
  EXPECT_FALSE(body_size(std::string_view("\1\0\x10\0", 4)));
}

// A worker cannot say that it was quarantined, nor a script be larger than its limit.
TEST(CodecFrame, TakesNothingThatTheOtherEndMayNotSay) {
  CodecAnswer answer;
  answer.outcome = CodecOutcome::killed;
  EXPECT_FALSE(read_answer(body_of(to_frame(answer))));
  EXPECT_FALSE(read_request(body_of(to_frame(Load{1, "n", std::string(kMaxScriptBytes + 1, ' ')}))));
  EXPECT_TRUE(is_hello(body_of(hello_frame())));
  EXPECT_FALSE(is_hello(body_of(to_frame(answer))));
}

}  // namespace
}  // namespace firegate::codec
