// LiveFeed: what every console sees at once: the live alarms, silences and health as numbered events, a heartbeat, and
// the way back after an outage (resume by number, or a snapshot). Every frame of the protocol is made here; sockets
// only carry them. Also the owner of what depends on who watches: silences of posts, and the fault "nobody is listening
// at a post".
//
// Web thread only (tests: any one thread); time is a parameter. Figures: console page, section 9 and decision 3.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/event_ring.h"
#include "core/alarm.h"
#include "core/live.h"
#include "core/self_fault.h"
#include "duty/listening.h"
#include "duty/sounders.h"
#include "metrics/metrics.h"

namespace firegate::api {

class JsonWriter;

constexpr std::size_t kRingEvents = 10'000;
constexpr std::size_t kMaxWaiting = 512;  // events one client may lag behind
constexpr std::chrono::seconds kHeartbeat{5};
constexpr std::chrono::seconds kSlowWrite{5};    // who lags too far and took so long for one frame is slow; our choice
constexpr std::chrono::seconds kWriteStuck{15};  // a client that takes nothing for so long is LOST to itself
constexpr std::chrono::seconds kResumeWithin{10};  // a client must say where it stands; our choice

struct Moment {
  Instant wall{};
  Steady steady{};
};

// One client's socket as the feed sees it. The feed calls it on the web thread.
class LiveSocket {
 public:
  virtual ~LiveSocket() = default;
  virtual void wake() = 0;   // there may be a frame to take; a socket that is writing ignores it
  virtual void abort() = 0;  // close at once, nothing more will be written; the socket then calls `leave`
};

enum class ClientId : std::uint64_t {};

struct Frame {
  Text text;
  bool close_after = false;
};

class LiveFeed {
 public:
  struct Identity {
    std::string server_id;  // random for each start
    std::string version;
  };
  // `live`: the alarms that were live before, as the store gave them back. `posts`: ids of the configured posts.
  LiveFeed(Identity identity, const std::vector<Alarm>& live, std::vector<std::string> posts, SelfFault& self_fault,
           metrics::Metrics& metrics);

  // What happens.
  void alarm_changed(const Alarm& alarm);
  Result<duty::Silence> silence(std::string_view post, std::string_view by, Moment now);
  void tick(const Health& health, Moment now);  // each second
  void shut_down();                             // says bye to everybody

  // What is.
  std::string snapshot(Moment now) const;
  const std::map<AlarmId, Alarm>& alarms() const noexcept { return alarms_; }
  const Alarm* find(AlarmId id) const noexcept;
  std::size_t clients() const noexcept { return clients_.size(); }

  // Clients. `socket` must outlive the stay.
  ClientId join(LiveSocket& socket, Moment now);
  Result<void> received(ClientId id, std::string_view text, Moment now);  // bad_input: close the socket
  // The next frame to write, if any. The socket calls it when it is not writing, and again after each write.
  std::optional<Frame> take(ClientId id, Moment now);
  void leave(ClientId id) noexcept;

 private:
  struct Client {
    LiveSocket* socket = nullptr;
    bool hello_due = true;
    bool heartbeat_due = false;
    bool gap_due = false;
    std::string bye_due;  // the reason
    bool resumed = false;
    Seq sent = 0;  // the last event it has
    Steady joined{};
    std::optional<Steady> writing_since;  // empty: idle
  };
  void publish(std::string_view type, std::string topic, std::string data);
  void publish(const std::vector<duty::SilenceChange>& changes);
  std::optional<Frame> next_frame(Client& client, Moment now) const;
  void resume(Client& client, std::string_view server_id, Seq seq);
  void watch_health(const Health& health);
  void watch_listening(Moment now);
  void watch_clients(Moment now);
  void heard_from(std::string_view post, Moment now);
  bool lags_too_far(Seq seq) const;
  void skip_to_now(Client& client, bool slow);
  std::string hello(Moment now) const;
  void write_head(JsonWriter& json, Moment now) const;

  Identity identity_;
  SelfFault& self_fault_;
  metrics::Metrics& metrics_;
  std::map<AlarmId, Alarm> alarms_;
  duty::Sounders sounders_;
  duty::Listening listening_;
  std::string health_ = "null";  // JSON
  Health known_health_;
  EventRing ring_{kRingEvents};
  std::map<ClientId, Client> clients_;
  std::uint64_t last_client_ = 0;
  std::optional<Steady> last_heartbeat_;
};

}  // namespace firegate::api
