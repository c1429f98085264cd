#include "api/routes/rule_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string_view>

namespace firegate::api {
namespace {

constexpr std::size_t kMostEpisodes = 1000;  // of an answer; our choice: what a chart can show

double seconds(Millis time) noexcept { return static_cast<double>(time.count()) / 1000; }

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void write_points(JsonWriter& json, const rules::PointSet& points) {
  json.key("points").begin_array();
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (points.test(i)) json.value(name(static_cast<Point>(i)));
  }
  json.end_array();
}

void write_steps(JsonWriter& json, const rules::Rule& rule) {
  json.key("steps").begin_array();
  for (const rules::Step& step : rule.steps) {
    json.begin_object().member("class", label(step.alarm_class)).member("on_delay_s", seconds(step.on_delay));
    json.member("off_delay_s", seconds(step.off_delay)).end_object();
  }
  json.end_array();
}

void write_overrides(JsonWriter& json, std::string_view rule, std::span<const rules::Override> overrides) {
  json.key("overrides").begin_array();
  for (const rules::Override& other : overrides) {
    if (other.rule != rule) continue;
    json.begin_object().member("where", other.where.to_text()).member("set", other.set);
    json.member("enabled", other.effective.enabled).member("reason", other.reason).member("source", other.source);
    json.member("at", other.at).end_object();
  }
  json.end_array();
}

// --- trials ---

void write_side(JsonWriter& json, std::string_view name, const std::optional<replay::Episode>& side) {
  json.key(name);
  if (!side) {
    json.null();
    return;
  }
  json.begin_object().member("raised_at", side->raised_at).member("cleared_at", side->cleared_at);
  json.member("raises", side->raises).end_object();
}

std::optional<double> lead_of(const replay::Comparison& one) {
  if (!one.today || !one.candidate) return std::nullopt;
  return seconds(one.today->raised_at - one.candidate->raised_at);
}

void write(JsonWriter& json, const replay::Comparison& one) {
  const replay::Episode& episode = one.either();
  json.begin_object().member("outcome", label(one.outcome)).member("rule", episode.rule);
  json.member("subject", episode.subject).member("device", episode.subject.substr(0, episode.subject.find('/')));
  json.member("class", label(episode.alarm_class));
  json.member("verdict", one.verdict ? std::optional(label(*one.verdict)) : std::nullopt);
  json.member("lead_s", lead_of(one));
  write_side(json, "today", one.today);
  write_side(json, "candidate", one.candidate);
  json.end_object();
}

void write_summary(JsonWriter& json, const std::vector<replay::Comparison>& all) {
  const replay::Summary summary = replay::summarise(all);
  json.key("summary").begin_object();
  for (std::size_t i = 0; i < summary.outcomes.size(); ++i) {
    json.member(label(static_cast<replay::Outcome>(i)), summary.outcomes[i]);
  }
  json.member("real_missed", summary.real_missed).member("false_missed", summary.false_missed).end_object();
}

// Those that differ first: they are what a person looks for.
void write_episodes(JsonWriter& json, const std::vector<replay::Comparison>& all) {
  std::size_t left = kMostEpisodes;
  json.key("episodes").begin_array();
  for (const bool same : {false, true}) {
    for (const replay::Comparison& one : all) {
      if ((one.outcome == replay::Outcome::caught) != same || left == 0) continue;
      write(json, one);
      --left;
    }
  }
  json.end_array().member("more", all.size() - (kMostEpisodes - left));
}

void write_by_rule(JsonWriter& json, const std::vector<replay::Comparison>& all) {
  std::map<std::string, std::pair<std::size_t, std::size_t>> counts;
  for (const replay::Comparison& one : all) {
    if (one.today) ++counts[one.today->rule].first;
    if (one.candidate) ++counts[one.candidate->rule].second;
  }
  json.key("rules").begin_array();
  for (const auto& [rule, of] : counts) {
    json.begin_object().member("rule", rule).member("today", of.first).member("candidate", of.second).end_object();
  }
  json.end_array();
}

double progress_of(const replay::BacktestStatus& status) {
  if (status.state == replay::BacktestState::done) return 1;
  if (!status.at || !status.from || *status.to <= *status.from) return 0;
  const auto way = static_cast<double>((*status.at - *status.from).count());
  return std::clamp(way / static_cast<double>((*status.to - *status.from).count()), 0.0, 1.0);
}

}  // namespace

void write(JsonWriter& json, const rules::Rule& rule, const RulesInForce& of, bool with_overrides) {
  json.begin_object().member("id", rule.id).member("class", label(rule.alarm_class)).key("kinds").begin_array();
  for (std::size_t i = 0; i < label_count<DeviceKind>(); ++i) {
    if (rule.kinds.test(i)) json.value(Labels<DeviceKind>::list[i]);
  }
  json.end_array().key("text").begin_object().member("zh", rule.text_zh).member("en", rule.text_en).end_object();
  json.member("source", rule.source);
  write_points(json, of.rules->points(*of.rules->find(rule.id)));
  const auto origin = of.origins.find(rule.id);
  json.member("file", origin == of.origins.end() ? std::string_view{} : std::string_view(origin->second.file));
  json.member("line", origin == of.origins.end() ? 0 : origin->second.line);
  write_texts(json, "limits", rules::in_words(rule));
  write_steps(json, rule);
  write_overrides(json, rule.id, with_overrides ? of.rules->overrides() : std::span<const rules::Override>());
  json.end_object();
}

void write(JsonWriter& json, const RuleVersion& version) {
  json.begin_object().member("number", version.number).member("author", version.author).member("name", version.name);
  json.member("at", version.at).member("note", version.note);
  json.member("rollback_of", version.rollback_of == 0 ? std::nullopt : std::optional(version.rollback_of))
      .key("changes");
  write(json, version.changes);
  json.end_object();
}

void write(JsonWriter& json, const RuleChanges& changes) {
  json.begin_object();
  write_texts(json, "added", changes.added);
  write_texts(json, "removed", changes.removed);
  write_texts(json, "changed", changes.changed);
  json.end_object();
}

void write(JsonWriter& json, const RuleHits& hits) {
  const auto of = [&hits](Verdict verdict) { return hits.verdicts[static_cast<std::size_t>(verdict)]; };
  const std::uint64_t wrong = of(Verdict::cooking) + of(Verdict::steam_or_dust) + of(Verdict::device_fault);
  const std::uint64_t judged = wrong + of(Verdict::real);
  json.begin_object().member("rule", hits.rule).member("day", hits.day).member("month", hits.month);
  json.member("last_at", hits.last_at).key("verdicts").begin_object();
  for (std::size_t i = 0; i < hits.verdicts.size(); ++i) json.member(label(static_cast<Verdict>(i)), hits.verdicts[i]);
  json.end_object().key("false_share");
  judged == 0 ? json.null() : json.value(static_cast<double>(wrong) / static_cast<double>(judged));
  json.end_object();
}

void write(JsonWriter& json, const RuleFile& file) {
  json.begin_object().member("name", file.name).member("text", file.text).end_object();
}

void write(JsonWriter& json, const Problem& problem) {
  json.begin_object().member("file", problem.at.file ? std::string_view(*problem.at.file) : std::string_view{});
  json.member("line", problem.at.line).member("column", problem.at.column);
  json.member("code", fmt::format("E{}", static_cast<unsigned>(problem.code))).member("path", problem.path);
  json.member("message", problem.message).end_object();
}

void write(JsonWriter& json, const replay::BacktestStatus& status) {
  using State = replay::BacktestState;
  json.begin_object().member("state", label(status.state)).member("by", status.by);
  json.member("from", status.from).member("to", status.to).member("started_at", status.started_at);
  json.member("ended_at", status.ended_at).member("at", status.at).member("progress", progress_of(status));
  json.member("messages", status.messages).key("error");
  status.state == State::failed ? json.value(status.error) : json.null();
  json.key("covers");
  if (status.state == State::done && status.first) {
    json.begin_object().member("from", status.first).member("to", status.last);
    json.member("reduced_until", status.reduced_until).end_object();
  } else {
    json.null();
  }
  json.key("changes");
  if (status.state == State::none) json.null();
  else write(json, status.changes);
  static const std::vector<replay::Comparison> kNone;
  if (status.comparisons) write_summary(json, *status.comparisons);
  else json.key("summary").null();
  write_episodes(json, status.comparisons ? *status.comparisons : kNone);
  json.end_object();
}

void write(JsonWriter& json, const ShadowView& shadow) {
  json.begin_object().member("running", true).member("author", shadow.author).member("name", shadow.name);
  json.member("since", shadow.since).member("note", shadow.note).member("at", shadow.at);
  json.member("behind_s", seconds(shadow.behind)).member("messages", shadow.messages).key("error");
  shadow.error.empty() ? json.null() : json.value(shadow.error);
  json.key("changes");
  write(json, shadow.changes);
  json.key("files").begin_object();
  for (const auto& [name, text] : shadow.files) json.member(name, text);
  json.end_object();
  write_by_rule(json, shadow.comparisons);
  write_summary(json, shadow.comparisons);
  write_episodes(json, shadow.comparisons);
  json.end_object();
}

}  // namespace firegate::api
