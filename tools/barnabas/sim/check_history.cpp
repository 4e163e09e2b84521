#include "tools/barnabas/sim/check_history.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "sim/checkers/checker.hpp"
#include "tools/barnabas/exit_code.hpp"
#include "tools/barnabas/read_text.hpp"

namespace barnabas::tools {
namespace {

using Json = nlohmann::json;

struct Recorded {
  sim::Scenario scenario;  // Only its topics.
  sim::History history;
  std::map<std::string, std::int64_t> replication;  // Topic -> replicas of each partition.
};

TopicPartition partition_of(const Json& line) {
  return {line.at("topic"), PartitionId(line.at("partition").get<std::int32_t>())};
}

void read_topic(const Json& line, Recorded& into) {
  sim::TopicSpec topic{line.at("name"), line.at("partitions"), {}};
  if (line.contains("config")) topic.config = line.at("config");
  into.replication[topic.name] = line.value("replication", std::int64_t{0});
  into.scenario.topics.push_back(std::move(topic));
}

void read_produced(const Json& line, Recorded& into) {
  using State = sim::ProducedRecord::State;
  static const std::map<std::string, State> kStates{
      {"sent", State::sent}, {"acknowledged", State::acknowledged}, {"rejected", State::rejected}};
  sim::ProducedRecord& record = into.history.produced.emplace_back();
  record.producer = line.at("producer");
  record.value = line.at("value");
  record.partition = partition_of(line);
  record.state = kStates.at(line.at("state"));
  record.offset = line.value("offset", std::int64_t{-1});
  record.idempotent = line.value("idempotent", false);
}

void read_read(const Json& line, Recorded& into) {
  into.history.read.push_back({line.at("reader"), partition_of(line), line.at("offset"), line.at("value")});
}

void read_committed(const Json& line, Recorded& into) {
  const Json& unknown = line.at("lowest_unknown");
  into.history.committed[{line.at("group"), partition_of(line)}] = {
      line.at("acknowledged"), unknown.is_null() ? sim::kNowhere : unknown.get<std::int64_t>(),
      line.at("highest_sent")};
}

void read_final_read(const Json& line, Recorded& into) {
  into.history.final_read[partition_of(line)].emplace_back(line.at("offset"), line.at("value"));
}

void read_final_offset(const Json& line, Recorded& into) {
  into.history.final_offsets[{line.at("group"), partition_of(line)}] = line.at("offset");
}

Result<Recorded> read_history(const std::string& path) {
  static const std::map<std::string, void (*)(const Json&, Recorded&)> kReaders{
      {"topic", &read_topic},         {"produced", &read_produced},     {"read", &read_read},
      {"committed", &read_committed}, {"final_read", &read_final_read}, {"final_offset", &read_final_offset}};
  B_TRY(const std::string text, read_text(path));
  Recorded recorded;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    try {
      const Json line = Json::parse(text.begin() + static_cast<std::ptrdiff_t>(at),
                                    text.begin() + static_cast<std::ptrdiff_t>(end));
      kReaders.at(line.at("type"))(line, recorded);
    } catch (const std::exception& problem) {
      return fail(Errc::invalid_argument,
                  path + " line " + std::to_string(number + 1) +
                      " is not as tools/barnabas/sim/check_history.hpp says: " + problem.what());
    }
    at = end + 1;
  }
  return recorded;
}

// The segments of the topics of the history, as the files of a simulated disk.
Result<sim::LogImages> read_images(const std::string& directory, const Recorded& recorded) {
  std::map<std::string, sim::SparseBytes> files;
  for (const sim::TopicSpec& topic : recorded.scenario.topics) {
    for (std::int64_t i = 0; i < topic.partitions; ++i) {
      std::error_code missing;
      const auto folder = std::filesystem::path(directory) / (topic.name + "-" + std::to_string(i));
      for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) {
        if (entry.path().extension() != ".log") continue;
        B_TRY(const std::string bytes, read_text(entry.path()));
        files[entry.path()].write(0, as_bytes(bytes));
      }
    }
  }
  return sim::read_logs(files, directory);
}

// Guarantee: when a cluster has come to rest, the replicas of a partition hold the same batches, byte by byte, but for
// where they start. Empty when this holds.
std::string difference(const TopicPartition& partition, const sim::LogImage& a, const sim::LogImage& b) {
  const std::string where = "replicas_equal: " + partition.to_string() + ": ";
  if (a.end() != b.end()) {
    return where + "one replica ends at " + std::to_string(a.end()) + ", another at " + std::to_string(b.end());
  }
  auto x = a.batches.rbegin();
  auto y = b.batches.rbegin();
  for (; x != a.batches.rend() && y != b.batches.rend(); ++x, ++y) {
    if (x->hash != y->hash) return where + "the replicas differ at offset " + std::to_string(x->base_offset);
  }
  return {};
}

// All images as one, and in `violations` where they differ.
sim::LogImages merge(const std::vector<sim::LogImages>& all, const Recorded& recorded,
                     std::vector<std::string>& violations) {
  sim::LogImages merged;
  std::map<TopicPartition, std::int64_t> replicas;
  for (const sim::LogImages& images : all) {
    for (const auto& [partition, image] : images) {
      ++replicas[partition];
      const auto [first, is_new] = merged.emplace(partition, image);
      const std::string problem = is_new ? "" : difference(partition, first->second, image);
      if (!problem.empty()) violations.push_back(problem);
      if (!image.problem.empty()) violations.push_back("offsets_dense: " + image.problem);
      // The one that goes back furthest says most.
      if (image.start() < first->second.start()) first->second = image;
    }
  }
  for (const auto& [partition, count] : replicas) {
    const std::int64_t wanted = recorded.replication.at(partition.topic);
    if (wanted == 0 || wanted == count) continue;
    violations.push_back("replicas_equal: " + partition.to_string() + " has " + std::to_string(count) +
                         " replicas, expected were " + std::to_string(wanted));
  }
  return merged;
}

int complain(const Error& error) {
  std::fprintf(stderr, "barnabas: %s\n", error.message.c_str());
  return kUsage;
}

}  // namespace

int check_history(const CheckHistoryCommand& command) {
  const Result<Recorded> recorded = read_history(command.file);
  if (!recorded) return complain(recorded.error());
  std::vector<sim::LogImages> all;
  for (const std::string& directory : command.logs) {
    Result<sim::LogImages> images = read_images(directory, *recorded);
    if (!images) return complain(images.error());
    all.push_back(*std::move(images));
  }
  std::vector<std::string> violations;
  const sim::LogImages logs = merge(all, *recorded, violations);
  // Those that look at crashes and at compaction find nothing to judge here.
  for (const std::string_view name : sim::checker_names()) {
    const auto note = [&](const std::string& what) { violations.push_back(std::string(name) + ": " + what); };
    sim::make_checker(name, recorded->scenario, recorded->history, note)->quiescent(logs);
  }
  for (const std::string& violation : violations) std::printf("%s\n", violation.c_str());
  std::size_t records = 0;
  for (const auto& [partition, log] : logs) {
    for (const sim::LoggedBatch& batch : log.batches) records += batch.records.size();
  }
  std::printf("result=%s produced=%zu read=%zu logged=%zu partitions=%zu brokers=%zu\n",
              violations.empty() ? "ok" : "safety", recorded->history.produced.size(),
              recorded->history.read.size(), records, logs.size(), all.size());
  return violations.empty() ? kOk : kSafety;
}

}  // namespace barnabas::tools
