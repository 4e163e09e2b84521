// Every request, response, header and internal record that is declared, against what Apache Kafka produced.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/protocol/header.hpp"
#include "core/protocol/internal/consumer_protocol.hpp"
#include "core/protocol/internal/group_metadata_record.hpp"
#include "core/protocol/internal/offset_commit_record.hpp"
#include "core/protocol/internal/versioned.hpp"
#include "core/protocol/messages/all.hpp"
#include "core/protocol/registry.hpp"
#include "tests/golden/message_checks.hpp"

namespace barnabas::golden {
namespace {

using namespace protocol;
using Json = nlohmann::json;

// "05-Name" for the API of M.
template <class M>
std::string file_name() {
  const int key = static_cast<int>(M::kApiKey);
  return (key < 10 ? "0" : "") + std::to_string(key) + "-" + std::string(name_of(M::kApiKey));
}

template <class M>
void check_all(const std::string& directory) {
  SCOPED_TRACE(directory + "/" + file_name<M>());
  std::set<std::int16_t> versions;
  for_each_vector(directory + "/" + file_name<M>(), [&](const Json& vector) {
    const auto version = vector.at("version").get<std::int16_t>();
    versions.insert(version);
    EXPECT_EQ(version >= M::kFlexibleSince, vector.at("flexible").get<bool>());
    const Buffer bytes = from_hex(vector.at("hex").get<std::string>());
    EXPECT_EQ(check_message<M>(bytes.view(), version, vector), "") << vector.dump();
  });
  // All of Kafka's versions, and no others.
  ASSERT_FALSE(versions.empty());
  EXPECT_EQ(*versions.begin(), M::kMinVersion);
  EXPECT_EQ(*versions.rbegin(), M::kMaxVersion);
}

TEST(GoldenMessages, requests_agree_with_kafka) {
  for_each_api([]<class Request, class Response>() { check_all<Request>("requests"); });
}

TEST(GoldenMessages, responses_agree_with_kafka) {
  for_each_api([]<class Request, class Response>() { check_all<Response>("responses"); });
}

TEST(GoldenMessages, headers_agree_with_kafka) {
  for_each_vector("headers/request-header", [](const Json& vector) {
    const Buffer bytes = from_hex(vector.at("hex").get<std::string>());
    EXPECT_EQ(check_message<RequestHeader>(bytes.view(), vector.at("version").get<std::int16_t>(), vector), "");
  });
  for_each_vector("headers/response-header", [](const Json& vector) {
    const Buffer bytes = from_hex(vector.at("hex").get<std::string>());
    EXPECT_EQ(check_message<ResponseHeader>(bytes.view(), vector.at("version").get<std::int16_t>(), vector), "");
  });
}

using Check = std::string (*)(ByteView, std::int16_t, const Json&);
const std::map<std::string, Check> kInternalTypes = {
    {"ConsumerProtocolSubscription", check_message<ConsumerProtocolSubscription>},
    {"ConsumerProtocolAssignment", check_message<ConsumerProtocolAssignment>},
    {"OffsetCommitKey", check_message<OffsetCommitKey>},
    {"OffsetCommitValue", check_message<OffsetCommitValue>},
    {"GroupMetadataKey", check_message<GroupMetadataKey>},
    {"GroupMetadataValue", check_message<GroupMetadataValue>},
};

TEST(GoldenMessages, internal_records_agree_with_kafka) {
  for (const std::string file : {"consumer-protocol", "consumer_offsets-classic"}) {
    for_each_vector("internal/" + file, [&](const Json& vector) {
      const Buffer bytes = from_hex(vector.at("hex").get<std::string>());
      const auto version = version_of(bytes.view());
      ASSERT_TRUE(version.has_value());
      EXPECT_EQ(*version, vector.at("version").get<std::int16_t>());
      const auto check = kInternalTypes.find(vector.at("type").get<std::string>());
      ASSERT_NE(check, kInternalTypes.end()) << vector.at("type");
      EXPECT_EQ(check->second(bytes.view().subspan(2), *version, vector), "") << vector.dump();
    });
  }
}

// Names the APIs that are not declared yet, and how many lines that leaves out.
class Undeclared {
 public:
  explicit Undeclared(const char* file) : file_(file) {}
  ~Undeclared() {
    if (lines_ == 0) return;
    std::printf("[   NOTE   ] %s: %zu lines not applicable, APIs not declared yet:", file_, lines_);
    for (const std::string& name : names_) std::printf(" %s", name.c_str());
    std::printf("\n");
  }
  void add(const Json& vector) {
    names_.insert(vector.at("api").get<std::string>());
    ++lines_;
  }

 private:
  const char* file_;
  std::set<std::string> names_;
  std::size_t lines_ = 0;
};

TEST(GoldenMessages, malformed_requests_are_judged_as_kafka_judges_them) {
  std::map<int, std::string (*)(const Json&)> checks;
  for_each_api(
      [&]<class Request, class Response>() { checks[static_cast<int>(Request::kApiKey)] = check_malformed<Request>; });
  Undeclared undeclared("malformed-requests");
  for_each_vector("malformed-requests", [&](const Json& vector) {
    const auto check = checks.find(vector.at("key").get<int>());
    if (check == checks.end()) return undeclared.add(vector);
    EXPECT_EQ(check->second(vector), "") << vector.dump();
  });
}

template <class Request>
void check_request_frame(ByteView frame, const Json& vector) {
  const auto parsed = parse_request(frame.subspan(4));
  ASSERT_TRUE(parsed.has_value()) << parsed.error().to_string();
  const std::int16_t version = parsed->header.api_version;
  EXPECT_EQ(to_json(parsed->header, request_header_version<Request>(version)), vector.at("header"));
  const auto body = decode<Request>(parsed->body, version);
  ASSERT_TRUE(body.has_value());
  EXPECT_EQ(to_json(*body, version), vector.at("body"));
}

TEST(GoldenMessages, request_frames_split_into_header_and_body) {
  std::map<int, void (*)(ByteView, const Json&)> checks;
  for_each_api([&]<class Request, class Response>() {
    checks[static_cast<int>(Request::kApiKey)] = check_request_frame<Request>;
  });
  Undeclared undeclared("frames");
  for_each_vector("frames", [&](const Json& vector) {
    if (vector.at("type") != "request") return;
    const auto check = checks.find(vector.at("key").get<int>());
    if (check == checks.end()) return undeclared.add(vector);
    const Buffer frame = from_hex(vector.at("hex").get<std::string>());
    check->second(frame.view(), vector);
  });
}

template <class Response>
void check_response_frame(ByteView frame, const Json& vector) {
  const auto version = vector.at("version").get<std::int16_t>();
  const auto header_version = response_header_version<Response>(version);
  EXPECT_EQ(header_version, vector.at("headerVersion").get<std::int16_t>());
  std::size_t left = 0;
  const auto header = decode<ResponseHeader>(frame.subspan(4), header_version, &left);
  ASSERT_TRUE(header.has_value());
  const auto body = decode<Response>(frame.last(left), version);
  ASSERT_TRUE(body.has_value());
  EXPECT_EQ(to_json(*header, header_version), vector.at("header"));
  EXPECT_EQ(to_json(*body, version), vector.at("body"));
}

TEST(GoldenMessages, response_frames_split_into_header_and_body) {
  std::map<int, void (*)(ByteView, const Json&)> checks;
  for_each_api([&]<class Request, class Response>() {
    checks[static_cast<int>(Request::kApiKey)] = check_response_frame<Response>;
  });
  Undeclared undeclared("frames");
  for_each_vector("frames", [&](const Json& vector) {
    if (vector.at("type") != "response") return;
    const auto check = checks.find(vector.at("key").get<int>());
    if (check == checks.end()) return undeclared.add(vector);
    const Buffer frame = from_hex(vector.at("hex").get<std::string>());
    check->second(frame.view(), vector);
  });
}

}  // namespace
}  // namespace barnabas::golden
