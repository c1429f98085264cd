// Reading JSON within limits: size, nesting, number of nodes, UTF-8, no key twice. Never throws, never recurses deeper
// than the limit. Parsers are kept per thread and lent to documents, so that the usual message allocates nothing here.
#pragma once

#include <memory>
#include <string_view>

#include "core/driver.h"
#include <simdjson.h>

namespace firegate::json {

using Element = simdjson::dom::element;
using Object = simdjson::dom::object;
using Array = simdjson::dom::array;

struct Workspace;  // parser and padded buffer

// One parsed text. Elements are valid as long as the document lives and until its next parse. One thread.
class Document {
 public:
  Document();
  ~Document();
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  tl::expected<Element, Rejection> parse(std::string_view text, const PayloadLimits& limits);
  // As parse, and rejects (wrong_type) what is not an object.
  tl::expected<Object, Rejection> parse_object(std::string_view text, const PayloadLimits& limits);

 private:
  std::unique_ptr<Workspace> workspace_;
};

// Members by name; none when absent or of another type.
std::optional<Element> member(const Object& object, std::string_view key) noexcept;
std::optional<Object> member_object(const Object& object, std::string_view key) noexcept;
std::optional<Array> member_array(const Object& object, std::string_view key) noexcept;
std::optional<std::string_view> member_text(const Object& object, std::string_view key) noexcept;

std::optional<Object> as_object(const Element& element) noexcept;
std::optional<std::string_view> as_text(const Element& element) noexcept;

}  // namespace firegate::json
