#include "drivers/common/field_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "drivers/common/lenient.h"

namespace firegate {
namespace {

using json::Element;
using json::Object;

std::optional<Element> step_into(const Element& element, std::string_view step) {
  if (const auto inner = json::as_object(element)) return json::member(*inner, step);
  json::Array list;
  const auto index = port_from_text(step);
  if (!index || element.get_array().get(list)) return std::nullopt;
  Element item;
  return list.at(static_cast<std::size_t>(*index)).get(item) ? std::nullopt : std::optional(item);
}

std::optional<Element> along(Element element, std::string_view path) {
  while (!path.empty() && path != ".") {
    const auto dot = path.find('.');
    const auto inner = step_into(element, path.substr(0, dot));
    if (!inner || dot == std::string_view::npos) return inner;
    element = *inner;
    path.remove_prefix(dot + 1);
  }
  return element;
}

std::optional<Element> along(const Object& object, std::string_view path) {
  const auto dot = path.find('.');
  const auto first = json::member(object, path.substr(0, dot));
  return first && dot != std::string_view::npos ? along(*first, path.substr(dot + 1)) : first;
}

// The first of the alternatives of `paths` that is there.
template <typename Root>
std::optional<Element> first_of(const Root& root, std::string_view paths) {
  for (;;) {
    const auto bar = paths.find('|');
    if (auto found = along(root, paths.substr(0, bar))) return found;
    if (bar == std::string_view::npos) return std::nullopt;
    paths.remove_prefix(bar + 1);
  }
}

// ---- what holds for every vendor ----

enum class Common : std::uint8_t {
  number,
  percent,
  battery,
  battery_volts,
  battery_millivolts,
  truth,
  alarm_word,
  leak_word,
  open_word
};

struct CommonField {
  std::string_view name;  // folded: lower case, without '_' and '-'
  Point point;
  Common reads;
};
constexpr std::array kCommonFields{
    CommonField{"temperature", Point::temperature_c, Common::number},
    CommonField{"temp", Point::temperature_c, Common::number},
    CommonField{"tempc", Point::temperature_c, Common::number},
    CommonField{"temperaturec", Point::temperature_c, Common::number},
    CommonField{"tempcsht", Point::temperature_c, Common::number},
    CommonField{"humidity", Point::humidity_pct, Common::percent},
    CommonField{"hum", Point::humidity_pct, Common::percent},
    CommonField{"humsht", Point::humidity_pct, Common::percent},
    CommonField{"battery", Point::battery_pct, Common::battery},
    CommonField{"batterypercent", Point::battery_pct, Common::percent},
    CommonField{"batterypercentage", Point::battery_pct, Common::percent},
    CommonField{"batterylevel", Point::battery_pct, Common::percent},
    CommonField{"batteryvoltage", Point::battery_v, Common::battery_volts},
    CommonField{"batteryvolt", Point::battery_v, Common::battery_volts},
    CommonField{"batvoltage", Point::battery_v, Common::battery_volts},
    CommonField{"battvolt", Point::battery_v, Common::battery_volts},
    CommonField{"batv", Point::battery_v, Common::battery_volts},
    CommonField{"batmv", Point::battery_v, Common::battery_millivolts},
    CommonField{"batterymv", Point::battery_v, Common::battery_millivolts},
    CommonField{"smoke", Point::smoke, Common::truth},
    CommonField{"fire", Point::fire, Common::truth},
    CommonField{"flame", Point::flame, Common::truth},
    CommonField{"heat", Point::heat, Common::truth},
    CommonField{"gas", Point::gas, Common::truth},
    CommonField{"co", Point::co, Common::truth},
    CommonField{"tamper", Point::tamper, Common::truth},
    CommonField{"sos", Point::sos, Common::truth},
    CommonField{"waterleak", Point::water_leak, Common::truth},
    CommonField{"batterylow", Point::battery_low, Common::truth},
    CommonField{"lowbattery", Point::battery_low, Common::truth},
    CommonField{"dooropen", Point::door_open, Common::truth},
    CommonField{"smokealarm", Point::smoke, Common::alarm_word},
    CommonField{"smokestatus", Point::smoke, Common::alarm_word},
    CommonField{"firealarm", Point::fire, Common::alarm_word},
    CommonField{"coalarm", Point::co, Common::alarm_word},
    CommonField{"costatus", Point::co, Common::alarm_word},
    CommonField{"gasalarm", Point::gas, Common::alarm_word},
    CommonField{"gasstatus", Point::gas, Common::alarm_word},
    CommonField{"hightempalarm", Point::heat, Common::alarm_word},
    CommonField{"leak", Point::water_leak, Common::leak_word},
    CommonField{"leakage", Point::water_leak, Common::leak_word},
    CommonField{"leakagestatus", Point::water_leak, Common::leak_word},
    CommonField{"waterleakage", Point::water_leak, Common::leak_word},
    CommonField{"waterleakstatus", Point::water_leak, Common::leak_word},
    CommonField{"waterleakagestatus", Point::water_leak, Common::leak_word},
    CommonField{"door", Point::door_open, Common::open_word},
    CommonField{"doorstatus", Point::door_open, Common::open_word},
    CommonField{"magnetstatus", Point::door_open, Common::open_word},
};

const CommonField* common_field(std::string_view folded_name) {
  const auto found = std::find_if(kCommonFields.begin(), kCommonFields.end(),
                                  [&](const CommonField& field) { return field.name == folded_name; });
  return found == kCommonFields.end() ? nullptr : &*found;
}

std::optional<bool> word_in(const Element& element, std::initializer_list<std::string_view> yes,
                            std::initializer_list<std::string_view> no) {
  const auto word = trimmed(json::as_text(element).value_or(""));
  const auto is = [&](std::string_view listed) { return same_word(listed, word); };
  if (std::any_of(yes.begin(), yes.end(), is)) return true;
  if (std::any_of(no.begin(), no.end(), is)) return false;
  return std::nullopt;
}

std::optional<bool> json_truth(const Element& element) {
  bool truth = false;
  return element.get_bool().get(truth) ? std::nullopt : std::optional(truth);
}

std::optional<bool> common_truth(Common reads, const Element& element) {
  switch (reads) {
    case Common::truth: {
      const auto truth = json_truth(element);
      return truth ? truth : word_in(element, {"alarm"}, {"no alarm"});
    }
    case Common::alarm_word: return word_in(element, {"alarm"}, {"no alarm", "noalarm", "normal"});
    case Common::leak_word:
      return word_in(element, {"leak", "leaking", "water leak"}, {"normal", "no leak", "no water leak"});
    case Common::open_word: return word_in(element, {"open", "opened"}, {"close", "closed"});
    default: return std::nullopt;
  }
}

// The number in the unit of the point, and the point itself: `battery` may be percent or millivolts. None where it may
// be either, or where a number says nothing: which of 0 and 1 is the alarm differs between vendors.
struct Measured {
  Point point;
  double number;
};
std::optional<Measured> common_number(const CommonField& field, double number) {
  switch (field.reads) {
    case Common::number: return Measured{field.point, number};
    case Common::percent:
      if (number >= 0 && number <= 100) return Measured{field.point, number};
      return std::nullopt;
    case Common::battery:
      if (number > 5 && number <= 100) return Measured{Point::battery_pct, number};
      if (number > 1000 && number < 60'000) return Measured{Point::battery_v, number / 1000};
      return std::nullopt;
    case Common::battery_volts: return Measured{field.point, number > 1000 ? number / 1000 : number};
    case Common::battery_millivolts: return Measured{field.point, number / 1000};
    default: return std::nullopt;
  }
}

void read_common_field(const CommonField& field, const Element& element, std::vector<Reading>& readings) {
  Reading reading;
  reading.point = field.point;
  if (!element.is_null() && json::as_text(element) != std::string_view{}) {
    if (const auto truth = common_truth(field.reads, element)) {
      reading.value = *truth;
    } else {
      const auto number = number_of(element);
      const auto measured = number ? common_number(field, *number) : std::nullopt;
      if (!measured) return;
      reading.point = measured->point;
      reading.value = measured->number;
    }
  }
  join(readings, std::move(reading));
}

}  // namespace

std::optional<Element> element_under(const Element& element, std::string_view path) { return first_of(element, path); }

std::optional<Element> element_under(const Object& object, std::string_view path) { return first_of(object, path); }

std::string word_of(const Element& element) {
  bool truth = false;
  if (!element.get_bool().get(truth)) return truth ? "true" : "false";
  double number = 0;
  if (!element.get_double().get(number)) return fmt::format("{}", number);
  return std::string(trimmed(json::as_text(element).value_or("")));
}

Value value_of(const FieldMeaning& meaning, const Element& element) {
  if (element.is_null()) return Unknown{};
  if (!meaning.contains.empty()) return word_of(element).find(meaning.contains) != std::string::npos;
  if (!meaning.words.empty()) {
    const auto word = word_of(element);
    for (const auto& [listed, value] : meaning.words) {
      if (same_word(listed, word)) return value;
    }
    return Unknown{};
  }
  switch (info(meaning.point).type) {
    case ValueType::boolean: return truth_value(element);
    case ValueType::number: return number_value(element, meaning.scale, meaning.offset);
    case ValueType::choice: return choice_value(meaning.point, json::as_text(element).value_or(""));
    case ValueType::text: {
      const auto text = json::as_text(element).value_or("");
      return text.empty() || text.size() > 64 ? Value{Unknown{}} : Value{std::string(text)};
    }
  }
  return Unknown{};
}

void join(std::vector<Reading>& readings, Reading reading) {
  for (auto& other : readings) {
    if (other.point != reading.point || other.port != reading.port) continue;
    const bool* said = as_bool(other.value);
    const bool* now = as_bool(reading.value);
    if (is_unknown(other.value) || (now && *now && said)) other.value = std::move(reading.value);
    return;
  }
  readings.push_back(std::move(reading));
}

void read_model_fields(const Model& model, const Object& object, MappedReadings& mapped) {
  for (const auto& meaning : model.fields) {
    const auto element = element_under(object, meaning.field);
    if (!element) continue;
    Reading reading{meaning.point, meaning.port, Quality::good, value_of(meaning, *element)};
    if (!meaning.pulse) {
      join(mapped.state, std::move(reading));
    } else if (const bool* happened = as_bool(reading.value); happened && *happened) {
      join(mapped.pulses, std::move(reading));
    }
  }
}

void read_common_fields(const Object& object, MappedReadings& mapped, std::string_view wrapped) {
  for (const auto [name, element] : object) {
    const CommonField* field = common_field(folded(name));
    if (!field) continue;
    const auto wrapper = wrapped.empty() ? std::nullopt : json::as_object(element);
    const auto inner = wrapper ? json::member(*wrapper, wrapped) : std::optional<Element>(element);
    if (inner) read_common_field(*field, *inner, mapped.state);
  }
}

}  // namespace firegate
