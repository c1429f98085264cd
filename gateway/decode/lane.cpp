#include "decode/lane.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "decode/topic_filter.h"

namespace firegate::decode {

using metrics::MessageOutcome;

namespace {

constexpr Millis kAnswerWithin{10'000};             // architecture, section 4: no older answer leaves after a crash
constexpr Millis kCalmAfter{60'000};                // our choice: a device is trusted again after a minute of calm
constexpr Millis kRejectionWindow{60'000};          // our choice
constexpr std::size_t kRejectionsForFault = 100;    // our choice: in a window, from one source
constexpr std::size_t kMaxUnmappedTracks = 20'000;  // twice the tray's bound

// What the inventory says about the devices of this source.
class Inventory final : public KnownDevices {
 public:
  Inventory(const Source& source, const DeviceMap& map) noexcept : source_(source), map_(map) {}
  std::string_view model_of(std::string_view address) const override {
    const DevicePtr* device = map_.by_address(source_.id, source_.driver->format(), address);
    return device ? std::string_view((*device)->model) : std::string_view();
  }

 private:
  const Source& source_;
  const DeviceMap& map_;
};

bool is_event(const DeviceMessage& message) noexcept { return message.kind == MessageKind::event; }

}  // namespace

Lane::Lane(Source source, const Limits& limits, LaneParts parts)
    : source_(std::move(source)),
      limits_(limits),
      parts_(parts),
      outcomes_(parts.metrics.messages.of(source_.driver->format())) {}

void Lane::restore(const Restored& restored, const DeviceMap& map) {
  for (const LinkRow& row : restored.links) {
    if (row.source == source_.id) link_.learn(row.learned);
  }
  for (const Position& position : restored.positions) {
    if (position.source != source_.id) continue;
    finished_.emplace(position.building, position.seq);
    all_finished_from_ = std::max(all_finished_from_, position.seq + 1);
  }
  for (const DeviceRow& row : restored.devices) {
    if (row.boot.empty()) continue;
    const DevicePtr* device = map.by_id(row.device);
    if (!device || (*device)->source != source_.id) continue;
    Track& track = track_of(**device);
    track.numbers = std::make_unique<SeenNumbers>();
    track.numbers->restore(row.boot, row.seq);
  }
}

LaneOutput Lane::decode(std::span<const RawMessage> batch, const LaneContext& context) {
  now_ = context.now;
  note_connection(context);
  for (const RawMessage& raw : batch) one(raw, context);
  flush_merged();
  parts_.metrics.messages_by_source.add(source_.id, batch.size());
  if (!batch.empty() && batch.back().seq >= all_finished_from_ && parked_.empty()) finished_.clear();
  return take_output();
}

LaneOutput Lane::take_output() {
  groups_.clear();
  group_by_key_.clear();
  return std::exchange(output_, {});
}

void Lane::answered(LaneOutput::Ticket ticket, CodecAnswer answer) {
  const auto number = parked_numbers_.find(ticket);
  if (number == parked_numbers_.end()) return;
  auto& waiting = parked_.find(number->second)->second;
  const auto asked = std::ranges::find_if(waiting, [ticket](const Parked& one) { return one.raw.seq == ticket; });
  asked->answer = std::move(answer);
  if (asked == waiting.begin()) may_resume_.insert(number->second);
}

std::optional<Resumed> Lane::resume(const LaneContext& context) {
  if (may_resume_.empty()) return std::nullopt;
  now_ = context.now;
  const std::string address = *may_resume_.begin();
  const auto device = parked_.find(address);
  const Parked parked = std::move(device->second.front());
  device->second.pop_front();
  parked_numbers_.erase(parked.raw.seq);
  if (device->second.empty()) parked_.erase(device);
  const auto next = parked_.find(address);
  if (next == parked_.end() || (next->second.front().asks && !next->second.front().answer)) may_resume_.erase(address);

  const RawMessage raw = parked.message();
  auto decoded = read(raw, context, parked.answer ? &*parked.answer : nullptr);
  if (!decoded) {
    reject(raw, decoded.error());
  } else {
    if (parked.answer) note(raw, *parked.answer);
    finish(raw, parked.before, std::move(*decoded), context);
  }
  flush_merged();
  return Resumed{raw.seq, take_output()};
}

void Lane::park(const RawMessage& raw, std::optional<Instant> before, std::string address,
                std::optional<CodecRequest> codec) {
  Parked parked{std::string(raw.topic), std::string(raw.payload), raw, before, codec.has_value(), std::nullopt};
  parked.raw.topic = parked.raw.payload = {};
  parked_numbers_.emplace(raw.seq, address);
  parked_[std::move(address)].push_back(std::move(parked));
  output_.parked.push_back(raw.seq);
  if (codec) output_.asks.push_back({raw.seq, std::move(*codec)});
}

const std::string* Lane::must_wait_behind(const Decoded& decoded) const noexcept {
  if (parked_.empty()) return nullptr;
  for (const DeviceMessage& message : decoded.messages) {
    if (parked_.contains(message.address)) return &message.address;
  }
  return nullptr;
}

// A payload that its script did not read is counted, and kept as a sample; what else the message said goes on.
void Lane::note(const RawMessage& raw, const CodecAnswer& answer) {
  parts_.metrics.codec_calls[answer.outcome].add();
  if (answer.outcome == CodecOutcome::data) return;
  const std::string& said = answer.outcome == CodecOutcome::errors ? answer.errors : answer.detail;
  parts_.rejected.add(source_.id, raw,
                      {RejectReason::unparsable, fmt::format("codec, {}: {}", label(answer.outcome), said)});
}

void Lane::remember(std::span<const RawMessage> batch) {
  for (const RawMessage& raw : batch) {
    newest_arrival_ = std::max(newest_arrival_, raw.arrived_at);
    recent_.take(RecentMessages::hash(raw.topic, raw.payload), raw.arrived_at);
  }
}

EncodeResult Lane::encode(const Command& command, std::string_view address, Instant now) {
  EncodeResult encoded = source_.driver->encode(command, address, {source_.base, link_, now});
  if (encoded) {
    for (const Learned& learned : encoded->learned) link_.learn(learned);
  }
  return encoded;
}

std::vector<CommandOffer> Lane::offers(std::string_view address, Instant now) const {
  constexpr Port kAnyPort = 1;
  const EncodeContext context{source_.base, link_, now};
  std::vector<CommandOffer> offers;
  for (std::size_t i = 0; i < label_count<CommandKind>(); ++i) {
    Command command;
    command.id = "0";
    command.kind = static_cast<CommandKind>(i);
    const auto refusal_at = [&](Port port) -> std::optional<RefuseReason> {
      command.port = port;
      const EncodeResult encoded = source_.driver->encode(command, address, context);
      return encoded ? std::nullopt : std::optional(encoded.error().reason);
    };
    const auto without = refusal_at(kNoPort);
    if (without == RefuseReason::not_supported) continue;
    const bool needs_port = without == RefuseReason::bad_port;
    if (needs_port && refusal_at(kAnyPort) == RefuseReason::not_supported) continue;
    offers.push_back({command.kind, needs_port});
  }
  return offers;
}

void Lane::settle(Instant now) {
  boost::unordered::erase_if(quarantined_, [this, now](const auto& entry) {
    if (now - entry.second.last_excess < kCalmAfter) return false;
    parts_.faults.clear(SelfFaultCode::quarantine, entry.second.device);
    return true;
  });
  if (source_quarantined_ && now - last_rejection_ >= kCalmAfter) {
    parts_.faults.clear(SelfFaultCode::quarantine, source_.id);
    source_quarantined_ = false;
  }
}

void Lane::one(const RawMessage& raw, const LaneContext& context) {
  newest_arrival_ = std::max(newest_arrival_, raw.arrived_at);
  const auto before = recent_.take(RecentMessages::hash(raw.topic, raw.payload), raw.arrived_at);
  auto decoded = read(raw, context, nullptr);
  if (!decoded) {
    reject(raw, decoded.error());
  } else if (decoded->codec) {
    std::string device = decoded->codec->address;
    park(raw, before, std::move(device), std::move(decoded->codec));
  } else if (const std::string* device = must_wait_behind(*decoded)) {
    park(raw, before, *device, std::nullopt);
  } else {
    finish(raw, before, std::move(*decoded), context);
  }
}

void Lane::finish(const RawMessage& raw, std::optional<Instant> before, Decoded decoded, const LaneContext& context) {
  for (Learned& learned : decoded.learned) {
    link_.learn(learned);
    output_.links.push_back({source_.id, std::move(learned)});
  }
  parts_.metrics.unknown_fields.add(decoded.unknown_fields);
  // A device that says it again has not had its answer (a charger's end of a charge comes until it is answered).
  answer(raw, std::move(decoded.replies), context.now);
  if (is_redelivery(raw, before, decoded)) {
    parts_.metrics.duplicates_collapsed.add();
    outcomes_[MessageOutcome::duplicate].add();
    return;
  }
  if (decoded.ignored) {
    parts_.metrics.messages_ignored[*decoded.ignored].add();
    outcomes_[MessageOutcome::ignored].add();
  } else {
    parts_.metrics.messages_decoded.add();
    outcomes_[MessageOutcome::readings].add();
  }
  for (DeviceMessage& message : decoded.messages) {
    note_reply(message, raw);
    take(std::move(message), raw, context, before.has_value());
  }
}

// What the broker kept was answered when it came.
void Lane::note_reply(const DeviceMessage& message, const RawMessage& raw) {
  if (!message.reply || raw.retained) return;
  const Reply& reply = *message.reply;
  output_.replies.push_back({reply.command_id, source_.id, message.address, reply.result, reply.reason});
}

DecodeResult Lane::read(const RawMessage& raw, const LaneContext& context, const CodecAnswer* codec) const {
  const PayloadLimits limits = source_.driver->limits(source_.base, raw.topic);
  if (raw.payload.size() > limits.bytes) {
    return firegate::reject(RejectReason::too_large,
                            fmt::format("found {} bytes, expected at most {}", raw.payload.size(), limits.bytes));
  }
  const Inventory inventory(source_, *context.map);
  return source_.driver->decode(raw, {source_.base, link_, parts_.models, &inventory, codec});
}

// Formats without numbers: the same bytes again, and a reason to expect them again. Otherwise a repeat is a sign of
// life.
bool Lane::is_redelivery(const RawMessage& raw, std::optional<Instant> before, const Decoded& decoded) const noexcept {
  if (!before) return false;
  const auto& messages = decoded.messages;
  if (std::ranges::any_of(messages, [](const DeviceMessage& m) { return m.seq && !m.boot.empty(); })) return false;
  if (raw.duplicate) return true;
  if (raw.retained) return false;
  const bool in_window = raw.arrived_at >= connected_at_ &&
                         raw.arrived_at < connected_at_ + limits_.redelivery_window && *before < connected_at_ &&
                         *before >= redelivered_since_;
  return in_window && std::ranges::none_of(messages, is_event);  // a button may well be pressed twice
}

// Formats with numbers. A number that comes again with other content was given twice by the device: late, not dropped.
bool Lane::is_repeat(const RawMessage& raw, bool known, const DeviceMessage& message, Track& track, bool& late) const {
  if (!message.seq || message.boot.empty()) return false;
  if (!track.numbers) track.numbers = std::make_unique<SeenNumbers>();
  const auto verdict = track.numbers->take(message.boot, *message.seq);
  const bool replayed = connected_at_ == Instant{};  // from the inbox at a start, before the first connection
  const bool expected_again = raw.duplicate || replayed || raw.arrived_at < connected_at_ + limits_.redelivery_window;
  late = verdict != SeenNumbers::Verdict::fresh;
  switch (verdict) {
    case SeenNumbers::Verdict::fresh:
    case SeenNumbers::Verdict::late: return false;
    case SeenNumbers::Verdict::seen: return known || raw.duplicate;
    case SeenNumbers::Verdict::assumed: return expected_again;
  }
  return false;
}

void Lane::take(DeviceMessage message, const RawMessage& raw, const LaneContext& context, bool known) {
  if (message.of_the_network && !mapped(message, *context.map)) return;
  DevicePtr device = who(message, raw, *context.map);
  if (!device) {
    reject(raw, {RejectReason::too_many_devices, "expected at most as many unmapped devices as are kept"});
    return;
  }
  if (is_finished(*device->place, raw.seq)) return;
  Track& track = track_of(*device);
  bool late = false;
  if (is_repeat(raw, known, message, track, late)) {
    parts_.metrics.duplicates_collapsed.add();
    return;
  }
  ToPartition item{.device = std::move(device),
                   .message = std::move(message),
                   .arrived_at = raw.arrived_at,
                   .seq = raw.seq,
                   .unfinished_from = parked_numbers_.empty() || parked_numbers_.begin()->first > raw.seq
                                          ? 0
                                          : parked_numbers_.begin()->first,
                   .retained = raw.retained,
                   .backlog = late || raw.duplicate || context.now - raw.arrived_at > limits_.backlog_age};
  if (item.device->mapped) item.raw = track.raw.take(raw, source_.id, raw_budget_);
  if (!item.raw && item.device->test) item.raw = copy_of(raw, source_.id);  // the evidence of a test
  const bool allowed = track.allowance.take(raw.arrived_at, limits_.device_messages_per_second, limits_.device_burst);
  const bool merging = !merged_.empty() && merged_.contains(item.device->no);  // keeps the order
  if (allowed && !merging) {
    emit(std::move(item));
  } else {
    merge(std::move(item));
  }
}

const DevicePtr* Lane::mapped(const DeviceMessage& message, const DeviceMap& map) const {
  return map.by_address(source_.id, source_.driver->format(), message.address);
}

DevicePtr Lane::who(const DeviceMessage& message, const RawMessage& raw, const DeviceMap& map) const {
  if (const DevicePtr* known = mapped(message, map)) return *known;
  return parts_.unmapped.heard(source_.id, source_.driver->format(), message, raw);
}

Lane::Track& Lane::track_of(const Device& device) {
  const auto [at, is_new] = tracks_.try_emplace(device.no);
  if (!is_new || device.mapped) return at->second;
  if (++unmapped_tracks_ <= kMaxUnmappedTracks) return at->second;
  boost::unordered::erase_if(tracks_, [](const auto& entry) { return (entry.first & kUnmappedBit) != 0; });
  unmapped_tracks_ = 1;
  return tracks_[device.no];
}

void Lane::emit(ToPartition item) {
  const Place* place = item.device->place.get();
  auto group = groups_.find(place);
  if (group == groups_.end()) {
    std::string key = building_key(*place);
    const auto [by_key, is_new] = group_by_key_.try_emplace(key, output_.buildings.size());
    if (is_new) output_.buildings.push_back({std::move(key), {}});
    group = groups_.emplace(place, by_key->second).first;
  }
  output_.buildings[group->second].items.push_back(std::move(item));
}

void Lane::merge(ToPartition item) {
  const Device& device = *item.device;
  parts_.metrics.flood_merged.add();
  const auto [at, is_new] = quarantined_.try_emplace(device.no, Quarantined{device.id, item.arrived_at});
  at->second.last_excess = std::max(at->second.last_excess, now_);
  if (is_new) {
    parts_.faults.raise(SelfFaultCode::quarantine, device.id,
                        fmt::format("more than {} messages a second: only the last values are taken",
                                    limits_.device_messages_per_second));
  }
  merged_[device.no].add(std::move(item));
}

void Lane::flush_merged() {
  for (auto& [no, merged] : merged_) {
    for (ToPartition& item : merged.take()) emit(std::move(item));
  }
  merged_.clear();
}

bool Lane::is_finished(const Place& place, InboxSeq seq) const {
  if (finished_.empty() || seq >= all_finished_from_) return false;
  const auto found = finished_.find(building_key(place));
  return found != finished_.end() && seq <= found->second;
}

void Lane::reject(const RawMessage& raw, const Rejection& rejection) {
  parts_.metrics.messages_rejected[rejection.reason].add();
  outcomes_[MessageOutcome::rejected].add();
  parts_.rejected.add(source_.id, raw, rejection);
  last_rejection_ = now_;
  if (now_ - rejecting_since_ > kRejectionWindow) {
    rejecting_since_ = now_;
    rejected_lately_ = 0;
  }
  if (++rejected_lately_ != kRejectionsForFault || source_quarantined_) return;
  source_quarantined_ = true;
  parts_.faults.raise(SelfFaultCode::quarantine, source_.id,
                      fmt::format("more than {} messages in a minute cannot be read, the last one: {}",
                                  kRejectionsForFault, label(rejection.reason)));
}

void Lane::answer(const RawMessage& raw, std::vector<Outgoing> outgoing, Instant now) {
  if (outgoing.empty() || now - raw.arrived_at > kAnswerWithin) return;
  for (Outgoing& reply : outgoing) output_.answers.push_back({raw.seq, std::move(reply)});
}

void Lane::note_connection(const LaneContext& context) {
  if (context.connected_at == connected_at_) return;
  connected_at_ = context.connected_at;
  // What came just before the connection was lost may come again, however long it was lost.
  redelivered_since_ = std::min(newest_arrival_, connected_at_) - limits_.redelivery_window;
}

}  // namespace firegate::decode
