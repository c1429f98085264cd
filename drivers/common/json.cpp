#include "drivers/common/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace firegate::json {

struct Workspace {
  simdjson::dom::parser parser;
  std::vector<char> padded;            // the text, with the spare bytes behind it that simdjson reads
  std::vector<std::string_view> keys;  // of one large object, sorted to find a key that stands twice
};

namespace {

constexpr std::size_t kKeptBytes = 256 * 1024;  // workspaces that grew beyond this are freed, not kept (our choice)
constexpr std::size_t kKeptWorkspaces = 4;
constexpr std::size_t kPairwiseKeys = 24;  // up to here comparing pairs is faster than sorting (our choice)

std::vector<std::unique_ptr<Workspace>>& spare_workspaces() {
  thread_local std::vector<std::unique_ptr<Workspace>> spare;
  return spare;
}

Rejection rejection_of(simdjson::error_code error) {
  switch (error) {
    case simdjson::UTF8_ERROR: return {RejectReason::bad_encoding, "reading JSON: found bytes that are not UTF-8"};
    case simdjson::DEPTH_ERROR: return {RejectReason::too_deep, "reading JSON: nested deeper than the limit"};
    default: return {RejectReason::unparsable, fmt::format("reading JSON: {}", simdjson::error_message(error))};
  }
}

bool has_duplicate(const Object& object, std::size_t count, std::vector<std::string_view>& keys) {
  if (count <= kPairwiseKeys) {
    for (auto one = object.begin(); one != object.end(); ++one) {
      auto other = one;
      for (++other; other != object.end(); ++other) {
        if (one.key() == other.key()) return true;
      }
    }
    return false;
  }
  keys.clear();
  for (const auto member : object) keys.push_back(member.key);
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

// Walks the whole document; the parser has already bounded its depth.
class Checker {
 public:
  Checker(std::size_t nodes, std::vector<std::string_view>& keys) : left_(nodes), keys_(keys) {}

  std::optional<Rejection> check(const Element& element) {
    if (left_ == 0) return Rejection{RejectReason::too_deep, "reading JSON: more values than the limit"};
    --left_;
    switch (element.type()) {
      case simdjson::dom::element_type::OBJECT: return check_object(element.get_object().value_unsafe());
      case simdjson::dom::element_type::ARRAY: return check_array(element.get_array().value_unsafe());
      default: return std::nullopt;
    }
  }

 private:
  std::optional<Rejection> check_object(const Object& object) {
    std::size_t count = 0;
    for (const auto member : object) {
      ++count;
      if (auto found = check(member.value)) return found;
    }
    if (has_duplicate(object, count, keys_)) {
      return Rejection{RejectReason::duplicate_key, "reading JSON: found a key twice in one object"};
    }
    return std::nullopt;
  }
  std::optional<Rejection> check_array(const Array& array) {
    for (const auto item : array) {
      if (auto found = check(item)) return found;
    }
    return std::nullopt;
  }

  std::size_t left_;
  std::vector<std::string_view>& keys_;
};

}  // namespace

Document::Document() {
  auto& spare = spare_workspaces();
  if (spare.empty()) {
    workspace_ = std::make_unique<Workspace>();
  } else {
    workspace_ = std::move(spare.back());
    spare.pop_back();
  }
}

Document::~Document() {
  auto& spare = spare_workspaces();
  if (workspace_->padded.size() <= kKeptBytes && spare.size() < kKeptWorkspaces) spare.push_back(std::move(workspace_));
}

tl::expected<Element, Rejection> Document::parse(std::string_view text, const PayloadLimits& limits) {
  if (text.size() > limits.bytes) {
    return reject(RejectReason::too_large,
                  fmt::format("reading JSON: found {} bytes, expected at most {}", text.size(), limits.bytes));
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  auto& [parser, padded, keys] = *workspace_;
  if (padded.size() < text.size() + simdjson::SIMDJSON_PADDING) padded.resize(text.size() + simdjson::SIMDJSON_PADDING);
  if (!text.empty()) std::memcpy(padded.data(), text.data(), text.size());
  std::memset(padded.data() + text.size(), 0, simdjson::SIMDJSON_PADDING);
  if (parser.capacity() < text.size() || parser.max_depth() != limits.depth) {
    const auto error = parser.allocate(std::max<std::size_t>(text.size(), 4096), limits.depth);
    if (error) return tl::unexpected(rejection_of(error));
  }
  Element root;
  const auto error = parser.parse(padded.data(), text.size(), false).get(root);
  if (error) return tl::unexpected(rejection_of(error));
  if (auto found = Checker(limits.nodes, keys).check(root)) return tl::unexpected(std::move(*found));
  return root;
}

tl::expected<Object, Rejection> Document::parse_object(std::string_view text, const PayloadLimits& limits) {
  auto root = parse(text, limits);
  if (!root) return tl::unexpected(std::move(root.error()));
  if (const auto object = as_object(*root)) return *object;
  return reject(RejectReason::wrong_type, "reading JSON: found no object, expected one");
}

std::optional<Element> member(const Object& object, std::string_view key) noexcept {
  Element found;
  if (object.at_key(key).get(found)) return std::nullopt;
  return found;
}

std::optional<Object> member_object(const Object& object, std::string_view key) noexcept {
  const auto found = member(object, key);
  return found ? as_object(*found) : std::nullopt;
}

std::optional<Array> member_array(const Object& object, std::string_view key) noexcept {
  const auto found = member(object, key);
  Array array;
  if (!found || found->get_array().get(array)) return std::nullopt;
  return array;
}

std::optional<std::string_view> member_text(const Object& object, std::string_view key) noexcept {
  const auto found = member(object, key);
  return found ? as_text(*found) : std::nullopt;
}

std::optional<Object> as_object(const Element& element) noexcept {
  Object object;
  if (element.get_object().get(object)) return std::nullopt;
  return object;
}

std::optional<std::string_view> as_text(const Element& element) noexcept {
  std::string_view text;
  if (element.get_string().get(text)) return std::nullopt;
  return text;
}

}  // namespace firegate::json
