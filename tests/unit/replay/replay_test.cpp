#include "replay/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <mutex>
#include <random>

#include "decode/lane.h"
#include "drivers/all_drivers.h"
#include "partition/partition_set.h"
#include "settings/yaml.h"

namespace firegate::replay {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};

struct Message {
  Instant at{};
  std::string topic, payload;
};

// One transition of one alarm, as the journal has it.
struct Step {
  Instant at{};
  std::string kind, subject, from, to, why;
  bool operator==(const Step&) const = default;
};
using Steps = std::map<std::uint64_t, std::vector<Step>>;  // by alarm

// How floods are announced is no alarm's business (partition/estate.h).
void add(Steps& steps, const Batch& batch) {
  for (const JournalEntry& entry : batch.journal) {
    if (entry.alarm == AlarmId{}) continue;
    steps[static_cast<std::uint64_t>(entry.alarm)].push_back(
        {entry.at, entry.kind, entry.subject, entry.from, entry.to, entry.why});
  }
}

rules::RuleSetPtr default_rules() {
  Problems problems;
  std::vector<ConfigNodePtr> files;
  for (const auto& file : std::filesystem::directory_iterator(FIREGATE_SOURCE_DIR "/config/rules")) {
    files.push_back(settings::load_yaml(file.path(), file.path().filename().string(), problems));
  }
  auto parsed = rules::parse(files, problems);
  for (const Problem& problem : problems.list()) ADD_FAILURE() << to_text(problem);
  return parsed;
}

// A small estate: detectors and charging stations in seven buildings, two devices of a kind in each zone.
DeviceMapPtr estate() {
  std::vector<DevicePtr> devices;
  for (DeviceNo no = 1; no <= 28; ++no) {
    Place place;
    place.estate = {"jx", "锦绣苑"};
    place.building = {"b" + std::to_string(no % 7), "楼"};
    place.floor = {"f1", "1层"};
    place.zone = {"z", "走廊"};
    Device made;
    made.no = no;
    made.id = made.address = "d" + std::to_string(no);
    made.source = made.format = "native";
    made.kind = no % 3 == 0 ? DeviceKind::charging_station : DeviceKind::smoke_detector;
    made.interval = 2min;
    made.place = std::make_shared<const Place>(std::move(place));
    devices.push_back(std::make_shared<const Device>(std::move(made)));
  }
  return std::make_shared<const DeviceMap>(std::move(devices));
}

std::string random_payload(DeviceNo no, std::mt19937& random) {
  const auto chance = [&random](unsigned of) { return random() % of == 0; };
  if (no % 3 != 0) {
    return std::string(R"({"readings":{"smoke":)") + (chance(20) ? "true" : "false") + R"(,"battery_pct":)" +
           std::to_string(chance(30) ? 8 : 90) + "}}";
  }
  return R"({"ports":{"1":{"port_temperature_c":)" + std::to_string(20 + random() % 70) + R"(,"power_w":)" +
         std::to_string(random() % 1000) + "}}}";
}

// Gaps from nothing to eight minutes, so that delays run and devices are lost and come back; at the end every device
// speaks once more.
std::vector<Message> random_day(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Message> day;
  Instant at = kStart;
  const auto say = [&](DeviceNo no) {
    day.push_back({at, "fg/v1/jx/d" + std::to_string(no) + "/up", random_payload(no, random)});
  };
  for (int i = 0; i < 1500; ++i) {
    at += random() % 10 == 0 ? Millis{random() % 480'000} : Millis{random() % 3000};
    say(static_cast<DeviceNo>(1 + random() % 28));
  }
  at += 10min;
  for (DeviceNo no = 1; no <= 28; ++no) say(no);
  return day;
}

RawMessage raw_of(const Message& message, InboxSeq seq) {
  return {message.topic, message.payload, message.at, false, false, seq};
}

class NoStrangers final : public UnmappedDevices {
 public:
  DevicePtr heard(std::string_view, std::string_view, const DeviceMessage&, const RawMessage&) override {
    ADD_FAILURE() << "every device is mapped";
    return nullptr;
  }
};

class ReplayTest : public testing::Test {
 protected:
  ReplayTest() {
    std::vector<const Driver*> drivers;
    for (const auto& driver : drivers_) drivers.push_back(driver.get());
    Problems problems;
    decode_ = decode::Settings::parse(nullptr, nullptr, drivers, problems);
  }

  Steps replayed(const std::vector<Message>& day, std::size_t partitions) {
    Replay replay({decode_, models_, unmapped_, metrics_, rules_, map_}, kStart, partitions);
    Steps steps;
    InboxSeq seq = 0;
    for (const Message& message : day) add(steps, replay.receive(raw_of(message, ++seq)));
    return steps;
  }

  std::vector<std::unique_ptr<Driver>> drivers_ = all_drivers();
  decode::Settings decode_;
  Models models_;
  NoStrangers unmapped_;
  metrics::Metrics metrics_;
  rules::RuleSetPtr rules_ = default_rules();
  DeviceMapPtr map_ = estate();
};

TEST_F(ReplayTest, IsTheSameWithOneAndWithEightPartitions) {
  const auto day = random_day(1);
  const Steps one = replayed(day, 1);
  EXPECT_GT(one.size(), 50u);
  EXPECT_EQ(replayed(day, 8), one);
  EXPECT_EQ(replayed(day, 1), one);
}

TEST_F(ReplayTest, ReturnsWhatHappenedInOrderOfTimeAndAlarm) {
  Replay replay({decode_, models_, unmapped_, metrics_, rules_, map_}, kStart, 8);
  const Batch lost = replay.advance(kStart + 1h);
  ASSERT_GT(lost.journal.size(), 9u);
  EXPECT_TRUE(std::ranges::is_sorted(
      lost.journal, {}, [](const JournalEntry& entry) { return std::pair(entry.at, entry.alarm); }));
}

TEST_F(ReplayTest, AMessageFromBeforeTheLastOneCameWithIt) {
  Replay replay({decode_, models_, unmapped_, metrics_, rules_, map_}, kStart);
  replay.receive(raw_of({kStart + 1min, "fg/v1/jx/d1/up", R"({"readings":{"smoke":false}})"}, 1));
  const Batch batch = replay.receive(raw_of({kStart, "fg/v1/jx/d1/up", R"({"readings":{"smoke":true}})"}, 2));
  ASSERT_EQ(batch.alarms.size(), 1u);
  EXPECT_EQ(batch.alarms[0].first_raised_at, kStart + 1min);
}

TEST_F(ReplayTest, CountsWhatNobodySubscribedTo) {
  Replay replay({decode_, models_, unmapped_, metrics_, rules_, map_}, kStart);
  EXPECT_TRUE(replay.receive(raw_of({kStart, "nobody/knows", "x"}, 1)).journal.empty());
  EXPECT_EQ(metrics_.messages_rejected[RejectReason::unknown_topic].value(), 1u);
}

// --- live = replay ---

// Keeps what the live partitions write, and says so at once.
class KeepingJournal final : public Journal {
 public:
  void write(Batch batch, std::function<void(Result<void>)> done) noexcept override {
    {
      const std::lock_guard lock(mutex_);
      add(steps_, batch);
    }
    done({});
  }
  Steps take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(steps_, {});
  }

 private:
  std::mutex mutex_;
  Steps steps_;
};

class Nobody final : public LiveSink, public Announcer {
 public:
  void alarm_changed(const Alarm&) noexcept override {}
  void announce(const Notice&) noexcept override {}
};

// Stands still: the day goes by in the messages alone.
class MorningClock final : public Clock {
 public:
  Instant now() const noexcept override { return kStart; }
  Steady steady_now() const noexcept override { return Steady{}; }
  Millis drift() const noexcept override { return {}; }
  void re_anchor() noexcept override {}
};

class NoFault final : public SelfFault {
 public:
  void raise(SelfFaultCode, std::string_view, std::string) noexcept override {}
  void clear(SelfFaultCode, std::string_view) noexcept override {}
};

// The threads, mailboxes and batches of the running program around the same lanes and partitions.
TEST_F(ReplayTest, IsWhatTheRunningPartitionsDecide) {
  for (const unsigned seed : {2u, 3u, 4u}) {
    const auto day = random_day(seed);
    KeepingJournal journal;
    Nobody nobody;
    MorningClock clock;
    NoFault faults;
    decode::RejectedSamples rejected;
    partition::Settings settings;
    settings.partitions = 4;
    partition::PartitionSet live(settings, {journal, nobody, nobody, metrics_, clock}, rules_, map_, Restored{});
    const decode::Router router(decode_.sources);
    std::vector<decode::Lane> lanes;
    for (const decode::Source& source : decode_.sources) {
      lanes.emplace_back(source, decode_.limits, decode::LaneParts{models_, unmapped_, rejected, faults, metrics_});
    }
    live.start();
    InboxSeq seq = 0;
    for (const Message& message : day) {
      const RawMessage raw = raw_of(message, ++seq);
      auto output = lanes[*router.route(raw.topic)].decode(std::span(&raw, 1), {map_, raw.arrived_at, Instant{}});
      for (auto& [building, items] : output.buildings) {
        while (!live.deliver(building, items, nullptr)) std::this_thread::yield();
      }
    }
    live.stop();
    EXPECT_EQ(journal.take(), replayed(day, 1)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace firegate::replay
