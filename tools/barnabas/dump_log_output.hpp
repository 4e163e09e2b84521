// Where dump-log prints to: lines as kafka-dump-log --deep-iteration --print-data-log writes them, or JSON, one object
// a line.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"

namespace barnabas::tools {

using Json = nlohmann::ordered_json;

class DumpOutput {
 public:
  explicit DumpOutput(bool json) : json_(json) {}

  bool json() const { return json_; }
  // Names the file in all objects that follow.
  void begin_file(const std::string& path);
  void text(const std::string& line);
  // Gets the key "file" first and "type" second.
  void object(std::string_view type, Json fields);
  // Something is wrong with the file: a line, or an object of type "damage".
  void damage(const std::string& what);
  bool damaged() const { return damaged_; }

 private:
  bool json_;
  bool damaged_ = false;
  std::string path_;
};

// As text if it is UTF-8, else {"base64": "..."}; null when there is nothing.
Json json_of(const std::optional<ByteView>& bytes);
// What is not UTF-8 replaced by U+FFFD, as Java prints it.
std::string readable(ByteView bytes);

}  // namespace barnabas::tools
