#include "tests/golden/message_codec.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "core/base/writer.hpp"
#include "core/protocol/codec.hpp"
#include "core/protocol/header.hpp"
#include "core/protocol/internal/consumer_group_record.hpp"
#include "core/protocol/internal/consumer_protocol.hpp"
#include "core/protocol/internal/control_record.hpp"
#include "core/protocol/internal/default_principal.hpp"
#include "core/protocol/internal/group_metadata_record.hpp"
#include "core/protocol/internal/offset_commit_record.hpp"
#include "core/protocol/internal/transaction_log_record.hpp"
#include "core/protocol/json.hpp"
#include "core/protocol/messages/all.hpp"

namespace barnabas::golden {
namespace {

using namespace protocol;

template <class M>
Buffer encoded(const M& message, std::int16_t version) {
  barnabas::Writer out;
  encode(out, message, version);
  return out.to_buffer();
}

template <class M>
Result<Decoded> decode_all(ByteView bytes, std::int16_t version) {
  std::size_t left = 0;
  B_TRY(const M message, decode<M>(bytes, version, &left));
  return Decoded{to_json(message, version), encoded(message, version), encoded_size(message, version), left};
}

template <class M>
Result<Buffer> encode_from_json(const nlohmann::json& json, std::int16_t version) {
  if (version < M::kMinVersion || version > M::kMaxVersion) return fail(Errc::unsupported, "version");
  B_TRY(const M message, from_json<M>(json, version));
  return encoded(message, version);
}

template <class M>
constexpr MessageCodec codec_of() {
  return {M::kMinVersion, M::kMaxVersion, M::kFlexibleSince, decode_all<M>, encode_from_json<M>};
}

#define BARNABAS_NAMED(M) {#M, codec_of<M>()}
const std::map<std::string_view, MessageCodec> kInternal = {
    BARNABAS_NAMED(ConsumerProtocolSubscription),
    BARNABAS_NAMED(ConsumerProtocolAssignment),
    BARNABAS_NAMED(OffsetCommitKey),
    BARNABAS_NAMED(OffsetCommitValue),
    BARNABAS_NAMED(GroupMetadataKey),
    BARNABAS_NAMED(GroupMetadataValue),
    BARNABAS_NAMED(ConsumerGroupMetadataKey),
    BARNABAS_NAMED(ConsumerGroupMetadataValue),
    BARNABAS_NAMED(ConsumerGroupMemberMetadataKey),
    BARNABAS_NAMED(ConsumerGroupMemberMetadataValue),
    BARNABAS_NAMED(ConsumerGroupPartitionMetadataKey),
    BARNABAS_NAMED(ConsumerGroupPartitionMetadataValue),
    BARNABAS_NAMED(ConsumerGroupTargetAssignmentMetadataKey),
    BARNABAS_NAMED(ConsumerGroupTargetAssignmentMetadataValue),
    BARNABAS_NAMED(ConsumerGroupTargetAssignmentMemberKey),
    BARNABAS_NAMED(ConsumerGroupTargetAssignmentMemberValue),
    BARNABAS_NAMED(ConsumerGroupCurrentMemberAssignmentKey),
    BARNABAS_NAMED(ConsumerGroupCurrentMemberAssignmentValue),
    BARNABAS_NAMED(TransactionLogKey),
    BARNABAS_NAMED(TransactionLogValue),
    BARNABAS_NAMED(LeaderChangeMessage),
    BARNABAS_NAMED(SnapshotHeaderRecord),
    BARNABAS_NAMED(SnapshotFooterRecord),
    BARNABAS_NAMED(KRaftVersionRecord),
    BARNABAS_NAMED(VotersRecord),
    BARNABAS_NAMED(DefaultPrincipalData),
};
#undef BARNABAS_NAMED

}  // namespace

std::span<const ApiCodecs> all_apis() {
  static const std::vector<ApiCodecs> kApis = [] {
    std::vector<ApiCodecs> apis;
    for_each_api([&]<class Request, class Response>() {
      apis.push_back({Request::kApiKey, codec_of<Request>(), codec_of<Response>(), request_header_version<Request>,
                      response_header_version<Response>});
    });
    return apis;
  }();
  return kApis;
}

const ApiCodecs* api_codecs(int key) {
  const auto apis = all_apis();
  const auto found = std::ranges::find_if(apis, [&](const ApiCodecs& api) { return static_cast<int>(api.key) == key; });
  return found == apis.end() ? nullptr : &*found;
}

const MessageCodec* internal_codec(std::string_view type) {
  const auto found = kInternal.find(type);
  return found == kInternal.end() ? nullptr : &found->second;
}

const MessageCodec& request_header_codec() {
  static constexpr MessageCodec kCodec = codec_of<RequestHeader>();
  return kCodec;
}

const MessageCodec& response_header_codec() {
  static constexpr MessageCodec kCodec = codec_of<ResponseHeader>();
  return kCodec;
}

}  // namespace barnabas::golden
