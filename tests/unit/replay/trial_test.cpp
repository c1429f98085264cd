// Two sets of rules on the same messages: the trial itself, a backtest as a job, and the shadow.
#include "replay/trial.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "drivers/all_drivers.h"
#include "replay/backtest_job.h"
#include "replay/shadow.h"
#include "replay/stored_history.h"
#include "settings/yaml.h"
#include "support/fakes_api.h"

namespace firegate::replay {
namespace {

using namespace std::chrono_literals;
using fakes::kMorning;

rules::RuleSetPtr hot_above(int limit) {
  const std::string text =
      "rules:\n  - {id: hot, kinds: [charging_station], class: pre_alarm, text: {zh: 热, en: hot}, source: our choice, "
      "when: {point: port_temperature_c, at_least: " +
      std::to_string(limit) + "}}\n";
  Problems problems;
  auto parsed = rules::parse({settings::parse_yaml(text, "rules.yaml", problems)}, problems);
  for (const Problem& problem : problems.list()) ADD_FAILURE() << to_text(problem);
  return parsed;
}

DeviceMapPtr one_cabinet() {
  Device made;
  made.no = 1;
  made.id = made.address = "cab-1";
  made.source = made.format = "native";
  made.kind = DeviceKind::charging_station;
  made.interval = 2min;
  made.place = fakes::make_place("jx");
  return std::make_shared<const DeviceMap>(std::vector<DevicePtr>{std::make_shared<const Device>(std::move(made))});
}

class NoStrangers final : public UnmappedDevices {
 public:
  DevicePtr heard(std::string_view, std::string_view, const DeviceMessage&, const RawMessage&) override {
    return nullptr;
  }
};

// The temperature of a port, as the inbox has it.
struct Recorded {
  Instant at{};
  std::string topic = "fg/v1/jx/cab-1/up", payload;
  InboxSeq seq = 0;

  RawMessage raw() const { return {topic, payload, at, false, false, seq}; }
};

class Trials : public testing::Test {
 protected:
  Trials() {
    std::vector<const Driver*> drivers;
    for (const auto& driver : drivers_) drivers.push_back(driver.get());
    Problems problems;
    decode_ = decode::Settings::parse(nullptr, nullptr, drivers, problems);
    say(0s, 20);
    say(60s, 62);
    say(120s, 68);
    say(180s, 20);
  }
  void say(Millis after, int degrees) {
    messages_.push_back({kMorning + after, "fg/v1/jx/cab-1/up",
                         R"({"ports":{"3":{"port_temperature_c":)" + std::to_string(degrees) + "}}}",
                         messages_.size() + 1});
  }
  World world() const {
    return {decode_, models_, [](metrics::Metrics&) { return std::make_unique<NoStrangers>(); }, map_, {}};
  }

  std::vector<std::unique_ptr<Driver>> drivers_ = all_drivers();
  decode::Settings decode_;
  Models models_;
  DeviceMapPtr map_ = one_cabinet();
  std::vector<Recorded> messages_;
  fakes::StillClock clock_;
};

TEST_F(Trials, EachSideJudgesByItsOwnRules) {
  Trial trial(world(), hot_above(65), hot_above(60), kMorning);
  for (const Recorded& message : messages_) trial.take(message.raw());
  ASSERT_EQ(trial.today().all().size(), 1u);
  ASSERT_EQ(trial.candidate().all().size(), 1u);
  EXPECT_EQ(trial.today().all()[0].raised_at, kMorning + 120s);
  EXPECT_EQ(trial.candidate().all()[0].raised_at, kMorning + 60s);
  EXPECT_EQ(trial.candidate().all()[0].cleared_at, kMorning + 180s);
}

TEST_F(Trials, TodayTakesUpOtherRulesOnItsWay) {
  Trial trial(world(), hot_above(90), hot_above(90), kMorning);
  for (std::size_t i = 0; i < 3; ++i) trial.take(messages_[i].raw());
  EXPECT_TRUE(trial.today().all().empty());
  trial.use_today(hot_above(65), kMorning + 150s);
  EXPECT_EQ(trial.today().all().size(), 1u) << "judged anew on what is known";
  EXPECT_TRUE(trial.candidate().all().empty());
}

TEST_F(Trials, ADeviceThatIsAdoptedIsJudgedFromThenOn) {
  World empty = world();
  empty.devices = std::make_shared<const DeviceMap>(std::vector<DevicePtr>{});
  Trial trial(empty, hot_above(65), hot_above(60), kMorning);
  trial.take(messages_[1].raw());
  trial.use(map_, kMorning + 90s);
  trial.take(messages_[2].raw());
  EXPECT_EQ(trial.today().all().size(), 1u);
}

// --- the job ---

class Backtests : public Trials {
 protected:
  BacktestStatus run(BacktestJob::Sources sources, Instant from = kMorning, Instant to = kMorning + 1h) {
    clock_.advance(2h);
    BacktestJob job(std::move(sources), clock_);
    const auto started = job.start({hot_above(65), hot_above(60), {{}, {}, {"hot"}}, from, to, "user:wangfang"});
    EXPECT_TRUE(started);
    job.wait();
    return job.status();
  }
  BacktestJob::Sources sources() {
    return {[this](const auto& take) -> Result<void> {
              for (const Recorded& message : messages_) {
                if (!take(message.raw())) break;
              }
              return {};
            },
            [this]() -> Result<World> { return world(); },
            [this]() -> std::unique_ptr<Archive> { return std::make_unique<fakes::FixedArchive>(records_); }};
  }
  fakes::Records records_;
};

TEST_F(Backtests, ComparesWhatBothMadeOfTheSpanWithWhatPeopleSaid) {
  Alarm alarm = fakes::make_alarm(1);
  alarm.rule = "hot";
  alarm.subject.device = "cab-1";
  alarm.subject.port = 3;
  alarm.first_raised_at = kMorning + 120s;
  alarm.changed_at = kMorning + 300s;
  alarm.verdict = Verdict::device_fault;
  records_.alarms.emplace(alarm.id, alarm);
  const auto status = run(sources());
  ASSERT_EQ(status.state, BacktestState::done) << status.error;
  EXPECT_EQ(status.messages, 4u);
  EXPECT_EQ(status.first, kMorning);
  EXPECT_EQ(status.last, kMorning + 180s);
  ASSERT_EQ(status.comparisons->size(), 1u);
  EXPECT_EQ(status.comparisons->front().outcome, Outcome::earlier);
  EXPECT_EQ(status.comparisons->front().verdict, Verdict::device_fault);
  EXPECT_TRUE(records_.asked.scope.every);
}

TEST_F(Backtests, ReadsOnlyTheMessagesOfTheSpan) {
  const auto status = run(sources(), kMorning + 61s, kMorning + 120s);
  EXPECT_EQ(status.messages, 1u);
  EXPECT_EQ(status.comparisons->front().outcome, Outcome::caught);
}

ReadingRow stored(Millis after, int degrees) {
  ReadingRow row;
  row.device = "cab-1";
  row.current.point = Point::port_temperature_c;
  row.current.port = 3;
  row.current.value = static_cast<double>(degrees);
  row.current.changed_at = row.current.updated_at = row.current.measured_at = kMorning + after;
  return row;
}

TEST_F(Backtests, BeforeTheOldestMessageItIsStoredReadings) {
  for (const auto& [after, degrees] : {std::pair{-2h, 62}, std::pair{-1h, 20}})
    records_.readings.push_back(stored(after, degrees));
  records_.readings.push_back(stored(60s, 99));  // of a message that is still there
  const auto status = run(sources(), kMorning - 3h);
  ASSERT_EQ(status.state, BacktestState::done) << status.error;
  EXPECT_EQ(status.reduced_until, kMorning);
  EXPECT_EQ(status.first, kMorning - 2h);
  EXPECT_EQ(status.messages, 4u);
  ASSERT_EQ(status.comparisons->size(), 2u);
  const Comparison& old = status.comparisons->front();
  EXPECT_EQ(old.outcome, Outcome::extra) << "62 degrees is hot for the candidate only";
  EXPECT_EQ(old.candidate->raised_at, kMorning - 2h);
  EXPECT_EQ(old.candidate->cleared_at, kMorning - 1h);
  EXPECT_EQ(status.comparisons->back().outcome, Outcome::earlier);
}

TEST_F(Backtests, AnInboxThatReachesFarEnoughNeedsNoStoredReadings) {
  records_.readings.push_back(stored(60s, 99));
  EXPECT_EQ(run(sources()).reduced_until, std::nullopt);
}

TEST_F(Backtests, StoredReadingsDoNotTellOfSilence) {
  Problems problems;
  const auto lost =
      rules::parse({settings::parse_yaml(
                       "rules:\n  - {id: lost, kinds: [charging_station], class: fault, text: {zh: 失联, en: lost}, "
                       "source: our choice, when: {not_heard: {}}}\n",
                       "rules.yaml", problems)},
                   problems);
  for (const Problem& problem : problems.list()) ADD_FAILURE() << to_text(problem);
  records_.readings = {stored(-5h, 20), stored(-1h, 30)};
  fakes::FixedArchive archive(records_);
  const auto judged =
      judge_stored(archive, world(), *lost, *lost, kMorning - 6h, kMorning, [](Instant) { return true; });
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->first, kMorning - 5h);
  EXPECT_TRUE(judged->today.empty()) << "four hours without a stored reading are no silence";
}

TEST_F(Backtests, ASpanWithoutMessagesFindsNothing) {
  const auto status = run(sources(), kMorning + 1h, kMorning + 2h);
  EXPECT_EQ(status.state, BacktestState::done);
  EXPECT_TRUE(status.comparisons->empty());
  EXPECT_EQ(status.first, std::nullopt);
}

TEST_F(Backtests, WhatCannotBeReadIsSaid) {
  auto broken = sources();
  broken.messages = [](const auto&) -> Result<void> { return fail(ErrorCode::io_failed, "the disk is gone"); };
  EXPECT_EQ(run(broken).error, "the disk is gone");
  auto without_store = sources();
  without_store.archive = [] { return std::unique_ptr<Archive>(); };
  EXPECT_EQ(run(without_store).state, BacktestState::failed);
}

TEST_F(Backtests, OneRunsAtATimeAndIsGivenUp) {
  std::mutex mutex;
  std::condition_variable reached;
  bool began = false;
  auto endless = sources();
  endless.messages = [&](const auto& take) -> Result<void> {
    while (take(messages_.front().raw())) {
      const std::lock_guard lock(mutex);
      began = true;
      reached.notify_all();
    }
    return {};
  };
  BacktestJob job(endless, clock_);
  const BacktestJob::Asked asked{hot_above(65), hot_above(60), {}, kMorning, kMorning + 1h, "user:wangfang"};
  ASSERT_TRUE(job.start(asked));
  {
    std::unique_lock lock(mutex);
    reached.wait(lock, [&began] { return began; });
  }
  EXPECT_EQ(job.start(asked).error().code, ErrorCode::refused);
  job.end();
  EXPECT_EQ(job.status().state, BacktestState::ended);
  EXPECT_TRUE(job.start(asked)) << "and then another may";
}

// --- the shadow ---

// Gives what was pushed, as the inbox does.
class PushedMessages final : public decode::MessageSource {
 public:
  void push(const Recorded& message) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(message);
  }
  Result<decode::Pulled> pull(Millis) override {
    const std::lock_guard lock(mutex_);
    auto batch = std::make_shared<Batch>();
    batch->recorded = std::exchange(waiting_, {});
    for (const Recorded& message : batch->recorded) batch->raw.push_back(message.raw());
    const std::span<const RawMessage> messages = batch->raw;
    return decode::Pulled{messages, std::move(batch)};
  }

 private:
  struct Batch {
    std::vector<Recorded> recorded;
    std::vector<RawMessage> raw;
  };
  std::mutex mutex_;
  std::vector<Recorded> waiting_;
};

class Shadows : public Trials {
 protected:
  Shadows() {
    auto pushed = std::make_unique<PushedMessages>();
    pushed_ = pushed.get();
    shadow_ = std::make_unique<Shadow>(Shadow::Sources{std::move(pushed), [this]() -> Result<World> { return world(); },
                                                       [this] { return map_; }, [this] { return in_force(); }},
                                       hot_above(60), clock_);
  }
  rules::RuleSetPtr in_force() {
    const std::lock_guard lock(mutex_);
    return today_;
  }
  void publish(rules::RuleSetPtr rules) {
    const std::lock_guard lock(mutex_);
    today_ = std::move(rules);
  }
  // What holds once so many messages were judged.
  template <typename Until>
  Shadow::Status status_when(Until until) const {
    for (;;) {
      Shadow::Status status = shadow_->status();
      if (until(status)) return status;
      std::this_thread::yield();
    }
  }
  Shadow::Status status_after(std::uint64_t messages) const {
    return status_when([messages](const Shadow::Status& status) { return status.messages == messages; });
  }

  std::mutex mutex_;  // GCC 12's atomic<shared_ptr> is none to TSan
  rules::RuleSetPtr today_ = hot_above(65);
  PushedMessages* pushed_ = nullptr;
  std::unique_ptr<Shadow> shadow_;
};

TEST_F(Shadows, CountsWhatItWouldHaveRaisedBesideWhatWas) {
  for (std::size_t i = 0; i < 2; ++i) pushed_->push(messages_[i]);
  const auto status = status_after(2);
  EXPECT_TRUE(status.today.empty());
  ASSERT_EQ(status.candidate.size(), 1u);
  EXPECT_EQ(status.candidate[0].subject, "cab-1/3");
  pushed_->push(messages_[2]);
  EXPECT_EQ(status_after(3).today.size(), 1u);
}

TEST_F(Shadows, TimersFireWithoutMessages) {
  pushed_->push(messages_[0]);
  status_after(1);
  clock_.advance(24h);
  const auto status = status_when([](const Shadow::Status& now) { return now.at > kMorning + 1h; });
  EXPECT_EQ(status.behind, Millis{});
}

TEST_F(Shadows, GoesOnWithRulesThatWerePublishedMeanwhile) {
  for (std::size_t i = 0; i < 2; ++i) pushed_->push(messages_[i]);
  EXPECT_TRUE(status_after(2).today.empty());
  publish(hot_above(50));
  pushed_->push({kMorning + 90s, "fg/v1/jx/cab-1/up", R"({"ports":{"3":{"port_temperature_c":61}}})", 9});
  EXPECT_EQ(status_after(3).today.size(), 1u);
}

}  // namespace
}  // namespace firegate::replay
