// Requests, responses, headers, internal records, frames: the codec against Kafka's.
#include <array>

#include "core/protocol/header.hpp"
#include "core/protocol/internal/versioned.hpp"
#include "tests/golden/checks.hpp"
#include "tests/golden/message_codec.hpp"
#include "tests/golden/vector_file.hpp"

namespace barnabas::golden {
namespace {

constexpr const char* kUndeclared = "an API or record type that is not declared";
constexpr const char* kUnstable =
    "version 0 of ReadShareGroupStateSummary as in 3.9.1, unstable there: Kafka changed it before it settled";
constexpr const char* kRenamed = "names of fields that Kafka 4 renamed: compared under the new ones, same bytes";

// Kafka 4 renamed these; the bytes are the same.
struct Rename {
  int key;
  const char* type;
  const char* old_name;
  const char* new_name;
};
constexpr std::array kRenames = {
    Rename{28, "request", "generationId", "generationIdOrMemberEpoch"},
    Rename{52, "request", "candidateEpoch", "replicaEpoch"},
    Rename{52, "request", "candidateId", "replicaId"},
    Rename{52, "request", "candidateDirectoryId", "replicaDirectoryId"},
    Rename{74, "response", "clientMetricsResources", "configResources"},
    Rename{74, "response", "name", "resourceName"},
};

bool rename_member(Json& json, const Rename& rename) {
  bool renamed = false;
  if (json.is_object()) {
    if (const auto found = json.find(rename.old_name); found != json.end()) {
      Json value = std::move(*found);
      json.erase(found);
      json[rename.new_name] = std::move(value);
      renamed = true;
    }
  }
  if (json.is_structured()) {
    for (Json& inner : json) renamed = rename_member(inner, rename) || renamed;
  }
  return renamed;
}

// The JSON of a body under the names that are declared here.
Json with_new_names(Line& line, Json json) {
  bool renamed = false;
  for (const Rename& rename : kRenames) {
    if (rename.key != line["key"].get<int>() || line.content().value("type", "request") != rename.type) continue;
    renamed = rename_member(json, rename) || renamed;
  }
  if (renamed) line.not_compared(kRenamed);
  return json;
}

bool is_unstable(const Line& line) { return line["key"] == 87 && line["version"] == 0 && line["kafka"] == "3.9.1"; }

// hex -> message -> the same JSON; -> the same hex, of the size foretold; JSON -> message -> the same hex.
void check_both_ways(Line& line, const MessageCodec& codec, ByteView bytes, std::int16_t version, const Json& json) {
  line.equal(version >= codec.flexible_since, line["flexible"].get<bool>(), "flexible");
  const auto decoded = codec.decode(bytes, version);
  if (!decoded) return line.fail("decode: " + decoded.error().to_string());
  line.equal(decoded->left, 0u, "bytes left over");
  line.equal(decoded->json, json, "JSON");
  line.equal(to_hex(decoded->again.view()), to_hex(bytes), "encoded again");
  line.equal(decoded->foretold, bytes.size(), "encoded_size");

  const auto from_text = codec.encode_json(json, version);
  if (!from_text) return line.fail("from JSON: " + from_text.error().to_string());
  if (!line.has("unknownTags")) {
    line.equal(to_hex(from_text->view()), to_hex(bytes), "encoded from JSON");
    return;
  }
  // JSON cannot hold unknown tags: what it gives must be the same message without them.
  const auto without_tags = codec.decode(from_text->view(), version);
  line.expect(without_tags && without_tags->json == json, "the message without its unknown tags differs");
  line.expect(from_text->size() < bytes.size(), "unknown tags take no room");
}

}  // namespace

void check_message(Line& line) {
  const ApiCodecs* api = api_codecs(line["key"]);
  if (api == nullptr) return line.not_applicable(kUndeclared);
  if (is_unstable(line) && line["type"] == "response") return line.not_applicable(kUnstable);
  const bool is_request = line["type"] == "request";
  const auto version = line["version"].get<std::int16_t>();
  const std::int16_t header_version =
      is_request ? api->request_header_version(version) : api->response_header_version(version);
  line.equal(header_version, line["headerVersion"].get<std::int16_t>(), "headerVersion");
  const Buffer bytes = from_hex(line["hex"].get<std::string>());
  const Json json = with_new_names(line, line["json"]);
  check_both_ways(line, is_request ? api->request : api->response, bytes.view(), version, json);
}

void check_internal(Line& line) {
  const Buffer bytes = from_hex(line["hex"].get<std::string>());
  const auto version = protocol::version_of(bytes.view());
  if (!version) return line.fail("no version");
  line.equal(*version, line["version"].get<std::int16_t>(), "version");
  const MessageCodec* codec = internal_codec(line["type"].get<std::string>());
  if (codec == nullptr) return line.not_applicable(kUndeclared);
  check_both_ways(line, *codec, bytes.view().subspan(2), *version, line["json"]);
}

void check_header(Line& line) {
  const bool is_request = line["type"] == "requestHeader";
  if (!is_request && !line.equal(line["type"], "responseHeader", "type")) return;
  const Buffer bytes = from_hex(line["hex"].get<std::string>());
  check_both_ways(line, is_request ? request_header_codec() : response_header_codec(), bytes.view(), line["version"],
                  line["json"]);
}

void check_malformed(Line& line) {
  const ApiCodecs* api = api_codecs(line["key"]);
  if (api == nullptr) return line.not_applicable(kUndeclared);
  const Buffer bytes = from_hex(line["hex"].get<std::string>());
  const auto decoded = api->request.decode(bytes.view(), line["version"]);
  const std::string verdict = decoded ? "was accepted" : "was refused: " + decoded.error().to_string();
  if (!line.expect(decoded.has_value() == line["parsed"].get<bool>(), verdict) || !decoded) return;
  line.equal(decoded->left, line["left"].get<std::size_t>(), "bytes left");
  line.equal(decoded->json, with_new_names(line, line["json"]), "JSON");
}

namespace {

void check_request_frame(Line& line, const ApiCodecs& api, ByteView frame) {
  const auto parsed = protocol::parse_request(frame);
  if (!parsed) return line.fail("parse_request: " + parsed.error().to_string());
  const std::int16_t version = parsed->header.api_version;
  const std::int16_t header_version = api.request_header_version(version);
  line.equal(header_version, line["headerVersion"].get<std::int16_t>(), "headerVersion");
  const auto header = request_header_codec().decode(frame, header_version);
  line.expect(header && header->json == line["header"], "the header differs");
  const auto body = api.request.decode(parsed->body, version);
  if (!body) return line.fail("body: " + body.error().to_string());
  line.equal(body->json, with_new_names(line, line["body"]), "body");
}

void check_response_frame(Line& line, const ApiCodecs& api, ByteView frame) {
  const auto version = line["version"].get<std::int16_t>();
  const std::int16_t header_version = api.response_header_version(version);
  line.equal(header_version, line["headerVersion"].get<std::int16_t>(), "headerVersion");
  const auto header = response_header_codec().decode(frame, header_version);
  if (!header) return line.fail("header: " + header.error().to_string());
  line.equal(header->json, line["header"], "header");
  const auto body = api.response.decode(frame.last(header->left), version);
  if (!body) return line.fail("body: " + body.error().to_string());
  line.equal(body->json, with_new_names(line, line["body"]), "body");
}

}  // namespace

void check_frame(Line& line) {
  const ApiCodecs* api = api_codecs(line["key"]);
  if (api == nullptr) return line.not_applicable(kUndeclared);
  if (is_unstable(line) && line["type"] == "response") return line.not_applicable(kUnstable);
  const Buffer bytes = from_hex(line["hex"].get<std::string>());
  const auto size = load_big_endian<std::int32_t>(bytes.data());
  line.equal(static_cast<std::size_t>(size), bytes.size() - 4, "size of the frame");
  if (line["type"] == "request") {
    check_request_frame(line, *api, bytes.view().subspan(4));
  } else {
    check_response_frame(line, *api, bytes.view().subspan(4));
  }
}

void check_capture(Line& line) {
  const ApiCodecs& api = *api_codecs(static_cast<int>(protocol::ApiKey::api_versions));
  const Buffer request = from_hex(line["requestFrameNoSize"].get<std::string>());
  const auto parsed = protocol::parse_request(request.view());
  if (!parsed) return line.fail("parse_request: " + parsed.error().to_string());
  line.equal(parsed->header.api_version, line["requestVersion"].get<std::int16_t>(), "version of the request");
  const std::int16_t version = line["responseBodyVersion"];
  const Buffer response = from_hex(line["responseFrameNoSize"].get<std::string>());
  const auto header = response_header_codec().decode(response.view(), api.response_header_version(version));
  if (!header) return line.fail("header: " + header.error().to_string());
  line.equal(header->json["correlationId"], parsed->header.correlation_id, "correlation id");
  const auto body = api.response.decode(response.view().last(header->left), version);
  if (!body) return line.fail("body: " + body.error().to_string());
  line.equal(body->json, line["json"], "body");
  line.equal(to_hex(body->again.view()), to_hex(response.view().last(header->left)), "encoded again");
}

}  // namespace barnabas::golden
