#include "api/rule_bodies.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <limits>

#include "api/members.h"

namespace firegate::api {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostFiles = 500;  // of one body; our choice

bool is_text(std::string_view text) noexcept {
  return std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7F;
  });
}

// {"charging.yaml": "text", "old.yaml": null}
RulePatch read_patch(const json::object& body, Members& members) {
  RulePatch patch;
  const json::value* value = body.if_contains("files");
  const json::object* files = value ? value->if_object() : nullptr;
  if (!files || files->size() > kMostFiles) {
    members.wrong("files", "is not an object of files",
                  fmt::format("at most {} names, each with a text or null", kMostFiles));
    return patch;
  }
  for (const auto& [name, text] : *files) {
    const json::string* said = text.if_string();
    if ((!said && !text.is_null()) || (said && !is_text({said->data(), said->size()}))) {
      members.wrong("files", "has what is no text of a file", "a text without control characters, or null");
      return {};
    }
    patch.emplace(name, said ? std::optional(std::string(said->data(), said->size())) : std::nullopt);
  }
  return patch;
}

// `fill(body, members, value)` takes what it needs.
template <typename T, typename Fill>
Result<T> read_with_object(std::string_view text, Fill fill) {
  const auto body = parse_object(text);
  if (!body) return tl::unexpected<Error>(body.error());
  Members members(*body);
  T value;
  fill(*body, members, value);
  return members.unless_wrong(std::move(value));
}

Instant read_time(Members& members, std::string_view name) {
  const std::string word = members.text(name, kMaxNameBytes, true);
  const auto at = instant_from_text(word);
  if (!at) members.wrong(name, fmt::format("is \"{}\"", word), "a date and time with a zone (RFC 3339)");
  return at.value_or(Instant{});
}

}  // namespace

bool takes_rule_files(std::string_view method, std::string_view target) noexcept {
  constexpr std::array<std::string_view, 4> kPaths{"/api/v1/rules:check", "/api/v1/rules:publish",
                                                   "/api/v1/rules:backtest", "/api/v1/rules/shadow"};
  return method == "POST" && std::ranges::find(kPaths, target.substr(0, target.find('?'))) != kPaths.end();
}

Result<RuleFilesBody> read_rule_files(std::string_view body, bool note_required) {
  return read_with_object<RuleFilesBody>(
      body, [note_required](const json::object& object, Members& members, RuleFilesBody& given) {
        given.files = read_patch(object, members);
        given.note = members.text("note", kMaxRuleNote, note_required);
      });
}

Result<RollbackBody> read_rollback(std::string_view body) {
  return read_with_object<RollbackBody>(body, [](const json::object&, Members& members, RollbackBody& given) {
    const std::uint64_t version = members.count("version");
    if (version == 0 || version > std::numeric_limits<std::uint32_t>::max()) {
      members.wrong("version", fmt::format("is {}", version), "the number of a version");
    }
    given.version = static_cast<std::uint32_t>(version);
    given.note = members.text("note", kMaxRuleNote, true);
  });
}

Result<BacktestBody> read_backtest(std::string_view body) {
  return read_with_object<BacktestBody>(body, [](const json::object& object, Members& members, BacktestBody& given) {
    given.files = read_patch(object, members);
    given.from = read_time(members, "from");
    given.to = read_time(members, "to");
    if (given.from >= given.to || given.to - given.from > kLongestBacktest) {
      members.wrong("from", fmt::format("is {}", to_text(given.from)), "a time before `to`, by 31 days at most");
    }
  });
}

}  // namespace firegate::api
