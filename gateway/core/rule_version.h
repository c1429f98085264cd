// Rules as people publish them: files, versions, and what their alarms turned out to be. Plain values, shared by those
// who check and publish (app), keep (store) and show (api) them; what a rule means is known to rules/ alone.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/alarm.h"
#include "core/clock.h"
#include "core/labels.h"

namespace firegate {

struct RuleFile {
  std::string name;  // "charging.yaml"
  std::string text;

  friend bool operator==(const RuleFile&, const RuleFile&) = default;
};
using RuleFiles = std::vector<RuleFile>;  // by name, each once

// Files laid over others: a file that is not named stays as it is, none removes it.
using RulePatch = std::map<std::string, std::optional<std::string>>;

// Where a rule stands.
struct RuleOrigin {
  std::string file;  // name
  int line = 0;      // from 1
};

// Ids of rules, sorted. An override that is another one is a change of its rule.
struct RuleChanges {
  std::vector<std::string> added, removed, changed;

  friend bool operator==(const RuleChanges&, const RuleChanges&) = default;
};

struct RuleVersion {
  std::uint32_t number = 0;  // from 1, without gaps
  std::string author;        // as the journal has it: "user:wangfang"; "system": found in the folder
  std::string name;          // as people call them
  Instant at{};
  std::string note;
  std::uint32_t rollback_of = 0;  // the version whose files these are; 0: none
  RuleChanges changes;            // against the version before

  friend bool operator==(const RuleVersion&, const RuleVersion&) = default;
};

// What a rule has raised: alarms by when they were first raised.
struct RuleHits {
  std::string rule;
  std::uint64_t day = 0, month = 0;  // in 24 h, in 30 d
  Instant last_at{};
  std::array<std::uint64_t, label_count<Verdict>()> verdicts{};  // of the 30 d
};

// Rules that are judged beside those in force and raise nothing.
struct ShadowRecord {
  std::string author, name;  // as of a version
  Instant since{};
  std::uint64_t first_message = 0;  // of the inbox
  std::string note;
  RuleFiles files;  // all of them
};

}  // namespace firegate
