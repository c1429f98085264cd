#include "api/members.h"

#include <algorithm>
#include <boost/json.hpp>

#include "api/repeated_keys.h"
#include "core/config_node.h"

namespace firegate::api {
namespace {

namespace json = boost::json;

// C0, C1 and DEL, and the marks that turn the direction of text or break its lines (U+061C, U+200E, U+200F, U+2028 to
// U+202E, U+2066 to U+2069, U+FEFF): a name must look like what it is.
bool has_control(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&text, i](std::size_t n) {
      return i + n < text.size() ? static_cast<unsigned char>(text[i + n]) : 0u;
    };
    if (byte(0) < 0x20 || byte(0) == 0x7F || (byte(0) == 0xC2 && byte(1) < 0xA0)) return true;
    if (byte(0) == 0xD8 && byte(1) == 0x9C) return true;
    if (byte(0) == 0xEF && byte(1) == 0xBB && byte(2) == 0xBF) return true;
    if (byte(0) != 0xE2) continue;
    if (byte(1) == 0x80 && (byte(2) == 0x8E || byte(2) == 0x8F || (byte(2) >= 0xA8 && byte(2) <= 0xAE))) return true;
    if (byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9) return true;
  }
  return false;
}

std::optional<Grant> read_grant(const json::value& value) {
  const json::object* object = value.if_object();
  if (!object) return std::nullopt;
  const json::value* role = object->if_contains("role");
  const json::value* estate = object->if_contains("estate");
  if (!role || !role->is_string() || !estate || !estate->is_string()) return std::nullopt;
  const auto known = from_label<Role>(std::string_view(role->get_string().data(), role->get_string().size()));
  const std::string where(estate->get_string().data(), estate->get_string().size());
  if (!known || (where != kEveryEstate && !is_id(where))) return std::nullopt;
  return Grant{*known, where};
}

}  // namespace

Result<json::object> parse_object(std::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  json::error_code error;
  json::value value = json::parse(text, error, {}, options);
  if (error) {
    return fail(ErrorCode::bad_input, fmt::format("reading the body: {}, expected a JSON object at most {} deep",
                                                  error.message(), kMaxJsonDepth));
  }
  if (const auto twice = key_that_stands_twice(text)) {
    return fail(ErrorCode::bad_input,
                fmt::format("reading the body: found \"{}\" twice, expected each member once", *twice));
  }
  if (!value.is_object()) return fail(ErrorCode::bad_input, "reading the body: expected a JSON object");
  return std::move(value.get_object());
}

std::string Members::text(std::string_view name, std::size_t max_bytes, bool required) {
  const json::value* value = object_.if_contains(name);
  if (!value || value->is_null()) {
    if (required) wrong(name, "is missing", "a text that is not empty");
    return {};
  }
  const json::string* found = value->if_string();
  if (!found) {
    wrong(name, "is not a text", "a text");
  } else if (required && found->empty()) {
    wrong(name, "is empty", "a text that is not empty");
  } else if (found->size() > max_bytes) {
    wrong(name, fmt::format("has {} bytes", found->size()), fmt::format("at most {}", max_bytes));
  } else if (has_control({found->data(), found->size()})) {
    wrong(name, "has control characters", "plain text");
  } else {
    return {found->data(), found->size()};
  }
  return {};
}

std::uint64_t Members::count(std::string_view name) {
  const json::value* value = object_.if_contains(name);
  if (value && value->is_int64() && value->get_int64() >= 0) return static_cast<std::uint64_t>(value->get_int64());
  wrong(name, "is not a count", "a whole number from 0");
  return 0;
}

bool Members::boolean(std::string_view name) {
  const json::value* value = object_.if_contains(name);
  if (value && value->is_bool()) return value->get_bool();
  wrong(name, "is not true or false", "true or false");
  return false;
}

Instant Members::instant_after(std::string_view name, Instant now) {
  const std::string word = text(name, kMaxNameBytes, true);
  const auto at = instant_from_text(word);
  if (!at) {
    wrong(name, fmt::format("is \"{}\"", word), "a date and time with a zone (RFC 3339)");
  } else if (*at <= now) {
    wrong(name, fmt::format("is {}", word), "a time in the future");
  }
  return at.value_or(Instant{});
}

std::vector<std::string> Members::texts(std::string_view name, std::size_t most) {
  const json::value* value = object_.if_contains(name);
  const json::array* list = value ? value->if_array() : nullptr;
  if (!list || list->size() > most) {
    wrong(name, "is not a list", fmt::format("at most {} texts", most));
    return {};
  }
  std::vector<std::string> texts;
  for (const json::value& item : *list) {
    const json::string* text = item.if_string();
    if (!text || text->size() > kMaxNameBytes) {
      wrong(name, "has what is no text", fmt::format("texts of at most {} bytes", kMaxNameBytes));
      return {};
    }
    texts.emplace_back(text->data(), text->size());
  }
  return texts;
}

std::vector<Grant> Members::grants(std::string_view name) {
  const json::value* value = object_.if_contains(name);
  const json::array* list = value ? value->if_array() : nullptr;
  if (!list || list->empty() || list->size() > kMaxGrants) {
    wrong(name, "is not a list of grants", fmt::format("1 to {} of them", kMaxGrants));
    return {};
  }
  std::vector<Grant> grants;
  for (const json::value& item : *list) {
    const auto grant = read_grant(item);
    if (!grant) {
      wrong(name, "has what is no grant",
            "{\"role\": one of " + fmt::format("{}", fmt::join(Labels<Role>::list, ", ")) +
                ", \"estate\": the id of an estate, or \"*\"}");
      return {};
    }
    if (std::ranges::find(grants, *grant) == grants.end()) grants.push_back(*grant);
  }
  return grants;
}

void Members::wrong(std::string_view name, std::string_view found, std::string_view expected) {
  if (error_) return;
  error_ = Error{ErrorCode::bad_input, fmt::format("reading \"{}\": it {}, expected {}", name, found, expected)};
}

}  // namespace firegate::api
