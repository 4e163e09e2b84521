#include "tools/barnabas/serve.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/async/event.hpp"
#include "core/broker/broker.hpp"
#include "core/metadata/config.hpp"
#include "net/event_loop.hpp"
#include "tools/barnabas/exit_code.hpp"
#include "tools/barnabas/read_text.hpp"

namespace barnabas::tools {
namespace {

struct ServeOptions {
  std::string properties_file;
  std::vector<std::string> assignments;
  std::string data_directory;
  std::optional<std::uint16_t> port;
  env::LogLevel log_level = env::LogLevel::warn;
};

Result<metadata::Config> read_properties(const std::string& path) {
  if (path.empty()) return metadata::Config();
  const Result<std::string> text = read_text(path);
  if (!text) {
    return fail(text.error().code, "the properties file: " + text.error().message +
                                       "; name a file that this user may read, or use --set KEY=VALUE instead");
  }
  return metadata::Config::from_properties(*text, path);
}

// --port is short for the port of the one listener; the rest of `listeners` stays.
Result<void> set_port(metadata::Config& config, std::uint16_t port) {
  B_TRY(const std::vector<metadata::ListenerSpec> listeners, config.listeners());
  if (listeners.size() != 1) {
    return fail(Errc::invalid_argument, "--port sets the port of one listener, but listeners names " +
                                            std::to_string(listeners.size()) + ": set the ports there");
  }
  const metadata::ListenerSpec& only = listeners.front();
  const bool is_ipv6 = only.host.find(':') != std::string::npos;
  const std::string host = is_ipv6 ? "[" + only.host + "]" : only.host;
  return config.set("listeners", only.name + "://" + host + ":" + std::to_string(port));
}

Result<metadata::Config> read_config(const ServeOptions& options) {
  B_TRY(metadata::Config config, read_properties(options.properties_file));
  for (const std::string& assignment : options.assignments) B_TRY_VOID(config.set_assignment(assignment));
  if (!options.data_directory.empty()) B_TRY_VOID(config.set("log.dirs", options.data_directory));
  if (options.port) B_TRY_VOID(set_port(config, *options.port));
  B_TRY_VOID(config.validate());
  return config;
}

// The Java runtime does so too, so that Kafka's users never had to think of it.
void raise_open_files_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void print_ready(const env::Endpoint& bound) {
  // The wildcard is no address to connect to; on this machine localhost is one that it stands for.
  const env::Endpoint shown{bound.host == "0.0.0.0" || bound.host.empty() ? "localhost" : bound.host, bound.port};
  std::printf("ready %s\n", shown.to_string().c_str());
  std::fflush(stdout);
}

Task<Result<void>> serve_until(env::Env env, metadata::Config config, Event& termination) {
  B_CO_TRY(const std::unique_ptr<broker::Broker> broker, co_await broker::Broker::start(env, std::move(config)));
  if (!termination.is_set()) print_ready(broker->bound());
  co_await termination.wait();
  co_await broker->stop();
  co_return Result<void>();
}

// Both instead of CLI11's own conversions, whose messages tell neither the range nor the names.
std::uint16_t parse_port(const std::string& text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error == std::errc() && end == text.data() + text.size()) return port;
  throw CLI::ValidationError("--port", "expected a number from 0 to 65535 in place of " + text);
}

env::LogLevel parse_log_level(const std::string& text) {
  if (text == "debug") return env::LogLevel::debug;
  if (text == "info") return env::LogLevel::info;
  if (text == "warn") return env::LogLevel::warn;
  if (text == "error") return env::LogLevel::error;
  throw CLI::ValidationError("--log-level", "expected debug, info, warn or error in place of " + text);
}

int complain(const Error& error) {
  std::fprintf(stderr, "barnabas: %s\n", error.message.c_str());
  return kFailed;
}

int serve(const ServeOptions& options) {
  Result<metadata::Config> config = read_config(options);
  if (!config) return complain(config.error());
  raise_open_files_limit();
  net::LoopOptions loop_options;
  loop_options.log_level = options.log_level;
  net::EventLoop loop(loop_options);
  const env::Env env = loop.env();
  for (const std::string& warning : config->warnings()) env.logger.log(env::LogLevel::warn, "config", warning);
  Event termination(env.executor);
  loop.on_termination([&termination](int signal) {
    // Asked a second time: somebody does not want to wait for the clean end.
    if (termination.is_set()) ::_exit(128 + signal);
    termination.set();
  });
  const Result<void> served = loop.run(serve_until(env, std::move(*config), termination));
  return served ? kOk : complain(served.error());
}

}  // namespace

void add_serve(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand("serve", "Run a broker with Kafka's configuration keys and defaults");
  command->add_option("properties", options->properties_file, "A Kafka server.properties file")->type_name("FILE");
  command->add_option("--set", options->assignments, "Set one configuration key; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->add_option("--data-dir", options->data_directory, "Where the data lives (short for log.dirs)")
      ->type_name("DIR");
  command
      ->add_option_function<std::string>(
          "--port", [options](const std::string& text) { options->port = parse_port(text); },
          "The port to listen on (short for it in listeners); 0 takes a free one")
      ->type_name("PORT");
  command
      ->add_option_function<std::string>(
          "--log-level", [options](const std::string& text) { options->log_level = parse_log_level(text); },
          "debug, info, warn (the default) or error")
      ->type_name("LEVEL");
  command->footer(
      "Prints \"ready HOST:PORT\" on stdout once it serves; logs go to stderr. SIGTERM or Ctrl-C stops it cleanly.\n"
      "With no file, keys or options it listens on port 9092 and keeps its data in /tmp/kafka-logs, as Kafka does.\n"
      "All keys: barnabas config-reference\n");
  command->callback([options, &exit_code] { exit_code = serve(*options); });
}

}  // namespace barnabas::tools
