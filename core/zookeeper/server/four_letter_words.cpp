#include "core/zookeeper/server/four_letter_words.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace barnabas::zookeeper {

namespace {

constexpr std::array<std::string_view, 14> kWords = {"ruok", "srvr", "stat", "mntr", "cons", "conf", "isro",
                                                     "wchs", "wchp", "wchc", "dump", "envi", "dirs", "srst"};

std::string hex(std::int64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (auto rest = static_cast<std::uint64_t>(value); rest != 0 || text.empty(); rest >>= 4) {
    text.insert(text.begin(), kDigits[rest & 15]);
  }
  return "0x" + text;
}

// Milliseconds; the average with one decimal, as Apache shows it.
std::int64_t in_ms(Duration duration) { return duration / 1ms; }
std::string average_ms(const Traffic& traffic) {
  if (traffic.answered == 0) return "0.0";
  const std::int64_t tenths = traffic.latency_sum / 100us / static_cast<std::int64_t>(traffic.answered);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

std::size_t outstanding(const ServerFacts& facts) {
  std::size_t sum = 0;
  for (const ConnectionFacts& connection : facts.connections) sum += connection.queued;
  return sum;
}

std::size_t ephemerals(const ZnodeTree& tree) {
  std::size_t count = 0;
  for (const auto& [id, session] : tree.session_table()) count += session.ephemerals.size();
  return count;
}

std::string version_line() { return "Zookeeper version: 3.8.4-barnabas\n"; }

std::string connection_line(const ConnectionFacts& c, bool long_form) {
  std::string line = " /" + c.peer + "[1](queued=" + std::to_string(c.queued) +
                     ",recved=" + std::to_string(c.received) + ",sent=" + std::to_string(c.sent);
  if (long_form && c.session != kNoSession) {
    line += ",sid=" + hex(c.session.value()) + ",to=" + std::to_string(c.timeout_ms);
  }
  return line + ")\n";
}

std::string server_lines(const ServerFacts& facts) {
  const ZnodeTree& tree = facts.engine.machine().tree();
  const Traffic& t = facts.traffic;
  return "Latency min/avg/max: " + std::to_string(in_ms(t.latency_min)) + "/" + average_ms(t) + "/" +
         std::to_string(in_ms(t.latency_max)) + "\nReceived: " + std::to_string(t.received) +
         "\nSent: " + std::to_string(t.sent) + "\nConnections: " + std::to_string(facts.connections.size()) +
         "\nOutstanding: " + std::to_string(outstanding(facts)) + "\nZxid: " + hex(tree.last_zxid().value()) +
         "\nMode: standalone\nNode count: " + std::to_string(tree.size()) + "\n";
}

std::string srvr(const ServerFacts& facts) { return version_line() + server_lines(facts); }

std::string stat(const ServerFacts& facts) {
  std::string text = version_line() + "Clients:\n";
  for (const ConnectionFacts& connection : facts.connections) text += connection_line(connection, false);
  return text + "\n" + server_lines(facts);
}

std::string cons(const ServerFacts& facts) {
  std::string text;
  for (const ConnectionFacts& connection : facts.connections) text += connection_line(connection, true);
  return text + "\n";
}

std::string mntr(const ServerFacts& facts) {
  const ZnodeTree& tree = facts.engine.machine().tree();
  const Traffic& t = facts.traffic;
  std::string text;
  const auto line = [&](std::string_view key, const std::string& value) {
    text.append("zk_").append(key).append("\t").append(value).append("\n");
  };
  line("version", "3.8.4-barnabas");
  line("server_state", "standalone");
  line("avg_latency", average_ms(t));
  line("max_latency", std::to_string(in_ms(t.latency_max)));
  line("min_latency", std::to_string(in_ms(t.latency_min)));
  line("packets_received", std::to_string(t.received));
  line("packets_sent", std::to_string(t.sent));
  line("num_alive_connections", std::to_string(facts.connections.size()));
  line("outstanding_requests", std::to_string(outstanding(facts)));
  line("znode_count", std::to_string(tree.size()));
  line("watch_count", std::to_string(facts.engine.machine().watches().size()));
  line("ephemerals_count", std::to_string(ephemerals(tree)));
  line("approximate_data_size", std::to_string(tree.data_size()));
  line("global_sessions", std::to_string(tree.session_table().size()));
  return text;
}

std::string conf(const ServerFacts& facts) {
  const SessionLimits& limits = facts.engine.machine().limits();
  return "clientPort=" + std::to_string(facts.port) + "\ntickTime=" + std::to_string(in_ms(limits.tick)) +
         "\nmaxClientCnxns=" + std::to_string(facts.max_connections_per_host) +
         "\nminSessionTimeout=" + std::to_string(in_ms(limits.min_timeout)) +
         "\nmaxSessionTimeout=" + std::to_string(in_ms(limits.max_timeout)) + "\nserverId=1\n";
}

std::string wchs(const ServerFacts& facts) {
  const WatchTable& watches = facts.engine.machine().watches();
  return std::to_string(watches.connections()) + " connections watching " + std::to_string(watches.paths()) +
         " paths\nTotal watches:" + std::to_string(watches.size()) + "\n";
}

std::string wchp(const ServerFacts& facts) {
  std::string text;
  for (const auto& [path, watchers] : facts.engine.machine().watches().by_path()) {
    text += path + "\n";
    for (const auto& [connection, mask] : watchers) {
      text += "\t" + hex(facts.engine.machine().session_of(connection).value()) + "\n";
    }
  }
  return text + "\n";
}

std::string wchc(const ServerFacts& facts) {
  std::map<SessionId, std::string> by_session;
  for (const auto& [path, watchers] : facts.engine.machine().watches().by_path()) {
    for (const auto& [connection, mask] : watchers) {
      by_session[facts.engine.machine().session_of(connection)] += "\t" + path + "\n";
    }
  }
  std::string text;
  for (const auto& [session, paths] : by_session) text += hex(session.value()) + "\n" + paths;
  return text + "\n";
}

std::string dump(const ServerFacts& facts) {
  const ZnodeTree& tree = facts.engine.machine().tree();
  std::string sessions;
  std::string owners;
  std::size_t with_ephemerals = 0;
  for (const auto& [id, session] : tree.session_table()) {
    sessions += hex(id.value()) + "\t" + std::to_string(session.timeout_ms) + "ms\n";
    if (session.ephemerals.empty()) continue;
    ++with_ephemerals;
    owners += hex(id.value()) + ":\n";
    for (const std::string& path : session.ephemerals) owners += "\t" + path + "\n";
  }
  return "SessionTracker dump:\nGlobal Sessions(" + std::to_string(tree.session_table().size()) + "):\n" + sessions +
         "ephemeral nodes dump:\nSessions with Ephemerals (" + std::to_string(with_ephemerals) + "):\n" + owners +
         "Connections dump:\n" + std::to_string(facts.connections.size()) + " connections\n";
}

std::string envi(const ServerFacts& facts) {
  return "Environment:\nzookeeper.version=3.8.4-barnabas\nhost.name=" + facts.host + "\n";
}

std::string dirs(const ServerFacts& facts) {
  return "datadir_size: " + std::to_string(facts.engine.machine().tree().data_size()) + "\nlogdir_size: 0\n";
}

}  // namespace

void Traffic::note_answer(Duration latency) {
  latency_min = answered == 0 ? latency : std::min(latency_min, latency);
  latency_max = std::max(latency_max, latency);
  latency_sum += latency;
  ++answered;
}

bool is_four_letter_word(std::string_view word) { return std::ranges::find(kWords, word) != kWords.end(); }

std::string answer_word(std::string_view word, const ServerFacts& facts) {
  if (word == "ruok") return "imok";
  if (word == "isro") return "rw";
  if (word == "srvr") return srvr(facts);
  if (word == "stat") return stat(facts);
  if (word == "mntr") return mntr(facts);
  if (word == "cons") return cons(facts);
  if (word == "conf") return conf(facts);
  if (word == "wchs") return wchs(facts);
  if (word == "wchp") return wchp(facts);
  if (word == "wchc") return wchc(facts);
  if (word == "dump") return dump(facts);
  if (word == "envi") return envi(facts);
  return dirs(facts);
}

}  // namespace barnabas::zookeeper
