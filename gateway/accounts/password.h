// Passwords and PINs: argon2id by libsodium, and what a new one must be.
// Slow on purpose: called on a job thread, never on the web thread. Pure functions, any thread. Nothing throws.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace firegate::accounts {

// What one guess costs.
enum class Cost : std::uint8_t {
  // 2 passes over 64 MiB (libsodium's "interactive"; above OWASP's least for argon2id, 2 passes over 19 MiB), about
  // 0.1 s. One runs at a time, on the thread for short jobs, so that 64 MiB is all that is needed.
  password,
  // 1 pass over 8 MiB, under 10 ms. A PIN stands before a cut-off in a fire, which may not wait; and no cost protects a
  // million possibilities from whoever has the hash: the five tries of a session do (accounts.h).
  pin,
};

// io_failed: no memory for it.
Result<std::string> hash_password(std::string_view password, Cost cost) noexcept;
// `stored`: what hash_password gave. False as well for what could never have been stored.
bool matches(std::string_view stored, std::string_view password) noexcept;

// A hash that no known password matches, as costly as a real one: what an unknown name is compared with.
std::string_view matches_nothing() noexcept;

constexpr std::size_t kShortestPassword = 8;   // characters; NIST SP 800-63B, 5.1.1.2
constexpr std::size_t kLongestPassword = 200;  // bytes; our choice (NIST asks for 64 characters at least)

// bad_input: too short or long, not UTF-8, the user's own name, or among the commonest. No rules of composition: NIST
// SP 800-63B, 5.1.1.2 asks for none.
Result<void> check_new_password(std::string_view password, std::string_view user_id, std::string_view user_name);
// bad_input: not six digits, six equal ones, or a run such as 123456 or 987654.
Result<void> check_new_pin(std::string_view pin);

}  // namespace firegate::accounts
