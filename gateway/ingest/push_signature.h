// The signature of a push: `t=<Unix seconds>,n=<nonce>,v1=<64 hexadecimal digits>`, the last being HMAC-SHA256 with the
// shared secret over "<t>.<n>.<body>". The nonce, 8 to 64 of A-Z a-z 0-9 _ -, is never used twice. Our choice, after
// the webhook's. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace firegate::ingest {

struct PushSignature {
  std::int64_t seconds = 0;
  std::string_view time;  // as it was written, which is what is signed
  std::string_view nonce;
  std::string_view digest;

  // Into `header`. None: it is not of this form.
  static std::optional<PushSignature> parse(std::string_view header) noexcept;
  bool proves(std::string_view secret, std::string_view body) const;
};

// Compares in a time that tells nothing of the content.
bool same_secret(std::string_view a, std::string_view b) noexcept;

}  // namespace firegate::ingest
