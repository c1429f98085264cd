// The journal of acts: page by page, as a table, and whether it is as it was written.
#include <fmt/format.h>

#include "api/export_cell.h"
#include "api/json.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/routes/routes.h"

namespace firegate::api {
namespace {

constexpr std::int64_t kDefaultPage = 100;
constexpr std::size_t kLargestPage = 500;   // core/archive.h
constexpr std::size_t kMostRows = 100'000;  // of a table; our choice

// What all three forms are asked by. The cursor and the limit are of pages only.
JournalQuery read_filter(Query& query, const Request& request) {
  JournalQuery wanted;
  wanted.scope = request.principal->scope(Permission::read_journal);
  wanted.from = query.instant("from");
  wanted.to = query.instant("to");
  wanted.who = query.text("who");
  wanted.kind = query.text("kind");
  wanted.subject = query.text("subject");
  if (const std::string alarm = query.text("alarm"); !alarm.empty()) {
    wanted.alarm = alarm_id_from_text(alarm);
    if (!wanted.alarm) query.wrong("alarm", alarm, "16 hexadecimal digits");
  }
  return wanted;
}

Response show(const JournalPage& page) {
  JsonWriter json;
  json.begin_object().key("entries");
  write_list(json, page.rows);
  json.key("next_cursor");
  page.next_cursor.empty() ? json.null() : json.value(page.next_cursor);
  json.end_object();
  return json_response(json.take());
}

void list(const Context& context, const Request& request, const Responder& respond) {
  Query query(request);
  JournalQuery wanted = read_filter(query, request);
  wanted.cursor = query.text("cursor");
  wanted.limit = static_cast<std::size_t>(query.integer("limit", kDefaultPage, 1, kLargestPage));
  if (const auto error = query.finish()) return respond(problem(*error));
  with_archive(context, respond, [wanted = std::move(wanted)](Archive& archive) {
    const auto page = archive.journal(wanted);
    return page ? show(*page) : problem(page.error());
  });
}

// A byte order mark first: some spreadsheets take a file without one for another encoding.
constexpr std::string_view kHeader = "\xEF\xBB\xBFseq,at,kind,alarm,subject,from,to,who,name,post,address,why\r\n";

void append(std::string& table, const JournalRow& row) {
  const JournalEntry& entry = row.entry;
  table += fmt::format("{},{},{},{}", row.seq, to_text(entry.at), export_cell(entry.kind),
                       entry.alarm == AlarmId{} ? std::string() : to_text(entry.alarm));
  for (const std::string* text :
       {&entry.subject, &entry.from, &entry.to, &entry.who, &entry.name, &entry.post, &entry.address, &entry.why}) {
    table += ',' + export_cell(*text);
  }
  table += "\r\n";
}

Response table_of(Archive& archive, JournalQuery wanted) {
  Response response{200,
                    "text/csv; charset=utf-8",
                    {{"Content-Disposition", "attachment; filename=\"journal.csv\""}},
                    std::string(kHeader)};
  wanted.limit = kLargestPage;
  for (std::size_t rows = 0; rows < kMostRows; rows += kLargestPage) {
    const auto page = archive.journal(wanted);
    if (!page) return problem(page.error());
    for (const JournalRow& row : page->rows) append(response.body, row);
    if (page->next_cursor.empty()) break;
    wanted.cursor = page->next_cursor;
  }
  return response;
}

void export_table(const Context& context, const Request& request, const Responder& respond) {
  Query query(request);
  const JournalQuery wanted = read_filter(query, request);
  if (const auto error = query.finish()) return respond(problem(*error));
  with_archive(context, respond, [wanted](Archive& archive) { return table_of(archive, wanted); });
}

// --- the check ---

using Check = JournalCheckJob;

std::string to_json(const Check::Status& status) {
  JsonWriter json;
  json.begin_object().member("state", label(status.state)).member("started_at", status.started_at);
  json.member("ended_at", status.ended_at).member("rows", status.rows).member("of", status.of).key("report");
  if (status.state == Check::State::done) write(json, status.report);
  else json.null();
  const bool failed = status.state == Check::State::failed;
  json.member("error", failed ? std::optional(std::string_view(status.error)) : std::nullopt).end_object();
  return json.take();
}

void show_check(const Context& context, const Request& request, const Responder& respond) {
  Query query(request);
  if (const auto error = query.finish()) return respond(problem(*error));
  respond(json_response(to_json(context.journal_check.status())));
}

// Whoever asks while one runs is told of that one.
void start_check(const Context& context, const Responder& respond) {
  context.journal_check.start();
  Response response = json_response(to_json(context.journal_check.status()));
  response.status = 202;
  respond(std::move(response));
}

}  // namespace

void add_journal_routes(Router& router, const Context& context) {
  constexpr Access kReads = needs(Permission::read_journal);
  router.get("/api/v1/journal", kReads,
             [&context](const Request& request, const Responder& respond) { list(context, request, respond); });
  router.get("/api/v1/journal.csv", kReads,
             [&context](const Request& request, const Responder& respond) { export_table(context, request, respond); });
  router.get("/api/v1/journal:verify", kReads,
             [&context](const Request& request, const Responder& respond) { show_check(context, request, respond); });
  router.post("/api/v1/journal:verify", kReads,
              [&context](const Request&, const Responder& respond) { start_check(context, respond); });
}

}  // namespace firegate::api
