// Shelly, both generations. Generation 1: every value its own topic under shellies/<id>, plain text. Generation 2 and
// later: JSON-RPC notifications on <id>/events/rpc, full component status on <id>/status/<component>. Battery devices
// sleep: they wake to report, with a clock that is not set yet, and their last will says `false` between the wakes.
// Sources: shelly-api-docs (Gen1 MQTT, Gen2 Smoke and Switch components), frames in the payload collection of the
// design.
#include <cmath>

#include "simulate/json_writer.h"
#include "simulate/voice.h"

namespace firegate::simulate {
namespace {

using namespace std::chrono_literals;

constexpr Millis kAwake = 8s;        // our choice: how long a battery device stays connected after a wake
constexpr Millis kWakePeriod = 12h;  // Gen1 smoke wakes twice a day, Plus Smoke once; the shorter of the two
constexpr int kQos = 1;

class ShellyVoice : public Voice {
 public:
  ShellyVoice(const DeviceRow& row, std::string base) : id_(row.address), base_(std::move(base)) {}

  std::string link_name() const override { return id_; }
  std::optional<Publication> will() const override { return Publication{0, online(), "false", kQos, true, true}; }

 protected:
  std::string online() const { return base_ + "/online"; }
  void say(Speech& speech, std::string_view topic, std::string payload) const {
    speech.say(fmt::format("{}/{}", base_, topic), std::move(payload), kQos);
  }
  void sleep_soon(Speech& speech) const { speech.say_after(kAwake, online(), "false", kQos, true); }
  std::string mac() const { return id_.substr(id_.rfind('-') + 1); }

  std::string id_, base_;
};

// Smoke, gas and flood of generation 1.
class Gen1Sensor final : public ShellyVoice {
 public:
  explicit Gen1Sensor(const DeviceRow& row) : ShellyVoice(row, "shellies/" + row.address), kind_(row.kind) {}

  Millis interval() const override { return mains() ? 60s : kWakePeriod; }

  void connected(const Facts& facts, const Moment&, Speech& speech) override { wake(facts, speech); }
  void report(const Facts& facts, const Moment&, Speech& speech) override {
    mains() ? values(facts, speech) : wake(facts, speech);
  }
  void changed(const Facts& facts, const Moment& moment, Speech& speech) override { report(facts, moment, speech); }

 private:
  bool mains() const { return kind_ == DeviceKind::gas_detector; }

  void wake(const Facts& facts, Speech& speech) const {
    speech.say(online(), "true", kQos, true);
    speech.say("shellies/announce",
               fmt::format(R"({{"id":"{}","model":"{}","mac":"E8DB84{}","ip":"192.168.8.{}","new_fw":false,)"
                           R"("fw_ver":"20230913-112003/v1.14.0-gcb84623"}})",
                           id_, model(), mac(), 20 + id_.size()),
               kQos);
    values(facts, speech);
    if (!mains()) sleep_soon(speech);
  }

  std::string_view model() const {
    switch (kind_) {
      case DeviceKind::gas_detector: return "SHGS-1";
      case DeviceKind::environment_sensor: return "SHWT-1";
      default: return "SHSM-01";
    }
  }

  void values(const Facts& facts, Speech& speech) const {
    if (mains()) return gas(facts, speech);
    say(speech, "sensor/temperature", fmt::format("{:.2f}", facts.number(Point::temperature_c)));
    if (kind_ == DeviceKind::environment_sensor) {
      say(speech, "sensor/flood", facts.flag(Point::water_leak) ? "true" : "false");
    } else {
      say(speech, "sensor/smoke", facts.flag(Point::smoke) ? "true" : "false");
    }
    say(speech, "sensor/battery", number_text(facts.number(Point::battery_pct)));
    say(speech, "sensor/error", "0");
    say(speech, "sensor/act_reasons", facts.flag(Point::smoke) ? R"(["alarm"])" : R"(["periodic"])");
  }

  void gas(const Facts& facts, Speech& speech) const {
    const bool test = facts.flag(Point::test), alarm = facts.flag(Point::gas);
    say(speech, "sensor/operation", facts.flag(Point::fault) ? "fault" : "normal");
    say(speech, "sensor/gas", test ? "test" : alarm ? "heavy" : "none");
    say(speech, "sensor/self_test", "completed");
    // Parts per million of the range the sensor gives: 1 % of the lower explosive limit of methane is 500 ppm.
    say(speech, "sensor/concentration", number_text(std::round(facts.number(Point::gas_lel_pct) * 500)));
  }

  DeviceKind kind_;
};

// A plug or relay of generation 1. Energy counts watt-minutes.
class Gen1Switch final : public ShellyVoice {
 public:
  explicit Gen1Switch(const DeviceRow& row) : ShellyVoice(row, "shellies/" + row.address) {}

  Millis interval() const override { return 30s; }

  void connected(const Facts& facts, const Moment& moment, Speech& speech) override {
    speech.say(online(), "true", kQos, true);
    speech.say("shellies/announce",
               fmt::format(R"({{"id":"{}","model":"SHPLG-S","mac":"80646F{}","ip":"192.168.8.61","new_fw":false,)"
                           R"("fw_ver":"20230913-113421/v1.14.0-gcb84623"}})",
                           id_, mac()),
               kQos);
    report(facts, moment, speech);
  }
  void report(const Facts& facts, const Moment&, Speech& speech) override {
    say(speech, "relay/0", facts.flag(Point::switch_on) ? "on" : "off");
    say(speech, "relay/0/power", fmt::format("{:.2f}", facts.number(Point::power_w)));
    say(speech, "relay/0/energy", number_text(std::round(facts.number(Point::energy_kwh) * 60000)));
    say(speech, "temperature", fmt::format("{:.2f}", facts.number(Point::board_temperature_c)));
    say(speech, "temperature_f", fmt::format("{:.2f}", facts.number(Point::board_temperature_c) * 1.8 + 32));
    say(speech, "overtemperature", "0");
  }
  void changed(const Facts& facts, const Moment& moment, Speech& speech) override { report(facts, moment, speech); }
};

// Generation 2 and later: what both kinds of device share.
class Gen2Voice : public ShellyVoice {
 public:
  explicit Gen2Voice(const DeviceRow& row) : ShellyVoice(row, row.address) {}

 protected:
  void notify(Speech& speech, std::string_view method, double ts, std::string_view components) const {
    say(speech, "events/rpc",
        fmt::format(R"({{"src":"{0}","dst":"{0}/events","method":"{1}","params":{{"ts":{2}{3}{4}}}}})", id_, method,
                    number_text(ts), components.empty() ? "" : ",", components));
  }
  static double seconds(Instant now) { return static_cast<double>(now.time_since_epoch().count() / 10) / 100; }
};

// Plus Smoke: asleep, wakes once a day and for an alarm.
class PlusSmoke final : public Gen2Voice {
 public:
  explicit PlusSmoke(const DeviceRow& row) : Gen2Voice(row) {}

  Millis interval() const override { return kWakePeriod; }

  void connected(const Facts& facts, const Moment& moment, Speech& speech) override { wake(facts, moment, speech); }
  void report(const Facts& facts, const Moment& moment, Speech& speech) override { wake(facts, moment, speech); }
  void changed(const Facts& facts, const Moment& moment, Speech& speech) override { wake(facts, moment, speech); }

 private:
  void wake(const Facts& facts, const Moment& moment, Speech& speech) const {
    const bool alarm = facts.flag(Point::smoke);
    const double percent = facts.number(Point::battery_pct);
    speech.say(online(), "true", kQos, true);
    const double unset_clock = rounded(moment.random.between(1.2, 1.7), 2);  // seconds since the wake
    notify(
        speech, "NotifyFullStatus", unset_clock,
        fmt::format(R"("ble":{{}},"cloud":{{"connected":false}},"devicepower:0":{{"id":0,"battery":{{"V":{},)"
                    R"("percent":{}}}}},"mqtt":{{"connected":true}},"smoke:0":{{"id":0,"alarm":{},"mute":{}}},)"
                    R"("sys":{{"mac":"{}","restart_required":false,"time":null,"unixtime":null,"uptime":1,)"
                    R"("ram_size":245908,"ram_free":163788,"fs_size":458752,"fs_free":188416,"cfg_rev":14,)"
                    R"("kvs_rev":0,"webhook_rev":0,"available_updates":{{}},"wakeup_reason":{{"boot":"deepsleep_wake",)"
                    R"("cause":"{}"}},"wakeup_period":86400}})",
                    number_text(rounded(2.5 + percent * 0.005, 2)), number_text(percent), alarm,
                    facts.flag(Point::muted), upper_mac(), alarm ? "alarm" : "periodic"));
    sleep_soon(speech);
  }

  std::string upper_mac() const {
    std::string text = mac();
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
  }
};

// A plug of generation 2 and later: only what has changed, a full component status now and then.
class PlusPlug final : public Gen2Voice {
 public:
  explicit PlusPlug(const DeviceRow& row) : Gen2Voice(row) {}

  Millis interval() const override { return 30s; }

  void connected(const Facts& facts, const Moment& moment, Speech& speech) override {
    speech.say(online(), "true", kQos, true);
    notify(speech, "NotifyStatus", seconds(moment.now), R"("mqtt":{"connected":true})");
    full(facts, moment.now, speech);
  }
  void report(const Facts& facts, const Moment& moment, Speech& speech) override {
    notify(speech, "NotifyStatus", seconds(moment.now),
           fmt::format(R"("switch:0":{{"id":0,"apower":{},"current":{}}})", number_text(facts.number(Point::power_w)),
                       number_text(facts.number(Point::current_a))));
    if (++reports_ % 10 == 0) full(facts, moment.now, speech);
  }
  void changed(const Facts& facts, const Moment& moment, Speech& speech) override {
    notify(speech, "NotifyStatus", seconds(moment.now),
           fmt::format(R"("switch:0":{{"id":0,"output":{},"source":"MQTT"}})", facts.flag(Point::switch_on)));
    full(facts, moment.now, speech);
  }

 private:
  void full(const Facts& facts, Instant now, Speech& speech) const {
    const double power = facts.number(Point::power_w), inside = facts.number(Point::board_temperature_c);
    const std::string by_minute = number_text(rounded(power * 1000 / 60, 3));
    say(speech, "status/switch:0",
        fmt::format(
            R"({{"id":0,"source":"init","output":{},"apower":{},"voltage":{},"current":{},"aenergy":{{"total":{},)"
            R"("by_minute":[{},{},{}],"minute_ts":{}}},"temperature":{{"tC":{},"tF":{}}}}})",
            facts.flag(Point::switch_on), number_text(power), number_text(facts.number(Point::voltage_v)),
            number_text(facts.number(Point::current_a)),
            number_text(rounded(facts.number(Point::energy_kwh) * 1000, 3)), by_minute, by_minute, by_minute,
            now.time_since_epoch().count() / 60000 * 60, number_text(inside),
            number_text(rounded(inside * 1.8 + 32, 2))));
  }

  int reports_ = 0;
};

}  // namespace

std::unique_ptr<Voice> make_shelly_voice(const DeviceRow& row) {
  const bool switches = row.kind == DeviceKind::metering_plug || row.kind == DeviceKind::relay;
  const bool first_generation =
      !row.address.starts_with("shellyplus");  // the id's prefix names the model, as on the device
  if (first_generation && switches) return std::make_unique<Gen1Switch>(row);
  if (first_generation) return std::make_unique<Gen1Sensor>(row);
  if (switches) return std::make_unique<PlusPlug>(row);
  return std::make_unique<PlusSmoke>(row);
}

}  // namespace firegate::simulate
