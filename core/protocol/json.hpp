// Messages as JSON, in the layout of Kafka's own JsonConverter: camelCase names, bytes and records in base64,
// UUIDs in Kafka's base64url form, fields that the version does not have left out, tagged fields left out at
// their default. For tests, traces and tools; unknown tagged fields do not appear. Invalid UTF-8 becomes
// U+FFFD, as Java reads it.
#pragma once

#include <nlohmann/json.hpp>

#include "core/base/result.hpp"
#include "core/protocol/schema.hpp"

namespace barnabas::protocol {
namespace detail {

// Defined in detail/json_impl.hpp; instantiated by BARNABAS_PROTOCOL_MESSAGE.
template <Message M>
void message_to_json(const M& message, std::int16_t version, nlohmann::json& out);
template <Message M>
Result<M> message_from_json(const nlohmann::json& json, std::int16_t version);

}  // namespace detail

// Requires a version of M and no external records.
template <Message M>
nlohmann::json to_json(const M& message, std::int16_t version) {
  nlohmann::json json;
  detail::message_to_json(message, version, json);
  return json;
}

// The message owns all its strings and bytes. invalid_argument: a field is missing or of the wrong type; the
// message names it.
template <Message M>
Result<M> from_json(const nlohmann::json& json, std::int16_t version) {
  return detail::message_from_json<M>(json, version);
}

}  // namespace barnabas::protocol
