#include "api/http.h"

#include <algorithm>

namespace firegate::api {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

int hex(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (lower(c) >= 'a' && lower(c) <= 'f') return lower(c) - 'a' + 10;
  return -1;
}

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Cuts the part before `border` (or all) off the front of `text`.
std::string_view cut(std::string_view& text, char border) noexcept {
  const std::size_t at = text.find(border);
  const std::string_view part = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return part;
}

bool is_zero_weight(std::string_view parameter) noexcept {
  const std::string_view q = trimmed(parameter);
  return q.starts_with("q=0") && q.find_first_not_of("0.", 2) == std::string_view::npos;
}

}  // namespace

std::string_view find_header(const Headers& headers, std::string_view name) noexcept {
  const auto at = std::ranges::find_if(headers, [name](const Header& h) { return equal_ignoring_case(h.name, name); });
  return at == headers.end() ? std::string_view{} : std::string_view{at->value};
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex(text[i + 1]), low = hex(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return std::nullopt;
    decoded.push_back(c);
  }
  return decoded;
}

std::optional<Target> parse_target(std::string_view target) {
  if (!target.starts_with('/')) return std::nullopt;
  std::string_view rest = target;
  const std::string_view path = cut(rest, '?');
  if (!percent_decoded(path, false)) return std::nullopt;

  Target parsed{std::string(path), {}};
  while (!rest.empty()) {
    std::string_view value = cut(rest, '&');
    if (value.empty()) continue;
    const std::string_view name = cut(value, '=');
    auto decoded_name = percent_decoded(name, true);
    auto decoded_value = percent_decoded(value, true);
    if (!decoded_name || !decoded_value) return std::nullopt;
    parsed.query.push_back({std::move(*decoded_name), std::move(*decoded_value)});
  }
  return parsed;
}

bool accepts_gzip(std::string_view accept_encoding) noexcept {
  while (!accept_encoding.empty()) {
    std::string_view parameters = cut(accept_encoding, ',');
    const std::string_view coding = trimmed(cut(parameters, ';'));
    if (equal_ignoring_case(coding, "gzip") || coding == "*") return !is_zero_weight(parameters);
  }
  return false;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view phrase(int status) noexcept {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "Unknown";
  }
}

}  // namespace firegate::api
