// Fakes of the seams that the web part stands on: clock, acts, devices, health, tray, archive, self faults. Header
// only; core only. What several threads may call is locked.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/account_store.h"
#include "core/act.h"
#include "core/archive.h"
#include "core/live.h"
#include "core/self_fault.h"

namespace firegate::fakes {

constexpr Instant kMorning{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + std::chrono::hours{3}};

// Stands still until it is moved.
class StillClock final : public Clock {
 public:
  Instant now() const noexcept override { return Instant{Millis{wall_}}; }
  Steady steady_now() const noexcept override { return Steady{} + Millis{steady_}; }
  Millis drift() const noexcept override { return {}; }
  void re_anchor() noexcept override {}
  void advance(Millis by) noexcept {
    wall_ += by.count();
    steady_ += by.count();
  }

 private:
  std::atomic<Millis::rep> wall_{kMorning.time_since_epoch().count()};
  std::atomic<Millis::rep> steady_{1'000'000};
};

inline PlacePtr make_place(std::string estate = "sunny") {
  Place place;
  place.estate = {std::move(estate), "阳光小区"};
  place.building = {"b1", "1 号楼"};
  place.floor = {"b1-f3", "3 层"};
  place.occupancy = 1u << static_cast<unsigned>(Occupancy::elderly_alone);
  return std::make_shared<const Place>(std::move(place));
}

// The place of an estate itself, and of a building of it.
inline PlacePtr make_estate(std::string id, std::string building = {}) {
  Place place;
  place.estate = {id, "小区 " + id};
  if (!building.empty()) place.building = {building, building + " 号楼"};
  return std::make_shared<const Place>(std::move(place));
}

// The alarm or device as one of another estate; empty: of none.
inline Alarm in_estate(std::string estate, Alarm alarm) {
  alarm.subject.place = make_place(std::move(estate));
  return alarm;
}

inline Alarm make_alarm(std::uint64_t id, AlarmClass alarm_class = AlarmClass::fire_alarm,
                        AlarmState state = AlarmState::unacknowledged, std::uint32_t revision = 1) {
  Alarm alarm;
  alarm.id = AlarmId{id};
  alarm.rule = "smoke_alarm";
  alarm.alarm_class = alarm_class;
  alarm.subject = {"b1-301-smoke", kNoPort, "301 烟感", DeviceKind::smoke_detector, true, make_place()};
  alarm.state = state;
  alarm.evidence.push_back({Point::smoke, kNoPort, Value{true}, std::nullopt, kMorning});
  alarm.first_raised_at = alarm.last_raised_at = alarm.changed_at = kMorning;
  alarm.occurrences = 1;
  alarm.revision = revision;
  return alarm;
}

inline DeviceSnapshot make_device(std::string id, DeviceKind kind = DeviceKind::smoke_detector) {
  Device device;
  device.id = std::move(id);
  device.name = "烟感 " + device.id;
  device.source = "site";
  device.format = "native";
  device.address = device.id;
  device.model = "generic";
  device.kind = kind;
  device.interval = std::chrono::hours{24};
  device.place = make_place();
  DeviceSnapshot snapshot;
  snapshot.device = std::make_shared<const Device>(std::move(device));
  snapshot.presence = Presence::online;
  snapshot.last_heard = kMorning;
  return snapshot;
}

// Acknowledges, resets and so on by `answer`, at once; keeps what was asked.
class ScriptedActs final : public Acts {
 public:
  std::function<Result<Alarm>(const Act&)> answer;
  void post(Act act, std::function<void(Result<Alarm>)> done) noexcept override {
    auto result = answer ? answer(act) : fail(ErrorCode::not_found, "no such alarm");
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(std::move(act));
    }
    done(std::move(result));
  }
  std::vector<Act> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Act> asked_;
};

class FixedDevices final : public Devices {
 public:
  std::vector<DeviceSnapshot> devices;
  void list(std::function<void(std::vector<DeviceSnapshot>)> done) noexcept override { done(devices); }
  void one(std::string id, std::function<void(Result<DeviceSnapshot>)> done) noexcept override {
    const auto at = std::ranges::find_if(devices, [&id](const DeviceSnapshot& d) { return d.device->id == id; });
    if (at == devices.end()) return done(fail(ErrorCode::not_found, "no device " + id));
    done(*at);
  }
};

class FixedHealth final : public HealthSource {
 public:
  Health health() const override {
    const std::lock_guard lock(mutex_);
    return health_;
  }
  void set(Health health) {
    const std::lock_guard lock(mutex_);
    health_ = std::move(health);
  }

 private:
  mutable std::mutex mutex_;
  Health health_{{{"broker", true, "connected"}}, 2, 2, 0, 0, {}, {}};
};

class FixedTray final : public Tray {
 public:
  std::vector<Unmapped> unmapped_list;
  std::vector<RejectedSample> rejected_list;
  std::vector<Unmapped> unmapped() const override { return unmapped_list; }
  std::vector<RejectedSample> rejected() const override { return rejected_list; }
};

// What every FixedArchive reads, and what it was asked last.
struct Records {
  std::map<AlarmId, Alarm> alarms;
  std::vector<JournalEntry> timeline;
  std::vector<DeliveryRow> deliveries;
  std::vector<SeriesPoint> series;
  std::vector<ReadingRow> readings;
  std::vector<RawCopy> messages;
  std::string next_cursor;
  AlarmQuery asked;
  std::string asked_device;  // for messages
  JournalPage journal;
  JournalQuery asked_journal;
  JournalReport report;
  std::function<Result<JournalReport>(const std::function<bool()>&, const JournalProgress&)> check;  // empty: `report`
};

class FixedArchive final : public Archive {
 public:
  explicit FixedArchive(Records& records) : records_(records) {}
  Result<AlarmPage> alarms(const AlarmQuery& query) override {
    records_.asked = query;
    AlarmPage page;
    for (const auto& [id, alarm] : records_.alarms) page.alarms.push_back(alarm);
    page.next_cursor = records_.next_cursor;
    return page;
  }
  Result<Alarm> alarm(AlarmId id) override {
    const auto at = records_.alarms.find(id);
    if (at == records_.alarms.end()) return fail(ErrorCode::not_found, "no alarm " + to_text(id));
    return at->second;
  }
  Result<std::vector<JournalEntry>> timeline(AlarmId) override { return records_.timeline; }
  Result<std::vector<DeliveryRow>> deliveries(AlarmId) override { return records_.deliveries; }
  Result<std::vector<SeriesPoint>> series(std::string_view, Point, Port, Instant, Instant) override {
    return records_.series;
  }
  Result<void> each_reading(Instant from, Instant to, const std::function<bool(const ReadingRow&)>& take) override {
    for (const ReadingRow& row : records_.readings) {
      const Instant at = row.current.updated_at;
      if (at >= from && at < to && !take(row)) break;
    }
    return {};
  }
  Result<std::vector<RawCopy>> messages(std::string_view device) override {
    records_.asked_device = device;
    return records_.messages;
  }
  Result<JournalPage> journal(const JournalQuery& query) override {
    records_.asked_journal = query;
    return records_.journal;
  }
  Result<JournalReport> check_journal(const std::function<bool()>& stop, const JournalProgress& progress) override {
    if (records_.check) return records_.check(stop, progress);
    return records_.report;
  }

 private:
  Records& records_;
};

// Stores at once, or not at all, or when it is told to; keeps what was stored.
class ScriptedAccountStore final : public AccountStore {
 public:
  bool broken = false;
  bool held = false;  // answers wait for `release`
  void save(AccountChange change, std::function<void(Result<void>)> done) noexcept override {
    auto answer = [this, change = std::move(change), done = std::move(done)] {
      if (broken) return done(fail(ErrorCode::io_failed, "disk full"));
      stored.push_back(change);
      done({});
    };
    held ? waiting_.push_back(std::move(answer)) : answer();
  }
  void release() {
    held = false;
    for (auto& answer : std::exchange(waiting_, {})) answer();
  }
  std::size_t waiting() const { return waiting_.size(); }
  std::vector<JournalEntry> journal() const {
    std::vector<JournalEntry> lines;
    for (const AccountChange& change : stored) lines.insert(lines.end(), change.journal.begin(), change.journal.end());
    return lines;
  }
  std::vector<AccountChange> stored;

 private:
  std::vector<std::function<void()>> waiting_;
};

class RecordedFaults final : public SelfFault {
 public:
  void raise(SelfFaultCode code, std::string_view part, std::string) noexcept override { note("raise", code, part); }
  void clear(SelfFaultCode code, std::string_view part) noexcept override { note("clear", code, part); }
  std::vector<std::string> said() const {
    const std::lock_guard lock(mutex_);
    return said_;
  }

 private:
  void note(std::string_view verb, SelfFaultCode code, std::string_view part) noexcept {
    const std::lock_guard lock(mutex_);
    said_.push_back(std::string(verb) + " " + std::string(label(code)) + " " + std::string(part));
  }
  mutable std::mutex mutex_;
  std::vector<std::string> said_;
};

}  // namespace firegate::fakes
