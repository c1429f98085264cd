#include "decode/reader.h"

#include <algorithm>
#include <utility>

#include "core/log.h"
#include "decode/topic_filter.h"

namespace firegate::decode {
namespace {

constexpr Millis kPullWait{200};  // our choice: how soon a stop is noticed
constexpr Millis kSettleEvery{1000};

}  // namespace

Reader::Reader(MessageSource& inbox, const Settings& settings, ReaderSettings reader_settings, LaneParts parts,
               LaneSeams seams, std::function<void(InboxSeq)> finished)
    : inbox_(inbox),
      settings_(reader_settings),
      parts_(parts),
      seams_(std::move(seams)),
      router_(settings.sources),
      progress_(std::move(finished), reader_settings.finished_before),
      pool_(settings.limits.threads),
      sorted_(settings.sources.size()) {
  for (const Source& source : settings.sources) unstarted_.emplace_back(source, settings.limits, parts_);
}

Reader::~Reader() { stop(Millis{0}); }

void Reader::restore(const Restored& restored, const DeviceMap& map) {
  for (Lane& lane : unstarted_) lane.restore(restored, map);
}

void Reader::start() {
  for (Lane& lane : unstarted_) {
    lanes_.push_back(std::make_unique<LaneRunner>(std::move(lane), pool_, seams_,
                                                  [this](std::int64_t messages) { done_with(messages); }));
  }
  unstarted_.clear();
  thread_ = std::thread([this] { loop(); });
}

void Reader::stop(Millis patience) {
  if (stopping_.exchange(true)) return;
  if (thread_.joinable()) thread_.join();
  {
    std::unique_lock lock(mutex_);
    room_.wait_for(lock, patience, [this] { return in_flight_.load() == 0; });
  }
  pool_.stop();
  pool_.join();
}

void Reader::connected(Instant at) noexcept {
  for (const auto& lane : lanes_) lane->connected(at);
}

LaneRunner* Reader::lane_of(std::string_view source) const noexcept {
  const auto found = std::ranges::find_if(lanes_, [source](const auto& lane) { return lane->source().id == source; });
  return found == lanes_.end() ? nullptr : found->get();
}

void Reader::encode(std::string_view source, Command command, std::string address, LaneRunner::Encoding done) {
  if (LaneRunner* lane = lane_of(source)) return lane->encode(std::move(command), std::move(address), std::move(done));
  done(fail(ErrorCode::not_found, "looking up source " + std::string(source) + ": no such source"));
}

void Reader::offers(std::string_view source, std::string address, LaneRunner::Offering done) {
  if (LaneRunner* lane = lane_of(source)) return lane->offers(std::move(address), std::move(done));
  done({});
}

void Reader::ask_pulses() {
  for (const auto& lane : lanes_) lane->ask_pulse();
}

Steady Reader::slowest_lane() const noexcept {
  Steady slowest = Steady::max();
  for (const auto& lane : lanes_) slowest = std::min(slowest, lane->pulse());
  return slowest;
}

void Reader::loop() {
  while (!stopping_.load()) {
    pulse_.beat(seams_.clock.steady_now());
    settle_now_and_then();
    if (!wait_for_room()) continue;
    auto pulled = inbox_.pull(kPullWait);
    if (!pulled) {
      log::error("inbox_read_failed", {{"reason", pulled.error().message}});
      std::unique_lock lock(mutex_);  // a disk that fails is not asked in a busy loop
      room_.wait_for(lock, kSettleEvery, [this] { return stopping_.load(); });
      continue;
    }
    if (!pulled->messages.empty()) distribute(*pulled);
  }
}

bool Reader::wait_for_room() {
  if (in_flight_.load() < settings_.most_in_flight) return true;
  std::unique_lock lock(mutex_);
  return room_.wait_for(lock, kPullWait, [this] { return in_flight_.load() < settings_.most_in_flight; });
}

void Reader::distribute(const Pulled& pulled) {
  Undone undone(progress_.begin(pulled.messages.back().seq));
  const auto first_new = std::ranges::upper_bound(pulled.messages, settings_.finished_before, {}, &RawMessage::seq);
  hand_out({pulled.messages.begin(), first_new}, pulled, undone, true);
  hand_out({first_new, pulled.messages.end()}, pulled, undone, false);
  undone.handed_on();
  parts_.metrics.lane_waiting.set(static_cast<double>(in_flight_.load()));
}

void Reader::hand_out(std::span<const RawMessage> messages, const Pulled& pulled, const Undone& undone,
                      bool remember_only) {
  for (const RawMessage& raw : messages) {
    const auto source = is_topic(raw.topic) ? router_.route(raw.topic) : std::nullopt;
    if (source) {
      sorted_[*source].push_back(raw);
    } else if (!remember_only) {
      without_source(raw);
    }
  }
  for (std::size_t i = 0; i < sorted_.size(); ++i) {
    if (sorted_[i].empty()) continue;
    in_flight_.fetch_add(static_cast<std::int64_t>(sorted_[i].size()));
    lanes_[i]->post({std::exchange(sorted_[i], {}), pulled.bytes, undone.share(), remember_only});
  }
}

void Reader::settle_now_and_then() {
  const Steady now = seams_.clock.steady_now();
  if (now - settled_ < kSettleEvery) return;
  settled_ = now;
  for (const auto& lane : lanes_) lane->post_settle();
  parts_.metrics.lane_waiting.set(static_cast<double>(in_flight_.load()));
}

void Reader::without_source(const RawMessage& raw) {
  const bool readable_topic = is_topic(raw.topic);
  const Rejection rejection{readable_topic ? RejectReason::unknown_topic : RejectReason::bad_encoding,
                            readable_topic ? "expected a topic of a configured source"
                                           : "the topic: expected UTF-8 without wildcards and zero bytes"};
  parts_.metrics.messages_rejected[rejection.reason].add();
  parts_.rejected.add("", raw, rejection);
}

void Reader::done_with(std::int64_t messages) {
  const std::int64_t before = in_flight_.fetch_sub(messages);
  const std::int64_t after = before - messages;
  const bool crossed = before >= settings_.most_in_flight && after < settings_.most_in_flight;
  if (!crossed && after != 0) return;
  const std::lock_guard lock(mutex_);
  room_.notify_all();
}

}  // namespace firegate::decode
