// firegate audit: whether the journal is what was written, and all of it as a file. On files alone, read only, also
// while the gateway runs.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <limits>

#include "api/export_cell.h"
#include "cli/cli.h"
#include "store/journal_check.h"
#include "store/tables/journal.h"

namespace firegate::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t kPiece = 2000;  // rows of one reading

struct Options {
  fs::path data, checkpoints, key;
  bool json = false;
  std::string from, to;
  std::string format = "jsonl";

  fs::path database() const { return data / "firegate.db"; }
};

int failed(const Error& error) {
  fmt::print(stderr, "audit: {}\n", error.message);
  return error.code == ErrorCode::not_found ? kNotFound : kFailed;
}

int not_there(const fs::path& file) {
  fmt::print(stderr, "audit: found no {}\n", file.string());
  return kNotFound;
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

// ---- verify ----

json::object finding_json(const JournalFinding& finding) {
  json::object out{{"kind", label(finding.fault)}};
  if (finding.from > 0) out["from"] = finding.from;
  if (finding.to > 0) out["to"] = finding.to;
  if (finding.checkpoint > 0) out["checkpoint"] = finding.checkpoint;
  out["text"] = finding.text;
  return out;
}

void print_json(const JournalReport& report) {
  json::array findings;
  for (const JournalFinding& finding : report.findings) findings.push_back(finding_json(finding));
  const json::object out{{"ok", report.ok()},
                         {"rows", report.rows},
                         {"first", report.first},
                         {"last", report.last},
                         {"unchained", report.unchained},
                         {"checkpoints", report.checkpoints},
                         {"findings", std::move(findings)},
                         {"more_findings", report.more_findings}};
  fmt::print("{}\n", json::serialize(out));
}

void print_text(const JournalReport& report) {
  fmt::print("{} rows, {} to {}; {} checkpoints\n", report.rows, report.first, report.last, report.checkpoints);
  if (report.unchained > 0) fmt::print("{} rows are from before the chain and are not covered\n", report.unchained);
  for (const JournalFinding& finding : report.findings) fmt::print("{}: {}\n", label(finding.fault), finding.text);
  if (report.more_findings > 0) fmt::print("{} more findings\n", report.more_findings);
  fmt::print("{}\n", report.ok() ? "sound" : "not sound");
}

int verify(const Options& options) {
  store::JournalFiles files = store::JournalFiles::beside(options.database());
  for (const auto& [given, used] :
       {std::pair{&options.checkpoints, &files.checkpoints}, {&options.key, &files.public_key}}) {
    if (given->empty()) continue;
    if (!is_file(*given)) return not_there(*given);
    *used = *given;
  }
  const auto report = store::check_journal(files, {});
  if (!report) return failed(report.error());
  if (options.json) print_json(*report);
  else print_text(*report);
  return report->ok() ? kOk : kFailed;
}

// ---- export ----

void print_jsonl(const JournalRow& row) {
  const JournalEntry& entry = row.entry;
  json::object out{{"seq", row.seq}, {"at", to_text(entry.at)}, {"kind", entry.kind}};
  if (entry.alarm != AlarmId{}) out["alarm"] = to_text(entry.alarm);
  out["subject"] = entry.subject;
  out["from"] = entry.from;
  out["to"] = entry.to;
  out["who"] = entry.who;
  out["name"] = entry.name;
  out["post"] = entry.post;
  out["address"] = entry.address;
  out["why"] = entry.why;
  out["hash"] = row.hash;
  fmt::print("{}\n", json::serialize(out));
}

void print_csv(const JournalRow& row) {
  const JournalEntry& entry = row.entry;
  const std::string alarm = entry.alarm == AlarmId{} ? "" : to_text(entry.alarm);
  std::string line = fmt::format("{},{}", row.seq, to_text(entry.at));
  for (const auto* cell : {&entry.kind, &alarm, &entry.subject, &entry.from, &entry.to, &entry.who, &entry.name,
                           &entry.post, &entry.address, &entry.why, &row.hash}) {
    line += ',' + api::export_cell(*cell);
  }
  fmt::print("{}\r\n", line);
}

// The time of an option; the bound where it is not given.
Result<Instant> instant_of(const std::string& text, Instant otherwise) {
  if (text.empty()) return otherwise;
  if (const auto at = instant_from_text(text)) return *at;
  return fail(
      ErrorCode::bad_input,
      fmt::format("reading a time: found \"{}\", expected a date and time with a zone as 2026-11-22T00:00:00+08:00",
                  text));
}

Result<void> print_rows(store::Database& database, Instant from, Instant to, bool csv) {
  for (std::int64_t after = std::numeric_limits<std::int64_t>::min();;) {
    const auto rows = store::journal::rows_after(database, after, kPiece);
    if (!rows) return tl::unexpected(rows.error());
    for (const JournalRow& row : *rows) {
      after = static_cast<std::int64_t>(row.seq);
      if (row.entry.at < from || row.entry.at > to) continue;
      if (csv) print_csv(row);
      else print_jsonl(row);
    }
    if (rows->size() < kPiece) return {};
  }
}

int export_rows(const Options& options) {
  const auto from = instant_of(options.from, Instant::min());
  const auto to = instant_of(options.to, Instant::max());
  for (const auto* time : {&from, &to}) {
    if (*time) continue;
    fmt::print(stderr, "audit: {}\n", time->error().message);
    return kUsage;
  }
  if (!is_file(options.database())) return not_there(options.database());
  auto database = store::Database::open(options.database(), store::Database::Mode::read_only);
  if (!database) return failed(database.error());
  const bool csv = options.format == "csv";
  if (csv) fmt::print("seq,at,kind,alarm,subject,from,to,who,name,post,address,why,hash\r\n");
  const auto printed = print_rows(*database, *from, *to, csv);
  return printed ? kOk : failed(printed.error());
}

}  // namespace

void add_audit(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("audit", "The journal of alarms and acts: verify it, export it");
  command->require_subcommand(1);
  const auto add_data = [&options](CLI::App* to) {
    to->add_option("--data", options->data, "Folder of the record")->default_val("/var/lib/firegate");
  };
  CLI::App* verify_command =
      command->add_subcommand("verify", "Find rows that were changed, removed, cut off or rolled back");
  add_data(verify_command);
  verify_command->add_option("--checkpoints", options->checkpoints, "A copy of journal.checkpoints kept elsewhere");
  verify_command->add_option("--key", options->key, "A copy of journal.pub kept elsewhere");
  verify_command->add_flag("--json", options->json, "One JSON object");
  verify_command->callback([options, &exit_code] { exit_code = verify(*options); });
  CLI::App* export_command = command->add_subcommand("export", "Print the rows, oldest first");
  add_data(export_command);
  export_command->add_option("--from", options->from, "The earliest time, as 2026-11-22T00:00:00+08:00");
  export_command->add_option("--to", options->to, "The latest time");
  export_command->add_option("--format", options->format, "jsonl or csv")
      ->check(CLI::IsMember({"jsonl", "csv"}))
      ->default_val("jsonl");
  export_command->callback([options, &exit_code] { exit_code = export_rows(*options); });
}

}  // namespace firegate::cli
