// Archive: the read seam of the store, for the web and the command line. Restored: what the store gives back at start.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/batch.h"

namespace firegate {

// What was true when we stopped, read once before MQTT connects.
struct Restored {
  std::vector<Alarm> alarms;  // live ones
  std::vector<ReadingRow> values;
  std::vector<DeviceRow> devices;
  std::vector<RuleStateRow> rule_states;
  std::vector<RetainedFireRow> retained_fires;
  std::vector<LinkRow> links;
  std::vector<Position> positions;
  InboxSeq inbox_position = 0;  // every message up to here is finished
};

struct AlarmQuery {
  std::optional<Instant> from, to;  // by first_raised_at
  std::optional<AlarmClass> alarm_class;
  std::string estate, building, device;  // empty: any
  std::string cursor;                    // opaque, from the page before; empty: the newest
  std::size_t limit = 100;               // 1 to 500
};
struct AlarmPage {
  std::vector<Alarm> alarms;  // newest first
  std::string next_cursor;    // empty: no more
};

// How one notice went.
struct DeliveryRow {
  std::string key;      // of the notice
  std::string channel;
  std::string state;    // waiting, sent, rejected
  std::uint32_t attempts = 0;
  Instant at{};         // of the last change
  std::string detail;
};

struct SeriesPoint {
  Instant at{};
  Value value;
  Quality quality{};
};

// Every call opens nothing and blocks on the disk only: for web and job threads, one Archive a thread.
class Archive {
 public:
  virtual ~Archive() = default;
  virtual Result<AlarmPage> alarms(const AlarmQuery& query) = 0;
  virtual Result<Alarm> alarm(AlarmId id) = 0;
  virtual Result<std::vector<JournalEntry>> timeline(AlarmId id) = 0;  // oldest first
  virtual Result<std::vector<DeliveryRow>> deliveries(AlarmId id) = 0;
  virtual Result<std::vector<SeriesPoint>> series(std::string_view device, Point point, Port port, Instant from,
                                                  Instant to) = 0;
};

}  // namespace firegate
