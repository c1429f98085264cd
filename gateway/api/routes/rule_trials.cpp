// Rules on trial: backtests over what was recorded, and the shadow that is judged beside the rules in force.
#include "api/json.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/routes/account_steps.h"
#include "api/routes/rule_json.h"
#include "api/routes/rule_use.h"
#include "api/rule_bodies.h"

namespace firegate::api {
namespace {

Response show(const replay::BacktestStatus& status, int code) {
  Response response = json_response(to_json(status));
  response.status = code;
  return response;
}

Response show(const ShadowView& shadow, int code) {
  Response response = json_response(to_json(shadow));
  response.status = code;
  return response;
}

Response show_shadow(RuleDesk& desk) {
  const auto shadow = desk.shadow();
  if (!shadow) return problem(shadow.error());
  return *shadow ? show(**shadow, 200) : json_response(R"({"running":false})");
}

void start_backtest(const Context& context, const Request& request, const Responder& respond) {
  auto body = read_backtest(request.body);
  if (!body) return respond(problem(body.error()));
  with_desk(context, respond, [asked = std::move(*body), by = *request.principal](RuleDesk& desk) {
    const auto started = desk.start_backtest(asked.files, asked.from, asked.to, by);
    return started ? show(*started, 202) : rule_problem(started.error());
  });
}

void start_shadow(const Context& context, const Request& request, const Responder& respond) {
  auto body = read_rule_files(request.body, false);
  if (!body) return respond(problem(body.error()));
  with_desk(context, respond, [asked = std::move(*body), by = *request.principal](RuleDesk& desk) {
    const auto started = desk.start_shadow(asked.files, asked.note, by);
    return started ? show(*started, 201) : rule_problem(started.error());
  });
}

void end_shadow(const Context& context, const Request& request, const Responder& respond) {
  with_desk(context, respond, [by = *request.principal](RuleDesk& desk) {
    const auto ended = desk.end_shadow(by);
    return ended ? no_content() : problem(ended.error());
  });
}

// What everybody asks for first: the rules of every estate.
Handler everywhere(const Context& context, std::function<void(const Request&, const Responder&)> use) {
  return [&context, use = std::move(use)](const Request& request, const Responder& respond) {
    Query query(request);
    if (auto refusal = refuse_but_everywhere(context, request)) return respond(std::move(*refusal));
    if (const auto error = query.finish()) return respond(problem(*error));
    use(request, respond);
  };
}

}  // namespace

void add_rule_trial_routes(Router& router, const Context& context) {
  constexpr Access kTries = needs(Permission::edit_rules);
  const auto asked = [&context](void (*use)(const Context&, const Request&, const Responder&)) {
    return everywhere(
        context, [&context, use](const Request& request, const Responder& respond) { use(context, request, respond); });
  };
  router.get("/api/v1/rules:backtest", kTries,
             everywhere(context, [&context](const Request&, const Responder& respond) {
               with_desk(context, respond, [](RuleDesk& desk) { return show(desk.backtest(), 200); });
             }));
  router.post("/api/v1/rules:backtest", kTries, asked(&start_backtest));
  router.remove("/api/v1/rules:backtest", kTries,
                everywhere(context, [&context](const Request&, const Responder& respond) {
                  with_desk(context, respond, [](RuleDesk& desk) { return show(desk.end_backtest(), 200); });
                }));
  router.get("/api/v1/rules/shadow", kTries, everywhere(context, [&context](const Request&, const Responder& respond) {
               with_desk(context, respond, [](RuleDesk& desk) { return show_shadow(desk); });
             }));
  router.post("/api/v1/rules/shadow", kTries, asked(&start_shadow));
  router.remove("/api/v1/rules/shadow", kTries, asked(&end_shadow));
}

}  // namespace firegate::api
