#include "sim/faults/faults.hpp"

#include <algorithm>
#include <map>

namespace barnabas::sim {
namespace {

constexpr Duration kRetry = 50ms;
constexpr Duration kPatience = 10s;

}  // namespace

Faults::Faults(World& world, const Scenario& scenario, Cluster& cluster, std::vector<std::string> clients)
    : world_(world),
      scenario_(scenario),
      cluster_(cluster),
      clients_(std::move(clients)),
      draw_(world.stream("faults")) {}

void Faults::begin() {
  for (const auto& broker : cluster_.brokers()) {
    const Duration joins = scenario_.cluster.of(broker->id()).joins;
    if (joins > Duration()) end_after(joins, [this, host = broker.get()] { cluster_.join(*host); });
  }
  for (const FaultSpec& fault : scenario_.faults) {
    const std::int64_t times = draw_.between(fault.times.low, fault.times.high);
    if (fault.when) {
      arm(fault, times);
      continue;
    }
    for (std::int64_t i = 0; i < times; ++i) {
      const Duration at(draw_.between(fault.at.low.count(), fault.at.high.count()));
      end_after(at, [this, &fault] { run(fault, kPatience); });
    }
  }
}

Faults::~Faults() {
  if (cluster_.oracle() != nullptr) cluster_.oracle()->set_on_moment(nullptr);
}

// Each time that it comes while it is waited for, until the fault has struck so many times.
void Faults::arm(const FaultSpec& fault, std::int64_t times) {
  if (cluster_.oracle() == nullptr) return;
  armed_.push_back({&fault, times, world_.now() + fault.at.low, world_.now() + fault.at.high});
  end_after(fault.at.high, [] {});
  cluster_.oracle()->set_on_moment([this](const Moment& moment) { moment_came(moment); });
}

void Faults::moment_came(const Moment& moment) {
  for (Armed& armed : armed_) {
    const FaultSpec& fault = *armed.fault;
    const bool due = armed.left > 0 && world_.now() >= armed.from && world_.now() <= armed.until;
    if (!due || stopped_ || fault.when != moment.kind || fault.of != moment.partition) continue;
    --armed.left;
    const Duration after(draw_.between(fault.after.low.count(), fault.after.high.count()));
    end_after(after, [this, &fault, subject = moment.subject] { run(fault, Duration(), subject); });
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

void Faults::run(const FaultSpec& fault, Duration patience, std::int32_t subject) {
  const bool again = fault.on == "struck";
  const std::int32_t named = again ? struck_ : subject;
  BrokerHost* broker = !again && fault.on != "subject" ? cluster_.find(fault.on, draw_)
                       : named < 0                     ? nullptr
                                                       : cluster_.brokers()[static_cast<std::size_t>(named)].get();
  if (broker == nullptr && cluster_.oracle() != nullptr && patience > Duration()) {
    return end_after(kRetry, [this, &fault, patience] { run(fault, patience - kRetry); });
  }
  const Duration lasts(draw_.between(fault.lasts.low.count(), fault.lasts.high.count()));
  // What is off can still lose what its disk had not written, and its ZooKeeper be struck.
  const bool must_run = !again && fault.kind < FaultKind::wipe;
  if (broker == nullptr || !cluster_.belongs(*broker) || (must_run && !broker->running())) return;
  ++injected_;
  struck_ = broker->id();
  subject_ = subject;
  world_.trace().note(world_.now(), broker->name(), "fault",
                      Fields().add("kind", name_of(fault.kind)).add("ms", std::int64_t(lasts / 1ms)));
  strike(fault, *broker, lasts);
}

void Faults::strike(const FaultSpec& fault, BrokerHost& broker, Duration lasts) {
  Node& node = broker.node();
  switch (fault.kind) {
    case FaultKind::kill:
    case FaultKind::power_cut:
    case FaultKind::stop: return take_down(fault, broker, lasts);
    case FaultKind::pause: node.pause(); return end_after(lasts, [&node] { node.unpause(); });
    case FaultKind::pause_client: return pause_client(lasts);
    case FaultKind::clock_step: return node.clock().step_wall(std::chrono::milliseconds(draw_by(fault)));
    case FaultKind::clock_drift:
      node.clock().set_drift(world_.now(), static_cast<std::int32_t>(draw_by(fault)));
      return end_after(lasts, [this, &node] { node.clock().set_drift(world_.now(), 0); });
    case FaultKind::hold:
    case FaultKind::cut:
    case FaultKind::break_connections:
    case FaultKind::delay:
    case FaultKind::drop_response: return disturb_network(fault, broker, lasts);
    case FaultKind::slow_disk:
    case FaultKind::slow_sync:
    case FaultKind::disk_read_error:
    case FaultKind::disk_write_error:
    case FaultKind::disk_sync_error:
    case FaultKind::disk_change_error:
    case FaultKind::disk_full: return disturb_disk(fault, broker, lasts);
    case FaultKind::bit_rot: return rot(fault, broker);
    case FaultKind::wipe: return wipe(broker, lasts);
    case FaultKind::rotten_log: return rot_log(fault, broker, lasts);
    default: return disturb_zookeeper(fault, broker, lasts);
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

// The last good copy of anything stays.
void Faults::wipe(BrokerHost& broker, Duration lasts) {
  if (!cluster_.oracle()->may_wipe(broker.id(), cluster_.live())) return;
  broker.wipe();
  end_after(lasts, [&broker] {
    if (!broker.running()) broker.start();
  });
}

// Whoever struck at is not asked: any client will do.
void Faults::pause_client(Duration lasts) {
  if (clients_.empty()) return;
  Node& client = world_.node(clients_[draw_.below(clients_.size())]);
  client.pause();
  end_after(lasts, [&client] { client.unpause(); });
}

std::vector<std::string> Faults::peers_of(const FaultSpec& fault, const BrokerHost& broker) {
  std::vector<std::string> brokers;
  for (const auto& other : cluster_.brokers()) {
    if (other->id() != broker.id()) brokers.push_back(other->name());
  }
  std::vector<std::string> servers;
  Ensemble* zookeeper = cluster_.zookeeper();
  for (std::size_t i = 0; zookeeper != nullptr && i < zookeeper->size(); ++i) {
    servers.push_back(zookeeper->server(i).node().name());
  }
  const auto one_of = [&](const std::vector<std::string>& all) {
    return all.empty() ? all : std::vector<std::string>{all[draw_.below(all.size())]};
  };
  switch (fault.peer) {
    case FaultPeer::client: return one_of(clients_);
    case FaultPeer::broker: return one_of(brokers);
    case FaultPeer::brokers: return brokers;
    case FaultPeer::zookeeper: return servers;
    case FaultPeer::subject:
      std::erase_if(brokers, [&](const std::string& name) {
        return name != cluster_.brokers()[static_cast<std::size_t>(subject_)]->name();
      });
      return brokers;
    case FaultPeer::all: break;
  }
  brokers.insert(brokers.end(), servers.begin(), servers.end());
  brokers.insert(brokers.end(), clients_.begin(), clients_.end());
  return brokers;
}

void Faults::disturb_network(const FaultSpec& fault, BrokerHost& broker, Duration lasts) {
  const std::vector<std::string> peers = peers_of(fault, broker);
  if (peers.empty()) return;
  // One way, the other, or both.
  std::uint64_t direction = draw_.below(3);
  if (fault.way == FaultWay::both) direction = 2;
  if (fault.way == FaultWay::out) direction = 1;
  if (fault.way == FaultWay::in) direction = 0;
  const Duration extra = fault.kind == FaultKind::delay ? Duration(draw_.between(0, lasts.count())) : Duration();
  for (const std::string& peer : peers) disturb_link(fault, broker.name(), peer, direction, extra);
  end_after(lasts, [this, from = broker.name(), peers] {
    for (const std::string& peer : peers) world_.network().heal(from, peer);
  });
}

void Faults::disturb_link(const FaultSpec& fault, const std::string& a, const std::string& b, std::uint64_t direction,
                          Duration extra) {
  Fabric& network = world_.network();
  switch (fault.kind) {
    case FaultKind::hold:
      if (direction != 0) network.hold(a, b);
      if (direction != 1) network.hold(b, a);
      break;
    case FaultKind::cut: network.cut(a, b); break;
    case FaultKind::delay:
      if (direction != 0) network.delay(a, b, extra);
      if (direction != 1) network.delay(b, a, extra);
      break;
    case FaultKind::drop_response: network.drop_responses(a, b, 1); break;
    default: network.break_connections(a, b); break;
  }
}

void Faults::disturb_zookeeper(const FaultSpec& fault, BrokerHost& broker, Duration lasts) {
  Ensemble& zookeeper = *cluster_.zookeeper();
  const std::size_t index = draw_.below(zookeeper.size());
  ZooKeeperServer& server = zookeeper.server(index);
  switch (fault.kind) {
    case FaultKind::expire_session: {
      const auto& brokers = cluster_.oracle()->znodes().brokers();
      if (const auto found = brokers.find(broker.id()); found != brokers.end()) {
        zookeeper.quorum().expire(found->second.session);
      }
      return;
    }
    case FaultKind::zookeeper_kill:
      zookeeper.kill(index);
      return end_after(lasts, [&zookeeper, index] { zookeeper.restart(index); });
    case FaultKind::zookeeper_isolate:
      server.isolate();
      return end_after(lasts, [&server] { server.rejoin(); });
    case FaultKind::zookeeper_lag: return server.stall(lasts);
    case FaultKind::zookeeper_lose_answer: return server.lose_answers(1);
    case FaultKind::zookeeper_lose_request: return server.lose_requests(1);
    case FaultKind::zookeeper_drop_connections: return server.drop_connections();
    default: break;
  }
  EnsembleOptions& options = zookeeper.quorum().options();
  options.expiry_late = options.removal_late = lasts;
  end_after(lasts, [&options] { options.expiry_late = options.removal_late = Duration(); });
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
// The only copy of a record is not in it; rot_log() has the others.
void Faults::rot(const FaultSpec& fault, BrokerHost& broker) {
  constexpr std::string_view kAtlas[] = {".index", ".timeindex", ".snapshot"};
  broker.node().disk().rot([&](const std::string& path) {
    if (!path.starts_with(kDataDirectory) || path.find(fault.path) == std::string::npos) return false;
    return std::ranges::any_of(kAtlas, [&](std::string_view suffix) { return path.ends_with(suffix); });
  });
}

namespace {

// Where rot in a log is noticed: every byte of its whole batches but for their leader epochs, which no checksum covers
// and which cost no record (core/log/FORMAT.md).
std::vector<std::uint64_t> noticeable(const SparseBytes& log) {
  constexpr std::size_t kHeader = 61;
  constexpr std::size_t kLengthCounts = 12;  // It counts what follows it.
  constexpr std::size_t kEpoch = 12;
  std::vector<std::uint64_t> places;
  const std::vector<std::byte> bytes = log.contents();
  for (std::size_t at = 0; at + kHeader <= bytes.size();) {
    std::uint32_t length = 0;
    for (std::size_t i = 8; i < kLengthCounts; ++i) {
      length = (length << 8) | std::to_integer<std::uint32_t>(bytes[at + i]);
    }
    if (length < kHeader - kLengthCounts || length > bytes.size() - at - kLengthCounts) break;
    const std::size_t size = length + kLengthCounts;
    for (std::size_t i = 0; i < size; ++i) {
      if (i < kEpoch || i >= kEpoch + 4) places.push_back(at + i);
    }
    at += size;
  }
  return places;
}

}  // namespace

// One of the newest segments, which recovery reads, on a machine that loses power. The last good copy stays.
void Faults::rot_log(const FaultSpec& fault, BrokerHost& broker, Duration lasts) {
  if (!cluster_.oracle()->may_wipe(broker.id(), cluster_.live())) return;
  broker.power_cut();
  end_after(lasts, [&broker] {
    if (!broker.running()) broker.start();
  });
  FileSystem& files = broker.node().disk().files();
  std::map<std::string, std::string> newest;  // By directory.
  for (const auto& [path, bytes] : files.durable_files()) {
    if (!path.starts_with(kDataDirectory) || path.find(fault.path) == std::string::npos) continue;
    if (path.ends_with(".log")) newest[path.substr(0, path.rfind('/'))] = path;
  }
  std::vector<std::pair<InodePtr, std::uint64_t>> places;
  for (const auto& [directory, path] : newest) {
    const InodePtr file = files.find(path).value();
    for (const std::uint64_t place : noticeable(file->durable)) places.emplace_back(file, place);
  }
  if (places.empty()) return;
  const auto& [file, place] = places[draw_.below(places.size())];
  files.rot(*file, place * 8 + draw_.below(8));
  world_.trace().note(world_.now(), broker.name(), "rotten_log", Fields().add("byte", place));
  cluster_.oracle()->lost_tail(broker.id(), {});
}

void Faults::stop() {
  stopped_ = true;
  world_.network().heal_all();
  if (cluster_.zookeeper() != nullptr) {
    cluster_.zookeeper()->heal();
    EnsembleOptions& options = cluster_.zookeeper()->quorum().options();
    options.expiry_late = options.removal_late = Duration();
  }
  for (const auto& broker : cluster_.brokers()) {
    broker->node().unpause();
    broker->node().disk().faults() = DiskFaults{};
    broker->node().clock().set_drift(world_.now(), 0);
  }
}

}  // namespace barnabas::sim
