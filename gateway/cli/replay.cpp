// firegate replay: what recorded messages would have led to, with the rules and devices of a configuration folder alone.
// Prints every transition of every alarm, every notice, one JSON object a line, in order of (time, alarm).
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fstream>
#include <iostream>
#include <map>

#include "cli/cli.h"
#include "cli/file_world.h"
#include "cli/inbox_span.h"
#include "cli/message_line.h"
#include "replay/replay.h"

namespace firegate::cli {
namespace {

namespace json = boost::json;

struct Options {
  std::string config, jsonl, start;
  InboxSpan span;
  std::size_t partitions = 1;
};

class Printer {
 public:
  void print(const Batch& batch) {
    for (const Alarm& alarm : batch.alarms) known_.insert_or_assign(alarm.id, alarm);
    for (const JournalEntry& entry : batch.journal) {
      if (known_.contains(entry.alarm)) print(entry, known_.at(entry.alarm));
    }
    for (const Notice& notice : batch.notices) print(notice);
    for (const Alarm& alarm : batch.alarms) {
      if (!is_live(alarm)) known_.erase(alarm.id);
    }
  }

 private:
  static void print(const JournalEntry& entry, const Alarm& alarm) {
    put({{"at", to_text(entry.at)},
         {"alarm", to_text(alarm.id)},
         {"class", label(alarm.alarm_class)},
         {"priority", static_cast<unsigned>(info(alarm.alarm_class).priority) + 1},
         {"subject", entry.subject},
         {"from", entry.from},
         {"to", entry.to},
         {"why", entry.why},
         {"event", entry.kind},
         {"rule", alarm.rule}});
  }
  static void print(const Notice& notice) {
    put({{"at", to_text(notice.at)},
         {"notice", label(notice.kind)},
         {"alarm", to_text(notice.alarm.id)},
         {"class", label(notice.alarm.alarm_class)},
         {"subject", notice.alarm.subject.text()}});
  }
  static void put(const json::object& line) { fmt::print("{}\n", json::serialize(line)); }

  std::map<AlarmId, Alarm> known_;
};

template <typename Reason, typename Counters>
std::uint64_t total(const Counters& counters) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < label_count<Reason>(); ++i) sum += counters[static_cast<Reason>(i)].value();
  return sum;
}

// The replay begins with the first message, where no other begin is given.
class Run {
 public:
  Run(FileWorld& world, const Options& options) : world_(world), partitions_(options.partitions) {
    if (!options.start.empty()) begin(*instant_from_text(options.start));
  }

  void take(const RawMessage& message) {
    if (!replay_) begin(message.arrived_at);
    printer_.print(replay_->receive(message));
    ++messages_;
  }

  void refuse(std::uint64_t line, std::string_view why) {
    fmt::print(stderr, "replay: line {}: {}\n", line, why);
    ++refused_;
  }

  void summarise() const {
    const metrics::Metrics& counted = world_.metrics;
    fmt::print(stderr, "replay: {} messages: {} decoded, {} ignored, {} rejected\n", messages_ + refused_,
               counted.messages_decoded.value(), total<IgnoreReason>(counted.messages_ignored),
               total<RejectReason>(counted.messages_rejected) + refused_);
  }

 private:
  void begin(Instant start) { replay_.emplace(world_.needs(), start, partitions_); }

  FileWorld& world_;
  std::size_t partitions_;
  std::optional<replay::Replay> replay_;
  Printer printer_;
  std::uint64_t messages_ = 0, refused_ = 0;
};

void replay_lines(std::istream& input, Run& run) {
  std::string text;
  for (std::uint64_t number = 1; std::getline(input, text); ++number) {
    const auto line = read_message_line(text);
    if (!line) {
      run.refuse(number, line.error().message);
    } else if (!line->at) {
      run.refuse(number, "\"at\" is missing");
    } else {
      run.take(RawMessage{line->topic, line->payload, *line->at, line->retained, false, number});
    }
  }
}

int replay_inbox(const Options& options, Run& run) {
  const auto read = read_inbox(options.span, [&run](const RawMessage& message) { run.take(message); });
  if (read) return kOk;
  fmt::print(stderr, "replay: {}\n", read.error().message);
  return read.error().code == ErrorCode::not_found ? kNotFound : kFailed;
}

int replay_from(const Options& options, Run& run) {
  if (!options.span.inbox.empty()) return replay_inbox(options, run);
  if (options.jsonl == "-") {
    replay_lines(std::cin, run);
    return kOk;
  }
  std::ifstream file(options.jsonl, std::ios::binary);
  if (!file) {
    fmt::print(stderr, "replay: opening \"{}\" failed\n", options.jsonl);
    return kNotFound;
  }
  replay_lines(file, run);
  return kOk;
}

int replay_command(const Options& options) {
  const auto world = FileWorld::open(options.config);
  if (!world) return kFailed;
  Run run(*world, options);
  const int code = replay_from(options, run);
  if (code == kOk) run.summarise();
  return code;
}

}  // namespace

void add_replay(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("replay", "What recorded messages would have led to");
  command->add_option("--config", options->config, "Configuration folder: places, devices, rules")->required()->check(CLI::ExistingDirectory);
  auto* lines = command->add_option("--jsonl", options->jsonl, "Lines of {at, topic, payload or payload_b64, retained?}; - for standard input");
  add_inbox_options(*command, options->span)->excludes(lines);
  command->add_option("--start", options->start, "When the gateway started; else the time of the first message")->check(check_time);
  command->add_option("--partitions", options->partitions, "The result is the same with any number")->check(CLI::Range(1, 64));
  command->callback([options, &exit_code] {
    if (options->jsonl.empty() && options->span.inbox.empty()) throw CLI::RequiredError("--jsonl or --inbox");
    exit_code = replay_command(*options);
  });
}

}  // namespace firegate::cli
