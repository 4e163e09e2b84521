#include "tools/barnabas/zookeeper.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/async/event.hpp"
#include "core/zookeeper/embedded_server.hpp"
#include "net/event_loop.hpp"
#include "tools/barnabas/exit_code.hpp"

namespace barnabas::tools {
namespace {

struct ZookeeperOptions {
  std::string host = "0.0.0.0";
  std::uint16_t port = 2181;
  std::string data_directory = "/tmp/zookeeper";
  std::int64_t tick_ms = 3000;
  std::int64_t min_timeout_ms = -1;
  std::int64_t max_timeout_ms = -1;
  std::size_t max_connections_per_host = 60;
  std::vector<std::string> words{"srvr"};
  env::LogLevel log_level = env::LogLevel::warn;
};

zookeeper::EmbeddedOptions embedded_options(const ZookeeperOptions& options) {
  zookeeper::EmbeddedOptions embedded;
  embedded.directory = options.data_directory;
  const std::int64_t min = options.min_timeout_ms >= 0 ? options.min_timeout_ms : 2 * options.tick_ms;
  const std::int64_t max = options.max_timeout_ms >= 0 ? options.max_timeout_ms : 20 * options.tick_ms;
  embedded.limits.tick = std::chrono::milliseconds(options.tick_ms);
  embedded.limits.min_timeout = std::chrono::milliseconds(min);
  embedded.limits.max_timeout = std::chrono::milliseconds(max);
  return embedded;
}

Task<Result<void>> serve_until(env::Env env, const ZookeeperOptions& options, Event& termination) {
  zookeeper::EmbeddedOptions embedded = embedded_options(options);
  B_CO_TRY(const auto server, co_await zookeeper::EmbeddedServer::open(env, std::move(embedded)));
  zookeeper::WireOptions wire;
  wire.at = {options.host, options.port};
  wire.max_connections_per_host = options.max_connections_per_host;
  wire.four_letter_words = options.words;
  const auto bound = co_await server->listen(std::move(wire));
  if (bound) {
    const std::string host = bound->host == "0.0.0.0" || bound->host.empty() ? "localhost" : bound->host;
    std::printf("ready %s:%u\n", host.c_str(), static_cast<unsigned>(bound->port));
    std::fflush(stdout);
    co_await termination.wait();
  }
  co_await server->stop();
  if (!bound) co_return std::unexpected(bound.error());
  co_return Result<void>();
}

int run_zookeeper(const ZookeeperOptions& options) {
  const zookeeper::SessionLimits limits = embedded_options(options).limits;
  if (limits.min_timeout > limits.max_timeout) {
    std::fprintf(stderr,
                 "barnabas: the shortest session timeout (--min-session-timeout, or 2 ticks: %lld ms) is longer than "
                 "the longest (--max-session-timeout, or 20 ticks: %lld ms)\n",
                 static_cast<long long>(limits.min_timeout / 1ms), static_cast<long long>(limits.max_timeout / 1ms));
    return kUsage;
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  net::LoopOptions loop_options;
  loop_options.log_level = options.log_level;
  net::EventLoop loop(loop_options);
  const env::Env env = loop.env();
  Event termination(env.executor);
  loop.on_termination([&termination](int signal) {
    if (termination.is_set()) ::_exit(128 + signal);
    termination.set();
  });
  const Result<void> served = loop.run(serve_until(env, options, termination));
  if (served) return kOk;
  std::fprintf(stderr, "barnabas: %s\n", served.error().message.c_str());
  return kFailed;
}

}  // namespace

void add_zookeeper(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ZookeeperOptions>();
  CLI::App* command = app.add_subcommand(
      "zookeeper", "Run a ZooKeeper server for brokers, ours or Apache's, and for ZooKeeper's own clients");
  command->add_option("--host", options->host, "The address to listen on")->type_name("ADDRESS");
  command->add_option("--port", options->port, "The port to listen on; 0 takes a free one")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65535));
  command->add_option("--data-dir", options->data_directory, "Where the data lives")->type_name("DIR");
  command
      ->add_option("--tick", options->tick_ms,
                   "ZooKeeper's tickTime, in milliseconds: sessions that are over end at most so much later")
      ->check(CLI::Range(1, 3'600'000));
  command->add_option("--min-session-timeout", options->min_timeout_ms, "In milliseconds; two ticks when not set")
      ->check(CLI::Range(1, 2'000'000'000));
  command->add_option("--max-session-timeout", options->max_timeout_ms, "In milliseconds; twenty ticks when not set")
      ->check(CLI::Range(1, 2'000'000'000));
  command->add_option("--max-connections-per-host", options->max_connections_per_host,
                      "ZooKeeper's maxClientCnxns; 0 is no bound");
  command
      ->add_option("--four-letter-words", options->words,
                   "Which of ruok, srvr, stat, mntr, ... are answered, separated by commas; \"*\" is all")
      ->delimiter(',');
  const std::map<std::string, env::LogLevel> levels{{"debug", env::LogLevel::debug},
                                                    {"info", env::LogLevel::info},
                                                    {"warn", env::LogLevel::warn},
                                                    {"error", env::LogLevel::error}};
  command->add_option("--log-level", options->log_level, "debug, info, warn (the default) or error")
      ->transform(CLI::CheckedTransformer(levels))
      ->type_name("LEVEL");
  command->footer(
      "Prints \"ready HOST:PORT\" on stdout once it serves; logs go to stderr. SIGTERM or Ctrl-C stops it cleanly.\n"
      "One server, no ensemble: what it answered survives a power cut, but while it is down nobody else answers.\n");
  command->callback([options, &exit_code] { exit_code = run_zookeeper(*options); });
}

}  // namespace barnabas::tools
