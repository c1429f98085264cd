// The rules in force, what they raised, their files and versions; checking, publishing and going back.
#include <fmt/format.h>

#include <charconv>

#include "api/json.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/routes/rule_json.h"
#include "api/routes/rule_use.h"
#include "api/rule_bodies.h"
#include "core/builtin_file.h"

namespace firegate::api {

std::optional<Response> refuse_but_everywhere(const Context& context, const Request& request) {
  return context.door.authorise.outside(request, Permission::edit_rules, kEveryEstate);
}

void with_desk(const Context& context, const Responder& respond, std::function<Response(RuleDesk&)> ask) {
  const bool queued =
      context.rules.post([&desk = context.rules, respond, ask = std::move(ask)] { respond(ask(desk)); });
  if (!queued) respond(problem(503, "overloaded", "asking about rules: too many requests wait"));
}

Response rule_problem(const RuleRefusal& refusal) {
  if (refusal.stale) return problem(412, "precondition_failed", refusal.error.message);
  Response response = problem(refusal.error);
  if (refusal.problems.empty()) return response;
  JsonWriter json;
  write_list(json, refusal.problems);
  response.body.pop_back();
  response.body += ",\"problems\":" + json.take() + "}";
  return response;
}

namespace {

constexpr std::int64_t kDefaultVersions = 100, kMostVersions = 500;

std::string etag_of(std::uint32_t version) { return fmt::format("\"{}\"", version); }

// The number that If-Match or a path names; none: it is no number of ours.
std::optional<std::uint32_t> number_in(std::string_view text) noexcept {
  std::uint32_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size() && number > 0 ? std::optional(number)
                                                                                       : std::nullopt;
}

// Refuses what no parameter is for.
std::optional<Response> refuse_parameters(const Request& request) {
  Query query(request);
  if (const auto error = query.finish()) return problem(*error);
  return std::nullopt;
}

Response show_rules(const Context& context, const Request& request) {
  const auto now = context.rules.in_force();
  const bool sees_everything = request.principal->scope(Permission::look).every;
  JsonWriter json;
  json.begin_object().key("version");
  write(json, now->version);
  json.key("rules").begin_array();
  for (const rules::Rule& rule : now->rules->all()) write(json, rule, *now, sees_everything);
  json.end_array().end_object();
  return json_response(json.take());
}

Response show_files(const Context& context, const Request& request) {
  if (auto refusal = refuse_but_everywhere(context, request)) return std::move(*refusal);
  const auto now = context.rules.in_force();
  JsonWriter json;
  json.begin_object().member("version", now->version.number).member("built_in", now->built_in).key("files");
  write_list(json, now->files);
  json.end_object();
  Response response = json_response(json.take());
  response.headers.push_back({"ETag", etag_of(now->version.number)});
  return response;
}

Response show_hits(RuleDesk& desk, const Scope& scope, Instant now) {
  const auto hits = desk.hits(scope);
  if (!hits) return problem(hits.error());
  JsonWriter json;
  json.begin_object().member("at", now).key("rules");
  write_list(json, *hits);
  json.end_object();
  return json_response(json.take());
}

void list_versions(const Context& context, const Request& request, const Responder& respond) {
  if (auto refusal = refuse_but_everywhere(context, request)) return respond(std::move(*refusal));
  Query query(request);
  const auto limit = static_cast<std::size_t>(query.integer("limit", kDefaultVersions, 1, kMostVersions));
  if (const auto error = query.finish()) return respond(problem(*error));
  with_desk(context, respond, [limit](RuleDesk& desk) {
    const auto versions = desk.versions(limit);
    if (!versions) return problem(versions.error());
    JsonWriter json;
    json.begin_object().key("versions");
    write_list(json, *versions);
    json.end_object();
    return json_response(json.take());
  });
}

void show_version(const Context& context, const Request& request, const Responder& respond) {
  if (auto refusal = refuse_but_everywhere(context, request)) return respond(std::move(*refusal));
  const std::string& text = request.arguments.front();
  const auto number = number_in(text);
  if (!number) {
    return respond(
        problem(404, "not_found", fmt::format("looking up version \"{}\" of the rules: no such version", text)));
  }
  with_desk(context, respond, [number](RuleDesk& desk) {
    const auto found = desk.version(*number);
    if (!found) return problem(found.error());
    JsonWriter json;
    json.begin_object().key("version");
    write(json, found->first);
    json.key("files");
    write_list(json, found->second);
    json.end_object();
    return json_response(json.take());
  });
}

// --- checking and publishing ---

Response show_check(const RuleCheck& check) {
  const bool ok = check.problems.empty();
  JsonWriter json;
  json.begin_object().member("ok", ok).member("rules", check.rules).key("changes");
  if (ok) write(json, check.changes);
  else json.null();
  json.key("problems");
  write_list(json, check.problems);
  json.end_object();
  return json_response(json.take());
}

void check_rules(const Context& context, const Request& request, const Responder& respond) {
  if (auto refusal = refuse_but_everywhere(context, request)) return respond(std::move(*refusal));
  auto body = read_rule_files(request.body, false);
  if (!body) return respond(problem(body.error()));
  with_desk(context, respond,
            [files = std::move(body->files)](RuleDesk& desk) { return show_check(desk.check(files)); });
}

// The version that was read; the answer when it is not said.
tl::expected<std::uint32_t, Response> base_of(const Request& request) {
  const std::string_view tag = request.header("If-Match");
  if (tag.empty()) {
    return tl::unexpected(problem(428, "precondition_required",
                                  "publishing rules: expected If-Match with the ETag of /api/v1/rules/files"));
  }
  const bool quoted = tag.size() > 2 && tag.front() == '"' && tag.back() == '"';
  const auto number = quoted ? number_in(tag.substr(1, tag.size() - 2)) : std::nullopt;
  if (!number)
    return tl::unexpected(problem(412, "precondition_failed", "publishing rules: If-Match is no version of the rules"));
  return *number;
}

Response published(const RuleAnswer<RuleVersion>& version) {
  if (!version) return rule_problem(version.error());
  JsonWriter json;
  json.begin_object().key("version");
  write(json, *version);
  json.end_object();
  Response response = json_response(json.take());
  response.headers.push_back({"ETag", etag_of(version->number)});
  return response;
}

void publish_rules(const Context& context, const Request& request, const Responder& respond) {
  if (auto refusal = refuse_but_everywhere(context, request)) return respond(std::move(*refusal));
  auto body = read_rule_files(request.body, true);
  if (!body) return respond(problem(body.error()));
  const auto base = base_of(request);
  if (!base) return respond(base.error());
  with_desk(context, respond,
            [files = std::move(body->files), order = RuleOrder{*request.principal, body->note, *base}](RuleDesk& desk) {
              return published(desk.publish(files, order));
            });
}

void roll_back_rules(const Context& context, const Request& request, const Responder& respond) {
  if (auto refusal = refuse_but_everywhere(context, request)) return respond(std::move(*refusal));
  const auto body = read_rollback(request.body);
  if (!body) return respond(problem(body.error()));
  const auto base = base_of(request);
  if (!base) return respond(base.error());
  with_desk(context, respond,
            [version = body->version, order = RuleOrder{*request.principal, body->note, *base}](RuleDesk& desk) {
              return published(desk.roll_back(version, order));
            });
}

}  // namespace

void add_rule_routes(Router& router, const Context& context) {
  constexpr Access kLooks = needs(Permission::look), kReads = needs(Permission::edit_rules);
  const auto plain = [&context](Response (*show)(const Context&, const Request&)) {
    return [&context, show](const Request& request, const Responder& respond) {
      auto refusal = refuse_parameters(request);
      respond(refusal ? std::move(*refusal) : show(context, request));
    };
  };
  router.get("/api/v1/rules", kLooks, plain(&show_rules));
  router.get("/api/v1/rules/hits", kLooks, [&context](const Request& request, const Responder& respond) {
    if (auto refusal = refuse_parameters(request)) return respond(std::move(*refusal));
    with_desk(context, respond,
              [scope = request.principal->scope(Permission::look), now = context.clock.now()](RuleDesk& desk) {
                return show_hits(desk, scope, now);
              });
  });
  router.get("/api/v1/rules/files", kReads, plain(&show_files));
  router.get("/api/v1/rules/schema.json", kReads, [](const Request&, const Responder& respond) {
    respond(json_response(std::string(rule_schema().front().text)));
  });
  router.get("/api/v1/rules/versions", kReads, [&context](const Request& request, const Responder& respond) {
    list_versions(context, request, respond);
  });
  router.get("/api/v1/rules/versions/{number}", kReads,
             [&context](const Request& request, const Responder& respond) { show_version(context, request, respond); });
  router.post("/api/v1/rules:check", kReads,
              [&context](const Request& request, const Responder& respond) { check_rules(context, request, respond); });
  router.post("/api/v1/rules:publish", kReads.with_pin(), [&context](const Request& request, const Responder& respond) {
    publish_rules(context, request, respond);
  });
  router.post(
      "/api/v1/rules:rollback", kReads.with_pin(),
      [&context](const Request& request, const Responder& respond) { roll_back_rules(context, request, respond); });
}

}  // namespace firegate::api
