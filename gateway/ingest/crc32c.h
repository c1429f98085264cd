// CRC-32C (Castagnoli, RFC 3720 appendix B.4), with the SSE 4.2 instruction where the processor has it. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace firegate::ingest {

// Continues `crc` over `size` bytes; start with any seed. crc32c(0, "123456789", 9) == 0xE3069283.
std::uint32_t crc32c(std::uint32_t crc, const void* data, std::size_t size) noexcept;

// The table version, for processors without the instruction and for the test that compares both.
std::uint32_t crc32c_by_table(std::uint32_t crc, const void* data, std::size_t size) noexcept;

}  // namespace firegate::ingest
