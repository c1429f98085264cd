#include "metrics/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "metrics/command_metrics.h"

namespace firegate::metrics {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

using Labels = std::vector<ClientMetric::Label>;

// Collects families in the order in which `Metrics` declares them.
class Exposition {
 public:
  void counter(std::string name, std::string help, const Counter& counter) {
    add(family(std::move(name), std::move(help), MetricType::Counter), {}, counter.value());
  }
  // Counted by the system, not by us.
  void counter(std::string name, std::string help, const Gauge& counted) {
    add_gauge(family(std::move(name), std::move(help), MetricType::Counter), {}, 0);
    families_.back().metric.back().counter.value = counted.value();
  }
  void gauge(std::string name, std::string help, const Gauge& gauge) {
    add_gauge(family(std::move(name), std::move(help), MetricType::Gauge), {}, gauge.value());
  }
  template <typename Enum>
  void counters(std::string name, std::string help, const std::string& key, const CounterBy<Enum>& by) {
    auto& made = family(std::move(name), std::move(help), MetricType::Counter);
    for (std::size_t i = 0; i < by.size(); ++i) {
      const auto value = static_cast<Enum>(i);
      add(made, {{key, std::string(label(value))}}, by[value].value());
    }
  }
  void counters(std::string name, std::string help, const std::string& key, const CounterByName& by) {
    auto& made = family(std::move(name), std::move(help), MetricType::Counter);
    for (const auto& [value, total] : by.values()) add(made, {{key, value}}, total);
  }
  template <typename Enum>
  void counters(std::string name, std::string help, const std::string& name_key, const std::string& key,
                const CounterByNameAnd<Enum>& by) {
    auto& made = family(std::move(name), std::move(help), MetricType::Counter);
    by.each([&](const std::string& of, const CounterBy<Enum>& counters) {
      for (std::size_t i = 0; i < counters.size(); ++i) {
        const auto value = static_cast<Enum>(i);
        add(made, {{name_key, of}, {key, std::string(label(value))}}, counters[value].value());
      }
    });
  }
  template <typename Enum>
  void gauges(std::string name, std::string help, const std::string& key, const GaugeBy<Enum>& by) {
    auto& made = family(std::move(name), std::move(help), MetricType::Gauge);
    for (std::size_t i = 0; i < by.size(); ++i) {
      const auto value = static_cast<Enum>(i);
      add_gauge(made, {{key, std::string(label(value))}}, by[value].value());
    }
  }
  // A gauge whose labels and values are gathered just now: `fill(add)` calls add(labels, value).
  template <typename Fill>
  void gathered(std::string name, std::string help, Fill fill) {
    auto& made = family(std::move(name), std::move(help), MetricType::Gauge);
    fill([&made](Labels labels, double value) { add_gauge(made, std::move(labels), value); });
  }
  template <const auto& kBounds>
  void histogram(std::string name, std::string help, const Histogram<kBounds>& histogram) {
    family(std::move(name), std::move(help), MetricType::Histogram).push_back(of(histogram));
  }
  template <typename Enum, const auto& kBounds>
  void histograms(std::string name, std::string help, const std::string& key,
                  const MetricBy<Enum, Histogram<kBounds>>& by) {
    auto& made = family(std::move(name), std::move(help), MetricType::Histogram);
    for (std::size_t i = 0; i < by.size(); ++i) {
      const auto value = static_cast<Enum>(i);
      made.push_back(of(by[value]));
      made.back().label = {{key, std::string(label(value))}};
    }
  }
  std::string text() const { return prometheus::TextSerializer{}.Serialize(families_); }

 private:
  static void add(std::vector<ClientMetric>& metrics, Labels labels, std::uint64_t total) {
    metrics.emplace_back();
    metrics.back().label = std::move(labels);
    metrics.back().counter.value = static_cast<double>(total);
  }
  static void add_gauge(std::vector<ClientMetric>& metrics, Labels labels, double value) {
    metrics.emplace_back();
    metrics.back().label = std::move(labels);
    metrics.back().gauge.value = value;
  }
  template <const auto& kBounds>
  static ClientMetric of(const Histogram<kBounds>& histogram) {
    ClientMetric metric;
    std::uint64_t cumulative = 0;
    const auto buckets = histogram.buckets();
    for (std::size_t i = 0; i < kBounds.size(); ++i) {
      cumulative += buckets[i];
      metric.histogram.bucket.push_back({cumulative, kBounds[i]});
    }
    metric.histogram.sample_count = cumulative + buckets.back();
    metric.histogram.sample_sum = histogram.sum();
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
  out.gauge("acknowledgements_held", "Acknowledgements to the broker that wait until the inbox is on disk", m.acks_held);
  out.gauge("inbox_disk_bytes", "Disk space of the inbox", m.inbox_disk_bytes);
  out.gauge("inbox_received_position", "Number of the newest message", m.inbox_received_position);
  out.gauge("inbox_synced_position", "Number of the newest message that survives a power cut", m.inbox_synced_position);
  out.gauge("inbox_finished_position", "Every message up to this number is decided and recorded",
            m.inbox_finished_position);
  out.counter("broker_connects_total", "Connections made to the broker", m.broker_connects);
  out.counter("broker_losses_total", "Connections to the broker lost", m.broker_losses);
  out.gauge("broker_connected", "1 while connected to the broker", m.broker_connected);
  out.gauge("canary_round_trip_seconds", "Last round trip of the canary", m.canary_round_trip_seconds);
  out.gauge("broker_dropped_messages", "Messages the broker says it dropped", m.broker_messages_dropped);
  out.counter("commands_sent_total", "Messages to devices taken by the broker", m.commands_sent);
  out.counter("commands_failed_total", "Messages to devices not taken", m.commands_failed);
}

void expose_gb_link(const GbLinkMetrics& m, Exposition& out) {
  out.gauge("gb26875_connections", "Connections of GB/T 26875.3 units", m.connections);
  out.gauge("gb26875_units", "GB/T 26875.3 units with a connection", m.units);
  out.counter("gb26875_frames_total", "Right frames taken over TCP", m.frames);
  out.counter("gb26875_resends_total", "Frames sent again, confirmed again, taken once", m.resends);
  out.counters("gb26875_frames_refused_total", "Frames refused", "reason", m.refused);
  out.counter("gb26875_garbage_bytes_total", "Bytes between frames", m.garbage_bytes);
  out.counters("gb26875_connections_cut_total", "Connections of units that we ended", "reason", m.cut);
  out.counter("gb26875_address_changes_total", "Connections that began to speak for one more unit", m.address_changes);
  out.counter("gb26875_orders_sent_total", "Frames sent to units for confirmation, repeats included", m.orders_sent);
  out.counters("gb26875_orders_total", "What units were told to do, by how it ended", "outcome", m.orders);
  out.counter("gb26875_duty_checks_answered_total", "Duty checks answered by a person at the unit",
              m.duty_checks_answered);
  out.counter("gb26875_duty_checks_unanswered_total", "Duty checks nobody answered in time", m.duty_checks_unanswered);
}

void expose_decode(const Metrics& m, Exposition& out) {
  out.counters("messages_total", "Messages by wire format and what became of them", "driver", "outcome", m.messages);
  out.counter("messages_decoded_total", "Messages that gave readings", m.messages_decoded);
  out.counters("messages_ignored_total", "Messages understood, nothing to record", "reason", m.messages_ignored);
  out.counters("messages_rejected_total", "Messages not understood", "reason", m.messages_rejected);
  out.counters("messages_by_source_total", "Messages by source", "source", m.messages_by_source);
  out.counter("unknown_fields_total", "Fields of native messages that are no point", m.unknown_fields);
  out.counter("duplicates_collapsed_total", "Messages seen before", m.duplicates_collapsed);
  out.counter("flood_merged_messages_total", "Messages of flooding devices that went on merged", m.flood_merged);
  out.counter("replies_sent_total", "Answers to devices", m.replies_sent);
  out.gauge("lane_waiting_messages", "Messages waiting to be decoded", m.lane_waiting);
  out.counters("codec_calls_total", "Payloads given to vendors' scripts", "outcome", m.codec_calls);
  out.counter("codec_workers_killed_total", "Workers killed for what their script did", m.codec_workers_killed);
  out.gauge("codec_waiting_payloads", "Payloads waiting for their script", m.codec_waiting);
}

void expose_partition(const Metrics& m, Exposition& out) {
  out.counter("readings_total", "Readings taken", m.readings);
  out.counter("readings_bad_total", "Readings out of range or of the wrong type", m.readings_bad);
  out.gauge("mailbox_waiting_messages", "Messages waiting for their building", m.mailbox_waiting);
  out.histogram("decision_delay_seconds", "From arrival to decision", m.decision_delay);
  out.gauge("decision_lag_seconds", "From arrival to decision, of the message decided last", m.decision_lag_seconds);
  out.counters("alarms_raised_total", "Alarms raised", "class", m.alarms_raised);
  out.counter("alarms_not_recorded_total", "Alarms announced without a record", m.alarms_not_recorded);
  out.gauge("alarms_live", "Alarms that are not normal", m.alarms_live);
  out.gauge("alarms_unacknowledged", "Alarms nobody has acknowledged", m.alarms_unacknowledged);
  out.gauge("devices", "Mapped devices", m.devices);
  out.gauge("devices_online", "Mapped devices heard within their time", m.devices_online);
  out.gauge("devices_unmapped", "Devices heard that nobody has mapped", m.devices_unmapped);
  out.counters("self_faults_total", "Faults of our own", "code", m.self_faults);
  out.counters("acts_total", "Acts of people on alarms", "kind", m.acts);
  out.counters("verdicts_total", "What people found alarms to be", "verdict", m.verdicts);
  out.histograms("acknowledge_time_seconds", "From raise to acknowledgement", "priority", m.acknowledge_time);
}

using Count = std::uint64_t BuildingCensus::Kind::*;
using Buildings = std::vector<std::shared_ptr<const BuildingsCensus>>;

// `visit(building, place)`: `place` has its labels.
template <typename Visit>
void each_building(const Buildings& all, Visit visit) {
  for (const auto& counted : all) {
    for (const BuildingCensus& building : *counted) {
      visit(building, Labels{{"estate", building.estate}, {"building", building.building}});
    }
  }
}

Labels with(Labels labels, std::string key, std::string_view value) {
  labels.push_back({std::move(key), std::string(value)});
  return labels;
}

auto of_kinds(const Buildings& all, Count count) {
  return [&all, count](const auto& add) {
    each_building(all, [&](const BuildingCensus& building, const Labels& place) {
      for (const auto& [kind, counts] : building.kinds) {
        add(with(place, "kind", label(kind)), static_cast<double>(counts.*count));
      }
    });
  };
}

// One for every choice of the point, in each building where anything says it.
auto of_choices(const Buildings& all, std::map<std::uint8_t, std::uint64_t> BuildingCensus::*counts, Point point,
                const char* key) {
  return [&all, counts, point, key](const auto& add) {
    const auto choices = info(point).choices;
    each_building(all, [&](const BuildingCensus& building, const Labels& place) {
      const auto& counted = building.*counts;
      for (std::uint8_t ordinal = 0; !counted.empty() && ordinal < choices.size(); ++ordinal) {
        const auto found = counted.find(ordinal);
        add(with(place, key, choices[ordinal]), found == counted.end() ? 0 : static_cast<double>(found->second));
      }
    });
  };
}

void expose_devices_by_place(const Buildings& all, Exposition& out) {
  out.gathered("place_devices", "Mapped devices", of_kinds(all, &BuildingCensus::Kind::devices));
  out.gathered("place_devices_heard", "Mapped devices heard at least once",
               of_kinds(all, &BuildingCensus::Kind::heard));
  out.gathered("place_devices_online", "Mapped devices in service, heard within their time",
               of_kinds(all, &BuildingCensus::Kind::online));
  out.gathered("place_devices_disabled", "Mapped devices out of service",
               of_kinds(all, &BuildingCensus::Kind::disabled));
  out.gathered("place_batteries", "Devices by what is left in their battery", [&all](const auto& add) {
    each_building(all, [&](const BuildingCensus& building, const Labels& place) {
      for (std::size_t i = 0; i < building.batteries.size(); ++i) {
        add(with(place, "band", label(static_cast<BatteryBand>(i))), static_cast<double>(building.batteries[i]));
      }
    });
  });
  out.gathered("charging_ports", "Charging ports by state",
               of_choices(all, &BuildingCensus::ports, Point::port_state, "state"));
  out.gathered("charging_power_watts", "Power of the charging stations", [&all](const auto& add) {
    each_building(all, [&](const BuildingCensus& building, const Labels& place) {
      if (!building.ports.empty()) add(place, building.charging_watts);
    });
  });
  out.gathered("lifts", "Lifts by mode", of_choices(all, &BuildingCensus::lifts, Point::lift_mode, "mode"));
}

void expose_alarms_by_place(const Buildings& all, Exposition& out) {
  std::map<std::pair<AlarmClass, AlarmState>, double> sum;
  std::map<SelfFaultCode, double> faults;
  out.gathered("place_alarms", "Live alarms", [&](const auto& add) {
    each_building(all, [&](const BuildingCensus& building, const Labels& place) {
      for (const auto& [what, count] : building.alarms) {
        add(with(with(place, "class", label(what.first)), "state", label(what.second)), static_cast<double>(count));
        sum[what] += static_cast<double>(count);
      }
      for (const auto& [code, count] : building.faults) faults[code] += static_cast<double>(count);
    });
  });
  out.gathered("alarms", "Live alarms of all places", [&sum](const auto& add) {
    for (std::size_t i = 0; i < label_count<AlarmClass>(); ++i) {
      for (std::size_t k = 0; k < label_count<AlarmState>(); ++k) {
        const std::pair what{static_cast<AlarmClass>(i), static_cast<AlarmState>(k)};
        const Labels labels{{"class", std::string(label(what.first))}, {"state", std::string(label(what.second))}};
        add(labels, sum[what]);
      }
    }
  });
  out.gathered("self_faults_present", "Faults of our own that are there now", [&faults](const auto& add) {
    for (std::size_t i = 0; i < label_count<SelfFaultCode>(); ++i) {
      const auto code = static_cast<SelfFaultCode>(i);
      add({{"code", std::string(label(code))}}, faults[code]);
    }
  });
}

void expose_out(const Metrics& m, Exposition& out) {
  out.counter("commits_total", "Transactions of the store", m.commits);
  out.counter("commit_failures_total", "Transactions that failed", m.commit_failures);
  out.counter("rows_written_total", "Rows written", m.rows_written);
  out.counter("rows_dropped_total", "Rows not kept: history while the store was behind, and what a table refused",
              m.rows_dropped);
  out.histogram("commit_duration_seconds", "Time of a transaction", m.commit_duration);
  out.gauge("writer_waiting_rows", "Rows waiting for the store", m.writer_waiting);
  out.gauge("store_bytes", "Size of the database", m.store_bytes);
  out.counters("deliveries_sent_total", "Notices delivered", "channel", m.deliveries_sent);
  out.counters("deliveries_failed_total", "Attempts that failed", "channel", m.deliveries_failed);
  out.gauge("deliveries_waiting", "Deliveries not yet done", m.deliveries_waiting);
  out.counter("http_requests_total", "Requests answered", m.http_requests);
  out.counter("http_errors_total", "Requests answered with 5xx", m.http_errors);
  out.counters("http_refused_total", "Connections and requests turned away", "reason", m.http_refused);
  out.gauge("certificate_ends_seconds", "When the HTTPS certificate ends, in Unix time; 0 without HTTPS",
            m.certificate_ends);
  out.counters("requests_refused_total", "Requests that were not let through", "reason", m.requests_refused);
  out.gauge("live_clients", "Consoles connected", m.live_clients);
  out.gauges("live_clients_by_kind", "Consoles connected, by who looks", "kind", m.live_clients_by_kind);
  out.gauge("posts", "Configured posts", m.posts);
  out.gauge("posts_audible", "Posts with a console that is visible and can sound", m.posts_audible);
  out.counter("live_clients_cut_total", "Consoles cut off because they read too slowly", m.live_clients_cut);
  out.counter("live_events_total", "Events published to consoles", m.live_events);
}

void expose_program(const Metrics& m, Exposition& out) {
  out.gauges("loop_silence_seconds", "Since the slowest loop of a kind came round", "loop", m.loop_silence_seconds);
  out.gauge("clock_drift_seconds", "The system's clock against the gateway's", m.clock_drift_seconds);
  out.gauge("disk_free_bytes", "Free space where the record is", m.disk_free_bytes);
  out.gauge("process_resident_memory_bytes", "Resident memory", m.process_memory_bytes);
  out.counter("process_cpu_seconds_total", "Processor time since the start", m.process_cpu_seconds);
  out.gauge("process_open_descriptors", "Open file descriptors", m.process_descriptors);
  out.gauge("process_descriptors_limit", "File descriptors there may be", m.process_descriptors_limit);
  out.gauge("process_threads", "Threads", m.process_threads);
  out.gauge("process_start_time_seconds", "When the process started, in Unix time", m.process_start_seconds);
  out.gathered("build_info", "What runs", [&m](const auto& add) { add({{"version", m.version}}, 1); });
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

std::string Metrics::exposition() const {
  Exposition out;
  expose_ingest(*this, out);
  expose_gb_link(gb, out);
  expose_decode(*this, out);
  expose_partition(*this, out);
  const Buildings buildings = census.all();
  expose_devices_by_place(buildings, out);
  expose_alarms_by_place(buildings, out);
  expose_out(*this, out);
  expose_program(*this, out);
  return out.text();
}

std::string CommandMetrics::exposition() const {
  Exposition out;
  out.counters("commands_total", "States that commands to devices have reached", "command", "result", reached);
  return out.text();
}

}  // namespace firegate::metrics
