#include "ingest/push_signature.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <iterator>
#include <span>
#include <string>

#include "core/config_node.h"

namespace firegate::ingest {
namespace {

constexpr std::size_t kShortestNonce = 8;
constexpr std::size_t kDigestDigits = 64;

// Cuts "<key>=<value>" and the comma behind it off the front of `text`; none: something else stands there.
std::optional<std::string_view> cut(std::string_view& text, std::string_view key) noexcept {
  if (!text.starts_with(key)) return std::nullopt;
  text.remove_prefix(key.size());
  const std::size_t comma = text.find(',');
  const std::string_view value = text.substr(0, comma);
  text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  return value;
}

std::string hmac_hex(std::string_view secret, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  std::string hex;
  for (const unsigned char byte : std::span(digest).first(size))
    fmt::format_to(std::back_inserter(hex), "{:02x}", byte);
  return hex;
}

}  // namespace

std::optional<PushSignature> PushSignature::parse(std::string_view header) noexcept {
  if (header.ends_with(',')) return std::nullopt;
  const auto time = cut(header, "t=");
  const auto nonce = time ? cut(header, "n=") : std::nullopt;
  const auto digest = nonce ? cut(header, "v1=") : std::nullopt;
  if (!digest || !header.empty() || digest->size() != kDigestDigits) return std::nullopt;
  if (nonce->size() < kShortestNonce || !is_id(*nonce)) return std::nullopt;
  PushSignature signature{0, *time, *nonce, *digest};
  const auto [end, error] = std::from_chars(time->data(), time->data() + time->size(), signature.seconds);
  if (error != std::errc{} || end != time->data() + time->size()) return std::nullopt;
  return signature;
}

bool PushSignature::proves(std::string_view secret, std::string_view body) const {
  return same_secret(hmac_hex(secret, fmt::format("{}.{}.{}", time, nonce, body)), digest);
}

bool same_secret(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace firegate::ingest
