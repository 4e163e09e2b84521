#include "sim/workloads/administering.hpp"

#include "core/client/admin.hpp"
#include "core/protocol/messages/37_create_partitions.hpp"
#include "core/protocol/messages/43_elect_leaders.hpp"
#include "core/protocol/messages/44_incremental_alter_configs.hpp"
#include "core/protocol/messages/45_alter_partition_reassignments.hpp"

namespace barnabas::sim {
namespace {

constexpr std::int32_t kTimeoutMs = 5'000;
constexpr std::size_t kMostPartitions = 12;

using protocol::ErrorCode;

std::string text_of(ErrorCode code) { return std::string(protocol::name_of(code)); }

bool is_gone(ErrorCode told) { return told == ErrorCode::none || told == ErrorCode::unknown_topic_or_partition; }

}  // namespace

Task<Result<std::shared_ptr<client::Connection>>> Administering::to_controller(client::Cluster& cluster) {
  std::vector<std::string> names;
  names.push_back(spec_.topic);
  B_CO_TRY_VOID(co_await cluster.refresh(names));
  if (cluster.controller() == kNoBroker) co_return fail(Errc::not_found, "no controller is known");
  co_return co_await cluster.to_broker(cluster.controller());
}

Task<Administering::ToldCode> Administering::create(client::Cluster& cluster, std::string name) {
  client::Admin admin(cluster);
  client::NewTopic topic;
  topic.name = name;
  topic.partitions = static_cast<std::int32_t>(draw_.between(1, 3));
  topic.replication_factor = static_cast<std::int16_t>(draw_.between(1, scenario_.replicas_of({})));
  const std::int32_t partitions = topic.partitions;
  const Duration timeout = std::chrono::milliseconds(kTimeoutMs);
  B_CO_TRY(const auto answer, co_await admin.create_topic(std::move(topic), timeout));
  if (answer.error == ErrorCode::none) tell(name, partitions);
  co_return answer.error;
}

Task<Administering::ToldCode> Administering::remove(client::Cluster& cluster, std::string name) {
  client::Admin admin(cluster);
  const Duration timeout = std::chrono::milliseconds(kTimeoutMs);
  B_CO_TRY(const auto answer, co_await admin.delete_topic(name, timeout));
  if (answer.error == ErrorCode::none) tell(name, 0);
  co_return answer.error;
}

Task<Administering::Told> Administering::create_or_delete(client::Cluster& cluster) {
  if (!own_topic_.empty()) {
    const std::string name = own_topic_;
    history_.topics[name].removal_asked = true;
    B_CO_TRY(const ErrorCode told, co_await remove(cluster, name));
    if (told == ErrorCode::none) history_.topics[name].removed = true;
    if (is_gone(told)) own_topic_.clear();
    co_return "delete " + name + ": " + text_of(told);
  }
  const std::string name = name_ + "-" + std::to_string(topics_made_++);
  own_topic_ = name;
  history_.topics[name] = {};
  B_CO_TRY(const ErrorCode told, co_await create(cluster, name));
  history_.topics[name].created = told;
  co_return "create " + name + ": " + text_of(told);
}

Task<Administering::Told> Administering::recreate(client::Cluster& cluster) {
  const std::string name = name_ + "-again";
  if (again_is_there_) {
    B_CO_TRY(const ErrorCode told, co_await remove(cluster, name));
    if (is_gone(told)) again_is_there_ = false;
    co_return "delete " + name + ": " + text_of(told);
  }
  B_CO_TRY(const ErrorCode told, co_await create(cluster, name));
  again_is_there_ = told == ErrorCode::none || told == ErrorCode::topic_already_exists;
  co_return "create " + name + ": " + text_of(told);
}

void Administering::tell(const std::string& topic, std::int32_t partitions) {
  if (history_.on_topic) history_.on_topic(topic, partitions);
}

Task<Administering::Told> Administering::grow(client::Cluster& cluster) {
  B_CO_TRY(const auto connection, co_await to_controller(cluster));
  const client::TopicInfo* topic = cluster.topic(spec_.topic);
  if (topic == nullptr || topic->partitions.empty() || topic->partitions.size() >= kMostPartitions) co_return "nothing";
  protocol::CreatePartitionsRequest request;
  request.timeout_ms = kTimeoutMs;
  auto& wanted = request.topics.emplace_back();
  wanted.name = protocol::String(spec_.topic);
  wanted.count = static_cast<std::int32_t>(topic->partitions.size()) + 1;
  const std::int32_t partitions = wanted.count;
  B_CO_TRY(const auto reply, co_await connection->call(std::move(request)));
  if (reply->results.empty()) co_return "grow: no result";
  if (reply->results[0].error_code == protocol::ErrorCode::none) tell(spec_.topic, partitions);
  co_return "grow: " + text_of(reply->results[0].error_code);
}

Task<Administering::Told> Administering::reassign(client::Cluster& cluster) {
  B_CO_TRY(const auto connection, co_await to_controller(cluster));
  const client::TopicInfo* topic = cluster.topic(spec_.topic);
  if (topic == nullptr || topic->partitions.empty() || cluster.brokers().empty()) co_return "nothing";
  const auto index = static_cast<std::size_t>(draw_.below(topic->partitions.size()));
  std::vector<std::int32_t> brokers;
  for (const auto& [id, endpoint] : cluster.brokers()) brokers.push_back(id.value());
  const auto count = std::min(brokers.size(), topic->partitions[index].replicas.size());
  std::vector<std::int32_t> replicas;
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::ptrdiff_t>(draw_.below(brokers.size()));
    replicas.push_back(brokers[static_cast<std::size_t>(at)]);
    brokers.erase(brokers.begin() + at);
  }
  if (replicas.empty()) co_return "nothing";
  protocol::AlterPartitionReassignmentsRequest request;
  request.timeout_ms = kTimeoutMs;
  auto& wanted = request.topics.emplace_back();
  wanted.name = protocol::String(spec_.topic);
  auto& partition = wanted.partitions.emplace_back();
  partition.partition_index = static_cast<std::int32_t>(index);
  std::string to;
  for (const std::int32_t id : replicas) to += " " + std::to_string(id);
  partition.replicas = std::move(replicas);
  B_CO_TRY(const auto reply, co_await connection->call(std::move(request)));
  if (reply->error_code != protocol::ErrorCode::none || reply->responses.empty()) {
    co_return "reassign: " + text_of(reply->error_code);
  }
  const auto& answers = reply->responses[0].partitions;
  co_return "reassign " + std::to_string(index) + " to" + to + ": " +
      text_of(answers.empty() ? reply->error_code : answers[0].error_code);
}

Task<Administering::Told> Administering::elect(client::Cluster& cluster) {
  B_CO_TRY(const auto connection, co_await to_controller(cluster));
  protocol::ElectLeadersRequest request;
  request.timeout_ms = kTimeoutMs;
  B_CO_TRY(const auto reply, co_await connection->call(std::move(request)));
  co_return "elect: " + text_of(reply->error_code);
}

Task<Administering::Told> Administering::configure(client::Cluster& cluster) {
  B_CO_TRY(const auto connection, co_await to_controller(cluster));
  protocol::IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = 2;
  resource.resource_name = protocol::String(spec_.topic);
  auto& config = resource.configs.emplace_back();
  config.name = protocol::String("segment.bytes");
  config.value = protocol::String(std::to_string(draw_.between(20'000, 100'000)));
  B_CO_TRY(const auto reply, co_await connection->call(std::move(request)));
  co_return "configure: " + (reply->responses.empty() ? "no result" : text_of(reply->responses[0].error_code));
}

Task<Administering::Told> Administering::act(client::Cluster& cluster, AdminAction action) {
  switch (action) {
    case AdminAction::create_and_delete: co_return co_await create_or_delete(cluster);
    case AdminAction::grow: co_return co_await grow(cluster);
    case AdminAction::reassign: co_return co_await reassign(cluster);
    case AdminAction::elect: co_return co_await elect(cluster);
    case AdminAction::recreate: co_return co_await recreate(cluster);
    case AdminAction::configure: break;
  }
  co_return co_await configure(cluster);
}

Task<void> Administering::run(env::Env env) {
  client::ClusterOptions where;
  where.bootstrap = bootstrap_of(scenario_);
  where.connection.request_timeout = 10s;
  client::Cluster cluster(env, where);
  for (std::int64_t i = 0; i < spec_.records && !finishing_; ++i) {
    const AdminAction action = spec_.actions[draw_.below(spec_.actions.size())];
    const auto told = co_await act(cluster, action);
    env.logger.log(env::LogLevel::info, name_, told ? *told : "no answer: " + told.error().to_string());
    const Duration pause(draw_.between(spec_.pause.low.count(), spec_.pause.high.count()));
    co_await env.clock.sleep_for(pause);
  }
  ended_ = true;
}

}  // namespace barnabas::sim
