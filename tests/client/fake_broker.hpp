// A broker for tests of the client: one node, partitions in memory, and a script of what goes wrong.
//
// Appends, sequences and group members are real in what they check and tiny in what they know. Its state is the
// test's and survives a kill of the node it runs on.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/client/cluster.hpp"
#include "core/env/env.hpp"
#include "core/protocol/frame.hpp"
#include "core/protocol/messages/all.hpp"

namespace barnabas::client {

// What happens to one request in place of a plain answer.
struct Step {
  enum class What {
    answer,             // As if nothing was scripted.
    refuse,             // The error; nothing is done.
    do_then_refuse,     // It is done, then the error.
    drop,               // The connection closes; nothing is done.
    do_then_drop,       // It is done, then the connection closes.
    silence,            // No answer, ever.
    wrong_correlation,  // An answer to another request.
  };
  What what = What::answer;
  protocol::ErrorCode error = protocol::ErrorCode::none;
};

class FakeBroker {
 public:
  struct Log {
    std::vector<Buffer> batches;
    std::int64_t end = 0;
    std::vector<protocol::FetchResponse::AbortedTransaction> aborted;
    // By producer id: the next sequence, and the base offset of each sequence that was appended.
    std::map<std::int64_t, std::int32_t> next_sequence;
    std::map<std::pair<std::int64_t, std::int32_t>, std::int64_t> offset_of;
  };

  FakeBroker(std::string host, std::map<std::string, std::int32_t> topics);

  static constexpr std::uint16_t kPort = 9092;
  ClusterOptions client_options() const;
  // The program of a node.
  Task<void> serve(env::Env env);

  // One step per request of that API, in the order they come; when it is empty, plain answers.
  std::map<protocol::ApiKey, std::deque<Step>> script;
  std::map<protocol::ApiKey, std::int32_t> requests;      // Counted.
  std::map<protocol::ApiKey, std::int16_t> max_versions;  // Lower than declared, where given.
  std::map<TopicPartition, Log> logs;
  std::map<TopicPartition, std::int64_t> committed;
  std::map<std::string, std::int32_t> topics;
  std::int32_t generation = 0;
  std::string member;  // The one that the group has, if any.
  std::vector<std::byte> assignment;

 private:
  struct Request {
    protocol::RequestHeader header;
    ByteView body;
    Step step;
    bool acts() const {
      return step.what != Step::What::refuse && step.what != Step::What::drop && step.what != Step::What::silence;
    }
  };

  Task<void> serve_one(env::Env env, std::unique_ptr<env::Stream> stream);
  Task<std::vector<protocol::Fragment>> answer(env::Env env, const Request& request);
  std::vector<protocol::Fragment> api_versions(const Request& request);
  std::vector<protocol::Fragment> metadata(const Request& request);
  std::vector<protocol::Fragment> produce(const Request& request);
  std::vector<protocol::Fragment> fetch(const Request& request);
  std::vector<protocol::Fragment> list_offsets(const Request& request);
  std::vector<protocol::Fragment> init_producer_id(const Request& request);
  std::vector<protocol::Fragment> create_topics(const Request& request);
  std::vector<protocol::Fragment> delete_topics(const Request& request);
  std::vector<protocol::Fragment> group_request(const Request& request);
  std::vector<protocol::Fragment> join_group(const Request& request);
  std::vector<protocol::Fragment> offset_commit(const Request& request);
  std::vector<protocol::Fragment> offset_fetch(const Request& request);
  bool has_news(const protocol::FetchRequest& request) const;
  static protocol::ErrorCode append(Log& log, Buffer batch, std::int64_t& base_offset);

  std::string host_;
  std::int64_t next_producer_id_ = 1000;
};

}  // namespace barnabas::client
