// LaneRunner: runs one Lane on its strand and hands its output on: to the partitions, to the journal what was learned,
// to the codecs raw payloads, to the answers' queue what devices wait for. A building without room keeps its items here, in order, and is tried
// again; other buildings go on meanwhile.
#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "core/pulse.h"
#include "decode/lane.h"
#include "decode/progress.h"

namespace firegate::decode {

// Where the output of the lanes goes. All of it outlives the lanes; any thread.
struct LaneSeams {
  PartitionSink& partitions;
  Journal& journal;
  Clock& clock;
  std::function<DeviceMapPtr()> device_map;
  // An answer to a device, to be sent once the inbox has message `seq` on disk.
  std::function<void(InboxSeq seq, Outgoing outgoing)> answer;
  Codecs* codecs = nullptr;  // null: there are none
  std::function<void(CommandAnswer answer)> replied = {};  // a device answered a command; may be empty
};

// Messages of one pull that belong to one lane.
struct LaneWork {
  std::vector<RawMessage> messages;  // point into `bytes`
  std::shared_ptr<const void> bytes;
  Undone undone;
  bool remember_only = false;  // finished before our start
};

class LaneRunner {
 public:
  // Told on the strand how many fewer messages this lane has in hand: positive after a batch, negative where a part of
  // it must wait.
  using DoneWith = std::function<void(std::int64_t messages)>;
  // The bytes of a command, once what was learned for it is in the record; refused: the driver gives none. Called once,
  // on the strand or the journal's thread.
  using Encoding = std::function<void(Result<Encoded>)>;
  using Offering = std::function<void(std::vector<CommandOffer>)>;

  LaneRunner(Lane lane, boost::asio::thread_pool& pool, LaneSeams& seams, DoneWith done_with);

  void post(LaneWork work);             // any thread
  void post_settle();                   // any thread
  void connected(Instant at) noexcept;  // any thread
  void encode(Command command, std::string address, Encoding done);  // any thread
  void offers(std::string address, Offering done);                   // any thread
  void ask_pulse();                     // any thread: the strand gives a sign of life
  Steady pulse() const noexcept { return pulse_.last(); }
  const Source& source() const noexcept { return lane_.source(); }

 private:
  struct Waiting {
    std::string building;
    std::vector<ToPartition> items;
    Undone undone;
  };

  void run(LaneWork work);
  LaneContext context() const;
  std::size_t deliver(LaneOutput output, const Undone& undone);
  void ask(LaneOutput::Ask ask);
  void resume();
  void record(std::vector<LinkRow> links, const InboxHold& hold);
  void keep(Encoded encoded, Encoding done);
  bool waits(const std::string& building) const;
  void retry();
  void schedule_retry();

  Lane lane_;
  LaneSeams& seams_;
  DoneWith done_with_;
  boost::asio::strand<boost::asio::thread_pool::executor_type> strand_;
  boost::asio::steady_timer retry_timer_;
  std::deque<Waiting> waiting_;  // in order for each building
  std::unordered_map<LaneOutput::Ticket, Undone> parked_;
  std::atomic<std::int64_t> connected_at_{0};
  Pulse pulse_;
};

}  // namespace firegate::decode
