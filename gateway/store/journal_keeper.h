// JournalKeeper: signs the journal, copies what was signed, checks it, and lets old rows go.
//
// A checkpoint is written every 10 minutes when rows came (reliability T24), sooner after 10,000 rows (our choice: what
// retention removes at once), at an orderly stop, and before rows go by age; synced, then copied to a second folder
// where one is set. At start and once a day the whole journal is checked (journal_check.h). What does not hold is the
// fault of ours `journal_broken`: part "chain" stands until a person acknowledges it, and comes again with the next
// check that finds it; parts "checkpoint" and "copy" clear when it goes again. Rows of a journal that is not sound
// stay, whatever their age.
//
// A checkpoint is also signed over a journal that is behind the last one: what came before stays found by the check for
// as long as its checkpoint does. To begin anew, for instance after a backup was restored: stop, move
// journal.checkpoints, journal.key and journal.pub away and keep them, start. Beside existing checkpoints no key is
// ever made: without journal.key nothing is signed. A file of checkpoints that was shortened or removed stays found:
// numbers go on.
//
// Owned by `app`; a thread of its own with read-only connections; writes to the database through the writer only. Stop
// it after the writer, so that the last rows are signed. A hanging network folder of `copy_to` delays nothing but this
// thread and an orderly stop.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "core/clock.h"
#include "core/config_node.h"
#include "core/self_fault.h"
#include "store/checkpoints.h"
#include "store/database.h"
#include "store/journal_check.h"
#include "store/retention.h"
#include "store/writer.h"

namespace firegate::store {

class JournalKeeper {
 public:
  struct Settings {
    std::filesystem::path copy_to;  // a folder; empty: no copy
    int keep_days = kTwoYears;
    std::chrono::minutes every{10};
    std::uint64_t rows = 10'000;
    std::chrono::hours check_every{24};

    // `journal: {copy_to}` of gateway.yaml.
    static Settings parse(const ConfigNode* node, Problems& problems);
  };

  // `database`: its path; the other files lie beside it.
  JournalKeeper(const std::filesystem::path& database, Settings settings, Writer& writer, const Clock& clock,
                SelfFault& faults);
  ~JournalKeeper();  // stops
  JournalKeeper(const JournalKeeper&) = delete;
  JournalKeeper& operator=(const JournalKeeper&) = delete;

  void start();
  void stop() noexcept;  // with a last checkpoint

  // What is due; once a second on the keeper's thread. Public for those who drive it by themselves.
  void tick(Instant now, Steady steady);

 private:
  void run_thread() noexcept;
  bool stopping() const;

  Result<void> open();
  Result<void> open_key();
  void sign_if_due(Instant now, Steady steady);
  Result<void> sign(Instant now, std::optional<std::uint64_t> first = std::nullopt);
  void note_number();
  void copy();
  void check();
  Result<void> plan_cut(Instant now);
  Result<bool> may_go(const Checkpoint& point, std::uint64_t last);
  void cut_one();
  void report(std::string_view part, const Result<void>& done);

  const JournalFiles files_;
  const std::filesystem::path key_file_;
  const Settings settings_;
  Writer& writer_;
  const Clock& clock_;
  SelfFault& faults_;

  // The keeper's thread only.
  std::optional<Database> database_;
  std::optional<SigningKey> key_;
  CheckpointLine last_;                // that was written; number 0: none
  std::uint64_t numbered_ = 0;         // the highest number that was ever given
  bool sound_ = false;                 // at the last check
  std::set<std::string_view> raised_;  // parts of journal_broken that clear by themselves; constants
  Steady next_open_{}, next_sign_{}, next_check_{}, next_cut_{};
  std::deque<std::uint64_t> to_cut_;  // rows up to each of them may go, one after the other

  mutable std::mutex mutex_;  // guards stopping_
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace firegate::store
