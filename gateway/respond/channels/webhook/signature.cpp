#include "respond/channels/webhook/signature.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <span>

namespace firegate::respond {

std::string signature(std::string_view secret, std::int64_t unix_seconds, std::string_view body) {
  const std::string text = fmt::format("{}.{}", unix_seconds, body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  std::string out = fmt::format("t={},v1=", unix_seconds);
  for (const unsigned char byte : std::span(digest).first(size))
    fmt::format_to(std::back_inserter(out), "{:02x}", byte);
  return out;
}

}  // namespace firegate::respond
