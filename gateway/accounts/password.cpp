#include "accounts/password.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>

#include "accounts/secret.h"
#include "core/utf8.h"

namespace firegate::accounts {
namespace {

struct Argon2 {
  unsigned long long passes;
  std::size_t memory;  // bytes
};
constexpr Argon2 argon2(Cost cost) noexcept {
  if (cost == Cost::pin) return {crypto_pwhash_OPSLIMIT_MIN, 8u << 20};
  return {crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE};
}

// The commonest of eight characters and more in the lists of leaked passwords, in lower case, among them what
// recorders, panels and routers are delivered with.
constexpr auto kCommonest = std::to_array<std::string_view>({
    "12345678",    "123456789",  "1234567890",  "0123456789",    "87654321",   "987654321",  "9876543210",
    "12341234",    "11223344",   "1122334455",  "112233445566",  "123123123",  "123321123",  "147258369",
    "14725836",    "31415926",   "13145200",    "52013140",      "5201314520", "1314520520", "01234567",
    "12344321",    "123454321",  "10203040",    "password",      "password1",  "password12", "password123",
    "passw0rd",    "p@ssw0rd",   "p@ssword",    "pass1234",      "qwertyui",   "qwertyuiop", "qwerty12",
    "qwerty123",   "qwer1234",   "1234qwer",    "1q2w3e4r",      "1q2w3e4r5t", "1qaz2wsx",   "1qaz2wsx3edc",
    "qazwsxedc",   "qazwsx123",  "asdfghjk",    "asdfghjkl",     "asdf1234",   "zxcvbnm1",   "zxcvbnm123",
    "q1w2e3r4",    "abcd1234",   "abc12345",    "abc123456",     "abcdefgh",   "a1234567",   "a12345678",
    "a123456789",  "aa123456",   "aa12345678",  "aaa111111",     "123456aa",   "12345678a",  "123456abc",
    "1234abcd",    "123qweasd",  "qweasdzxc",   "qwe123456",     "iloveyou",   "iloveyou1",  "woaini520",
    "woaini521",   "woaini1314", "woaini123",   "5201314a",      "admin123",   "admin1234",  "admin12345",
    "admin123456", "admin@123",  "adminadmin",  "administrator", "root1234",   "rootroot",   "toor1234",
    "hik12345",    "hik12345+",  "hikvision",   "dahua123",      "dahua1234",  "huawei123",  "huawei@123",
    "changeme",    "changeit",   "changeme123", "default1",      "welcome1",   "welcome123", "letmein1",
    "letmein123",  "trustno1",   "sunshine",    "princess",      "football",   "baseball",   "superman",
    "starwars",    "whatever",   "computer",    "internet",      "firegate",   "firegate1",  "firegate123",
    "firealarm",   "xiaofang",   "xiaofang119", "huojing119",    "dearbook",   "testtest",   "test1234",
    "user1234",    "guest1234",  "support123",  "security",      "michelle",   "jennifer",   "corvette",
    "mustang1",    "monkey123",
});

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

std::size_t characters(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

bool all_equal(std::string_view text) noexcept {
  return std::ranges::all_of(text, [first = text.front()](char c) { return c == first; });
}

bool is_run(std::string_view digits, int step) noexcept {
  for (std::size_t i = 1; i < digits.size(); ++i) {
    if (digits[i] - digits[i - 1] != step) return false;
  }
  return true;
}

tl::unexpected<Error> unfit(std::string_view what, std::string_view found) {
  return fail(ErrorCode::bad_input, fmt::format("choosing a {}: {}", what, found));
}

}  // namespace

Result<std::string> hash_password(std::string_view password, Cost cost) noexcept {
  start_sodium();
  std::array<char, crypto_pwhash_STRBYTES> text{};
  const auto [passes, memory] = argon2(cost);
  if (crypto_pwhash_str(text.data(), password.data(), password.size(), passes, memory) != 0) {
    return fail(ErrorCode::io_failed, fmt::format("hashing a password: no memory, {} MiB are needed", memory >> 20));
  }
  return std::string(text.data());
}

bool matches(std::string_view stored, std::string_view password) noexcept {
  start_sodium();
  if (password.size() > kLongestPassword || stored.size() >= crypto_pwhash_STRBYTES) return false;
  std::array<char, crypto_pwhash_STRBYTES> text{};
  std::ranges::copy(stored, text.begin());
  return crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
}

std::string_view matches_nothing() noexcept {
  // Cost::password; salt and hash were drawn at random, so there is no password that anybody knows.
  return "$argon2id$v=19$m=65536,t=2,p=1$0WG4dxi0vbtTpgX788Wb9g$y689q5L8eN6QwQuYvpoR3oIS6lEJJt1zzejGHJB6SlM";
}

Result<void> check_new_password(std::string_view password, std::string_view user_id, std::string_view user_name) {
  if (!is_utf8(password)) return unfit("password", "found bytes that are not UTF-8");
  const std::size_t length = characters(password);
  if (length < kShortestPassword) {
    return unfit("password", fmt::format("found {} characters, expected at least {}", length, kShortestPassword));
  }
  if (password.size() > kLongestPassword) {
    return unfit("password", fmt::format("found {} bytes, expected at most {}", password.size(), kLongestPassword));
  }
  const std::string lower = lower_case(password);
  if (lower == lower_case(user_id) || lower == lower_case(user_name))
    return unfit("password", "it is the user's own name");
  if (all_equal(password) || std::ranges::find(kCommonest, lower) != kCommonest.end()) {
    return unfit("password", "it is among the commonest, which are tried first");
  }
  return {};
}

Result<void> check_new_pin(std::string_view pin) {
  constexpr std::size_t kDigits = 6;
  const bool digits = std::ranges::all_of(pin, [](char c) { return c >= '0' && c <= '9'; });
  if (pin.size() != kDigits || !digits) return unfit("PIN", "expected six digits");
  if (is_run(pin, 0) || is_run(pin, 1) || is_run(pin, -1)) {
    return unfit("PIN", "six equal digits and runs such as 123456 are tried first");
  }
  return {};
}

}  // namespace firegate::accounts
