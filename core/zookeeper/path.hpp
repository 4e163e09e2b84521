// Paths of znodes.
#pragma once

#include <string>
#include <string_view>

namespace barnabas::zookeeper {

// ZooKeeper's rules: absolute, no '/' at the end (but for the root), no empty, "." or ".." segment, no control
// characters, no private-use or non-characters.
bool is_valid_path(std::string_view path);

// "/a" of "/a/b", "/" of "/a". Requires an absolute path other than the root.
std::string_view parent_of(std::string_view path);
// "b" of "/a/b".
std::string_view name_of_path(std::string_view path);

// "/a/b" of ("/a", "b"), "/b" of ("/", "b").
std::string join(std::string_view parent, std::string_view name);

}  // namespace barnabas::zookeeper
