// CommandDesk: carries out what people order devices to do: records it, has the lane of the source encode it, sends the
// bytes by the broker or the GB/T 26875.3 link, and follows what becomes of it (commands/command_book.h). One thread,
// which may wait for the disk. Nothing leaves before its command is in the record, and nothing is ever sent again: a
// command that a restart finds without an answer waits for one until its time is over.
// Owned by App; what it is made of outlives it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "api/live_intake.h"
#include "commands/command_book.h"
#include "core/clock.h"
#include "core/commands.h"
#include "core/live.h"
#include "core/sender.h"
#include "decode/reader.h"
#include "metrics/command_metrics.h"
#include "store/command_records.h"

namespace firegate::app {

class CommandDesk final : public Commands {
 public:
  static constexpr std::size_t kMaxWaiting = 256;  // orders and questions; our choice: a bulk cut-off of an estate
  static constexpr std::size_t kMaxAnswers = 10'000;  // of devices; more than this is a flood, and no answer of a command

  struct Needs {
    decode::Reader& reader;
    Sender& broker;
    Sender* units = nullptr;  // GB/T 26875.3 over TCP; null: there is none
    Devices& devices;
    store::CommandRecords& records;
    api::LiveIntake& live;
    const Clock& clock;
  };

  explicit CommandDesk(const Needs& needs) : needs_(needs) {}
  ~CommandDesk() override { stop(); }

  // Before the reader runs: takes over what the run before left open, so that no answer to it is missed.
  Result<void> open();
  void start();          // once the reader runs; until then orders wait
  void stop() noexcept;  // orders that wait are not carried out

  void order(CommandOrder order, std::function<void(Result<CommandRecord>)> done) noexcept override;
  void history(std::string device, std::uint64_t before, std::size_t limit,
               std::function<void(Result<std::vector<CommandRecord>>)> done) noexcept override;
  void offers(DevicePtr device, std::function<void(std::vector<CommandOffer>)> done) noexcept override;
  std::string exposition() const override { return metrics_.exposition(); }

  void answered(CommandAnswer answer) noexcept;  // any thread

 private:
  using Done = std::function<void(Result<CommandRecord>)>;

  // False: so many wait already, or the desk stops.
  bool post(std::function<void()> work, std::size_t most = SIZE_MAX);
  void run_thread();
  void carry_out(const CommandOrder& order, const Done& done);
  std::optional<Result<CommandRecord>> carried_out_before(const CommandOrder& order);
  void send(const CommandRecord& record, Result<Encoded> encoded, bool by_units, const Done& done);
  void send_one(const std::string& id, const Outgoing& outgoing, bool by_units);
  void left(const std::string& id, const Result<void>& sent);
  void note(const std::optional<CommandRecord>& changed);
  void tick();

  const Needs needs_;
  metrics::CommandMetrics metrics_;

  std::mutex mutex_;  // guards the group below
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;

  // The desk's thread only.
  commands::CommandBook book_;
  std::map<std::string, std::size_t> leaving_;  // by id of the command: its messages that have not left yet

  std::thread thread_;
};

}  // namespace firegate::app
