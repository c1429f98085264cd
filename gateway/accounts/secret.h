// Secrets: made by the system's random source, shown once, kept as a hash. They are random through and through, so a
// fast hash is enough for them; what people choose themselves goes through password.h. Pure functions, any thread. A
// machine that cannot give random bytes ends the program (libsodium does).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firegate::accounts {

// Makes libsodium ready; every function of this folder calls it before it touches the library. Any thread, any number
// of times.
void start_sodium() noexcept;

constexpr std::size_t kSecretBytes = 32;   // OWASP ASVS 4.0, 3.2.2 asks for 64 bit at least; 256: our choice
constexpr std::size_t kSecretLength = 43;  // those bytes as base64url without padding

std::string random_secret();  // kSecretLength characters

// "fg_1a2b3c4d_<secret>": programs that look for leaked secrets recognise it; the digits are its public id.
struct TokenText {
  std::string id, text;
};
TokenText random_token();
// None: it cannot be a token.
std::optional<std::string_view> id_of_token(std::string_view text) noexcept;

// BLAKE2b-256 in hexadecimal: what is stored. It cannot be turned back into the secret.
std::string hash_of(std::string_view secret);

// A secret for another `purpose` (at most 16 bytes) that follows from this one. Neither this one nor its hash follows
// from it, and it does not follow from the hash.
std::string derive(std::string_view secret, std::string_view purpose);

// Equal, in a time that depends on the lengths alone.
bool same(std::string_view a, std::string_view b) noexcept;

// A code that can be read aloud and typed: Crockford's base32 in groups of four, "7K3M-09TX-VWAB-HD41": 80 bits.
std::string one_time_code();
// What was typed, as the code's own sixteen characters without dashes, forgiving case, spaces, dashes, and O, I, L for
// 0, 1, 1. None: it cannot be a code.
std::optional<std::string> read_code(std::string_view typed);

}  // namespace firegate::accounts
