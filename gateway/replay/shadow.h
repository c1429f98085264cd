// Shadow: rules that are judged beside those in force and raise nothing. It is a trial (trial.h) that never ends: it
// reads the inbox behind the live gateway, on a thread of its own of the lowest priority, through the same lanes and
// partitions as a replay. So it cannot slow or change what is decided, and live, replay, backtest and shadow are one
// code. Because everything follows from the inbox, a shadow that is begun anew at the same message comes to the same
// episodes: that is how it survives a restart, for as long as the inbox holds its messages. Owned by `app`; public
// calls are for any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "decode/reader.h"
#include "replay/trial.h"

namespace firegate::replay {

class Shadow {
 public:
  struct Sources {
    std::unique_ptr<decode::MessageSource> messages;  // what follows in the inbox; never waits
    std::function<Result<World>()> world;             // once, at the beginning
    std::function<DeviceMapPtr()> devices;            // as they are now
    std::function<rules::RuleSetPtr()> today;         // in force now
  };
  struct Status {
    std::optional<Instant> at;  // up to when messages were judged
    Millis behind{};            // the live gateway
    std::uint64_t messages = 0;
    std::string error;  // why it judges no more; empty: it does
    std::vector<Episode> today, candidate;
  };

  Shadow(Sources sources, rules::RuleSetPtr candidate, const Clock& clock);
  ~Shadow();  // ends it
  Shadow(const Shadow&) = delete;
  Shadow& operator=(const Shadow&) = delete;

  Status status() const;

 private:
  void work(const std::stop_token& stop);
  bool judge(std::span<const RawMessage> messages);
  void keep_up(Instant now);
  void begin(Instant at);
  void rest(const std::stop_token& stop);

  Sources sources_;
  const rules::RuleSetPtr candidate_;
  const Clock& clock_;

  mutable std::mutex mutex_;  // guards the group below
  std::condition_variable_any wake_;
  std::unique_ptr<Trial> trial_;
  Status status_;  // without the episodes

  // The thread only.
  std::optional<World> world_;
  DeviceMapPtr devices_;
  rules::RuleSetPtr today_;

  std::jthread thread_;
};

}  // namespace firegate::replay
