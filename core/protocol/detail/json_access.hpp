// The few operations on JSON that messages need, behind functions: nlohmann's header, which is slow to compile,
// is read by json_access.cpp alone and not once per message.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/uuid.hpp"

namespace barnabas::protocol::detail {

using Json = nlohmann::json;

void make_object(Json& json);
void make_array(Json& json, std::size_t size);
Json& member(Json& object, const char* name);  // Created as null.
Json& element(Json& array, std::size_t index);
void set_null(Json& json);
void set_bool(Json& json, bool value);
void set_integer(Json& json, std::int64_t value);
void set_float64(Json& json, double value);
void set_text(Json& json, std::string_view text);  // Invalid UTF-8 becomes U+FFFD.
void set_base64(Json& json, ByteView bytes);

// Reads JSON and remembers the first thing that is wrong with it.
class JsonReader {
 public:
  bool ok() const { return problem_.empty(); }
  const std::string& problem() const { return problem_; }
  // Prepends a name to the path of the problem, innermost first.
  void add_failed_field(const char* name) { path_.insert(0, path_.empty() ? name : std::string(name) + "."); }
  std::string describe() const { return path_ + ": " + problem_; }

  // Null when object is no object or has no such member.
  const Json* find(const Json& object, const char* name);
  void missing() { fail("is missing"); }
  bool is_null(const Json& json) const;
  bool boolean(const Json& json);
  std::int64_t integer(const Json& json, std::int64_t low, std::int64_t high);
  double float64(const Json& json);
  std::string text(const Json& json);
  Buffer base64(const Json& json);
  Uuid uuid(const Json& json);
  std::size_t array_size(const Json& json);
  const Json& element(const Json& json, std::size_t index) const;

 private:
  void fail(const char* problem) {
    if (problem_.empty()) problem_ = problem;
  }
  std::string problem_;
  std::string path_;
};

}  // namespace barnabas::protocol::detail
