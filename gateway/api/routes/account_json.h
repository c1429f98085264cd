// AccountJson: accounts as the API shows them. No hash of a secret leaves the gateway, but that the id of a session is
// one, which opens nothing.
#pragma once

#include <string_view>

#include "api/json_writer.h"
#include "core/account.h"

namespace firegate::api {

void write_members(JsonWriter& json, const UserRecord& user);  // into an object that is open
void write(JsonWriter& json, const UserRecord& user);
void write(JsonWriter& json, const SessionRecord& session, std::string_view current);
void write(JsonWriter& json, const TokenRecord& token);
void write_grants(JsonWriter& json, const std::vector<Grant>& grants);  // "grants": [...]
void write_permissions(JsonWriter& json, const Principal& principal);   // "permissions": {"look": ["*"], ...}
// When it ends; null: never.
void write_end(JsonWriter& json, Instant ends_at);

}  // namespace firegate::api
