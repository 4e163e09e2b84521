#include "tools/barnabas/adopt_survey.hpp"

#include <algorithm>
#include <set>

#include "core/log/file_names.hpp"
#include "core/log/log_manager.hpp"
#include "core/log/whole_file.hpp"

namespace barnabas::tools {

namespace {

constexpr const char* kPolicy = "cleanup.policy";

std::unexpected<Error> refuse(std::string message) { return fail(Errc::invalid_argument, std::move(message)); }

// Without its policy a compacted log's gaps would be taken for lost records.
Task<Result<TopicConfigs>> known_configs(env::Env env, std::string data_dir, TopicConfigs given) {
  TopicConfigs configs;
  // As Kafka makes these two.
  constexpr const char* kSegmentBytes = "104857600";
  configs[std::string(metadata::kOffsetsTopic)] = {
      {kPolicy, "compact"}, {"compression.type", "producer"}, {"segment.bytes", kSegmentBytes}};
  configs[std::string(metadata::kTransactionsTopic)] = {{kPolicy, "compact"},
                                                        {"compression.type", "uncompressed"},
                                                        {"segment.bytes", kSegmentBytes},
                                                        {"unclean.leader.election.enable", "false"}};
  const std::string path = log::join_path(data_dir, log::kCleanerFile);
  B_CO_TRY(const auto content, co_await log::read_whole_file(env.disk, path));
  if (content) {
    B_CO_TRY(const auto cleaned, log::parse_offset_checkpoint(as_text(content->view()), log::kCleanerFile));
    for (const auto& [id, offset] : cleaned) configs[id.topic][kPolicy] = "compact";
  }
  for (auto& [topic, overrides] : given) {
    for (auto& [key, value] : overrides) configs[topic][key] = value;
  }
  co_return configs;
}

bool is_compacted(const TopicConfigs& configs, const std::string& topic) {
  const auto found = configs.find(topic);
  if (found == configs.end()) return false;
  const auto policy = found->second.find(kPolicy);
  return policy != found->second.end() && policy->second.find("compact") != std::string::npos;
}

Result<void> note_log(const log::PartitionLog& log, Survey& survey) {
  FoundTopic& topic = survey.topics[log.id().topic];
  const auto index = static_cast<std::size_t>(log.id().partition.value());
  // In order of the partitions, as the log manager has them.
  if (index != topic.next_epochs.size()) {
    return refuse("partition " + std::to_string(topic.next_epochs.size()) + " of topic " + log.id().topic +
                  " is not here, but partition " + std::to_string(index) +
                  " is: only a directory that has all partitions of its topics can be served alone; bring the missing "
                  "ones here, or move this topic's away");
  }
  topic.next_epochs.push_back(log.leader_epochs().latest().value_or(kNoLeaderEpoch) + 1);
  if (!log.topic_id().is_zero() && !topic.id.is_zero() && topic.id != log.topic_id()) {
    return refuse("the partitions of topic " + log.id().topic + " are of two topics, " + topic.id.to_string() +
                  " and " + log.topic_id().to_string() + ": move those that do not belong here away");
  }
  if (topic.id.is_zero()) topic.id = log.topic_id();
  const auto& producers = log.producers().entries();
  if (!producers.empty()) {
    survey.next_producer_id = std::max(survey.next_producer_id, std::prev(producers.end())->first + 1);
  }
  return {};
}

}  // namespace

Task<Result<Survey>> survey(env::Env env, std::string data_dir, TopicConfigs given) {
  Survey survey;
  const std::vector<std::string> data_dirs{data_dir};
  B_CO_TRY(const auto meta, co_await log::LogManager::read_meta(env, data_dirs));
  if (!meta) {
    co_return fail(Errc::not_found, data_dir + " has no meta.properties: name a data directory (log.dirs) of a broker");
  }
  survey.identity = *meta;
  B_CO_TRY(const TopicConfigs configs, co_await known_configs(env, data_dir, given));
  log::LogManagerOptions options;
  options.data_dirs = data_dirs;
  options.broker_id = meta->broker_id;
  options.cluster_id = meta->cluster_id;
  options.config_of = [&configs](const std::string& topic) {
    log::LogConfig config;
    config.cleanup_compact = is_compacted(configs, topic);
    return config;
  };
  B_CO_TRY(const auto logs, co_await log::LogManager::open(env, std::move(options)));
  Result<void> noted;
  for (const log::PartitionLog* log : logs->all()) {
    noted = note_log(*log, survey);
    if (!noted) break;
  }
  B_CO_TRY_VOID(co_await logs->stop());
  if (!noted) co_return std::unexpected(noted.error());
  for (auto& [name, topic] : survey.topics) {
    const auto found = configs.find(name);
    if (found != configs.end()) topic.config = found->second;
  }
  for (const auto& [name, overrides] : given) {
    if (!survey.topics.contains(name)) co_return refuse("--set names topic " + name + ", which is not in " + data_dir);
  }
  co_return survey;
}

}  // namespace barnabas::tools
