#include "core/broker/metrics_page.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <utility>

#include "core/base/utf8.hpp"
#include "core/broker/fetch_session.hpp"
#include "core/broker/zookeeper_link.hpp"
#include "core/controller/controller.hpp"
#include "core/coordinator/runtime/group_coordinator.hpp"
#include "core/protocol/messages/09_offset_fetch.hpp"
#include "core/protocol/messages/16_list_groups.hpp"

namespace barnabas::broker {
namespace {

using Label = std::pair<std::string_view, std::string_view>;
using Labels = std::initializer_list<Label>;

class Page {
 public:
  // Begins the samples of one name, which must follow at once.
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_ += "# HELP ";
    text_ += name;
    text_ += ' ';
    text_ += help;
    text_ += "\n# TYPE ";
    text_ += name;
    text_ += ' ';
    text_ += type;
    text_ += '\n';
  }

  template <class Number>
  void sample(Labels labels, Number value, std::string_view suffix = {}) {
    text_ += name_;
    text_ += suffix;
    char mark = '{';
    for (const auto& [key, text] : labels) {
      text_ += std::exchange(mark, ',');
      text_ += key;
      text_ += "=\"";
      escape(text);
      text_ += '"';
    }
    text_ += mark == ',' ? "} " : " ";
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    text_.append(digits.data(), end);
    text_ += '\n';
  }

  template <class Number>
  void gauge(std::string_view name, std::string_view help, Number value, Labels labels = {}) {
    family(name, "gauge", help);
    sample(labels, value);
  }
  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    family(name, "counter", help);
    sample({}, value);
  }

  std::string take() { return std::move(text_); }

 private:
  // A group's id may be any bytes; the page is UTF-8, or none of it is read.
  void escape(std::string_view value) {
    for (const char c : valid_utf8(value)) {
      if (c == '\\' || c == '"') text_ += '\\';
      if (c == '\n') {
        text_ += "\\n";
      } else {
        text_ += c;
      }
    }
  }

  std::string text_;
  std::string_view name_;
};

struct TopicFamily {
  std::string_view name;
  std::uint64_t TopicMetrics::* value;
  std::string_view help;
};

constexpr TopicFamily kTopicFamilies[] = {
    {"kafka_server_brokertopicmetrics_messagesin_total", &TopicMetrics::messages_in, "Records appended."},
    {"kafka_server_brokertopicmetrics_bytesin_total", &TopicMetrics::bytes_in, "Bytes of batches appended."},
    {"kafka_server_brokertopicmetrics_bytesout_total", &TopicMetrics::bytes_out, "Bytes of batches fetched."},
    {"kafka_server_brokertopicmetrics_bytesrejected_total", &TopicMetrics::bytes_rejected,
     "Bytes of record sets that were refused."},
    {"kafka_server_brokertopicmetrics_totalproducerequests_total", &TopicMetrics::produce_requests,
     "Partitions in produce requests."},
    {"kafka_server_brokertopicmetrics_totalfetchrequests_total", &TopicMetrics::fetch_requests,
     "Partitions in fetch requests."},
    {"kafka_server_brokertopicmetrics_failedproducerequests_total", &TopicMetrics::failed_produce_requests,
     "Partitions of produce requests answered with an error."},
    {"kafka_server_brokertopicmetrics_failedfetchrequests_total", &TopicMetrics::failed_fetch_requests,
     "Partitions of fetch requests answered with an error."},
    {"kafka_server_brokertopicmetrics_producemessageconversions_total", &TopicMetrics::produce_conversions,
     "Records converted from an old format."},
    {"kafka_server_brokertopicmetrics_fetchmessageconversions_total", &TopicMetrics::fetch_conversions,
     "Answers to one partition converted to an old format."},
};

void show_topics(Page& page, const Metrics& metrics) {
  for (const TopicFamily& family : kTopicFamilies) {
    page.family(family.name, "counter", family.help);
    page.sample({}, metrics.all_topics().*family.value);
    for (const auto& [name, topic] : metrics.topics()) page.sample({{"topic", name}}, topic.*family.value);
  }
}

struct TimingsFamily {
  std::string_view name;
  Timings RequestMetrics::* value;
  std::string_view help;
};

constexpr TimingsFamily kTimingsFamilies[] = {
    {"kafka_network_requestmetrics_totaltimems", &RequestMetrics::total, "Milliseconds from request to response."},
    {"kafka_network_requestmetrics_requestqueuetimems", &RequestMetrics::queue, "Milliseconds until it was begun."},
    {"kafka_network_requestmetrics_localtimems", &RequestMetrics::local, "Milliseconds of work."},
    {"kafka_network_requestmetrics_remotetimems", &RequestMetrics::remote, "Milliseconds of waiting for others."},
    {"kafka_network_requestmetrics_responsequeuetimems", &RequestMetrics::response_queue,
     "Milliseconds until the answers before it were written."},
    {"kafka_network_requestmetrics_responsesendtimems", &RequestMetrics::response_send,
     "Milliseconds of writing the answer."},
};

constexpr std::pair<std::string_view, double> kQuantiles[] = {{"0.50", 0.50}, {"0.75", 0.75}, {"0.95", 0.95},
                                                              {"0.98", 0.98}, {"0.99", 0.99}, {"0.999", 0.999}};

std::string_view request_name(protocol::ApiKey key, Metrics::Kind kind) {
  switch (kind) {
    case Metrics::Kind::consumer_fetch: return "FetchConsumer";
    case Metrics::Kind::follower_fetch: return "FetchFollower";
    case Metrics::Kind::all: break;
  }
  return protocol::name_of(key);
}

void show_requests(Page& page, const Metrics& metrics, Instant now) {
  page.family("kafka_network_requestmetrics_requests_total", "counter", "Requests answered.");
  for (const auto& [id, request] : metrics.requests()) {
    for (std::size_t version = 0; version < RequestMetrics::kVersions; ++version) {
      if (request->requests[version] == 0) continue;
      const std::string text = std::to_string(version);
      page.sample({{"request", request_name(id.first, id.second)}, {"version", text}}, request->requests[version]);
    }
  }
  page.family("kafka_network_requestmetrics_requestbytes_total", "counter", "Bytes of requests.");
  for (const auto& [id, request] : metrics.requests()) {
    page.sample({{"request", request_name(id.first, id.second)}}, request->bytes);
  }
  page.family("kafka_network_requestmetrics_errors_total", "counter", "Error codes in responses, NONE too.");
  for (const auto& [id, request] : metrics.requests()) {
    for (const auto& [code, count] : request->errors) {
      page.sample({{"request", request_name(id.first, id.second)}, {"error", protocol::name_of(code)}}, count);
    }
  }
  for (const TimingsFamily& family : kTimingsFamilies) {
    page.family(family.name, "summary", family.help);
    for (const auto& [id, request] : metrics.requests()) {
      const std::string_view name = request_name(id.first, id.second);
      const Timings& timings = (*request).*family.value;
      for (const auto& [label, share] : kQuantiles) {
        page.sample({{"request", name}, {"quantile", label}}, timings.percentile(share, now));
      }
      page.sample({{"request", name}}, timings.count(), "_count");
    }
  }
}

void show_port(Page& page, const Services& services) {
  const Metrics& metrics = services.metrics;
  page.gauge("kafka_server_socket_server_metrics_connection_count", "Connections.", metrics.connections);
  page.counter("kafka_server_socket_server_metrics_connection_creation_total", "Connections accepted.",
               metrics.connections_accepted);
  page.counter("kafka_server_socket_server_metrics_connection_refused_total", "Connections beyond a limit.",
               metrics.connections_refused);
  page.counter("kafka_network_socketserver_expiredconnectionskilledcount", "Connections closed for not moving.",
               metrics.connections_expired);
  page.gauge("kafka_network_requestchannel_requestqueuesize", "Requests that wait to be begun.",
             metrics.requests_queued);
  page.family("kafka_server_delayedoperationpurgatory_purgatorysize", "gauge", "Requests that wait for others.");
  page.sample({{"delayedOperation", "Fetch"}}, metrics.delayed_fetches);
  page.sample({{"delayedOperation", "Produce"}}, metrics.delayed_produces);
  const FetchSessionCache& sessions = services.fetch_sessions;
  page.gauge("kafka_server_fetchsessioncache_numincrementalfetchsessions", "Fetch sessions.", sessions.sessions());
  page.gauge("kafka_server_fetchsessioncache_numincrementalfetchpartitionscached", "Partitions in fetch sessions.",
             sessions.partitions());
  page.counter("kafka_server_fetchsessioncache_incrementalfetchsessionevictions_total", "Fetch sessions evicted.",
               sessions.evictions());
}

std::size_t count_offline_replicas(const Services& services) {
  const auto partitions = services.partitions.all();
  return static_cast<std::size_t>(
      std::ranges::count_if(partitions, [](const auto& partition) { return partition->log().failed(); }));
}

void show_replicas(Page& page, const Services& services) {
  const replication::ReplicaManager::Counts counts = services.replicas.counts();
  page.gauge("kafka_server_replicamanager_partitioncount", "Partitions on this broker.", services.partitions.size());
  page.gauge("kafka_server_replicamanager_leadercount", "Partitions led by this broker.", counts.leaders);
  page.gauge("kafka_server_replicamanager_underreplicatedpartitions", "Led partitions with replicas out of sync.",
             counts.under_replicated);
  page.gauge("kafka_server_replicamanager_underminisrpartitioncount",
             "Led partitions with fewer replicas in sync than min.insync.replicas.", counts.under_min_isr);
  page.gauge("kafka_server_replicamanager_atminisrpartitioncount",
             "Led partitions with just min.insync.replicas in sync.", counts.at_min_isr);
  page.gauge("kafka_server_replicamanager_offlinereplicacount", "Replicas whose disk failed.",
             count_offline_replicas(services));
  page.counter("kafka_server_replicamanager_isrshrinks_total", "Replicas that left an in-sync set.",
               counts.isr_shrinks);
  page.counter("kafka_server_replicamanager_isrexpands_total", "Replicas that joined an in-sync set.",
               counts.isr_expands);
  page.counter("kafka_server_replicamanager_failedisrupdates_total", "Changes of in-sync sets that were refused.",
               counts.failed_isr_updates);
}

void show_controller(Page& page, const Services& services) {
  const controller::Controller::Counts counts = services.controller.counts();
  page.gauge("kafka_controller_kafkacontroller_activecontrollercount", "1 on the controller.", counts.active ? 1 : 0);
  page.counter("barnabas_controller_suspicions_total", "Peers found dead before their session ended.",
               counts.suspicions);
  page.counter("barnabas_controller_refuted_suspicions_total", "Peers that were suspected and found alive.",
               counts.suspicions_refuted);
  if (!counts.active) return;
  page.gauge("kafka_controller_kafkacontroller_activebrokercount", "Brokers of the cluster that are alive.",
             services.metadata.image().brokers.size());
  page.gauge("kafka_controller_kafkacontroller_globaltopiccount", "Topics of the cluster.", counts.topics);
  page.gauge("kafka_controller_kafkacontroller_globalpartitioncount", "Partitions of the cluster.", counts.partitions);
  page.gauge("kafka_controller_kafkacontroller_offlinepartitionscount", "Partitions without a leader.",
             counts.offline_partitions);
  page.gauge("kafka_controller_kafkacontroller_preferredreplicaimbalancecount",
             "Partitions not led by their preferred replica.", counts.preferred_imbalance);
  page.counter("kafka_controller_controllerstats_leaderelection_total", "Elections of leaders.", counts.elections);
  page.counter("kafka_controller_controllerstats_uncleanleaderelections_total",
               "Elections of leaders that were not in sync.", counts.unclean_elections);
}

void show_zookeeper(Page& page, const Services& services) {
  const ZooKeeperLink::Counts counts = services.zookeeper.counts();
  page.family("kafka_server_sessionexpirelistener_sessionstate", "gauge", "The state of the ZooKeeper session.");
  page.sample({{"state", counts.connected ? "CONNECTED" : "CONNECTING"}}, 1);
  page.counter("kafka_server_sessionexpirelistener_zookeeperdisconnects_total",
               "Connections to ZooKeeper that were lost.", counts.disconnects);
  page.counter("kafka_server_sessionexpirelistener_zookeeperexpires_total", "ZooKeeper sessions that expired.",
               counts.expired);
}

struct LogFamily {
  std::string_view name;
  std::int64_t (*value)(const log::PartitionLog& log);
  std::string_view help;
};

constexpr LogFamily kLogFamilies[] = {
    {"kafka_log_log_size", [](const log::PartitionLog& log) { return log.size_in_bytes(); }, "Bytes of the log."},
    {"kafka_log_log_logstartoffset", [](const log::PartitionLog& log) { return log.log_start_offset().value(); },
     "First offset of the log."},
    {"kafka_log_log_logendoffset", [](const log::PartitionLog& log) { return log.log_end_offset().value(); },
     "Offset of the next record."},
    {"kafka_log_log_numlogsegments",
     [](const log::PartitionLog& log) { return static_cast<std::int64_t>(log.segment_count()); },
     "Segments of the log."},
};

void show_logs(Page& page, const Services& services) {
  const auto partitions = services.partitions.all();
  for (const LogFamily& family : kLogFamilies) {
    page.family(family.name, "gauge", family.help);
    for (const auto& partition : partitions) {
      const std::string number = std::to_string(partition->id().partition.value());
      page.sample({{"topic", partition->id().topic}, {"partition", number}}, family.value(partition->log()));
    }
  }
}

struct Commit {
  std::string group;
  std::string topic;
  std::int32_t partition;
  std::int64_t offset;
};

Task<std::vector<Commit>> committed_offsets(Services& services, const protocol::ListGroupsResponse& groups) {
  constexpr std::int16_t kManyGroupsSince = 8;
  std::vector<Commit> commits;
  protocol::OffsetFetchRequest request;
  for (const auto& group : groups.groups) request.groups.emplace_back().group_id = group.group_id;
  const coordinator::RequestContext context{"metrics", "/127.0.0.1", kManyGroupsSince};
  const protocol::OffsetFetchResponse answer = co_await services.groups.offset_fetch(context, request);
  for (const auto& group : answer.groups) {
    for (const auto& topic : group.topics) {
      for (const auto& partition : topic.partitions) {
        if (partition.committed_offset < 0) continue;
        commits.push_back(
            {group.group_id.str(), topic.name.str(), partition.partition_index, partition.committed_offset});
      }
    }
  }
  co_return commits;
}

void show_commits(Page& page, const Services& services, const std::vector<Commit>& commits) {
  page.gauge("kafka_coordinator_group_groupmetadatamanager_numoffsets", "Committed offsets.", commits.size());
  page.family("kafka_consumergroup_current_offset", "gauge", "Committed offset of a group.");
  for (const Commit& commit : commits) {
    const std::string number = std::to_string(commit.partition);
    page.sample({{"consumergroup", commit.group}, {"topic", commit.topic}, {"partition", number}}, commit.offset);
  }
  page.family("kafka_consumergroup_lag", "gauge", "Records that a group has not yet committed.");
  for (const Commit& commit : commits) {
    const auto partition = services.partitions.find({commit.topic, PartitionId(commit.partition)});
    if (!partition) continue;
    const std::string number = std::to_string(commit.partition);
    const std::int64_t lag = partition->high_watermark().value() - commit.offset;
    page.sample({{"consumergroup", commit.group}, {"topic", commit.topic}, {"partition", number}},
                std::max<std::int64_t>(lag, 0));
  }
}

void show_group_states(Page& page, const protocol::ListGroupsResponse& groups) {
  constexpr std::pair<std::string_view, std::string_view> kStates[] = {
      {"PreparingRebalance", "kafka_coordinator_group_groupmetadatamanager_numgroupspreparingrebalance"},
      {"CompletingRebalance", "kafka_coordinator_group_groupmetadatamanager_numgroupscompletingrebalance"},
      {"Stable", "kafka_coordinator_group_groupmetadatamanager_numgroupsstable"},
      {"Dead", "kafka_coordinator_group_groupmetadatamanager_numgroupsdead"},
      {"Empty", "kafka_coordinator_group_groupmetadatamanager_numgroupsempty"}};
  for (const auto& [state, name] : kStates) {
    const auto is_in = [&](const auto& group) { return group.group_state == state; };
    const auto count = std::ranges::count_if(groups.groups, is_in);
    page.gauge(name, "Consumer groups in this state.", count);
  }
}

Task<void> show_groups(Page& page, Services& services) {
  const coordinator::RequestContext context{"metrics", "/127.0.0.1", 0};
  const protocol::ListGroupsRequest every;
  const protocol::ListGroupsResponse groups = co_await services.groups.list_groups(context, every);
  page.gauge("kafka_coordinator_group_groupmetadatamanager_numgroups", "Consumer groups.", groups.groups.size());
  show_group_states(page, groups);
  const std::vector<Commit> commits = co_await committed_offsets(services, groups);
  show_commits(page, services, commits);
}

}  // namespace

Task<std::string> metrics_page(Services& services) {
  Page page;
  const metadata::ClusterImage& image = services.metadata.image();
  services.metrics.retain_topics([&](const std::string& name) { return image.topic(name) != nullptr; });
  show_topics(page, services.metrics);
  show_requests(page, services.metrics, services.env.clock.now());
  show_port(page, services);
  show_replicas(page, services);
  show_controller(page, services);
  show_zookeeper(page, services);
  show_logs(page, services);
  co_await show_groups(page, services);
  co_return page.take();
}

}  // namespace barnabas::broker
