#include "sim/scenario/scenario.hpp"

#include <algorithm>
#include <charconv>

#include "core/metadata/config.hpp"
#include "sim/checkers/checker.hpp"
#include "sim/scenario/toml_section.hpp"

namespace barnabas::sim {
namespace {

constexpr std::string_view kWorkloadKinds[] = {"producer", "consumer", "group", "admin", "watcher"};
constexpr std::string_view kAdminActions[] = {"create_and_delete", "grow",      "reassign",
                                              "elect",             "configure", "recreate"};
constexpr std::string_view kPeers[] = {"client", "broker", "brokers", "zookeeper", "all", "subject"};
constexpr std::string_view kWays[] = {"drawn", "both", "out", "in"};
constexpr std::string_view kRoles[] = {"any",    "broker",      "controller",  "leader",
                                       "follower", "mere_follower", "last_in_isr", "coordinator",
                                       "struck", "subject"};
constexpr std::string_view kFaultKinds[] = {"kill",
                                            "power_cut",
                                            "stop",
                                            "pause",
                                            "pause_client",
                                            "clock_step",
                                            "clock_drift",
                                            "hold",
                                            "cut",
                                            "break_connections",
                                            "delay",
                                            "drop_response",
                                            "slow_disk",
                                            "slow_sync",
                                            "disk_read_error",
                                            "disk_write_error",
                                            "disk_sync_error",
                                            "disk_change_error",
                                            "disk_full",
                                            "bit_rot",
                                            "wipe",
                                            "rotten_log",
                                            "expire_session",
                                            "zookeeper_kill",
                                            "zookeeper_isolate",
                                            "zookeeper_lag",
                                            "zookeeper_lose_answer",
                                            "zookeeper_lose_request",
                                            "zookeeper_drop_connections",
                                            "zookeeper_late_expiry"};

std::optional<toml::table> parse_toml(const std::string& text, std::string& error) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& e) {
    error = std::string(e.description()) + " (line " + std::to_string(e.source().begin.line) + ")";
    return std::nullopt;
  }
}

// The value of an override: TOML when it is, else a string.
toml::table parse_value(const std::string& text) {
  std::string ignored;
  if (auto parsed = parse_toml("value = " + text, ignored); parsed && parsed->size() == 1) return *std::move(parsed);
  return toml::table{{"value", text}};
}

Result<void> apply_override(toml::table& root, const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    return fail(Errc::invalid_argument, "--set " + assignment + ": expected key=value");
  }
  std::string path = assignment.substr(0, equals);
  toml::node* at = &root;
  while (true) {
    // Below a config table the rest of the path is one key, dots and all.
    const bool in_config = path.rfind("config.", 0) == 0;
    const std::size_t dot = path.find('.');
    if (dot == std::string::npos) break;
    const std::string step = path.substr(0, dot);
    path.erase(0, dot + 1);
    toml::node* next = nullptr;
    if (toml::table* table = at->as_table()) {
      if (!table->contains(step)) table->insert(step, toml::table{});
      next = table->get(step);
    } else if (toml::array* array = at->as_array()) {
      std::size_t index = 0;
      const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
      if (error == std::errc{} && end == step.data() + step.size()) next = array->get(index);
    }
    if (next == nullptr) return fail(Errc::invalid_argument, "--set " + assignment + ": there is no " + step);
    at = next;
    if (in_config) break;
  }
  toml::table* table = at->as_table();
  if (table == nullptr) return fail(Errc::invalid_argument, "--set " + assignment + ": there is no " + path);
  toml::table value = parse_value(assignment.substr(equals + 1));
  value.begin()->second.visit([&](auto& node) { table->insert_or_assign(path, std::move(node)); });
  return {};
}

// Real brokers will read these: what they would refuse, or not know, is refused here already.
void check_config(TomlSection& section, const std::map<std::string, std::string>& config) {
  metadata::Config broker;
  for (const auto& [key, value] : config) {
    const auto set = broker.set(key, value);
    if (!set) section.complain("config", set.error().message);
  }
  for (const std::string& warning : broker.warnings()) section.complain("config", warning);
  if (const auto valid = broker.validate(); !valid) section.complain("config", valid.error().message);
}

Result<void> read_cluster(const toml::table* table, ClusterSpec& cluster) {
  if (table == nullptr) return {};
  TomlSection section(*table, "cluster");
  section.read("brokers", cluster.brokers, 1, 7);
  cluster.zookeeper = cluster.brokers == 1 ? 0 : 3;
  section.read("zookeeper", cluster.zookeeper, 0, 3);
  if (cluster.zookeeper == 2) section.complain("zookeeper", "expected 0, 1 or 3 servers");
  if (cluster.zookeeper == 0 && cluster.brokers > 1) {
    section.complain("zookeeper", "0 is the server in a broker, which no other broker can reach: expected 1 or 3");
  }
  section.read("config", cluster.config);
  check_config(section, cluster.config);
  section.read("start_within", cluster.start_within);
  section.read("settle_within", cluster.settle_within);
  return section.finish();
}

Result<void> read_broker(const toml::table& table, const std::string& place, Scenario& scenario) {
  BrokerSpec broker;
  TomlSection section(table, place);
  std::int64_t id = -1;
  section.read("id", id, 0, scenario.cluster.brokers - 1);
  if (id < 0) section.complain("id", "is missing");
  section.read("rack", broker.rack);
  section.read("config", broker.config);
  check_config(section, broker.config);
  section.read("joins", broker.joins);
  B_TRY_VOID(section.finish());
  scenario.cluster.own[id] = std::move(broker);
  return {};
}

Result<void> read_topic(const toml::table& table, const std::string& place, Scenario& scenario) {
  TopicSpec topic;
  TomlSection section(table, place);
  section.read("name", topic.name);
  section.read("partitions", topic.partitions, 1, 1'000);
  section.read("config", topic.config);
  section.read("replicas", topic.replicas, 1, std::max<std::int64_t>(1, scenario.cluster.first_brokers()));
  if (topic.name.empty()) section.complain("name", "is missing");
  if (scenario.find_topic(topic.name) != nullptr) section.complain("name", "there are two topics of this name");
  B_TRY_VOID(section.finish());
  scenario.topics.push_back(std::move(topic));
  return {};
}

void read_acks(TomlSection& section, std::int64_t& acks) {
  constexpr std::string_view kAcks[] = {"0", "1", "all"};
  if (!section.has("acks")) return;
  if (const auto index = section.read_name("acks", kAcks)) acks = *index == 2 ? -1 : static_cast<std::int64_t>(*index);
}

void read_actions(TomlSection& section, std::vector<AdminAction>& actions) {
  for (const std::size_t index : section.read_names("actions", kAdminActions)) {
    actions.push_back(static_cast<AdminAction>(index));
  }
  if (!actions.empty()) return;
  // All but `recreate`, which is told of what the others are not.
  for (std::size_t i = 0; i + 1 < std::size(kAdminActions); ++i) actions.push_back(static_cast<AdminAction>(i));
}

Result<void> read_workload(const toml::table& table, const std::string& place, Scenario& scenario) {
  WorkloadSpec workload;
  TomlSection section(table, place);
  if (const auto kind = section.read_name("kind", kWorkloadKinds)) workload.kind = static_cast<WorkloadKind>(*kind);
  section.read("topic", workload.topic);
  section.read("clients", workload.clients, 1, 100);
  section.read("finish_within", workload.finish_within);
  if (workload.kind == WorkloadKind::producer) {
    section.read("records", workload.records, 1, 10'000'000);
    read_acks(section, workload.acks);
    section.read("idempotent", workload.idempotent);
    section.read("batch", workload.batch, 1, 10'000);
    section.read("value_bytes", workload.value_bytes, 1, 1'000'000);
    section.read("pause", workload.pause);
    section.read("keys", workload.keys, 1, 1'000'000);
    section.read("tombstone_in", workload.tombstone_in, 1, 1'000'000);
    section.read("answered_within", workload.answered_within);
    if (workload.tombstone_in > 0 && workload.keys == 0) section.complain("tombstone_in", "needs keys");
    if (workload.idempotent && workload.acks != -1) section.complain("idempotent", "needs acks = \"all\"");
  }
  if (workload.kind == WorkloadKind::admin) {
    section.read("records", workload.records, 1, 10'000);
    workload.pause = {100ms, 2s};
    section.read("pause", workload.pause);
    read_actions(section, workload.actions);
  }
  if (workload.kind == WorkloadKind::group) {
    section.read("group", workload.group);
    section.read("commit_every", workload.commit_every);
    section.read("session", workload.session);
    if (workload.group.empty()) section.complain("group", "is missing");
  }
  if (workload.kind == WorkloadKind::producer && workload.keys == 0 && scenario.compacts(workload.topic)) {
    section.complain("keys", "is missing: the topic is compacted");
  }
  if (scenario.find_topic(workload.topic) == nullptr) {
    section.complain("topic", "there is no [[topic]] named \"" + workload.topic + "\"");
  }
  B_TRY_VOID(section.finish());
  scenario.workloads.push_back(std::move(workload));
  return {};
}

// A fault on something that is not there would never happen, and the run would prove nothing.
void check_target(TomlSection& section, std::string_view on, const Scenario& scenario) {
  const std::size_t colon = on.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view role = on.substr(0, colon);
  const std::string_view name = on.substr(colon + 1);
  if (role == "broker") {
    const auto brokers = static_cast<std::size_t>(scenario.cluster.brokers);
    for (std::size_t index = 0; index < brokers; ++index) {
      if (name == std::to_string(index)) return;
    }
    section.complain("on", "there is no " + std::string(on) + "; brokers are numbered from 0");
  } else if ((role == "leader" || role.ends_with("follower") || role == "last_in_isr") &&
             scenario.find_topic(name.substr(0, name.find('/'))) == nullptr) {
    section.complain("on", "there is no [[topic]] of " + std::string(on));
  }
}

void read_link(TomlSection& section, FaultSpec& fault) {
  if (section.has("with")) {
    if (const auto peer = section.read_name("with", kPeers)) fault.peer = static_cast<FaultPeer>(*peer);
  }
  if (section.has("way")) {
    if (const auto way = section.read_name("way", kWays)) fault.way = static_cast<FaultWay>(*way);
  }
}

// "elected:orders/0", or the moment alone where it is of no partition.
void read_moment(TomlSection& section, FaultSpec& fault, const Scenario& scenario) {
  if (!section.has("when")) {
    constexpr std::string_view kNoMoment = "there is a subject only of a moment: set when";
    if (fault.on == "subject") section.complain("on", std::string(kNoMoment));
    if (fault.peer == FaultPeer::subject) section.complain("with", std::string(kNoMoment));
    return;
  }
  if (!scenario.cluster.replicated()) section.complain("when", "needs a cluster with a ZooKeeper of its own");
  std::string text;
  section.read("when", text);
  section.read("after", fault.after);
  const std::size_t colon = std::min(text.find(':'), text.size());
  const auto found = std::ranges::find(kMoments, std::string_view(text).substr(0, colon));
  if (found == std::end(kMoments)) {
    return section.complain("when", "expected isr_grows, isr_shrinks, elected, caught_up (each of a partition, as in "
                                    "elected:TOPIC/N), controller_elected, registered or down");
  }
  fault.when = static_cast<Moment::Kind>(found - std::begin(kMoments));
  const bool of_partition = *fault.when < Moment::Kind::controller_elected;
  if (!of_partition) {
    if (colon < text.size()) section.complain("when", "expected a moment of no partition: " + text.substr(0, colon));
    return;
  }
  const std::size_t slash = std::min(text.find('/', colon), text.size());
  const char* const end = text.data() + text.size();
  std::int32_t index = -1;
  if (slash < text.size()) std::from_chars(text.data() + slash + 1, end, index);
  if (index < 0) return section.complain("when", "expected a moment and its partition, as in elected:TOPIC/0");
  fault.of = {text.substr(colon + 1, slash - colon - 1), PartitionId(index)};
  if (scenario.find_topic(fault.of.topic) == nullptr) section.complain("when", "there is no [[topic]] of " + text);
}

Result<void> read_fault(const toml::table& table, const std::string& place, Scenario& scenario) {
  FaultSpec fault;
  TomlSection section(table, place);
  if (const auto kind = section.read_name("kind", kFaultKinds)) fault.kind = static_cast<FaultKind>(*kind);
  section.read("on", fault.on);
  section.read("at", fault.at);
  section.read("times", fault.times, 0, 1'000);
  section.read("lasts", fault.lasts);
  switch (fault.kind) {
    case FaultKind::clock_step: section.read("by_ms", fault.by, -1'000'000'000, 1'000'000'000); break;
    case FaultKind::clock_drift: section.read("by_ppm", fault.by, -100'000, 100'000); break;
    case FaultKind::bit_rot:
    case FaultKind::rotten_log: section.read("path", fault.path); break;
    case FaultKind::slow_disk:
    case FaultKind::slow_sync:
    case FaultKind::disk_read_error:
    case FaultKind::disk_write_error:
    case FaultKind::disk_sync_error:
    case FaultKind::disk_change_error:
      section.read("path", fault.path);
      fault.by = {1, 1};
      section.read("one_in", fault.by, 1, 1'000'000);
      break;
    case FaultKind::hold:
    case FaultKind::cut:
    case FaultKind::break_connections:
    case FaultKind::delay:
    case FaultKind::drop_response: read_link(section, fault); break;
    default: break;
  }
  if (fault.kind >= FaultKind::wipe && !scenario.cluster.replicated()) {
    section.complain("kind", "needs a cluster with a ZooKeeper of its own: set cluster.zookeeper to 1 or 3");
  }
  const auto role = fault.on.substr(0, fault.on.find(':'));
  if (std::find(std::begin(kRoles), std::end(kRoles), role) == std::end(kRoles)) {
    section.complain("on", "expected any, broker:N, controller, leader:TOPIC/N, follower:TOPIC/N, "
                           "mere_follower:TOPIC/N, last_in_isr:TOPIC/N, coordinator:GROUP, struck or subject");
  }
  check_target(section, fault.on, scenario);
  read_moment(section, fault, scenario);
  B_TRY_VOID(section.finish());
  scenario.faults.push_back(std::move(fault));
  return {};
}

Result<void> read_check(const toml::table& table, const std::string& place, Scenario& scenario) {
  TomlSection section(table, place);
  const auto names = checker_names();
  if (const auto index = section.read_name("name", names)) scenario.checks.emplace_back(names[*index]);
  return section.finish();
}

template <class Read>
Result<void> read_all(TomlSection& root, std::string_view key, Scenario& scenario, Read read) {
  std::size_t index = 0;
  for (const toml::table* table : root.tables(key)) {
    B_TRY_VOID(read(*table, std::string(key) + "[" + std::to_string(index++) + "]", scenario));
  }
  return {};
}

}  // namespace

std::string_view name_of(FaultKind kind) { return kFaultKinds[static_cast<std::size_t>(kind)]; }

std::int64_t ClusterSpec::first_brokers() const {
  return brokers - std::count_if(own.begin(), own.end(), [](const auto& one) { return one.second.joins > Duration(); });
}

std::int64_t Scenario::replicas_of(const TopicSpec& topic) const {
  return topic.replicas > 0 ? topic.replicas : std::min<std::int64_t>(3, cluster.first_brokers());
}

bool Scenario::breaks_disks() const {
  return std::any_of(faults.begin(), faults.end(), [](const FaultSpec& fault) {
    return fault.kind >= FaultKind::slow_disk && fault.kind <= FaultKind::bit_rot;
  });
}

bool Scenario::loses_tails() const {
  return breaks_disks() || std::any_of(faults.begin(), faults.end(), [](const FaultSpec& fault) {
           return fault.kind == FaultKind::power_cut || fault.kind == FaultKind::wipe;
         });
}

const TopicSpec* Scenario::find_topic(std::string_view name) const {
  const auto it = std::find_if(topics.begin(), topics.end(), [&](const TopicSpec& t) { return t.name == name; });
  return it == topics.end() ? nullptr : &*it;
}

bool Scenario::flushes_each_batch(std::string_view name) const {
  if (const TopicSpec* topic = find_topic(name)) {
    const auto own = topic->config.find("flush.messages");
    if (own != topic->config.end()) return own->second == "1";
  }
  const auto all = cluster.config.find("log.flush.interval.messages");
  return all != cluster.config.end() && all->second == "1";
}

namespace {

// The policy in the topic's configuration has this in it; by default it is delete.
bool policy_has(const TopicSpec* topic, std::string_view word, bool otherwise) {
  if (topic == nullptr) return otherwise;
  const auto policy = topic->config.find("cleanup.policy");
  return policy == topic->config.end() ? otherwise : policy->second.find(word) != std::string::npos;
}

bool sets(const TopicSpec* topic, const std::string& key) { return topic != nullptr && topic->config.contains(key); }

}  // namespace

bool Scenario::compacts(std::string_view name) const { return policy_has(find_topic(name), "compact", false); }

bool Scenario::deletes(std::string_view name) const {
  const TopicSpec* topic = find_topic(name);
  return policy_has(topic, "delete", true) && (sets(topic, "retention.bytes") || sets(topic, "retention.ms"));
}

Result<Scenario> parse_scenario(std::string_view text, const std::vector<std::string>& overrides) {
  std::string error;
  auto parsed = parse_toml(std::string(text), error);
  if (!parsed) return fail(Errc::invalid_argument, "not TOML: " + error);
  for (const std::string& assignment : overrides) B_TRY_VOID(apply_override(*parsed, assignment));

  Scenario scenario;
  TomlSection root(*parsed, "");
  root.read("why", scenario.why);
  root.read("seeds", scenario.seeds);
  root.read("swarm", scenario.swarm);
  root.read("disks", scenario.disks);
  B_TRY_VOID(read_cluster(root.table("cluster"), scenario.cluster));
  B_TRY_VOID(read_all(root, "broker", scenario, read_broker));
  if (scenario.cluster.first_brokers() < 1) root.complain("broker", "at least one must be there from the start");
  B_TRY_VOID(read_all(root, "topic", scenario, read_topic));
  B_TRY_VOID(read_all(root, "workload", scenario, read_workload));
  B_TRY_VOID(read_all(root, "fault", scenario, read_fault));
  B_TRY_VOID(read_all(root, "check", scenario, read_check));
  if (scenario.why.empty()) root.complain("why", "is missing: say in a sentence what this is for");
  if (scenario.checks.empty() && !scenario.swarm) root.complain("check", "a scenario needs at least one [[check]]");
  B_TRY_VOID(root.finish());
  return scenario;
}

}  // namespace barnabas::sim
