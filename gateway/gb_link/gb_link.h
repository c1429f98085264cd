// GbLink: the GB/T 26875.3 link over TCP: 用户信息传输装置 connect to us. What a unit sends goes into the same inbox as
// the messages of the broker, one frame a message on the topic `<base>/<unit address>`, and is confirmed (确认) only
// when the inbox has synced it; what is wrong is refused (否认). What it sends again is confirmed again and taken once.
// Units get the time when they connect and later on, are asked for their person on duty (查岗) where that is set, and
// take the frames of the driver's commands; each is sent up to three times until it is confirmed.
//
// Where nobody answers a duty check within its minutes, the link says so on the unit's topic, and when somebody answers the
// next one: a rule makes an alarm of it.
// A unit whose connection ends says "offline" on its topic, which makes it a lost device after the delay of its rule.
// Whoever may connect may call itself any unit: the protocol has no proof. A second connection of a unit replaces the
// first, counted; keep the port in the network of the units.
//
// Owned by `app`; started and stopped by its thread; everything else is the io thread's (an io_context run by one
// thread). `send`: any thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/clock.h"
#include "core/raw_message.h"
#include "core/self_fault.h"
#include "core/sender.h"
#include "gb_link/settings.h"
#include "ingest/inbox.h"
#include "metrics/metrics.h"

namespace firegate::gb_link {

class GbLink final : public Sender {
 public:
  struct Needs {
    boost::asio::io_context& io;
    ingest::Inbox& inbox;
    Clock& clock;
    metrics::Metrics& metrics;
    SelfFault& faults;
  };

  // `base`: of the source that decodes what comes in.
  GbLink(const Needs& needs, Settings settings, std::string base);
  ~GbLink() override;
  GbLink(const GbLink&) = delete;
  GbLink& operator=(const GbLink&) = delete;

  // A message of an earlier run, before `start`, in order: what a unit sends again after our restart is known.
  void remember(const RawMessage& message);
  // Binds and listens. Errors: io_failed: the address or port cannot be had.
  Result<void> start();
  // Any thread but the io thread, while the io_context runs. Nothing is appended after it has returned.
  void stop();
  std::uint16_t port() const noexcept;  // that it listens on

  // A frame to a unit, on the topic `<base>/<unit address>/down` (drivers/gb26875). `done` runs once, on the io thread:
  // for a command or a query when the unit has confirmed or answered.
  // Errors: not_found: the unit has not connected (it may speak through the broker); bad_input: no frame; overloaded: 16 wait already, or one with its
  // serial number; refused: by the unit; timed_out: not confirmed; io_failed: the connection ended.
  void send(Outgoing outgoing, std::function<void(Result<void>)> done) noexcept override;

 private:
  class Body;
  std::shared_ptr<Body> body_;
  boost::asio::io_context& io_;
};

}  // namespace firegate::gb_link
