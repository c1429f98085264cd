// Messages of real devices (../shared/data): every line is accounted for, and its facts are what its source says.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>

#include "unit/drivers/support.h"

namespace firegate::test {
namespace {

// A fact of the corpus in our words: point, and what its number is multiplied with (vocabulary, last section).
struct Fact {
  Point point;
  double scale = 1;
  bool opposite = false;
};

const std::map<std::string, Fact, std::less<>>& facts() {
  static const std::map<std::string, Fact, std::less<>> known = [] {
    std::map<std::string, Fact, std::less<>> map;
    for (const char* same : {"smoke",   "gas",       "co",        "heat",        "water_leak",    "tamper",
                             "fault",   "test",      "muted",     "battery_low", "battery_pct",   "battery_v",
                             "sos",     "online",    "switch_on", "door_open",   "temperature_c", "humidity_pct",
                             "power_w", "current_a", "voltage_v", "energy_kwh",  "co_ppm",        "vibration"}) {
      map[same] = {*point_from_name(same)};
    }
    map["battery_mv"] = {Point::battery_v, 0.001};
    map["energy_wh"] = {Point::energy_kwh, 0.001};
    map["current_ma"] = {Point::current_a, 0.001};
    map["device_temperature_c"] = {Point::board_temperature_c};
    map["contact_closed"] = {Point::door_open, 1, true};
    return map;
  }();
  return known;
}

// The driver for what the corpus calls a format; empty: this build has none, and nobody may claim its lines.
std::string format_of(std::string_view format) {
  static const std::map<std::string_view, std::string_view> kOthers{
      {"juy-charger", "juy_charger"}, {"lyy-charger", "leyaoyao"},    {"iot-zinx-charger", "iot_zinx"},
      {"ocpp-json", "ocpp"},          {"aliyun-alink", "alink"},      {"simple-iot", "simple_iot"},
      {"person-sos", "askme"},        {"ctwing-aep", "ctwing"},       {"jadebird-nb-smoke", "jade_bird"},
      {"tts-v3", "the_things_stack"}, {"sparkplug-b", "sparkplug_b"}, {"ha-discovery", "ha_discovery"}};
  for (const std::string_view known : {"zigbee2mqtt", "shelly", "tasmota", "chirpstack"}) {
    if (format.starts_with(known)) return std::string(known);
  }
  const auto found = kOthers.find(format);
  return found == kOthers.end() ? std::string() : std::string(found->second);
}

// Format and topic of what its source pushes over HTTP or WebSocket, as a bridge would publish it.
struct Bridged {
  std::string format, topic;
};
Bridged bridged(const std::string& format, const std::string& payload) {
  if (format == "iot_zinx") return {format, "iot-zinx/push"};
  if (format == "leyaoyao") return {format, "leyaoyao/push"};
  if (format == "jade_bird") return {format, "jade-bird/push"};
  if (payload.find("evse_id") != std::string::npos) return {"josev", "cs/josev"};
  if (format == "ocpp") return {format, payload.starts_with("[3") ? "ocpp/station/down" : "ocpp/station/up"};
  return {format, {}};
}

std::vector<Reading> readings_of(const DecodeResult& result, Point point) {
  std::vector<Reading> found;
  if (!result) return found;
  for (const auto& message : result->messages) {
    for (const auto& reading : message.readings) {
      if (reading.point == point) found.push_back(reading);
    }
  }
  return found;
}

bool says(const std::vector<Reading>& readings, const Json& value, const Fact& fact) {
  bool truth = false;
  double number = 0;
  for (const auto& reading : readings) {
    if (value.is_null() && is_unknown(reading.value)) return true;
    if (!value.get_bool().get(truth) && as_bool(reading.value) && *as_bool(reading.value) == (truth != fact.opposite))
      return true;
    if (!value.get_double().get(number) && as_number(reading.value) &&
        std::abs(*as_number(reading.value) - number * fact.scale) <= 0.06) {  // sources round: 100.1 °F is "37.8" °C
      return true;
    }
  }
  return false;
}

// One value, or one for each port.
bool says_all(const DecodeResult& result, const Json& value, const Fact& fact) {
  const auto readings = readings_of(result, fact.point);
  simdjson::dom::array list;
  simdjson::dom::object phases;
  if (!value.get_array().get(list)) {
    return std::all_of(list.begin(), list.end(), [&](const Json& item) { return says(readings, item, fact); });
  }
  if (!value.get_object().get(phases)) {
    return std::all_of(phases.begin(), phases.end(),
                       [&](const auto& item) { return says(readings, item.value, fact); });
  }
  return says(readings, value, fact);
}

bool has_topic(const Json& line) { return !text_of(line, "topic").empty(); }

// Sources by format and base, as an installation would have them.
class Network {
 public:
  DecodeResult decode(const std::string& format, std::string_view topic, const std::string& payload) {
    const auto base = driver_of(format)->recognise(topic, payload);
    const std::string key = format + " " + base.value_or("?");
    const auto found = sources_.try_emplace(key, base ? Source::at(format, *base) : Source(format)).first;
    return found->second.decode(topic, payload);
  }

 private:
  std::map<std::string, Source> sources_;
};

struct Tally {
  int lines = 0, facts = 0, right = 0;
  std::map<std::string, int> outcomes;
};

std::string outcome_of(const DecodeResult& result) {
  if (!result) return fmt::format("rejected {}", label(result.error().reason));
  return result->ignored ? fmt::format("ignored {}", label(*result->ignored)) : "readings";
}

// Why a line of the corpus may be rejected: its source says itself that it is damaged, or a person can see it.
bool is_damaged(const Json& line, const std::string& payload) {
  Json checked;
  if (!line["checked"].get(checked)) return !flag(checked, "len_ok") || !flag(checked, "sum_ok");
  simdjson::dom::parser parser;
  return parser.parse(payload).error() != simdjson::SUCCESS;
}

// "charging" and "port_status" of chargers in our words.
void check_ports(const DecodeResult& result, const simdjson::dom::object& means, Tally& tally) {
  const auto expect_state = [&](bool right, std::string_view what) {
    ++tally.facts;
    tally.right += right ? 1 : 0;
    EXPECT_TRUE(right) << what;
  };
  const auto states = readings_of(result, Point::port_state);
  bool charging = false;
  if (!means["charging"].get_bool().get(charging)) {
    expect_state(states.size() == 1 && (to_text(Point::port_state, states[0].value) == "charging") == charging,
                 "charging");
  }
  simdjson::dom::object ports;
  if (means["port_status"].get_object().get(ports)) return;
  for (const auto [port, word] : ports) {
    const std::string expected =
        word.get_string().value() == "in_use" ? "charging" : std::string(word.get_string().value());
    expect_state(std::any_of(states.begin(), states.end(),
                             [&, port = port](const Reading& reading) {
                               return std::to_string(reading.port) == port &&
                                      to_text(Point::port_state, reading.value) == expected;
                             }),
                 port);
  }
}

void check_facts(const DecodeResult& result, const simdjson::dom::object& means, Tally& tally) {
  for (const auto& [key, value] : means) {
    const auto fact = facts().find(key);
    if (fact == facts().end()) continue;
    ++tally.facts;
    const bool right = says_all(result, value, fact->second);
    tally.right += right ? 1 : 0;
    EXPECT_TRUE(right) << key << " = " << simdjson::minify(value);
  }
  check_ports(result, means, tally);
  for (const Point point : {Point::smoke, Point::heat, Point::flame, Point::gas, Point::co, Point::fire, Point::sos}) {
    bool stated = false;
    const bool alarm = !means[name(point)].get_bool().get(stated) && stated;
    for (const auto& reading : readings_of(result, point)) {
      EXPECT_TRUE(alarm || !as_bool(reading.value) || !*as_bool(reading.value))
          << "an alarm nobody stated: " << name(point);
    }
  }
}

void check_line(const Json& line, Network& network, Tally& tally) {
  const std::string payload = payload_of(line);
  const std::string stated = format_of(text_of(line, "format"));
  const auto [format, topic] = has_topic(line) ? Bridged{stated, text_of(line, "topic")} : bridged(stated, payload);
  ++tally.lines;
  if (format.empty() || topic.empty()) {
    ++tally.outcomes[format.empty() ? "no driver" : "no topic"];
    return;
  }
  const auto result = network.decode(format, topic, payload);
  SCOPED_TRACE(fmt::format("{} {} → {}", topic, payload.substr(0, 300), text_of(result)));
  ++tally.outcomes[outcome_of(result)];
  if (!result) {
    EXPECT_TRUE(is_damaged(line, payload)) << "rejected without a reason that the source gives";
    return;
  }
  const Json stated_facts = line["means"].value();
  check_facts(result, stated_facts.get_object().value(), tally);
}

// Every file of messages, vectors without a topic aside.
constexpr std::array kMessageFiles{"zigbee2mqtt_state", "zigbee2mqtt_issue_logs",   "shelly",
                                   "tasmota",           "chirpstack_tts_envelopes", "ebike_chargers",
                                   "platforms_cn_tb",   "sparkplug_encoded"};

class SharedData : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(shared_payloads()))
      GTEST_SKIP() << "no ../shared/data: third-party material is not part of a checkout";
  }
};

TEST_F(SharedData, EveryLineIsAccountedForAndItsFactsAreWhatTheSourceSays) {
  Tally tally;
  simdjson::dom::parser parser;
  for (const char* file : kMessageFiles) {
    Network network;
    int number = 0;
    for (const auto& text : lines_of(shared_payloads() / (std::string(file) + ".jsonl"))) {
      SCOPED_TRACE(fmt::format("{}:{}", file, ++number));
      check_line(parser.parse(text), network, tally);
    }
  }
  std::cout << fmt::format("{} of {} facts in {} lines\n", tally.right, tally.facts, tally.lines);
  for (const auto& [outcome, count] : tally.outcomes) std::cout << fmt::format("  {:4} {}\n", count, outcome);
  EXPECT_GT(tally.lines, 300);
  EXPECT_GT(tally.facts, 200);
}

// Where no configuration says which format a topic has, the first driver that recognises it must be the right one.
TEST_F(SharedData, FormatsAreRecognisedByTopicAndContent) {
  simdjson::dom::parser parser;
  for (const char* file : kMessageFiles) {
    int number = 0;
    for (const auto& text : lines_of(shared_payloads() / (std::string(file) + ".jsonl"))) {
      const Json line = parser.parse(text);
      ++number;
      if (!has_topic(line)) continue;
      SCOPED_TRACE(fmt::format("{}:{} {}", file, number, text_of(line, "topic")));
      const std::string payload = payload_of(line);
      std::vector<std::string> claims;
      for (const auto& driver : every_driver()) {
        if (driver->recognise(text_of(line, "topic"), payload)) claims.emplace_back(driver->format());
      }
      const std::string expected = format_of(text_of(line, "format"));
      EXPECT_EQ(claims, expected.empty() ? std::vector<std::string>{} : std::vector<std::string>{expected});
    }
  }
}

std::string compact(const Json& object, const char* key) {
  const Json found = object[key].value();
  return simdjson::minify(found);
}

// ---- Zigbee models: what each says it exposes decodes with the right polarity ----

// The value that a property of the model has when it means "yes" or "no".
std::string stated_value(const Json& expose, const char* key) {
  Json value;
  return expose[key].get(value) ? std::string() : simdjson::minify(value);
}

struct ModelProperty {
  const char* property;
  Point point;
};
constexpr std::array kAlarmProperties{ModelProperty{"smoke", Point::smoke},
                                      ModelProperty{"gas", Point::gas},
                                      ModelProperty{"carbon_monoxide", Point::co},
                                      ModelProperty{"heat", Point::heat},
                                      ModelProperty{"water_leak", Point::water_leak},
                                      ModelProperty{"tamper", Point::tamper},
                                      ModelProperty{"battery_low", Point::battery_low},
                                      ModelProperty{"test", Point::test},
                                      ModelProperty{"sos", Point::sos},
                                      ModelProperty{"vibration", Point::vibration},
                                      ModelProperty{"smoke_alarm_1", Point::smoke},
                                      ModelProperty{"smoke_alarm_2", Point::smoke},
                                      ModelProperty{"smoke_alarm_silenced", Point::muted},
                                      ModelProperty{"gas_alarm_1", Point::gas},
                                      ModelProperty{"gas_alarm_2", Point::gas},
                                      ModelProperty{"active_water_leak", Point::water_leak},
                                      ModelProperty{"high_temperature", Point::heat},
                                      ModelProperty{"fault", Point::fault},
                                      ModelProperty{"fault_alarm", Point::fault},
                                      ModelProperty{"end_of_life", Point::end_of_life},
                                      ModelProperty{"test_in_progress", Point::test},
                                      ModelProperty{"testing", Point::test},
                                      ModelProperty{"silence", Point::muted},
                                      ModelProperty{"temporary_mute", Point::muted},
                                      ModelProperty{"hush_active", Point::muted},
                                      ModelProperty{"occupancy", Point::motion}};

// Words of a list that say yes, and those that say no; every other word of the list is not certain.
struct WordProperty {
  const char* property;
  Point point;
  std::vector<std::string_view> yes, no;
};
const std::vector<WordProperty>& word_properties() {
  static const std::vector<WordProperty> list{
      {"smoke_state", Point::smoke, {"alarm"}, {"normal", "none"}},
      {"co_state", Point::co, {"alarm"}, {"normal"}},
      {"gas_sensor_state", Point::gas, {"alarm"}, {"normal"}},
      {"battery_state", Point::battery_low, {"low"}, {"medium", "high"}},
      {"endoflife", Point::end_of_life, {"expired"}, {"normal", "expires_soon"}},
      {"self_test_result", Point::fault, {"failure"}, {"success"}}};
  return list;
}

void expect_truth(Source& source, const std::string& payload, Point point, bool expected) {
  const auto readings = readings_of(source.decode("zigbee2mqtt/model", payload), point);
  ASSERT_EQ(readings.size(), 1u) << payload;
  ASSERT_TRUE(as_bool(readings[0].value)) << payload;
  EXPECT_EQ(*as_bool(readings[0].value), expected) << payload;
}

void expect_number(Source& source, const std::string& payload, Point point, double expected) {
  const auto readings = readings_of(source.decode("zigbee2mqtt/model", payload), point);
  ASSERT_EQ(readings.size(), 1u) << payload;
  ASSERT_TRUE(as_number(readings[0].value)) << payload;
  EXPECT_NEAR(*as_number(readings[0].value), expected, 1e-9) << payload;
}

void expect_binary(Source& source, const Json& expose, int& checked) {
  const std::string property = text_of(expose, "property");
  const std::string on = stated_value(expose, "value_on"), off = stated_value(expose, "value_off");
  const auto payload = [&](const std::string& value) { return fmt::format("{{\"{}\":{}}}", property, value); };
  for (const auto& [name, point] : kAlarmProperties) {
    if (property != name) continue;
    std::int64_t access = 1;
    if (!expose["access"].get_int64().get(access) && (access & 1) == 0) continue;
    expect_truth(source, payload(on), point, true);
    expect_truth(source, payload(off), point, false);
    ++checked;
  }
  if (property == "contact") {
    const auto readings = readings_of(source.decode("zigbee2mqtt/model", payload(on)), Point::door_open);
    ASSERT_EQ(readings.size(), 1u);
    if (on == "false") {
      EXPECT_EQ(readings[0].value, Value(true)) << "the usual form: not in contact is open";
    } else {
      EXPECT_TRUE(is_unknown(readings[0].value)) << "what the other form means is not certain";
    }
    ++checked;
  }
}

void expect_words(Source& source, const Json& expose, int& checked) {
  const std::string property = text_of(expose, "property");
  simdjson::dom::array values;
  if (expose["values"].get_array().get(values)) return;
  for (const auto& known : word_properties()) {
    if (property != known.property) continue;
    for (const Json value : values) {
      const auto word = value.get_string().value();
      const auto readings =
          readings_of(source.decode("zigbee2mqtt/model", fmt::format(R"({{"{}":"{}"}})", property, word)), known.point);
      ASSERT_EQ(readings.size(), 1u) << word;
      const bool yes = std::ranges::count(known.yes, word) > 0, no = std::ranges::count(known.no, word) > 0;
      EXPECT_EQ(readings[0].value, yes || no ? Value(yes) : Value(Unknown{})) << property << " " << word;
    }
    ++checked;
  }
}

void expect_numeric(Source& source, const Json& expose, int& checked) {
  const std::string property = text_of(expose, "property"), unit = text_of(expose, "unit");
  if (property == "gas" && unit.find("LEL") == std::string::npos) {
    EXPECT_TRUE(readings_of(source.decode("zigbee2mqtt/model", R"({"gas":1})"), Point::gas).empty()) << "a meter";
  } else if (property == "gas") {
    EXPECT_TRUE(readings_of(source.decode("zigbee2mqtt/model", R"({"gas":1})"), Point::gas).empty());
    expect_number(source, R"({"gas":7})", Point::gas_lel_pct, 7);
  } else if (property == "co") {
    expect_number(source, R"({"co":40})", Point::co_ppm, 40);
  } else if (property == "battery") {
    expect_number(source, R"({"battery":55})", Point::battery_pct, 55);
  } else if (property == "voltage" && unit == "mV") {
    expect_number(source, R"({"voltage":3050,"battery":1})", Point::battery_v, 3.05);
  } else if (property == "voltage" && unit == "V") {
    expect_number(source, R"({"voltage":230.5})", Point::voltage_v, 230.5);
  } else if (property == "high_temperature") {
    EXPECT_TRUE(readings_of(source.decode("zigbee2mqtt/model", R"({"high_temperature":50})"), Point::heat).empty())
        << "a threshold";
  } else {
    return;
  }
  ++checked;
}

TEST_F(SharedData, ZigbeeModelsKeepTheirPolarity) {
  simdjson::dom::parser parser;
  int models = 0, checked = 0;
  for (const auto& text : lines_of(shared_payloads() / "zigbee_models.jsonl")) {
    const Json model = parser.parse(text);
    SCOPED_TRACE(text_of(model, "vendor") + " " + text_of(model, "model"));
    Source source("zigbee2mqtt");
    const auto learned = source.decode(
        "zigbee2mqtt/bridge/devices",
        fmt::format(R"([{{"friendly_name":"model","definition":{{"exposes":{}}}}}])", compact(model, "exposes")));
    ASSERT_TRUE(learned) << text_of(learned);
    ASSERT_EQ(learned->ignored, IgnoreReason::learned_only);
    ++models;
    const simdjson::dom::array exposes = model["exposes"].get_array().value();
    for (const Json expose : exposes) {
      if (text_of(expose, "type") == "binary") expect_binary(source, expose, checked);
      if (text_of(expose, "type") == "numeric") expect_numeric(source, expose, checked);
      if (text_of(expose, "type") == "enum") expect_words(source, expose, checked);
    }
  }
  std::cout << fmt::format("{} properties of {} models\n", checked, models);
  EXPECT_GT(models, 600);
  EXPECT_GT(checked, 1000);
}

// A street of every model at once: the list of the bridge is large, and is read once.
TEST_F(SharedData, ABridgeWithEveryModelIsLearnedAtOnce) {
  simdjson::dom::parser parser;
  std::string list = "[";
  int count = 0;
  for (const auto& text : lines_of(shared_payloads() / "zigbee_models.jsonl")) {
    const Json model = parser.parse(text);
    list += fmt::format(R"({}{{"friendly_name":"d{}","definition":{{"exposes":{}}}}})", count ? "," : "", count,
                        compact(model, "exposes"));
    ++count;
  }
  list += "]";
  Source source("zigbee2mqtt");
  const auto first = source.decode("zigbee2mqtt/bridge/devices", list);
  ASSERT_TRUE(first) << text_of(first);
  EXPECT_EQ(first->learned.size(), static_cast<std::size_t>(count));
  const auto again = source.decode("zigbee2mqtt/bridge/devices", list);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->learned.empty()) << "what is known already is not stored again";
}

// ---- LoRaWAN: what the vendors' decoders gave, wrapped as ChirpStack delivers it ----

// Fields that a decoder gives whose meaning is the same for every model we have.
void check_field(const DecodeResult& result, std::string_view field, const Json& value, Tally& tally) {
  const auto expect = [&](Point point, const Json& number, double scale) {
    ++tally.facts;
    const bool right = says(readings_of(result, point), number, Fact{point, scale});
    tally.right += right ? 1 : 0;
    EXPECT_TRUE(right) << field << " = " << simdjson::minify(number) << " → " << text_of(result);
  };
  const auto expect_truth_of = [&](Point point, std::string_view yes, std::string_view no) {
    std::string_view word;
    if (value.get_string().get(word) || (word != yes && word != no)) return;
    ++tally.facts;
    bool right = false;
    for (const auto& reading : readings_of(result, point)) right = right || reading.value == Value(word == yes);
    tally.right += right ? 1 : 0;
    EXPECT_TRUE(right) << field << " = " << word << " → " << text_of(result);
  };
  double number = 0;
  if (field == "temperature" && !value.get_double().get(number)) expect(Point::temperature_c, value, 1);
  if (field == "humidity" && !value.get_double().get(number)) expect(Point::humidity_pct, value, 1);
  if (field == "battery" && !value.get_double().get(number) && number > 5) expect(Point::battery_pct, value, 1);
  if (field == "Volt" && !value.get_double().get(number)) expect(Point::battery_v, value, 1);
  if (field == "BatV" || field == "BAT_V") expect(Point::battery_v, value, 1);
  if (field == "leakage_status" || field == "leak_status") expect_truth_of(Point::water_leak, "leak", "normal");
  if (field.starts_with("WaterLeak")) expect_truth_of(Point::water_leak, "Leak", "NoLeak");
  if (field == "magnet_status") expect_truth_of(Point::door_open, "open", "close");
  if (field == "Door_status") expect_truth_of(Point::door_open, "OPEN", "CLOSE");
  if (field == "smokeAlarm") expect_truth_of(Point::smoke, "Alarm", "Normal");
  if (field == "active_power") expect(Point::power_w, value, 1);
  if (field == "power_consumption") expect(Point::energy_kwh, value, 0.001);
}

TEST_F(SharedData, LorawanObjectsOfOurModels) {
  Tally tally;
  simdjson::dom::parser parser;
  Source source("chirpstack");
  for (const char* file : {"lorawan_codec_vectors", "lorawan_milesight_readme", "lorawan_chirpstack_profiles"}) {
    int number = 0;
    for (const auto& text : lines_of(shared_payloads() / (std::string(file) + ".jsonl"))) {
      const Json line = parser.parse(text);
      SCOPED_TRACE(fmt::format("{}:{}", file, ++number));
      simdjson::dom::object data;
      if (line["expected"]["data"].get_object().get(data)) continue;
      const std::string vendor = text_of(line["device"].value(), "vendor");
      std::string_view model;
      if (line["device"]["models"].at(0).get_string().get(model)) continue;
      const std::string brand = vendor == "milesight-iot" ? "milesight" : vendor;
      const bool ours = models().find(brand + "/" + std::string(model)) || models().find(model);
      const auto result = source.decode(
          "application/1/device/24e124136b502217/event/up",
          fmt::format(
              R"({{"deviceInfo":{{"devEui":"24e124136b502217","tags":{{"brand":"{}","model":"{}"}}}},"object":{}}})",
              brand, model, simdjson::minify(data)));
      ++tally.lines;
      ASSERT_TRUE(result) << text_of(result);
      if (!ours) continue;
      for (const auto& [field, value] : data) check_field(result, field, value, tally);
    }
  }
  std::cout << fmt::format("{} of {} facts in {} objects\n", tally.right, tally.facts, tally.lines);
  EXPECT_GT(tally.facts, 80);
}

// The same objects as The Things Stack delivers them say the same.
TEST_F(SharedData, TheThingsStackSaysOfAnObjectWhatChirpStackSays) {
  simdjson::dom::parser parser;
  Source chirpstack("chirpstack"), things("the_things_stack");
  int compared = 0;
  for (const char* file : {"lorawan_codec_vectors", "lorawan_milesight_readme", "lorawan_chirpstack_profiles"}) {
    int number = 0;
    for (const auto& text : lines_of(shared_payloads() / (std::string(file) + ".jsonl"))) {
      const Json line = parser.parse(text);
      SCOPED_TRACE(fmt::format("{}:{}", file, ++number));
      simdjson::dom::object data;
      std::string_view model;
      if (line["expected"]["data"].get_object().get(data)) continue;
      if (line["device"]["models"].at(0).get_string().get(model)) continue;
      const std::string brand = text_of(line["device"].value(), "vendor"), object = simdjson::minify(data);
      const auto one =
          chirpstack.decode("application/1/device/24e124136b502217/event/up",
                            fmt::format(R"({{"deviceInfo":{{"tags":{{"brand":"{}","model":"{}"}}}},"object":{}}})",
                                        brand, model, object));
      const auto other = things.decode(
          "v3/a@t/devices/d/up",
          fmt::format(R"({{"end_device_ids":{{"device_id":"d","dev_eui":"24E124136B502217"}},"uplink_message":)"
                      R"({{"version_ids":{{"brand_id":"{}","model_id":"{}"}},"decoded_payload":{}}}}})",
                      brand, model, object));
      EXPECT_EQ(text_of(one), text_of(other));
      ++compared;
    }
  }
  EXPECT_GT(compared, 700);
}

// No model of ours and no pattern may make an alarm of what the decoder did not call one.
TEST_F(SharedData, LorawanObjectsRaiseNoFireByGuess) {
  simdjson::dom::parser parser;
  Source source("chirpstack");
  for (const char* file : {"lorawan_codec_vectors", "lorawan_milesight_readme", "lorawan_chirpstack_profiles"}) {
    for (const auto& text : lines_of(shared_payloads() / (std::string(file) + ".jsonl"))) {
      const Json line = parser.parse(text);
      Json data;
      if (line["expected"]["data"].get(data)) continue;
      const std::string object = simdjson::minify(data);
      const auto result =
          source.decode("application/1/device/24e124136b502217/event/up",
                        fmt::format(R"({{"deviceInfo":{{"devEui":"24e124136b502217"}},"object":{}}})", object));
      for (const Point point : {Point::smoke, Point::heat, Point::flame, Point::gas, Point::co, Point::fire}) {
        for (const auto& reading : readings_of(result, point)) {
          EXPECT_TRUE(reading.value != Value(true) || object.find("\"Alarm\"") != std::string::npos) << object;
        }
      }
    }
  }
}

}  // namespace
}  // namespace firegate::test
