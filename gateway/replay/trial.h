// Trial: two sets of rules on the same messages, each through a replay of its own: today's and a candidate. What
// differs between them is due to the rules alone. Both begin knowing nothing but what sources have taught: what was on
// already when the messages begin is raised by both. One thread.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "replay/episodes.h"
#include "replay/replay.h"

namespace firegate::replay {

constexpr std::size_t kMostEpisodes =
    50'000;  // of a side; our choice: some 20 MB. Rules that raise more are not worth a look

// What both sides work with beside their rules. `decode` and `models` outlive the trial.
struct World {
  const decode::Settings& decode;
  const Models& models;
  std::function<std::unique_ptr<UnmappedDevices>(metrics::Metrics&)> make_unmapped;  // each side has its own strangers
  DeviceMapPtr devices;
  std::vector<LinkRow> links;
  Codecs* codecs = nullptr;  // null: there are none
};

class Trial {
 public:
  Trial(const World& world, rules::RuleSetPtr today, rules::RuleSetPtr candidate, Instant start);

  void take(const RawMessage& message);
  void take(const ReadingRow& stored);
  void advance(Instant now);
  void use_today(rules::RuleSetPtr rules, Instant now);
  void use(const DeviceMapPtr& devices, Instant now);

  const Episodes& today() const noexcept { return today_.episodes; }
  const Episodes& candidate() const noexcept { return candidate_.episodes; }
  bool too_many() const noexcept { return today().size() > kMostEpisodes || candidate().size() > kMostEpisodes; }

 private:
  struct Side {
    Side(const World& world, rules::RuleSetPtr rules, Instant start);
    metrics::Metrics metrics;
    std::unique_ptr<UnmappedDevices> unmapped;
    Replay replay;
    Episodes episodes;
  };
  Side today_, candidate_;
};

}  // namespace firegate::replay
