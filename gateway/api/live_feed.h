// LiveFeed: what every console sees at once: the live alarms, silences and health as numbered events, a heartbeat, and
// the way back after an outage (resume by number, or a snapshot). Every frame of the protocol is made here; sockets
// only carry them. Every client sees what lies in its scope, from texts that all share; it is told to go when its
// session ends or its grants change. Also the owner of what depends on who watches: silences of posts, and the fault
// "nobody is listening at a post".
//
// Web thread only (tests: any one thread); time is a parameter. Figures: console page, section 9 and decision 3.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/event_ring.h"
#include "api/live_intake.h"
#include "core/alarm.h"
#include "core/live.h"
#include "core/self_fault.h"
#include "duty/listening.h"
#include "duty/sounders.h"
#include "metrics/metrics.h"

namespace firegate::api {

class JsonWriter;
struct SubFrame;

constexpr std::size_t kRingEvents = 10'000;
constexpr std::size_t kMaxWaiting = 512;  // events one client may lag behind
constexpr std::chrono::seconds kHeartbeat{5};
constexpr std::chrono::seconds kSlowWrite{5};    // who lags too far and took so long for one frame is slow; our choice
constexpr std::chrono::seconds kWriteStuck{15};  // a client that takes nothing for so long is LOST to itself
constexpr std::chrono::seconds kResumeWithin{10};  // a client must say where it stands; our choice
constexpr std::size_t kMachinesAtOnce = 16;  // 0.2 ms, until whatever else came meanwhile has its turn; our choice

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

// Who watches. `standing` says what they may do in all, in any form: when it changes the client has to come again.
struct Watcher {
  Principal principal;
  std::string standing;
};

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
  // `ask_for_turn`: has `serve_machines` called on the web thread, after what waits there already.
  LiveFeed(Identity identity, const std::vector<Alarm>& live, std::vector<std::string> posts, SelfFault& self_fault,
           metrics::Metrics& metrics, std::function<void()> ask_for_turn);

  // What happens.
  void alarm_changed(const Alarm& alarm);
  void device_test(const DeviceTestEvent& event);
  void command_changed(const CommandRecord& record);
  Result<duty::Silence> silence(std::string_view post, std::string_view by, Moment now);
  void tick(const Health& health, Moment now);  // each second
  void serve_machines();                        // the next kMachinesAtOnce of them
  void shut_down();                             // says bye to everybody
  // Says bye to whose standing is another by now; empty: the session has ended.
  void review(const std::function<std::string(const Principal&)>& standing);
  void say_bye(std::string_view session, std::string_view reason);

  // What is.
  std::string snapshot(const Scope& scope, Moment now) const;
  const std::map<AlarmId, Alarm>& alarms() const noexcept { return alarms_; }
  const Alarm* find(AlarmId id) const noexcept;
  const std::string& version() const noexcept { return identity_.version; }
  std::size_t clients() const noexcept { return clients_.size(); }

  // Clients. `socket` must outlive the stay.
  ClientId join(LiveSocket& socket, Watcher watcher, Moment now);
  Result<void> received(ClientId id, std::string_view text, Moment now);  // bad_input: close the socket
  // The next frame to write, if any. The socket calls it when it is not writing, and again after each write.
  std::optional<Frame> take(ClientId id, Moment now);
  void leave(ClientId id) noexcept;

 private:
  struct Client {
    LiveSocket* socket = nullptr;
    Watcher watcher;
    View view;
    bool hello_due = true;
    bool heartbeat_due = false;
    bool gap_due = false;
    std::string bye_due;  // the reason
    bool resumed = false;
    Seq sent = 0;  // the last event that it has, or that was not for it
    Steady joined{};
    std::optional<Steady> writing_since;  // empty: idle
  };
  void publish(std::string_view type, std::string thing, Topic topic, std::string estate, std::string data);
  void publish(const std::vector<duty::SilenceChange>& changes);
  void wake_all();
  Client& next_machine();
  std::optional<Frame> next_frame(Client& client, Moment now) const;
  void resume(Client& client, std::string_view server_id, Seq seq);
  void narrow(Client& client, const SubFrame& sub);
  void watch_health(const Health& health);
  void watch_listening(Moment now);
  void watch_clients(Moment now);
  void count_clients() noexcept;
  void heard_from(std::string_view post, Moment now);
  bool lags_too_far(Seq seq, const View& view) const;
  void skip_to_now(Client& client, bool slow);
  std::string hello(const Client& client, Moment now) const;
  void write_head(JsonWriter& json, Seq seq, Moment now) const;

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
  std::function<void()> ask_for_turn_;
  bool turn_asked_ = false;
  std::size_t machines_ = 0, machines_left_ = 0;  // left: to be woken
  ClientId last_woken_{};
  std::optional<Steady> last_heartbeat_;
};

}  // namespace firegate::api
