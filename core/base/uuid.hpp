// 16 bytes that name something once. Random ones come from env::Random, never from here.
#pragma once

#include <array>
#include <cstdint>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace barnabas {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;
  bool is_zero() const { return *this == Uuid{}; }

  // Base64 with the URL alphabet and no padding, 22 characters: as Kafka prints topic and cluster ids.
  std::string to_string() const;
  static std::optional<Uuid> parse(std::string_view text);

  // RFC 4122 version 4 from 128 random bits.
  static Uuid from_random(std::uint64_t high, std::uint64_t low);
};

}  // namespace barnabas
