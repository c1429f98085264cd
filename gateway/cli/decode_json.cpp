#include "cli/decode_json.h"

namespace firegate::cli {
namespace {

namespace json = boost::json;

json::value value_json(Point point, const Value& value) {
  if (const bool* boolean = as_bool(value)) return *boolean;
  if (const double* number = as_number(value)) return *number;
  if (is_unknown(value)) return nullptr;
  return json::value(to_text(point, value));
}

json::object reading_json(const Reading& reading) {
  json::object out{{"point", name(reading.point)}};
  if (reading.port != kNoPort) out["port"] = reading.port;
  out["value"] = value_json(reading.point, reading.value);
  if (reading.quality != Quality::good) out["quality"] = label(reading.quality);
  return out;
}

json::object message_json(const DeviceMessage& message) {
  json::object out{{"device", message.address}, {"kind", label(message.kind)}};
  if (message.measured_at) out["at"] = to_text(*message.measured_at);
  json::array readings;
  for (const Reading& reading : message.readings) readings.push_back(reading_json(reading));
  out["readings"] = std::move(readings);
  if (message.reply) {
    out["reply"] = {{"command_id", message.reply->command_id},
                    {"result", message.reply->result},
                    {"reason", message.reply->reason}};
  }
  return out;
}

}  // namespace

json::object decoded_json(std::string_view driver, const Decoded& decoded) {
  json::object out{{"driver", driver}, {"outcome", decoded.ignored ? "ignored" : "readings"}};
  if (decoded.ignored) out["reason"] = label(*decoded.ignored);
  json::array messages;
  for (const DeviceMessage& message : decoded.messages) messages.push_back(message_json(message));
  out["messages"] = std::move(messages);
  return out;
}

json::object rejection_json(std::string_view driver, const Rejection& rejection) {
  json::object out;
  if (driver.empty()) {
    out["driver"] = nullptr;
  } else {
    out["driver"] = driver;
  }
  out["outcome"] = "rejected";
  out["reason"] = label(rejection.reason);
  out["detail"] = rejection.detail;
  out["messages"] = json::array();
  return out;
}

}  // namespace firegate::cli
