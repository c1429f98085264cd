// Every metric of the program, declared in one place. Owned by `app`, passed by reference to the parts that count.
// Names in the exposition: firegate_<noun>_<unit>[_total]; the list is golden (tests/unit/metrics).
#pragma once

#include <string>

#include "core/alarm_class.h"
#include "core/driver.h"
#include "core/account.h"
#include "core/act.h"
#include "core/live.h"
#include "core/self_fault.h"
#include "metrics/census.h"
#include "metrics/gb_link_metrics.h"
#include "metrics/metric.h"

namespace firegate::metrics {

// Why the web part turned somebody away.
enum class HttpRefusal : std::uint8_t {
  connections_full,  // all connections, or all that are not kept for this machine, are taken
  address_full,      // one address has as many as it may
  live_full,         // as many live feeds as there may be
  no_descriptor,     // the process has no file descriptor left
  handshake_failed,  // no TLS, or not within its time
  stranger,          // a Host or Origin that is not ours
  too_slow,          // a request not within its time, or a reader that does not read
  too_large,         // a header or body over the limit
};

// What became of a message.
enum class MessageOutcome : std::uint8_t { readings, ignored, rejected, duplicate };

// The loops that must go round for the gateway to be alive (app/loop_watch.h).
enum class Loop : std::uint8_t { io, inbox_syncer, reader, lanes, partitions, writer };

}  // namespace firegate::metrics

template <>
struct firegate::Labels<firegate::metrics::HttpRefusal> {
  static constexpr std::array<std::string_view, 8> list{"connections_full", "address_full", "live_full", "no_descriptor",
                                                        "handshake_failed", "stranger",     "too_slow",  "too_large"};
};
template <>
struct firegate::Labels<firegate::metrics::MessageOutcome> {
  static constexpr std::array<std::string_view, 4> list{"readings", "ignored", "rejected", "duplicate"};
};
template <>
struct firegate::Labels<firegate::metrics::Loop> {
  static constexpr std::array<std::string_view, 6> list{"io", "inbox_syncer", "reader", "lanes", "partitions", "writer"};
};

namespace firegate::metrics {

struct Metrics {
  // ingest
  Counter messages_received;        // callbacks of the broker link, canary and $SYS excluded
  Counter inbox_bytes;              // appended
  Counter inbox_refused;            // messages the inbox could not take
  Counter inbox_torn_bytes;         // cut from the tail after a crash
  Counter inbox_syncs;
  DurationHistogram inbox_sync_duration;
  Gauge inbox_waiting;              // messages appended and not yet decided
  Gauge acks_held;                  // acknowledgements that wait for the disk (ack gate)
  Gauge inbox_disk_bytes;
  Gauge inbox_received_position;    // sequence numbers: the newest message,
  Gauge inbox_synced_position;      //   the newest that survives a power cut,
  Gauge inbox_finished_position;    //   everything up to here is decided and recorded
  Counter broker_connects;
  Counter broker_losses;
  Gauge broker_connected;
  Gauge canary_round_trip_seconds;
  Gauge broker_messages_dropped;    // as $SYS says
  Counter commands_sent;
  Counter commands_failed;
  GbLinkMetrics gb;                 // GB/T 26875.3 over TCP

  // decode
  CounterByNameAnd<MessageOutcome> messages;  // by driver
  Counter messages_decoded;         // outcome readings
  CounterBy<IgnoreReason> messages_ignored;
  CounterBy<RejectReason> messages_rejected;
  CounterByName messages_by_source;
  Counter unknown_fields;
  Counter duplicates_collapsed;
  Counter flood_merged;             // messages of a flooding device that went on merged
  Counter replies_sent;
  Gauge lane_waiting;
  CounterBy<CodecOutcome> codec_calls;
  Counter codec_workers_killed;     // by us, for what their script did
  Gauge codec_waiting;              // payloads waiting for their script

  // partition
  Counter readings;
  Counter readings_bad;
  Gauge mailbox_waiting;
  DurationHistogram decision_delay; // arrival → decided
  Gauge decision_lag_seconds;       // of the message decided last; the slowest partition's
  Census census;                    // devices, ports, lifts and alarms by place
  CounterBy<ActKind> acts;          // of people on alarms
  CounterBy<Verdict> verdicts;
  MetricBy<Priority, ResponseHistogram> acknowledge_time;  // raised → acknowledged
  CounterBy<AlarmClass> alarms_raised;
  Counter alarms_not_recorded;
  Gauge alarms_live;
  Gauge alarms_unacknowledged;
  Gauge devices;
  Gauge devices_online;
  Gauge devices_unmapped;
  CounterBy<SelfFaultCode> self_faults;

  // store
  Counter commits;
  Counter commit_failures;
  Counter rows_written;
  Counter rows_dropped;             // history while the queue was full, and what a table refused
  DurationHistogram commit_duration;
  Gauge writer_waiting;             // rows
  Gauge store_bytes;

  // respond
  CounterByName deliveries_sent;
  CounterByName deliveries_failed;
  Gauge deliveries_waiting;

  // api
  Counter http_requests;
  Counter http_errors;              // 5xx
  CounterByName requests_refused;   // by reason (api/refusals.h)
  CounterBy<HttpRefusal> http_refused;
  Gauge certificate_ends;           // Unix time; 0: no HTTPS
  Gauge live_clients;
  GaugeBy<PrincipalKind> live_clients_by_kind;
  Gauge posts;                      // configured
  Gauge posts_audible;              // of these: with a console that is visible and can sound
  Counter live_clients_cut;         // too slow
  Counter live_events;

  // app
  GaugeBy<Loop> loop_silence_seconds;  // since the slowest of each kind came round
  Gauge clock_drift_seconds;           // the system's clock against ours
  Gauge disk_free_bytes;               // where the record is
  Gauge process_memory_bytes;          // resident
  Gauge process_cpu_seconds;           // since the start
  Gauge process_descriptors;
  Gauge process_descriptors_limit;
  Gauge process_threads;
  Gauge process_start_seconds;         // Unix time
  std::string version;                 // before the first exposition

  // The text of GET /metrics. Any thread.
  std::string exposition() const;
};

}  // namespace firegate::metrics
