// firegate rules backtest: what other rules would have made of the messages that a gateway's inbox still holds, and of
// the stored readings before them, against today's rules and what people said of the alarms of that time.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <iterator>

#include "cli/cli.h"
#include "cli/file_world.h"
#include "cli/inbox_span.h"
#include "cli/rules.h"
#include "replay/backtest.h"
#include "replay/stored_history.h"
#include "replay/trial.h"
#include "replay/verdicts.h"
#include "store/queries.h"

namespace firegate::cli {
namespace {

namespace json = boost::json;

struct Options {
  std::string config, rules, database;
  InboxSpan span;
  bool json = false;
};

// What today's rules and the others found.
struct Found {
  std::vector<replay::Episode> today, candidate;
};

// From `--from` up to the oldest message, from the readings that the record keeps.
Result<void> judge_stored(Archive& archive, const InboxSpan& span, const FileWorld& today, const FileWorld& candidate,
                          Found& found) {
  const auto from = instant_from_text(span.from);
  if (!from) return {};
  const auto begin = begin_of_inbox(span.inbox);
  if (!begin) return tl::unexpected(begin.error());
  const Instant until = std::min(begin->value_or(kNever), instant_from_text(span.to).value_or(kNever));
  if (until == kNever || *from >= until) return {};
  auto judged = replay::judge_stored(archive, today.world(), *today.config.rules, *candidate.config.rules, *from, until,
                                     [](Instant) { return true; });
  if (!judged) return tl::unexpected(judged.error());
  if (judged->first) fmt::print(stderr, "before {} only stored readings were there\n", to_text(until));
  found = {std::move(judged->today), std::move(judged->candidate)};
  return {};
}

Result<void> judge_messages(const InboxSpan& span, const FileWorld& today, const FileWorld& candidate, Found& found) {
  std::optional<replay::Trial> trial;
  auto read = read_inbox(span, [&](const RawMessage& message) {
    if (!trial) trial.emplace(today.world(), today.config.rules, candidate.config.rules, message.arrived_at);
    trial->take(message);
  });
  if (!read || !trial) return read;
  std::ranges::copy(trial->today().all(), std::back_inserter(found.today));
  std::ranges::copy(trial->candidate().all(), std::back_inserter(found.candidate));
  return {};
}

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
  fmt::print("{:<8} {}  {:<24} {:<16} {:<24} {:>8} {}\n", label(one.outcome), to_text(episode.raised_at),
             episode.subject, label(episode.alarm_class), episode.rule,
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
  Found found;
  replay::Verdicts verdicts;  // without a record nothing is known
  if (!options.database.empty()) {
    const auto archive = store::SqliteArchive::open(options.database);
    if (!archive) return failed(archive.error());
    const InboxSpan& span = options.span;
    if (auto judged = judge_stored(**archive, span, *today, *candidate, found); !judged) return failed(judged.error());
    if (auto loaded = verdicts.load(**archive, instant_from_text(span.from), instant_from_text(span.to)); !loaded) {
      return failed(loaded.error());
    }
  }
  if (auto judged = judge_messages(options.span, *today, *candidate, found); !judged) return failed(judged.error());
  const auto comparisons = replay::compare(
      found.today, found.candidate, [&verdicts](const replay::Episode& episode) { return verdicts.of(episode); });
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
  command->add_option("--config", options->config, "Configuration folder with today's rules")
      ->default_val("config")
      ->check(CLI::ExistingDirectory);
  command->add_option("--rules", options->rules, "Folder with the other rules")
      ->required()
      ->check(CLI::ExistingDirectory);
  add_inbox_options(*command, options->span)->required();
  command
      ->add_option("--db", options->database,
                   "firegate.db: what people said of the alarms, and readings from before the oldest message")
      ->check(CLI::ExistingFile);
  command->add_flag("--json", options->json, "One JSON object an episode, and the sum");
  command->callback([options, &exit_code] { exit_code = rules_backtest(*options); });
}

}  // namespace firegate::cli
