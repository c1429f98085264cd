#include "api/command_json.h"

#include <limits>

#include "api/bodies.h"
#include "api/members.h"

namespace firegate::api {

void write(JsonWriter& json, const CommandRecord& record) {
  const Command& command = record.command;
  json.begin_object().member("id", command.id).member("device", record.device);
  json.member("command", label(command.kind)).key("port");
  command.port == kNoPort ? json.null() : json.value(static_cast<std::int64_t>(command.port));
  json.member("until", command.until).member("state", label(record.state)).member("why", record.why);
  json.member("at", record.at).member("changed_at", record.changed_at);
  json.member("by", record.by).member("reason", record.reason).end_object();
}

void write(JsonWriter& json, const CommandOffer& offer) {
  json.begin_object().member("command", label(offer.kind)).member("needs_port", offer.needs_port);
  json.member("dangerous", is_dangerous(offer.kind)).end_object();
}

Result<CommandBody> read_command(std::string_view body, Instant now) {
  return read_body<CommandBody>(body, [now](Members& members, CommandBody& given) {
    given.kind = members.choice<CommandKind>("command");
    given.reason = members.text("reason", kMaxReasonBytes, true);
    if (members.has("until")) given.until = members.instant_after("until", now);
    if (!members.has("port")) return;
    const std::uint64_t port = members.count("port");
    constexpr std::uint64_t kMost = std::numeric_limits<Port>::max();
    if (port > kMost) members.wrong("port", fmt::format("is {}", port), fmt::format("0 to {}", kMost));
    else given.port = static_cast<Port>(port);
  });
}

}  // namespace firegate::api
