#include "core/coordinator/runtime/find_coordinator.hpp"

#include <gtest/gtest.h>

#include "core/protocol/messages/10_find_coordinator.hpp"

namespace barnabas::coordinator {
namespace {

CoordinatorLocation locate(CoordinatorType, std::string_view key) {
  if (key == "lost") return {.error = protocol::ErrorCode::coordinator_not_available};
  return {.node = BrokerId(3), .host = "h", .port = 9092};
}

TEST(FindCoordinator, one_key_in_the_old_shape) {
  protocol::FindCoordinatorRequest request;
  request.key = "g";
  const auto response = find_coordinator(2, request, locate);
  EXPECT_EQ(response.error_code, protocol::ErrorCode::none);
  EXPECT_EQ(response.node_id, 3);
  EXPECT_EQ(response.host, "h");
  EXPECT_EQ(response.port, 9092);
  EXPECT_TRUE(response.coordinators.empty());
}

TEST(FindCoordinator, each_key_of_a_batch_has_its_own_error) {
  protocol::FindCoordinatorRequest request;
  request.coordinator_keys = {"g", "lost"};
  const auto response = find_coordinator(4, request, locate);
  ASSERT_EQ(response.coordinators.size(), 2u);
  EXPECT_EQ(response.coordinators[0].key, "g");
  EXPECT_EQ(response.coordinators[0].node_id, 3);
  EXPECT_EQ(response.coordinators[1].error_code, protocol::ErrorCode::coordinator_not_available);
  EXPECT_EQ(response.coordinators[1].node_id, -1);
}

TEST(FindCoordinator, unknown_key_type_is_an_invalid_request) {
  protocol::FindCoordinatorRequest request;
  request.key_type = 2;
  EXPECT_EQ(find_coordinator(3, request, locate).error_code, protocol::ErrorCode::invalid_request);
  EXPECT_EQ(find_coordinator(6, request, locate).coordinators.size(), 0u);
}

}  // namespace
}  // namespace barnabas::coordinator
