#include "app/rule_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "accounts/words.h"
#include "app/adapters.h"
#include "core/log.h"
#include "ingest/recording.h"
#include "registry/unmapped.h"
#include "replay/verdicts.h"

namespace firegate::app {
namespace {

using api::RuleAnswer;
using api::RuleRefusal;

constexpr std::string_view kSubject = "rules";  // of lines of the journal, and the part of our faults

tl::unexpected<RuleRefusal> refusal(Error error) { return tl::unexpected(RuleRefusal{std::move(error)}); }

tl::unexpected<RuleRefusal> refusal(ErrorCode code, std::string message) {
  return refusal(Error{code, std::move(message)});
}

// What follows in the inbox, without waiting: only the live reader may wait there.
class FollowingMessages final : public decode::MessageSource {
 public:
  FollowingMessages(ingest::Inbox& inbox, InboxSeq from) : inbox_(inbox), next_(from), source_(inbox, from) {}
  Result<decode::Pulled> pull(Millis) override {
    if (inbox_.last() < next_) return decode::Pulled{};
    auto pulled = source_.pull(Millis{0});
    if (pulled && !pulled->messages.empty()) next_ = pulled->messages.back().seq + 1;
    return pulled;
  }

 private:
  const ingest::Inbox& inbox_;
  InboxSeq next_;
  InboxSource source_;
};

}  // namespace

// --- the folder, at a start and at a reload ---

void RuleDesk::settle() {
  const std::lock_guard working(working_);
  const auto finished = folder_.finish();
  if (finished && *finished) log::info("rules_brought_into_place", {{"folder", folder_.path().string()}});
  if (!finished) {
    log::error("rules_not_in_place", {{"error", finished.error().message}});
    needs_.faults.raise(SelfFaultCode::config_refused, kSubject, finished.error().message);
  }
}

Result<void> RuleDesk::open(rules::CalendarPtr calendar) {
  const std::lock_guard working(working_);
  calendar_ = std::move(calendar);
  bring_into_place();
  return take_folder(true);
}

Result<void> RuleDesk::reload(rules::CalendarPtr calendar) {
  const std::lock_guard working(working_);
  auto before = std::exchange(calendar_, std::move(calendar));
  bring_into_place();
  auto taken = take_folder(false);
  if (!taken) calendar_ = std::move(before);
  return taken;
}

// What was prepared and is the last version in the record was about to be moved into place when we ended or failed.
void RuleDesk::bring_into_place() {
  const auto prepared = folder_.prepared();
  if (prepared && !*prepared) return;
  const auto newest = needs_.records.versions(1);
  const auto last = newest && !newest->empty() ? needs_.records.version(newest->front().number)
                                               : fail(ErrorCode::not_found, "no version");
  if (!prepared || !last || last->second != **prepared) return folder_.abandon();
  if (const auto done = folder_.commit(); !done) log::error("rules_not_in_place", {{"error", done.error().message}});
}

Result<void> RuleDesk::take_folder(bool at_start) {
  auto files = folder_.read();
  if (!files) return tl::unexpected(files.error());
  api::RulesInForce found;
  found.built_in = files->empty();
  found.files = found.built_in ? builtin_rule_files() : std::move(*files);
  Problems problems;
  CompiledRules compiled = compile(found.files, calendar_, problems);
  if (!problems.empty()) {
    return fail(ErrorCode::bad_input,
                fmt::format("reading the rules in {}: {}", folder_.path().string(), to_text(problems.list().front())));
  }
  const auto newest = needs_.records.versions(1);
  std::optional<RuleFiles> last;
  if (newest && !newest->empty()) {
    found.version = newest->front();
    if (auto kept = needs_.records.version(found.version.number)) last = std::move(kept->second);
  }
  if (!last || *last != found.files) note_found(found, compiled, last);
  needs_.faults.clear(SelfFaultCode::config_refused, kSubject);
  put_in_force(std::move(found), std::move(compiled));
  if (!at_start) needs_.use(in_force()->rules);
  return {};
}

// What somebody wrote into the folder. Rules that cannot be recorded count all the same: life comes before the record.
void RuleDesk::note_found(api::RulesInForce& found, const CompiledRules& compiled,
                          const std::optional<RuleFiles>& last) {
  RuleVersion version;
  version.author = accounts::ourselves().who();
  version.at = needs_.clock.now();
  version.note = last ? "found in the folder of rules" : "as found at the first start";
  CompiledRules before;
  if (last) {
    Problems ignored;  // a version of another program may not be understood any more: then all is new
    before = compile(*last, calendar_, ignored);
  }
  version.changes = changes_between(before, compiled);
  std::optional<JournalEntry> line;
  if (last) {
    line = accounts::line(accounts::ourselves(), "rules_found", std::string(kSubject), version.at);
    line->from = fmt::format("{}", found.version.number);
    line->why = version.note;
  }
  const auto number = needs_.records.publish(version, found.files, std::move(line));
  if (!number) return log::error("rules_not_recorded", {{"error", number.error().message}});
  version.number = *number;
  log::info("rules_found", {{"version", version.number}});
  found.version = std::move(version);
}

void RuleDesk::put_in_force(api::RulesInForce rules, CompiledRules compiled) {
  rules.rules = compiled.rules;
  rules.origins = compiled.origins;
  compiled_ = std::move(compiled);
  const std::lock_guard lock(mutex_);
  in_force_ = std::make_shared<const api::RulesInForce>(std::move(rules));
}

std::shared_ptr<const api::RulesInForce> RuleDesk::in_force() const {
  const std::lock_guard lock(mutex_);
  return in_force_;
}

// --- the desk's thread ---

void RuleDesk::start(Recording recording) {
  const std::lock_guard working(working_);
  recording_.emplace(std::move(recording));
  backtest_ = std::make_unique<replay::BacktestJob>(
      replay::BacktestJob::Sources{[this](const auto& take) { return read_messages(take); }, [this] { return world(); },
                                   recording_->archive},
      needs_.clock);
  auto kept = needs_.records.shadow();
  if (!kept) log::error("shadow_not_read", {{"error", kept.error().message}});
  if (kept && *kept) begin_shadow(std::move(**kept));
  thread_ = std::thread([this] { run_thread(); });
}

void RuleDesk::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_.clear();
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (backtest_) backtest_->end();
  shadow_.reset();
}

bool RuleDesk::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= kMaxWaiting) return false;
    waiting_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

void RuleDesk::run_thread() {
  while (true) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    work();
  }
}

// --- checking and publishing ---

tl::expected<RuleDesk::Candidate, RuleRefusal> RuleDesk::candidate(const RuleFiles& base, const RulePatch& patch,
                                                                   std::string_view doing) const {
  Problems problems;
  Candidate made;
  made.files = lay_over(base, patch, problems);
  made.compiled = compile(made.files, calendar_, problems);
  if (problems.empty()) return made;
  problems.sort();
  const std::string first = to_text(problems.list().front());
  return tl::unexpected(RuleRefusal{
      {ErrorCode::bad_input, fmt::format("{}: found {} problems, the first: {}", doing, problems.list().size(), first)},
      problems.list()});
}

api::RuleCheck RuleDesk::check(const RulePatch& patch) {
  const std::lock_guard working(working_);
  auto made = candidate(in_force()->files, patch, "checking rules");
  if (!made) return {std::move(made.error().problems), 0, {}};
  return {{}, made->compiled.rules->all().size(), changes_between(compiled_, made->compiled)};
}

RuleAnswer<RuleVersion> RuleDesk::publish(const RulePatch& patch, const api::RuleOrder& order) {
  const std::lock_guard working(working_);
  auto made = candidate(in_force()->files, patch, "publishing rules");
  if (!made) return tl::unexpected(std::move(made.error()));
  return put(std::move(*made), order, 0);
}

RuleAnswer<RuleVersion> RuleDesk::roll_back(std::uint32_t version, const api::RuleOrder& order) {
  const std::lock_guard working(working_);
  auto kept = needs_.records.version(version);
  if (!kept) return refusal(kept.error());
  auto made = candidate(kept->second, {}, fmt::format("going back to version {}", version));
  if (!made) return tl::unexpected(std::move(made.error()));
  return put(std::move(*made), order, version);
}

std::optional<RuleRefusal> RuleDesk::refuse(const RuleFiles& files, const api::RuleOrder& order) const {
  const auto now = in_force();
  if (order.base != now->version.number) {
    return RuleRefusal{{ErrorCode::refused, fmt::format("publishing rules over version {}: found version {} in force",
                                                        order.base, now->version.number)},
                       {},
                       true};
  }
  const auto on_disk = folder_.read();
  if (!on_disk) return RuleRefusal{on_disk.error()};
  if (now->built_in ? !on_disk->empty() : *on_disk != now->files) {
    return RuleRefusal{{ErrorCode::refused,
                        fmt::format("publishing rules: found files in {} that somebody has changed, expected those in "
                                    "force; reload the gateway first",
                                    folder_.path().string())}};
  }
  if (files == now->files) {
    return RuleRefusal{{ErrorCode::refused, "publishing rules: found the files that are in force already"}};
  }
  return std::nullopt;
}

RuleAnswer<RuleVersion> RuleDesk::put(Candidate made, const api::RuleOrder& order, std::uint32_t rollback_of) {
  if (auto refused = refuse(made.files, order)) return tl::unexpected(std::move(*refused));
  RuleVersion version{0,
                      order.by.who(),
                      order.by.name,
                      needs_.clock.now(),
                      order.note,
                      rollback_of,
                      changes_between(compiled_, made.compiled)};
  JournalEntry line = accounts::line(order.by, rollback_of == 0 ? "rules_published" : "rules_rolled_back",
                                     std::string(kSubject), version.at);
  line.from = fmt::format("{}", order.base);
  line.why = rollback_of == 0 ? order.note : fmt::format("to version {}: {}", rollback_of, order.note);
  if (auto prepared = folder_.prepare(made.files); !prepared) return refusal(prepared.error());
  const auto number = needs_.records.publish(version, made.files, std::move(line));
  if (!number) {
    folder_.abandon();
    return refusal(number.error());
  }
  version.number = *number;
  if (const auto placed = folder_.commit(); !placed) {
    log::error("rules_not_in_place", {{"version", version.number}, {"error", placed.error().message}});
    needs_.faults.raise(SelfFaultCode::config_refused, kSubject, placed.error().message);
    return refusal(placed.error().code,
                   fmt::format("version {} is recorded and not in force, the next start or reload tries again: {}",
                               version.number, placed.error().message));
  }
  needs_.faults.clear(SelfFaultCode::config_refused, kSubject);
  put_in_force({version, false, std::move(made.files), nullptr, {}}, std::move(made.compiled));
  needs_.use(in_force()->rules);
  log::info("rules_published", {{"version", version.number}, {"by", version.author}});
  return version;
}

Result<std::vector<RuleVersion>> RuleDesk::versions(std::size_t limit) {
  const std::lock_guard working(working_);
  return needs_.records.versions(limit);
}

Result<std::pair<RuleVersion, RuleFiles>> RuleDesk::version(std::uint32_t number) {
  const std::lock_guard working(working_);
  return needs_.records.version(number);
}

Result<std::vector<RuleHits>> RuleDesk::hits(const Scope& scope) {
  const std::lock_guard working(working_);
  return needs_.records.hits(scope, needs_.clock.now());
}

// --- trials ---

// On the threads of the trials, which somebody who holds the lock may be waiting for.
Result<replay::World> RuleDesk::world() const {
  auto links = needs_.records.links();
  if (!links) return tl::unexpected(links.error());
  return replay::World{recording_->decode, recording_->models,
                       [](metrics::Metrics& metrics) { return std::make_unique<registry::UnmappedTray>(metrics); },
                       recording_->devices(), std::move(*links), &recording_->codecs};
}

Result<void> RuleDesk::read_messages(const std::function<bool(const RawMessage&)>& take) const {
  const auto recording = ingest::Recording::open(recording_->folder);
  if (!recording) return tl::unexpected(recording.error());
  return recording->each(take).map([](std::size_t) {});
}

replay::BacktestStatus RuleDesk::backtest() const { return backtest_ ? backtest_->status() : replay::BacktestStatus{}; }

RuleAnswer<replay::BacktestStatus> RuleDesk::start_backtest(const RulePatch& patch, Instant from, Instant to,
                                                            const Principal& by) {
  const std::lock_guard working(working_);
  auto made = candidate(in_force()->files, patch, "starting a backtest");
  if (!made) return tl::unexpected(std::move(made.error()));
  replay::BacktestJob::Asked asked{
      in_force()->rules, made->compiled.rules, changes_between(compiled_, made->compiled), from, to, by.who()};
  if (auto started = backtest_->start(std::move(asked)); !started) return refusal(started.error());
  return backtest_->status();
}

replay::BacktestStatus RuleDesk::end_backtest() {
  backtest_->end();
  return backtest_->status();
}

void RuleDesk::begin_shadow(ShadowRecord record) {
  auto running = std::make_unique<RunningShadow>();
  Problems problems;
  running->compiled = compile(record.files, calendar_, problems);
  if (!problems.empty()) {
    running->error = to_text(problems.list().front());
  } else {
    running->shadow = std::make_unique<replay::Shadow>(
        replay::Shadow::Sources{std::make_unique<FollowingMessages>(recording_->inbox, record.first_message),
                                [this] { return world(); }, recording_->devices, [this] { return in_force()->rules; }},
        running->compiled.rules, needs_.clock);
  }
  running->record = std::move(record);
  shadow_ = std::move(running);
}

RuleAnswer<api::ShadowView> RuleDesk::start_shadow(const RulePatch& patch, const std::string& note,
                                                   const Principal& by) {
  const std::lock_guard working(working_);
  if (shadow_) return refusal(ErrorCode::refused, "starting a shadow: there is one");
  auto made = candidate(in_force()->files, patch, "starting a shadow");
  if (!made) return tl::unexpected(std::move(made.error()));
  ShadowRecord record{
      by.who(), by.name, needs_.clock.now(), recording_->inbox.last() + 1, note, std::move(made->files)};
  JournalEntry line = accounts::line(by, "rules_shadow_started", std::string(kSubject), record.since);
  line.why = note;
  if (auto kept = needs_.records.keep_shadow(record, std::move(line)); !kept) return refusal(kept.error());
  begin_shadow(std::move(record));
  auto view = view_of(*shadow_);
  if (!view) return refusal(view.error());
  return std::move(*view);
}

Result<std::optional<api::ShadowView>> RuleDesk::shadow() {
  const std::lock_guard working(working_);
  if (!shadow_) return std::optional<api::ShadowView>{};
  return view_of(*shadow_).map([](api::ShadowView&& view) { return std::optional(std::move(view)); });
}

Result<api::ShadowView> RuleDesk::view_of(const RunningShadow& running) {
  const ShadowRecord& record = running.record;
  api::ShadowView view{record.author, record.name, record.note, record.since, {}, {}, 0, running.error, {}, {}, {}};
  view.files = patch_between(in_force()->files, record.files);
  if (!running.shadow) return view;
  view.changes = changes_between(compiled_, running.compiled);
  replay::Shadow::Status status = running.shadow->status();
  view.at = status.at;
  view.behind = status.behind;
  view.messages = status.messages;
  view.error = std::move(status.error);
  const auto archive = recording_->archive();
  if (!archive) return fail(ErrorCode::io_failed, "reading what people said: the store cannot be opened");
  replay::Verdicts verdicts;
  if (auto loaded = verdicts.load(*archive, record.since, std::nullopt); !loaded) return tl::unexpected(loaded.error());
  view.comparisons = replay::compare(status.today, status.candidate,
                                     [&verdicts](const replay::Episode& episode) { return verdicts.of(episode); });
  return view;
}

Result<void> RuleDesk::end_shadow(const Principal& by) {
  const std::lock_guard working(working_);
  if (!shadow_) return fail(ErrorCode::not_found, "ending the shadow: there is none");
  auto line = accounts::line(by, "rules_shadow_ended", std::string(kSubject), needs_.clock.now());
  if (auto dropped = needs_.records.keep_shadow(std::nullopt, std::move(line)); !dropped) return dropped;
  shadow_.reset();
  return {};
}

}  // namespace firegate::app
