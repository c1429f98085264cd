// The partitions on their threads: mailboxes, commits, acts, what is announced when the record fails.
#include "partition/partition_set.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "settings/yaml.h"

namespace firegate::partition {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kRules = R"(
rules:
  - {id: smoke_alarm, kinds: [smoke_detector], class: fire_alarm, text: {zh: 烟雾报警, en: Smoke}, source: our choice,
     when: {any: [{point: smoke, is: true}]}}
)";

// A store that answers from a thread of its own, when told to and as told.
class ScriptedJournal final : public Journal {
 public:
  ScriptedJournal() : thread_([this] { run(); }) {}
  ~ScriptedJournal() override { finish(); }
  // Answers what waits and ends its thread. As in the program, nobody answers a set that is being destroyed.
  void finish() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
  }
  void write(Batch batch, std::function<void(Result<void>)> done) noexcept override {
    const std::lock_guard lock(mutex_);
    queue_.emplace_back(std::move(batch), std::move(done));
    wake_.notify_all();
  }
  void hold(bool held) {
    const std::lock_guard lock(mutex_);
    held_ = held;
    wake_.notify_all();
  }
  void fail_next() {
    const std::lock_guard lock(mutex_);
    fail_next_ = true;
  }
  Batch written() {
    const std::lock_guard lock(mutex_);
    return std::exchange(written_, {});
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return stopping_ || (!held_ && !queue_.empty()); });
      if (queue_.empty()) return;
      auto [batch, done] = std::move(queue_.front());
      queue_.pop_front();
      const bool failing = std::exchange(fail_next_, false);
      lock.unlock();
      if (failing) done(fail(ErrorCode::io_failed, "disk full"));
      batch.holds.clear();
      lock.lock();
      written_.append(std::move(batch));
      lock.unlock();
      done({});
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::pair<Batch, std::function<void(Result<void>)>>> queue_;
  Batch written_;
  bool held_ = false, fail_next_ = false, stopping_ = false;
  std::thread thread_;
};

// Remembers what was published, and lets a test wait for it.
template <typename What>
class Seen {
 public:
  void add(What what) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(what));
    wake_.notify_all();
  }
  std::vector<What> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, 10s, [&] { return all_.size() >= count; });
    return all_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<What> all_;
};

struct Board final : LiveSink, Announcer {
  Seen<Alarm> changes;
  Seen<Notice> announced;
  void alarm_changed(const Alarm& alarm) noexcept override { changes.add(alarm); }
  void announce(const Notice& notice) noexcept override { announced.add(notice); }
};

DevicePtr detector(DeviceNo no) {
  Place place;
  place.estate = {"jx", "锦绣苑"};
  place.building = {"b" + std::to_string(no % 7), "building"};
  Device made;
  made.no = no;
  made.id = made.address = "smoke-" + std::to_string(no);
  made.source = made.format = "native";
  made.kind = DeviceKind::smoke_detector;
  made.interval = 24h;
  made.place = std::make_shared<const Place>(place);
  return std::make_shared<const Device>(std::move(made));
}

struct Rig {
  metrics::Metrics metrics;
  ScriptedJournal journal;
  Board board;
  std::vector<DevicePtr> devices;
  std::unique_ptr<PartitionSet> set;

  explicit Rig(Settings settings = {}) {
    for (DeviceNo no = 1; no <= 20; ++no) devices.push_back(detector(no));
    Problems problems;
    auto rules = rules::parse({settings::parse_yaml(kRules, "rules.yaml", problems)}, problems);
    set = std::make_unique<PartitionSet>(settings, Deps{journal, board, board, metrics, system_clock()}, std::move(rules),
                                         std::make_shared<const DeviceMap>(devices), Restored{});
    set->start();
  }
  ~Rig() {
    set->stop();
    journal.finish();
  }

  bool deliver(const DevicePtr& device, bool smoke, InboxHold hold = nullptr) {
    ToPartition item;
    item.device = device;
    item.message.address = device->address;
    item.message.readings = {Reading{Point::smoke, kNoPort, Quality::good, smoke}};
    item.arrived_at = system_clock().now();
    std::vector<ToPartition> items{item};
    return set->deliver(building_key(*device->place), items, hold);
  }
  Result<Alarm> act(ActKind kind, AlarmId id) {
    std::promise<Result<Alarm>> promise;
    auto answer = promise.get_future();
    set->post(Act{kind, id, "王芳", "desk", "", Verdict::cooking, std::nullopt},
              [&promise](Result<Alarm> result) { promise.set_value(std::move(result)); });
    return answer.get();
  }
};

TEST(PartitionSet, PublishesAnAlarmAfterItsCommit) {
  Rig rig;
  rig.journal.hold(true);
  rig.deliver(rig.devices[0], true);
  rig.journal.hold(false);
  const auto changes = rig.board.changes.wait_for(1);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_FALSE(changes[0].not_recorded);
  EXPECT_EQ(rig.journal.written().alarms.size(), 1u);
}

TEST(PartitionSet, AnnouncesAFireUnrecordedWhenTheRecordTakesTooLong) {
  Settings settings;
  settings.record_within = Millis{50};
  Rig rig(settings);
  rig.journal.hold(true);
  rig.deliver(rig.devices[0], true);
  const auto announced = rig.board.announced.wait_for(1);
  ASSERT_EQ(announced.size(), 1u);
  EXPECT_TRUE(announced[0].alarm.not_recorded);
  rig.journal.hold(false);
  const auto changes = rig.board.changes.wait_for(2);
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_FALSE(changes[1].not_recorded) << "recorded after all";
}

TEST(PartitionSet, AnnouncesAFireUnrecordedWhenTheRecordFails) {
  Rig rig;
  rig.journal.fail_next();
  rig.deliver(rig.devices[0], true);
  ASSERT_EQ(rig.board.announced.wait_for(1).size(), 1u);
  EXPECT_EQ(rig.metrics.alarms_not_recorded.value(), 1u);
}

TEST(PartitionSet, AnActIsAnsweredAfterItsCommit) {
  Rig rig;
  rig.deliver(rig.devices[3], true);
  const AlarmId id = rig.board.changes.wait_for(1).at(0).id;
  const auto acknowledged = rig.act(ActKind::acknowledge, id);
  ASSERT_TRUE(acknowledged);
  EXPECT_EQ(acknowledged->state, AlarmState::acknowledged);
  const Batch written = rig.journal.written();
  EXPECT_EQ(written.journal.back().kind, "acknowledge");
  EXPECT_EQ(written.journal.back().who, "王芳");
}

TEST(PartitionSet, AnActThatCouldNotBeRecordedSaysSo) {
  Rig rig;
  rig.deliver(rig.devices[3], true);
  const AlarmId id = rig.board.changes.wait_for(1).at(0).id;
  rig.journal.fail_next();
  const auto result = rig.act(ActKind::acknowledge, id);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::io_failed);
}

TEST(PartitionSet, AnActOnAnUnknownAlarmIsNotFound) {
  Rig rig;
  EXPECT_EQ(rig.act(ActKind::acknowledge, AlarmId{42}).error().code, ErrorCode::not_found);
}

TEST(PartitionSet, RefusesWhatAFullMailboxCannotTakeAndLosesNothing) {
  Settings settings;
  settings.mailbox_items = 64;
  Rig rig(settings);
  std::size_t taken = 0, refused = 0;
  std::mutex count;
  const auto flood = [&](std::size_t from) {
    for (int i = 0; i < 3000; ++i) {
      const bool room = rig.deliver(rig.devices[from], i % 2 == 0);
      const std::lock_guard lock(count);
      (room ? taken : refused) += 1;
    }
  };
  std::thread one(flood, 1), two(flood, 2);
  one.join();
  two.join();
  rig.set->stop();
  EXPECT_EQ(taken + refused, 6000u);
  EXPECT_EQ(rig.metrics.readings.value(), taken) << "what was taken was decided, what was refused was not";
}

TEST(PartitionSet, ReleasesTheHoldOfAPullAfterTheCommit) {
  Settings settings;
  settings.flush_after = Millis{10};
  Rig rig(settings);
  auto hold = std::make_shared<int>(7);
  const std::weak_ptr<int> watch = hold;
  rig.deliver(rig.devices[0], false, std::move(hold));
  rig.set->stop();
  rig.journal.finish();
  EXPECT_TRUE(watch.expired());
}

TEST(PartitionSet, ListsEveryMappedDeviceOnce) {
  Rig rig;
  std::promise<std::vector<DeviceSnapshot>> promise;
  rig.set->list([&promise](std::vector<DeviceSnapshot> list) { promise.set_value(std::move(list)); });
  EXPECT_EQ(promise.get_future().get().size(), 20u);
}

TEST(PartitionSet, FindsOneDeviceWithItsValues) {
  Rig rig;
  rig.deliver(rig.devices[4], true);
  rig.board.changes.wait_for(1);
  std::promise<Result<DeviceSnapshot>> promise;
  rig.set->one("smoke-5", [&promise](Result<DeviceSnapshot> one) { promise.set_value(std::move(one)); });
  const auto one = promise.get_future().get();
  ASSERT_TRUE(one);
  ASSERT_EQ(one->values.size(), 1u);
  EXPECT_EQ(one->presence, Presence::online);
}

TEST(PartitionSet, AFaultOfOurOwnReachesTheBoard) {
  Rig rig;
  rig.set->raise(SelfFaultCode::canary_late, "", "35 s");
  const auto changes = rig.board.changes.wait_for(1);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].rule, "self_canary_late");
  rig.set->clear(SelfFaultCode::canary_late, "");
  EXPECT_EQ(rig.board.changes.wait_for(2).at(1).state, AlarmState::returned_unacknowledged);
}

TEST(PartitionSet, StopsThoughWorkWithADeadlineStillComes) {
  Settings settings;
  settings.partitions = 1;
  Rig rig(settings);
  std::promise<void> go, stopping;
  rig.set->list([gate = go.get_future().share()](const auto&) { gate.wait(); });  // the only thread waits
  std::future<void> stopped = std::async(std::launch::async, [&rig, &stopping] {
    stopping.set_value();
    rig.set->stop();
  });
  stopping.get_future().wait();
  for (int i = 0; i < 50; ++i) rig.set->raise(SelfFaultCode::canary_late, std::to_string(i), "it is told again later");
  go.set_value();
  EXPECT_EQ(stopped.wait_for(60s), std::future_status::ready);
  rig.journal.finish();
  EXPECT_EQ(rig.journal.written().alarms.size(), 50u) << "what came last is recorded too";
}

TEST(PartitionSet, ManyBuildingsAtOnceEachKeepTheirOrder) {
  Rig rig;
  std::vector<std::thread> lanes;
  for (std::size_t lane = 0; lane < 4; ++lane) {
    lanes.emplace_back([&rig, lane] {
      for (int i = 0; i < 200; ++i) {
        while (!rig.deliver(rig.devices[lane], i % 2 == 0)) std::this_thread::yield();
      }
    });
  }
  for (auto& lane : lanes) lane.join();
  rig.set->stop();
  const Batch written = rig.journal.written();
  std::map<std::string, std::uint32_t> occurrences;
  for (const Alarm& alarm : written.alarms) {
    auto& known = occurrences[alarm.subject.device];
    EXPECT_GE(alarm.occurrences, known);
    known = alarm.occurrences;
  }
  for (const auto& [device, count] : occurrences) EXPECT_EQ(count, 100u) << device;
  EXPECT_EQ(occurrences.size(), 4u);
}

}  // namespace
}  // namespace firegate::partition
