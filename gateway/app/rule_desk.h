// RuleDesk: how rules are read from their folder, published, tried and judged in the shadow. Owned by App.
//
// A version is in the record (number, author, time, note, files) and its files are in the folder of rules, which stays
// what a person reads, edits and keeps in git. Publishing goes: checked → prepared in the folder → recorded with its
// line of the journal → into place → in force. Killed before it is recorded, nothing was; after it, the next start
// brings the files into place (rule_folder.h). What was edited by hand becomes a version of "system" at the next start
// or reload.
//
// Threads: the desk's own runs what the API posts; start and reload come from App's. A lock makes it one at a time, so
// that a reload waits for what is being published. The backtest and the shadow have threads of their own (replay/).
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "api/rule_desk.h"
#include "app/rule_files.h"
#include "app/rule_folder.h"
#include "core/archive.h"
#include "core/clock.h"
#include "core/self_fault.h"
#include "ingest/inbox.h"
#include "replay/backtest_job.h"
#include "replay/shadow.h"
#include "store/rule_records.h"

namespace firegate::app {

class RuleDesk final : public api::RuleDesk {
 public:
  static constexpr std::size_t kMaxWaiting = 16;  // of posted work; our choice

  struct Needs {
    std::filesystem::path folder;  // of rules
    store::RuleRecords& records;
    const Clock& clock;
    SelfFault& faults;
    std::function<void(const rules::RuleSetPtr&)> use;  // puts them in force; any thread
  };
  // What trials stand on; there only once messages are taken.
  struct Recording {
    ingest::Inbox& inbox;
    std::filesystem::path folder;  // of the inbox
    const decode::Settings& decode;
    const Models& models;
    std::function<DeviceMapPtr()> devices;
    std::function<std::unique_ptr<Archive>()> archive;
    Codecs& codecs;
  };

  explicit RuleDesk(Needs needs) : needs_(std::move(needs)), folder_(needs_.folder) {}
  ~RuleDesk() override { stop(); }

  // Before anybody reads the folder, at a start and at a reload: brings what was published into its place.
  void settle();
  // Takes the rules of the folder, or those of the program, as they are; what differs from the last version becomes
  // one. At a start: nothing is put in force, ask in_force. corrupt: they cannot be used.
  Result<void> open(rules::CalendarPtr calendar);
  // The same while running: puts them in force.
  Result<void> reload(rules::CalendarPtr calendar);
  // Begins to take work, and takes up the shadow that was kept.
  void start(Recording recording);
  void stop() noexcept;  // ends what runs; the inbox may go

  std::shared_ptr<const api::RulesInForce> in_force() const override;
  replay::BacktestStatus backtest() const override;
  bool post(std::function<void()> work) override;
  api::RuleCheck check(const RulePatch& patch) override;
  api::RuleAnswer<RuleVersion> publish(const RulePatch& patch, const api::RuleOrder& order) override;
  api::RuleAnswer<RuleVersion> roll_back(std::uint32_t version, const api::RuleOrder& order) override;
  Result<std::vector<RuleVersion>> versions(std::size_t limit) override;
  Result<std::pair<RuleVersion, RuleFiles>> version(std::uint32_t number) override;
  Result<std::vector<RuleHits>> hits(const Scope& scope) override;
  api::RuleAnswer<replay::BacktestStatus> start_backtest(const RulePatch& patch, Instant from, Instant to,
                                                         const Principal& by) override;
  replay::BacktestStatus end_backtest() override;
  api::RuleAnswer<api::ShadowView> start_shadow(const RulePatch& patch, const std::string& note,
                                                const Principal& by) override;
  Result<std::optional<api::ShadowView>> shadow() override;
  Result<void> end_shadow(const Principal& by) override;

 private:
  struct Candidate {
    RuleFiles files;
    CompiledRules compiled;
  };
  struct RunningShadow {
    ShadowRecord record;
    CompiledRules compiled;
    std::string error;                       // why it could not be begun
    std::unique_ptr<replay::Shadow> shadow;  // null then
  };

  void run_thread();
  Result<void> take_folder(bool at_start);
  void bring_into_place();
  void note_found(api::RulesInForce& found, const CompiledRules& compiled, const std::optional<RuleFiles>& last);
  void put_in_force(api::RulesInForce rules, CompiledRules compiled);
  tl::expected<Candidate, api::RuleRefusal> candidate(const RuleFiles& base, const RulePatch& patch,
                                                      std::string_view doing) const;
  std::optional<api::RuleRefusal> refuse(const RuleFiles& files, const api::RuleOrder& order) const;
  api::RuleAnswer<RuleVersion> put(Candidate candidate, const api::RuleOrder& order, std::uint32_t rollback_of);
  Result<replay::World> world() const;
  Result<void> read_messages(const std::function<bool(const RawMessage&)>& take) const;
  void begin_shadow(ShadowRecord record);
  Result<api::ShadowView> view_of(const RunningShadow& running);

  const Needs needs_;
  RuleFolder folder_;

  std::mutex working_;  // one piece of work at a time; guards the group below and the records
  rules::CalendarPtr calendar_;
  CompiledRules compiled_;  // of those in force
  std::optional<Recording> recording_;
  std::unique_ptr<RunningShadow> shadow_;

  mutable std::mutex mutex_;  // guards the group below
  std::condition_variable wake_;
  std::shared_ptr<const api::RulesInForce> in_force_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;

  std::unique_ptr<replay::BacktestJob> backtest_;  // from start on
  std::thread thread_;
};

}  // namespace firegate::app
