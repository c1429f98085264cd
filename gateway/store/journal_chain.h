// The chain of the journal: the hash of a row covers the row and the hash of the row before it, so that no row can be
// changed, taken out or put in without changing every hash after it. Pure; any thread.
//
// hash = BLAKE2b-256 (libsodium's crypto_generichash, no key) over, one after the other, each behind its length in
// eight bytes, the highest first:
//   the hash of the row before (32 bytes; 32 zero bytes before the first row of a chain) · seq · at · kind · alarm ·
//   subject · from · to · who · post · why · name · address
// Numbers are eight bytes, the highest first, in two's complement; `at` is milliseconds since 1970; texts are their
// bytes as they are stored (UTF-8). Nothing of it depends on the machine.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/batch.h"

namespace firegate::store {

using ChainHash = std::array<std::uint8_t, 32>;
constexpr ChainHash kBeforeTheFirst{};

ChainHash chain_hash(const ChainHash& before, std::uint64_t seq, const JournalEntry& entry);

std::string_view as_bytes(const ChainHash& hash) noexcept;
std::string to_hex(std::string_view bytes);  // small letters
inline std::string to_hex(const ChainHash& hash) { return to_hex(as_bytes(hash)); }
// Exactly 64 digits in small letters, as to_hex writes them.
std::optional<ChainHash> chain_hash_from_hex(std::string_view text) noexcept;
// Small letters only; false: something else, or another length than `size` bytes.
bool read_hex(std::string_view text, std::uint8_t* bytes, std::size_t size) noexcept;

}  // namespace firegate::store
