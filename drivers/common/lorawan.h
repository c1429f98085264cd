// What the network servers of LoRaWAN have in common: which model a device is, and what an uplink with a decoded object
// says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/driver.h"
#include "drivers/common/json.h"

namespace firegate::lorawan {

bool is_hex_eui(std::string_view text) noexcept;  // 16 hex digits
std::string lower_case(std::string_view text);

// What the network says a device is; any of them may be empty.
struct ModelNames {
  std::string_view brand, model;
  std::string_view profile;  // a name that holds both, or one of our aliases
};
// By brand and model, model, profile, a field of the object that names it, and last what the inventory says. Null when we
// have no file for it. `object` may be null.
const Model* find_model(const ModelNames& names, const json::Object* object, std::string_view address,
                        const DecodeContext& context);

struct Uplink {
  std::string address;
  std::optional<Instant> time;
  std::optional<json::Object> object;  // what the network server's codec made of it
  const Model* model = nullptr;
  std::optional<json::Array> gateways;  // each with rssi and snr
  Quality quality = Quality::good;      // simulated: raises nothing
};

// A payload that nobody has decoded, as the network hands it on.
struct RawPayload {
  std::string_view base64;
  int f_port = 0;
};
RawPayload raw_payload(const json::Object& object, std::string_view payload_key, std::string_view port_key);
// The state, pulses, and records of the past in messages of their own; the signal of the gateway that heard it best.
Decoded read_uplink(const Uplink& uplink);

// As read_uplink, for an uplink without an object. Where the model names a codec: first what is known without it, and the
// request; then, with the answer, what the codec made of the payload. A codec that fails is a fault of the device's:
// nobody sees any more what it says.
Decoded read_raw_uplink(Uplink uplink, const RawPayload& payload, const RawMessage& message, const DecodeContext& context);

}  // namespace firegate::lorawan
