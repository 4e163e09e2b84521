#include "sim/cluster/watch.hpp"

#include <algorithm>

namespace barnabas::sim {
namespace {

// More than this between two looks: the process was paused.
constexpr Duration kLongestGap = 1s;

std::vector<std::int32_t> isr_of(const replication::Partition& partition) {
  std::vector<std::int32_t> isr;
  for (const auto& member : partition.view().isr) isr.push_back(member.id.value());
  return isr;
}

}  // namespace

using replication::Partition;
using replication::Role;

ClusterWatch::ClusterWatch(World& world, ClusterOracle& oracle, std::string directory)
    : world_(world), oracle_(oracle), directory_(std::move(directory)) {
  world.kernel().scheduler.set_observer([this](const EventTag& tag) {
    oracle_.follow_znodes();
    if (tag.kind != EventKind::resume) return;
    const auto host = hosts_.find(tag.node);
    if (host != hosts_.end()) look(host->second);
  });
}

void ClusterWatch::process_began(std::int32_t broker, Node& node, const replication::PartitionTable& partitions) {
  hosts_[node.machine().index] = Host{broker, &node, &partitions, {}};
}

void ClusterWatch::process_ended(std::int32_t broker) {
  std::erase_if(hosts_, [&](const auto& host) { return host.second.broker == broker; });
  oracle_.process_ended(broker);
}

void ClusterWatch::look(Host& host) {
  const auto& table = host.partitions->partitions();
  bool same = table.size() == host.hosted.size();
  std::size_t index = 0;
  for (auto it = table.begin(); same && it != table.end(); ++it) {
    same = host.hosted[index++].partition == it->second.get();
  }
  if (!same) align(host);
  for (Hosted& hosted : host.hosted) look_at(host, hosted);
}

// Partitions have come or gone.
void ClusterWatch::align(Host& host) {
  std::vector<Hosted> now;
  for (const auto& [id, partition] : host.partitions->partitions()) {
    const auto known =
        std::ranges::find_if(host.hosted, [&](const Hosted& h) { return h.partition == partition.get(); });
    if (known != host.hosted.end()) {
      now.push_back(std::move(*known));
      known->partition = nullptr;
    } else {
      now.push_back({partition.get(), id, partition->topic_id().to_string(), {}, false, {}, {}, false});
    }
  }
  for (const Hosted& hosted : host.hosted) {
    if (hosted.partition != nullptr) oracle_.removed(host.broker, hosted.id, hosted.topic_id);
  }
  host.hosted = std::move(now);
}

void ClusterWatch::look_at(Host& host, Hosted& hosted) {
  const Partition& partition = *hosted.partition;
  if (partition.role() == Role::none || partition.closing()) return;
  ReplicaView view;
  view.leads = partition.role() == Role::leader;
  view.leader_epoch = partition.leader_epoch().value();
  view.partition_epoch = partition.partition_epoch();
  view.log_start = partition.log_start_offset().value();
  view.log_end = partition.log_end_offset().value();
  view.high_watermark = partition.high_watermark().value();
  if (hosted.seen && view == hosted.view) return nothing_changed(host, hosted);
  hosted.seen = true;
  hosted.view = view;
  hosted.looked = world_.now();
  hosted.stood = {};
  hosted.judged = false;
  oracle_.see(host.broker, hosted.id, hosted.topic_id, view, host.node->disk().files(),
              directory_ + "/" + hosted.id.to_string(), [&] { return isr_of(partition); });
}

void ClusterWatch::nothing_changed(const Host& host, Hosted& hosted) {
  const ReplicaView& view = hosted.view;
  if (!view.leads || view.high_watermark >= view.log_end || hosted.judged) return;
  const Instant now = world_.now();
  hosted.stood += std::min(now - hosted.looked, kLongestGap);
  hosted.looked = now;
  if (hosted.stood < oracle_.patience() || hosted.partition->proposal() != nullptr) return;
  hosted.judged = true;
  oracle_.stood_still(host.broker, hosted.id, view, isr_of(*hosted.partition), hosted.stood);
}

}  // namespace barnabas::sim
