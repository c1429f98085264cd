#include "cli/message_line.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "cli/base64.h"

namespace firegate::cli {
namespace {

namespace json = boost::json;

Result<std::string> payload_of(const json::object& object) {
  if (const json::value* encoded = object.if_contains("payload_b64")) {
    if (!encoded->is_string()) return fail(ErrorCode::bad_input, "\"payload_b64\" is not text");
    auto bytes = from_base64(encoded->get_string());
    if (!bytes) return fail(ErrorCode::bad_input, "\"payload_b64\" is not base64");
    return std::move(*bytes);
  }
  const json::value* payload = object.if_contains("payload");
  if (!payload) return fail(ErrorCode::bad_input, "neither \"payload\" nor \"payload_b64\"");
  return payload->is_string() ? std::string(payload->get_string()) : json::serialize(*payload);
}

}  // namespace

Result<MessageLine> read_message_line(const std::string& text) {
  boost::system::error_code failure;
  const json::value value = json::parse(text, failure);
  if (failure || !value.is_object()) return fail(ErrorCode::bad_input, "line is not a JSON object");
  const json::object& object = value.get_object();
  MessageLine line;
  const json::value* topic = object.if_contains("topic");
  if (!topic || !topic->is_string()) return fail(ErrorCode::bad_input, "\"topic\" is missing or not text");
  line.topic = topic->get_string();
  auto payload = payload_of(object);
  if (!payload) return tl::unexpected(std::move(payload.error()));
  line.payload = std::move(*payload);
  if (const json::value* retained = object.if_contains("retained")) line.retained = retained->is_bool() && retained->get_bool();
  if (const json::value* at = object.if_contains("at")) {
    line.at = at->is_string() ? instant_from_text(at->get_string()) : std::nullopt;
    if (!line.at) return fail(ErrorCode::bad_input, fmt::format("\"at\" is {}, expected a time like 2026-11-22T03:14:15.926Z", json::serialize(*at)));
  }
  return line;
}

}  // namespace firegate::cli
