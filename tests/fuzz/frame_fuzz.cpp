// What a client sends over one connection: frames, each a size, a header and a request.
//
// Input: the bytes of the connection.
#include <cstdint>
#include <map>

#include "core/base/check.hpp"
#include "core/base/reader.hpp"
#include "core/protocol/frame.hpp"
#include "core/protocol/messages/all.hpp"
#include "core/protocol/registry.hpp"

namespace barnabas::protocol {
namespace {

// Stands for socket.request.max.bytes.
constexpr std::int32_t kMaxFrame = 1 << 20;

Buffer bytes_of(const std::vector<Fragment>& fragments) {
  Writer out;
  for (const Fragment& fragment : fragments) out.bytes(std::get<Buffer>(fragment).view());
  return out.to_buffer();
}

// A frame made of what was read says the same, but for tagged fields of the header, which are not sent on.
template <class Request>
void run(const ParsedRequest& parsed) {
  const RequestHeader& header = parsed.header;
  const auto request = decode<Request>(parsed.body, header.api_version);
  if (!request) return;
  const Buffer frame =
      bytes_of(encode_request_frame(*request, header.api_version, header.correlation_id, header.client_id));
  B_CHECK_OP(load_big_endian<std::int32_t>(frame.data()), ==, static_cast<std::int32_t>(frame.size() - 4));
  const auto again = parse_request(frame.view().subspan(4));
  B_CHECK(again.has_value());
  B_CHECK(again->header.api_key == header.api_key && again->header.api_version == header.api_version);
  B_CHECK(again->header.correlation_id == header.correlation_id && again->header.client_id == header.client_id);
  B_CHECK_OP(again->body.size(), ==, encoded_size(*request, header.api_version));
}

using Run = void (*)(const ParsedRequest&);

const std::map<ApiKey, Run>& all_runs() {
  static const std::map<ApiKey, Run> kRuns = [] {
    std::map<ApiKey, Run> runs;
    for_each_api([&]<class Request, class Response>() { runs[Request::kApiKey] = run<Request>; });
    return runs;
  }();
  return kRuns;
}

void run_frame(ByteView frame) {
  const auto parsed = parse_request(frame);
  if (!parsed) return;
  // A newer version gives its header and no more: its body is not looked at.
  if (!find_api(parsed->header.api_key)->supports(parsed->header.api_version)) return;
  all_runs().at(parsed->header.api_key)(*parsed);
}

}  // namespace
}  // namespace barnabas::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace barnabas;
  Reader connection(std::as_bytes(std::span(data, size)));
  while (connection.remaining() > 0) {
    const std::int32_t frame_size = connection.i32();
    if (!connection.ok() || frame_size < 0 || frame_size > protocol::kMaxFrame) break;
    const ByteView frame = connection.bytes(frame_size);
    if (!connection.ok()) break;
    protocol::run_frame(frame);
  }
  return 0;
}
