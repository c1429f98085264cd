#include "api/routes/account_json.h"

namespace firegate::api {

void write_grants(JsonWriter& json, const std::vector<Grant>& grants) {
  json.key("grants").begin_array();
  for (const Grant& grant : grants) {
    json.begin_object().member("role", label(grant.role)).member("estate", grant.estate).end_object();
  }
  json.end_array();
}

void write_permissions(JsonWriter& json, const Principal& principal) {
  json.key("permissions").begin_object();
  for (std::size_t i = 0; i < label_count<Permission>(); ++i) {
    const Scope scope = principal.scope(static_cast<Permission>(i));
    if (!scope.any()) continue;
    json.key(Labels<Permission>::list[i]).begin_array();
    if (scope.every) {
      json.value(kEveryEstate);
    } else {
      for (const std::string& estate : scope.estates) json.value(std::string_view(estate));
    }
    json.end_array();
  }
  json.end_object();
}

void write_end(JsonWriter& json, Instant ends_at) {
  json.key("ends_at");
  ends_at == kNever ? json.null() : json.value(ends_at);
}

void write_members(JsonWriter& json, const UserRecord& user) {
  json.member("id", user.id).member("name", user.name);
  write_grants(json, user.grants);
  json.member("has_password", !user.password.empty()).member("has_pin", !user.pin.empty());
  json.member("disabled", user.disabled).member("created_at", user.created_at);
  json.member("changed_at", user.changed_at).member("revision", user.revision);
}

void write(JsonWriter& json, const UserRecord& user) {
  json.begin_object();
  write_members(json, user);
  json.end_object();
}

void write(JsonWriter& json, const SessionRecord& session, std::string_view current) {
  json.begin_object().member("id", session.id).member("kind", label(session.kind)).member("user", session.user);
  json.member("label", session.label).member("address", session.address);
  json.member("created_at", session.created_at).member("used_at", session.used_at);
  write_end(json, session.ends_at);
  json.member("current", session.id == current).end_object();
}

void write(JsonWriter& json, const TokenRecord& token) {
  json.begin_object().member("id", token.id).member("name", token.name).member("user", token.user);
  write_grants(json, token.grants);
  json.member("created_at", token.created_at).member("used_at", token.used_at);
  write_end(json, token.ends_at);
  json.end_object();
}

}  // namespace firegate::api
