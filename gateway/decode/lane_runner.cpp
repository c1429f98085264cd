#include "decode/lane_runner.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

namespace firegate::decode {
namespace {

constexpr Millis kRetryAfter{5};  // our choice: a partition takes about a thousand messages in that time

}  // namespace

LaneRunner::LaneRunner(Lane lane, boost::asio::thread_pool& pool, LaneSeams& seams, DoneWith done_with)
    : lane_(std::move(lane)),
      seams_(seams),
      done_with_(std::move(done_with)),
      strand_(boost::asio::make_strand(pool)),
      retry_timer_(strand_) {}

void LaneRunner::post(LaneWork work) {
  boost::asio::post(strand_, [this, moved = std::move(work)]() mutable { run(std::move(moved)); });
}

void LaneRunner::post_settle() {
  boost::asio::post(strand_, [this] { lane_.settle(seams_.clock.now()); });
}

void LaneRunner::ask_pulse() {
  if (!pulse_.ask()) return;
  boost::asio::post(strand_, [this] { pulse_.beat(seams_.clock.steady_now()); });
}

void LaneRunner::connected(Instant at) noexcept {
  connected_at_.store(at.time_since_epoch().count(), std::memory_order_relaxed);
}

void LaneRunner::run(LaneWork work) {
  const auto count = static_cast<std::int64_t>(work.messages.size());
  std::size_t must_wait = 0;
  if (work.remember_only) {
    lane_.remember(work.messages);
  } else {
    LaneOutput output = lane_.decode(work.messages, context());
    for (const LaneOutput::Ticket ticket : output.parked) parked_.emplace(ticket, work.undone.share());
    must_wait = output.parked.size();
    for (LaneOutput::Ask& request : output.asks) ask(std::move(request));
    must_wait += deliver(std::move(output), work.undone);
  }
  work.undone.handed_on();
  done_with_(count - static_cast<std::int64_t>(must_wait));
}

void LaneRunner::encode(Command command, std::string address, Encoding done) {
  boost::asio::post(strand_, [this, command = std::move(command), address = std::move(address),
                              done = std::move(done)]() mutable {
    EncodeResult encoded = lane_.encode(command, address, seams_.clock.now());
    if (!encoded) return done(fail(ErrorCode::refused, encoded.error().detail));
    if (encoded->learned.empty()) return done(std::move(*encoded));
    keep(std::move(*encoded), std::move(done));
  });
}

void LaneRunner::keep(Encoded encoded, Encoding done) {
  Batch batch;
  batch.urgent = true;
  for (const Learned& learned : encoded.learned) batch.links.push_back({lane_.source().id, learned});
  // A failed commit is told first and its success later: the bytes do not leave late behind anybody's back.
  const auto told = std::make_shared<std::atomic<bool>>(false);
  seams_.journal.write(std::move(batch), [told, encoded = std::move(encoded), done = std::move(done)](Result<void> kept) {
    if (told->exchange(true)) return;
    done(kept ? Result<Encoded>(encoded) : tl::unexpected(kept.error()));
  });
}

void LaneRunner::offers(std::string address, Offering done) {
  boost::asio::post(strand_, [this, address = std::move(address), done = std::move(done)] {
    done(lane_.offers(address, seams_.clock.now()));
  });
}

LaneContext LaneRunner::context() const {
  return {seams_.device_map(), seams_.clock.now(), Instant{Millis{connected_at_.load(std::memory_order_relaxed)}}};
}

void LaneRunner::ask(LaneOutput::Ask ask) {
  const auto answered = [this, ticket = ask.ticket](CodecAnswer answer) {
    boost::asio::post(strand_, [this, ticket, given = std::move(answer)]() mutable {
      lane_.answered(ticket, std::move(given));
      resume();
    });
  };
  if (seams_.codecs) {
    seams_.codecs->run(std::move(ask.request), answered);
  } else {
    answered({.outcome = CodecOutcome::unavailable, .data{}, .errors{}, .warnings{}, .detail = "no codecs run here"});
  }
}

// What has its answer goes on, and what waited behind it.
void LaneRunner::resume() {
  while (auto resumed = lane_.resume(context())) {
    Undone undone = std::move(parked_.extract(resumed->ticket).mapped());
    const std::size_t must_wait = deliver(std::move(resumed->output), undone);
    undone.handed_on();
    done_with_(1 - static_cast<std::int64_t>(must_wait));
  }
}

// Hands the output on; the number of items that must wait for room.
std::size_t LaneRunner::deliver(LaneOutput output, const Undone& undone) {
  if (!output.links.empty()) record(std::move(output.links), undone.hold());
  std::size_t must_wait = 0;
  for (LaneOutput::ForBuilding& part : output.buildings) {
    if (!waits(part.building) && seams_.partitions.deliver(part.building, part.items, undone.hold())) continue;
    must_wait += part.items.size();
    waiting_.push_back({std::move(part.building), std::move(part.items), undone.share()});
  }
  if (must_wait > 0) schedule_retry();
  for (Answer& answer : output.answers) seams_.answer(answer.seq, std::move(answer.outgoing));
  if (seams_.replied) {
    for (CommandAnswer& reply : output.replies) seams_.replied(std::move(reply));
  }
  return must_wait;
}

void LaneRunner::record(std::vector<LinkRow> links, const InboxHold& hold) {
  Batch batch;
  batch.links = std::move(links);
  batch.holds.push_back(hold);
  seams_.journal.write(std::move(batch), [](Result<void>) {});  // the writer keeps and repeats what it could not write
}

bool LaneRunner::waits(const std::string& building) const {
  return std::ranges::any_of(waiting_, [&building](const Waiting& waiting) { return waiting.building == building; });
}

void LaneRunner::retry() {
  std::deque<Waiting> still;
  std::int64_t done = 0;
  for (Waiting& waiting : waiting_) {
    const bool blocked =
        std::ranges::any_of(still, [&waiting](const Waiting& w) { return w.building == waiting.building; });
    const auto items = static_cast<std::int64_t>(waiting.items.size());
    if (!blocked && seams_.partitions.deliver(waiting.building, waiting.items, waiting.undone.hold())) {
      waiting.undone.handed_on();
      done += items;
    } else {
      still.push_back(std::move(waiting));
    }
  }
  waiting_ = std::move(still);
  if (done > 0) done_with_(done);
  if (!waiting_.empty()) schedule_retry();
}

void LaneRunner::schedule_retry() {
  retry_timer_.expires_after(kRetryAfter);
  retry_timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) retry();
  });
}

}  // namespace firegate::decode
