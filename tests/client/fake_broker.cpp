#include "tests/client/fake_broker.hpp"

#include <algorithm>

#include "core/async/scope.hpp"
#include "core/protocol/registry.hpp"
#include "core/record/batch.hpp"

namespace barnabas::client {
namespace {

using protocol::ApiKey;
using protocol::ErrorCode;
using protocol::Fragment;
using What = Step::What;

template <class M>
std::vector<Fragment> reply(const protocol::RequestHeader& header, const M& message) {
  return protocol::encode_response_frame(message, header.api_version, header.correlation_id);
}

Task<bool> read_exactly(env::Stream& stream, MutableByteView into) {
  while (!into.empty()) {
    const auto count = co_await stream.read_some(into);
    if (!count) co_return false;
    into = into.subspan(*count);
  }
  co_return true;
}

}  // namespace

FakeBroker::FakeBroker(std::string host, std::map<std::string, std::int32_t> topic_partitions)
    : topics(std::move(topic_partitions)), host_(std::move(host)) {}

ClusterOptions FakeBroker::client_options() const {
  ClusterOptions options;
  options.bootstrap = {{host_, kPort}};
  options.connection.request_timeout = std::chrono::seconds(5);
  options.connection.connect_timeout = std::chrono::seconds(3);
  return options;
}

Task<void> FakeBroker::serve(env::Env env) {
  Scope connections(env.executor);
  const env::Endpoint at{"", kPort};
  auto listener = co_await env.network.listen(at);
  B_CHECK(listener.has_value());
  while (true) {
    auto stream = co_await (*listener)->accept();
    if (!stream) co_return;
    connections.spawn(serve_one(env, std::move(*stream)));
  }
}

Task<void> FakeBroker::serve_one(env::Env env, std::unique_ptr<env::Stream> stream) {
  while (true) {
    std::array<std::byte, 4> size{};
    if (!co_await read_exactly(*stream, size)) co_return;
    Buffer frame = Buffer::allocate(static_cast<std::size_t>(load_big_endian<std::int32_t>(size.data())));
    if (!co_await read_exactly(*stream, frame.mutable_view())) co_return;
    auto parsed = protocol::parse_request(frame.view());
    B_CHECK(parsed.has_value());
    Request request{std::move(parsed->header), parsed->body, {}};
    ++requests[request.header.api_key];
    auto& steps = script[request.header.api_key];
    if (!steps.empty()) {
      request.step = steps.front();
      steps.pop_front();
    }
    const What what = request.step.what;
    const auto response = co_await answer(env, request);
    if (what == What::drop || what == What::do_then_drop) co_return stream->close();
    if (what == What::silence || response.empty()) continue;
    std::vector<Buffer> pieces;
    for (const Fragment& fragment : response) pieces.push_back(std::get<Buffer>(fragment));
    if (what == What::wrong_correlation) store_big_endian(pieces[0].mutable_view().data() + 4, std::int32_t{77});
    std::vector<ByteView> parts;
    for (const Buffer& piece : pieces) parts.push_back(piece.view());
    if (const auto written = co_await stream->write(parts); !written) co_return;
  }
}

Task<std::vector<Fragment>> FakeBroker::answer(env::Env env, const Request& request) {
  switch (request.header.api_key) {
    case ApiKey::api_versions: co_return api_versions(request);
    case ApiKey::metadata: co_return metadata(request);
    case ApiKey::produce: co_return produce(request);
    case ApiKey::init_producer_id: co_return init_producer_id(request);
    case ApiKey::list_offsets: co_return list_offsets(request);
    case ApiKey::create_topics: co_return create_topics(request);
    case ApiKey::delete_topics: co_return delete_topics(request);
    case ApiKey::fetch: {
      const auto wanted = protocol::decode<protocol::FetchRequest>(request.body, request.header.api_version);
      const Instant deadline = env.clock.now() + std::chrono::milliseconds(wanted->max_wait_ms);
      while (!has_news(*wanted) && env.clock.now() < deadline) {
        co_await env.clock.sleep_for(std::chrono::milliseconds(5));
      }
      co_return fetch(request);
    }
    default: co_return group_request(request);
  }
}

std::vector<Fragment> FakeBroker::api_versions(const Request& request) {
  protocol::ApiVersionsResponse response;
  for (const auto& api : protocol::declared_apis()) {
    const auto lower = max_versions.find(api.key);
    auto& one = response.api_keys.emplace_back();
    one.api_key = api.key;
    one.min_version = api.min_version;
    one.max_version = lower != max_versions.end() ? lower->second : api.max_version;
    if (api.key != ApiKey::api_versions || request.header.api_version <= one.max_version) continue;
    response.error_code = ErrorCode::unsupported_version;  // Then the answer is in v0.
  }
  const bool too_new = response.error_code != ErrorCode::none;
  return protocol::encode_response_frame(response, too_new ? std::int16_t{0} : request.header.api_version,
                                         request.header.correlation_id);
}

std::vector<Fragment> FakeBroker::metadata(const Request& request) {
  const auto wanted = protocol::decode<protocol::MetadataRequest>(request.body, request.header.api_version);
  protocol::MetadataResponse response;
  auto& broker = response.brokers.emplace_back();
  broker.node_id = 7;
  broker.host = host_;
  broker.port = kPort;
  response.controller_id = 7;
  response.cluster_id = protocol::String("fake");
  std::set<std::string> names;
  if (!wanted->topics) {
    for (const auto& [name, count] : topics) names.insert(name);
  } else {
    for (const auto& topic : *wanted->topics) names.insert(topic.name->str());
  }
  for (const std::string& name : names) {
    auto& topic = response.topics.emplace_back();
    topic.name = protocol::String(name);
    const auto found = topics.find(name);
    if (found == topics.end()) {
      topic.error_code = ErrorCode::unknown_topic_or_partition;
      continue;
    }
    topic.topic_id.bytes[15] = static_cast<std::uint8_t>(1 + std::distance(topics.begin(), found));
    for (std::int32_t i = 0; i < found->second; ++i) {
      auto& partition = topic.partitions.emplace_back();
      partition.partition_index = i;
      partition.leader_id = 7;
      partition.leader_epoch = 0;
    }
  }
  return reply(request.header, response);
}

ErrorCode FakeBroker::append(Log& log, Buffer batch, std::int64_t& base_offset) {
  const auto header = record::parse_batch_header(batch.view());
  if (!header || !record::verify_crc(batch.view())) return ErrorCode::corrupt_message;
  const std::int64_t producer = header->producer_id.value();
  if (producer >= 0) {
    const auto known = log.offset_of.find({producer, header->base_sequence});
    if (known != log.offset_of.end()) return base_offset = known->second, ErrorCode::none;
    if (header->base_sequence != log.next_sequence[producer]) return ErrorCode::out_of_order_sequence_number;
    log.next_sequence[producer] += header->record_count;
    log.offset_of[{producer, header->base_sequence}] = log.end;
  }
  base_offset = log.end;
  Buffer stored = Buffer::copy_of(batch.view());
  record::assign_offsets(stored.mutable_view(), Offset(log.end), LeaderEpoch(0));
  log.batches.push_back(stored);
  log.end += header->record_count;
  return ErrorCode::none;
}

std::vector<Fragment> FakeBroker::produce(const Request& request) {
  const auto produced = protocol::decode<protocol::ProduceRequest>(request.body, request.header.api_version);
  protocol::ProduceResponse response;
  for (const auto& topic : produced->topic_data) {
    auto& answers = response.responses.emplace_back();
    answers.name = topic.name;
    for (const auto& partition : topic.partition_data) {
      auto& answer = answers.partition_responses.emplace_back();
      answer.index = partition.index;
      if (request.acts()) {
        Log& log = logs[{topic.name.str(), PartitionId(partition.index)}];
        answer.error_code = append(log, partition.records->to_buffer(), answer.base_offset);
      }
      if (request.step.error != ErrorCode::none) answer.error_code = request.step.error;
      if (answer.error_code != ErrorCode::none) answer.base_offset = -1;
    }
  }
  if (produced->acks == 0) return {};
  return reply(request.header, response);
}

bool FakeBroker::has_news(const protocol::FetchRequest& request) const {
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      for (const auto& [id, log] : logs) {
        if (id.partition.value() == partition.partition && partition.fetch_offset < log.end) return true;
      }
    }
  }
  return false;
}

std::vector<Fragment> FakeBroker::fetch(const Request& request) {
  const auto wanted = protocol::decode<protocol::FetchRequest>(request.body, request.header.api_version);
  protocol::FetchResponse response;
  for (const auto& topic : wanted->topics) {
    auto& answers = response.responses.emplace_back();
    std::string name = topic.topic.str();
    if (request.header.api_version >= 13) name = std::next(topics.begin(), topic.topic_id.bytes[15] - 1)->first;
    answers.topic = name;
    answers.topic_id = topic.topic_id;
    for (const auto& partition : topic.partitions) {
      const Log& log = logs[{name, PartitionId(partition.partition)}];
      auto& answer = answers.partitions.emplace_back();
      answer.partition_index = partition.partition;
      answer.high_watermark = answer.last_stable_offset = log.end;
      answer.log_start_offset = 0;
      answer.error_code = request.step.error;
      if (partition.fetch_offset > log.end) answer.error_code = ErrorCode::offset_out_of_range;
      if (answer.error_code != ErrorCode::none) continue;
      answer.aborted_transactions = log.aborted;
      Writer records;
      for (const Buffer& batch : log.batches) {
        if (record::load_batch_header(batch.view()).next_offset().value() > partition.fetch_offset) {
          records.bytes(batch.view());
        }
      }
      answer.records = records.to_buffer();
    }
  }
  return reply(request.header, response);
}

std::vector<Fragment> FakeBroker::list_offsets(const Request& request) {
  const auto wanted = protocol::decode<protocol::ListOffsetsRequest>(request.body, request.header.api_version);
  protocol::ListOffsetsResponse response;
  for (const auto& topic : wanted->topics) {
    auto& answers = response.topics.emplace_back();
    answers.name = topic.name;
    for (const auto& partition : topic.partitions) {
      auto& answer = answers.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      answer.error_code = request.step.error;
      const Log& log = logs[{topic.name.str(), PartitionId(partition.partition_index)}];
      answer.offset = partition.timestamp == -2 ? 0 : log.end;
    }
  }
  return reply(request.header, response);
}

std::vector<Fragment> FakeBroker::init_producer_id(const Request& request) {
  protocol::InitProducerIdResponse response;
  response.error_code = request.step.error;
  response.producer_id = next_producer_id_++;
  return reply(request.header, response);
}

std::vector<Fragment> FakeBroker::create_topics(const Request& request) {
  const auto wanted = protocol::decode<protocol::CreateTopicsRequest>(request.body, request.header.api_version);
  protocol::CreateTopicsResponse response;
  for (const auto& topic : wanted->topics) {
    auto& answer = response.topics.emplace_back();
    answer.name = topic.name;
    const bool is_new = topics.emplace(topic.name.str(), topic.num_partitions).second;
    if (!is_new) answer.error_code = ErrorCode::topic_already_exists;
    if (!is_new) answer.error_message = protocol::String("it is there");
  }
  return reply(request.header, response);
}

std::vector<Fragment> FakeBroker::delete_topics(const Request& request) {
  const auto wanted = protocol::decode<protocol::DeleteTopicsRequest>(request.body, request.header.api_version);
  protocol::DeleteTopicsResponse response;
  std::vector<std::string> names;
  for (const auto& topic : wanted->topics) names.push_back(topic.name->str());
  for (const auto& name : wanted->topic_names) names.push_back(name.str());
  for (const std::string& name : names) {
    auto& answer = response.responses.emplace_back();
    answer.name = protocol::String(name);
    if (topics.erase(name) == 0) answer.error_code = ErrorCode::unknown_topic_or_partition;
  }
  return reply(request.header, response);
}

}  // namespace barnabas::client
