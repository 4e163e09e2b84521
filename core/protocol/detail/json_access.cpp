#include "core/protocol/detail/json_access.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/base64.hpp"
#include "core/base/utf8.hpp"

namespace barnabas::protocol::detail {

void make_object(Json& json) { json = Json::object(); }
void make_array(Json& json, std::size_t size) {
  json = Json::array();
  json.get_ref<Json::array_t&>().resize(size);
}
Json& member(Json& object, const char* name) { return object[name]; }
Json& element(Json& array, std::size_t index) { return array[index]; }
void set_null(Json& json) { json = nullptr; }
void set_bool(Json& json, bool value) { json = value; }
void set_integer(Json& json, std::int64_t value) { json = value; }
void set_float64(Json& json, double value) { json = value; }
void set_text(Json& json, std::string_view text) { json = valid_utf8(text); }
void set_base64(Json& json, ByteView bytes) { json = to_base64(bytes); }

const Json* JsonReader::find(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

bool JsonReader::is_null(const Json& json) const { return json.is_null(); }

bool JsonReader::boolean(const Json& json) {
  if (!json.is_boolean()) return fail("is no boolean"), false;
  return json.get<bool>();
}

std::int64_t JsonReader::integer(const Json& json, std::int64_t low, std::int64_t high) {
  if (!json.is_number_integer()) return fail("is no integer"), 0;
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX) return fail("is out of range"), 0;
  const auto value = json.get<std::int64_t>();
  if (value < low || value > high) return fail("is out of range"), 0;
  return value;
}

double JsonReader::float64(const Json& json) {
  if (!json.is_number()) return fail("is no number"), 0;
  return json.get<double>();
}

std::string JsonReader::text(const Json& json) {
  if (!json.is_string()) return fail("is no string"), std::string();
  return json.get<std::string>();
}

Buffer JsonReader::base64(const Json& json) {
  auto bytes = from_base64(text(json));
  if (!bytes) return fail("is no base64"), Buffer();
  return std::move(*bytes);
}

Uuid JsonReader::uuid(const Json& json) {
  const auto value = Uuid::parse(text(json));
  if (!value) fail("is no UUID");
  return value.value_or(Uuid());
}

std::size_t JsonReader::array_size(const Json& json) {
  if (!json.is_array()) return fail("is no array"), 0;
  return json.size();
}

const Json& JsonReader::element(const Json& json, std::size_t index) const { return json[index]; }

}  // namespace barnabas::protocol::detail
