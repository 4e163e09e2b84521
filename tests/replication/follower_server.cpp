// As much of a broker as a follower talks to.
#include <algorithm>
#include <deque>

#include "core/env/timeout.hpp"
#include "core/protocol/frame.hpp"
#include "core/protocol/messages/all.hpp"
#include "core/protocol/registry.hpp"
#include "tests/replication/cluster.hpp"

namespace barnabas::replication {
namespace {

using protocol::ApiKey;
using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;

ErrorCode code_of(Errc code) {
  switch (code) {
    case Errc::not_leader: return ErrorCode::not_leader_or_follower;
    case Errc::fenced_leader_epoch: return ErrorCode::fenced_leader_epoch;
    case Errc::unknown_leader_epoch: return ErrorCode::unknown_leader_epoch;
    case Errc::offset_out_of_range: return ErrorCode::offset_out_of_range;
    case Errc::storage_failed: return ErrorCode::kafka_storage_error;
    default: return ErrorCode::unknown_server_error;
  }
}

struct Asked {
  FetchRequest::FetchPartition what;
  Uuid topic_id;
  std::int64_t told_high_watermark = -1;
  std::int64_t told_log_start = -1;
};

// One connection, and its fetch session.
class Session {
 public:
  Session(env::Env env, PartitionTable& table, std::int32_t id) : env_(env), table_(table), id_(id) {}

  Task<FetchResponse> fetch(FetchRequest request) {
    FetchResponse response;
    if (!admit(request)) {
      response.error_code = ErrorCode::invalid_fetch_session_epoch;
      co_return response;
    }
    response.session_id = id_;
    note_progress(request);
    const Instant deadline = env_.clock.now() + std::chrono::milliseconds(request.max_wait_ms);
    while (true) {
      Event bell(env_.executor);
      std::deque<Watcher> watchers;
      for (const auto& [id, asked] : asked_) {
        if (const auto partition = table_.find(id)) partition->watch_log_end(watchers.emplace_back(bell));
      }
      co_await read_all(response);
      if (!response.responses.empty() || env_.clock.now() >= deadline) co_return response;
      Scope timer(env_.executor);
      timer.spawn(env::detail::set_at(env_.clock, deadline, bell));
      co_await bell.wait();
    }
  }

 private:
  bool admit(const FetchRequest& request) {
    if (request.session_epoch == 0) {
      asked_.clear();
      epoch_ = 0;
    } else if (request.session_id != id_ || request.session_epoch != epoch_) {
      return false;
    }
    ++epoch_;
    for (const auto& topic : request.forgotten_topics_data) {
      const std::string name = name_of(topic.topic_id);
      for (const std::int32_t partition : topic.partitions) asked_.erase({name, PartitionId(partition)});
    }
    for (const auto& topic : request.topics) {
      for (const auto& what : topic.partitions) {
        const std::string name = name_of(topic.topic_id);
        Asked& asked = asked_[{name.empty() ? "?" : name, PartitionId(what.partition)}];
        asked.what = what;
        asked.topic_id = topic.topic_id;
      }
    }
    return true;
  }

  std::string name_of(const Uuid& topic_id) const {
    for (const auto& partition : table_.all()) {
      if (partition->topic_id() == topic_id) return partition->id().topic;
    }
    return "";
  }

  static ReadRequest read_request(const FetchRequest::FetchPartition& what) {
    ReadRequest read;
    read.from = Offset(what.fetch_offset);
    read.max_bytes = static_cast<std::size_t>(what.partition_max_bytes);
    read.isolation = Isolation::log_end;
    read.at_least_one_batch = true;
    read.current_epoch = LeaderEpoch(what.current_leader_epoch);
    read.last_fetched_epoch = LeaderEpoch(what.last_fetched_epoch);
    return read;
  }

  void note_progress(const FetchRequest& request) {
    for (const auto& [id, asked] : asked_) {
      if (const auto partition = table_.find(id)) {
        partition->follower_fetched(BrokerId(request.replica_state.replica_id), request.replica_state.replica_epoch,
                                    read_request(asked.what));
      }
    }
  }

  Task<void> read_all(FetchResponse& response) {
    for (auto& [id, asked] : asked_) {
      auto data = co_await read_one(id, asked);
      const bool news = data.error_code != ErrorCode::none || data.diverging_epoch.epoch >= 0 ||
                        !data.records->empty() || data.high_watermark != asked.told_high_watermark ||
                        data.log_start_offset != asked.told_log_start;
      if (!news) continue;
      asked.told_high_watermark = data.high_watermark;
      asked.told_log_start = data.log_start_offset;
      auto& topic = response.responses.emplace_back();
      topic.topic = id.topic;
      topic.topic_id = asked.topic_id;
      topic.partitions.push_back(std::move(data));
    }
  }

  Task<FetchResponse::PartitionData> read_one(TopicPartition id, const Asked& asked) {
    FetchResponse::PartitionData data;
    data.partition_index = id.partition.value();
    data.records = protocol::Records();
    const auto partition = table_.find(id);
    if (!partition) {
      data.error_code = ErrorCode::unknown_topic_id;
      co_return data;
    }
    const auto read = co_await partition->read(read_request(asked.what));
    if (!read) {
      data.error_code = code_of(read.error().code);
      co_return data;
    }
    data.high_watermark = read->high_watermark.value();
    data.log_start_offset = read->log_start_offset.value();
    if (read->diverging) {
      data.diverging_epoch.epoch = read->diverging->epoch.value();
      data.diverging_epoch.end_offset = read->diverging->end.value();
    } else if (read->slice.size > 0) {
      auto bytes = co_await read->slice.file->read_at(read->slice.position, read->slice.size);
      if (bytes) data.records = protocol::Records(*std::move(bytes));
    }
    co_return data;
  }

  env::Env env_;
  PartitionTable& table_;
  std::int32_t id_;
  std::int32_t epoch_ = 0;
  std::map<TopicPartition, Asked> asked_;
};

protocol::ListOffsetsResponse list_offsets(PartitionTable& table, const protocol::ListOffsetsRequest& request) {
  protocol::ListOffsetsResponse response;
  for (const auto& topic : request.topics) {
    auto& rows = response.topics.emplace_back();
    rows.name = topic.name.to_owned();
    for (const auto& asked : topic.partitions) {
      auto& row = rows.partitions.emplace_back();
      row.partition_index = asked.partition_index;
      const auto partition = table.find({topic.name.str(), PartitionId(asked.partition_index)});
      if (!partition || !partition->leads() || partition->leader_epoch().value() != asked.current_leader_epoch) {
        row.error_code = ErrorCode::not_leader_or_follower;
        continue;
      }
      row.offset = (asked.timestamp == -1 ? partition->log_end_offset() : partition->log_start_offset()).value();
    }
  }
  return response;
}

protocol::ApiVersionsResponse api_versions() {
  protocol::ApiVersionsResponse response;
  for (const auto& api : protocol::declared_apis()) {
    auto& one = response.api_keys.emplace_back();
    one.api_key = api.key;
    one.min_version = api.min_version;
    one.max_version = api.max_version;
  }
  return response;
}

Task<bool> read_exactly(env::Stream& stream, MutableByteView into) {
  while (!into.empty()) {
    const auto count = co_await stream.read_some(into);
    if (!count) co_return false;
    into = into.subspan(*count);
  }
  co_return true;
}

Task<void> serve_one(env::Env env, PartitionTable& table, std::unique_ptr<env::Stream> stream, std::int32_t id) {
  Session session(env, table, id);
  while (true) {
    std::array<std::byte, 4> size{};
    if (!co_await read_exactly(*stream, size)) co_return;
    Buffer frame = Buffer::allocate(static_cast<std::size_t>(load_big_endian<std::int32_t>(size.data())));
    if (!co_await read_exactly(*stream, frame.mutable_view())) co_return;
    auto parsed = protocol::parse_request(frame.view());
    B_CHECK(parsed.has_value());
    const std::int16_t version = parsed->header.api_version;
    const std::int32_t correlation = parsed->header.correlation_id;
    std::vector<protocol::Fragment> answer;
    if (parsed->header.api_key == ApiKey::api_versions) {
      answer = protocol::encode_response_frame(api_versions(), version, correlation);
    } else if (parsed->header.api_key == ApiKey::list_offsets) {
      const auto request = protocol::decode<protocol::ListOffsetsRequest>(parsed->body, version);
      answer = protocol::encode_response_frame(list_offsets(table, *request), version, correlation);
    } else {
      auto request = protocol::decode<FetchRequest>(parsed->body, version);
      const FetchResponse response = co_await session.fetch(*std::move(request));
      answer = protocol::encode_response_frame(response, version, correlation);
    }
    std::vector<ByteView> parts;
    for (const auto& fragment : answer) parts.push_back(std::get<Buffer>(fragment).view());
    if (const auto written = co_await stream->write(parts); !written) co_return;
  }
}

}  // namespace

Task<void> serve_followers(env::Env env, PartitionTable& table, std::uint16_t port) {
  Scope connections(env.executor);
  const env::Endpoint at{"", port};
  auto listener = co_await env.network.listen(at);
  B_CHECK(listener.has_value());
  for (std::int32_t id = 1;; ++id) {
    auto stream = co_await (*listener)->accept();
    if (!stream) co_return;
    connections.spawn(serve_one(env, table, std::move(*stream), id));
  }
}

}  // namespace barnabas::replication
