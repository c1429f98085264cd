#include "accounts/secret.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

#include "core/log.h"

namespace firegate::accounts {
namespace {

constexpr std::string_view kTokenPrefix = "fg_";
constexpr std::size_t kTokenIdLength = 8;
constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kCodeBytes = 10;
constexpr std::size_t kCodeLength = 16;
constexpr std::size_t kGroup = 4;
constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

template <std::size_t Size>
std::string base64url(const std::array<unsigned char, Size>& bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_ENCODED_LEN(Size, kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
  text.pop_back();  // libsodium ends it with a zero
  return text;
}

template <std::size_t Size>
std::string hexadecimal(const std::array<unsigned char, Size>& bytes) {
  std::string text(2 * Size + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

template <std::size_t Size>
std::array<unsigned char, Size> random_bytes() {
  start_sodium();
  std::array<unsigned char, Size> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// The symbol as Crockford writes it; zero: none of his.
char crockford(char typed) noexcept {
  const char upper = typed >= 'a' && typed <= 'z' ? static_cast<char>(typed - 'a' + 'A') : typed;
  if (upper == 'O') return '0';
  if (upper == 'I' || upper == 'L') return '1';
  return kCrockford.find(upper) == std::string_view::npos ? '\0' : upper;
}

}  // namespace

void start_sodium() noexcept {
  static const bool ready = sodium_init() >= 0;
  if (ready) return;
  log::critical("crypto_failed", {{"reason", "libsodium could not be started"}});
  std::abort();
}

std::string random_secret() { return base64url(random_bytes<kSecretBytes>()); }

TokenText random_token() {
  std::string id = hexadecimal(random_bytes<kTokenIdLength / 2>());
  std::string text = std::string(kTokenPrefix) + id + "_" + random_secret();
  return {std::move(id), std::move(text)};
}

std::optional<std::string_view> id_of_token(std::string_view text) noexcept {
  constexpr std::size_t kLength = kTokenPrefix.size() + kTokenIdLength + 1 + kSecretLength;
  if (text.size() != kLength || !text.starts_with(kTokenPrefix)) return std::nullopt;
  return text.substr(kTokenPrefix.size(), kTokenIdLength);
}

std::string hash_of(std::string_view secret) {
  start_sodium();
  std::array<unsigned char, kHashBytes> hash{};
  crypto_generichash(hash.data(), hash.size(), bytes_of(secret), secret.size(), nullptr, 0);
  return hexadecimal(hash);
}

std::string derive(std::string_view secret, std::string_view purpose) {
  start_sodium();
  std::array<unsigned char, crypto_generichash_blake2b_PERSONALBYTES> personal{};
  std::ranges::copy(purpose.substr(0, personal.size()), personal.begin());
  std::array<unsigned char, kHashBytes> hash{};
  crypto_generichash_blake2b_salt_personal(hash.data(), hash.size(), bytes_of(secret), secret.size(), nullptr, 0,
                                           nullptr, personal.data());
  return base64url(hash);
}

bool same(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string one_time_code() {
  std::string code(kCodeLength + kCodeLength / kGroup - 1, '-');
  std::uint32_t bits = 0;
  int held = 0;
  std::size_t at = 0;
  for (const unsigned char byte : random_bytes<kCodeBytes>()) {
    bits = (bits << 8) | byte;
    for (held += 8; held >= 5; held -= 5, ++at) code[at + at / kGroup] = kCrockford[(bits >> (held - 5)) & 31u];
  }
  return code;
}

std::optional<std::string> read_code(std::string_view typed) {
  std::array<char, kCodeLength> code{};
  std::size_t length = 0;
  for (const char c : typed) {
    if (c == ' ' || c == '-') continue;
    const char symbol = crockford(c);
    if (symbol == '\0' || length == code.size()) return std::nullopt;
    code[length++] = symbol;
  }
  if (length != code.size()) return std::nullopt;
  return std::string(code.data(), code.size());
}

}  // namespace firegate::accounts
