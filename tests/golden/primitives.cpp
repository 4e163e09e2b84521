// Single values against Kafka's generic reader and writer.
#include <optional>

#include "core/base/base64.hpp"
#include "core/base/reader.hpp"
#include "core/base/writer.hpp"
#include "core/protocol/detail/message_impl.hpp"
#include "core/protocol/json.hpp"
#include "tests/golden/checks.hpp"
#include "tests/golden/vector_file.hpp"

namespace barnabas::golden {
namespace {

using namespace protocol;

// A message of one field: version 0 has Kafka's old encoding, version 1 the compact one.
template <class T>
struct Box {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 1;
  T value{};
  static constexpr auto fields(auto list) { return list(field("value", &Box::value)); }
};
template <class T>
struct NullableBox {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 1;
  std::optional<T> value;
  static constexpr auto fields(auto list) { return list(field("value", &NullableBox::value).nullable()); }
};

struct Outcome {
  bool ok = false;
  Json value;
  std::size_t consumed = 0;
  std::string encoded;  // Hex of encoding the value again.
};

template <class M>
Outcome run_box(ByteView input, bool compact) {
  const std::int16_t version = compact ? 1 : 0;
  protocol::detail::Decoder decoder(input, version, false);
  M box;
  M::fields([&](const auto& only) {
    if constexpr (protocol::detail::kIsOptional<decltype(box.value)>) {
      protocol::detail::decode_nullable(decoder, box.*only.member, compact, false);
    } else {
      protocol::detail::decode_value(decoder, box.*only.member, compact);
    }
  });
  if (!decoder.ok()) return {};
  Writer out;
  encode(out, box, version);
  std::string hex = to_hex(out.view());
  if (compact) hex.resize(hex.size() - 2);  // The box's own count of tags.
  return {true, to_json(box, version).at("value"), input.size() - decoder.remaining(), hex};
}

template <class T>
Outcome run_reader(ByteView input, T (Reader::*read)(), void (Writer::*write)(T)) {
  Reader reader(input);
  const T value = (reader.*read)();
  if (!reader.ok()) return {};
  Writer out;
  (out.*write)(value);
  return {true, Json(value), reader.position(), to_hex(out.view())};
}

// Nothing when no reader of ours is meant.
std::optional<Outcome> run(std::string type, ByteView input) {
  const auto take = [&](std::string_view word) {
    const auto at = type.find(word);
    if (at == std::string::npos) return false;
    type.erase(at, word.size());
    return true;
  };
  if (type == "varint") return run_reader(input, &Reader::varint, &Writer::varint);
  if (type == "varlong") return run_reader(input, &Reader::varlong, &Writer::varlong);
  if (type == "unsignedVarint") return run_reader(input, &Reader::unsigned_varint, &Writer::unsigned_varint);
  if (type == "unsignedVarlong") return run_reader(input, &Reader::unsigned_varlong, &Writer::unsigned_varlong);
  const bool compact = take("COMPACT_");
  const bool nullable = take("NULLABLE_") || take("NULLABLE ");
  if (type == "uint32") return run_box<Box<std::uint32_t>>(input, false);
  if (type == "FLOAT64") return run_box<Box<double>>(input, false);
  if (type == "UUID") return run_box<Box<Uuid>>(input, false);
  if (type == "BOOLEAN") return run_box<Box<bool>>(input, false);
  if (type == "STRING" && nullable) return run_box<NullableBox<String>>(input, compact);
  if (type == "STRING") return run_box<Box<String>>(input, compact);
  if (type == "BYTES" && nullable) return run_box<NullableBox<Bytes>>(input, compact);
  if (type == "BYTES") return run_box<Box<Bytes>>(input, compact);
  if (type == "ARRAY(INT32)" && nullable) return run_box<NullableBox<std::vector<std::int32_t>>>(input, compact);
  if (type == "ARRAY(INT32)") return run_box<Box<std::vector<std::int32_t>>>(input, compact);
  return std::nullopt;
}

// The vectors show bytes as hex, our JSON in base64; unsigned varlongs as signed numbers.
Json expected_value(const Line& line) {
  const Json& value = line["value"];
  const auto type = line["type"].get<std::string>();
  if (type.ends_with("BYTES") && value.is_string()) {
    return to_base64(from_hex(value.get<std::string>()).view());
  }
  if (type == "unsignedVarlong") return static_cast<std::uint64_t>(value.get<std::int64_t>());
  return value;
}

// Kafka's generic reader, which these vectors come from, refuses a compact array length below null; the
// generated readers of messages, which we follow, take every negative length for null.
bool is_known_difference(const Line& line) {
  return line["type"] == "NULLABLE COMPACT_ARRAY(INT32)" && line["hex"] == "ffffffff0f";
}

}  // namespace

void check_primitive(Line& line) {
  const Buffer bytes = from_hex(line["hex"].get<std::string>());
  const std::optional<Outcome> outcome = run(line["type"], bytes.view());
  if (!outcome) return line.fail("no reader for " + line["type"].get<std::string>());
  if (is_known_difference(line)) {
    line.expect(outcome->ok && outcome->value.is_null(), "not read as null");
    return line.not_compared("the verdict on a length below null: Kafka's messages take it for null, and so do ours");
  }
  if (!line.equal(outcome->ok, !line.has("error"), "taken") || !outcome->ok) return;
  // JSON has no NaN and no infinity; their bits are compared below.
  const bool finite = line["type"] != "FLOAT64" || line["value"].is_number();
  if (finite) line.equal(outcome->value, expected_value(line), "value");
  if (line.has("decodeOnly")) {
    line.equal(outcome->consumed, line["consumed"].get<std::size_t>(), "bytes consumed");
  } else {
    line.equal(outcome->encoded, line["hex"].get<std::string>(), "encoded again");
    line.equal(bytes.size(), line["size"].get<std::size_t>(), "size");
  }
}

}  // namespace barnabas::golden
