// CRC-32C, by the SSE4.2 instruction where the processor has it, else by tables.
//
// The instruction takes three cycles but one can start each cycle, so three neighbouring stripes are computed
// side by side and joined: the CRC of "a then b" is the CRC of a, advanced over length(b) zero bytes, xor the
// CRC of b started from zero. Advancing over a fixed length is linear, so four tables of 256 words do it.
#include <array>
#include <cstring>

#include "core/base/checksum.hpp"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace barnabas {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // Reflected Castagnoli.
constexpr std::size_t kStripe = 1024;

using Matrix = std::array<std::uint32_t, 32>;
using ByteTables = std::array<std::array<std::uint32_t, 256>, 4>;

constexpr std::uint32_t gf2_times(const Matrix& matrix, std::uint32_t vector) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; vector != 0; ++i, vector >>= 1) {
    if ((vector & 1) != 0) sum ^= matrix[i];
  }
  return sum;
}

// The effect on the register of `bytes` zero bytes, a power of two.
constexpr Matrix zeros_matrix(std::size_t bytes) {
  Matrix matrix{};
  matrix[0] = kPolynomial;  // One zero bit.
  for (std::size_t i = 1; i < 32; ++i) matrix[i] = 1u << (i - 1);
  for (std::size_t bits = 1; bits < bytes * 8; bits *= 2) {
    Matrix squared{};
    for (std::size_t i = 0; i < 32; ++i) squared[i] = gf2_times(matrix, matrix[i]);
    matrix = squared;
  }
  return matrix;
}

constexpr ByteTables advance_tables(std::size_t bytes) {
  const Matrix matrix = zeros_matrix(bytes);
  ByteTables tables{};
  for (std::size_t lane = 0; lane < 4; ++lane) {
    for (std::uint32_t byte = 0; byte < 256; ++byte) tables[lane][byte] = gf2_times(matrix, byte << (8 * lane));
  }
  return tables;
}

constexpr ByteTables kAdvanceStripe = advance_tables(kStripe);

constexpr std::array<std::uint32_t, 256> kBytewise = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    table[byte] = crc;
  }
  return table;
}();

std::uint32_t software(std::uint32_t crc, const std::uint8_t* data, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) crc = (crc >> 8) ^ kBytewise[(crc ^ data[i]) & 0xff];
  return crc;
}

#if defined(__x86_64__)

std::uint64_t load64(const std::uint8_t* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

std::uint64_t advance(const ByteTables& tables, std::uint64_t crc) {
  return tables[0][crc & 0xff] ^ tables[1][(crc >> 8) & 0xff] ^ tables[2][(crc >> 16) & 0xff] ^
         tables[3][(crc >> 24) & 0xff];
}

__attribute__((target("sse4.2"))) std::uint32_t hardware(std::uint32_t start, const std::uint8_t* data,
                                                         std::size_t size) {
  std::uint64_t crc = start;
  for (; size >= 3 * kStripe; data += 3 * kStripe, size -= 3 * kStripe) {
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    for (std::size_t i = 0; i < kStripe; i += 8) {
      crc = _mm_crc32_u64(crc, load64(data + i));
      second = _mm_crc32_u64(second, load64(data + kStripe + i));
      third = _mm_crc32_u64(third, load64(data + 2 * kStripe + i));
    }
    crc = advance(kAdvanceStripe, crc) ^ second;
    crc = advance(kAdvanceStripe, crc) ^ third;
  }
  for (; size >= 8; data += 8, size -= 8) crc = _mm_crc32_u64(crc, load64(data));
  auto rest = static_cast<std::uint32_t>(crc);
  for (; size > 0; ++data, --size) rest = _mm_crc32_u8(rest, *data);
  return rest;
}

#endif

}  // namespace

std::uint32_t crc32c(ByteView data, std::uint32_t crc) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(data.data());
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return ~hardware(~crc, bytes, data.size());
#endif
  return ~software(~crc, bytes, data.size());
}

}  // namespace barnabas
