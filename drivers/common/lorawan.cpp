#include "drivers/common/lorawan.h"

#include <fmt/format.h>

#include "drivers/common/field_map.h"
#include "drivers/common/lenient.h"
#include "drivers/common/topic.h"

namespace firegate::lorawan {
namespace {

using json::Object;

// Some codecs name the model in the object.
const Model* find_named_model(const Object& object, const Models& models) {
  for (const std::string_view key : {"Device", "deviceModel", "genericModel"}) {
    const auto name = json::member_text(object, key);
    if (name && !name->empty()) {
      if (const Model* found = models.find(*name)) return found;
    }
  }
  return nullptr;
}

void read_radio(const json::Array& gateways, std::vector<Reading>& readings) {
  std::optional<double> best, ratio;
  for (const auto item : gateways) {
    const auto gateway = json::as_object(item);
    const auto found = gateway ? json::member(*gateway, "rssi") : std::nullopt;
    const auto rssi = found ? number_of(*found) : std::nullopt;
    if (!rssi || (best && *rssi <= *best)) continue;
    best = rssi;
    auto snr = json::member(*gateway, "snr");
    if (!snr) snr = json::member(*gateway, "loRaSNR");         // ChirpStack v3
    ratio = snr ? number_of(*snr) : std::optional<double>(0);  // proto3: zero is absent
  }
  if (best) add(readings, Point::signal_dbm, *best);
  if (best && ratio) add(readings, Point::snr_db, *ratio);
}

void read_fields(const Model* model, const Object& object, MappedReadings& mapped) {
  if (model) {
    read_model_fields(*model, object, mapped);
  } else {
    read_common_fields(object, mapped);
  }
}

void push(Decoded& result, const Uplink& uplink, MessageKind kind, std::optional<Instant> time,
          std::vector<Reading> readings, Quality quality) {
  if (readings.empty()) return;
  for (Reading& reading : readings) reading.quality = quality;
  DeviceMessage message = message_of(uplink.address, kind);
  message.measured_at = time;
  message.readings = std::move(readings);
  result.messages.push_back(std::move(message));
}

std::optional<Instant> record_time(const Object& record) {
  for (const std::string_view key : {"timestamp", "time", "ts"}) {
    const auto found = json::member(record, key);
    if (!found) continue;
    if (const auto text = json::as_text(*found)) return instant_from_text(*text);
    const auto seconds = number_of(*found);
    return seconds ? instant_from_seconds(*seconds) : std::nullopt;
  }
  return std::nullopt;
}

// Records that the device kept while it was out of reach: they are history and raise nothing.
void read_history(const Uplink& uplink, Decoded& result) {
  auto records = json::member_array(*uplink.object, "history");
  if (!records) records = json::member_array(*uplink.object, "data_log");
  if (!records) return;
  for (const auto item : *records) {
    const auto record = json::as_object(item);
    if (!record) continue;
    MappedReadings mapped;
    read_fields(uplink.model, *record, mapped);
    const Quality quality = uplink.quality == Quality::good ? Quality::historical : uplink.quality;
    push(result, uplink, MessageKind::delta, record_time(*record), std::move(mapped.state), quality);
  }
}

}  // namespace

bool is_hex_eui(std::string_view text) noexcept {
  return text.size() == 16 && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

const Model* find_model(const ModelNames& names, const Object& object, const Models& models) {
  if (models.size() == 0) return nullptr;
  if (!names.brand.empty() && !names.model.empty()) {
    if (const Model* found = models.find(fmt::format("{}/{}", names.brand, names.model))) return found;
  }
  for (const std::string_view name : {names.model, names.profile}) {
    if (name.empty()) continue;
    if (const Model* found = models.find(name)) return found;
  }
  return find_named_model(object, models);
}

Decoded read_uplink(const Uplink& uplink) {
  Decoded result;
  MappedReadings mapped;
  if (uplink.object) {
    read_history(uplink, result);
    read_fields(uplink.model, *uplink.object, mapped);
  }
  if (uplink.gateways) read_radio(*uplink.gateways, mapped.state);
  push(result, uplink, MessageKind::event, uplink.time, std::move(mapped.pulses), uplink.quality);
  push(result, uplink, MessageKind::delta, uplink.time, std::move(mapped.state), uplink.quality);
  if (result.messages.empty()) result.ignored = IgnoreReason::no_known_point;
  return result;
}

}  // namespace firegate::lorawan
