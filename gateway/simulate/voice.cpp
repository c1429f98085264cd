#include "simulate/voice.h"

#include <cctype>

namespace firegate::simulate {

void Speech::say(std::string topic, std::string payload, int qos, bool retain) {
  say_after(Millis{0}, std::move(topic), std::move(payload), qos, retain);
}

void Speech::say_after(Millis delay, std::string topic, std::string payload, int qos, bool retain) {
  said_.emplace_back(delay, Publication{link_, std::move(topic), std::move(payload), qos, retain, false});
}

Result<std::unique_ptr<Voice>> make_voice(const DeviceRow& row) {
  if (row.format == "native") return make_native_voice(row);
  if (row.format == "zigbee2mqtt") return make_zigbee_voice(row);
  if (row.format == "tasmota") return make_tasmota_voice(row);
  if (row.format == "shelly") return make_shelly_voice(row);
  if (row.format == "chirpstack") return make_chirpstack_voice(row);
  return fail(ErrorCode::unsupported, fmt::format("simulating {}: format \"{}\" cannot be spoken, expected native, "
                                                  "zigbee2mqtt, tasmota, shelly or chirpstack",
                                                  row.id, row.format));
}

std::uint64_t identity(const DeviceRow& row) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (const char c : row.address) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

std::string plain_model(const DeviceRow& row) {
  std::string_view model = row.model;
  if (const auto slash = model.find('/'); slash != model.npos) model.remove_prefix(slash + 1);
  std::string plain;
  for (const char c : model) {
    if (std::isalnum(static_cast<unsigned char>(c))) {
      plain.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    }
  }
  return plain;
}

}  // namespace firegate::simulate
