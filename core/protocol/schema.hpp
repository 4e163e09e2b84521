// How a message is declared: once, as a struct with a list of its fields.
//
//   struct PartitionData {
//     std::int32_t index = 0;                 // The initialiser is the field's default in Kafka's schema.
//     std::optional<Records> records;         // optional: may be null in some version.
//     UnknownTags unknown_tags;               // In every struct of a message with flexible versions.
//
//     static constexpr auto fields(auto list) {
//       return list(field("index", &PartitionData::index),
//                   field("records", &PartitionData::records).nullable());
//     }
//   };
//
// A message (request, response, header, or a record of an internal topic) is such a struct with kMinVersion,
// kMaxVersion and kFlexibleSince, and kApiKey when it is a request or response. The list gives decoding,
// encoding, exact size and JSON (codec.hpp, json.hpp). Order is wire order; tagged fields come in the order of
// their tags. Types: bool, integers, enums (as their integer), double, Uuid, String, Bytes, Records, structs,
// std::vector of these, and std::optional of what may be null.
//
// A field that a version does not have keeps its default when decoded and is left out when encoded. A null
// where the version knows no null is refused when decoded and encoded as empty.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>

namespace barnabas::protocol {

struct Versions {
  std::int16_t first;
  std::int16_t last;

  constexpr bool contains(std::int16_t version) const { return first <= version && version <= last; }
};

constexpr Versions since(std::int16_t first) { return {first, std::numeric_limits<std::int16_t>::max()}; }
constexpr Versions until(std::int16_t last) { return {0, last}; }
constexpr Versions between(std::int16_t first, std::int16_t last) { return {first, last}; }
inline constexpr Versions kAllVersions = since(0);
inline constexpr Versions kNoVersion{1, 0};
inline constexpr std::int16_t kNeverFlexible = std::numeric_limits<std::int16_t>::max();

template <class S, class T>
struct Field {
  const char* name;  // As in Kafka's JSON.
  T S::* member;
  Versions versions;
  Versions null_versions = kNoVersion;
  Versions tag_versions = kNoVersion;
  std::uint32_t tag = 0;
  bool never_compact = false;  // Keeps its two-byte length in flexible versions: a request header's clientId.

  constexpr Field nullable(Versions in = kAllVersions) const {
    Field field = *this;
    field.null_versions = in;
    return field;
  }
  constexpr Field tagged(std::uint32_t number, Versions in = kAllVersions) const {
    Field field = *this;
    field.tag = number;
    field.tag_versions = in;
    return field;
  }
  constexpr Field not_compact() const {
    Field field = *this;
    field.never_compact = true;
    return field;
  }
};

template <class S, class T>
constexpr Field<S, T> field(const char* name, T S::* member, Versions versions = kAllVersions) {
  return {name, member, versions};
}

template <class M>
concept Message = requires {
  { M::kMinVersion } -> std::convertible_to<std::int16_t>;
  { M::kMaxVersion } -> std::convertible_to<std::int16_t>;
  { M::kFlexibleSince } -> std::convertible_to<std::int16_t>;
};

}  // namespace barnabas::protocol
