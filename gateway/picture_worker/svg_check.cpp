#include <expat.h>

#include <array>
#include <memory>

#include "picture_worker/formats.h"

namespace firegate::picture {
namespace {

struct Free {
  void operator()(XML_Parser parser) const noexcept { ::XML_ParserFree(parser); }
};

std::string_view without_prefix(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string lowered(std::string_view text) {
  std::string low;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) > ' ') low += lower(c);  // blanks and controls hide a scheme
  }
  return low;
}

bool is_own_reference(std::string_view reference) {
  return reference.empty() || reference.front() == '#' || reference.starts_with("data:image/png;base64,") ||
         reference.starts_with("data:image/jpeg;base64,");
}

// What a style sheet or an attribute in its language would fetch.
bool fetches(std::string_view css) {
  const std::string text = lowered(css);
  if (text.find("@import") != std::string::npos) return true;
  for (std::size_t at = text.find("url("); at != std::string::npos; at = text.find("url(", at + 1)) {
    std::string_view inside = std::string_view(text).substr(at + 4);
    if (!inside.empty() && (inside.front() == '"' || inside.front() == '\'')) inside.remove_prefix(1);
    if (!is_own_reference(inside)) return true;
  }
  return false;
}

class Check {
 public:
  Drawn<void> read(std::string_view bytes) {
    const std::unique_ptr<XML_ParserStruct, Free> parser(::XML_ParserCreate(nullptr));
    if (!parser) return refuse(PictureRefusal::too_costly, "reading SVG: no memory");
    parser_ = parser.get();
    ::XML_SetUserData(parser_, this);
    ::XML_SetElementHandler(parser_, &Check::begin, &Check::end);
    ::XML_SetCharacterDataHandler(parser_, &Check::text);
    ::XML_SetEntityDeclHandler(parser_, &Check::entity);
    ::XML_SetProcessingInstructionHandler(parser_, &Check::instruction);
    const auto status = ::XML_Parse(parser_, bytes.data(), static_cast<int>(bytes.size()), XML_TRUE);
    if (!why_.empty()) return refuse(PictureRefusal::unsafe_svg, "reading SVG: found " + why_);
    if (status != XML_STATUS_OK) {
      return refuse(PictureRefusal::damaged, std::string("reading SVG: ") +
                                                 ::XML_ErrorString(::XML_GetErrorCode(parser_)) + " in line " +
                                                 std::to_string(::XML_GetCurrentLineNumber(parser_)));
    }
    if (!is_svg_) return refuse(PictureRefusal::unknown_type, "reading SVG: found XML of another kind");
    return {};
  }

 private:
  static Check& of(void* data) { return *static_cast<Check*>(data); }

  static void begin(void* data, const XML_Char* name, const XML_Char** attributes) {
    Check& check = of(data);
    const std::string element = lowered(without_prefix(name));
    if (check.depth_++ == 0) check.is_svg_ = element == "svg";
    for (const std::string_view wrong : {"script", "foreignobject", "iframe", "embed", "object", "handler"}) {
      if (element == wrong) check.stop("an element <" + element + ">");
    }
    check.in_style_ = element == "style";
    for (; *attributes; attributes += 2) check.attribute(attributes[0], attributes[1]);
  }

  void attribute(std::string_view name, std::string_view value) {
    const std::string low = lowered(without_prefix(name));
    if (low.starts_with("on")) stop("an attribute " + low + ", which is a script");
    const bool refers = low == "href" || low == "src" || (name == "xml:base");
    if (refers && !is_own_reference(lowered(value))) stop("a reference to what is not in the file");
    if (!refers && fetches(value)) stop("a style that refers to what is not in the file");
  }

  static void end(void* data, const XML_Char*) {
    Check& check = of(data);
    --check.depth_;
    if (std::exchange(check.in_style_, false) && fetches(check.style_)) {
      check.stop("a style that refers to what is not in the file");
    }
  }
  static void text(void* data, const XML_Char* text, int length) {
    Check& check = of(data);
    if (check.in_style_) check.style_.append(text, static_cast<std::size_t>(length));
  }
  static void entity(void* data, const XML_Char*, int, const XML_Char*, int, const XML_Char*, const XML_Char*,
                     const XML_Char*, const XML_Char*) {
    of(data).stop("an entity");
  }
  static void instruction(void* data, const XML_Char* target, const XML_Char*) {
    if (lowered(target) == "xml-stylesheet") of(data).stop("a style sheet that is not in the file");
  }

  void stop(std::string why) {
    if (why_.empty()) why_ = std::move(why);
    ::XML_StopParser(parser_, XML_FALSE);
  }

  XML_Parser parser_ = nullptr;
  std::string why_, style_;
  int depth_ = 0;
  bool is_svg_ = false, in_style_ = false;
};

}  // namespace

Drawn<void> check_svg(std::string_view bytes) { return Check().read(bytes); }

}  // namespace firegate::picture
