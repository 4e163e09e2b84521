// Every message in every version: whatever the bytes, decoding ends, and what it accepts can be sent again unchanged.
//
// Input: a byte for the API's key; a byte with the version in its low bits, bit 7 for the response in place of the
// request, bit 6 for the way through JSON as well; then the body.
#include <cstdint>
#include <map>

#include "core/base/check.hpp"
#include "core/base/writer.hpp"
#include "core/protocol/codec.hpp"
#include "core/protocol/json.hpp"
#include "core/protocol/messages/all.hpp"

namespace barnabas::protocol {
namespace {

constexpr unsigned kResponse = 0x80;
constexpr unsigned kThroughJson = 0x40;
constexpr unsigned kVersionBits = 0x3f;

template <class M>
Buffer encoded(const M& message, std::int16_t version) {
  Writer out;
  encode(out, message, version);
  return out.to_buffer();
}

template <class M>
void run(ByteView body, unsigned selector) {
  const auto version = static_cast<std::int16_t>(selector & kVersionBits);
  std::size_t left = 0;
  const auto message = decode<M>(body, version, &left);
  if (!message) return;
  B_CHECK_OP(left, <=, body.size());
  const Buffer once = encoded(*message, version);
  B_CHECK_OP(once.size(), ==, encoded_size(*message, version));
  const auto again = decode<M>(once.view(), version);
  // Without what was ignored the body is smaller, and may decode to less memory.
  if (!again && once.size() < body.size() && again.error().code == Errc::corrupt) return;
  B_CHECK(again.has_value());
  B_CHECK(as_text(encoded(*again, version).view()) == as_text(once.view()));
  if ((selector & kThroughJson) == 0) return;
  // JSON does not hold unknown tags, so a structure of nothing else is told the first time only.
  const auto first = from_json<M>(to_json(*message, version), version);
  B_CHECK(first.has_value());
  const auto json = to_json(*first, version);
  const auto second = from_json<M>(json, version);
  B_CHECK(second.has_value());
  B_CHECK(to_json(*second, version).dump() == json.dump());  // As text: no NaN equals itself.
}

using Run = void (*)(ByteView, unsigned);
struct Runs {
  Run request;
  Run response;
};

const std::map<unsigned, Runs>& all_runs() {
  static const std::map<unsigned, Runs> kRuns = [] {
    std::map<unsigned, Runs> runs;
    for_each_api([&]<class Request, class Response>() {
      runs[static_cast<unsigned>(Request::kApiKey)] = {run<Request>, run<Response>};
    });
    return runs;
  }();
  return kRuns;
}

}  // namespace
}  // namespace barnabas::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace barnabas;
  if (size < 2) return 0;
  const auto found = protocol::all_runs().find(data[0]);
  if (found == protocol::all_runs().end()) return -1;
  const bool response = (data[1] & protocol::kResponse) != 0;
  const ByteView body = std::as_bytes(std::span(data, size)).subspan(2);
  (response ? found->second.response : found->second.request)(body, data[1]);
  return 0;
}
