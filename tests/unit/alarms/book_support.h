// What the tests of AlarmBook share: raises, and a book with what the last act wrote.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "alarms/alarm_book.h"

namespace firegate::alarms {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

inline const Instant kStart = *instant_from_text("2026-11-22T03:00:00Z");

inline PlacePtr zone(std::string id) {
  auto place = std::make_shared<Place>();
  place->estate = {"jinxiu", ""};
  place->building = {"b1", ""};
  place->floor = {"f3", ""};
  place->zone = {std::move(id), ""};
  return place;
}

struct Where {
  std::string device = "smoke-e";
  std::string zone_id = "f3-corridor";
  Port port = kNoPort;
};

inline Raise fire(Instant at, Where where = {}, std::string rule = "smoke_alarm") {
  Raise raise;
  raise.rule = std::move(rule);
  raise.alarm_class = AlarmClass::fire_alarm;
  raise.subject.device = where.device;
  raise.subject.port = where.port;
  raise.subject.kind = DeviceKind::smoke_detector;
  raise.subject.place = zone(where.zone_id);
  raise.at = at;
  raise.evidence = {{Point::smoke, kNoPort, true, std::nullopt, at}};
  return raise;
}

inline Raise fault(Instant at, Where where = {}) {
  Raise raise = fire(at, std::move(where), "device_fault");
  raise.alarm_class = AlarmClass::fault;
  raise.evidence = {{Point::fault, kNoPort, true, std::nullopt, at}};
  return raise;
}

inline std::vector<std::string> notices(const Batch& batch) {
  std::vector<std::string> texts;
  for (const Notice& notice : batch.notices) {
    texts.push_back(fmt::format("{} {}", label(notice.kind), notice.alarm.subject.text()));
  }
  return texts;
}

inline std::vector<std::string> journal(const Batch& batch) {
  std::vector<std::string> texts;
  for (const JournalEntry& entry : batch.journal)
    texts.push_back(fmt::format("{} {}>{}", entry.kind, entry.from, entry.to));
  return texts;
}

class Book : public testing::Test {
 protected:
  // What one call wrote.
  template <typename Call>
  Batch written(Call call) {
    Batch batch;
    call(batch);
    return batch;
  }
  AlarmId raised(Raise raise) {
    Batch ignored;
    return book.raise(std::move(raise), ignored);
  }
  Act act(ActKind kind, AlarmId id) {
    Act made;
    made.kind = kind;
    made.alarm = id;
    made.by = "王芳";
    made.who = "user:wangfang";
    made.address = "192.168.1.7";
    made.post = "desk-1";
    return made;
  }
  Result<Alarm> done(ActKind kind, AlarmId id, Instant at, std::optional<Verdict> verdict = std::nullopt) {
    Act made = act(kind, id);
    made.verdict = verdict;
    last = {};
    return book.act(made, at, last);
  }
  Result<Alarm> shelved(AlarmId id, Instant at, Instant until) {
    Act made = act(ActKind::shelve, id);
    made.until = until;
    made.why = "检修";
    last = {};
    return book.act(made, at, last);
  }
  AlarmState state(AlarmId id) { return book.find(id)->state; }

  AlarmBook book;
  Batch last;  // of the last act
};

}  // namespace firegate::alarms
