// The kinds of metric. Plain atomics: adding to one costs a relaxed addition, from any thread. prometheus-cpp sees them
// only when somebody asks for the text (metrics.cpp).
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "core/labels.h"

namespace firegate::metrics {

class Counter {
 public:
  void add(std::uint64_t count = 1) noexcept { value_.fetch_add(count, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(double value) noexcept { value_.store(value, std::memory_order_relaxed); }
  double value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

// A counter per value of a closed enum; the label of the value is the label of the metric.
template <typename Enum>
class CounterBy {
 public:
  Counter& operator[](Enum value) noexcept { return counters_[static_cast<std::size_t>(value)]; }
  const Counter& operator[](Enum value) const noexcept { return counters_[static_cast<std::size_t>(value)]; }
  static constexpr std::size_t size() noexcept { return label_count<Enum>(); }

 private:
  std::array<Counter, label_count<Enum>()> counters_;
};

// Counters by a name that comes from configuration (a source, a channel): never from a message, so their number is bounded.
class CounterByName {
 public:
  void add(std::string_view name, std::uint64_t count = 1) noexcept;
  std::map<std::string, std::uint64_t, std::less<>> values() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

// Seconds, in fixed buckets from 1 ms to 60 s.
class DurationHistogram {
 public:
  static constexpr std::array<double, 14> kBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                  0.25,  0.5,    1,     2.5,  5,     15,   60};
  void observe(double seconds) noexcept;
  std::array<std::uint64_t, kBounds.size() + 1> buckets() const noexcept;  // not cumulative; last: above all bounds
  double sum() const noexcept { return sum_.load(std::memory_order_relaxed); }

 private:
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> buckets_{};
  std::atomic<double> sum_{0};
};

}  // namespace firegate::metrics
