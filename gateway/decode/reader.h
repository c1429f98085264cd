// Reader: the thread that takes messages from the inbox in order and routes them to the lanes. The inbox is the queue:
// when lanes or mailboxes are full, the reader slows down and what must wait stays on disk.
// Owned by `app`. Everything handed in outlives it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "decode/lane_runner.h"
#include "decode/progress.h"

namespace firegate::decode {

// What one pull gave: messages in order of the inbox, and the bytes they point into.
struct Pulled {
  std::span<const RawMessage> messages;
  std::shared_ptr<const void> bytes;
};

// The inbox as the reader sees it; `app` joins it to ingest. The reader's thread only.
class MessageSource {
 public:
  virtual ~MessageSource() = default;
  // Waits up to `wait` where there is nothing new: empty then. Errors: io_failed; it will be called again.
  virtual Result<Pulled> pull(Millis wait) = 0;
};

// How many finished messages are read again at a start, so that what the broker delivers twice is known as such: as
// many as it has in flight to us at most (max_inflight_messages of config/mosquitto/firegate.conf).
constexpr InboxSeq kRemembered = 40'000;
constexpr InboxSeq read_from(InboxSeq finished) noexcept {
  return finished > kRemembered ? finished - kRemembered + 1 : 1;
}

struct ReaderSettings {
  std::int64_t most_in_flight = 8192;  // messages taken and not yet handed to their partitions; our choice
  InboxSeq finished_before = 0;        // messages up to here were finished before our start: only remembered
};

class Reader {
 public:
  // `finished` is told how far everything is done (see Progress).
  Reader(MessageSource& inbox, const Settings& settings, ReaderSettings reader_settings, LaneParts parts,
         LaneSeams seams, std::function<void(InboxSeq)> finished);
  ~Reader();  // stops
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Before `start`: what the store kept.
  void restore(const Restored& restored, const DeviceMap& map);
  void start();
  // Takes no more, waits up to `patience` until what was taken has been handed on, then joins the threads. What could
  // not be handed on stays unfinished in the inbox.
  void stop(Millis patience);
  // The link has (re)connected: repeats that follow may be redeliveries. Any thread, after `start`.
  void connected(Instant at) noexcept;

  // The bytes of a command to a device of `source` (LaneRunner::encode). Error not_found: no such source. After `start`,
  // any thread; after `stop` nobody answers.
  void encode(std::string_view source, Command command, std::string address, LaneRunner::Encoding done);
  void offers(std::string_view source, std::string address, LaneRunner::Offering done);  // none: no such source

  // Asks every lane for a sign of life; after `start`, any thread.
  void ask_pulses();
  Steady pulse() const noexcept { return pulse_.last(); }  // when the reader's thread last came round
  Steady slowest_lane() const noexcept;                    // of the lane that has been silent for longest

  std::int64_t in_flight() const noexcept { return in_flight_.load(std::memory_order_relaxed); }

 private:
  LaneRunner* lane_of(std::string_view source) const noexcept;  // null: there is none
  void loop();
  bool wait_for_room();
  void distribute(const Pulled& pulled);
  void hand_out(std::span<const RawMessage> messages, const Pulled& pulled, const Undone& undone, bool remember_only);
  void settle_now_and_then();
  void without_source(const RawMessage& raw);
  void done_with(std::int64_t messages);

  MessageSource& inbox_;
  const ReaderSettings settings_;
  LaneParts parts_;
  LaneSeams seams_;
  Router router_;
  Progress progress_;
  boost::asio::thread_pool pool_;
  std::vector<std::unique_ptr<LaneRunner>> lanes_;  // by index of the source
  std::vector<std::vector<RawMessage>> sorted_;     // one pull, by source
  std::vector<Lane> unstarted_;                     // until `start`

  std::atomic<std::int64_t> in_flight_{0};
  std::mutex mutex_;  // with room_: only for waiting
  std::condition_variable room_;
  std::atomic<bool> stopping_{false};
  Steady settled_{};
  Pulse pulse_;
  std::thread thread_;
};

}  // namespace firegate::decode
