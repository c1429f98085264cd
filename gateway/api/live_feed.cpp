#include "api/live_feed.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/bodies.h"
#include "api/json.h"
#include "core/log.h"

namespace firegate::api {
namespace {

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

// As alarms/alarm_book.h has it: a shelved alarm that went back to normal stays on the list of what is shelved.
bool is_live(const Alarm& alarm) noexcept { return alarm.state != AlarmState::normal || alarm.overlays.any(); }

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
                   SelfFault& self_fault, metrics::Metrics& metrics)
    : identity_(std::move(identity)), self_fault_(self_fault), metrics_(metrics), sounders_(std::move(posts), live) {
  for (const Alarm& alarm : live) {
    if (is_live(alarm)) alarms_.emplace(alarm.id, alarm);
  }
}

void LiveFeed::alarm_changed(const Alarm& alarm) {
  const Alarm* known = find(alarm.id);
  if (known && alarm.revision < known->revision) return;  // announced unrecorded before, and changed since
  if (is_live(alarm)) {
    alarms_.insert_or_assign(alarm.id, alarm);
  } else {
    alarms_.erase(alarm.id);
  }
  publish("alarm", "alarm " + to_text(alarm.id), to_json(alarm));
  publish(sounders_.alarm_changed(alarm));
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

std::string LiveFeed::snapshot(Moment now) const {
  JsonWriter json;
  json.begin_object();
  write_head(json, now);
  json.key("alarms").begin_array();
  for (const auto& [id, alarm] : alarms_) write(json, alarm);
  json.end_array().key("silences");
  write_list(json, sounders_.silences());
  json.key("health").raw(health_).end_object();
  return json.take();
}

const Alarm* LiveFeed::find(AlarmId id) const noexcept {
  const auto at = alarms_.find(id);
  return at == alarms_.end() ? nullptr : &at->second;
}

ClientId LiveFeed::join(LiveSocket& socket, Moment now) {
  const ClientId id{++last_client_};
  Client client;
  client.socket = &socket;
  client.joined = now.steady;
  clients_.emplace(id, std::move(client));
  metrics_.live_clients.set(static_cast<double>(clients_.size()));
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
    if (console->visible && console->audio_running) heard_from(console->post, now);
  }
  return {};
}

std::optional<Frame> LiveFeed::take(ClientId id, Moment now) {
  const auto at = clients_.find(id);
  if (at == clients_.end()) return std::nullopt;
  Client& client = at->second;
  const bool slow = client.writing_since && now.steady - *client.writing_since >= kSlowWrite;
  if (client.resumed && lags_too_far(client.sent)) skip_to_now(client, slow);

  auto frame = next_frame(client, now);
  client.writing_since = frame ? std::optional(now.steady) : std::nullopt;
  return frame;
}

std::optional<Frame> LiveFeed::next_frame(Client& client, Moment now) const {
  if (std::exchange(client.hello_due, false)) return Frame{share(hello(now))};
  if (std::exchange(client.gap_due, false)) return Frame{share(gap_frame(client.sent))};
  if (!client.bye_due.empty()) return Frame{share(bye_frame(client.bye_due)), true};
  if (std::exchange(client.heartbeat_due, false)) {
    return Frame{share(heartbeat_frame(client.resumed ? client.sent : ring_.last(), now))};
  }
  if (!client.resumed) return std::nullopt;
  const auto event = ring_.after(client.sent);
  if (!event.text) return std::nullopt;
  client.sent = event.seq;
  return Frame{event.text};
}

void LiveFeed::leave(ClientId id) noexcept {
  clients_.erase(id);
  metrics_.live_clients.set(static_cast<double>(clients_.size()));
}

void LiveFeed::publish(std::string_view type, std::string topic, std::string data) {
  JsonWriter json;
  json.begin_object().member("t", "ev").member("seq", ring_.next_number()).member("type", type);
  json.key("data").raw(data).end_object();
  ring_.push(std::move(topic), share(json.take()));
  metrics_.live_events.add();
  for (auto& [id, client] : clients_) client.socket->wake();
}

void LiveFeed::publish(const std::vector<duty::SilenceChange>& changes) {
  for (const duty::SilenceChange& change : changes) publish("silence", "silence " + change.post, to_json(change));
}

void LiveFeed::resume(Client& client, std::string_view server_id, Seq seq) {
  client.resumed = true;
  if (server_id == identity_.server_id && !lags_too_far(seq)) {
    client.sent = seq;
  } else {
    skip_to_now(client, false);
  }
}

bool LiveFeed::lags_too_far(Seq seq) const {
  if (!ring_.reaches(seq)) return true;
  return ring_.last() - seq > kMaxWaiting && ring_.waiting(seq, kMaxWaiting + 1) > kMaxWaiting;
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
  publish("health", "health", health_);
}

void LiveFeed::watch_listening(Moment now) {
  for (const std::string& post : listening_.tick(now.steady)) {
    log::error("post_unheard", {{"post", post}});
    self_fault_.raise(SelfFaultCode::nobody_listening, post,
                      fmt::format("post {}: no console that is visible and can sound for 60 s", post));
  }
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
    client.socket->wake();
  }
  for (LiveSocket* socket : dead) socket->abort();
}

void LiveFeed::heard_from(std::string_view post, Moment now) {
  if (!sounders_.knows(post)) return;  // only configured posts are supervised
  if (!listening_.heard(post, now.steady)) return;
  log::info("post_heard", {{"post", post}});
  self_fault_.clear(SelfFaultCode::nobody_listening, post);
}

std::string LiveFeed::hello(Moment now) const {
  JsonWriter json;
  json.begin_object().member("t", "hello");
  write_head(json, now);
  json.member("heartbeat_s", kHeartbeat.count()).end_object();
  return json.take();
}

void LiveFeed::write_head(JsonWriter& json, Moment now) const {
  json.member("server_id", identity_.server_id).member("version", identity_.version);
  json.member("seq", ring_.last()).member("time", now.wall);
}

}  // namespace firegate::api
