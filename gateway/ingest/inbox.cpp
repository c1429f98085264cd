#include "ingest/inbox.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstring>

#include "core/log.h"
#include "ingest/inbox_files.h"

namespace firegate::ingest {
namespace {

constexpr std::size_t kBatchMessages = 1024;  // our choice
constexpr Millis kPace{8};  // the reader looks at most this often: a fire may be decided 8 ms later; our choice

}  // namespace

Wake::Wake() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Wake::~Wake() {
  if (event_ >= 0) ::close(event_);
}

void Wake::signal() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t put = ::write(event_, &one, sizeof one);
}

void Wake::wait(Millis most) noexcept {
  pollfd event{event_, POLLIN, 0};
  ::poll(&event, 1, static_cast<int>(most.count()));
  std::uint64_t signals = 0;
  [[maybe_unused]] const ssize_t got = ::read(event_, &signals, sizeof signals);
}

Inbox::Inbox(std::unique_ptr<InboxFiles> files) : files_(std::move(files)) {}
Inbox::~Inbox() = default;

Result<std::unique_ptr<Inbox>> Inbox::open(const InboxSettings& settings, InboxSeq committed, Clock& clock,
                                           metrics::Metrics& metrics, SelfFault& faults) {
  auto files = std::make_unique<InboxFiles>(settings, clock, metrics, faults);
  if (auto opened = files->open(committed); !opened) return tl::unexpected(std::move(opened.error()));
  return std::unique_ptr<Inbox>(new Inbox(std::move(files)));
}

Result<InboxSeq> Inbox::append(std::string_view topic, std::string_view payload, bool retained, bool duplicate,
                               Instant arrived_at) noexcept {
  return files_->append({topic, payload, arrived_at, retained, duplicate, 0});
}

InboxSeq Inbox::last() const noexcept { return files_->last.load(std::memory_order_acquire); }
InboxSeq Inbox::committed() const noexcept { return files_->committed.load(std::memory_order_acquire); }
InboxSeq Inbox::synced_up_to() const noexcept { return files_->synced.load(std::memory_order_acquire); }
Steady Inbox::syncer_pulse() const noexcept { return files_->syncer_pulse.last(); }
void Inbox::commit(InboxSeq seq) noexcept { files_->commit(seq); }
void Inbox::when_synced(InboxSeq seq, std::function<void()> done) { files_->when_synced(seq, std::move(done)); }
Result<void> Inbox::read_at(InboxSeq seq, InboxBatch& batch) const { return files_->read_at(seq, batch); }
void Inbox::stop_reading() noexcept { files_->stop_reading(); }

InboxFiles::InboxFiles(const InboxSettings& settings, Clock& clock_used, metrics::Metrics& metrics, SelfFault& faults)
    : clock(clock_used), settings_(settings), metrics_(metrics), faults_(faults) {}

InboxFiles::~InboxFiles() {
  if (!syncer_.joinable()) return;
  stopping_ = true;
  syncer_wake_.signal();
  syncer_.join();
}

Result<InboxSeq> InboxFiles::append(RawMessage message) noexcept {
  const std::size_t size = record_size(message.topic.size(), message.payload.size());
  if (message.topic.size() > kMaxTopic || message.payload.size() > kMaxPayload ||
      size > settings_.segment_bytes - kSegmentHeader) {
    metrics_.inbox_refused.add();
    return fail(ErrorCode::bad_input, "appending to the inbox: message is larger than the inbox takes");
  }
  const std::lock_guard lock(append_mutex_);
  message.seq = next_seq_;
  for (;;) {
    const bool usable = current_ && current_->fits(size) && !roll_wanted_.load(std::memory_order_relaxed);
    if (!usable && !take_segment(message.seq, message.arrived_at)) {
      metrics_.inbox_refused.add();
      return fail(ErrorCode::io_failed, "appending to the inbox: no segment and no reserve can be written");
    }
    if (current_->write(message) == 0) break;
    write_failures_.fetch_add(1, std::memory_order_relaxed);
    current_->seal();
    current_.reset();
  }
  ++next_seq_;
  last.store(message.seq, std::memory_order_seq_cst);
  metrics_.inbox_bytes.add(size);
  // Sequentially consistent against the waiter's "I wait", then "is there anything": one of both sees the other.
  if (reader_waits_.load(std::memory_order_seq_cst) && reader_waits_.exchange(false)) reader_wake_.signal();
  if (syncer_waits_.load(std::memory_order_seq_cst) && syncer_waits_.exchange(false)) syncer_wake_.signal();
  return message.seq;
}

// Ends the current segment and puts the next one into use. Tries the spare, a new file, the reserve, in this order.
bool InboxFiles::take_segment(InboxSeq first, Instant created_at) noexcept {
  roll_wanted_.store(false, std::memory_order_relaxed);
  if (current_) current_->seal();
  current_.reset();
  while (auto segment = next_spare()) {
    if (segment->take(next_ordinal_, first, created_at) != 0) {
      write_failures_.fetch_add(1, std::memory_order_relaxed);
      continue;
    }
    ++next_ordinal_;
    current_ = std::move(segment);
    const std::lock_guard lock(segments_mutex_);
    segments_.push_back(current_);
    return true;
  }
  return false;
}

std::shared_ptr<Segment> InboxFiles::next_spare() noexcept {
  {
    const std::lock_guard lock(segments_mutex_);
    if (spare_) return std::exchange(spare_, nullptr);
  }
  // The syncer did not keep up: some milliseconds here are better than the reserve.
  if (auto made = prepare_segment()) return *made;
  const std::lock_guard lock(segments_mutex_);
  return std::exchange(reserve_, nullptr);
}

void InboxFiles::commit(InboxSeq seq) noexcept {
  InboxSeq before = committed.load(std::memory_order_relaxed);
  while (before < seq && !committed.compare_exchange_weak(before, seq, std::memory_order_acq_rel)) {
  }
}

void InboxFiles::when_synced(InboxSeq seq, std::function<void()> done) {
  {
    const std::lock_guard lock(done_mutex_);
    if (synced.load(std::memory_order_acquire) < seq) {
      done_.emplace(seq, std::move(done));
      return;
    }
  }
  done();
}

std::shared_ptr<Segment> InboxFiles::segment_from(std::uint64_t ordinal) const {
  const std::lock_guard lock(segments_mutex_);
  const auto found = std::lower_bound(segments_.begin(), segments_.end(), ordinal,
                                      [](const auto& segment, std::uint64_t o) { return segment->ordinal() < o; });
  return found == segments_.end() ? nullptr : *found;
}

std::shared_ptr<Segment> InboxFiles::segment_with(InboxSeq seq) const {
  const std::lock_guard lock(segments_mutex_);
  const auto after = std::upper_bound(segments_.begin(), segments_.end(), seq,
                                      [](InboxSeq s, const auto& segment) { return s < segment->first(); });
  if (segments_.empty()) return nullptr;
  return after == segments_.begin() ? segments_.front() : *std::prev(after);
}

Result<void> InboxFiles::read_at(InboxSeq seq, InboxBatch& batch) const {
  batch.messages_.clear();
  const auto segment = segment_with(seq);
  std::size_t offset = kSegmentHeader;
  while (segment && offset < segment->tail()) {
    const ReadOutcome outcome = segment->read(offset, segment->tail(), seq, 1, batch.bytes_, batch.messages_);
    if (outcome.error != 0) {
      return fail(ErrorCode::io_failed, fmt::format("reading message {} in {}: {}", seq, segment->file().string(),
                                                    std::strerror(outcome.error)));
    }
    if (!batch.messages_.empty() && batch.messages_.front().seq == seq) return {};
    if (!batch.messages_.empty()) break;
    offset = outcome.offset;
  }
  batch.messages_.clear();
  return fail(ErrorCode::not_found, fmt::format("reading message {} of the inbox: it is not there any more", seq));
}

void InboxFiles::stop_reading() noexcept {
  reading_stopped.store(true);
  reader_wake_.signal();
}

void InboxFiles::wait_for_messages(InboxSeq next, Millis most) noexcept {
  reader_waits_.store(true, std::memory_order_seq_cst);
  if (last.load(std::memory_order_seq_cst) < next && !reading_stopped.load()) reader_wake_.wait(most);
  reader_waits_.store(false, std::memory_order_seq_cst);
}

void InboxFiles::wait_for_stop(Millis most) noexcept {
  if (!reading_stopped.load()) reader_wake_.wait(most);
}

void InboxFiles::report_damage(const Segment& segment, std::size_t bytes, InboxSeq missing) {
  metrics_.inbox_torn_bytes.add(bytes);
  log::error("inbox_torn", {{"file", segment.file().string()}, {"bytes", bytes}, {"missing", missing}});
  faults_.raise(SelfFaultCode::inbox_torn, "",
                fmt::format("reading {}: found {} bytes that are no message, {} numbers are missing",
                            segment.file().string(), bytes, missing));
}

InboxReader::InboxReader(Inbox& inbox, InboxSeq from) noexcept : files_(*inbox.files_), next_(from) {}

Result<void> InboxReader::next(InboxBatch& batch, Millis max_wait) {
  batch.messages_.clear();
  if (!behind_) {
    if (files_.clock.steady_now() - last_look_ < kPace) files_.wait_for_stop(kPace);
    if (files_.last.load(std::memory_order_acquire) < next_) files_.wait_for_messages(next_, max_wait);
  }
  last_look_ = files_.clock.steady_now();

  auto segment = segment_ == 0 ? files_.segment_with(next_) : files_.segment_from(segment_);
  while (segment && batch.empty() && !files_.reading_stopped.load()) {
    if (segment->ordinal() != segment_) offset_ = kSegmentHeader;
    segment_ = segment->ordinal();
    const bool sealed = segment->sealed();  // before the tail: a sealed segment grows no more
    const std::size_t tail = segment->tail();
    if (offset_ >= tail) {
      if (!sealed) break;
      segment = files_.segment_from(segment_ + 1);
      continue;
    }
    const ReadOutcome outcome = segment->read(offset_, tail, next_, kBatchMessages, batch.bytes_, batch.messages_);
    if (outcome.error != 0) {
      batch.messages_.clear();
      return fail(ErrorCode::io_failed,
                  fmt::format("reading the inbox in {}: {}", segment->file().string(), std::strerror(outcome.error)));
    }
    offset_ = outcome.offset;
    if (outcome.damaged > 0 && !segment->recovered) files_.report_damage(*segment, outcome.damaged, 0);
  }
  if (!batch.empty()) next_ = batch.messages_.back().seq + 1;
  behind_ =
      batch.messages_.size() == kBatchMessages || (!batch.empty() && files_.last.load() >= next_ + kBatchMessages);
  return {};
}

}  // namespace firegate::ingest
