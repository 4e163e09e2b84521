#include "core/zookeeper/wire/jute.hpp"

namespace barnabas::zookeeper::wire {

void put(Writer& out, const Data& data) {
  if (!data) return out.i32(-1);
  out.i32(static_cast<std::int32_t>(data->size()));
  out.bytes(data->view());
}

void take(Reader& in, std::string& text) {
  const std::int32_t size = in.i32();
  text = size == -1 ? std::string_view() : as_text(in.bytes(size));
}

void take(Reader& in, Data& data) {
  const std::int32_t size = in.i32();
  data.reset();
  if (size == -1) return;
  const ByteView bytes = in.bytes(size);
  if (in.ok()) data = Buffer::copy_of(bytes);
}

}  // namespace barnabas::zookeeper::wire
