#include "gb_link/gb_link.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <set>
#include <utility>

#include "core/log.h"
#include "drivers/common/topic.h"
#include "drivers/gb26875/meaning.h"
#include "gb_link/connection.h"
#include "gb_link/packets.h"
#include "gb_link/units.h"

namespace firegate::gb_link {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using gb26875::CommandByte;
using gb26875::Frame;
using gb26875::FrameError;
using gb26875::Inspected;
using metrics::GbCut;
using metrics::GbOrder;
using metrics::GbRefusal;

constexpr std::chrono::seconds kTick{1};
constexpr std::chrono::seconds kAcceptAgain{1};  // after a failure; our choice
constexpr std::size_t kUnitsPerConnection = 64;  // our choice: concentrators speak for several units
constexpr std::chrono::minutes kDutyWithin{kDutyMinutes};
constexpr std::string_view kGone = "offline";
constexpr std::string_view kDutyUnanswered = "duty_unanswered", kDutyAnswered = "duty_answered";
constexpr std::string_view kDown = "/down";
constexpr std::string_view kPart = "gb26875";  // of the fault link_failed

Result<tcp::acceptor> bind(asio::io_context& io, const Settings& settings) {
  error_code error;
  const tcp::endpoint endpoint(asio::ip::make_address(settings.address, error), settings.port.value_or(0));
  tcp::acceptor acceptor(io);
  if (!error) acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && endpoint.protocol() == tcp::v6()) acceptor.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  if (error) {
    return fail(ErrorCode::io_failed, fmt::format("listening for GB/T 26875.3 units on {} port {}: {}",
                                                  settings.address, endpoint.port(), error.message()));
  }
  return acceptor;
}

std::string address_of(const tcp::socket& socket) {
  error_code error;
  asio::ip::address address = socket.remote_endpoint(error).address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address.to_string();
}

Result<void> result_of(GbOrder outcome) {
  switch (outcome) {
    case GbOrder::confirmed: return {};
    case GbOrder::refused: return fail(ErrorCode::refused, "sending to a unit: it refused");
    case GbOrder::unconfirmed:
      return fail(ErrorCode::timed_out,
                  fmt::format("sending to a unit: found no confirmation of {} sends, each within {} ms", kMostSends,
                              kConfirmWithin.count()));
    case GbOrder::lost: break;
  }
  return fail(ErrorCode::io_failed, "sending to a unit: its connection ended");
}

}  // namespace

class GbLink::Body final : public Connection::Desk, public std::enable_shared_from_this<Body> {
 public:
  Body(const Needs& needs, Settings settings, std::string base)
      : needs_(needs),
        settings_(std::move(settings)),
        base_(std::move(base)),
        acceptor_(needs.io),
        accept_timer_(needs.io),
        tick_timer_(needs.io) {}

  void remember(const RawMessage& message) {
    const Inspected found = gb26875::inspect(message.payload);
    if (found.error || found.size != message.payload.size() || message.topic != topic_of(found.frame.source)) return;
    if (!is_answered(found.frame) || is_keep_alive(found.frame)) return;
    Unit* unit = units_.take(found.frame.source);
    if (!unit) return;
    unit->heard_at = needs_.clock.steady_now();
    unit->recent.add(found.frame, message.seq, message.arrived_at);
  }

  Result<void> start() {
    auto bound = bind(needs_.io, settings_);
    if (!bound) return tl::unexpected(bound.error());
    acceptor_ = std::move(*bound);
    error_code ignored;
    port_ = acceptor_.local_endpoint(ignored).port();
    log::info("gb_link_listening", {{"address", settings_.address}, {"port", port_}});
    asio::post(needs_.io, [self = shared_from_this()] {
      self->accept();
      self->tick();
    });
    return {};
  }

  void stop() {
    std::promise<void> done;
    asio::post(needs_.io, [self = shared_from_this(), &done] {
      self->close_all();
      done.set_value();
    });
    done.get_future().wait();
  }

  std::uint16_t port() const noexcept { return port_; }

  void send(const Outgoing& outgoing, const std::function<void(Result<void>)>& done) {
    const auto rest = below_base(outgoing.topic, base_);
    const bool down = rest && rest->ends_with(kDown);
    const auto to = down ? gb26875::address_from_text(rest->substr(0, rest->size() - kDown.size())) : std::nullopt;
    Unit* unit = to ? units_.find(to->unit) : nullptr;
    if (!unit) {
      return done(fail(ErrorCode::not_found,
                       fmt::format("sending to {}: no unit of this topic has connected", outgoing.topic)));
    }
    if (!unit->connection) {
      return done(
          fail(ErrorCode::io_failed, fmt::format("sending to {}: the unit's connection is lost", outgoing.topic)));
    }
    const Inspected found = gb26875::inspect(outgoing.payload);
    if (found.error || found.size != outgoing.payload.size()) {
      return done(fail(ErrorCode::bad_input, fmt::format("sending to {}: expected one frame", outgoing.topic)));
    }
    if (found.frame.is(CommandByte::control) || found.frame.is(CommandByte::request)) {
      return order(*unit, {found.frame.serial, outgoing.payload, done});
    }
    unit->connection->send(outgoing.payload);
    done({});
  }

  // ---- Connection::Desk ----

  void on_frame(Connection& from, const Inspected& found) override {
    const Instant now = needs_.clock.now();
    if (found.error) {
      const bool sum = found.error == FrameError::bad_checksum;
      return refuse(from, found.frame, sum ? GbRefusal::bad_checksum : GbRefusal::bad_end);
    }
    if (!is_known_command(found.frame.command)) return refuse(from, found.frame, GbRefusal::bad_command);
    Unit* unit = unit_at(from, found.frame);
    if (!unit) return refuse(from, found.frame, GbRefusal::too_many_units);
    needs_.metrics.gb.frames.add();
    if (const auto before = repeat_of(*unit, found.frame, now)) {
      needs_.metrics.gb.resends.add();
      return from.answer(confirmation(found.frame, now), *before);
    }
    const auto appended = needs_.inbox.append(topic_of(unit->address), found.bytes, false, false, now);
    if (!appended) {
      needs_.metrics.gb.refused[GbRefusal::not_written].add();
      return from.cut(GbCut::inbox);
    }
    take(*unit, from, found.frame, *appended, now);
  }

  void on_closed(Connection& connection) override {
    for (const std::uint64_t address : connection.units()) {
      Unit* unit = units_.find(address);
      if (!unit || unit->connection.get() != &connection) continue;
      leave(*unit);
      // So that the rule for silent devices need not wait for silence.
      say(*unit, kGone);
      log::info("gb_unit_left", {{"unit", gb26875::unit_address(address)}, {"peer", connection.peer()}});
    }
    connections_.erase(connection.shared_from_this());
    update_gauges();
  }

 private:
  // ---- connections ----

  void accept() {
    acceptor_.async_accept([self = shared_from_this()](const error_code& error, tcp::socket socket) {
      if (self->stopped_) return;
      if (error) return self->on_accept_failed(error);
      if (std::exchange(self->failed_, false)) self->needs_.faults.clear(SelfFaultCode::link_failed, kPart);
      self->welcome(std::move(socket));
      self->accept();
    });
  }

  void on_accept_failed(const error_code& error) {
    if (error == asio::error::connection_aborted) return accept();  // gone before it was taken
    if (!failed_) {
      needs_.faults.raise(SelfFaultCode::link_failed, kPart,
                          fmt::format("taking connections of GB/T 26875.3 units: {}", error.message()));
      log::error("gb_accept_failed", {{"reason", error.message()}});
    }
    failed_ = true;
    accept_timer_.expires_after(kAcceptAgain);
    accept_timer_.async_wait([weak = weak_from_this()](const error_code& cancelled) {
      const auto self = weak.lock();
      if (self && !cancelled && !self->stopped_) self->accept();
    });
  }

  void welcome(tcp::socket socket) {
    const std::string peer = address_of(socket);
    const auto same = std::ranges::count_if(connections_, [&peer](const auto& one) { return one->peer() == peer; });
    if (connections_.size() >= settings_.max_connections ||
        static_cast<std::size_t>(same) >= settings_.max_connections_per_address) {
      needs_.metrics.gb.cut[GbCut::full].add();
      return;  // the socket closes here
    }
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    const auto made = std::make_shared<Connection>(
        std::move(socket), peer, Connection::Needs{needs_.inbox, needs_.clock, needs_.metrics}, *this);
    connections_.insert(made);
    update_gauges();
    made->start();
  }

  void close_all() {
    stopped_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    accept_timer_.cancel();
    tick_timer_.cancel();
    for (const auto& connection : connections_) connection->close();
    connections_.clear();
    units_.each([this](Unit& unit) { leave(unit); });
    update_gauges();
  }

  void update_gauges() {
    needs_.metrics.gb.connections.set(static_cast<double>(connections_.size()));
    needs_.metrics.gb.units.set(static_cast<double>(units_.connected()));
  }

  // ---- units ----

  std::string topic_of(std::uint64_t unit) const { return join_topic(base_, gb26875::unit_address(unit)); }

  // A word of the link about a unit, on the unit's topic. What the inbox does not take is its own fault alarm.
  void say(const Unit& unit, std::string_view word) {
    static_cast<void>(needs_.inbox.append(topic_of(unit.address), word, false, false, needs_.clock.now()));
  }

  // The unit that speaks, at this connection from now on. Null: it would be one too many.
  Unit* unit_at(Connection& from, const Frame& frame) {
    Unit* unit = units_.take(frame.source);
    if (!unit) return nullptr;
    if (unit->connection.get() != &from) {
      if (from.units().size() >= kUnitsPerConnection) return nullptr;
      move(*unit, from);
    }
    unit->heard_at = needs_.clock.steady_now();
    unit->centre = frame.destination;
    unit->version = frame.version;
    unit->user_version = frame.user_version;
    return unit;
  }

  void move(Unit& unit, Connection& to) {
    const std::string name = gb26875::unit_address(unit.address);
    const std::shared_ptr<Connection> old = unit.connection;
    leave(unit);
    unit.connection = to.shared_from_this();
    unit.clock_due = needs_.clock.steady_now();
    if (unit.duty_due == Steady{}) unit.duty_due = unit.clock_due + settings_.duty_check_every;
    if (!to.units().empty()) {
      needs_.metrics.gb.address_changes.add();
      log::warning("gb_unit_added", {{"unit", name}, {"peer", to.peer()}, {"beside", to.units().size()}});
    } else {
      log::info("gb_unit_connected", {{"unit", name}, {"peer", to.peer()}});
    }
    to.units().push_back(unit.address);
    if (old) {
      log::warning("gb_unit_replaced", {{"unit", name}, {"peer", to.peer()}, {"before", old->peer()}});
      std::erase(old->units(), unit.address);
      if (old->units().empty()) old->cut(GbCut::replaced);
    }
    update_gauges();
  }

  void leave(Unit& unit) {
    unit.connection = nullptr;
    unit.duty_until.reset();
    for (const Order& order : unit.orders.take_all()) end(order, GbOrder::lost);
  }

  // ---- frames ----

  // What is answered with a confirmation: uploads, and what a unit orders us (GB/T 26875.3, 6.1).
  static bool is_answered(const Frame& frame) noexcept {
    return frame.is(CommandByte::send) || frame.is(CommandByte::control);
  }

  static std::optional<InboxSeq> repeat_of(const Unit& unit, const Frame& frame, Instant now) noexcept {
    if (!is_answered(frame) || is_keep_alive(frame)) return std::nullopt;
    return unit.recent.find(frame, now);
  }

  void refuse(Connection& from, const Frame& frame, GbRefusal why) {
    needs_.metrics.gb.refused[why].add();
    from.answer(refusal(frame, needs_.clock.now()), 0);
  }

  // It is in the inbox under `seq`.
  void take(Unit& unit, Connection& from, const Frame& frame, InboxSeq seq, Instant now) {
    switch (static_cast<CommandByte>(frame.command)) {
      case CommandByte::send:
      case CommandByte::control:
        if (!is_keep_alive(frame)) unit.recent.add(frame, seq, now);
        from.answer(confirmation(frame, now), seq);
        break;
      case CommandByte::request:
        if (auto time = time_for(frame, now)) from.answer(std::move(*time), seq);
        break;
      case CommandByte::confirm:
      case CommandByte::answer: settle(unit, frame.serial, GbOrder::confirmed); break;
      case CommandByte::refuse: settle(unit, frame.serial, GbOrder::refused); break;
    }
    if (unit.duty_until && answers_duty_check(frame)) {
      unit.duty_until.reset();
      needs_.metrics.gb.duty_checks_answered.add();
      say(unit, kDutyAnswered);
      log::info("gb_duty_check_answered", {{"unit", gb26875::unit_address(unit.address)}});
    }
  }

  // ---- orders ----

  void order(Unit& unit, Order order) {
    const std::string bytes = order.bytes;
    const auto done = order.done;
    if (!unit.orders.add(std::move(order), needs_.clock.steady_now())) {
      return done(fail(ErrorCode::overloaded, "sending to a unit: too much waits for its confirmation"));
    }
    needs_.metrics.gb.orders_sent.add();
    unit.connection->send(bytes);
  }

  void settle(Unit& unit, std::uint16_t serial, GbOrder outcome) {
    if (const auto order = unit.orders.take(serial)) end(*order, outcome);
  }

  void end(const Order& order, GbOrder outcome) {
    needs_.metrics.gb.orders[outcome].add();
    order.done(result_of(outcome));
  }

  static std::uint16_t next_serial(Unit& unit) noexcept {
    const std::uint16_t serial = unit.next_serial;
    unit.next_serial = serial == 0xFFFF ? kFirstSerial : static_cast<std::uint16_t>(serial + 1);
    return serial;
  }

  void sync_clock_of(Unit& unit, Steady now) {
    if (settings_.sync_clock_every == Millis{0} || now < unit.clock_due) return;
    unit.clock_due = now + settings_.sync_clock_every;
    const std::uint16_t serial = next_serial(unit);
    order(unit, {serial, sync_clock(unit, serial, needs_.clock.now()), warn_unless_done(unit, "gb_clock_not_set")});
  }

  void check_duty_of(Unit& unit, Steady now) {
    if (unit.duty_until && now > *unit.duty_until) {
      unit.duty_until.reset();
      needs_.metrics.gb.duty_checks_unanswered.add();
      say(unit, kDutyUnanswered);
      log::warning("gb_duty_check_unanswered", {{"unit", gb26875::unit_address(unit.address)}});
    }
    if (settings_.duty_check_every == Millis{0} || now < unit.duty_due || unit.duty_until) return;
    unit.duty_due = now + settings_.duty_check_every;
    const std::uint16_t serial = next_serial(unit);
    const auto warn = warn_unless_done(unit, "gb_duty_check_not_sent");
    order(unit, {serial, duty_check(unit, serial, needs_.clock.now()),
                 [weak = weak_from_this(), address = unit.address, warn](Result<void> sent) {
                   warn(sent);
                   const auto self = weak.lock();
                   Unit* asked = self && sent ? self->units_.find(address) : nullptr;
                   if (asked) asked->duty_until = self->needs_.clock.steady_now() + kDutyWithin;
                 }});
  }

  static std::function<void(Result<void>)> warn_unless_done(const Unit& unit, std::string_view event) {
    return [name = gb26875::unit_address(unit.address), event](const Result<void>& sent) {
      if (!sent) log::warning(event, {{"unit", name}, {"reason", sent.error().message}});
    };
  }

  // ---- once a second ----

  void tick() {
    if (stopped_) return;
    const Steady now = needs_.clock.steady_now();
    const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
    for (const auto& connection : all) connection->look(now, settings_.silent_after);
    std::vector<Unit*> connected;
    units_.each([&connected](Unit& unit) {
      if (unit.connection) connected.push_back(&unit);
    });
    for (Unit* unit : connected) look_after(*unit, now);
    units_.forget(now);
    tick_timer_.expires_after(kTick);
    tick_timer_.async_wait([weak = weak_from_this()](const error_code& error) {
      const auto self = weak.lock();
      if (self && !error) self->tick();
    });
  }

  void look_after(Unit& unit, Steady now) {
    Orders::Due due = unit.orders.due(now);
    for (const Order& order : due.unconfirmed) end(order, GbOrder::unconfirmed);
    for (std::string& bytes : due.again) {
      if (!unit.connection) return;
      needs_.metrics.gb.orders_sent.add();
      unit.connection->send(std::move(bytes));
    }
    if (unit.connection) sync_clock_of(unit, now);
    if (unit.connection) check_duty_of(unit, now);
  }

  const Needs needs_;
  const Settings settings_;
  const std::string base_;
  tcp::acceptor acceptor_;
  asio::steady_timer accept_timer_, tick_timer_;
  std::uint16_t port_ = 0;
  std::set<std::shared_ptr<Connection>> connections_;
  Units units_;
  bool failed_ = false;  // to take connections
  bool stopped_ = false;
};

GbLink::GbLink(const Needs& needs, Settings settings, std::string base)
    : body_(std::make_shared<Body>(needs, std::move(settings), std::move(base))), io_(needs.io) {}
GbLink::~GbLink() = default;
void GbLink::remember(const RawMessage& message) { body_->remember(message); }
Result<void> GbLink::start() { return body_->start(); }
void GbLink::stop() { body_->stop(); }
std::uint16_t GbLink::port() const noexcept { return body_->port(); }

void GbLink::send(Outgoing outgoing, std::function<void(Result<void>)> done) noexcept {
  asio::post(io_,
             [body = body_, outgoing = std::move(outgoing), done = std::move(done)] { body->send(outgoing, done); });
}

}  // namespace firegate::gb_link
