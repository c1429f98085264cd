// Words: lines of the journal, and what people may write into names and labels.
// Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "core/account.h"
#include "core/batch.h"

namespace firegate::accounts {

constexpr std::size_t kLongestName = 100;   // bytes, of what people call a user, token or wall; our choice
constexpr std::size_t kLongestUserId = 32;  // characters

// The gateway itself: "system".
const Principal& ourselves();

// What `by` did to `subject`.
JournalEntry line(const Principal& by, std::string_view kind, std::string subject, Instant at);
// What the gateway did to `subject`, on account of a request from `address`.
JournalEntry own_line(std::string_view kind, std::string subject, std::string address, Instant at);

std::string user_subject(std::string_view id);
std::string session_subject(std::string_view id);
std::string token_subject(std::string_view id);

// UTF-8 without control characters, not empty, at most `bytes` long.
bool is_short_text(std::string_view text, std::size_t bytes) noexcept;
// [a-z0-9][a-z0-9._-]{0,31}
bool is_user_id(std::string_view text) noexcept;
// As it was typed to sign in: capitals are forgiven (telephones begin with one).
std::string typed_user_id(std::string_view typed);
// What a stranger wrote, cut and escaped.
std::string excerpt(std::string_view text);

}  // namespace firegate::accounts
