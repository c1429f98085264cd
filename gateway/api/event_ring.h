// EventRing: the last events of the live feed, numbered from 1. It is the queue of every client at once: a client is a
// position in it, so a slow client costs no memory. An event about a thing makes the earlier ones about it superseded;
// who lags skips those, because every event carries the whole state of its thing. Pure; one thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

namespace firegate::api {

using Seq = std::uint64_t;
using Text = std::shared_ptr<const std::string>;

class EventRing {
 public:
  explicit EventRing(std::size_t capacity) : capacity_(capacity) {}

  Seq last() const noexcept { return first_ + events_.size() - 1; }
  Seq next_number() const noexcept { return last() + 1; }
  // Takes number `next_number()`. `topic` names the thing: events of one topic supersede each other.
  void push(std::string topic, Text text);

  // Whether everything after `seq` is still here.
  bool reaches(Seq seq) const noexcept { return seq + 1 >= first_ && seq <= last(); }
  struct Event {
    Seq seq = 0;
    Text text;  // null: nothing after
  };
  // The first event after `seq` that is not superseded. `seq` must be within reach.
  Event after(Seq seq) const;
  // How many events after `seq` are not superseded, counted up to `most`.
  std::size_t waiting(Seq seq, std::size_t most) const;

 private:
  struct Entry {
    std::string topic;
    Text text;
    bool superseded = false;
  };
  const Entry& at(Seq seq) const { return events_[seq - first_]; }

  std::size_t capacity_;
  Seq first_ = 1;  // number of events_.front()
  std::deque<Entry> events_;
  boost::unordered_flat_map<std::string, Seq> latest_;  // topic → its newest event in the ring
};

}  // namespace firegate::api
