#include "metrics/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace firegate::metrics {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// Collects families in the order in which `Metrics` declares them.
class Exposition {
 public:
  void counter(std::string name, std::string help, const Counter& counter) {
    family(std::move(name), std::move(help), MetricType::Counter).push_back(count(counter.value()));
  }
  void gauge(std::string name, std::string help, const Gauge& gauge) {
    ClientMetric metric;
    metric.gauge.value = gauge.value();
    family(std::move(name), std::move(help), MetricType::Gauge).push_back(std::move(metric));
  }
  template <typename Enum>
  void counters(std::string name, std::string help, std::string key, const CounterBy<Enum>& by) {
    auto& metrics = family(std::move(name), std::move(help), MetricType::Counter);
    for (std::size_t i = 0; i < by.size(); ++i) {
      const auto value = static_cast<Enum>(i);
      metrics.push_back(labelled(key, std::string(label(value)), by[value].value()));
    }
  }
  void counters(std::string name, std::string help, std::string key, const CounterByName& by) {
    auto& metrics = family(std::move(name), std::move(help), MetricType::Counter);
    for (const auto& [value, total] : by.values()) metrics.push_back(labelled(key, value, total));
  }
  void histogram(std::string name, std::string help, const DurationHistogram& histogram) {
    ClientMetric metric;
    std::uint64_t cumulative = 0;
    const auto buckets = histogram.buckets();
    for (std::size_t i = 0; i < DurationHistogram::kBounds.size(); ++i) {
      cumulative += buckets[i];
      metric.histogram.bucket.push_back({cumulative, DurationHistogram::kBounds[i]});
    }
    metric.histogram.sample_count = cumulative + buckets.back();
    metric.histogram.sample_sum = histogram.sum();
    family(std::move(name), std::move(help), MetricType::Histogram).push_back(std::move(metric));
  }
  std::string text() const { return prometheus::TextSerializer{}.Serialize(families_); }

 private:
  static ClientMetric count(std::uint64_t value) {
    ClientMetric metric;
    metric.counter.value = static_cast<double>(value);
    return metric;
  }
  static ClientMetric labelled(const std::string& key, std::string value, std::uint64_t total) {
    ClientMetric metric = count(total);
    metric.label.push_back({key, std::move(value)});
    return metric;
  }
  std::vector<ClientMetric>& family(std::string name, std::string help, MetricType type) {
    families_.push_back({"firegate_" + std::move(name), std::move(help), type, {}});
    return families_.back().metric;
  }

  std::vector<MetricFamily> families_;
};

void expose_ingest(const Metrics& m, Exposition& out) {
  out.counter("messages_received_total", "Messages taken from the broker", m.messages_received);
  out.counter("inbox_bytes_total", "Bytes appended to the inbox", m.inbox_bytes);
  out.counter("inbox_refused_messages_total", "Messages the inbox could not take", m.inbox_refused);
  out.counter("inbox_torn_bytes_total", "Bytes cut from the inbox's tail after a crash", m.inbox_torn_bytes);
  out.counter("inbox_syncs_total", "Group syncs of the inbox", m.inbox_syncs);
  out.histogram("inbox_sync_duration_seconds", "Time of a group sync", m.inbox_sync_duration);
  out.gauge("inbox_waiting_messages", "Messages received and not yet decided", m.inbox_waiting);
  out.gauge("inbox_disk_bytes", "Disk space of the inbox", m.inbox_disk_bytes);
  out.counter("broker_connects_total", "Connections made to the broker", m.broker_connects);
  out.counter("broker_losses_total", "Connections to the broker lost", m.broker_losses);
  out.gauge("broker_connected", "1 while connected to the broker", m.broker_connected);
  out.gauge("canary_round_trip_seconds", "Last round trip of the canary", m.canary_round_trip_seconds);
  out.gauge("broker_dropped_messages", "Messages the broker says it dropped", m.broker_messages_dropped);
  out.counter("commands_sent_total", "Messages to devices taken by the broker", m.commands_sent);
  out.counter("commands_failed_total", "Messages to devices not taken", m.commands_failed);
}

void expose_decode(const Metrics& m, Exposition& out) {
  out.counter("messages_decoded_total", "Messages that gave readings", m.messages_decoded);
  out.counters("messages_ignored_total", "Messages understood, nothing to record", "reason", m.messages_ignored);
  out.counters("messages_rejected_total", "Messages not understood", "reason", m.messages_rejected);
  out.counters("messages_by_source_total", "Messages by source", "source", m.messages_by_source);
  out.counter("unknown_fields_total", "Fields of native messages that are no point", m.unknown_fields);
  out.counter("duplicates_collapsed_total", "Messages seen before", m.duplicates_collapsed);
  out.counter("flood_merged_messages_total", "Messages of flooding devices that went on merged", m.flood_merged);
  out.counter("replies_sent_total", "Answers to devices", m.replies_sent);
  out.gauge("lane_waiting_messages", "Messages waiting to be decoded", m.lane_waiting);
}

void expose_partition(const Metrics& m, Exposition& out) {
  out.counter("readings_total", "Readings taken", m.readings);
  out.counter("readings_bad_total", "Readings out of range or of the wrong type", m.readings_bad);
  out.gauge("mailbox_waiting_messages", "Messages waiting for their building", m.mailbox_waiting);
  out.histogram("decision_delay_seconds", "From arrival to decision", m.decision_delay);
  out.counters("alarms_raised_total", "Alarms raised", "class", m.alarms_raised);
  out.counter("alarms_not_recorded_total", "Alarms announced without a record", m.alarms_not_recorded);
  out.gauge("alarms_live", "Alarms that are not normal", m.alarms_live);
  out.gauge("alarms_unacknowledged", "Alarms nobody has acknowledged", m.alarms_unacknowledged);
  out.gauge("devices", "Mapped devices", m.devices);
  out.gauge("devices_online", "Mapped devices heard within their time", m.devices_online);
  out.gauge("devices_unmapped", "Devices heard that nobody has mapped", m.devices_unmapped);
  out.counters("self_faults_total", "Faults of our own", "code", m.self_faults);
}

void expose_out(const Metrics& m, Exposition& out) {
  out.counter("commits_total", "Transactions of the store", m.commits);
  out.counter("commit_failures_total", "Transactions that failed", m.commit_failures);
  out.counter("rows_written_total", "Rows written", m.rows_written);
  out.counter("rows_dropped_total", "Rows not kept: history while the store was behind, and what a table refused", m.rows_dropped);
  out.histogram("commit_duration_seconds", "Time of a transaction", m.commit_duration);
  out.gauge("writer_waiting_rows", "Rows waiting for the store", m.writer_waiting);
  out.gauge("store_bytes", "Size of the database", m.store_bytes);
  out.counters("deliveries_sent_total", "Notices delivered", "channel", m.deliveries_sent);
  out.counters("deliveries_failed_total", "Attempts that failed", "channel", m.deliveries_failed);
  out.gauge("deliveries_waiting", "Deliveries not yet done", m.deliveries_waiting);
  out.counter("http_requests_total", "Requests answered", m.http_requests);
  out.counter("http_errors_total", "Requests answered with 5xx", m.http_errors);
  out.counters("http_refused_total", "Connections and requests turned away", "reason", m.http_refused);
  out.gauge("certificate_ends_seconds", "When the HTTPS certificate ends, in Unix time; 0 without HTTPS", m.certificate_ends);
  out.counters("requests_refused_total", "Requests that were not let through", "reason", m.requests_refused);
  out.gauge("live_clients", "Consoles connected", m.live_clients);
  out.counter("live_clients_cut_total", "Consoles cut off because they read too slowly", m.live_clients_cut);
  out.counter("live_events_total", "Events published to consoles", m.live_events);
}

}  // namespace

void CounterByName::add(std::string_view name, std::uint64_t count) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(name);
  if (found == counts_.end()) {
    counts_.emplace(std::string(name), count);
  } else {
    found->second += count;
  }
}

std::map<std::string, std::uint64_t, std::less<>> CounterByName::values() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void DurationHistogram::observe(double seconds) noexcept {
  std::size_t bucket = 0;
  while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
  buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
  double sum = sum_.load(std::memory_order_relaxed);
  while (!sum_.compare_exchange_weak(sum, sum + seconds, std::memory_order_relaxed)) {
  }
}

std::array<std::uint64_t, DurationHistogram::kBounds.size() + 1> DurationHistogram::buckets() const noexcept {
  std::array<std::uint64_t, kBounds.size() + 1> counts{};
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = buckets_[i].load(std::memory_order_relaxed);
  return counts;
}

std::string Metrics::exposition() const {
  Exposition out;
  expose_ingest(*this, out);
  expose_decode(*this, out);
  expose_partition(*this, out);
  expose_out(*this, out);
  return out.text();
}

}  // namespace firegate::metrics
