// What the tests of the store share: a folder that goes with the test, and values with every field set.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "core/batch.h"
#include "core/self_fault.h"

namespace firegate::store_test {

struct TempDir {
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fg-store-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path file() const { return path / "firegate.db"; }
  std::filesystem::path path;
};

inline Instant at(std::int64_t ms) { return Instant{Millis{1'795'316'055'000 + ms}}; }

inline PlacePtr place() {
  auto place = std::make_shared<Place>();
  place->estate = {"jinxiu", "锦绣苑"};
  place->building = {"b1", "1号楼"};
  place->floor = {"f3", "3层"};
  place->zone = {"b1-f3", "3层走廊"};
  place->location = {"east", "东端"};
  place->occupancy = 0x2F;
  return place;
}

inline Alarm full_alarm(std::uint64_t id) {
  Alarm alarm;
  alarm.id = AlarmId{id};
  alarm.rule = "smoke_alarm";
  alarm.alarm_class = AlarmClass::charging_hazard;
  alarm.subject = {"garage-03", 4, "车棚三号桩", DeviceKind::charging_station, false, place()};
  alarm.state = AlarmState::latched_unacknowledged;
  alarm.overlays.set(Overlay::shelved);
  alarm.overlays.set(Overlay::out_of_service);
  alarm.confirmation = Confirmation::confirmed;
  alarm.late = true;
  alarm.not_recorded = true;
  alarm.evidence = {{Point::temperature_c, kNoPort, 86.1, 70.0, at(1)},
                    {Point::stop_reason, 4, Choice{7}, std::nullopt, at(2)},
                    {Point::fault_code, 4, std::string("E2\t\\\n过温"), std::nullopt, at(3)},
                    {Point::smoke, kNoPort, true, std::nullopt, at(4)},
                    {Point::smoke, kNoPort, Unknown{}, std::nullopt, at(5)},
                    {Point::fault_code, 4, std::string("E\t3"), 1.5, at(6), "garage\t04", 35.5}};
  alarm.first_raised_at = at(10);
  alarm.last_raised_at = at(11);
  alarm.occurrences = 3;
  alarm.returned_at = at(12);
  alarm.acknowledged_at = at(13);
  alarm.acknowledged_by = "王芳";
  alarm.verdict = Verdict::steam_or_dust;
  alarm.verdict_by = "李雷";
  alarm.shelved_until = at(14);
  alarm.shelved_by = "王芳";
  alarm.shelved_why = "检修";
  alarm.suppressed_why = "line down: main";
  alarm.cause = AlarmId{0xF0E1'D2C3'B4A5'9687};
  alarm.consequences = 5000;
  alarm.line = "main/native";
  alarm.chattering = true;
  alarm.end_announced = true;
  alarm.changed_at = at(15);
  alarm.revision = 9;
  return alarm;
}

inline Alarm ended_alarm(std::uint64_t id) {
  Alarm alarm = full_alarm(id);
  alarm.state = AlarmState::normal;
  alarm.overlays = {};
  return alarm;
}

inline void expect_same(const Alarm& a, const Alarm& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.rule, b.rule);
  EXPECT_EQ(a.alarm_class, b.alarm_class);
  EXPECT_EQ(a.subject.device, b.subject.device);
  EXPECT_EQ(a.subject.port, b.subject.port);
  EXPECT_EQ(a.subject.device_name, b.subject.device_name);
  EXPECT_EQ(a.subject.kind, b.subject.kind);
  EXPECT_EQ(a.subject.mapped, b.subject.mapped);
  for (const auto level : {&Place::estate, &Place::building, &Place::floor, &Place::zone, &Place::location}) {
    EXPECT_EQ(((*a.subject.place).*level).id, ((*b.subject.place).*level).id);
    EXPECT_EQ(((*a.subject.place).*level).name, ((*b.subject.place).*level).name);
  }
  EXPECT_EQ(a.subject.place->occupancy, b.subject.place->occupancy);
  EXPECT_EQ(a.state, b.state);
  EXPECT_EQ(a.overlays, b.overlays);
  EXPECT_EQ(a.confirmation, b.confirmation);
  EXPECT_EQ(a.late, b.late);
  EXPECT_EQ(a.not_recorded, b.not_recorded);
  ASSERT_EQ(a.evidence.size(), b.evidence.size());
  for (std::size_t i = 0; i < a.evidence.size(); ++i) {
    EXPECT_EQ(a.evidence[i].point, b.evidence[i].point);
    EXPECT_EQ(a.evidence[i].port, b.evidence[i].port);
    EXPECT_EQ(a.evidence[i].value, b.evidence[i].value);
    EXPECT_EQ(a.evidence[i].limit, b.evidence[i].limit);
    EXPECT_EQ(a.evidence[i].at, b.evidence[i].at);
    EXPECT_EQ(a.evidence[i].device, b.evidence[i].device);
    EXPECT_EQ(a.evidence[i].share_pct, b.evidence[i].share_pct);
  }
  EXPECT_EQ(a.first_raised_at, b.first_raised_at);
  EXPECT_EQ(a.last_raised_at, b.last_raised_at);
  EXPECT_EQ(a.occurrences, b.occurrences);
  EXPECT_EQ(a.returned_at, b.returned_at);
  EXPECT_EQ(a.acknowledged_at, b.acknowledged_at);
  EXPECT_EQ(a.acknowledged_by, b.acknowledged_by);
  EXPECT_EQ(a.verdict, b.verdict);
  EXPECT_EQ(a.verdict_by, b.verdict_by);
  EXPECT_EQ(a.shelved_until, b.shelved_until);
  EXPECT_EQ(a.shelved_by, b.shelved_by);
  EXPECT_EQ(a.shelved_why, b.shelved_why);
  EXPECT_EQ(a.suppressed_why, b.suppressed_why);
  EXPECT_EQ(a.cause, b.cause);
  EXPECT_EQ(a.consequences, b.consequences);
  EXPECT_EQ(a.line, b.line);
  EXPECT_EQ(a.chattering, b.chattering);
  EXPECT_EQ(a.end_announced, b.end_announced);
  EXPECT_EQ(a.changed_at, b.changed_at);
  EXPECT_EQ(a.revision, b.revision);
}

inline ReadingRow reading(std::string device, Point point, Value value, Instant when, Port port = kNoPort) {
  return {std::move(device), {point, port, Quality::good, std::move(value), when, when, when}};
}

struct FixedClock final : Clock {
  Instant now() const noexcept override { return Instant{Millis{wall.load()}}; }
  Steady steady_now() const noexcept override { return std::chrono::steady_clock::now(); }
  Millis drift() const noexcept override { return {}; }
  void re_anchor() noexcept override {}
  std::atomic<std::int64_t> wall{at(0).time_since_epoch().count()};
};

struct Faults final : SelfFault {
  void raise(SelfFaultCode code, std::string_view part, std::string) noexcept override {
    if (code == SelfFaultCode::store_failed && part.empty()) failed = true, ever_failed = true;
    if (code == SelfFaultCode::store_failed && part == "refused") ++refused;
    if (code == SelfFaultCode::store_slow) slow = true;
  }
  void clear(SelfFaultCode code, std::string_view part) noexcept override {
    if (code == SelfFaultCode::store_failed && part.empty()) failed = false;
    if (code == SelfFaultCode::store_slow) slow = false;
  }
  std::atomic<bool> failed{false}, ever_failed{false}, slow{false};
  std::atomic<int> refused{0};
};

// Collects what `done` was called with; waits for the n-th call.
class Calls {
 public:
  std::function<void(Result<void>)> done() {
    return [this](const Result<void>& result) {
      const std::lock_guard lock(mutex_);
      results_.push_back(result);
      wake_.notify_all();
    };
  }
  std::vector<Result<void>> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, std::chrono::seconds{30}, [&] { return results_.size() >= count; });
    return results_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Result<void>> results_;
};

}  // namespace firegate::store_test
