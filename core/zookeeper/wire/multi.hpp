// Requests of several operations, and their answers.
//
// Each operation has a header with its op code in front; a header with `done` ends the list. A multi is all or
// nothing: when one operation fails, the answer has an ErrorResult for each (ok before the one that failed,
// runtime_inconsistency after it), and the reply's header says no error. The operations of a multi_read fail one by
// one.
#pragma once

#include <variant>
#include <vector>

#include "core/zookeeper/wire/records.hpp"

namespace barnabas::zookeeper::wire {

struct MultiHeader {
  OpCode op = OpCode::error;
  bool done = true;
  std::int32_t err = -1;
  static constexpr auto kFields = std::tuple(&MultiHeader::op, &MultiHeader::done, &MultiHeader::err);
};

// op: create, create2, create_container, create_ttl, remove, set_data, check; of a multi_read get_data, get_children
// (both with their path alone).
struct MultiOp {
  OpCode op = OpCode::error;
  std::variant<CreateRequest, CreateTtlRequest, DeleteRequest, SetDataRequest, CheckRequest, ReadRequest> body;
};
struct MultiRequest {
  std::vector<MultiOp> ops;
};
void put(Writer& out, const MultiRequest& request);
// Fails the reader at an operation that can't be in a multi, or when the end is missing.
void take(Reader& in, MultiRequest& request);

// op: that of the operation, error for an ErrorResult. err: that of the header.
struct MultiResultItem {
  OpCode op = OpCode::error;
  std::variant<std::monostate, ErrorResponse, CreateResponse, Create2Response, StatResponse, GetDataResponse,
               ChildrenResponse>
      body;
};
struct MultiResponse {
  std::vector<MultiResultItem> results;
};
void put(Writer& out, const MultiResponse& response);
void take(Reader& in, MultiResponse& response);

}  // namespace barnabas::zookeeper::wire
