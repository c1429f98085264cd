// firegate rules backtest: what other rules would have made of the messages that a gateway's inbox still holds, against
// today's rules and what people said of the alarms of that time.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "cli/cli.h"
#include "cli/file_world.h"
#include "cli/inbox_span.h"
#include "cli/rules.h"
#include "replay/backtest.h"
#include "store/queries.h"

namespace firegate::cli {
namespace {

namespace json = boost::json;

struct Options {
  std::string config, rules, database;
  InboxSpan span;
  bool json = false;
};

// One set of rules on the messages as they come.
class Side {
 public:
  explicit Side(FileWorld& world) : world_(world) {}
  void take(const RawMessage& message) {
    if (!replay_) replay_.emplace(world_.needs(), message.arrived_at);
    episodes_.add(replay_->receive(message));
  }
  std::vector<replay::Episode> take_episodes() { return episodes_.take(); }

 private:
  FileWorld& world_;
  std::optional<replay::Replay> replay_;
  replay::Episodes episodes_;
};

// What people said, from the record; without one nothing is known.
class Verdicts {
 public:
  Result<void> load(const std::string& database, const InboxSpan& span) {
    auto archive = store::SqliteArchive::open(database);
    if (!archive) return tl::unexpected(archive.error());
    AlarmQuery query;
    query.scope.every = true;
    query.from = instant_from_text(span.from);
    query.to = instant_from_text(span.to);
    query.limit = 500;
    do {
      auto page = (*archive)->alarms(query);
      if (!page) return tl::unexpected(page.error());
      for (Alarm& alarm : page->alarms) by_origin_[{alarm.rule, alarm.subject.text()}].push_back(std::move(alarm));
      query.cursor = page->next_cursor;
    } while (!query.cursor.empty());
    return {};
  }

  std::optional<Verdict> of(const replay::Episode& episode) const {
    const auto alarms = by_origin_.find({episode.rule, episode.subject});
    if (alarms == by_origin_.end()) return std::nullopt;
    for (const Alarm& alarm : alarms->second) {
      if (alarm.first_raised_at <= episode.raised_at && episode.raised_at <= alarm.changed_at) return alarm.verdict;
    }
    return std::nullopt;
  }

 private:
  std::map<std::pair<std::string, std::string>, std::vector<Alarm>> by_origin_;
};

std::optional<Millis> lead(const replay::Comparison& one) {
  if (!one.today || !one.candidate) return std::nullopt;
  return one.today->raised_at - one.candidate->raised_at;
}

void print_json(const replay::Comparison& one) {
  const replay::Episode& episode = one.either();
  json::object line{{"outcome", label(one.outcome)},
                    {"at", to_text(episode.raised_at)},
                    {"subject", episode.subject},
                    {"class", label(episode.alarm_class)},
                    {"rule", episode.rule}};
  if (const auto gained = lead(one)) line["lead_s"] = static_cast<double>(gained->count()) / 1000;
  if (one.verdict) line["verdict"] = label(*one.verdict);
  fmt::print("{}\n", json::serialize(line));
}

void print_text(const replay::Comparison& one) {
  const replay::Episode& episode = one.either();
  const auto gained = lead(one);
  fmt::print("{:<8} {}  {:<24} {:<16} {:<24} {:>8} {}\n", label(one.outcome), to_text(episode.raised_at), episode.subject,
             label(episode.alarm_class), episode.rule,
             gained ? fmt::format("{:+.1f} s", static_cast<double>(gained->count()) / 1000) : "",
             one.verdict ? label(*one.verdict) : "");
}

void print_summary(const replay::Summary& summary, bool as_json) {
  json::object line;
  std::string text;
  for (std::size_t i = 0; i < summary.outcomes.size(); ++i) {
    const auto outcome = label(static_cast<replay::Outcome>(i));
    line[outcome] = summary.outcomes[i];
    text += fmt::format("{} {}, ", summary.outcomes[i], outcome);
  }
  line["real_missed"] = summary.real_missed;
  line["false_missed"] = summary.false_missed;
  if (as_json) {
    fmt::print("{}\n", json::serialize(json::object{{"summary", line}}));
  } else {
    fmt::print("{}of the missed people called {} real and {} false\n", text, summary.real_missed, summary.false_missed);
  }
}

int failed(const Error& error) {
  fmt::print(stderr, "rules backtest: {}\n", error.message);
  return error.code == ErrorCode::not_found ? kNotFound : kFailed;
}

// The candidate is the configuration with other rules: the same places and devices.
int rules_backtest(const Options& options) {
  const auto today = FileWorld::open(options.config), candidate = FileWorld::open(options.config);
  if (!today || !candidate || !candidate->use_rules(options.rules)) return kFailed;
  Verdicts verdicts;
  if (!options.database.empty()) {
    if (const auto loaded = verdicts.load(options.database, options.span); !loaded) return failed(loaded.error());
  }
  Side one(*today), other(*candidate);
  const auto read = read_inbox(options.span, [&](const RawMessage& message) {
    one.take(message);
    other.take(message);
  });
  if (!read) return failed(read.error());
  const auto comparisons = replay::compare(one.take_episodes(), other.take_episodes(),
                                           [&verdicts](const replay::Episode& episode) { return verdicts.of(episode); });
  for (const replay::Comparison& comparison : comparisons) {
    if (options.json) {
      print_json(comparison);
    } else if (comparison.outcome != replay::Outcome::caught) {
      print_text(comparison);
    }
  }
  print_summary(replay::summarise(comparisons), options.json);
  return kOk;
}

}  // namespace

void add_rules_backtest(CLI::App& rules, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = rules.add_subcommand("backtest", "What other rules would have made of recorded messages");
  command->add_option("--config", options->config, "Configuration folder with today's rules")->default_val("config")->check(CLI::ExistingDirectory);
  command->add_option("--rules", options->rules, "Folder with the other rules")->required()->check(CLI::ExistingDirectory);
  add_inbox_options(*command, options->span)->required();
  command->add_option("--db", options->database, "firegate.db with what people said of the alarms")->check(CLI::ExistingFile);
  command->add_flag("--json", options->json, "One JSON object an episode, and the sum");
  command->callback([options, &exit_code] { exit_code = rules_backtest(*options); });
}

}  // namespace firegate::cli
