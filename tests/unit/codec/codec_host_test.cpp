#include "codec/codec_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <vector>

namespace firegate::codec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::chrono::seconds kPatience{60};
constexpr const char* kLoop = "function decodeUplink() { while (true) {} }";
constexpr const char* kNativeLoop =
    "function decodeUplink() { return 'a'.repeat(2e6).indexOf('a'.repeat(1e6) + 'b'); }";
constexpr const char* kEcho = "function decodeUplink(input) { return {data: {first: input.bytes[0]}}; }";

class FaultBook final : public SelfFault {
 public:
  void raise(SelfFaultCode code, std::string_view part, std::string detail) noexcept override {
    const std::lock_guard lock(mutex_);
    raised_.push_back(std::string(label(code)) + " " + std::string(part));
    last_ = std::move(detail);
  }
  void clear(SelfFaultCode code, std::string_view part) noexcept override {
    const std::lock_guard lock(mutex_);
    std::erase(raised_, std::string(label(code)) + " " + std::string(part));
  }
  std::vector<std::string> raised() const {
    const std::lock_guard lock(mutex_);
    return raised_;
  }
  std::string last() const {
    const std::lock_guard lock(mutex_);
    return last_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> raised_;
  std::string last_;
};

// Answers as they come, from whatever thread.
class Answers {
 public:
  std::function<void(CodecAnswer)> next(std::string name = {}) {
    return [this, name = std::move(name)](CodecAnswer answer) {
      const std::lock_guard lock(mutex_);
      names_.push_back(name);
      answers_.push_back(std::move(answer));
      changed_.notify_all();
    };
  }
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return answers_.size() >= count; });
  }
  std::vector<std::string> names() {
    const std::lock_guard lock(mutex_);
    return names_;
  }
  std::vector<CodecAnswer> all() {
    const std::lock_guard lock(mutex_);
    return answers_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> names_;
  std::vector<CodecAnswer> answers_;
};

CodecRequest request(std::string script, std::string bytes = "\x01\x02", int f_port = 1) {
  CodecRequest made;
  made.script = std::move(script);
  made.bytes = std::move(bytes);
  made.f_port = f_port;
  return made;
}

class CodecHostTest : public testing::Test {
 protected:
  static HostSettings settings() {
    HostSettings settings;
    settings.worker = FIREGATE_CODEC_WORKER;
    settings.start_within = kPatience;
    return settings;
  }
  void start(HostSettings given = settings()) {
    host_ = std::make_unique<CodecHost>(std::move(given), faults_, metrics_);
  }
  CodecAnswer run(const std::string& text, std::string bytes = "\x01\x02", int f_port = 1) {
    if (!host_) start();
    const std::string name = "codecs/t.js";
    host_->put({name, text});
    return run_and_wait(*host_, request(name, std::move(bytes), f_port));
  }

  FaultBook faults_;
  metrics::Metrics metrics_;
  std::unique_ptr<CodecHost> host_;
};

// ---- what scripts say ----

TEST_F(CodecHostTest, GivesWhatDecodeUplinkReturned) {
  const auto answer =
      run("function decodeUplink(i) { return {data: {n: i.bytes.length, p: i.fPort}, warnings: ['low']}; }", "abc", 85);
  EXPECT_EQ(answer.outcome, CodecOutcome::data);
  EXPECT_EQ(answer.data, R"({"n":3,"p":85})");
  EXPECT_EQ(answer.warnings, R"(["low"])");
}

TEST_F(CodecHostTest, GivesTheErrorsOfAScript) {
  const auto answer = run("const decodeUplink = () => ({errors: ['unknown port']})");
  EXPECT_EQ(answer.outcome, CodecOutcome::errors);
  EXPECT_EQ(answer.errors, R"(["unknown port"])");
}

TEST_F(CodecHostTest, SaysWhereAScriptWentWrong) {
  auto answer = run("function decodeUplink(i) {\n  return i.nothing.at.all;\n}");
  EXPECT_EQ(answer.outcome, CodecOutcome::threw);
  EXPECT_THAT(answer.detail, testing::StartsWith("codecs/t.js:2:"));
  EXPECT_THAT(answer.detail, HasSubstr("TypeError: i.nothing is undefined"));
  answer = run("function decodeUplink(i) {\n  return {data: ;\n}");
  EXPECT_THAT(answer.detail, testing::StartsWith("codecs/t.js:2:"));
  EXPECT_THAT(answer.detail, HasSubstr("SyntaxError"));
  answer = run("var a = 1;");
  EXPECT_THAT(answer.detail, HasSubstr("expected decodeUplink(input)"));
}

TEST_F(CodecHostTest, TheClockOfAScriptIsWhenItsMessageCame) {
  start();
  host_->put({"codecs/t.js",
              "function decodeUplink(i) { return {data: [Date.now(), +new Date(), +i.recvTime, i.variables.a]}; }"});
  auto asked = request("codecs/t.js");
  asked.arrived_at = Instant{Millis{1'795'316'055'123}};
  asked.variables = R"({"a":"b"})";
  EXPECT_EQ(run_and_wait(*host_, asked).data, R"([1795316055123,1795316055123,1795316055123,"b"])");
}

TEST_F(CodecHostTest, TheSamePayloadGivesTheSameAnswer) {
  const std::string text = "function decodeUplink() { return {data: [Math.random(), Math.random()]}; }";
  const auto first = run(text);
  EXPECT_EQ(first.outcome, CodecOutcome::data);
  EXPECT_EQ(run_and_wait(*host_, request("codecs/t.js")).data, first.data);
  EXPECT_EQ(run(text).data, first.data);
}

// Prototypes, globals, the language itself: whatever a script changes, neither it nor another sees it again.
TEST_F(CodecHostTest, NothingThatAScriptDoesOutlivesItsCall) {
  auto one = settings();
  one.workers = 1;
  start(one);
  std::ifstream file(FIREGATE_SOURCE_DIR "/tests/unit/codec/scripts/tampers.js");
  host_->put({"codecs/a.js", {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()}});
  host_->put({"codecs/b.js",
              "function decodeUplink() { return {data: [typeof leftover, {}.hacked, [1].includes(1), "
              "JSON.parse('1'), typeof undefinable, Date.now() > 0]}; }"});
  const auto first = run_and_wait(*host_, request("codecs/a.js"));
  EXPECT_THAT(first.data, HasSubstr(R"("found":["undefined","undefined",true)"));
  EXPECT_EQ(run_and_wait(*host_, request("codecs/a.js")).data, first.data);
  EXPECT_EQ(run_and_wait(*host_, request("codecs/b.js")).data, R"(["undefined",null,true,1,"undefined",true])");
}

TEST_F(CodecHostTest, AScriptFindsNoWayOut) {
  EXPECT_EQ(
      run("function decodeUplink() { return {data: [typeof require, typeof process, typeof os, typeof read, typeof "
          "load, "
          "typeof fetch, typeof XMLHttpRequest, typeof Deno, typeof WebAssembly, typeof SharedArrayBuffer, typeof "
          "Worker]}; }")
          .data,
      R"(["undefined","undefined","undefined","undefined","undefined","undefined","undefined","undefined","undefined","undefined","undefined"])");
  EXPECT_EQ(run("const fs = require('fs'); function decodeUplink() { return {data: fs.readFileSync('/etc/passwd')}; }")
                .outcome,
            CodecOutcome::threw);
  EXPECT_EQ(run("async function decodeUplink() { return {data: await import('fs')}; }").outcome, CodecOutcome::threw);
  EXPECT_EQ(run("import fs from 'fs'; export function decodeUplink() { return {data: 1}; }").outcome,
            CodecOutcome::threw);
}

TEST_F(CodecHostTest, AnAnswerHasItsLimit) {
  const auto answer = run("function decodeUplink() { return {data: 'x'.repeat(300000)}; }");
  EXPECT_EQ(answer.outcome, CodecOutcome::threw);
  EXPECT_THAT(answer.detail, HasSubstr("returned too much"));
}

// ---- what hostile ones do ----

TEST_F(CodecHostTest, AnEndlessLoopIsStopped) {
  for (const char* text :
       {kLoop, "while (true) {}", "function decodeUplink() { for (;;) try { for (;;) {} } catch (e) {} }",
        "function decodeUplink() { return {data: {toJSON() { for (;;) {} }}}; }",
        "function decodeUplink() { return /^(a+)+$/.test('a'.repeat(30) + 'b'); }"}) {
    const auto answer = run(text);
    EXPECT_TRUE(answer.outcome == CodecOutcome::deadline || answer.outcome == CodecOutcome::killed) << answer.detail;
  }
}

TEST_F(CodecHostTest, AMemoryBombEndsInItsWorker) {
  for (const char* text : {"function decodeUplink() { const a = []; for (;;) a.push(new Array(1e6)); }",
                           "function decodeUplink() { const a = []; for (;;) a.push(new Array(1e6).fill(1)); }",
                           "function decodeUplink() { let s = 'x'; for (;;) s += s + Math.random(); }",
                           "function decodeUplink() { const a = []; for (;;) a.push(new Uint8Array(1e7).fill(7)); }",
                           "function decodeUplink() { return {data: 'a'.repeat(2 ** 29).normalize('NFKD')}; }"}) {
    const auto answer = run(text);
    EXPECT_NE(answer.outcome, CodecOutcome::data) << text;
    EXPECT_NE(answer.outcome, CodecOutcome::errors) << text;
  }
  EXPECT_EQ(run(kEcho).outcome, CodecOutcome::data);
}

// The engine cannot interrupt it: the parent's clock ends the worker.
TEST_F(CodecHostTest, ANativeLoopIsKilled) {
  run(kEcho);
  host_->put({"codecs/native.js", kNativeLoop});
  const auto begun = std::chrono::steady_clock::now();
  const auto answer = run_and_wait(*host_, request("codecs/native.js"));
  const auto took = std::chrono::steady_clock::now() - begun;
  EXPECT_EQ(answer.outcome, CodecOutcome::killed) << answer.detail;
  EXPECT_THAT(answer.detail, HasSubstr("did not answer within 250 ms"));
  EXPECT_GE(took, std::chrono::milliseconds{250});
  EXPECT_EQ(metrics_.codec_workers_killed.value(), 1u);
  EXPECT_EQ(run(kEcho).data, R"({"first":1})");
}

TEST_F(CodecHostTest, RecursionWithoutEndIsAnErrorOfTheScript) {
  EXPECT_EQ(run("function decodeUplink() { return decodeUplink(); }").outcome, CodecOutcome::threw);
  EXPECT_TRUE(faults_.raised().empty());
}

// ---- devices among themselves ----

TEST_F(CodecHostTest, TheOthersAreAnsweredWhileOneHangs) {
  start();
  host_->put({"codecs/hangs.js", kNativeLoop});
  host_->put({"codecs/good.js", kEcho});
  Answers answers;
  host_->run(request("codecs/good.js"), answers.next("warm"));
  ASSERT_TRUE(answers.wait_for(1));
  host_->run(request("codecs/hangs.js"), answers.next("hangs"));
  for (int i = 0; i < 20; ++i) host_->run(request("codecs/good.js"), answers.next("good"));
  ASSERT_TRUE(answers.wait_for(22));
  EXPECT_EQ(answers.names().back(), "hangs");
}

TEST_F(CodecHostTest, ADeviceKeepsItsOrder) {
  start();
  host_->put({"codecs/good.js", kEcho});
  host_->put({"codecs/other.js", kEcho});
  Answers answers;
  std::vector<std::string> expected;
  for (int i = 0; i < 200; ++i) {
    expected.push_back(std::to_string(i));
    host_->run(request("codecs/good.js", std::string(1, static_cast<char>(i))), answers.next(std::to_string(i)));
    if (i % 3 == 0) host_->run(request("codecs/other.js"), answers.next("other"));
  }
  ASSERT_TRUE(answers.wait_for(267));
  auto names = answers.names();
  std::erase(names, "other");
  EXPECT_EQ(names, expected);
}

TEST_F(CodecHostTest, AScriptThatBreaksItsLimitsAgainAndAgainIsQuarantined) {
  start();
  host_->put({"codecs/loop.js", kLoop});
  host_->put({"codecs/good.js", kEcho});
  Answers answers;
  for (int i = 0; i < 6; ++i) host_->run(request("codecs/loop.js"), answers.next());
  ASSERT_TRUE(answers.wait_for(6));
  const auto all = answers.all();
  EXPECT_EQ(std::ranges::count(all, CodecOutcome::quarantined, &CodecAnswer::outcome), 3);
  EXPECT_THAT(faults_.raised(), ElementsAre("codec_breached codecs/loop.js"));
  EXPECT_THAT(faults_.last(), HasSubstr("broke its limits 3 times within 10 minutes and is not run any more"));
  EXPECT_EQ(run_and_wait(*host_, request("codecs/loop.js")).outcome, CodecOutcome::quarantined);
  EXPECT_EQ(run_and_wait(*host_, request("codecs/good.js")).outcome, CodecOutcome::data);
}

TEST_F(CodecHostTest, AMendedScriptRunsAgain) {
  start();
  host_->use({{"codecs/a.js", kLoop}, {"codecs/gone.js", kEcho}});
  for (int i = 0; i < 3; ++i) run_and_wait(*host_, request("codecs/a.js"));
  ASSERT_EQ(run_and_wait(*host_, request("codecs/a.js")).outcome, CodecOutcome::quarantined);
  host_->use({{"codecs/a.js", kEcho}});
  EXPECT_EQ(run_and_wait(*host_, request("codecs/a.js")).data, R"({"first":1})");
  EXPECT_TRUE(faults_.raised().empty());
  EXPECT_EQ(run_and_wait(*host_, request("codecs/gone.js")).outcome, CodecOutcome::unavailable);
}

TEST_F(CodecHostTest, AQueueHasItsLimit) {
  auto small = settings();
  small.most_waiting = 3;
  start(small);
  host_->put({"codecs/hangs.js", kNativeLoop});
  Answers answers;
  for (int i = 0; i < 5; ++i) host_->run(request("codecs/hangs.js"), answers.next());
  ASSERT_TRUE(answers.wait_for(5));
  const auto all = answers.all();
  EXPECT_EQ(std::ranges::count(all, CodecOutcome::overloaded, &CodecAnswer::outcome), 2);
  EXPECT_EQ(all.front().outcome, CodecOutcome::overloaded);
}

TEST_F(CodecHostTest, WithoutTheProgramItSaysSoAndGoesOn) {
  auto wrong = settings();
  wrong.worker = "/nowhere/firegate-codec-worker";
  start(wrong);
  EXPECT_EQ(run(kEcho).outcome, CodecOutcome::unavailable);
  EXPECT_THAT(faults_.raised(), ElementsAre("codec_breached worker"));
  EXPECT_THAT(faults_.last(), HasSubstr("/nowhere/firegate-codec-worker: No such file"));
}

TEST_F(CodecHostTest, StopsWhileAScriptHangs) {
  start();
  host_->put({"codecs/hangs.js", kNativeLoop});
  Answers answers;
  host_->run(request("codecs/hangs.js"), answers.next());
  host_->stop();
  host_.reset();
  EXPECT_LE(answers.names().size(), 1u);
}

// More calls than fit into one worker's memory without collecting, and than its first generation of realms.
TEST_F(CodecHostTest, ThousandsOfCallsAreAnswered) {
  run("class A { #b = new Map([[1, new Array(100).fill('x')]]); get() { return this.#b.get(1).length; } }\n"
      "function decodeUplink() { return {data: new A().get()}; }");
  Answers answers;
  for (int i = 0; i < 2000; ++i) host_->run(request("codecs/t.js"), answers.next());
  ASSERT_TRUE(answers.wait_for(2000));
  for (const CodecAnswer& answer : answers.all()) ASSERT_EQ(answer.data, "100") << answer.detail;
}

}  // namespace
}  // namespace firegate::codec
