#include "respond/respond.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <condition_variable>

namespace firegate::respond {
namespace {

Notice notice(std::uint64_t id, AlarmClass alarm_class = AlarmClass::fire_alarm, std::int64_t at_ms = 0) {
  Notice notice;
  notice.at = Instant{Millis{1'795'316'055'000 + at_ms}};
  notice.alarm.id = AlarmId{id};
  notice.alarm.alarm_class = alarm_class;
  auto place = std::make_shared<Place>();
  place->estate.id = "jinxiu";
  notice.alarm.subject.place = place;
  return notice;
}

struct FixedClock final : Clock {
  Instant now() const noexcept override { return Instant{Millis{wall.load()}}; }
  Steady steady_now() const noexcept override { return std::chrono::steady_clock::now(); }
  Millis drift() const noexcept override { return {}; }
  void re_anchor() noexcept override {}
  std::atomic<std::int64_t> wall{1'795'316'055'000};
};

struct Faults final : SelfFault {
  void raise(SelfFaultCode, std::string_view, std::string) noexcept override { ++raised; }
  void clear(SelfFaultCode, std::string_view) noexcept override { ++cleared; }
  std::atomic<int> raised{0}, cleared{0};
};

class MemoryLog final : public DeliveryLog {
 public:
  Result<Undelivered> undelivered() noexcept override { return left; }
  void routed(std::string key, std::vector<std::string> channels, Instant) noexcept override {
    const std::lock_guard lock(mutex_);
    routed_keys.emplace_back(std::move(key), std::move(channels));
  }
  void record(DeliveryRow row) noexcept override {
    const std::lock_guard lock(mutex_);
    rows_.push_back(std::move(row));
    wake_.notify_all();
  }
  std::vector<DeliveryRow> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, std::chrono::seconds{20}, [&] { return rows_.size() >= count; });
    return rows_;
  }
  Undelivered left;
  std::vector<std::pair<std::string, std::vector<std::string>>> routed_keys;

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<DeliveryRow> rows_;
};

// A channel that answers by a function and remembers the keys it was given.
struct Script {
  std::function<DeliveryOutcome(const Notice&, std::size_t number)> answer;
  std::mutex mutex;
  std::condition_variable wake;
  std::vector<std::string> keys;

  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex);
    wake.wait_for(lock, std::chrono::seconds{20}, [&] { return keys.size() >= count; });
    return keys;
  }
};
struct ScriptedNotifier final : Notifier {
  explicit ScriptedNotifier(Script& given) : script(given) {}
  DeliveryOutcome deliver(const Notice& one) noexcept override {
    std::size_t number = 0;
    {
      const std::lock_guard lock(script.mutex);
      script.keys.push_back(one.key());
      number = script.keys.size();
    }
    script.wake.notify_all();
    return script.answer(one, number);
  }
  Script& script;
};

Route to(std::string channel) {
  Route route;
  route.name = "all";
  route.channel = std::move(channel);
  return route;
}

class Responds : public ::testing::Test {
 protected:
  Responds() {
    script_.answer = [](const Notice&, std::size_t) { return DeliveryOutcome{Sent{}}; };
  }
  std::unique_ptr<Respond> make(RetryPolicy retry = {}) {
    std::vector<NamedNotifier> channels;
    channels.push_back({"station", std::make_unique<ScriptedNotifier>(script_)});
    return std::make_unique<Respond>(Routes({to("station")}), std::move(channels),
                                     Surroundings{log_, clock_, metrics_, faults_, retry});
  }

  Script script_;
  MemoryLog log_;
  FixedClock clock_;
  metrics::Metrics metrics_;
  Faults faults_;
};

constexpr RetryPolicy kAtOnce{Millis{0}, Millis{0}, std::chrono::hours{24}};

TEST_F(Responds, CommittedNoticeIsRoutedSentAndRecorded) {
  const auto it = make();
  ASSERT_TRUE(it->start());
  it->submit({notice(1)});
  const auto rows = log_.wait_for(1);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].key, notice(1).key());
  EXPECT_EQ(rows[0].channel, "station");
  EXPECT_EQ(rows[0].state, "sent");
  EXPECT_EQ(rows[0].attempts, 1u);
  ASSERT_EQ(log_.routed_keys.size(), 1u);
  EXPECT_EQ(log_.routed_keys[0].second, std::vector<std::string>{"station"});
}

TEST_F(Responds, NoticeThatNoRouteTakesIsNotKeptWaiting) {
  const auto it = make();
  it->replace_routes(Routes{});
  ASSERT_TRUE(it->start());
  it->submit({notice(1)});
  ASSERT_EQ(log_.routed_keys.size(), 1u);
  EXPECT_TRUE(log_.routed_keys[0].second.empty());
}

TEST_F(Responds, MostUrgentGoesFirstAndTheOldestWithinIt) {
  const auto it = make();
  it->submit({notice(1, AlarmClass::fault, 0), notice(2, AlarmClass::pre_alarm, 1),
              notice(3, AlarmClass::fire_alarm, 3), notice(4, AlarmClass::fire_alarm, 2),
              notice(5, AlarmClass::gas_alarm, 0)});
  ASSERT_TRUE(it->start());
  const std::vector<std::string> expected{notice(4).key(), notice(3).key(), notice(5).key(), notice(2).key(),
                                          notice(1).key()};
  EXPECT_EQ(script_.wait_for(5), expected);
}

TEST_F(Responds, FailureIsTriedAgainWithTheSameKeyUntilItIsSent) {
  script_.answer = [](const Notice&, std::size_t number) {
    return number < 4 ? DeliveryOutcome{RetryAfter{{}, "found HTTP status 500"}} : DeliveryOutcome{Sent{}};
  };
  const auto it = make(kAtOnce);
  ASSERT_TRUE(it->start());
  it->submit({notice(1)});
  const auto rows = log_.wait_for(4);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].state, "waiting");
  EXPECT_EQ(rows[0].detail, "found HTTP status 500");
  EXPECT_EQ(rows[3].state, "sent");
  EXPECT_EQ(rows[3].attempts, 4u);
  EXPECT_EQ(script_.keys, std::vector<std::string>(4, notice(1).key()));
  EXPECT_EQ(faults_.raised, 1);
  EXPECT_EQ(faults_.cleared, 1);
}

TEST_F(Responds, FireDoesNotWaitForTheRetryOfAnother) {
  script_.answer = [](const Notice& one, std::size_t) {
    return one.alarm.id == AlarmId{1} ? DeliveryOutcome{RetryAfter{std::chrono::hours{1}, "429"}}
                                      : DeliveryOutcome{Sent{}};
  };
  const auto it = make();
  ASSERT_TRUE(it->start());
  it->submit({notice(1)});
  ASSERT_EQ(log_.wait_for(1).at(0).state, "waiting");
  it->submit({notice(2)});
  EXPECT_EQ(log_.wait_for(2).at(1).state, "sent");
}

TEST_F(Responds, RejectionIsFinalAndAFault) {
  script_.answer = [](const Notice&, std::size_t) { return DeliveryOutcome{Rejected{"found HTTP status 410"}}; };
  const auto it = make(kAtOnce);
  ASSERT_TRUE(it->start());
  it->submit({notice(1)});
  EXPECT_EQ(log_.wait_for(1).at(0).state, "rejected");
  EXPECT_EQ(faults_.raised, 1);
  it->stop();
  EXPECT_EQ(script_.keys.size(), 1u);
}

TEST_F(Responds, AfterADayItGivesUp) {
  clock_.wall += Millis{std::chrono::hours{25}}.count();
  const auto it = make();
  ASSERT_TRUE(it->start());
  it->submit({notice(1)});
  EXPECT_EQ(log_.wait_for(1).at(0).state, "rejected");
  EXPECT_TRUE(script_.keys.empty());
  EXPECT_EQ(faults_.raised, 1);
}

TEST_F(Responds, RestartSendsWhatWasLeft) {
  log_.left.unrouted.push_back(notice(1));
  log_.left.waiting.push_back({notice(2), "station", 5});
  log_.left.waiting.push_back({notice(3), "gone", 1});
  const auto it = make();
  ASSERT_TRUE(it->start());
  const auto rows = log_.wait_for(3);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].channel, "gone");
  EXPECT_EQ(rows[0].state, "rejected");
  EXPECT_EQ(script_.wait_for(2).size(), 2u);
  EXPECT_EQ(rows[1].attempts + rows[2].attempts, 7u);  // 0 + 1 and 5 + 1
}

TEST_F(Responds, AnnouncedFireIsSentOnceAlthoughItIsRecordedLater) {
  const auto it = make();
  ASSERT_TRUE(it->start());
  it->announce(notice(1));
  ASSERT_EQ(script_.wait_for(1).size(), 1u);
  it->submit({notice(1)});
  EXPECT_EQ(log_.wait_for(1).at(0).state, "sent");
  it->stop();
  EXPECT_EQ(script_.keys.size(), 1u);
}

TEST_F(Responds, SlowChannelHoldsUpNoOther) {
  std::mutex gate;
  std::unique_lock closed(gate);
  script_.answer = [&gate](const Notice&, std::size_t) {
    const std::lock_guard wait(gate);
    return DeliveryOutcome{Sent{}};
  };
  Script quick;
  quick.answer = [](const Notice&, std::size_t) { return DeliveryOutcome{Sent{}}; };
  std::vector<NamedNotifier> channels;
  channels.push_back({"slow", std::make_unique<ScriptedNotifier>(script_)});
  channels.push_back({"quick", std::make_unique<ScriptedNotifier>(quick)});
  Respond it(Routes({to("slow"), to("quick")}), std::move(channels), Surroundings{log_, clock_, metrics_, faults_, {}});
  ASSERT_TRUE(it.start());
  it.submit({notice(1), notice(2)});
  EXPECT_EQ(quick.wait_for(2).size(), 2u);
  closed.unlock();
}

TEST(DeliveryQueue, WaitDoublesFromOneSecondToAMinuteWithJitter) {
  const RetryPolicy policy;
  EXPECT_EQ(retry_wait(policy, 1, 0.0), Millis{500});
  EXPECT_LE(retry_wait(policy, 1, 0.999), Millis{1000});
  EXPECT_EQ(retry_wait(policy, 3, 0.0), Millis{2000});
  EXPECT_EQ(retry_wait(policy, 40, 0.0), Millis{30'000});
  EXPECT_LE(retry_wait(policy, 40'000, 0.999), Millis{60'000});
}

TEST(DeliveryQueue, TakesOnlyWhatIsDue) {
  DeliveryQueue queue;
  Delivery later{notice(1), "1", 1, true, Instant{Millis{100}}};
  Delivery now{notice(2, AlarmClass::fault), "2", 0, true, {}};
  queue.add(later);
  queue.add(now);
  EXPECT_EQ(queue.take(Instant{Millis{50}})->key, "2");
  EXPECT_FALSE(queue.take(Instant{Millis{50}}));
  EXPECT_EQ(queue.next_due(), Instant{Millis{100}});
  EXPECT_EQ(queue.take(Instant{Millis{100}})->key, "1");
  EXPECT_FALSE(queue.next_due());
}

TEST(Routes, TakesWhatItNames) {
  Route route = to("station");
  route.classes = {AlarmClass::fire_alarm};
  route.estates = {"jinxiu"};
  route.notices = {NoticeKind::raised};
  route.priorities = {Priority::fire};
  EXPECT_TRUE(route.takes(notice(1)));
  EXPECT_FALSE(route.takes(notice(1, AlarmClass::fault)));
  Notice ended = notice(1);
  ended.kind = NoticeKind::ended;
  EXPECT_FALSE(route.takes(ended));
  Notice collected = notice(1);
  collected.kind = NoticeKind::collected;
  EXPECT_TRUE(route.takes(collected)) << "what stands for raises goes where they go";
  route.estates = {"elsewhere"};
  EXPECT_FALSE(route.takes(notice(1)));
}

TEST(Routes, NamesAChannelOnce) {
  EXPECT_EQ(Routes({to("a"), to("b"), to("a")}).channels_for(notice(1)), (std::vector<std::string>{"a", "b"}));
}

ConfigNodePtr scalar(std::string text) {
  auto node = std::make_shared<ConfigNode>();
  node->type = ConfigNode::Type::scalar;
  node->scalar = std::move(text);
  return node;
}
ConfigNodePtr list(std::vector<ConfigNodePtr> items) {
  auto node = std::make_shared<ConfigNode>();
  node->type = ConfigNode::Type::list;
  node->items = std::move(items);
  return node;
}
ConfigNodePtr map(std::vector<std::pair<std::string, ConfigNodePtr>> members) {
  auto node = std::make_shared<ConfigNode>();
  node->type = ConfigNode::Type::map;
  for (auto& [key, value] : members) node->members.push_back({key, {}, value});
  return node;
}

TEST(RespondSettings, ReadsChannelsAndRoutes) {
  Problems problems;
  const auto root = map({{"channels", list({map({{"name", scalar("station")},
                                                 {"type", scalar("webhook")},
                                                 {"url", scalar("https://example.org/")},
                                                 {"secret_file", scalar("/s")},
                                                 {"allow_private", scalar("true")}})})},
                         {"routes", list({map({{"name", scalar("urgent")},
                                               {"priorities", list({scalar("fire"), scalar("life_threat")})},
                                               {"channel", scalar("station")}})})}});
  const auto settings = RespondSettings::parse(root.get(), problems);
  EXPECT_TRUE(problems.empty()) << to_text(problems.list().at(0));
  ASSERT_EQ(settings.webhooks.size(), 1u);
  EXPECT_TRUE(settings.webhooks[0].allow_private);
  ASSERT_EQ(settings.routes.all().size(), 1u);
  EXPECT_EQ(settings.routes.all()[0].priorities, (std::vector{Priority::fire, Priority::life_threat}));
}

TEST(RespondSettings, ReportsEveryMistakeAtOnce) {
  Problems problems;
  const auto root = map({{"channels", list({map({{"name", scalar("a")},
                                                 {"type", scalar("webhook")},
                                                 {"url", scalar("http://example.org/")},
                                                 {"secret_file", scalar("/s")}})})},
                         {"routes", list({map({{"name", scalar("r")},
                                               {"priorities", list({scalar("fires")})},
                                               {"channel", scalar("nobody")},
                                               {"chanel", scalar("x")}})})}});
  RespondSettings::parse(root.get(), problems);
  std::vector<ProblemCode> codes;
  for (const Problem& problem : problems.list()) codes.push_back(problem.code);
  for (const auto code : {ProblemCode::E117_not_allowed, ProblemCode::E108_not_in_list,
                          ProblemCode::E110_unknown_reference, ProblemCode::E104_unknown_key}) {
    EXPECT_NE(std::find(codes.begin(), codes.end(), code), codes.end()) << static_cast<int>(code);
  }
}

}  // namespace
}  // namespace firegate::respond
