#include "gb_link/connection.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace firegate::gb_link {
namespace {

using boost::system::error_code;
using metrics::GbCut;

}  // namespace

Connection::Connection(boost::asio::ip::tcp::socket socket, std::string peer, const Needs& needs, Desk& desk)
    : socket_(std::move(socket)),
      peer_(std::move(peer)),
      needs_(needs),
      desk_(&desk),
      heard_at_(needs.clock.steady_now()),
      read_at_(heard_at_) {}

// ---- in ----

// One read at a time, and none while what was read is not yet answered: the peer is slowed down by TCP.
void Connection::read() {
  if (!desk_ || reading_ || syncing_ || allowance_ == 0) return;
  reading_ = true;
  const std::size_t most = std::min(buffer_.size(), allowance_);
  socket_.async_read_some(boost::asio::buffer(buffer_.data(), most),
                          [self = shared_from_this()](const error_code& error, std::size_t bytes) {
                            self->reading_ = false;
                            self->on_read(error, bytes);
                          });
}

void Connection::on_read(const error_code& error, std::size_t bytes) {
  if (!desk_) return;
  if (error) return end();
  allowance_ -= bytes;
  read_at_ = needs_.clock.steady_now();
  splitter_.add(std::string_view(buffer_.data(), bytes));
  drain();
  settle();
}

void Connection::drain() {
  while (desk_) {
    const auto found = splitter_.next();
    if (!found) break;
    if (!found->error) {
      heard_at_ = read_at_;
      any_frame_ = true;
      garbage_since_frame_ = 0;
      wrong_since_frame_ = 0;
    } else if (++wrong_since_frame_ > kMostWrong) {
      cut(GbCut::garbage);
      break;
    }
    desk_->on_frame(*this, *found);
  }
  const std::uint64_t garbage = splitter_.garbage() - garbage_seen_;
  garbage_seen_ = splitter_.garbage();
  needs_.metrics.gb.garbage_bytes.add(garbage);
  garbage_since_frame_ += garbage;
  if (desk_ && garbage_since_frame_ > kMostGarbage) cut(GbCut::garbage);
}

// ---- out ----

void Connection::answer(std::string bytes, InboxSeq seq) {
  answers_.push_back(std::move(bytes));
  covers_ = std::max(covers_, seq);
}

// What was read is answered when all of it is on disk.
void Connection::settle() {
  if (!desk_) return;
  if (answers_.empty() || syncing_) return read();
  syncing_ = true;
  needs_.inbox.when_synced(covers_, [weak = weak_from_this(), executor = socket_.get_executor()] {
    boost::asio::post(executor, [weak] {
      if (const auto self = weak.lock()) self->synced();
    });
  });
}

void Connection::synced() {
  syncing_ = false;
  covers_ = 0;
  if (!desk_) return;
  for (std::string& bytes : std::exchange(answers_, {})) send(std::move(bytes));
  read();
}

void Connection::send(std::string bytes) {
  if (!desk_) return;
  unsent_bytes_ += bytes.size();
  unsent_.push_back(std::move(bytes));
  if (unsent_bytes_ > kMostUnsent) return cut(GbCut::slow);
  write();
}

void Connection::write() {
  if (writing_ || unsent_.empty()) return;
  writing_ = true;
  writing_since_ = needs_.clock.steady_now();
  boost::asio::async_write(
      socket_, boost::asio::buffer(unsent_.front()),
      [self = shared_from_this()](const error_code& error, std::size_t) { self->on_written(error); });
}

void Connection::on_written(const error_code& error) {
  writing_ = false;
  if (!desk_) return;
  if (error) return end();
  unsent_bytes_ -= unsent_.front().size();
  unsent_.pop_front();
  write();
}

// ---- life ----

void Connection::look(Steady now, Millis silent_after) {
  if (!desk_) return;
  allowance_ = kBytesPerSecond;
  if (writing_ && now - writing_since_ > kReadByPeerWithin) return cut(GbCut::slow);
  if (syncing_) return;  // it waits for us
  if (splitter_.waiting() && now - read_at_ > kRestOfFrameWithin) {
    do {
      splitter_.give_up();
      drain();
    } while (desk_ && splitter_.waiting());
    if (!desk_) return;
  }
  const Millis patience = any_frame_ ? silent_after : std::min(silent_after, kFirstFrameWithin);
  if (now - heard_at_ > patience) return cut(GbCut::silent);
  settle();
}

void Connection::cut(GbCut why) {
  if (!desk_) return;
  needs_.metrics.gb.cut[why].add();
  end();
}

void Connection::end() {
  Desk* const desk = desk_;
  close();
  if (desk) desk->on_closed(*this);
}

void Connection::close() noexcept {
  desk_ = nullptr;
  error_code ignored;
  socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

}  // namespace firegate::gb_link
