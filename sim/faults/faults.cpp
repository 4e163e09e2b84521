#include "sim/faults/faults.hpp"

#include <algorithm>

namespace barnabas::sim {

Faults::Faults(World& world, const Scenario& scenario, Cluster& cluster, std::vector<std::string> clients)
    : world_(world),
      scenario_(scenario),
      cluster_(cluster),
      clients_(std::move(clients)),
      draw_(world.stream("faults")) {}

void Faults::begin() {
  for (const FaultSpec& fault : scenario_.faults) {
    const std::int64_t times = draw_.between(fault.times.low, fault.times.high);
    for (std::int64_t i = 0; i < times; ++i) {
      const Duration at(draw_.between(fault.at.low.count(), fault.at.high.count()));
      end_after(at, [this, &fault] { run(fault); });
    }
  }
}

// Counts as under way until then.
void Faults::end_after(Duration time, std::function<void()> end) {
  ++under_way_;
  world_.after(time, [this, end = std::move(end)] {
    --under_way_;
    if (!stopped_) end();
  });
}

void Faults::run(const FaultSpec& fault) {
  BrokerHost* broker = cluster_.find(fault.on, draw_);
  const Duration lasts(draw_.between(fault.lasts.low.count(), fault.lasts.high.count()));
  if (broker == nullptr || !broker->running()) return;
  ++injected_;
  Node& node = broker->node();
  switch (fault.kind) {
    case FaultKind::kill:
    case FaultKind::power_cut:
    case FaultKind::stop: return take_down(fault, *broker, lasts);
    case FaultKind::pause: node.pause(); return end_after(lasts, [&node] { node.unpause(); });
    case FaultKind::clock_step: return node.clock().step_wall(std::chrono::milliseconds(draw_by(fault)));
    case FaultKind::clock_drift:
      node.clock().set_drift(world_.now(), static_cast<std::int32_t>(draw_by(fault)));
      return end_after(lasts, [this, &node] { node.clock().set_drift(world_.now(), 0); });
    case FaultKind::hold:
    case FaultKind::cut:
    case FaultKind::break_connections:
    case FaultKind::delay:
    case FaultKind::drop_response: return disturb_network(fault, *broker, lasts);
    case FaultKind::slow_disk:
    case FaultKind::slow_sync:
    case FaultKind::disk_read_error:
    case FaultKind::disk_write_error:
    case FaultKind::disk_sync_error:
    case FaultKind::disk_change_error:
    case FaultKind::disk_full: return disturb_disk(fault, *broker, lasts);
    case FaultKind::bit_rot: return rot(fault, *broker);
  }
}

void Faults::take_down(const FaultSpec& fault, BrokerHost& broker, Duration lasts) {
  if (fault.kind == FaultKind::kill) broker.kill();
  if (fault.kind == FaultKind::power_cut) broker.power_cut();
  if (fault.kind == FaultKind::stop) broker.request_stop();
  end_after(lasts, [&broker] {
    if (!broker.running()) broker.start();
  });
}

void Faults::disturb_network(const FaultSpec& fault, BrokerHost& broker, Duration lasts) {
  if (clients_.empty()) return;
  const std::string a = broker.name();
  const std::string b = clients_[draw_.below(clients_.size())];
  Fabric& network = world_.network();
  const std::uint64_t direction = draw_.below(3);  // One way, the other, or both.
  switch (fault.kind) {
    case FaultKind::hold:
      if (direction != 0) network.hold(a, b);
      if (direction != 1) network.hold(b, a);
      break;
    case FaultKind::cut: network.cut(a, b); break;
    case FaultKind::delay: {
      const Duration extra(draw_.between(0, lasts.count()));
      if (direction != 0) network.delay(a, b, extra);
      if (direction != 1) network.delay(b, a, extra);
      break;
    }
    case FaultKind::drop_response: network.drop_responses(a, b, 1); break;
    default: return network.break_connections(a, b);
  }
  end_after(lasts, [&network, a, b] { network.heal(a, b); });
}

void Faults::disturb_disk(const FaultSpec& fault, BrokerHost& broker, Duration lasts) {
  DiskFaults& disk = broker.node().disk().faults();
  const Ratio odds{1, static_cast<std::uint32_t>(std::max<std::int64_t>(1, draw_by(fault)))};
  disk.errors_of = fault.path;
  if (fault.kind == FaultKind::slow_disk) disk.slow = odds;
  if (fault.kind == FaultKind::slow_sync) disk.slow_sync = odds;
  if (fault.kind == FaultKind::disk_change_error) disk.change_error = odds;
  if (fault.kind == FaultKind::disk_read_error) disk.read_error = odds;
  if (fault.kind == FaultKind::disk_write_error) disk.write_error = odds;
  if (fault.kind == FaultKind::disk_sync_error) disk.sync_error = odds;
  if (fault.kind == FaultKind::disk_full) disk.capacity = broker.node().disk().files().allocated();
  end_after(lasts, [this, &fault, &broker, &disk] {
    disk = DiskFaults{};
    if (needs_new_disk(fault.kind)) replace_disk(broker);
  });
}

// A broker takes a directory with a failing disk out of service until it is started again, with the disk repaired.
bool Faults::needs_new_disk(FaultKind kind) {
  return kind >= FaultKind::disk_read_error && kind <= FaultKind::disk_change_error;
}

void Faults::replace_disk(BrokerHost& broker) {
  constexpr Duration kRepair = 100ms;
  broker.kill();
  end_after(kRepair, [&broker] {
    if (!broker.running()) broker.start();
  });
}

// The atlas of where rot may strike: what can be made again from the log, or has a checksum and stands beside the log.
// The only copy of a record is not in it: that comes with replication.
void Faults::rot(const FaultSpec& fault, BrokerHost& broker) {
  constexpr std::string_view kAtlas[] = {".index", ".timeindex", ".snapshot"};
  broker.node().disk().rot([&](const std::string& path) {
    if (!path.starts_with(kDataDirectory) || path.find(fault.path) == std::string::npos) return false;
    return std::ranges::any_of(kAtlas, [&](std::string_view suffix) { return path.ends_with(suffix); });
  });
}

void Faults::stop() {
  stopped_ = true;
  world_.network().heal_all();
  for (const auto& broker : cluster_.brokers()) {
    broker->node().unpause();
    broker->node().disk().faults() = DiskFaults{};
    broker->node().clock().set_drift(world_.now(), 0);
  }
}

}  // namespace barnabas::sim
