#include "drivers/json_path/text_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "drivers/common/topic.h"

namespace firegate::json_path {
namespace {

bool is_root(std::string_view name, std::span<const std::string_view> roots) {
  return std::any_of(roots.begin(), roots.end(), [name](std::string_view root) {
    return root.ends_with('.') ? name.starts_with(root) && name.size() > root.size() : name == root;
  });
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

// A number as JSON writes it: "7", "-0.5"; not "007", "1.", ".5", "+1", "nan".
bool is_json_number(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  const bool leading_zero = digits.size() > 1 && digits[0] == '0' && digits[1] != '.';
  if (digits.empty() || digits.front() < '0' || digits.front() > '9' || leading_zero || digits.back() == '.')
    return false;
  return digits.find_first_not_of("0123456789.") == std::string_view::npos &&
         std::count(digits.begin(), digits.end(), '.') <= 1;
}

std::string as_json(std::string_view text) {
  if (text == "true" || text == "false" || is_json_number(text)) return std::string(text);
  return fmt::format("\"{}\"", escaped(text));
}

// Whether the text so far ends inside a JSON string.
bool ends_in_string(std::string_view text, bool in_string) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && in_string) {
      ++i;
    } else if (text[i] == '"') {
      in_string = !in_string;
    }
  }
  return in_string;
}

}  // namespace

TextTemplate TextTemplate::parse(const ConfigNode& node, std::span<const std::string_view> roots, Problems& problems) {
  TextTemplate made;
  if (node.type != ConfigNode::Type::scalar) {
    problems.add(ProblemCode::E106_wrong_type, node.at, node.path, "expected text with places like ${address}");
    return made;
  }
  bool in_string = false;
  for (std::string_view rest = node.scalar; !rest.empty();) {
    const auto open = rest.find("${");
    const std::string_view before = rest.substr(0, open);
    if (!before.empty()) made.parts_.push_back({std::string(before), false, false});
    in_string = ends_in_string(before, in_string);
    if (open == std::string_view::npos) break;
    const auto close = rest.find('}', open);
    const std::string_view name = close == std::string_view::npos ? "" : rest.substr(open + 2, close - open - 2);
    if (!is_root(name, roots)) {
      problems.add(
          ProblemCode::E110_unknown_reference, node.at, node.path,
          fmt::format("found \"${{{}}}\", expected one of {} (\"topic.\" stands for \"topic.device\" and the like)",
                      name, fmt::join(roots, ", ")));
      return {};
    }
    made.parts_.push_back({std::string(name), true, in_string});
    rest.remove_prefix(close + 1);
  }
  return made;
}

std::optional<std::string> TextTemplate::as_payload(const Lookup& lookup) const {
  std::string text;
  for (const Part& part : parts_) {
    const auto found = part.filled ? lookup(part.text) : std::optional(part.text);
    if (!found) return std::nullopt;
    text += !part.filled ? *found : part.in_string ? escaped(*found) : as_json(*found);
  }
  return text;
}

std::optional<std::string> TextTemplate::as_topic(const Lookup& lookup) const {
  std::string text;
  for (const Part& part : parts_) {
    const auto found = part.filled ? lookup(part.text) : std::optional(part.text);
    if (!found) return std::nullopt;
    const bool may_stand =
        !part.filled || part.text == "base" || (is_address(*found) && found->find('/') == std::string::npos);
    if (!may_stand) return std::nullopt;
    text += *found;
    // A base may be empty; a topic does not begin with the slash behind it then.
  }
  if (!parts_.empty() && parts_[0].text == "base" && text.starts_with('/') &&
      !lookup("base").value_or("").starts_with('/')) {
    text.erase(0, 1);
  }
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

std::optional<std::string> TextTemplate::as_text(const Lookup& lookup) const {
  std::string text;
  for (const Part& part : parts_) {
    const auto found = part.filled ? lookup(part.text) : std::optional(part.text);
    if (!found) return std::nullopt;
    text += *found;
  }
  return text;
}

}  // namespace firegate::json_path
