// What the golden vectors cannot show: borrowing, fragments, bounds, errors, nulls across versions.
#include <gtest/gtest.h>

#include "core/protocol/frame.hpp"
#include "core/protocol/internal/consumer_protocol.hpp"
#include "core/protocol/internal/versioned.hpp"
#include "core/protocol/json.hpp"
#include "core/protocol/messages/00_produce.hpp"
#include "core/protocol/messages/01_fetch.hpp"
#include "core/protocol/messages/03_metadata.hpp"
#include "core/protocol/messages/11_join_group.hpp"
#include "core/protocol/messages/18_api_versions.hpp"

namespace barnabas::protocol {
namespace {

Buffer bytes_of(const std::vector<Fragment>& fragments) {
  Writer out;
  for (const Fragment& fragment : fragments) out.bytes(std::get<Buffer>(fragment).view());
  return out.to_buffer();
}

template <class M>
Buffer encoded(const M& message, std::int16_t version) {
  Writer out;
  encode(out, message, version);
  return out.to_buffer();
}

ProduceRequest produce_request(Records records) {
  ProduceRequest request;
  request.transactional_id = String("tx");
  request.acks = -1;
  auto& topic = request.topic_data.emplace_back();
  topic.name = "orders";
  topic.partition_data.emplace_back().records = std::move(records);
  return request;
}

bool lies_inside(ByteView part, const Buffer& whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

TEST(Codec, decoded_values_borrow_from_the_input) {
  const Buffer body = encoded(produce_request(Records(Buffer::copy_of(as_bytes("records")))), 9);
  const auto request = decode<ProduceRequest>(body.view(), 9);
  ASSERT_TRUE(request.has_value());
  EXPECT_TRUE(lies_inside(as_bytes(request->topic_data[0].name.view()), body));
  EXPECT_TRUE(lies_inside(request->topic_data[0].partition_data[0].records->view(), body));
}

TEST(Codec, copies_of_owned_strings_are_their_own) {
  String first("orders");
  String second = first;
  first = String("payments");
  EXPECT_EQ(second, "orders");
  String third = std::move(second);
  EXPECT_EQ(third, "orders");
  std::string text = "borrowed";
  const String borrowed = String::borrow(text);
  text[0] = 'B';
  EXPECT_EQ(borrowed, "Borrowed");
}

TEST(Codec, an_array_longer_than_the_input_allows_is_refused_before_it_is_allocated) {
  // Produce v3: transactional id, acks, timeout, then two billion topics.
  Writer out;
  out.i16(-1);
  out.i16(1);
  out.i32(1000);
  out.i32(2'000'000'000);
  out.zeros(1000);
  const auto request = decode<ProduceRequest>(out.view(), 3);
  ASSERT_FALSE(request.has_value());
  EXPECT_EQ(request.error().code, Errc::truncated);
}

TEST(Codec, a_refused_null_names_the_field) {
  Writer out;
  out.i16(-1);
  out.i16(1);
  out.i32(1000);
  out.i32(1);   // One topic,
  out.i16(-1);  // whose name is null.
  out.i32(0);
  const auto request = decode<ProduceRequest>(out.view(), 3);
  ASSERT_FALSE(request.has_value());
  EXPECT_EQ(request.error().code, Errc::corrupt);
  EXPECT_EQ(request.error().message, "topicData.name: null where no null is allowed (version 3)");
}

TEST(Codec, a_version_that_is_not_declared_is_unsupported) {
  const auto request = decode<ProduceRequest>({}, 99);
  ASSERT_FALSE(request.has_value());
  EXPECT_EQ(request.error().code, Errc::unsupported);
}

TEST(Codec, every_prefix_of_a_message_is_truncated) {
  const Buffer body = encoded(produce_request(Records(Buffer::copy_of(as_bytes("records")))), 9);
  for (std::size_t size = 0; size < body.size(); ++size) {
    const auto request = decode<ProduceRequest>(body.view().first(size), 9);
    ASSERT_FALSE(request.has_value()) << size;
    EXPECT_EQ(request.error().code, Errc::truncated) << size;
  }
}

TEST(Codec, null_is_sent_as_empty_where_the_version_has_no_null) {
  JoinGroupResponse response;
  EXPECT_FALSE(response.protocol_name.has_value());
  const Buffer old_body = encoded(response, 5);
  const auto old_response = decode<JoinGroupResponse>(old_body.view(), 5);
  ASSERT_TRUE(old_response.has_value());
  EXPECT_EQ(old_response->protocol_name, String(""));
  const Buffer new_body = encoded(response, 7);
  const auto new_response = decode<JoinGroupResponse>(new_body.view(), 7);
  ASSERT_TRUE(new_response.has_value());
  EXPECT_FALSE(new_response->protocol_name.has_value());
}

TEST(Codec, tagged_fields_and_unknown_tags_are_sent_in_the_order_of_their_tags) {
  ApiVersionsResponse response;
  response.finalized_features_epoch = 7;  // Tag 1.
  response.zk_migration_ready = true;     // Tag 3.
  response.unknown_tags = {{0x65, as_bytes("later")}, {0x66, as_bytes("")}};
  const Buffer body = encoded(response, 4);
  EXPECT_EQ(body.size(), encoded_size(response, 4));
  const auto again = decode<ApiVersionsResponse>(body.view(), 4);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->finalized_features_epoch, 7);
  EXPECT_TRUE(again->zk_migration_ready);
  EXPECT_EQ(again->unknown_tags, response.unknown_tags);
  EXPECT_EQ(as_text(encoded(*again, 4).view()), as_text(body.view()));
}

class SliceOfAFile : public ExternalRecords {
 public:
  explicit SliceOfAFile(std::size_t size) : size_(size) {}
  std::size_t size() const override { return size_; }

 private:
  std::size_t size_;
};

FetchResponse fetch_response(std::vector<Records> sets) {
  FetchResponse response;
  auto& topic = response.responses.emplace_back();
  topic.topic = "orders";
  for (Records& set : sets) topic.partitions.emplace_back().records = std::move(set);
  return response;
}

TEST(Fragments, external_and_large_records_are_not_copied) {
  const Buffer large = Buffer::copy_of(as_bytes(std::string(5000, 'x')));
  const auto slice = std::make_shared<SliceOfAFile>(70'000);
  const auto response = fetch_response({Records(large), Records(slice), Records(Buffer::copy_of(as_bytes("small")))});
  const auto fragments = encode_response_frame(response, 12, 42);
  ASSERT_EQ(fragments.size(), 5u);
  EXPECT_EQ(std::get<Buffer>(fragments[1]).data(), large.data());
  EXPECT_EQ(std::get<std::shared_ptr<const ExternalRecords>>(fragments[3]), slice);
  const auto size = load_big_endian<std::int32_t>(std::get<Buffer>(fragments[0]).data());
  EXPECT_EQ(static_cast<std::size_t>(size) + 4, total_size(fragments));
}

TEST(Fragments, together_they_are_what_encode_writes) {
  const auto response = fetch_response({Records(Buffer::copy_of(as_bytes(std::string(5000, 'x')))), Records()});
  for (const std::int16_t version : {std::int16_t{4}, std::int16_t{12}, std::int16_t{17}}) {
    const Buffer frame = bytes_of(encode_response_frame(response, version, 42));
    const std::size_t header = version >= 12 ? 9 : 8;
    EXPECT_EQ(as_text(frame.view().subspan(header)), as_text(encoded(response, version).view()));
  }
}

TEST(Frames, a_request_frame_parses_into_what_was_sent) {
  MetadataRequest request;
  request.topics.emplace().emplace_back().name = String("orders");
  const Buffer frame = bytes_of(encode_request_frame(request, 9, 77, String("client-1")));
  const auto parsed = parse_request(frame.view().subspan(4));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->header.api_key, ApiKey::metadata);
  EXPECT_EQ(parsed->header.api_version, 9);
  EXPECT_EQ(parsed->header.correlation_id, 77);
  EXPECT_EQ(parsed->header.client_id, String("client-1"));
  EXPECT_EQ(to_json(*decode<MetadataRequest>(parsed->body, 9), 9), to_json(request, 9));
}

TEST(Frames, an_unknown_api_is_unsupported_and_a_short_frame_truncated) {
  Writer out;
  out.i16(9999);
  out.i16(0);
  out.zeros(20);
  EXPECT_EQ(parse_request(out.view()).error().code, Errc::unsupported);
  EXPECT_EQ(parse_request(out.view().first(3)).error().code, Errc::truncated);
}

TEST(Frames, a_version_too_new_still_gives_its_correlation_id) {
  Writer out;
  out.i16(18);
  out.i16(99);
  out.i32(1234);
  out.i16(-1);
  out.i8(0);
  out.zeros(7);  // A body nobody can read.
  const auto parsed = parse_request(out.view());
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->header.correlation_id, 1234);
  EXPECT_EQ(parsed->header.api_version, 99);
  EXPECT_EQ(parsed->body.size(), 7u);
}

TEST(Versioned, newer_consumer_protocol_is_read_as_the_newest_known) {
  ConsumerProtocolAssignment assignment;
  assignment.assigned_partitions.emplace_back().topic = "orders";
  Buffer bytes = encode_versioned(assignment, 3);
  store_big_endian(bytes.mutable_view().data(), std::int16_t{9});
  EXPECT_EQ(decode_versioned<ConsumerProtocolAssignment>(bytes.view()).error().code, Errc::unsupported);
  const auto read = decode_versioned<ConsumerProtocolAssignment>(bytes.view(), NewerVersions::read_as_newest);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->assigned_partitions[0].topic, "orders");
  EXPECT_EQ(decode_versioned<ConsumerProtocolAssignment>({}).error().code, Errc::truncated);
}

TEST(JsonMessages, a_missing_or_wrong_field_is_named) {
  auto json = to_json(produce_request(Records()), 3);
  json["topicData"][0]["partitionData"][0]["index"] = "zero";
  const auto wrong = from_json<ProduceRequest>(json, 3);
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().message, "topicData.partitionData.index: is no integer");
  json.erase("acks");
  EXPECT_EQ(from_json<ProduceRequest>(json, 3).error().message, "acks: is missing");
}

TEST(Names, codes_and_keys_have_kafkas_names) {
  EXPECT_EQ(name_of(ErrorCode::not_leader_or_follower), "NOT_LEADER_OR_FOLLOWER");
  EXPECT_EQ(name_of(static_cast<ErrorCode>(9999)), "?");
  EXPECT_TRUE(is_retriable(ErrorCode::not_leader_or_follower));
  EXPECT_FALSE(is_retriable(ErrorCode::invalid_record));
  EXPECT_EQ(name_of(ApiKey::init_producer_id), "InitProducerId");
  EXPECT_EQ(name_of(static_cast<ApiKey>(9999)), "?");
}

}  // namespace
}  // namespace barnabas::protocol
