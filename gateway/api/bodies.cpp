#include "api/bodies.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>

namespace firegate::api {
namespace {

namespace json = boost::json;

Result<json::object> parse_object(std::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  json::error_code error;
  json::value value = json::parse(text, error, {}, options);
  if (error) {
    return fail(ErrorCode::bad_input, fmt::format("reading the body: {}, expected a JSON object at most {} deep",
                                                  error.message(), kMaxJsonDepth));
  }
  if (!value.is_object()) return fail(ErrorCode::bad_input, "reading the body: expected a JSON object");
  return std::move(value.get_object());
}

bool has_control(std::string_view text) noexcept {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

// Reads members; remembers the first thing that is wrong.
class Members {
 public:
  explicit Members(const json::object& object) : object_(object) {}

  std::string text(std::string_view name, std::size_t max_bytes, bool required) {
    const json::value* value = object_.if_contains(name);
    if (!value || value->is_null()) {
      if (required) wrong(name, "is missing", "a text that is not empty");
      return {};
    }
    const json::string* found = value->if_string();
    if (!found) return wrong(name, "is not a text", "a text");
    if (required && found->empty()) return wrong(name, "is empty", "a text that is not empty");
    if (found->size() > max_bytes) {
      return wrong(name, fmt::format("has {} bytes", found->size()), fmt::format("at most {}", max_bytes));
    }
    if (has_control({found->data(), found->size()})) return wrong(name, "has control characters", "plain text");
    return {found->data(), found->size()};
  }

  template <typename Enum>
  std::optional<Enum> choice(std::string_view name) {
    const std::string word = text(name, kMaxNameBytes, true);
    const auto value = from_label<Enum>(word);
    if (!value)
      wrong(name, fmt::format("is \"{}\"", word), fmt::format("one of {}", fmt::join(Labels<Enum>::list, ", ")));
    return value;
  }

  std::optional<Instant> instant_after(std::string_view name, Instant now) {
    const std::string word = text(name, kMaxNameBytes, true);
    const auto at = instant_from_text(word);
    if (!at) {
      wrong(name, fmt::format("is \"{}\"", word), "a date and time with a zone (RFC 3339)");
    } else if (*at <= now) {
      wrong(name, fmt::format("is {}", word), "a time in the future");
    }
    return at;
  }

  std::uint64_t count(std::string_view name) {
    const json::value* value = object_.if_contains(name);
    if (value && value->is_int64() && value->get_int64() >= 0) return static_cast<std::uint64_t>(value->get_int64());
    wrong(name, "is not a count", "a whole number from 0");
    return 0;
  }

  bool boolean(std::string_view name) {
    const json::value* value = object_.if_contains(name);
    if (value && value->is_bool()) return value->get_bool();
    wrong(name, "is not true or false", "true or false");
    return false;
  }

  const std::optional<Error>& error() const noexcept { return error_; }

 private:
  std::string wrong(std::string_view name, std::string_view found, std::string_view expected) {
    if (!error_) {
      error_ = Error{ErrorCode::bad_input, fmt::format("reading \"{}\": it {}, expected {}", name, found, expected)};
    }
    return {};
  }

  const json::object& object_;
  std::optional<Error> error_;
};

template <typename T>
Result<T> unless_wrong(const Members& members, T value) {
  if (members.error()) return tl::unexpected<Error>(*members.error());
  return value;
}

}  // namespace

Result<Act> read_act(ActKind kind, AlarmId alarm, std::string_view body, Instant now) {
  const auto object = parse_object(body);
  if (!object) return tl::unexpected<Error>(object.error());
  Members members(*object);
  Act act;
  act.kind = kind;
  act.alarm = alarm;
  act.by = members.text("by", kMaxNameBytes, true);
  act.post = members.text("post", kMaxNameBytes, true);
  act.why = members.text("why", kMaxReasonBytes, false);
  if (kind == ActKind::verdict) act.verdict = members.choice<Verdict>("verdict");
  if (kind == ActKind::shelve) act.until = members.instant_after("until", now);
  return unless_wrong(members, std::move(act));
}

Result<SilenceBody> read_silence(std::string_view body) {
  const auto object = parse_object(body);
  if (!object) return tl::unexpected<Error>(object.error());
  Members members(*object);
  SilenceBody silence;
  silence.post = members.text("post", kMaxNameBytes, true);
  silence.by = members.text("by", kMaxNameBytes, true);
  return unless_wrong(members, std::move(silence));
}

Result<ClientFrame> read_client_frame(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return tl::unexpected<Error>(object.error());
  Members members(*object);
  const std::string type = members.text("t", kMaxNameBytes, true);
  ClientFrame frame = OtherFrame{};
  if (type == "resume") {
    ResumeFrame resume;
    resume.server_id = members.text("server_id", kMaxNameBytes, false);
    resume.seq = members.count("seq");
    frame = std::move(resume);
  } else if (type == "console") {
    ConsoleFrame console;
    console.post = members.text("post", kMaxNameBytes, true);
    console.build = members.text("build", kMaxNameBytes, false);
    console.visible = members.boolean("visible");
    console.audio_running = members.text("audio", kMaxNameBytes, true) == "running";
    frame = std::move(console);
  }
  return unless_wrong(members, std::move(frame));
}

}  // namespace firegate::api
