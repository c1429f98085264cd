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

// One metric per value of a closed enum; the label of the value is the label of the metric.
template <typename Enum, typename Metric>
class MetricBy {
 public:
  Metric& operator[](Enum value) noexcept { return metrics_[static_cast<std::size_t>(value)]; }
  const Metric& operator[](Enum value) const noexcept { return metrics_[static_cast<std::size_t>(value)]; }
  static constexpr std::size_t size() noexcept { return label_count<Enum>(); }

 private:
  std::array<Metric, label_count<Enum>()> metrics_;
};
template <typename Enum>
using CounterBy = MetricBy<Enum, Counter>;
template <typename Enum>
using GaugeBy = MetricBy<Enum, Gauge>;

// Counters by a name that comes from configuration (a source, a channel): never from a message, so their number is
// bounded.
class CounterByName {
 public:
  void add(std::string_view name, std::uint64_t count = 1) noexcept;
  std::map<std::string, std::uint64_t, std::less<>> values() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

// The same with a closed enum beside the name. Who counts often keeps the counters of its name.
template <typename Enum>
class CounterByNameAnd {
 public:
  // Those of `name`, made when they are new; they stay where they are.
  CounterBy<Enum>& of(std::string_view name) {
    const std::lock_guard lock(mutex_);
    return counters_.try_emplace(std::string(name)).first->second;
  }
  // `visit(name, counters)` in the order of the names.
  template <typename Visit>
  void each(Visit visit) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, counters] : counters_) visit(name, counters);
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, CounterBy<Enum>, std::less<>> counters_;
};

// Seconds, in fixed buckets.
template <const auto& kUpTo>
class Histogram {
 public:
  static constexpr const auto& kBounds = kUpTo;
  void observe(double seconds) noexcept {
    std::size_t bucket = 0;
    while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
    buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(seconds, std::memory_order_relaxed);
  }
  std::array<std::uint64_t, kUpTo.size() + 1> buckets() const noexcept {  // not cumulative; last: above all bounds
    std::array<std::uint64_t, kUpTo.size() + 1> counts{};
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = buckets_[i].load(std::memory_order_relaxed);
    return counts;
  }
  double sum() const noexcept { return sum_.load(std::memory_order_relaxed); }

 private:
  std::array<std::atomic<std::uint64_t>, kUpTo.size() + 1> buckets_{};
  std::atomic<double> sum_{0};
};

// What machines do: from 1 ms to 60 s.
inline constexpr std::array<double, 14> kMachineTimes{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                      0.25,  0.5,    1,     2.5,  5,     15,   60};
// What people do: from 5 s to 8 h. With the limits that duty is judged by among them (domain, section 4: 1 and 3
// minutes).
inline constexpr std::array<double, 13> kPeopleTimes{5, 10, 20, 30, 60, 120, 180, 300, 600, 1800, 3600, 14'400, 28'800};
using DurationHistogram = Histogram<kMachineTimes>;
using ResponseHistogram = Histogram<kPeopleTimes>;

}  // namespace firegate::metrics
