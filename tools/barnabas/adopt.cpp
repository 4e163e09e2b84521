#include "tools/barnabas/adopt.hpp"

#include <cstdio>
#include <memory>

#include "core/metadata/config.hpp"
#include "core/metadata/topic_config.hpp"
#include "core/metadata/topic_store.hpp"
#include "core/metadata/znode_json.hpp"
#include "core/zookeeper/embedded_server.hpp"
#include "core/zookeeper/session_client/session_client.hpp"
#include "net/event_loop.hpp"
#include "tools/barnabas/adopt_survey.hpp"
#include "tools/barnabas/exit_code.hpp"

namespace barnabas::tools {

namespace {

struct AdoptOptions {
  std::string data_dir;
  std::string zookeeper;
  std::vector<std::string> assignments;
};

// "orders:retention.ms=-1".
Result<TopicConfigs> parse_assignments(const std::vector<std::string>& assignments) {
  TopicConfigs configs;
  for (const std::string& text : assignments) {
    const std::size_t colon = text.find(':');
    const std::size_t equals = text.find('=', colon == std::string::npos ? 0 : colon);
    if (colon == std::string::npos || equals == std::string::npos || colon == 0) {
      return fail(Errc::invalid_argument, "--set " + text + ": expected TOPIC:KEY=VALUE");
    }
    configs[text.substr(0, colon)][text.substr(colon + 1, equals - colon - 1)] = text.substr(equals + 1);
  }
  for (const auto& [topic, overrides] : configs) {
    B_TRY_VOID(metadata::check_topic_overrides(metadata::Config(), overrides));
  }
  return configs;
}

// Writes what a survey found into a ZooKeeper. May be done again: what is there already is left alone.
class Adoption {
 public:
  Adoption(env::Env env, const Survey& survey, zookeeper::Client& client)
      : env_(env), survey_(survey), client_(client), store_(client) {}

  Task<Result<void>> run();

 private:
  Task<Result<void>> check_cluster();
  Task<Result<void>> check_present();
  Task<Result<void>> write_topic(std::string name);
  Task<Result<void>> raise_epochs(metadata::TopicInfo topic);
  Task<Result<void>> skip_producer_ids();

  env::Env env_;
  const Survey& survey_;
  zookeeper::Client& client_;
  metadata::TopicStore store_;
  metadata::Controllership controllership_;
};

Task<Result<void>> Adoption::run() {
  B_CO_TRY_VOID(co_await store_.create_layout());
  B_CO_TRY_VOID(co_await check_cluster());
  B_CO_TRY_VOID(co_await check_present());
  B_CO_TRY(controllership_, co_await store_.elect_controller(survey_.identity.broker_id, env_.clock.wall()));
  if (controllership_.controller != survey_.identity.broker_id) {
    co_return fail(Errc::invalid_argument, "broker " + std::to_string(controllership_.controller.value()) +
                                               " of that ZooKeeper's cluster is alive: stop its brokers first");
  }
  for (const auto& [name, topic] : survey_.topics) B_CO_TRY_VOID(co_await write_topic(name));
  co_return co_await skip_producer_ids();
}

Task<Result<void>> Adoption::check_cluster() {
  const std::string ours = survey_.identity.cluster_id;
  B_CO_TRY(const std::string stored, co_await store_.ensure_cluster_id(ours));
  if (stored == ours) co_return Result<void>{};
  co_return fail(Errc::invalid_argument,
                 "the directory belongs to cluster " + ours + ", but its ZooKeeper is of cluster " + stored);
}

// Before anything is written.
Task<Result<void>> Adoption::check_present() {
  for (const auto& [name, topic] : survey_.topics) {
    const auto present = co_await store_.load_topic(name);
    if (!present && present.error().code == Errc::not_found) continue;
    if (!present) co_return std::unexpected(present.error());
    const bool same_id = topic.id.is_zero() || present->id == topic.id;
    if (same_id && present->partitions.size() >= topic.next_epochs.size()) continue;
    co_return fail(Errc::invalid_argument,
                   "topic " + name + " is in ZooKeeper already, with topic id " + present->id.to_string() + " and " +
                       std::to_string(present->partitions.size()) + " partitions: another one than in the directory");
  }
  co_return Result<void>{};
}

Task<Result<void>> Adoption::write_topic(std::string name) {
  const FoundTopic& found = survey_.topics.at(name);
  auto topic = co_await store_.load_topic(name);
  if (!topic && topic.error().code == Errc::not_found) {
    metadata::NewTopic fresh;
    fresh.name = name;
    fresh.id = found.id;
    if (fresh.id.is_zero()) {
      const std::uint64_t high = env_.random.next();
      fresh.id = Uuid::from_random(high, env_.random.next());
    }
    fresh.assignment.assign(found.next_epochs.size(), {survey_.identity.broker_id});
    fresh.config = found.config;
    topic = co_await store_.create_topic(std::move(fresh), controllership_);
  }
  if (!topic) co_return std::unexpected(topic.error());
  std::map<std::string, std::string> config = topic->config;
  for (const auto& [key, value] : found.config) config[key] = value;
  if (config != topic->config) B_CO_TRY_VOID(co_await store_.set_topic_config(name, config));
  co_return co_await raise_epochs(*std::move(topic));
}

// A leader of an epoch that the log has seen already could not be told from the one of that time.
Task<Result<void>> Adoption::raise_epochs(metadata::TopicInfo topic) {
  const FoundTopic& found = survey_.topics.at(topic.name);
  for (std::size_t i = 0; i < found.next_epochs.size(); ++i) {
    const metadata::PartitionInfo& partition = topic.partitions[i];
    if (partition.leader_epoch >= found.next_epochs[i]) continue;
    metadata::PartitionState state;
    state.leader = partition.leader;
    state.leader_epoch = found.next_epochs[i];
    state.isr = partition.isr;
    state.controller_epoch = controllership_.epoch;
    const TopicPartition id{topic.name, PartitionId(static_cast<std::int32_t>(i))};
    B_CO_TRY_VOID(co_await store_.write_partition_state(id, state, partition.partition_epoch, controllership_));
  }
  co_return Result<void>{};
}

// An id given out twice would make the second producer's first records look like repetitions of the first one's.
Task<Result<void>> Adoption::skip_producer_ids() {
  const BrokerId broker = survey_.identity.broker_id;
  B_CO_TRY(const metadata::ProducerIdBlock block, co_await store_.allocate_producer_ids(broker));
  if (block.first >= survey_.next_producer_id) co_return Result<void>{};
  const std::int64_t size = metadata::kProducerIdBlockSize;
  const ProducerId last_block(survey_.next_producer_id.value() / size * size);
  const std::string json =
      metadata::znode::encode_producer_id_block(broker, {last_block, metadata::kProducerIdBlockSize});
  const std::string path(metadata::znode::kProducerIdBlock);
  zookeeper::Data data = Buffer::copy_of(as_bytes(json));
  B_CO_TRY_VOID(co_await client_.set(path, std::move(data), zookeeper::kAnyVersion));
  co_return Result<void>{};
}

void print_summary(const Survey& survey) {
  std::size_t partitions = 0;
  std::size_t compacted = 0;
  for (const auto& [name, topic] : survey.topics) {
    partitions += topic.next_epochs.size();
    const auto policy = topic.config.find("cleanup.policy");
    compacted += policy != topic.config.end() && policy->second.contains("compact") ? 1 : 0;
  }
  std::printf("adopted %zu topics with %zu partitions for broker %d of cluster %s; %zu of them are compacted\n",
              survey.topics.size(), partitions, survey.identity.broker_id.value(), survey.identity.cluster_id.c_str(),
              compacted);
  for (const auto& [name, topic] : survey.topics) {
    const bool offsets = name == metadata::kOffsetsTopic;
    if (!offsets && name != metadata::kTransactionsTopic) continue;
    std::printf("set %s=%zu, which is the number of partitions of %s\n",
                offsets ? "offsets.topic.num.partitions" : "transaction.state.log.num.partitions",
                topic.next_epochs.size(), name.c_str());
  }
  std::printf(
      "A data directory does not hold the configurations of topics: set those again that were set in Kafka, before "
      "`barnabas serve`, with --set TOPIC:KEY=VALUE here or at the first start with broker-wide keys. retention.ms "
      "counts: records older than 7 days are deleted unless it says otherwise.\n");
}

Task<Result<void>> write_and_close(env::Env env, const Survey& found, zookeeper::Client& client) {
  Adoption adoption(env, found, client);
  const Result<void> adopted = co_await adoption.run();
  const Result<void> closed = co_await client.close();
  co_return adopted ? closed : adopted;
}

Task<Result<void>> write_embedded(env::Env env, const Survey& found, std::string data_dir) {
  zookeeper::EmbeddedOptions options;
  options.directory = data_dir + "/zookeeper";
  B_CO_TRY(const auto server, co_await zookeeper::EmbeddedServer::open(env, std::move(options)));
  B_CO_TRY(const auto client, server->connect());
  const Result<void> written = co_await write_and_close(env, found, *client);
  co_await server->stop();
  co_return written;
}

Task<Result<void>> write_outside(env::Env env, const Survey& found, zookeeper::ConnectString servers) {
  zookeeper::SessionOptions options;
  options.servers = std::move(servers);
  B_CO_TRY(const auto client, co_await zookeeper::SessionClient::open(env, std::move(options)));
  co_return co_await write_and_close(env, found, *client);
}

Task<Result<void>> adopt(env::Env env, AdoptOptions options) {
  B_CO_TRY(TopicConfigs configs, parse_assignments(options.assignments));
  zookeeper::ConnectString servers;
  if (!options.zookeeper.empty()) {
    B_CO_TRY(servers, zookeeper::parse_connect_string(options.zookeeper));
  }
  B_CO_TRY(const Survey found, co_await survey(env, options.data_dir, std::move(configs)));
  if (options.zookeeper.empty()) {
    B_CO_TRY_VOID(co_await write_embedded(env, found, options.data_dir));
  } else {
    B_CO_TRY_VOID(co_await write_outside(env, found, std::move(servers)));
  }
  print_summary(found);
  co_return Result<void>{};
}

int run_adopt(const AdoptOptions& options) {
  net::EventLoop loop;
  const Result<void> adopted = loop.run(adopt(loop.env(), options));
  if (adopted) return kOk;
  std::fprintf(stderr, "barnabas: %s\n", adopted.error().message.c_str());
  return kFailed;
}

}  // namespace

void add_adopt(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<AdoptOptions>();
  CLI::App* command =
      app.add_subcommand("adopt", "Make a data directory of Apache Kafka servable by this broker alone");
  command->add_option("DATA_DIR", options->data_dir, "The directory (log.dirs) of a broker that is stopped")
      ->required();
  command->add_option("--zookeeper", options->zookeeper,
                      "HOST:PORT of a ZooKeeper to write the topics to, instead of the embedded one: for Apache Kafka");
  command->add_option("--set", options->assignments, "TOPIC:KEY=VALUE, a configuration that the topic had; repeatable")
      ->take_all();
  command->footer(
      "Writes the topics found in the directory into its embedded ZooKeeper, or into another one. The records stay as "
      "they are.\n"
      "Apache Kafka does not start on a directory that holds the embedded ZooKeeper: move DATA_DIR/zookeeper away.");
  command->callback([options, &exit_code] { exit_code = run_adopt(*options); });
}

}  // namespace barnabas::tools
