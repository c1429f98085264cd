// Archive: the read seam of the store, for the web and the command line. Restored: what the store gives back at start.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/account.h"
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
  Scope scope;                      // of whom: nothing unless it is said
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

// A line of the journal with its place in the chain (store/journal_chain.h).
struct JournalRow {
  std::uint64_t seq = 0;
  JournalEntry entry;
  std::string hash;  // 64 hexadecimal digits; empty: written before there was a chain
};

struct JournalQuery {
  Scope scope;                      // of whom: nothing unless it is said
  std::optional<Instant> from, to;  // both included
  std::string who, kind, subject;   // empty: any
  std::optional<AlarmId> alarm;
  std::string cursor;       // opaque, from the page before; empty: the newest
  std::size_t limit = 100;  // 1 to 500
};
struct JournalPage {
  std::vector<JournalRow> rows;  // newest first
  std::string next_cursor;       // empty: no more
};

// What the check of the journal can find.
enum class JournalFault : std::uint8_t {
  changed_row,          // a row is not what was written
  missing_rows,         // numbers that were given are not there
  tail_cut,             // the newest rows are gone
  rolled_back,          // an older copy of the record stands in its place
  replaced,             // a row has another hash than was signed: it, or one before it, was written anew
  bad_signature,        // a checkpoint was not signed by this key
  checkpoints_damaged,  // the file of checkpoints cannot be read, or its lines do not follow one another
  checkpoints_short,    // the file of checkpoints lacks its newest lines
};
template <>
struct Labels<JournalFault> {
  static constexpr std::array<std::string_view, 8> list{"changed_row", "missing_rows",  "tail_cut",
                                                        "rolled_back", "replaced",      "bad_signature",
                                                        "checkpoints_damaged", "checkpoints_short"};
};
struct JournalFinding {
  JournalFault fault{};
  std::uint64_t from = 0, to = 0;  // rows; zero: not about rows
  std::uint64_t checkpoint = 0;    // its number; zero: not about one
  std::string text;                // what was found, in a sentence
};
struct JournalReport {
  std::uint64_t rows = 0, first = 0, last = 0;  // numbers of the first and last row
  std::uint64_t unchained = 0;                  // rows from before the chain: not covered
  std::uint64_t checkpoints = 0;
  std::vector<JournalFinding> findings;  // the first kMostFindings
  std::uint64_t more_findings = 0;
  bool ok() const noexcept { return findings.empty(); }
};
constexpr std::size_t kMostFindings = 100;  // our choice
// How far a check has come: rows read, of how many there were when it began.
using JournalProgress = std::function<void(std::uint64_t rows, std::uint64_t of)>;

// Every call but check_journal opens nothing; all block on the disk only: for web and job threads, one Archive a thread.
class Archive {
 public:
  virtual ~Archive() = default;
  virtual Result<AlarmPage> alarms(const AlarmQuery& query) = 0;
  virtual Result<Alarm> alarm(AlarmId id) = 0;
  virtual Result<std::vector<JournalEntry>> timeline(AlarmId id) = 0;  // oldest first
  virtual Result<std::vector<DeliveryRow>> deliveries(AlarmId id) = 0;
  virtual Result<std::vector<SeriesPoint>> series(std::string_view device, Point point, Port port, Instant from,
                                                  Instant to) = 0;
  // Every stored reading that arrived from `from` on and before `to`, as it was appended (in order of arrival, but for
  // some 50 ms between buildings): what is left of messages that are no longer kept. `updated_at` is its arrival.
  // `take` returns false to end.
  virtual Result<void> each_reading(Instant from, Instant to, const std::function<bool(const ReadingRow&)>& take) = 0;
  // As they came, newest first; at most kRawMessages. Empty for a device that nobody has heard. What a device said
  // before it was removed stays.
  virtual Result<std::vector<RawCopy>> messages(std::string_view device) = 0;
  // bad_input: the limit, or a cursor that no page has given.
  virtual Result<JournalPage> journal(const JournalQuery& query) = 0;
  // Reads the whole journal: seconds for 100,000 rows. `stop`: asked now and then; true ends it with `refused`.
  // `progress`: told as often; may be empty.
  virtual Result<JournalReport> check_journal(const std::function<bool()>& stop, const JournalProgress& progress) = 0;
};

}  // namespace firegate
