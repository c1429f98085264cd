// ChirpStack v4: one network server speaks for all LoRaWAN devices. Each uplink carries the bytes the device sent and
// the `object` that the vendor's codec makes of them; zero values of the envelope are absent (proto3 JSON). Sources:
// chirpstack-docs 5ab575f (envelope), Milesight SensorDecoders (bytes and objects of the models). QoS: the server's
// MQTT integration is set to 1, as our guide asks (its default is 0). No will, nothing retained.
#include <cmath>

#include "simulate/json_writer.h"
#include "simulate/voice.h"

namespace firegate::simulate {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

constexpr std::string_view kApplication = "17c82e96-be03-4f38-aef3-f83d48582d97";

struct Uplink {
  Bytes bytes;
  std::string object;
};

std::uint8_t low_byte(double number) { return static_cast<std::uint8_t>(static_cast<std::int64_t>(number) & 0xff); }

void append(Bytes& bytes, std::initializer_list<int> more) {
  for (const int byte : more) bytes.push_back(static_cast<std::uint8_t>(byte));
}
void append_word(Bytes& bytes, double number) {
  const auto word = static_cast<std::int64_t>(std::llround(number));
  append(bytes, {static_cast<int>(word & 0xff), static_cast<int>((word >> 8) & 0xff)});
}

std::string base64(const Bytes& bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    const std::uint32_t group = static_cast<std::uint32_t>(bytes[i] << 16) |
                                static_cast<std::uint32_t>(left > 1 ? bytes[i + 1] << 8 : 0) |
                                static_cast<std::uint32_t>(left > 2 ? bytes[i + 2] : 0);
    text.push_back(kAlphabet[group >> 18]);
    text.push_back(kAlphabet[(group >> 12) & 63]);
    text.push_back(left > 1 ? kAlphabet[(group >> 6) & 63] : '=');
    text.push_back(left > 2 ? kAlphabet[group & 63] : '=');
  }
  return text;
}

// GS524N: six bytes, all states in one nibble, the sum of the bytes is 0 modulo 256.
Uplink smoke_uplink(const Facts& facts) {
  int type = 7;
  std::string_view event = "normal";
  if (facts.flag(Point::smoke)) {
    type = 1, event = "alarm";
  } else if (facts.flag(Point::test)) {
    type = 14, event = "testing alarm with normal battery";
  } else if (facts.flag(Point::tamper)) {
    type = 10, event = "removed";
  } else if (facts.flag(Point::fault)) {
    type = 5, event = "failover";
  } else if (facts.flag(Point::battery_low)) {
    type = 4, event = "low battery";
  }
  const double battery = facts.number(Point::battery_pct);
  const double temperature = std::round(facts.number(Point::temperature_c));
  const double concentration = facts.flag(Point::smoke) ? 34 : 0;
  Bytes bytes{0x22, static_cast<std::uint8_t>(0x10 | type), low_byte(battery), low_byte(concentration),
              low_byte(temperature)};
  unsigned sum = 0;
  for (const std::uint8_t byte : bytes) sum += byte;
  bytes.push_back(static_cast<std::uint8_t>(0x100 - (sum & 0xff)));
  JsonWriter json;
  json.open().member("version", 2).member("protocol", 2).member("type", "smoke sensor").member("event", event);
  json.member("battery", battery).member("concentration", concentration).member("temperature", temperature).close();
  return {std::move(bytes), json.take()};
}

// Milesight's channels: each is a channel number, a type and a little-endian value.
class Channels {
 public:
  Channels& battery(const Facts& facts) {
    const double percent = facts.number(Point::battery_pct);
    append(bytes_, {0x01, 0x75, low_byte(percent)});
    json_.member("battery", percent);
    return *this;
  }
  Channels& climate(const Facts& facts) {
    const double temperature = facts.number(Point::temperature_c);
    const double humidity = std::round(facts.number(Point::humidity_pct) * 2) / 2;  // steps of 0.5 %
    append(bytes_, {0x03, 0x67});
    append_word(bytes_, temperature * 10);
    append(bytes_, {0x04, 0x68, low_byte(humidity * 2)});
    json_.member("temperature", temperature).member("humidity", humidity);
    return *this;
  }
  Channels& state(int channel, int type, std::string_view name, bool on, std::string_view when_off,
                  std::string_view when_on) {
    append(bytes_, {channel, type, on ? 1 : 0});
    json_.member(name, on ? when_on : when_off);
    return *this;
  }
  Channels& pressure(const Facts& facts) {
    const double kpa = std::round(facts.number(Point::water_pressure_kpa));
    append(bytes_, {0x03, 0x7b});
    append_word(bytes_, kpa);
    json_.member("pressure", kpa);
    return *this;
  }
  Uplink take() { return {std::move(bytes_), json_.close().take()}; }

  Channels() { json_.open(); }

 private:
  Bytes bytes_;
  JsonWriter json_;
};

struct LoraModel {
  std::string_view plain, profile;
  Millis interval;
  Uplink (*uplink)(const Facts&);
};

constexpr std::array kModels{
    LoraModel{"gs524n", "Milesight GS524N", 20min, smoke_uplink},
    LoraModel{"ws301", "Milesight WS301", 30min,
              [](const Facts& facts) {
                return Channels()
                    .battery(facts)
                    .state(3, 0, "magnet_status", facts.flag(Point::door_open), "close", "open")
                    .state(4, 0, "tamper_status", facts.flag(Point::tamper), "installed", "uninstalled")
                    .take();
              }},
    LoraModel{"em500pp", "Milesight EM500-PP", 10min,
              [](const Facts& facts) { return Channels().battery(facts).pressure(facts).take(); }},
    LoraModel{"em300zld", "Milesight EM300-ZLD", 10min,
              [](const Facts& facts) {
                return Channels()
                    .battery(facts)
                    .climate(facts)
                    .state(5, 0, "leakage_status", facts.flag(Point::water_leak), "normal", "leak")
                    .take();
              }},
    LoraModel{"em300th", "Milesight EM300-TH", 10min,
              [](const Facts& facts) { return Channels().battery(facts).climate(facts).take(); }},
    LoraModel{"gs101", "Milesight GS101", 10min, [](const Facts& facts) {
                return Channels()
                    .state(5, 0x8e, "gas_status", facts.flag(Point::gas), "normal", "alarm")
                    .state(6, 1, "valve_status", false, "off", "on")
                    .state(7, 1, "relay_output_status", false, "off", "on")
                    .take();
              }}};

std::string_view usual_model(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::gas_detector: return "gs101";
    case DeviceKind::door_contact: return "ws301";
    case DeviceKind::water_pressure_sensor: return "em500pp";
    case DeviceKind::environment_sensor: return "em300th";
    default: return "gs524n";
  }
}

const LoraModel& lora_model(const DeviceRow& row) {
  const auto named = [](std::string_view plain) { return std::ranges::find(kModels, plain, &LoraModel::plain); };
  const auto own = named(plain_model(row));
  return own != kModels.end() ? *own : *named(usual_model(row.kind));
}

class ChirpstackVoice final : public Voice {
 public:
  explicit ChirpstackVoice(const DeviceRow& row)
      : row_(row), model_(lora_model(row)), identity_(identity(row)), frames_(1000 + identity_ % 5000) {}

  std::string link_name() const override { return "chirpstack"; }
  Millis interval() const override { return model_.interval; }

  void report(const Facts& facts, const Moment& moment, Speech& speech) override {
    speech.say(fmt::format("application/{}/device/{}/event/up", kApplication, row_.address),
               envelope(model_.uplink(facts), moment), 1);
  }
  void changed(const Facts& facts, const Moment& moment, Speech& speech) override { report(facts, moment, speech); }

 private:
  std::string envelope(const Uplink& uplink, const Moment& moment) {
    Random& random = moment.random;
    const std::string time =
        to_text(moment.now).substr(0, 23) + "481207+00:00";  // nanoseconds, as the server writes them
    JsonWriter json;
    json.open().member("deduplicationId", uuid(random)).member("time", time).key("deviceInfo");
    device_info(json);
    json.member("devAddr", fmt::format("{:08x}", identity_ & 0x01ffffffu)).member("adr", true).member("dr", 5);
    json.member("fCnt", ++frames_).member("fPort", 85).member("data", base64(uplink.bytes));
    json.key("object").raw(uplink.object).key("rxInfo").open_list().open();
    json.member("gatewayId", "24e124fffef7a1c2").member("uplinkId", random.bits() >> 32).member("nsTime", time);
    json.member("rssi", random.whole(-112, -70)).member("snr", rounded(random.between(-4, 12), 1));
    json.member("channel", random.whole(1, 8)).member("context", "E3OWOQ==").member("crcStatus", "CRC_OK");
    json.close().close_list().key("txInfo").raw(
        R"({"frequency":486300000,"modulation":{"lora":{"bandwidth":125000,"spreadingFactor":7,"codeRate":"CR_4_5"}}})");
    return json.close().take();
  }

  void device_info(JsonWriter& json) const {
    json.open()
        .member("tenantId", "52f14cd4-c6f1-4fbd-8f87-4025e1d49242")
        .member("tenantName", "ChirpStack")
        .member("applicationId", kApplication)
        .member("applicationName", "fire-safety")
        .member("deviceProfileId", fmt::format("14855bf7-d10d-4aee-b618-{:012x}", identity_ & 0xffffffffu))
        .member("deviceProfileName", model_.profile)
        .member("deviceName", row_.name.empty() ? row_.id : row_.name)
        .member("devEui", row_.address)
        .member("deviceClassEnabled", "CLASS_A")
        .key("tags")
        .open()
        .member("building", row_.building)
        .member("floor", row_.floor)
        .close()
        .close();
  }

  static std::string uuid(Random& random) {
    const std::uint64_t a = random.bits(), b = random.bits();
    return fmt::format("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", a >> 32, (a >> 16) & 0xffff, a & 0xfff, b >> 52,
                       b & 0xffffffffffffu);
  }

  DeviceRow row_;
  const LoraModel& model_;
  std::uint64_t identity_, frames_;
};

}  // namespace

std::unique_ptr<Voice> make_chirpstack_voice(const DeviceRow& row) { return std::make_unique<ChirpstackVoice>(row); }

}  // namespace firegate::simulate
