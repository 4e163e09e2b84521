#include "core/zookeeper/path.hpp"

#include <gtest/gtest.h>

namespace barnabas::zookeeper {
namespace {

TEST(ZnodePath, absolute_paths_of_plain_names_are_valid) {
  for (const char* path : {"/", "/a", "/a/b", "/config/brokers/<default>", "/a..b/.c", "/a/...", "/caf\u00e9"}) {
    EXPECT_TRUE(is_valid_path(path)) << path;
  }
}

TEST(ZnodePath, everything_that_zookeeper_refuses_is_invalid) {
  for (const char* path : {"", "a", "a/b", "/a/", "//", "/a//b", "/.", "/..", "/a/./b", "/a/../b", "/a/..", "/a\nb",
                           "/a\x7f", "/a\u0080", "/a\u009f", "/\ue000", "/\uf8ff", "/\ufff0", "/\uffff"}) {
    EXPECT_FALSE(is_valid_path(path)) << path;
  }
  EXPECT_FALSE(is_valid_path(std::string_view("/a\0b", 4)));
}

TEST(ZnodePath, parent_and_name_are_what_join_takes) {
  EXPECT_EQ(parent_of("/a"), "/");
  EXPECT_EQ(parent_of("/a/b/c"), "/a/b");
  EXPECT_EQ(name_of_path("/a/b"), "b");
  EXPECT_EQ(join("/", "a"), "/a");
  EXPECT_EQ(join("/a", "b"), "/a/b");
}

}  // namespace
}  // namespace barnabas::zookeeper
