#include "core/zookeeper/wire/multi.hpp"

namespace barnabas::zookeeper::wire {

namespace {

void put_end(Writer& out) { put(out, MultiHeader{}); }

template <class Body, class Item>
void take_body(Reader& in, Item& item) {
  take(in, item.body.template emplace<Body>());
}

void take_op(Reader& in, MultiOp& op) {
  switch (op.op) {
    case OpCode::create:
    case OpCode::create2:
    case OpCode::create_container: return take_body<CreateRequest>(in, op);
    case OpCode::create_ttl: return take_body<CreateTtlRequest>(in, op);
    case OpCode::remove: return take_body<DeleteRequest>(in, op);
    case OpCode::set_data: return take_body<SetDataRequest>(in, op);
    case OpCode::check: return take_body<CheckRequest>(in, op);
    case OpCode::get_data:
    case OpCode::get_children: return take_body<ReadRequest>(in, op);
    default: in.set_failed();
  }
}

void take_result(Reader& in, MultiResultItem& item) {
  switch (item.op) {
    case OpCode::error: return take_body<ErrorResponse>(in, item);
    case OpCode::create: return take_body<CreateResponse>(in, item);
    case OpCode::create2:
    case OpCode::create_container:
    case OpCode::create_ttl: return take_body<Create2Response>(in, item);
    case OpCode::set_data: return take_body<StatResponse>(in, item);
    case OpCode::get_data: return take_body<GetDataResponse>(in, item);
    case OpCode::get_children: return take_body<ChildrenResponse>(in, item);
    case OpCode::remove:
    case OpCode::check: return;
    default: in.set_failed();
  }
}

// Items until the header that ends them. Each has at least its header, so the bytes bound the loop.
template <class Item, class TakeBody>
void take_items(Reader& in, std::vector<Item>& items, TakeBody take_body_of) {
  items.clear();
  MultiHeader header;
  take(in, header);
  while (in.ok() && !header.done) {
    Item& item = items.emplace_back();
    item.op = header.op;
    take_body_of(in, item);
    take(in, header);
  }
  if (!in.ok()) items.clear();
}

}  // namespace

void put(Writer& out, const MultiRequest& request) {
  for (const MultiOp& op : request.ops) {
    put(out, MultiHeader{op.op, false, -1});
    std::visit([&](const auto& body) { put(out, body); }, op.body);
  }
  put_end(out);
}

void take(Reader& in, MultiRequest& request) { take_items(in, request.ops, take_op); }

void put(Writer& out, const MultiResponse& response) {
  for (const MultiResultItem& item : response.results) {
    const auto* error = std::get_if<ErrorResponse>(&item.body);
    put(out, MultiHeader{item.op, false, error != nullptr ? static_cast<std::int32_t>(error->err) : 0});
    std::visit(
        [&]<class Body>(const Body& body) {
          if constexpr (!std::is_same_v<Body, std::monostate>) put(out, body);
        },
        item.body);
  }
  put_end(out);
}

void take(Reader& in, MultiResponse& response) { take_items(in, response.results, take_result); }

}  // namespace barnabas::zookeeper::wire
