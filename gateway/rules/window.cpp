#include "rules/window.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace firegate::rules {
namespace {

// The instant that a value counts at; none when it may not be used.
std::optional<Instant> time_of(const Current& current) noexcept {
  if (current.quality == Quality::good) return current.updated_at;
  if (current.quality == Quality::late) return current.measured_at;
  return std::nullopt;
}

bool has_no_time_of_its_own(const Current& current) noexcept {
  return current.quality == Quality::late && current.measured_at == current.updated_at;
}

double seconds(Millis span) noexcept { return static_cast<double>(span.count()) / 1000; }

}  // namespace

// Moves the window's clock to the value; starts it anew after a gap. False: the value is nothing new.
bool Window::begin(const Current& current, Millis gap) {
  const auto at = time_of(current);
  if (!at || (newest_ != kNever && *at == newest_)) return false;
  const bool anew = newest_ == kNever || *at < newest_ || *at - newest_ > gap || has_no_time_of_its_own(current);
  newest_ = *at;
  if (!anew) return true;
  since_ = *at;
  was_ = Truth::unknown;
  return true;
}

// ---- rise ----

bool Window::feed(const Rise& leaf, const Current& current, Millis gap) {
  const double* number = as_number(current.value);
  if (!number) return false;
  if (newest_ != kNever && time_of(current) == newest_ && !samples_.empty()) {
    if (samples_.back().value == *number) return false;
    samples_.back().value = *number;  // said twice in one instant: the last word counts
    return true;
  }
  if (!begin(current, gap)) return false;
  if (since_ == newest_) samples_.clear();
  thin(leaf);
  samples_.push_back({newest_, *number});
  const Instant edge = newest_ - leaf.within;
  while (samples_.size() > 1 && samples_[1].at <= edge) samples_.erase(samples_.begin());
  return true;
}

// Merges the last two samples when they are of the same part of the window.
void Window::thin(const Rise& leaf) {
  if (samples_.size() < 2) return;
  const Millis part = std::max(Millis{1}, leaf.within / kParts);
  const auto part_of = [part](const Sample& sample) { return sample.at.time_since_epoch() / part; };
  Sample& before = samples_[samples_.size() - 2];
  const Sample& last = samples_.back();
  if (part_of(before) != part_of(last)) return;
  if (leaf.falls ? last.value >= before.value : last.value <= before.value) before = last;
  samples_.pop_back();
}

Truth Window::answer(const Rise& leaf) const noexcept {
  if (samples_.empty()) return Truth::unknown;
  const Instant edge = newest_ - leaf.within;
  const double sign = leaf.falls ? -1 : 1;
  double least = std::numeric_limits<double>::infinity();
  for (const Sample& sample : samples_) {
    if (sample.at >= edge) least = std::min(least, sign * sample.value);
  }
  const Sample& oldest = samples_.front();
  if (oldest.at < edge && samples_.size() > 1) {  // where it stood when the window begins, on the line between two
    const Sample& next = samples_[1];
    const double share = seconds(edge - oldest.at) / seconds(next.at - oldest.at);
    least = std::min(least, sign * (oldest.value + (next.value - oldest.value) * share));
  }
  if (sign * samples_.back().value - least >= leaf.by) return Truth::yes;
  return since_ <= edge ? Truth::no : Truth::unknown;
}

// ---- deviation ----

// The mean moves towards the value by the time that has passed. Once it is learned, no value counts for more than `by`:
// a fire must not teach its own baseline.
bool Window::feed(const Deviation& leaf, const Current& current, Millis gap) {
  const double* number = as_number(current.value);
  if (!number) return false;
  const Instant before = newest_;
  if (!begin(current, gap)) return false;
  if (since_ == newest_) {
    level_ = *number;
    samples_.assign(1, {newest_, 0});
    return true;
  }
  const double away = *number - level_;
  samples_.assign(1, {newest_, away});
  const bool learned = newest_ - since_ >= leaf.baseline;
  const double step = learned ? std::clamp(away, -leaf.by, leaf.by) : away;
  const double passed = seconds(newest_ - before);
  level_ += step * passed / (std::min(seconds(leaf.baseline), seconds(newest_ - since_)) + passed);
  return true;
}

Truth Window::answer(const Deviation& leaf) const noexcept {
  if (samples_.empty() || newest_ - since_ < leaf.baseline) return Truth::unknown;
  const double away = samples_.back().value;
  switch (leaf.side) {
    case Deviation::Side::above: return truth_of(away >= leaf.by);
    case Deviation::Side::below: return truth_of(-away >= leaf.by);
    case Deviation::Side::either: break;
  }
  return truth_of(std::abs(away) >= leaf.by);
}

// ---- stuck ----

bool Window::feed(const Stuck&, const Current& current, Millis gap) {
  if (is_unknown(current.value) || !begin(current, gap)) return false;
  if (since_ == newest_) level_ = 0;
  if (current.changed_at > since_) {
    since_ = current.changed_at;
    level_ = 1;
  }
  return true;
}

Truth Window::answer(const Stuck& leaf, Instant now) const noexcept {
  if (newest_ == kNever) return Truth::unknown;
  if (now - since_ >= leaf.unchanged_for) return Truth::yes;
  return level_ != 0 ? Truth::no : Truth::unknown;
}

Instant Window::changes_at(const Stuck& leaf, Instant now) const noexcept {
  if (newest_ == kNever) return kNever;
  const Instant at = since_ + leaf.unchanged_for;
  return at > now ? at : kNever;
}

// ---- times: count and chatter ----

void Window::push_edge(Instant at, std::size_t keep) {
  samples_.push_back({at, 0});
  if (samples_.size() > keep) samples_.erase(samples_.begin());
}

bool Window::feed(const Chatter& leaf, const Current& current, Millis gap) {
  if (is_unknown(current.value)) return false;
  const Instant before = newest_;
  if (!begin(current, gap)) return false;
  if (since_ != newest_ && before != kNever && current.changed_at == current.updated_at)
    push_edge(newest_, leaf.changes);
  return true;
}

bool Window::feed(const Count& leaf, const Current& current, Millis gap, Truth test) {
  const bool is_new = begin(current, gap);
  if (test == was_) return is_new;
  if (test == Truth::yes && was_ == Truth::no) push_edge(newest_, leaf.at_least);
  was_ = test;
  return true;
}

void Window::feed_pulse(const Count& leaf, Instant at) { push_edge(at, leaf.at_least); }

Truth Window::reached(std::size_t count, Millis within, Instant now, bool covered) const noexcept {
  if (samples_.size() >= count && samples_[samples_.size() - count].at + within > now) return Truth::yes;
  return covered ? Truth::no : Truth::unknown;
}

Instant Window::expires_at(std::size_t count, Millis within, Instant now) const noexcept {
  if (samples_.size() < count) return kNever;
  const Instant at = samples_[samples_.size() - count].at + within;
  return at > now ? at : kNever;
}

Truth Window::answer(const Chatter& leaf, Instant now) const noexcept {
  return reached(leaf.changes, leaf.within, now, newest_ != kNever && since_ + leaf.within <= now);
}

Truth Window::answer(const Count& leaf, Instant now, bool said) const noexcept {
  return reached(leaf.at_least, leaf.within, now, !said || (newest_ != kNever && since_ + leaf.within <= now));
}

Instant Window::changes_at(const Chatter& leaf, Instant now) const noexcept {
  return expires_at(leaf.changes, leaf.within, now);
}

Instant Window::changes_at(const Count& leaf, Instant now) const noexcept {
  return expires_at(leaf.at_least, leaf.within, now);
}

// ---- kept across restarts ----

void Window::shift(Millis step) noexcept {
  if (newest_ != kNever) newest_ += step;
  if (since_ != kNever) since_ += step;
  for (Sample& sample : samples_) sample.at += step;
}

namespace {

template <typename T>
bool take_number(std::string_view& text, T& number) noexcept {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return true;
}

bool take(std::string_view& text, char letter) noexcept {
  if (text.empty() || text.front() != letter) return false;
  text.remove_prefix(1);
  return true;
}

bool take_instant(std::string_view& text, Instant& at) noexcept {
  Millis::rep since_1970 = 0;
  if (!take_number(text, since_1970)) return false;
  at = Instant{Millis{since_1970}};
  return true;
}

}  // namespace

// "[newest,since,level,was;before=value;...]": times in milliseconds, those of samples before the newest; numbers in
// the shortest form that reads back exactly.
void Window::to_text(std::string& into) const {
  fmt::format_to(std::back_inserter(into), "[{},{},{},{}", newest_.time_since_epoch().count(),
                 since_.time_since_epoch().count(), level_, static_cast<int>(was_));
  for (const Sample& sample : samples_) {
    fmt::format_to(std::back_inserter(into), ";{}={}", (newest_ - sample.at).count(), sample.value);
  }
  into += ']';
}

std::optional<Window> Window::from_text(std::string_view& text) noexcept {
  Window window;
  unsigned was = 0;
  if (!take(text, '[') || !take_instant(text, window.newest_) || !take(text, ',')) return std::nullopt;
  if (!take_instant(text, window.since_) || !take(text, ',') || !take_number(text, window.level_)) return std::nullopt;
  if (!take(text, ',') || !take_number(text, was) || was > 2) return std::nullopt;
  window.was_ = static_cast<Truth>(was);
  while (take(text, ';')) {
    Sample sample;
    Millis::rep before = 0;
    if (!take_number(text, before) || !take(text, '=') || !take_number(text, sample.value)) return std::nullopt;
    if (window.samples_.size() == kMaxSamples) return std::nullopt;
    sample.at = window.newest_ - Millis{before};
    window.samples_.push_back(sample);
  }
  return take(text, ']') ? std::optional(std::move(window)) : std::nullopt;
}

}  // namespace firegate::rules
