// Batch: what one partition or lane wants recorded together, in one transaction: alarms, journal, notices, values, raw
// messages, liveness, rule states, link states, and how far it has come in the inbox.
// Built on the caller's strand, moved to the store writer.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/alarm.h"
#include "core/current_values.h"
#include "core/link_state.h"
#include "core/raw_copy.h"
#include "core/raw_message.h"
#include "core/reading.h"
#include "core/result.h"

namespace firegate {

// One line of the journal: a transition, an act, an event of ours.
struct JournalEntry {
  Instant at{};          // when it happened by the core's time (a timer's deadline, not the wall clock)
  std::string kind;      // raise, clear, acknowledge, verdict, reset, shelve, ..., start, stop, clock_step
  AlarmId alarm{};       // zero: not about an alarm
  std::string subject;   // device, or device/port
  std::string from, to;  // states
  std::string who;       // a person, or "system"
  std::string post;      // at which desk or screen
  std::string why;       // reason, evidence, detail
  std::string name{};     // who, as people call them: 王芳
  std::string address{};  // from where: an IP address, or "local"
};

// What happened that people may have to be told of. `respond` decides who is told and delivers.
enum class NoticeKind : std::uint8_t {
  raised, announced_again, confirmed, returned, acknowledged, verdict, ended,
  stepped_down,    // its class became less urgent
  overlay_ending,  // its shelving ends soon
  collected,       // stands for `count` announcements that were held back; the alarm is the most urgent of them
};
template <>
struct Labels<NoticeKind> {
  static constexpr std::array<std::string_view, 10> list{
      "raised",  "announced_again", "confirmed",    "returned",       "acknowledged",
      "verdict", "ended",           "stepped_down", "overlay_ending", "collected"};
};
struct Notice {
  NoticeKind kind{};
  Instant at{};
  Alarm alarm;  // as it was then
  std::uint32_t count = 1;  // of announcements it stands for

  std::string key() const;  // idempotency key: alarm id and revision
};

struct ReadingRow {
  std::string device;
  Current current;
};

struct DeviceRow {
  std::string device;
  Instant last_heard{};
  std::string boot;  // native format: run and number of its last message
  std::uint64_t seq = 0;
};

// A message of a mapped device as it came. The store numbers them; the last kRawMessages of each device stay.
struct RawRow {
  std::string device;
  RawCopyPtr raw;  // never null
};

// The first message of a device in test that counts: the test is passed.
struct TestRow {
  std::string device;
  std::uint32_t no = 0;  // of the device's test
  Instant at{};          // of arrival
  RawCopyPtr raw;        // null: merged with others in a flood
  std::optional<double> signal_dbm;
};

struct RuleStateRow {
  std::string device;
  Port port = kNoPort;
  std::string rule;
  std::string state;  // rules' own text form; empty: nothing to keep
};

// A fire that existed only as a retained value is raised once per (subject, value), across restarts.
struct RetainedFireRow {
  std::string subject;
  Point point{};
  bool forget = false;  // a live value has said otherwise since
};

struct LinkRow {
  std::string source;
  Learned learned;
};

// All messages of `source` up to `seq` that concern `building` are in this batch or in earlier ones.
struct Position {
  std::string building;
  std::string source;
  InboxSeq seq = 0;
};

// Keeps the inbox from forgetting messages that are still being worked on; released when the last copy goes.
using InboxHold = std::shared_ptr<const void>;

struct Batch {
  std::vector<Alarm> alarms;  // as they are now; `normal` ones have ended
  std::vector<JournalEntry> journal;
  std::vector<Notice> notices;
  std::vector<ReadingRow> readings;  // worth keeping as history
  std::vector<RawRow> raws;          // messages as they came
  std::vector<DeviceRow> devices;
  std::vector<TestRow> tests;
  std::vector<RuleStateRow> rule_states;
  std::vector<RetainedFireRow> retained_fires;
  std::vector<LinkRow> links;
  std::vector<Position> positions;
  std::vector<InboxHold> holds;
  bool urgent = false;  // commit at once (alarms, acts)

  bool empty() const noexcept;
  void append(Batch&& other);
};

// The write seam. Any thread. `done` runs once on the writer's thread, after the commit or its failure: it posts to the
// caller's strand and returns at once. A batch whose commit failed is kept by the writer and tried again; `done` is called
// with the failure first and again with success.
class Journal {
 public:
  virtual ~Journal() = default;
  virtual void write(Batch batch, std::function<void(Result<void>)> done) noexcept = 0;
};

}  // namespace firegate
