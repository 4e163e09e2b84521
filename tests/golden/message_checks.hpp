// What a golden vector demands of one message type.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/protocol/codec.hpp"
#include "core/protocol/json.hpp"
#include "tests/golden/vector_file.hpp"

namespace barnabas::golden {

// hex -> message -> the same JSON; -> the same hex, of the size foretold; JSON -> message -> the same hex.
// Empty when all of it holds, else what does not.
template <class M>
std::string check_message(ByteView bytes, std::int16_t version, const nlohmann::json& vector) {
  const nlohmann::json& json = vector.at("json");
  std::size_t left = 0;
  const auto decoded = protocol::decode<M>(bytes, version, &left);
  if (!decoded) return "decode: " + decoded.error().to_string();
  if (left != 0) return std::to_string(left) + " bytes left over";
  if (protocol::to_json(*decoded, version) != json) {
    return "JSON differs: " + protocol::to_json(*decoded, version).dump() + "\n  expected " + json.dump();
  }
  Writer again;
  protocol::encode(again, *decoded, version);
  if (to_hex(again.view()) != to_hex(bytes)) return "encoded again: " + to_hex(again.view());
  if (protocol::encoded_size(*decoded, version) != bytes.size()) return "encoded_size differs";

  auto from_json = protocol::from_json<M>(json, version);
  if (!from_json) return "from_json: " + from_json.error().to_string();
  Writer from_text;
  protocol::encode(from_text, *from_json, version);
  if (!vector.contains("unknownTags")) {
    if (to_hex(from_text.view()) != to_hex(bytes)) return "encoded from JSON: " + to_hex(from_text.view());
    return {};
  }
  // JSON cannot hold unknown tags: what it gives must be the same message without them.
  const auto without_tags = protocol::decode<M>(from_text.view(), version);
  if (!without_tags || protocol::to_json(*without_tags, version) != json) return "through JSON, without tags";
  if (from_text.size() >= bytes.size()) return "unknown tags take no room";
  return {};
}

// A damaged body: whether it parses, what it says, and how many bytes are left.
template <class M>
std::string check_malformed(const nlohmann::json& vector) {
  const Buffer bytes = from_hex(vector.at("hex").get<std::string>());
  const auto version = vector.at("version").get<std::int16_t>();
  std::size_t left = 0;
  const auto decoded = protocol::decode<M>(bytes.view(), version, &left);
  if (decoded.has_value() != vector.at("parsed").get<bool>()) {
    return decoded ? "was accepted" : "was refused: " + decoded.error().to_string();
  }
  if (!decoded) return {};
  if (left != vector.at("left").get<std::size_t>()) return std::to_string(left) + " bytes left";
  if (const auto json = protocol::to_json(*decoded, version); json != vector.at("json")) {
    return "JSON differs: " + json.dump();
  }
  Writer again;  // Whatever was accepted can be sent.
  protocol::encode(again, *decoded, version);
  return {};
}

}  // namespace barnabas::golden
