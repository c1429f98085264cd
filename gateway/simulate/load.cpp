#include "simulate/load.h"

#include <boost/asio.hpp>

namespace firegate::simulate {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::uint32_t kMaxInFlight = 60'000;  // packet ids are 16 bits
constexpr std::size_t kBatchBytes = 64 * 1024;  // written at once
constexpr Millis kPace = 2ms;                   // how often a paced run looks what is due
constexpr Millis kPatience = 10s;               // for the connection, and for the last acknowledgements
constexpr std::uint16_t kKeepAlive = 0;         // off: a run that sends nothing has ended

void append_length(std::string& out, std::size_t length) {  // MQTT's variable length
  do {
    const auto low = static_cast<unsigned char>(length & 0x7f);
    length >>= 7;
    out.push_back(static_cast<char>(length ? low | 0x80 : low));
  } while (length);
}
void append_word(std::string& out, std::size_t word) {
  out.push_back(static_cast<char>((word >> 8) & 0xff));
  out.push_back(static_cast<char>(word & 0xff));
}
void append_text(std::string& out, std::string_view text) {
  append_word(out, text.size());
  out += text;
}

std::string connect_packet(const BrokerAddress& broker) {
  unsigned flags = 0x02;  // clean session
  if (!broker.username.empty()) flags |= 0x80;
  if (!broker.password.empty()) flags |= 0x40;
  std::string body;
  append_text(body, "MQTT");
  body.push_back(4);  // 3.1.1
  body.push_back(static_cast<char>(flags));
  append_word(body, kKeepAlive);
  append_text(body, broker.client_id + "-load");
  if (!broker.username.empty()) append_text(body, broker.username);
  if (!broker.password.empty()) append_text(body, broker.password);
  std::string packet(1, '\x10');
  append_length(packet, body.size());
  return packet + body;
}

// One run. Everything happens on the thread that calls `run`, inside its io_context.
class LoadRun {
 public:
  LoadRun(std::span<const DeviceRow> devices, LoadOptions options, const BrokerAddress& broker, const Clock& clock)
      : options_(std::move(options)), broker_(broker), clock_(clock), socket_(io_), pace_(io_), limit_(io_) {
    for (const DeviceRow& row : devices) topics_.push_back(fmt::format("fg/v1/{}/{}/up", row.estate, row.address));
    options_.in_flight = std::clamp(options_.in_flight, 1u, kMaxInFlight);
    if (options_.boot.empty()) {
      options_.boot = fmt::format("{:08x}", clock.now().time_since_epoch().count() & 0xffffffff);
    }
  }

  Result<LoadReport> run(std::stop_token stop) {
    const std::stop_callback on_stop(stop, [this] { asio::post(io_, [this] { finish_sending(); }); });
    connect();
    io_.run();
    if (!failure_.empty()) return fail(ErrorCode::io_failed, failure_);
    return report();
  }

 private:
  void connect() {
    guard_time();
    resolver_.async_resolve(broker_.host, std::to_string(broker_.port),
                            [this](error_code failed, const asio::ip::tcp::resolver::results_type& found) {
                              if (failed) return refuse(failed.message());
                              asio::async_connect(socket_, found,
                                                  [this](error_code refused, const asio::ip::tcp::endpoint&) {
                                                    if (refused) return refuse(refused.message());
                                                    greet();
                                                  });
                            });
  }

  void greet() {
    socket_.set_option(asio::ip::tcp::no_delay(true));
    writing_ = connect_packet(broker_);
    asio::async_write(socket_, asio::buffer(writing_), [this](error_code failed, std::size_t) {
      if (failed) return refuse(failed.message());
      asio::async_read(socket_, asio::buffer(reading_, 4), [this](error_code error, std::size_t) {
        if (error) return refuse(error.message());
        const bool accepted = reading_[0] == 0x20 && reading_[1] == 2 && reading_[3] == 0;
        if (!accepted) return refuse(fmt::format("the broker answers code {}", reading_[3]));
        begin();
      });
    });
  }

  void refuse(std::string why) {
    failure_ = fmt::format("connecting to {}:{}: {}", broker_.host, broker_.port, why);
    io_.stop();
  }

  // The connection must come within kPatience; later the same timer ends the run and then the wait for the last
  // answers.
  void guard_time() {
    limit_.expires_after(kPatience);
    limit_.async_wait([this](error_code cancelled) {
      if (!cancelled) refuse("no answer in 10 s");
    });
  }

  void begin() {
    begun_ = last_ack_ = clock_.steady_now();
    limit_.cancel();
    if (options_.duration > 0ms) {
      limit_.expires_after(options_.duration);
      limit_.async_wait([this](error_code cancelled) {
        if (!cancelled) finish_sending();
      });
    }
    read();
    send();
  }

  void send() {
    if (busy_ || sending_ended_) return;
    writing_.clear();
    for (std::uint64_t due = due_now(); due > 0 && writing_.size() < kBatchBytes; --due) append_publish();
    if (options_.count > 0 && sent_ == options_.count) finish_sending();
    if (!writing_.empty()) {
      write();
    } else if (!sending_ended_ && sent_ - acknowledged_ < options_.in_flight) {
      wait_for_due();
    }
  }

  std::uint64_t due_now() const {
    std::uint64_t due = options_.in_flight - (sent_ - acknowledged_);
    if (options_.count > 0) due = std::min(due, options_.count - sent_);
    if (options_.rate > 0) {
      const double seconds = std::chrono::duration<double>(clock_.steady_now() - begun_).count();
      const auto scheduled = static_cast<std::uint64_t>(seconds * options_.rate);
      due = std::min(due, scheduled > sent_ ? scheduled - sent_ : 0);
    }
    return due;
  }

  void append_publish() {
    const std::size_t device = sent_ % topics_.size();
    const std::string payload = load_payload(sent_ / topics_.size() + 1, options_.boot, device);
    writing_.push_back('\x32');  // PUBLISH, QoS 1
    append_length(writing_, 2 + topics_[device].size() + 2 + payload.size());
    append_text(writing_, topics_[device]);
    append_word(writing_, sent_ % 65'535 + 1);
    writing_ += payload;
    ++sent_;
  }

  void write() {
    busy_ = true;
    asio::async_write(socket_, asio::buffer(writing_), [this](error_code failed, std::size_t) {
      busy_ = false;
      if (failed) return end();
      send();
    });
  }

  void wait_for_due() {
    pace_.expires_after(kPace);
    pace_.async_wait([this](error_code cancelled) {
      if (!cancelled) send();
    });
  }

  // Acknowledgements are four bytes each: 40 02 id id. A clean session's client gets nothing else.
  void read() {
    socket_.async_read_some(asio::buffer(reading_.data() + kept_, reading_.size() - kept_),
                            [this](error_code failed, std::size_t size) {
                              if (failed) return end();
                              take_acknowledgements(kept_ + size);
                            });
  }

  void take_acknowledgements(std::size_t size) {
    std::size_t at = 0;
    for (; at + 4 <= size; at += 4) {
      if (reading_[at] != 0x40 || reading_[at + 1] != 2) return end();
      ++acknowledged_;
    }
    kept_ = size - at;
    std::copy_n(reading_.begin() + static_cast<std::ptrdiff_t>(at), kept_, reading_.begin());
    last_ack_ = clock_.steady_now();
    if (sending_ended_ && acknowledged_ == sent_) return end();
    send();
    read();
  }

  void finish_sending() {
    if (sending_ended_) return;
    sending_ended_ = true;
    if (acknowledged_ == sent_) return end();
    limit_.expires_after(kPatience);
    limit_.async_wait([this](error_code cancelled) {
      if (!cancelled) end();
    });
  }

  void end() {
    error_code ignored;  // the connection may be gone, which is why we are here
    socket_.close(ignored);
    io_.stop();
  }

  LoadReport report() const {
    LoadReport report;
    report.sent = sent_;
    report.acknowledged = acknowledged_;
    report.devices = topics_.size();
    report.boot = options_.boot;
    report.took = std::chrono::duration_cast<Millis>(last_ack_ - begun_);
    report.complete = sending_ended_ && acknowledged_ == sent_;
    return report;
  }

  LoadOptions options_;
  const BrokerAddress& broker_;
  const Clock& clock_;
  std::vector<std::string> topics_;
  asio::io_context io_{1};
  asio::ip::tcp::resolver resolver_{io_};
  asio::ip::tcp::socket socket_;
  asio::steady_timer pace_, limit_;
  std::string writing_, failure_;
  std::array<unsigned char, 64 * 1024> reading_{};
  std::size_t kept_ = 0;  // bytes of an acknowledgement that is not complete yet
  std::uint64_t sent_ = 0, acknowledged_ = 0;
  Steady begun_{}, last_ack_{};
  bool busy_ = false, sending_ended_ = false;
};

}  // namespace

double LoadReport::rate() const noexcept {
  return took > 0ms ? static_cast<double>(acknowledged) * 1000.0 / static_cast<double>(took.count()) : 0.0;
}

std::string to_json(const LoadReport& report) {
  return fmt::format(
      R"({{"sent":{},"acknowledged":{},"devices":{},"boot":"{}","seconds":{:.3f},"rate":{:.0f},"complete":{}}})",
      report.sent, report.acknowledged, report.devices, report.boot, std::chrono::duration<double>(report.took).count(),
      report.rate(), report.complete);
}

std::vector<DeviceRow> load_devices_of(std::span<const DeviceRow> rows, std::size_t at_least) {
  std::vector<DeviceRow> devices;
  std::ranges::copy_if(rows, std::back_inserter(devices), [](const DeviceRow& row) { return row.format == "native"; });
  const std::string estate = rows.empty() ? "load" : rows.front().estate;
  for (std::size_t i = 1; devices.size() < std::max<std::size_t>(at_least, 1); ++i) {
    DeviceRow made_up;
    made_up.id = made_up.address = fmt::format("load-{:05}", i);
    made_up.format = "native";
    made_up.estate = estate;
    made_up.kind = DeviceKind::smoke_detector;
    devices.push_back(std::move(made_up));
  }
  return devices;
}

std::string load_payload(std::uint64_t seq, std::string_view boot, std::size_t device) {
  const std::uint64_t turn = seq + device;
  const auto level = [turn](std::uint64_t shift) { return (turn + shift) / 3 % 4; };  // steps with every third message
  return fmt::format(R"({{"seq":{},"boot":"{}","readings":{{"smoke":false,"temperature_c":2{}.{},"humidity_pct":{},)"
                     R"("battery_pct":87,"fault":false,"tamper":false,"signal_dbm":-{}}}}})",
                     seq, boot, level(0), turn % 3, 50 + 4 * level(1), 60 + 8 * level(2) + turn % 2);
}

Result<LoadReport> run_load(std::span<const DeviceRow> devices, const LoadOptions& options, const BrokerAddress& broker,
                            const Clock& clock, std::stop_token stop) {
  if (devices.empty()) return fail(ErrorCode::bad_input, "load needs at least one device");
  if (options.rate < 0) return fail(ErrorCode::bad_input, fmt::format("rate is {}, expected 0 or more", options.rate));
  return LoadRun(devices, options, broker, clock).run(std::move(stop));
}

}  // namespace firegate::simulate
