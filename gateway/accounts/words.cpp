#include "accounts/words.h"

#include <algorithm>

#include "core/utf8.h"

namespace firegate::accounts {
namespace {

constexpr bool is_lower_or_digit(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

}  // namespace

const Principal& ourselves() {
  static const Principal self{PrincipalKind::system, {}, {}, {}, {}, {}, false, false};
  return self;
}

JournalEntry line(const Principal& by, std::string_view kind, std::string subject, Instant at) {
  JournalEntry entry = own_line(kind, std::move(subject), by.address, at);
  entry.who = by.who();
  entry.name = by.name;
  return entry;
}

JournalEntry own_line(std::string_view kind, std::string subject, std::string address, Instant at) {
  JournalEntry entry;
  entry.at = at;
  entry.kind = kind;
  entry.subject = std::move(subject);
  entry.who = label(PrincipalKind::system);
  entry.address = std::move(address);
  return entry;
}

std::string user_subject(std::string_view id) { return "user:" + std::string(id); }
std::string session_subject(std::string_view id) { return "session:" + std::string(id); }
std::string token_subject(std::string_view id) { return "token:" + std::string(id); }

bool is_short_text(std::string_view text, std::size_t bytes) noexcept {
  const bool control =
      std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  return !text.empty() && text.size() <= bytes && !control && is_utf8(text);
}

bool is_user_id(std::string_view text) noexcept {
  if (text.empty() || text.size() > kLongestUserId || !is_lower_or_digit(text.front())) return false;
  return std::ranges::all_of(text, [](char c) { return is_lower_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

std::string typed_user_id(std::string_view typed) {
  std::string id(typed.substr(0, 2 * kLongestUserId));
  std::ranges::transform(id, id.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return id;
}

std::string excerpt(std::string_view text) { return readable(text, kLongestUserId); }

}  // namespace firegate::accounts
