// Two rules for the tests of the web part, and a desk that publishes, tries and refuses as it is told.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "api/rule_desk.h"
#include "support/fakes_api.h"

namespace firegate::fakes {

inline rules::RuleSetPtr make_rules() {
  rules::Rule smoke;
  smoke.id = "smoke_alarm";
  smoke.kinds.set();
  smoke.alarm_class = AlarmClass::fire_alarm;
  smoke.text_zh = "烟感火警";
  smoke.text_en = "Smoke alarm";
  smoke.source = "the detector's own decision";

  rules::Rule hot;
  hot.id = "port_hot";
  hot.kinds.set(static_cast<std::size_t>(DeviceKind::charging_station));
  hot.kinds.set(static_cast<std::size_t>(DeviceKind::swap_cabinet));
  hot.alarm_class = AlarmClass::pre_alarm;
  hot.text_zh = "端口过热";
  hot.text_en = "Port too hot";
  hot.source = "our choice";
  smoke.steps = {{AlarmClass::fire_alarm, {rules::Is{Point::smoke, {Value{true}}}}, {}, {}}};
  hot.steps = {
      {AlarmClass::pre_alarm, {rules::Limit{Point::port_temperature_c, true, true, 65, 60}}, Millis{10'000}, {}}};
  rules::Override sunny{"port_hot", {}, "at_least 70", "", "our choice: sun on the roof", "site.yaml:3:5", hot};
  sunny.where.zone = "z1";
  return std::make_shared<const rules::RuleSet>(std::vector{smoke, hot}, std::vector{sunny});
}

// Works at once, on the caller's thread. Files with the text "wrong" have a problem.
class ScriptedRuleDesk final : public api::RuleDesk {
 public:
  ScriptedRuleDesk() {
    now_.version = {7, "user:wangfang", "王芳", kMorning, "ports hot earlier", 0, {{}, {}, {"port_hot"}}};
    now_.files = {{"charging.yaml", "rules: []\n"}, {"detectors.yaml", "rules: []\n"}};
    now_.rules = make_rules();
    now_.origins = {{"port_hot", {"charging.yaml", 12}}, {"smoke_alarm", {"detectors.yaml", 2}}};
  }

  bool full = false;
  std::optional<Error> broken;  // what every question that needs the disk is answered
  std::vector<RuleHits> raised;
  Scope asked_scope;
  RulePatch asked_files;
  std::optional<api::RuleOrder> ordered;
  std::optional<replay::BacktestStatus> job;
  std::optional<api::ShadowView> beside;

  void use(rules::RuleSetPtr rules) { now_.rules = std::move(rules); }

  std::shared_ptr<const api::RulesInForce> in_force() const override {
    return std::make_shared<const api::RulesInForce>(now_);
  }
  replay::BacktestStatus backtest() const override { return job.value_or(replay::BacktestStatus{}); }
  bool post(std::function<void()> work) override {
    if (!full) work();
    return !full;
  }
  api::RuleCheck check(const RulePatch& patch) override {
    asked_files = patch;
    if (const auto refusal = wrong(patch)) return {refusal->problems, 0, {}};
    return {{}, 2, {{"new"}, {"old"}, {"port_hot"}}};
  }
  api::RuleAnswer<RuleVersion> publish(const RulePatch& patch, const api::RuleOrder& order) override {
    asked_files = patch;
    if (const auto refusal = wrong(patch)) return tl::unexpected(*refusal);
    return next(order, 0);
  }
  api::RuleAnswer<RuleVersion> roll_back(std::uint32_t version, const api::RuleOrder& order) override {
    if (const auto kept = this->version(version); !kept) return tl::unexpected(api::RuleRefusal{kept.error()});
    return next(order, version);
  }
  Result<std::vector<RuleVersion>> versions(std::size_t limit) override {
    if (broken) return tl::unexpected(*broken);
    return std::vector<RuleVersion>(std::min<std::size_t>(limit, 1), now_.version);
  }
  Result<std::pair<RuleVersion, RuleFiles>> version(std::uint32_t number) override {
    if (number != now_.version.number) return fail(ErrorCode::not_found, "no such version");
    return std::pair(now_.version, now_.files);
  }
  Result<std::vector<RuleHits>> hits(const Scope& scope) override {
    asked_scope = scope;
    if (broken) return tl::unexpected(*broken);
    return raised;
  }
  api::RuleAnswer<replay::BacktestStatus> start_backtest(const RulePatch& patch, Instant from, Instant to,
                                                         const Principal& by) override {
    if (const auto refusal = wrong(patch)) return tl::unexpected(*refusal);
    if (job && job->state == replay::BacktestState::running) return refused("starting a backtest: one is running");
    job.emplace();
    job->state = replay::BacktestState::running;
    job->by = by.who();
    job->from = from;
    job->to = to;
    job->started_at = kMorning;
    return *job;
  }
  replay::BacktestStatus end_backtest() override {
    if (job) job->state = replay::BacktestState::ended;
    return backtest();
  }
  api::RuleAnswer<api::ShadowView> start_shadow(const RulePatch& patch, const std::string& note,
                                                const Principal& by) override {
    if (const auto refusal = wrong(patch)) return tl::unexpected(*refusal);
    if (beside) return refused("starting a shadow: there is one");
    beside.emplace();
    beside->author = by.who();
    beside->note = note;
    beside->since = kMorning;
    beside->files = patch;
    return *beside;
  }
  Result<std::optional<api::ShadowView>> shadow() override {
    if (broken) return tl::unexpected(*broken);
    return beside;
  }
  Result<void> end_shadow(const Principal&) override {
    if (!std::exchange(beside, std::nullopt)) return fail(ErrorCode::not_found, "there is none");
    return {};
  }

 private:
  static tl::unexpected<api::RuleRefusal> refused(std::string why) {
    return tl::unexpected(api::RuleRefusal{{ErrorCode::refused, std::move(why)}});
  }
  static std::optional<api::RuleRefusal> wrong(const RulePatch& patch) {
    api::RuleRefusal refusal{{ErrorCode::bad_input, "publishing rules: found 1 problems"}};
    for (const auto& [name, text] : patch) {
      if (text != "wrong") continue;
      Problem& problem = refusal.problems.emplace_back();
      problem.code = ProblemCode::E108_not_in_list;
      problem.at.file = std::make_shared<const std::string>(name);
      problem.at.line = 12;
      problem.at.column = 9;
      problem.path = "rules[3].class";
      problem.message = "found \"fire\", expected one of fire_alarm";
    }
    return refusal.problems.empty() ? std::nullopt : std::optional(refusal);
  }
  api::RuleAnswer<RuleVersion> next(const api::RuleOrder& order, std::uint32_t rollback_of) {
    if (broken) return tl::unexpected(api::RuleRefusal{*broken});
    if (order.base != now_.version.number) {
      return tl::unexpected(api::RuleRefusal{{ErrorCode::refused, "another version is in force"}, {}, true});
    }
    ordered = order;
    now_.version = {order.base + 1, order.by.who(), order.by.name, kMorning, order.note, rollback_of, {}};
    return now_.version;
  }

  api::RulesInForce now_;
};

// One that a candidate raises 12.5 s earlier and people called cooking, one that both raise alike.
inline replay::BacktestStatus finished_backtest() {
  replay::Episode hot{"port_hot", "cab-1/3", AlarmClass::pre_alarm, kMorning, std::nullopt, 1};
  replay::Episode late = hot, smoke = hot;
  late.raised_at += Millis{12'500};
  smoke.rule = "smoke_alarm";
  replay::BacktestStatus status;
  status.state = replay::BacktestState::done;
  status.from = status.first = kMorning;
  status.to = status.last = status.at = kMorning + Millis{60'000};
  status.comparisons = std::make_shared<const std::vector<replay::Comparison>>(std::vector<replay::Comparison>{
      {replay::Outcome::caught, smoke, smoke, std::nullopt}, {replay::Outcome::earlier, late, hot, Verdict::cooking}});
  return status;
}

}  // namespace firegate::fakes
