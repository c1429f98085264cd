// The native wire format (vocabulary, "Native wire format"): one numbered snapshot a message, one topic a device,
// availability as a retained will. A device of ours knows no other dialect.
#include "simulate/json_writer.h"
#include "simulate/voice.h"

namespace firegate::simulate {
namespace {

using namespace std::chrono_literals;

Millis report_interval(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::charging_station:
    case DeviceKind::swap_cabinet: return 30s;
    case DeviceKind::elevator_controller: return 60s;
    case DeviceKind::electrical_fire_monitor:
    case DeviceKind::water_pressure_sensor:
    case DeviceKind::water_level_sensor: return 60s;
    default: return 5min;
  }
}

class NativeVoice final : public Voice {
 public:
  explicit NativeVoice(const DeviceRow& row)
      : address_(row.address),
        base_(fmt::format("fg/v1/{}/{}", row.estate, row.address)),
        interval_(report_interval(row.kind)) {}

  std::string link_name() const override { return address_; }
  std::optional<Publication> will() const override { return Publication{0, base_ + "/online", "false", 1, true, true}; }
  Millis interval() const override { return interval_; }

  void connected(const Facts& facts, const Moment& moment, Speech& speech) override {
    boot_ = fmt::format("{:08x}", moment.random.bits() >> 32);
    seq_ = 0;
    speech.say(base_ + "/online", "true", 1, true);
    report(facts, moment, speech);
  }

  void report(const Facts& facts, const Moment& moment, Speech& speech) override {
    speech.say(base_ + "/up", snapshot(facts, moment.now), 1);
  }

  void changed(const Facts& facts, const Moment& moment, Speech& speech) override { report(facts, moment, speech); }

 private:
  std::string snapshot(const Facts& facts, Instant now) {
    JsonWriter json;
    json.open().member("seq", ++seq_).member("boot", boot_).member("at", to_text(now)).key("readings").open();
    const auto all = facts.all();
    std::size_t i = 0;
    for (; i < all.size() && all[i].port == kNoPort; ++i) say(json, all[i]);
    json.close();
    if (i < all.size()) ports(json, all.subspan(i));
    return json.close().take();
  }

  static void ports(JsonWriter& json, std::span<const Fact> facts) {
    json.key("ports").open();
    for (std::size_t i = 0; i < facts.size();) {
      const Port port = facts[i].port;
      json.key(std::to_string(port)).open();
      for (; i < facts.size() && facts[i].port == port; ++i) say(json, facts[i]);
      json.close();
    }
    json.close();
  }

  static void say(JsonWriter& json, const Fact& fact) {
    if (is_unknown(fact.value)) return;
    json.key(name(fact.point));
    if (const bool* on = as_bool(fact.value)) {
      json.value(*on);
    } else if (const double* number = as_number(fact.value)) {
      json.value(*number);
    } else {
      json.text(to_text(fact.point, fact.value));
    }
  }

  std::string address_, base_, boot_;
  Millis interval_;
  std::uint64_t seq_ = 0;
};

}  // namespace

std::unique_ptr<Voice> make_native_voice(const DeviceRow& row) { return std::make_unique<NativeVoice>(row); }

}  // namespace firegate::simulate
