// EventRing: the last events of the live feed, numbered from 1. It is the queue of every client at once: a client is a
// position in it, so a slow client costs no memory. An event about a thing makes the earlier ones about it superseded;
// who lags skips those, because every event carries the whole state of its thing. What a client may see, and wants to,
// is its view: it reads the same texts as everybody and skips the rest. Pure; one thread.
#pragma once

#include <array>
#include <bitset>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/account.h"
#include "core/labels.h"

namespace firegate::api {

using Seq = std::uint64_t;
using Text = std::shared_ptr<const std::string>;

enum class Topic : std::uint8_t { alarms, health, silences, devices };
using Topics = std::bitset<4>;
inline constexpr Topics kEveryTopic{0b1111};

struct View {
  Scope scope;                                      // what it may see
  std::optional<std::vector<std::string>> estates;  // what it wants of that; none: all
  Topics topics = kEveryTopic;

  // What belongs to no estate belongs to everybody.
  bool admits(Topic topic, std::string_view estate) const noexcept;
};

class EventRing {
 public:
  explicit EventRing(std::size_t capacity) : capacity_(capacity) {}

  Seq last() const noexcept { return first_ + events_.size() - 1; }
  Seq next_number() const noexcept { return last() + 1; }
  // Takes number `next_number()`. Events about one thing supersede each other; a thing stays in its estate.
  void push(std::string thing, Topic topic, std::string estate, Text text);

  // Whether everything after `seq` is still here.
  bool reaches(Seq seq) const noexcept { return seq + 1 >= first_ && seq <= last(); }
  struct Event {
    Seq seq = 0;  // where nothing is left: `last()`
    Text text;    // null: nothing after
  };
  // The first event after `seq` in the view that is not superseded. `seq` must be within reach.
  Event after(Seq seq, const View& view) const;
  // How many events after `seq` are in the view and not superseded, counted up to `most`.
  std::size_t waiting(Seq seq, std::size_t most, const View& view) const;
  // The newest event in the view; what is older than the ring counts as seen.
  Seq last(const View& view) const;

 private:
  struct Entry {
    std::string thing;
    Topic topic{};
    std::string estate;
    Text text;
    bool superseded = false;
  };
  const Entry& at(Seq seq) const { return events_[seq - first_]; }
  bool shows(Seq seq, const View& view) const {
    return !at(seq).superseded && view.admits(at(seq).topic, at(seq).estate);
  }

  std::size_t capacity_;
  Seq first_ = 1;  // number of events_.front()
  std::deque<Entry> events_;
  boost::unordered_flat_map<std::string, Seq> latest_;  // thing → its newest event in the ring
};

}  // namespace firegate::api

template <>
struct firegate::Labels<firegate::api::Topic> {
  static constexpr std::array<std::string_view, 4> list{"alarms", "health", "silences", "devices"};
};
