// Messages by name and number: what a vector says it holds is known at run time only.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/protocol/api_key.hpp"

namespace barnabas::golden {

// All that can be asked of bytes that were decoded.
struct Decoded {
  nlohmann::json json;
  Buffer again;              // Encoded once more.
  std::size_t foretold = 0;  // encoded_size.
  std::size_t left = 0;      // Bytes after the message.
};

struct MessageCodec {
  std::int16_t min_version;
  std::int16_t max_version;
  std::int16_t flexible_since;
  Result<Decoded> (*decode)(ByteView bytes, std::int16_t version);
  Result<Buffer> (*encode_json)(const nlohmann::json& json, std::int16_t version);
};

struct ApiCodecs {
  protocol::ApiKey key;
  MessageCodec request;
  MessageCodec response;
  std::int16_t (*request_header_version)(std::int16_t version);
  std::int16_t (*response_header_version)(std::int16_t version);
};

// Sorted by key.
std::span<const ApiCodecs> all_apis();
// Null when it is not declared.
const ApiCodecs* api_codecs(int key);
// By the name of the declaration; null when there is none.
const MessageCodec* internal_codec(std::string_view type);

const MessageCodec& request_header_codec();
const MessageCodec& response_header_codec();

}  // namespace barnabas::golden
