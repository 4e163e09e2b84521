#include "core/metadata/properties.hpp"

#include <gtest/gtest.h>

namespace barnabas::metadata {
namespace {

std::pair<std::string, std::string> one(std::string_view text) {
  const auto properties = parse_properties(text);
  EXPECT_EQ(properties.size(), 1U) << text;
  return properties.empty() ? std::pair<std::string, std::string>() : std::pair(properties[0].key, properties[0].value);
}
using Pair = std::pair<std::string, std::string>;

TEST(Properties, separators_are_equals_colon_and_blanks) {
  EXPECT_EQ(one("a=b"), Pair("a", "b"));
  EXPECT_EQ(one("a:b"), Pair("a", "b"));
  EXPECT_EQ(one("a b"), Pair("a", "b"));
  EXPECT_EQ(one(" \t a \t = \t b"), Pair("a", "b"));
  EXPECT_EQ(one("a = = b"), Pair("a", "= b"));
  EXPECT_EQ(one("a"), Pair("a", ""));
  EXPECT_EQ(one("a="), Pair("a", ""));
  EXPECT_EQ(one("listeners=PLAINTEXT://:9092"), Pair("listeners", "PLAINTEXT://:9092"));
}

TEST(Properties, comments_and_empty_lines_are_skipped_and_lines_are_counted) {
  const auto properties = parse_properties("# one\n\n  ! two\r\na=1\rb=2\n   \nc=3");
  ASSERT_EQ(properties.size(), 3U);
  EXPECT_EQ(properties[0].line, 4U);
  EXPECT_EQ(properties[1].line, 5U);
  EXPECT_EQ(properties[2].line, 7U);
  EXPECT_EQ(properties[2].value, "3");
}

TEST(Properties, a_backslash_at_the_end_continues_the_line) {
  EXPECT_EQ(one("a=b,\\\n     c"), Pair("a", "b,c"));
  EXPECT_EQ(one("a=b\\\r\n\tc"), Pair("a", "bc"));
  EXPECT_EQ(one("a=b\\\\"), Pair("a", "b\\"));
  EXPECT_EQ(parse_properties("a=b\\\\\nc=d").size(), 2U);
  EXPECT_EQ(one("a=b\\"), Pair("a", "b"));
  EXPECT_EQ(one("a=1\\\n# no comment"), Pair("a", "1# no comment"));
}

TEST(Properties, escapes_are_javas) {
  EXPECT_EQ(one("a\\=b\\:c\\ d=x\\ty"), Pair("a=b:c d", "x\ty"));
  EXPECT_EQ(one("a=\\n\\r\\f\\q"), Pair("a", "\n\r\fq"));
  EXPECT_EQ(one("a=\\u0041\\u00e9\\u20ac"), Pair("a", "A\u00e9\u20ac"));
  EXPECT_EQ(one("a=\\uD83D\\uDE00"), Pair("a", "\U0001F600"));
  EXPECT_EQ(one("a=\\u12"), Pair("a", "u12"));
}

TEST(Properties, an_empty_text_has_none) {
  EXPECT_TRUE(parse_properties("").empty());
  EXPECT_TRUE(parse_properties("\n\n\\\n").empty());
  EXPECT_EQ(one("\xef\xbb\xbf"
                "a=b"),
            Pair("a", "b"));
}

}  // namespace
}  // namespace barnabas::metadata
