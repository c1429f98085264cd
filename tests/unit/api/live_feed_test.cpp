#include "api/live_feed.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <random>
#include <set>

#include "api/json.h"
#include "api/live_intake.h"
#include "support/fakes_api.h"

namespace firegate::api {
namespace {

using namespace std::chrono_literals;
using fakes::make_alarm;
namespace json = boost::json;

json::object parse(std::string_view text) { return json::parse(text).as_object(); }
std::string word(const json::object& object, std::string_view key) {
  return json::value_to<std::string>(object.at(key));
}

const Scope kEverywhere{true, {}};

Watcher watcher_of(std::vector<Grant> grants, std::string session = "s1") {
  Principal who;
  who.kind = PrincipalKind::user;
  who.id = "lina";
  who.name = "李娜";
  who.session = std::move(session);
  who.grants = std::move(grants);
  return {who, "standing"};
}
Watcher everybody() { return watcher_of({{Role::duty, "*"}}); }

// A console: takes frames when it is told to, and keeps the state that they describe.
class Console final : public LiveSocket {
 public:
  Console(LiveFeed& feed, const fakes::StillClock& clock, Watcher watcher = everybody())
      : feed_(feed), clock_(clock), watcher_(std::move(watcher)) {
    connect();
  }

  void wake() override {
    if (prompt_) read_all();
  }
  void abort() override { aborted_ = true; }

  void connect() {
    aborted_ = said_bye_ = false;
    id_ = feed_.join(*this, watcher_, now());
  }
  void disconnect() { feed_.leave(id_); }
  Result<void> say(std::string_view text) { return feed_.received(id_, text, now()); }
  void resume() {
    EXPECT_TRUE(say(R"({"t":"resume","server_id":")" + server_id_ + R"(","seq":)" + std::to_string(seq_) + "}"));
  }
  void be_prompt(bool prompt) { prompt_ = prompt; }

  // Takes the frames that wait; at most `most`.
  void read_all(std::size_t most = 1'000'000) {
    while (most-- > 0 && !said_bye_) {
      const auto frame = feed_.take(id_, now());
      if (!frame) return;
      apply(parse(*frame->text));
      said_bye_ = frame->close_after;
    }
  }

  std::map<std::string, json::object> alarms;
  std::vector<std::string> frames;  // types in order
  std::vector<std::uint64_t> numbers;
  json::object hello;
  std::string bye_reason;
  bool aborted() const { return aborted_; }
  bool said_bye() const { return said_bye_; }
  std::uint64_t seq() const { return seq_; }
  void forget_server() { server_id_ = "another"; }

 private:
  Moment now() const { return {clock_.now(), clock_.steady_now()}; }

  void apply(const json::object& frame) {
    const std::string type = word(frame, "t");
    frames.push_back(type);
    if (type == "hello") hello = frame;
    if (type == "bye") bye_reason = word(frame, "reason");
    if (type == "hello") server_id_ = server_id_.empty() ? word(frame, "server_id") : server_id_;
    if (type == "gap") take_snapshot();
    if (type != "ev") return;
    seq_ = json::value_to<std::uint64_t>(frame.at("seq"));
    numbers.push_back(seq_);
    if (word(frame, "type") == "alarm") put(frame.at("data").as_object());
  }
  void take_snapshot() {
    const auto snapshot = parse(feed_.snapshot(watcher_.principal.scope(Permission::look), now()));
    alarms.clear();
    for (const auto& alarm : snapshot.at("alarms").as_array()) put(alarm.as_object());
    server_id_ = word(snapshot, "server_id");
    seq_ = json::value_to<std::uint64_t>(snapshot.at("seq"));
  }
  void put(const json::object& alarm) {
    if (word(alarm, "state") == "normal" && alarm.at("overlays").as_array().empty()) {
      alarms.erase(word(alarm, "id"));
    } else {
      alarms[word(alarm, "id")] = alarm;
    }
  }

  LiveFeed& feed_;
  const fakes::StillClock& clock_;
  Watcher watcher_;
  ClientId id_{};
  std::string server_id_;
  std::uint64_t seq_ = 0;
  bool prompt_ = true;
  bool aborted_ = false;
  bool said_bye_ = false;
};

class Feed : public testing::Test {
 protected:
  void tick(Millis by = 1s) {
    clock.advance(by);
    feed.tick(health, {clock.now(), clock.steady_now()});
  }
  void expect_same(const Console& console) const {
    ASSERT_EQ(console.alarms.size(), feed.alarms().size());
    for (const auto& [id, alarm] : feed.alarms()) {
      const auto at = console.alarms.find(to_text(id));
      ASSERT_NE(at, console.alarms.end());
      EXPECT_EQ(at->second, parse(to_json(alarm)));
    }
  }
  static std::size_t count(const Console& console, std::string_view type) {
    return static_cast<std::size_t>(std::ranges::count(console.frames, type));
  }

  fakes::StillClock clock;
  fakes::RecordedFaults faults;
  metrics::Metrics metrics;
  Health health{{{"broker", true, "connected"}}, 2, 2, 0, 0, {}, {}};
  int turns = 0;  // asked for, to serve machines
  LiveFeed feed{{"server-1", "0.1.0"}, {make_alarm(1)}, {"desk-1"}, faults, metrics, [this] { ++turns; }};
};

TEST_F(Feed, GreetsFirst) {
  Console console(feed, clock);
  console.read_all();
  EXPECT_EQ(console.frames, std::vector<std::string>{"hello"});
}

TEST_F(Feed, FreshClientIsSentToTheSnapshotAndSeesTheRestoredAlarm) {
  Console console(feed, clock);
  console.resume();
  EXPECT_EQ(console.frames, (std::vector<std::string>{"hello", "gap"}));
  EXPECT_TRUE(console.alarms.contains("0000000000000001"));
  expect_same(console);
}

TEST_F(Feed, TwoClientsSeeAnAlarmAndItsEnd) {
  Console one(feed, clock), two(feed, clock);
  one.resume();
  two.resume();
  feed.alarm_changed(make_alarm(2));
  EXPECT_TRUE(one.alarms.contains("0000000000000002"));
  EXPECT_TRUE(two.alarms.contains("0000000000000002"));
  feed.alarm_changed(make_alarm(2, AlarmClass::fire_alarm, AlarmState::normal, 2));
  expect_same(one);
  expect_same(two);
}

TEST_F(Feed, ShelvedAlarmThatWentBackToNormalStaysUntilItsOverlayEnds) {
  Console console(feed, clock);
  console.resume();
  Alarm shelved = make_alarm(2, AlarmClass::pre_alarm, AlarmState::normal, 2);
  shelved.overlays.set(Overlay::shelved);
  feed.alarm_changed(shelved);
  ASSERT_NE(feed.find(AlarmId{2}), nullptr);
  EXPECT_TRUE(console.alarms.contains("0000000000000002"));
  expect_same(console);
  feed.alarm_changed(make_alarm(2, AlarmClass::pre_alarm, AlarmState::normal, 3));
  EXPECT_EQ(feed.find(AlarmId{2}), nullptr);
  expect_same(console);
}

TEST_F(Feed, RestoredAlarmIsLiveByItsOverlayToo) {
  Alarm shelved = make_alarm(5, AlarmClass::pre_alarm, AlarmState::normal);
  shelved.overlays.set(Overlay::shelved);
  const LiveFeed restored{{"server-2", "0.1.0"},
                          {shelved, make_alarm(6, AlarmClass::pre_alarm, AlarmState::normal)},
                          {"desk-1"},
                          faults,
                          metrics,
                          [] {}};
  ASSERT_EQ(restored.alarms().size(), 1u);
  EXPECT_TRUE(restored.alarms().contains(AlarmId{5}));
}

TEST_F(Feed, NothingFlowsBeforeTheClientHasSaidWhereItStands) {
  Console console(feed, clock);
  feed.alarm_changed(make_alarm(2));
  EXPECT_EQ(count(console, "ev"), 0u);
}

TEST_F(Feed, OlderRevisionOfAnAlarmIsPassedOver) {
  feed.alarm_changed(make_alarm(2, AlarmClass::fire_alarm, AlarmState::acknowledged, 5));
  feed.alarm_changed(make_alarm(2, AlarmClass::fire_alarm, AlarmState::unacknowledged, 4));
  EXPECT_EQ(feed.find(AlarmId{2})->state, AlarmState::acknowledged);
}

TEST_F(Feed, ReturningClientGetsExactlyWhatItMissed) {
  Console console(feed, clock);
  console.resume();
  feed.alarm_changed(make_alarm(2));
  console.disconnect();
  feed.alarm_changed(make_alarm(3));
  feed.alarm_changed(make_alarm(2, AlarmClass::fire_alarm, AlarmState::acknowledged, 2));
  console.frames.clear();
  console.connect();
  console.resume();
  EXPECT_EQ(console.frames, (std::vector<std::string>{"hello", "ev", "ev"}));
  expect_same(console);
}

TEST_F(Feed, ClientOfAnotherRunOfTheServerGetsAGap) {
  Console console(feed, clock);
  console.resume();
  feed.alarm_changed(make_alarm(2));
  console.disconnect();
  console.forget_server();
  console.frames.clear();
  console.connect();
  console.resume();
  EXPECT_EQ(console.frames, (std::vector<std::string>{"hello", "gap"}));
}

TEST_F(Feed, NumberFromTheFutureGetsAGap) {
  Console console(feed, clock);
  ASSERT_TRUE(console.say(R"({"t":"resume","server_id":"server-1","seq":99})"));
  console.read_all();
  EXPECT_EQ(count(console, "gap"), 1u);
}

TEST_F(Feed, LaggingClientGetsOnlyTheNewestStateOfEachAlarm) {
  Console console(feed, clock);
  console.resume();
  console.be_prompt(false);
  for (std::uint32_t revision = 2; revision < 400; ++revision) {
    feed.alarm_changed(make_alarm(1, AlarmClass::fire_alarm, AlarmState::unacknowledged, revision));
    feed.alarm_changed(make_alarm(2, AlarmClass::fire_alarm, AlarmState::unacknowledged, revision));
  }
  console.frames.clear();
  console.read_all();
  EXPECT_EQ(console.frames, (std::vector<std::string>{"ev", "ev"}));
  expect_same(console);
}

TEST_F(Feed, ClientThatLagsOver512EventsIsSentToTheSnapshotAndStays) {
  Console console(feed, clock);
  console.resume();
  console.be_prompt(false);
  console.frames.clear();
  for (std::uint64_t id = 100; id < 100 + kMaxWaiting + 1; ++id) feed.alarm_changed(make_alarm(id));
  console.read_all();
  EXPECT_EQ(console.frames, std::vector<std::string>{"gap"});
  EXPECT_FALSE(console.said_bye());
  expect_same(console);
}

TEST_F(Feed, ClientThatLags512EventsGetsThemAll) {
  Console console(feed, clock);
  console.resume();
  console.be_prompt(false);
  console.frames.clear();
  for (std::uint64_t id = 100; id < 100 + kMaxWaiting; ++id) feed.alarm_changed(make_alarm(id));
  console.read_all();
  EXPECT_EQ(count(console, "ev"), kMaxWaiting);
  EXPECT_EQ(count(console, "gap"), 0u);
}

TEST_F(Feed, ClientThatLagsAndReadsSlowlyIsSentAway) {
  Console console(feed, clock);
  console.resume();
  console.be_prompt(false);
  feed.alarm_changed(make_alarm(2));
  console.read_all(1);  // this frame takes long
  console.frames.clear();
  for (std::uint64_t id = 100; id < 100 + kMaxWaiting + 1; ++id) feed.alarm_changed(make_alarm(id));
  clock.advance(kSlowWrite);
  console.read_all();
  EXPECT_EQ(console.frames, (std::vector<std::string>{"gap", "bye"}));
  EXPECT_EQ(metrics.live_clients_cut.value(), 1u);
}

TEST_F(Feed, ClientThatTakesNothingIsCut) {
  Console console(feed, clock);
  console.resume();
  console.be_prompt(false);
  feed.alarm_changed(make_alarm(2));
  console.read_all(1);
  tick(kWriteStuck - 1s);
  EXPECT_FALSE(console.aborted());
  tick(1s);
  EXPECT_TRUE(console.aborted());
}

TEST_F(Feed, ClientThatNeverSaysWhereItStandsIsCut) {
  Console console(feed, clock);
  tick(kResumeWithin - 1s);
  EXPECT_FALSE(console.aborted());
  tick(1s);
  EXPECT_TRUE(console.aborted());
}

TEST_F(Feed, BeatsEveryFiveSecondsAlsoWhileEventsFlow) {
  Console console(feed, clock);
  console.resume();
  tick();
  console.frames.clear();
  for (std::uint64_t second = 0; second < 20; ++second) {
    feed.alarm_changed(make_alarm(100 + second));
    tick();
  }
  EXPECT_EQ(count(console, "hb"), 4u);
}

TEST_F(Feed, SaysHealthOnceUntilItChanges) {
  Console console(feed, clock);
  console.resume();
  tick();
  tick();
  EXPECT_EQ(count(console, "ev"), 1u);
  health.parts[0].ok = false;
  tick();
  EXPECT_EQ(count(console, "ev"), 2u);
}

TEST_F(Feed, TremblingLagIsNoEvent) {
  tick();
  Console console(feed, clock);
  console.resume();
  health.decision_lag = 40ms;
  tick();
  EXPECT_EQ(count(console, "ev"), 0u);
  health.decision_lag = 1200ms;
  tick();
  EXPECT_EQ(count(console, "ev"), 1u);
}

TEST_F(Feed, SilenceIsAnEventAndStandsInTheSnapshotUntilANewAlarm) {
  Console console(feed, clock);
  console.resume();
  ASSERT_TRUE(feed.silence("desk-1", "王芳", {clock.now(), clock.steady_now()}));
  const auto during = parse(feed.snapshot(kEverywhere, {clock.now(), clock.steady_now()}));
  EXPECT_EQ(during.at("silences").as_array().size(), 1u);
  feed.alarm_changed(make_alarm(2));
  const auto after = parse(feed.snapshot(kEverywhere, {clock.now(), clock.steady_now()}));
  EXPECT_TRUE(after.at("silences").as_array().empty());
  EXPECT_EQ(count(console, "ev"), 3u);  // silence, alarm, end of the silence
}

TEST_F(Feed, PostWithoutAConsoleThatCanSoundIsAFaultUntilOneReturns) {
  Console console(feed, clock);
  console.resume();
  const std::string audible = R"({"t":"console","post":"desk-1","visible":true,"audio":"running","build":"x"})";
  ASSERT_TRUE(console.say(audible));
  tick(59s);
  EXPECT_TRUE(faults.said().empty());
  tick(1s);
  ASSERT_TRUE(console.say(audible));
  EXPECT_EQ(faults.said(),
            (std::vector<std::string>{"raise nobody_listening desk-1", "clear nobody_listening desk-1"}));
}

TEST_F(Feed, HiddenOrMuteConsoleDoesNotCount) {
  Console console(feed, clock);
  console.resume();
  ASSERT_TRUE(console.say(R"({"t":"console","post":"desk-1","visible":true,"audio":"running"})"));
  tick(30s);
  ASSERT_TRUE(console.say(R"({"t":"console","post":"desk-1","visible":true,"audio":"suspended"})"));
  ASSERT_TRUE(console.say(R"({"t":"console","post":"desk-1","visible":false,"audio":"running"})"));
  tick(30s);
  EXPECT_EQ(faults.said(), std::vector<std::string>{"raise nobody_listening desk-1"});
}

TEST_F(Feed, ConsoleOfSomebodyWhoMayOnlyLookDoesNotCount) {
  Console duty(feed, clock), viewer(feed, clock, watcher_of({{Role::viewer, "*"}}));
  const std::string audible = R"({"t":"console","post":"desk-1","visible":true,"audio":"running"})";
  ASSERT_TRUE(duty.say(audible));
  tick(30s);
  ASSERT_TRUE(viewer.say(audible));
  tick(30s);
  EXPECT_EQ(faults.said(), std::vector<std::string>{"raise nobody_listening desk-1"});
}

TEST_F(Feed, ConsoleOfAnUnknownPostIsNotSupervised) {
  Console console(feed, clock);
  console.resume();
  ASSERT_TRUE(console.say(R"({"t":"console","post":"kitchen","visible":true,"audio":"running"})"));
  tick(300s);
  EXPECT_TRUE(faults.said().empty());
}

TEST_F(Feed, RefusesFramesItCannotRead) {
  Console console(feed, clock);
  for (const std::string_view text :
       {"", "resume", "[]", "{}", R"({"t":"resume","server_id":"x"})", R"({"t":"resume","seq":-1})",
        R"({"t":"console","post":"desk-1"})", R"({"t":7})"}) {
    EXPECT_FALSE(console.say(text)) << text;
  }
  EXPECT_FALSE(console.say(R"({"t":"resume","seq":0,"x":)" + std::string(100, '[') + "}"));
}

TEST_F(Feed, PassesOverFramesOfLaterClients) {
  Console console(feed, clock);
  EXPECT_TRUE(console.say(R"({"t":"sub","topics":["devices"]})"));
}

TEST_F(Feed, ShutDownSaysBye) {
  Console console(feed, clock);
  console.resume();
  feed.shut_down();
  EXPECT_EQ(console.frames.back(), "bye");
  EXPECT_TRUE(console.said_bye());
}

// Whatever happens in whatever order, a client that applies what it gets ends with the server's alarms.
TEST_F(Feed, EveryClientConvergesInRandomWalks) {
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    std::mt19937 random(seed);
    const auto roll = [&random](std::uint32_t sides) { return random() % sides; };
    LiveFeed walked{{"server-1", "0.1.0"}, {make_alarm(1)}, {"desk-1"}, faults, metrics, [] {}};
    std::vector<std::unique_ptr<Console>> consoles;
    for (int i = 0; i < 4; ++i) consoles.push_back(std::make_unique<Console>(walked, clock));
    std::set<Console*> away;
    for (const auto& console : consoles) console->resume();
    std::map<std::uint64_t, std::uint32_t> revisions;

    for (int step = 0; step < 3000; ++step) {
      Console& console = *consoles[roll(4)];
      switch (roll(8)) {
        case 0: console.be_prompt(roll(2) == 0); break;
        case 1:
          if (away.insert(&console).second) console.disconnect();
          break;
        case 2:
          if (away.erase(&console) > 0) {
            console.connect();
            console.resume();
          }
          break;
        case 3:
          if (!away.contains(&console)) console.read_all(roll(20));
          break;
        default: {
          const std::uint64_t id = 1 + roll(900);
          walked.alarm_changed(make_alarm(id, AlarmClass::fault, static_cast<AlarmState>(roll(6)), ++revisions[id]));
        }
      }
    }
    for (const auto& console : consoles) {
      if (away.contains(console.get())) {
        console->connect();
        console->resume();
      }
      console->read_all();
      ASSERT_EQ(console->alarms.size(), walked.alarms().size()) << "seed " << seed;
      for (const auto& [id, alarm] : walked.alarms()) {
        ASSERT_EQ(console->alarms.at(to_text(id)), parse(to_json(alarm))) << "seed " << seed;
      }
      EXPECT_EQ(std::ranges::adjacent_find(console->numbers, std::ranges::greater_equal{}), console->numbers.end())
          << "numbers only rise, seed " << seed;
    }
  }
}

// --- who sees what ---

TEST_F(Feed, AClientSeesItsEstatesAndWhatBelongsToNone) {
  Console north(feed, clock, watcher_of({{Role::duty, "north"}}));
  north.resume();
  EXPECT_TRUE(north.alarms.empty()) << "the snapshot is within the scope";
  feed.alarm_changed(fakes::in_estate("north", make_alarm(2)));
  feed.alarm_changed(fakes::in_estate("south", make_alarm(3)));
  feed.alarm_changed(fakes::in_estate("", make_alarm(4)));
  EXPECT_TRUE(north.alarms.contains("0000000000000002"));
  EXPECT_FALSE(north.alarms.contains("0000000000000003"));
  EXPECT_TRUE(north.alarms.contains("0000000000000004"));
  EXPECT_EQ(north.numbers, (std::vector<std::uint64_t>{1, 3})) << "numbers jump";
}

TEST_F(Feed, AResumeGivesNothingFromOutside) {
  Console north(feed, clock, watcher_of({{Role::duty, "north"}}));
  north.resume();
  north.disconnect();
  feed.alarm_changed(fakes::in_estate("south", make_alarm(3)));
  feed.alarm_changed(fakes::in_estate("north", make_alarm(2)));
  feed.alarm_changed(fakes::in_estate("south", make_alarm(5)));
  north.connect();
  north.resume();
  EXPECT_EQ(north.numbers, (std::vector<std::uint64_t>{2}));
}

TEST_F(Feed, HelloSaysWhoAndTheLastNumberThatConcernsThem) {
  feed.alarm_changed(fakes::in_estate("north", make_alarm(2)));
  feed.alarm_changed(fakes::in_estate("south", make_alarm(3)));
  Console north(feed, clock, watcher_of({{Role::duty, "north"}}));
  north.read_all();
  EXPECT_EQ(north.hello.at("seq").as_int64(), 1);
  EXPECT_EQ(word(north.hello.at("you").as_object(), "name"), "李娜");
  EXPECT_EQ(word(north.hello.at("you").as_object(), "kind"), "user");
  EXPECT_EQ(word(north.hello, "version"), "0.1.0");
}

TEST_F(Feed, ManyEventsFromOutsideAreNoGap) {
  Console north(feed, clock, watcher_of({{Role::duty, "north"}}));
  north.resume();
  for (std::uint64_t id = 10; id < 10 + kMaxWaiting + kRingEvents; ++id) {
    feed.alarm_changed(fakes::in_estate("south", make_alarm(id)));
  }
  EXPECT_EQ(count(north, "gap"), 1u) << "that of the first resume";
}

TEST_F(Feed, SubNarrowsAndNeverWidens) {
  Console north(feed, clock, watcher_of({{Role::duty, "north"}, {Role::duty, "west"}}));
  ASSERT_TRUE(north.say(R"({"t":"sub","estates":["north","south"],"topics":["alarms"]})"));
  north.resume();
  feed.alarm_changed(fakes::in_estate("north", make_alarm(2)));
  feed.alarm_changed(fakes::in_estate("south", make_alarm(3)));
  feed.alarm_changed(fakes::in_estate("west", make_alarm(4)));
  EXPECT_EQ(north.numbers.size(), 1u);
  ASSERT_TRUE(feed.silence("desk-1", "a", {clock.now(), clock.steady_now()}));
  tick();
  EXPECT_EQ(north.numbers.size(), 1u) << "neither silences nor health were asked for";
}

TEST_F(Feed, SubStartsAnewBecauseOfWhatWasLeftOut) {
  Console console(feed, clock);
  console.resume();
  ASSERT_TRUE(console.say(R"({"t":"sub"})"));
  EXPECT_EQ(count(console, "gap"), 2u);
  EXPECT_FALSE(console.say(R"({"t":"sub","topics":["secrets"]})"));
  EXPECT_FALSE(console.say(R"({"t":"sub","estates":"north"})"));
}

TEST_F(Feed, OneTextServesEveryClient) {
  class Sink final : public LiveSocket {
   public:
    void wake() override {}
    void abort() override {}
  };
  std::vector<Sink> sinks(1000);
  std::vector<ClientId> ids;
  const Moment now{clock.now(), clock.steady_now()};
  for (std::size_t i = 0; i < sinks.size(); ++i) {
    ids.push_back(feed.join(sinks[i], watcher_of({{Role::duty, i % 2 == 0 ? "sunny" : "*"}}), now));
    ASSERT_TRUE(feed.received(ids[i], R"({"t":"resume","server_id":"","seq":0})", now));
    while (feed.take(ids[i], now)) {
    }
  }
  feed.alarm_changed(make_alarm(2));
  const auto first = feed.take(ids[0], now);
  ASSERT_TRUE(first);
  for (std::size_t i = 1; i < ids.size(); ++i) EXPECT_EQ(feed.take(ids[i], now)->text, first->text);
  for (const ClientId id : ids) feed.leave(id);
}

// A client that notes when it was woken, beside others.
class Noted final : public LiveSocket {
 public:
  Noted(int name, std::vector<int>& order) : name_(name), order_(order) {}
  void wake() override { order_.push_back(name_); }
  void abort() override {}

 private:
  int name_;
  std::vector<int>& order_;
};
Watcher token() {
  Watcher token = everybody();
  token.principal.kind = PrincipalKind::token;
  return token;
}

TEST_F(Feed, PeopleAreServedBeforeMachinesThatCameFirst) {
  std::vector<int> order;
  Noted machine(1, order), person(2, order), late(3, order);
  const Moment now{clock.now(), clock.steady_now()};
  feed.join(machine, token(), now);
  feed.join(person, everybody(), now);
  feed.join(late, everybody(), now);
  feed.alarm_changed(make_alarm(2));
  EXPECT_EQ(order, (std::vector<int>{2, 3}));
  EXPECT_EQ(turns, 1);
  feed.serve_machines();
  EXPECT_EQ(order, (std::vector<int>{2, 3, 1}));
  EXPECT_EQ(turns, 1) << "nobody is left to be served";
}

TEST_F(Feed, NewsForPeopleComesBetweenTheTurnsOfACrowdOfMachines) {
  constexpr int kCrowd = 40;
  std::vector<int> order;
  std::vector<Noted> crowd;
  std::vector<ClientId> ids;
  for (int i = 1; i <= kCrowd; ++i) crowd.emplace_back(i, order);
  Noted person(0, order);
  const Moment now{clock.now(), clock.steady_now()};
  for (Noted& machine : crowd) ids.push_back(feed.join(machine, token(), now));
  feed.join(person, everybody(), now);

  feed.alarm_changed(make_alarm(2));
  feed.serve_machines();
  ASSERT_EQ(order.size(), 1 + kMachinesAtOnce);
  feed.alarm_changed(make_alarm(3));
  EXPECT_EQ(order.back(), 0) << "the second alarm waits for nobody";
  feed.leave(ids[20]);  // in the middle of a turn

  order.clear();
  for (int served = 0; served < turns; ++served) feed.serve_machines();
  std::sort(order.begin(), order.end());
  std::vector<int> all;
  for (int i = 1; i <= kCrowd; ++i) {
    if (i != 21) all.push_back(i);
  }
  EXPECT_EQ(order, all) << "each once since the last news";
}

// --- who has to go ---

TEST_F(Feed, ByeWhenTheSessionHasEnded) {
  Console gone(feed, clock, watcher_of({{Role::duty, "*"}}, "s1")),
      stays(feed, clock, watcher_of({{Role::duty, "*"}}, "s2"));
  feed.review([](const Principal& who) { return who.session == "s1" ? std::string() : std::string("standing"); });
  gone.read_all();
  stays.read_all();
  EXPECT_TRUE(gone.said_bye());
  EXPECT_EQ(gone.bye_reason, "session_ended");
  EXPECT_FALSE(stays.said_bye());
}

TEST_F(Feed, ByeWhenTheStandingIsAnother) {
  Console console(feed, clock);
  feed.review([](const Principal&) { return std::string("less"); });
  EXPECT_EQ(console.bye_reason, "powers_changed");
}

TEST_F(Feed, ByeOfASignOutSaysSo) {
  Console console(feed, clock);
  feed.say_bye("another", "signed_out");
  EXPECT_FALSE(console.said_bye());
  feed.say_bye("s1", "signed_out");
  feed.review([](const Principal&) { return std::string(); });
  EXPECT_EQ(console.bye_reason, "signed_out");
}

// --- the ring ---

const View kAll{kEverywhere, std::nullopt, kEveryTopic};

void push(EventRing& ring, std::string thing, std::string estate = "") {
  ring.push(std::move(thing), Topic::alarms, std::move(estate), std::make_shared<const std::string>("x"));
}

TEST(EventRing, ForgetsTheOldestBeyondItsCapacity) {
  EventRing ring(3);
  for (int i = 0; i < 5; ++i) push(ring, "thing " + std::to_string(i));
  EXPECT_EQ(ring.last(), 5u);
  EXPECT_TRUE(ring.reaches(2));
  EXPECT_FALSE(ring.reaches(1));
  EXPECT_EQ(ring.after(2, kAll).seq, 3u);
}

TEST(EventRing, SkipsSupersededEvents) {
  EventRing ring(10);
  for (const char* thing : {"a", "b", "a"}) push(ring, thing);
  EXPECT_EQ(ring.after(0, kAll).seq, 2u);
  EXPECT_EQ(ring.waiting(0, 100, kAll), 2u);
}

TEST(EventRing, KeepsThingsApartAfterTheirOldestIsGone) {
  EventRing ring(2);
  for (const char* thing : {"a", "b", "c", "a"}) push(ring, thing);
  EXPECT_EQ(ring.after(2, kAll).seq, 3u);
  EXPECT_EQ(ring.waiting(2, 100, kAll), 2u);
}

TEST(EventRing, SkipsWhatIsOutsideTheView) {
  EventRing ring(10);
  push(ring, "a", "north");
  push(ring, "b", "south");
  push(ring, "c", "");
  push(ring, "d", "south");
  const View north{{false, {"north"}}, std::nullopt, kEveryTopic};
  EXPECT_EQ(ring.after(0, north).seq, 1u);
  EXPECT_EQ(ring.after(1, north).seq, 3u);
  EXPECT_EQ(ring.after(3, north).text, nullptr);
  EXPECT_EQ(ring.after(3, north).seq, 4u) << "what is not for it counts as seen";
  EXPECT_EQ(ring.waiting(0, 100, north), 2u);
  EXPECT_EQ(ring.last(north), 3u);
  const View nobody{{}, std::nullopt, kEveryTopic};
  EXPECT_EQ(ring.after(0, nobody).text, nullptr);
  EXPECT_EQ(ring.last(nobody), 0u);
}

TEST(LiveIntake, HoldsTheNewestStateOfEachAlarm) {
  LiveIntake intake;
  int woken = 0;
  intake.attach([&woken] { ++woken; });
  intake.alarm_changed(make_alarm(1, AlarmClass::fire_alarm, AlarmState::unacknowledged, 1));
  intake.alarm_changed(make_alarm(2));
  intake.alarm_changed(make_alarm(1, AlarmClass::fire_alarm, AlarmState::acknowledged, 2));
  const auto taken = intake.take();
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].state, AlarmState::acknowledged);
  EXPECT_EQ(woken, 1);
}

TEST(LiveIntake, WakesWhoAttachesLater) {
  LiveIntake intake;
  intake.alarm_changed(make_alarm(1));
  int woken = 0;
  intake.attach([&woken] { ++woken; });
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(intake.take().size(), 1u);
  EXPECT_TRUE(intake.take().empty());
}

}  // namespace
}  // namespace firegate::api
