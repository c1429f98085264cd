// Commands in the JSON of the API (openapi.yaml: DeviceCommand), and what people send to order one.
#pragma once

#include "api/json_writer.h"
#include "core/commands.h"

namespace firegate::api {

void write(JsonWriter& json, const CommandRecord& record);
void write(JsonWriter& json, const CommandOffer& offer);

struct CommandBody {
  CommandKind kind{};
  Port port = kNoPort;
  std::optional<Instant> until;  // after `now`
  std::string reason;
};
// bad_input, naming the member.
Result<CommandBody> read_command(std::string_view body, Instant now);

}  // namespace firegate::api
