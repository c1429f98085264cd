// AckGate: a relay on the loopback between Paho and the broker. Paho acknowledges a message when its callback returns,
// which is when the message is in the inbox but not yet on disk, and it knows no other way (Paho C issue 522). The gate
// holds each acknowledgement until the inbox is synced up to what was appended when it came: one sync for many
// messages, and no message is acknowledged that a power cut could still take. All else passes at once, so that a
// stalled disk costs no keep-alive and no connection. The gate also does the TLS.
//
// Made, closed and destroyed by MqttLink. Everything but the constructor and `open` happens on the io thread (an
// io_context run by one thread). Only our own user may come in: through the gate one speaks with our certificate.
// Cost and method: performance page, 6.3.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/raw_message.h"
#include "core/result.h"
#include "ingest/settings.h"
#include "metrics/metrics.h"

namespace firegate::ingest {

class AckGate {
 public:
  // The log that has to be on disk first.
  struct Log {
    std::function<InboxSeq()> appended, synced;  // the newest message; the newest that is on disk
    // Calls back once everything up to the number is on disk, on any thread.
    std::function<void(InboxSeq, std::function<void()>)> when_synced;
  };

  AckGate(boost::asio::io_context& io, const BrokerSettings& broker, Log log, metrics::Metrics& metrics);
  ~AckGate();
  AckGate(const AckGate&) = delete;
  AckGate& operator=(const AckGate&) = delete;

  // Listens on a free port of 127.0.0.1 and returns it. Any thread, once.
  Result<std::uint16_t> open();
  // Ends every connection; the log is not asked any more.
  void close();
  // Why the broker could not be reached by the last connection; empty: it could.
  const std::string& failure() const noexcept;

 private:
  class Body;
  class Relay;
  std::shared_ptr<Body> body_;
};

}  // namespace firegate::ingest
