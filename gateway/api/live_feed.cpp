#include "api/live_feed.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/bodies.h"
#include "api/command_json.h"
#include "api/json.h"
#include "core/log.h"

namespace firegate::api {
namespace {

// Each client costs a system call (some 10 µs). People are served at once, in the order in which they came; machines
// (clients with a token), whatever their number, a few at a time and in turn, so that no news waits behind a crowd.
constexpr std::uint64_t kMachines = std::uint64_t{1} << 63;

bool is_machine(ClientId id) noexcept { return (static_cast<std::uint64_t>(id) & kMachines) != 0; }

Text share(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

std::string heartbeat_frame(Seq seq, Moment now) {
  JsonWriter json;
  json.begin_object().member("t", "hb").member("seq", seq).member("time", now.wall).end_object();
  return json.take();
}

std::string gap_frame(Seq seq) {
  JsonWriter json;
  json.begin_object().member("t", "gap").member("seq", seq).end_object();
  return json.take();
}

std::string bye_frame(std::string_view reason) {
  JsonWriter json;
  json.begin_object().member("t", "bye").member("reason", reason).end_object();
  return json.take();
}

// Lag and drift always tremble: only steps that somebody would want to see make an event (our choice).
bool differs(const Health& a, const Health& b) noexcept {
  const auto same_part = [](const Health::Part& x, const Health::Part& y) {
    return x.name == y.name && x.ok == y.ok && x.detail == y.detail;
  };
  return !std::ranges::equal(a.parts, b.parts, same_part) || a.devices_total != b.devices_total ||
         a.devices_online != b.devices_online || a.devices_unmapped != b.devices_unmapped ||
         a.inbox_waiting != b.inbox_waiting || std::chrono::abs(a.decision_lag - b.decision_lag) >= Millis{1000} ||
         std::chrono::abs(a.clock_drift - b.clock_drift) >= Millis{100};
}

}  // namespace

LiveFeed::LiveFeed(Identity identity, const std::vector<Alarm>& live, std::vector<std::string> posts,
                   SelfFault& self_fault, metrics::Metrics& metrics, std::function<void()> ask_for_turn)
    : identity_(std::move(identity)),
      self_fault_(self_fault),
      metrics_(metrics),
      sounders_(std::move(posts), live),
      ask_for_turn_(std::move(ask_for_turn)) {
  for (const Alarm& alarm : live) {
    if (is_live(alarm)) alarms_.emplace(alarm.id, alarm);
  }
  metrics_.posts.set(static_cast<double>(sounders_.posts().size()));
}

void LiveFeed::alarm_changed(const Alarm& alarm) {
  const Alarm* known = find(alarm.id);
  if (known && alarm.revision < known->revision) return;  // announced unrecorded before, and changed since
  if (is_live(alarm)) {
    alarms_.insert_or_assign(alarm.id, alarm);
  } else {
    alarms_.erase(alarm.id);
  }
  publish("alarm", "alarm " + to_text(alarm.id), Topic::alarms, alarm.subject.place->estate.id, to_json(alarm));
  publish(sounders_.alarm_changed(alarm));
}

void LiveFeed::device_test(const DeviceTestEvent& event) {
  JsonWriter json;
  json.begin_object().member("device", event.device).member("until", event.until).member("passed_at", event.passed_at);
  json.end_object();
  publish("device_test", "test " + event.device, Topic::devices, event.estate, json.take());
}

void LiveFeed::command_changed(const CommandRecord& record) {
  JsonWriter json;
  write(json, record);
  publish("command", "command " + record.command.id, Topic::devices, record.estate, json.take());
}

Result<duty::Silence> LiveFeed::silence(std::string_view post, std::string_view by, Moment now) {
  auto silence = sounders_.silence(post, by, now.wall);
  if (silence) publish({{silence->post, silence->priority, silence->until, silence->by}});
  return silence;
}

void LiveFeed::tick(const Health& health, Moment now) {
  publish(sounders_.tick(now.wall));
  watch_health(health);
  watch_listening(now);
  watch_clients(now);
}

void LiveFeed::shut_down() {
  for (auto& [id, client] : clients_) {
    client.bye_due = "shutdown";
    client.socket->wake();
  }
}

void LiveFeed::review(const std::function<std::string(const Principal&)>& standing) {
  for (auto& [id, client] : clients_) {
    if (!client.bye_due.empty()) continue;
    const std::string now = standing(client.watcher.principal);
    if (now == client.watcher.standing) continue;
    client.bye_due = now.empty() ? "session_ended" : "powers_changed";
    client.socket->wake();
  }
}

void LiveFeed::say_bye(std::string_view session, std::string_view reason) {
  for (auto& [id, client] : clients_) {
    if (client.watcher.principal.session != session || !client.bye_due.empty()) continue;
    client.bye_due = reason;
    client.socket->wake();
  }
}

std::string LiveFeed::snapshot(const Scope& scope, Moment now) const {
  JsonWriter json;
  json.begin_object();
  write_head(json, ring_.last(), now);
  json.key("alarms").begin_array();
  for (const auto& [id, alarm] : alarms_) {
    if (scope.admits(alarm.subject.place->estate.id)) write(json, alarm);
  }
  json.end_array().key("silences");
  write_list(json, sounders_.silences());
  json.key("health").raw(health_).end_object();
  return json.take();
}

const Alarm* LiveFeed::find(AlarmId id) const noexcept {
  const auto at = alarms_.find(id);
  return at == alarms_.end() ? nullptr : &at->second;
}

ClientId LiveFeed::join(LiveSocket& socket, Watcher watcher, Moment now) {
  const bool machine = watcher.principal.kind == PrincipalKind::token;
  const ClientId id{++last_client_ | (machine ? kMachines : 0)};
  Client client;
  client.socket = &socket;
  client.view.scope = watcher.principal.scope(Permission::look);
  client.watcher = std::move(watcher);
  client.joined = now.steady;
  clients_.emplace(id, std::move(client));
  machines_ += machine ? 1 : 0;
  count_clients();
  return id;
}

Result<void> LiveFeed::received(ClientId id, std::string_view text, Moment now) {
  const auto at = clients_.find(id);
  if (at == clients_.end()) return fail(ErrorCode::not_found, "reading a frame: the client has left");
  const auto frame = read_client_frame(text);
  if (!frame) return tl::unexpected<Error>(frame.error());

  if (const auto* where = std::get_if<ResumeFrame>(&*frame)) {
    resume(at->second, where->server_id, where->seq);
    at->second.socket->wake();
  } else if (const auto* console = std::get_if<ConsoleFrame>(&*frame)) {
    // A post is listened to by somebody who may at least silence it: a mere viewer's page must not hide that nobody is
    // there.
    const bool counts = at->second.watcher.principal.may_anywhere(Permission::silence);
    if (counts && console->visible && console->audio_running) heard_from(console->post, now);
  } else if (const auto* sub = std::get_if<SubFrame>(&*frame)) {
    narrow(at->second, *sub);
    at->second.socket->wake();
  }
  return {};
}

std::optional<Frame> LiveFeed::take(ClientId id, Moment now) {
  const auto at = clients_.find(id);
  if (at == clients_.end()) return std::nullopt;
  Client& client = at->second;
  const bool slow = client.writing_since && now.steady - *client.writing_since >= kSlowWrite;
  if (client.resumed && lags_too_far(client.sent, client.view)) skip_to_now(client, slow);

  auto frame = next_frame(client, now);
  client.writing_since = frame ? std::optional(now.steady) : std::nullopt;
  return frame;
}

std::optional<Frame> LiveFeed::next_frame(Client& client, Moment now) const {
  if (std::exchange(client.hello_due, false)) return Frame{share(hello(client, now))};
  if (std::exchange(client.gap_due, false)) return Frame{share(gap_frame(client.sent))};
  if (!client.bye_due.empty()) return Frame{share(bye_frame(client.bye_due)), true};
  if (std::exchange(client.heartbeat_due, false)) {
    return Frame{share(heartbeat_frame(client.resumed ? client.sent : ring_.last(), now))};
  }
  if (!client.resumed) return std::nullopt;
  const auto event = ring_.after(client.sent, client.view);
  client.sent = event.seq;
  if (!event.text) return std::nullopt;
  return Frame{event.text};
}

void LiveFeed::leave(ClientId id) noexcept {
  if (clients_.erase(id) > 0 && is_machine(id)) --machines_;
  count_clients();
}

void LiveFeed::publish(std::string_view type, std::string thing, Topic topic, std::string estate, std::string data) {
  JsonWriter json;
  json.begin_object().member("t", "ev").member("seq", ring_.next_number()).member("type", type);
  json.key("data").raw(data).end_object();
  ring_.push(std::move(thing), topic, std::move(estate), share(json.take()));
  metrics_.live_events.add();
  wake_all();
}

void LiveFeed::publish(const std::vector<duty::SilenceChange>& changes) {
  for (const duty::SilenceChange& change : changes) {
    publish("silence", "silence " + change.post, Topic::silences, "", to_json(change));
  }
}

void LiveFeed::wake_all() {
  for (auto at = clients_.begin(); at != clients_.end() && !is_machine(at->first); ++at) at->second.socket->wake();
  machines_left_ = machines_;
  if (machines_left_ > 0 && !std::exchange(turn_asked_, true)) ask_for_turn_();
}

void LiveFeed::serve_machines() {
  turn_asked_ = false;
  machines_left_ = std::min(machines_left_, machines_);
  const std::size_t now = std::min(machines_left_, kMachinesAtOnce);
  for (std::size_t i = 0; i < now; ++i) next_machine().socket->wake();
  machines_left_ -= now;
  if (machines_left_ > 0 && !std::exchange(turn_asked_, true)) ask_for_turn_();
}

// The one after the last that was woken. There is at least one.
LiveFeed::Client& LiveFeed::next_machine() {
  auto next = clients_.upper_bound(last_woken_);
  if (next == clients_.end() || !is_machine(next->first)) next = clients_.lower_bound(ClientId{kMachines});
  last_woken_ = next->first;
  return next->second;
}

void LiveFeed::resume(Client& client, std::string_view server_id, Seq seq) {
  client.resumed = true;
  if (server_id == identity_.server_id && !lags_too_far(seq, client.view)) {
    client.sent = seq;
  } else {
    skip_to_now(client, false);
  }
}

// What it asks for is within what it may see. What was left out before may be wanted now, so it starts anew.
void LiveFeed::narrow(Client& client, const SubFrame& sub) {
  client.view.estates = sub.estates;
  client.view.topics = sub.topics;
  if (client.resumed) skip_to_now(client, false);
}

bool LiveFeed::lags_too_far(Seq seq, const View& view) const {
  if (!ring_.reaches(seq)) return true;
  return ring_.last() - seq > kMaxWaiting && ring_.waiting(seq, kMaxWaiting + 1, view) > kMaxWaiting;
}

// A storm outruns everybody: who lags too far takes a snapshot. Only who also reads slowly is sent away.
void LiveFeed::skip_to_now(Client& client, bool slow) {
  client.gap_due = true;
  client.sent = ring_.last();
  if (!slow) return;
  client.bye_due = "slow";
  metrics_.live_clients_cut.add();
}

void LiveFeed::watch_health(const Health& health) {
  if (health_ != "null" && !differs(known_health_, health)) return;
  known_health_ = health;
  health_ = to_json(health);
  publish("health", "health", Topic::health, "", health_);
}

void LiveFeed::count_clients() noexcept {
  metrics_.live_clients.set(static_cast<double>(clients_.size()));
  std::array<double, label_count<PrincipalKind>()> kinds{};
  for (const auto& [id, client] : clients_) kinds[static_cast<std::size_t>(client.watcher.principal.kind)] += 1;
  for (std::size_t i = 0; i < kinds.size(); ++i)
    metrics_.live_clients_by_kind[static_cast<PrincipalKind>(i)].set(kinds[i]);
}

void LiveFeed::watch_listening(Moment now) {
  for (const std::string& post : listening_.tick(now.steady)) {
    log::error("post_unheard", {{"post", post}});
    self_fault_.raise(SelfFaultCode::nobody_listening, post,
                      fmt::format("post {}: no console that is visible and can sound for 60 s", post));
  }
  metrics_.posts_audible.set(static_cast<double>(listening_.audible()));
}

void LiveFeed::watch_clients(Moment now) {
  const bool beat = !last_heartbeat_ || now.steady - *last_heartbeat_ >= kHeartbeat;
  if (beat) last_heartbeat_ = now.steady;
  std::vector<LiveSocket*> dead;
  for (auto& [id, client] : clients_) {
    const bool stuck = client.writing_since && now.steady - *client.writing_since >= kWriteStuck;
    const bool mute = !client.resumed && now.steady - client.joined >= kResumeWithin;
    if (stuck) metrics_.live_clients_cut.add();
    if (stuck || mute) {
      dead.push_back(client.socket);
      continue;
    }
    if (beat) client.heartbeat_due = true;
  }
  if (beat) wake_all();
  for (LiveSocket* socket : dead) socket->abort();
}

void LiveFeed::heard_from(std::string_view post, Moment now) {
  if (!sounders_.knows(post)) return;  // only configured posts are supervised
  if (!listening_.heard(post, now.steady)) return;
  log::info("post_heard", {{"post", post}});
  self_fault_.clear(SelfFaultCode::nobody_listening, post);
}

// Its number is the last that concerns this client, so that who has that one knows that nothing is missing.
std::string LiveFeed::hello(const Client& client, Moment now) const {
  const Principal& who = client.watcher.principal;
  JsonWriter json;
  json.begin_object().member("t", "hello");
  write_head(json, ring_.last(client.view), now);
  json.key("you").begin_object().member("name", who.name).member("kind", label(who.kind)).end_object();
  json.member("heartbeat_s", kHeartbeat.count()).end_object();
  return json.take();
}

void LiveFeed::write_head(JsonWriter& json, Seq seq, Moment now) const {
  json.member("server_id", identity_.server_id).member("version", identity_.version);
  json.member("seq", seq).member("time", now.wall);
}

}  // namespace firegate::api
