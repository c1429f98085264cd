#include "codec/codec_host.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <map>
#include <thread>
#include <utility>

#include "codec/worker_process.h"
#include "core/log.h"

namespace firegate::codec {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::chrono::milliseconds kComputed{50};   // as codec_worker/watchdog.h: less, and it was the machine's load
constexpr int kStarvedAttempts = 3;                  // our choice
constexpr std::chrono::seconds kReplaceAfter{60};    // our choice: computing time; the kernel ends it at 120 s
constexpr std::chrono::seconds kStartAgainAfter{1};  // our choice: after a start that failed
constexpr std::string_view kStartFault = "worker";

CodecAnswer not_run(CodecOutcome outcome, std::string detail) {
  CodecAnswer answer;
  answer.outcome = outcome;
  answer.detail = std::move(detail);
  return answer;
}

bool is_breach(CodecOutcome outcome) noexcept {
  return outcome == CodecOutcome::deadline || outcome == CodecOutcome::memory || outcome == CodecOutcome::killed;
}

struct Waiting {
  CodecRequest request;
  std::function<void(CodecAnswer)> done;
  int starved = 0;
};

struct Script {
  std::uint32_t number = 0;  // another one for another text
  std::string name, text;
  std::deque<Waiting> waiting;  // the first one is with a worker while `running`
  bool running = false;
  bool quarantined = false;
  bool removed = false;
  std::deque<SteadyTime> breaches;
};
using ScriptPtr = std::shared_ptr<Script>;

struct Worker {
  explicit Worker(boost::asio::io_context& io) : deadline(io) {}
  std::shared_ptr<WorkerProcess> process;  // null: not started
  bool ready = false;
  ScriptPtr serving;  // null: idle
  std::chrono::nanoseconds computed_before{};
  boost::asio::steady_timer deadline;
  std::uint64_t turn = 0;  // which expiry of the timer still counts
};

}  // namespace

struct CodecHost::Parts {
  Parts(HostSettings given, SelfFault& self_faults, metrics::Metrics& counted)
      : settings(std::move(given)), faults(self_faults), metrics(counted) {
    for (std::size_t i = 0; i < settings.workers; ++i) workers.push_back(std::make_unique<Worker>(io));
    thread = std::thread([this] { io.run(); });
  }

  void put(ScriptFile file);
  void use(std::vector<ScriptFile> files);
  void forget(const ScriptPtr& script, const char* why);
  void take(Waiting waiting);
  void hand_out();
  ScriptPtr next_script();
  bool start(Worker& worker);
  void started(Worker& worker, const std::optional<std::string>& body);
  void cannot_start(const std::string& why);
  void serve(Worker& worker, ScriptPtr script);
  void arm(Worker& worker, std::chrono::milliseconds within);
  void too_late(Worker& worker);
  void answered(Worker& worker, const std::optional<std::string>& body);
  void finish(Worker& worker, const CodecAnswer& answer);
  void end(Worker& worker);
  void breached(const ScriptPtr& script, const CodecAnswer& answer);
  void answer_all(Script& script, const CodecAnswer& answer);

  HostSettings settings;
  SelfFault& faults;
  metrics::Metrics& metrics;
  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  std::map<std::string, ScriptPtr, std::less<>> scripts;
  std::deque<ScriptPtr> turns;  // with something to run and not running, in turn
  std::vector<std::unique_ptr<Worker>> workers;
  std::uint32_t last_number = 0;
  std::size_t waiting_in_all = 0;
  SteadyTime start_again_at{};
  bool start_failed = false;
  std::thread thread;
};

CodecHost::CodecHost(HostSettings settings, SelfFault& faults, metrics::Metrics& metrics)
    : parts_(std::make_unique<Parts>(std::move(settings), faults, metrics)) {}

CodecHost::~CodecHost() { stop(); }

void CodecHost::put(ScriptFile script) {
  boost::asio::post(parts_->io,
                    [parts = parts_.get(), script = std::move(script)]() mutable { parts->put(std::move(script)); });
}

void CodecHost::use(std::vector<ScriptFile> scripts) {
  boost::asio::post(parts_->io,
                    [parts = parts_.get(), scripts = std::move(scripts)]() mutable { parts->use(std::move(scripts)); });
}

void CodecHost::run(CodecRequest request, std::function<void(CodecAnswer)> done) noexcept {
  Waiting waiting{std::move(request), std::move(done)};
  boost::asio::post(
      parts_->io, [parts = parts_.get(), waiting = std::move(waiting)]() mutable { parts->take(std::move(waiting)); });
}

void CodecHost::stop() {
  if (!parts_->thread.joinable()) return;
  boost::asio::post(parts_->io, [parts = parts_.get()] {
    for (const auto& worker : parts->workers) parts->end(*worker);
    parts->io.stop();
  });
  parts_->thread.join();
}

// ---- scripts ----

void CodecHost::Parts::put(ScriptFile file) {
  auto& kept = scripts[file.name];
  if (kept) forget(kept, "was replaced");
  kept = std::make_shared<Script>();
  kept->number = ++last_number;
  kept->name = std::move(file.name);
  kept->text = std::move(file.text);
}

void CodecHost::Parts::use(std::vector<ScriptFile> files) {
  std::erase_if(scripts, [&](const auto& entry) {
    const bool stays = std::ranges::any_of(files, [&](const ScriptFile& file) { return file.name == entry.first; });
    if (!stays) forget(entry.second, "was removed");
    return !stays;
  });
  for (ScriptFile& file : files) put(std::move(file));
}

// The call that runs is answered by its worker still; what waits behind it belongs to a script that is no more.
void CodecHost::Parts::forget(const ScriptPtr& script, const char* why) {
  script->removed = true;
  std::erase(turns, script);
  std::deque<Waiting> left;
  if (script->running) {
    left.push_back(std::move(script->waiting.front()));
    script->waiting.pop_front();
  }
  answer_all(*script, not_run(CodecOutcome::unavailable, script->name + ": " + why + " before it was run"));
  script->waiting = std::move(left);
  if (script->quarantined) faults.clear(SelfFaultCode::codec_breached, script->name);
  // A worker keeps what it was given: what nobody asks for any more ends with it.
  for (const auto& worker : workers) {
    if (worker->ready && !worker->serving) end(*worker);
  }
}

void CodecHost::Parts::take(Waiting waiting) {
  const auto found = scripts.find(waiting.request.script);
  if (found == scripts.end()) {
    return waiting.done(not_run(CodecOutcome::unavailable, waiting.request.script + ": there is no such script"));
  }
  Script& script = *found->second;
  if (script.quarantined) {
    return waiting.done(not_run(CodecOutcome::quarantined, script.name + ": not run, it broke its limits too often"));
  }
  if (script.waiting.size() >= settings.most_waiting) {
    return waiting.done(not_run(CodecOutcome::overloaded, fmt::format("{}: {} payloads wait for it already",
                                                                      script.name, script.waiting.size())));
  }
  script.waiting.push_back(std::move(waiting));
  metrics.codec_waiting.set(static_cast<double>(++waiting_in_all));
  if (script.waiting.size() == 1) turns.push_back(found->second);
  hand_out();
}

void CodecHost::Parts::answer_all(Script& script, const CodecAnswer& answer) {
  std::deque<Waiting> waiting = std::exchange(script.waiting, {});
  waiting_in_all -= waiting.size();
  metrics.codec_waiting.set(static_cast<double>(waiting_in_all));
  for (Waiting& one : waiting) one.done(answer);
}

// ---- workers ----

// Gives idle workers something to do, and starts those that are missing.
void CodecHost::Parts::hand_out() {
  for (const auto& worker : workers) {
    if (turns.empty()) return;
    if (worker->serving) continue;
    if (!worker->process && !start(*worker)) return;
    if (!worker->ready) continue;
    ScriptPtr script = std::move(turns.front());
    turns.pop_front();
    serve(*worker, std::move(script));
  }
}

bool CodecHost::Parts::start(Worker& worker) {
  if (std::chrono::steady_clock::now() >= start_again_at) {
    auto process = WorkerProcess::start(io, settings.worker);
    if (process) {
      worker.process = std::move(*process);
      arm(worker, settings.start_within);
      worker.process->listen([this, &worker](const std::optional<std::string>& body) { started(worker, body); });
      return true;
    }
    cannot_start(process.error().message);
  }
  const CodecAnswer answer = not_run(CodecOutcome::unavailable, "no worker can be started");
  for (const ScriptPtr& script : std::exchange(turns, {})) answer_all(*script, answer);
  return false;
}

void CodecHost::Parts::started(Worker& worker, const std::optional<std::string>& body) {
  if (!body || !is_hello(*body)) {
    end(worker);
    cannot_start(fmt::format("starting {}: it ended before it was ready", settings.worker.string()));
    return hand_out();
  }
  ++worker.turn;
  worker.ready = true;
  if (std::exchange(start_failed, false)) faults.clear(SelfFaultCode::codec_breached, kStartFault);
  hand_out();
}

void CodecHost::Parts::cannot_start(const std::string& why) {
  start_again_at = std::chrono::steady_clock::now() + kStartAgainAfter;
  log::error("codec_worker_not_started", {{"error", why}});
  if (!std::exchange(start_failed, true)) faults.raise(SelfFaultCode::codec_breached, kStartFault, why);
}

void CodecHost::Parts::serve(Worker& worker, ScriptPtr script) {
  const CodecRequest& request = script->waiting.front().request;
  std::string frames;
  if (worker.process->scripts.insert(script->number).second) {
    frames = to_frame(Load{script->number, script->name, script->text});
  }
  Call call;
  call.script = script->number;
  call.f_port = static_cast<std::uint8_t>(request.f_port);
  if (request.arrived_at) call.arrived_ms = request.arrived_at->time_since_epoch().count();
  call.bytes = request.bytes;
  call.variables = request.variables;
  frames += to_frame(call);
  script->running = true;
  worker.serving = std::move(script);
  worker.computed_before = worker.process->computed();
  arm(worker, settings.deadline);
  worker.process->listen([this, &worker](const std::optional<std::string>& body) { answered(worker, body); });
  worker.process->send(std::move(frames));
}

void CodecHost::Parts::arm(Worker& worker, std::chrono::milliseconds within) {
  worker.deadline.expires_after(within);
  worker.deadline.async_wait([this, &worker, turn = ++worker.turn](const boost::system::error_code& cancelled) {
    if (!cancelled && turn == worker.turn) too_late(worker);
  });
}

// Its worker is killed whatever it does. Whether the script is to blame is another question: on a machine that is
// overloaded a worker may not have come to compute at all.
void CodecHost::Parts::too_late(Worker& worker) {
  if (!worker.serving) return started(worker, std::nullopt);  // it does not even start
  const auto computed = worker.process->computed() - worker.computed_before;
  Waiting& waiting = worker.serving->waiting.front();
  if (computed < kComputed && ++waiting.starved < kStarvedAttempts && !worker.serving->removed) {
    ScriptPtr script = std::exchange(worker.serving, nullptr);
    script->running = false;
    end(worker);
    turns.push_front(std::move(script));
    return hand_out();
  }
  metrics.codec_workers_killed.add();
  finish(worker, not_run(CodecOutcome::killed, fmt::format("{}: did not answer within {} ms", worker.serving->name,
                                                           settings.deadline.count())));
}

void CodecHost::Parts::answered(Worker& worker, const std::optional<std::string>& body) {
  auto answer = body ? read_answer(*body) : std::nullopt;
  if (!answer) answer = not_run(CodecOutcome::killed, worker.serving->name + ": its worker ended");
  finish(worker, *answer);
}

// The answer goes out, and the script's next request has its turn.
void CodecHost::Parts::finish(Worker& worker, const CodecAnswer& answer) {
  ++worker.turn;
  const ScriptPtr script = std::exchange(worker.serving, nullptr);
  script->running = false;
  Waiting waiting = std::move(script->waiting.front());
  script->waiting.pop_front();
  metrics.codec_waiting.set(static_cast<double>(--waiting_in_all));
  // After a breach the worker has little memory left, or worse: the next call gets a fresh one.
  if (is_breach(answer.outcome) || worker.process->computed() > kReplaceAfter) end(worker);
  waiting.done(answer);
  if (is_breach(answer.outcome)) breached(script, answer);
  if (!script->waiting.empty()) turns.push_back(script);
  hand_out();
}

void CodecHost::Parts::end(Worker& worker) {
  ++worker.turn;
  worker.ready = false;
  if (worker.process) worker.process->kill();
  worker.process.reset();
}

void CodecHost::Parts::breached(const ScriptPtr& script, const CodecAnswer& answer) {
  const auto now = std::chrono::steady_clock::now();
  log::warning("codec_breached", {{"script", script->name}, {"outcome", label(answer.outcome)}});
  if (settings.breaches == 0 || script->removed) return;
  script->breaches.push_back(now);
  while (now - script->breaches.front() > settings.breaches_within) script->breaches.pop_front();
  if (script->breaches.size() < settings.breaches) return;
  script->quarantined = true;
  faults.raise(SelfFaultCode::codec_breached, script->name,
               fmt::format("broke its limits {} times within {} minutes and is not run any more; the last time: {}",
                           settings.breaches, settings.breaches_within.count(), answer.detail));
  answer_all(*script, not_run(CodecOutcome::quarantined, script->name + ": not run, it broke its limits too often"));
}

}  // namespace firegate::codec
