// Java's .properties syntax, which Kafka's server.properties has.
//
// `key=value`, `key:value` or `key value`; lines that begin with # or ! are comments; a backslash at the end of a line
// continues it, leading blanks of the next line dropped; \t \n \r \f \uXXXX are what they are in Java, any other
// escaped character is itself. Text is taken as UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace barnabas::metadata {

struct Property {
  std::string key;
  std::string value;
  std::size_t line = 0;  // Where it begins, from 1.
};

// In the order of the file, repeated keys included. Every text is valid: a line without a separator is a key with
// an empty value.
std::vector<Property> parse_properties(std::string_view text);

}  // namespace barnabas::metadata
