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

// As the network's own codec that fails (drivers/chirpstack).
void add_codec_fault(const Uplink& uplink, Decoded& result) {
  DeviceMessage fault = message_of(uplink.address, MessageKind::event);
  fault.measured_at = uplink.time;
  add(fault.readings, Point::fault, true, kNoPort, uplink.quality);
  add(fault.readings, Point::fault_code, Text("uplink_codec"), kNoPort, uplink.quality);
  result.messages.insert(result.messages.begin(), std::move(fault));
  result.ignored.reset();
}

// RFC 4648, with or without padding; none when it is not, or longer than any payload of LoRaWAN.
std::optional<std::string> bytes_from_base64(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::size_t kMaxText = 1024;  // the longest payload has 242 bytes
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() > kMaxText || text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const auto digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6 | static_cast<std::uint32_t>(digit)) & 0xFFFF;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held & 0xFF);
  }
  return bytes;
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

const Model* find_model(const ModelNames& names, const Object* object, std::string_view address,
                        const DecodeContext& context) {
  const Models& models = context.models;
  if (models.size() == 0) return nullptr;
  if (!names.brand.empty() && !names.model.empty()) {
    if (const Model* found = models.find(fmt::format("{}/{}", names.brand, names.model))) return found;
  }
  for (const std::string_view name : {names.model, names.profile}) {
    if (name.empty()) continue;
    if (const Model* found = models.find(name)) return found;
  }
  if (object) {
    if (const Model* found = find_named_model(*object, models)) return found;
  }
  return context.devices ? models.find(context.devices->model_of(address)) : nullptr;
}

RawPayload raw_payload(const Object& object, std::string_view payload_key, std::string_view port_key) {
  const auto port = json::member(object, port_key);
  const auto number = port ? number_of(*port) : std::nullopt;
  const bool is_port = number && *number >= 0 && *number <= 255;
  return {json::member_text(object, payload_key).value_or(""), is_port ? static_cast<int>(*number) : 0};
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

Decoded read_raw_uplink(Uplink uplink, const RawPayload& payload, const RawMessage& message,
                        const DecodeContext& context) {
  const bool has_codec = uplink.model && !uplink.model->codec.empty();
  auto bytes = has_codec ? bytes_from_base64(payload.base64) : std::nullopt;
  if (!bytes || bytes->empty()) return read_uplink(uplink);
  if (!context.codec) {
    Decoded known = read_uplink(uplink);
    known.codec.emplace();
    known.codec->address = uplink.address;
    known.codec->script = uplink.model->codec;
    known.codec->bytes = std::move(*bytes);
    known.codec->f_port = payload.f_port;
    known.codec->arrived_at = message.arrived_at;
    known.codec->variables = "{}";
    return known;
  }
  json::Document document;
  bool understood = context.codec->outcome == CodecOutcome::errors || context.codec->data == "null";
  if (!understood && context.codec->outcome == CodecOutcome::data) {
    const auto object = document.parse_object(context.codec->data, PayloadLimits{});
    understood = object.has_value();
    if (object) uplink.object = *object;
  }
  Decoded result = read_uplink(uplink);
  if (!understood) add_codec_fault(uplink, result);
  return result;
}

}  // namespace firegate::lorawan
