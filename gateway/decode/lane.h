// Lane: the messages of one source on their way from bytes to readings of known devices, in order of arrival.
// Limits → driver → who is it → seen before? → too many? → grouped by building. No clock and no I/O: the time is given.
// A raw payload is parked until its codec has answered, and whatever else its device says meanwhile waits behind it; other
// devices go on. Owned by its LaneRunner; one strand.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/archive.h"
#include "core/commands.h"
#include "core/driver.h"
#include "core/self_fault.h"
#include "core/to_partition.h"
#include "core/unmapped_devices.h"
#include "decode/duplicates.h"
#include "decode/flood.h"
#include "decode/raw_gate.h"
#include "decode/rejected_samples.h"
#include "decode/source.h"
#include "metrics/metrics.h"

namespace firegate::decode {

// What lanes share. All of it outlives them and may be called from any thread.
struct LaneParts {
  const Models& models;
  UnmappedDevices& unmapped;
  RejectedSamples& rejected;
  SelfFault& faults;
  metrics::Metrics& metrics;
};

struct LaneContext {
  DeviceMapPtr map;  // one snapshot for the whole batch
  Instant now{};
  Instant connected_at{};  // when the link was last (re)connected; the epoch: never
};

struct Answer {
  InboxSeq seq = 0;  // may leave once the inbox has this message on disk
  Outgoing outgoing;
};

struct LaneOutput {
  struct ForBuilding {
    std::string building;  // building_key
    std::vector<ToPartition> items;
  };
  std::vector<ForBuilding> buildings;
  std::vector<LinkRow> links;
  std::vector<Answer> answers;
  std::vector<CommandAnswer> replies;  // of devices to commands

  // Of this batch: what waits for a codec or behind what does, and what is to be asked.
  using Ticket = InboxSeq;
  struct Ask {
    Ticket ticket = 0;
    CodecRequest request;
  };
  std::vector<Ticket> parked;
  std::vector<Ask> asks;
};

// A parked message that has had its turn.
struct Resumed {
  LaneOutput::Ticket ticket = 0;
  LaneOutput output;
};

class Lane {
 public:
  Lane(Source source, const Limits& limits, LaneParts parts);

  // Takes what the store kept for this source: what was learned, how far each building came, numbers of devices.
  void restore(const Restored& restored, const DeviceMap& map);

  LaneOutput decode(std::span<const RawMessage> batch, const LaneContext& context);
  // What a codec said to a request of `decode`; a ticket that is not parked is forgotten.
  void answered(LaneOutput::Ticket ticket, CodecAnswer answer);
  // The next parked message that need not wait any longer, decoded; none: all others still wait. Call it until then.
  std::optional<Resumed> resume(const LaneContext& context);
  // Notes that messages were handled before our start, so that the broker's redelivery of them is recognised.
  void remember(std::span<const RawMessage> batch);
  // The bytes of a command; what the driver must know of it is taken here, and the caller keeps it before they leave.
  EncodeResult encode(const Command& command, std::string_view address, Instant now);
  // Which commands the format has for the device at `address`.
  std::vector<CommandOffer> offers(std::string_view address, Instant now) const;
  // Ends the quarantine of devices and sources that behave again. Call it now and then, with or without messages.
  void settle(Instant now);

  const Source& source() const noexcept { return source_; }

 private:
  struct Track {  // what the lane knows of one device
    Allowance allowance;
    RawGate raw;
    std::unique_ptr<SeenNumbers> numbers;  // formats that number their messages only
  };
  struct Parked {
    std::string topic, payload;
    RawMessage raw;  // without those two
    std::optional<Instant> before;
    bool asks = false;  // for a codec; otherwise it waits behind one that does
    std::optional<CodecAnswer> answer;
    RawMessage message() const {
      RawMessage whole = raw;
      whole.topic = topic;
      whole.payload = payload;
      return whole;
    }
  };
  struct Quarantined {
    std::string device;
    Instant last_excess{};
  };

  void one(const RawMessage& raw, const LaneContext& context);
  DecodeResult read(const RawMessage& raw, const LaneContext& context, const CodecAnswer* codec) const;
  void finish(const RawMessage& raw, std::optional<Instant> before, Decoded decoded, const LaneContext& context);
  void note_reply(const DeviceMessage& message, const RawMessage& raw);
  const std::string* must_wait_behind(const Decoded& decoded) const noexcept;  // null: nobody
  void park(const RawMessage& raw, std::optional<Instant> before, std::string address, std::optional<CodecRequest> codec);
  void note(const RawMessage& raw, const CodecAnswer& answer);
  LaneOutput take_output();
  bool is_redelivery(const RawMessage& raw, std::optional<Instant> before, const Decoded& decoded) const noexcept;
  bool is_repeat(const RawMessage& raw, bool known, const DeviceMessage& message, Track& track, bool& late) const;
  void take(DeviceMessage message, const RawMessage& raw, const LaneContext& context, bool known);
  const DevicePtr* mapped(const DeviceMessage& message, const DeviceMap& map) const;  // null: it is not
  DevicePtr who(const DeviceMessage& message, const RawMessage& raw, const DeviceMap& map) const;
  Track& track_of(const Device& device);
  void emit(ToPartition item);
  void merge(ToPartition item);
  void flush_merged();
  bool is_finished(const Place& place, InboxSeq seq) const;
  void reject(const RawMessage& raw, const Rejection& rejection);
  void answer(const RawMessage& raw, std::vector<Outgoing> outgoing, Instant now);
  void note_connection(const LaneContext& context);

  Source source_;
  Limits limits_;
  LaneParts parts_;
  metrics::CounterBy<metrics::MessageOutcome>& outcomes_;  // of this wire format
  LinkState link_;
  RecentMessages recent_;
  boost::unordered_flat_map<DeviceNo, Track> tracks_;
  std::size_t unmapped_tracks_ = 0;
  TokenBucket raw_budget_;

  // After a start: how far each building had come. Empty once we are past all of them.
  boost::unordered_flat_map<std::string, InboxSeq> finished_;
  InboxSeq all_finished_from_ = 0;

  // A repeat counts as redelivered when it came after `connected_at_` and its first copy not long before.
  Instant connected_at_{};
  Instant redelivered_since_{};
  Instant newest_arrival_{};

  // What waits for codecs: by device, in order; and the number of each, the lowest of which bounds the position.
  std::map<std::string, std::deque<Parked>, std::less<>> parked_;
  std::map<InboxSeq, std::string> parked_numbers_;
  std::set<std::string> may_resume_;  // devices whose first parked message may have its turn

  // One batch.
  LaneOutput output_;
  boost::unordered_flat_map<const Place*, std::size_t> groups_;  // of output_.buildings
  boost::unordered_flat_map<std::string, std::size_t> group_by_key_;
  boost::unordered_flat_map<DeviceNo, Merged> merged_;
  Instant now_{};

  boost::unordered_flat_map<DeviceNo, Quarantined> quarantined_;
  Instant rejecting_since_{};
  std::size_t rejected_lately_ = 0;
  bool source_quarantined_ = false;
  Instant last_rejection_{};
};

}  // namespace firegate::decode
