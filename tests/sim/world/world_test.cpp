#include "sim/world/world.hpp"

#include <gtest/gtest.h>

namespace barnabas::sim {
namespace {

Task<Result<std::string>> write_then_read(env::Env env) {
  B_CO_TRY_VOID(co_await env.disk.create_directories("/d"));
  B_CO_TRY(auto file, co_await env.disk.open("/d/f", env::OpenMode::create));
  const ByteView parts[] = {as_bytes("hello "), as_bytes("world")};
  B_CO_TRY_VOID(co_await file->write_at(0, parts));
  B_CO_TRY_VOID(co_await file->sync());
  co_await env.clock.sleep_for(5ms);
  B_CO_TRY(const Buffer data, co_await file->read_at(0, 100));
  co_return std::string(as_text(data.view()));
}

TEST(World, run_drives_a_task_to_its_end) {
  World world(1);
  Node& a = world.add_node("a");
  const auto result = world.run(a, write_then_read(a.env()));
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(*result, "hello world");
  EXPECT_GE(world.elapsed(), 5ms);
}

}  // namespace
}  // namespace barnabas::sim
