// Tasmota: plain-text last will `tele/<t>/LWT`, STATE and SENSOR each telemetry period, stat/<t>/RESULT and POWER when
// the relay switches, INFO1..3 at a start. Local time without a zone; the firmware sends everything with QoS 0.
#include <cmath>

#include "simulate/json_writer.h"
#include "simulate/voice.h"

namespace firegate::simulate {
namespace {

using namespace std::chrono_literals;

constexpr Millis kTelePeriod = 300s;  // Tasmota's default
constexpr Millis kChinaTime = 8h;     // the clock the devices are set to

std::string local_time(Instant now) { return to_text(now + kChinaTime).substr(0, 19); }

std::string uptime_text(Millis uptime) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(uptime).count();
  return fmt::format("{}T{:02}:{:02}:{:02}", seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
}

class TasmotaVoice final : public Voice {
 public:
  explicit TasmotaVoice(const DeviceRow& row)
      : topic_(row.address),
        metered_(row.kind == DeviceKind::metering_plug),
        rssi_(55 + static_cast<int>(identity(row) % 40)) {}

  std::string link_name() const override { return topic_; }
  std::optional<Publication> will() const override { return Publication{0, tele("LWT"), "Offline", 1, true, true}; }
  Millis interval() const override { return kTelePeriod; }

  void connected(const Facts& facts, const Moment& moment, Speech& speech) override {
    speech.say(tele("LWT"), "Online", 1, true);
    speech.say(tele("INFO1"),
               fmt::format(R"x({{"Info1":{{"Module":"{}","Version":"13.4.0(tasmota)",)x"
                           R"x("FallbackTopic":"cmnd/DVES_{:06X}_fb/","GroupTopic":"cmnd/tasmotas/"}}}})x",
                           metered_ ? "Sonoff Pow R2" : "Sonoff Basic", rssi_ * 4099),
               0);
    speech.say(tele("INFO3"), R"({"Info3":{"RestartReason":"Power On","BootCount":17}})", 0);
    report(facts, moment, speech);
  }

  void report(const Facts& facts, const Moment& moment, Speech& speech) override {
    speech.say(tele("STATE"), state(facts, moment), 0);
    if (metered_) speech.say(tele("SENSOR"), sensor(facts, moment.now), 0);
  }

  void changed(const Facts& facts, const Moment& moment, Speech& speech) override {
    const std::string power = power_of(facts);
    speech.say(fmt::format("stat/{}/RESULT", topic_), fmt::format(R"({{"POWER":"{}"}})", power), 0);
    speech.say(fmt::format("stat/{}/POWER", topic_), power, 0);
    if (metered_) speech.say(tele("SENSOR"), sensor(facts, moment.now), 0);
  }

 private:
  std::string tele(std::string_view what) const { return fmt::format("tele/{}/{}", topic_, what); }
  static std::string power_of(const Facts& facts) { return facts.flag(Point::switch_on) ? "ON" : "OFF"; }

  std::string state(const Facts& facts, const Moment& moment) const {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(moment.uptime).count();
    JsonWriter json;
    json.open()
        .member("Time", local_time(moment.now))
        .member("Uptime", uptime_text(moment.uptime))
        .member("UptimeSec", seconds)
        .member("Heap", 25)
        .member("SleepMode", "Dynamic")
        .member("Sleep", 50)
        .member("LoadAvg", 19)
        .member("MqttCount", 1)
        .member("POWER", power_of(facts))
        .key("Wifi")
        .open()
        .member("AP", 1)
        .member("SSId", "jinxiu-iot")
        .member("BSSId", "C4:2F:90:1A:7B:10")
        .member("Channel", 6)
        .member("Mode", "11n")
        .member("RSSI", rssi_)
        .member("Signal", rssi_ / 2 - 100)
        .member("LinkCount", 1)
        .member("Downtime", "0T00:00:03");
    return json.close().close().take();
  }

  static std::string sensor(const Facts& facts, Instant now) {
    const double power = facts.number(Point::power_w), voltage = facts.number(Point::voltage_v);
    const double total = facts.number(Point::energy_kwh);
    JsonWriter json;
    json.open()
        .member("Time", local_time(now))
        .key("ENERGY")
        .open()
        .member("TotalStartTime", "2026-01-05T12:41:22")
        .member("Total", rounded(total, 3))
        .member("Yesterday", 2.114)
        .member("Today", rounded(total - std::floor(total), 3))
        .member("Period", 1)
        .member("Power", std::round(power))
        .member("ApparentPower", std::round(power / 0.97))
        .member("ReactivePower", std::round(power * 0.25))
        .member("Factor", 0.97)
        .member("Voltage", std::round(voltage))
        .member("Current", facts.number(Point::current_a));
    return json.close().close().take();
  }

  std::string topic_;
  bool metered_;
  int rssi_;
};

}  // namespace

std::unique_ptr<Voice> make_tasmota_voice(const DeviceRow& row) { return std::make_unique<TasmotaVoice>(row); }

}  // namespace firegate::simulate
