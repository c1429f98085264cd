#include "store/journal_chain.h"

#include <sodium.h>

namespace firegate::store {
namespace {

class Hasher {
 public:
  Hasher() { crypto_generichash_init(&state_, nullptr, 0, sizeof(ChainHash)); }

  void add(std::string_view text) {
    add_length(text.size());
    add_bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  }
  void add(std::uint64_t number) {
    add_length(sizeof(number));
    add_length(number);
  }
  ChainHash finish() {
    ChainHash hash;
    crypto_generichash_final(&state_, hash.data(), hash.size());
    return hash;
  }

 private:
  void add_length(std::uint64_t number) {
    std::array<std::uint8_t, 8> bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
    add_bytes(bytes.data(), bytes.size());
  }
  void add_bytes(const std::uint8_t* bytes, std::size_t size) { crypto_generichash_update(&state_, bytes, size); }

  crypto_generichash_state state_;
};

int digit_value(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

}  // namespace

ChainHash chain_hash(const ChainHash& before, std::uint64_t seq, const JournalEntry& entry) {
  [[maybe_unused]] static const int ready = sodium_init();
  Hasher hasher;
  hasher.add(as_bytes(before));
  hasher.add(seq);
  hasher.add(static_cast<std::uint64_t>(entry.at.time_since_epoch().count()));
  hasher.add(entry.kind);
  hasher.add(static_cast<std::uint64_t>(entry.alarm));
  for (const auto* text :
       {&entry.subject, &entry.from, &entry.to, &entry.who, &entry.post, &entry.why, &entry.name, &entry.address}) {
    hasher.add(*text);
  }
  return hasher.finish();
}

std::string_view as_bytes(const ChainHash& hash) noexcept {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char byte : bytes) {
    text += kDigits[static_cast<std::uint8_t>(byte) >> 4];
    text += kDigits[static_cast<std::uint8_t>(byte) & 0x0F];
  }
  return text;
}

bool read_hex(std::string_view text, std::uint8_t* bytes, std::size_t size) noexcept {
  if (text.size() != 2 * size) return false;
  for (std::size_t i = 0; i < size; ++i) {
    const int high = digit_value(text[2 * i]);
    const int low = digit_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<std::uint8_t>(16 * high + low);
  }
  return true;
}

std::optional<ChainHash> chain_hash_from_hex(std::string_view text) noexcept {
  ChainHash hash;
  return read_hex(text, hash.data(), hash.size()) ? std::optional(hash) : std::nullopt;
}

}  // namespace firegate::store
