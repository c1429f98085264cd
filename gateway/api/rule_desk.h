// RuleDesk: the seam between the API and those who know how rules are read, tried and published (`app`). What needs the
// disk runs on the desk's own thread, which may wait; the web thread posts there and goes on.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "core/account.h"
#include "core/config_node.h"
#include "core/rule_version.h"
#include "replay/backtest_status.h"
#include "rules/rule_set.h"

namespace firegate::api {

struct RulesInForce {
  RuleVersion version;
  bool built_in = false;  // the folder has none: those of the program
  RuleFiles files;
  rules::RuleSetPtr rules;                                 // never null
  std::map<std::string, RuleOrigin, std::less<>> origins;  // by id
};

struct RuleCheck {
  std::vector<Problem> problems;
  std::size_t rules = 0;
  RuleChanges changes;  // against the rules in force
};

// Why something was not done. `problems`: of the files; `stale`: another version is in force than was read.
struct RuleRefusal {
  Error error;
  std::vector<Problem> problems{};
  bool stale = false;
};
template <typename T>
using RuleAnswer = tl::expected<T, RuleRefusal>;

// Who publishes, why, and over which version.
struct RuleOrder {
  Principal by;
  std::string note;
  std::uint32_t base = 0;
};

// What is judged beside the rules in force.
struct ShadowView {
  std::string author, name, note;
  Instant since{};
  std::optional<Instant> at;  // up to when messages were judged
  Millis behind{};
  std::uint64_t messages = 0;
  std::string error;  // why it judges no more; empty: it does
  RulePatch files;    // against those in force
  RuleChanges changes;
  std::vector<replay::Comparison> comparisons;  // in order of time
};

class RuleDesk {
 public:
  virtual ~RuleDesk() = default;

  // Any thread; at once.
  virtual std::shared_ptr<const RulesInForce> in_force() const = 0;  // never null
  virtual replay::BacktestStatus backtest() const = 0;

  // Any thread: runs `work` on the desk's thread. False: too much waits there.
  virtual bool post(std::function<void()> work) = 0;

  // The desk's thread only: these may wait for the disk.
  virtual RuleCheck check(const RulePatch& patch) = 0;
  virtual RuleAnswer<RuleVersion> publish(const RulePatch& patch, const RuleOrder& order) = 0;
  virtual RuleAnswer<RuleVersion> roll_back(std::uint32_t version, const RuleOrder& order) = 0;
  virtual Result<std::vector<RuleVersion>> versions(std::size_t limit) = 0;  // newest first
  virtual Result<std::pair<RuleVersion, RuleFiles>> version(std::uint32_t number) = 0;
  virtual Result<std::vector<RuleHits>> hits(const Scope& scope) = 0;
  virtual RuleAnswer<replay::BacktestStatus> start_backtest(const RulePatch& patch, Instant from, Instant to,
                                                            const Principal& by) = 0;
  virtual replay::BacktestStatus end_backtest() = 0;
  virtual RuleAnswer<ShadowView> start_shadow(const RulePatch& patch, const std::string& note, const Principal& by) = 0;
  virtual Result<std::optional<ShadowView>> shadow() = 0;
  virtual Result<void> end_shadow(const Principal& by) = 0;  // not_found: there is none
};

}  // namespace firegate::api
