// golden_vectors [--every-version] [DIR]: compares this build with what Apache Kafka's own code wrote and answered.
//
// DIR has the layout described in tests/golden/vectors/README.md, any part of it; without DIR the vectors of this
// repository. The last line is "N passed, N failed"; exit code 1 when a line failed or none passed.
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <tuple>

#include "tests/golden/checks.hpp"
#include "tests/golden/message_codec.hpp"
#include "tests/golden/report.hpp"
#include "tests/golden/vector_file.hpp"

namespace barnabas::golden {
namespace {

namespace fs = std::filesystem;

struct Kind {
  std::string_view prefix;  // Of a file's name without .jsonl.gz.
  void (*check)(Line&);
};
constexpr std::array kKinds = {
    Kind{"requests/", check_message},
    Kind{"requests-4x/", check_message},
    Kind{"responses/", check_message},
    Kind{"responses-4x/", check_message},
    Kind{"headers/", check_header},
    Kind{"internal/", check_internal},
    Kind{"internal-4x/", check_internal},
    Kind{"frames", check_frame},
    Kind{"malformed-requests", check_malformed},
    Kind{"primitives", check_primitive},
    Kind{"captures/apiversions", check_capture},
    Kind{"hash/murmur2-partitioner", check_partitioner},
    Kind{"hash/coordinator-partition", check_coordinator_partition},
    Kind{"hash/crc", check_crc},
    Kind{"assignors/", check_assignor},
    Kind{"records/valid", check_valid_records},
    Kind{"records/corrupt", check_corrupt_records},
    Kind{"records/append", check_append},
    Kind{"records/downconvert", check_down_conversion},
};

// Files that are known and not read here.
struct Elsewhere {
  std::string_view prefix;
  const char* reason;
};
constexpr std::array kElsewhere = {
    Elsewhere{"logdirs/", "whole data directories: log_test opens them, from tests/log/data"},
    Elsewhere{"records/compaction-filter",
              "MemoryRecords.filterTo with offsets given from outside: here the log's cleaner decides by key; log_test "
              "judges it"},
    Elsewhere{"README", "text"},
    Elsewhere{"MANIFEST", "compared with the files that are there"},
};

constexpr std::string_view kSuffix = ".jsonl.gz";

// (request or response, key, version)
using Seen = std::set<std::tuple<std::string, int, int>>;

class Run {
 public:
  explicit Run(fs::path directory) : directory_(std::move(directory)) {}

  void read_all() {
    std::set<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(directory_)) {
      if (entry.is_regular_file()) files.insert(fs::relative(entry.path(), directory_).generic_string());
    }
    for (const std::string& file : files) read(file);
  }

  // For the vectors of this repository: each version of each declared message has one.
  void require_every_version() {
    for (const ApiCodecs& api : all_apis()) {
      require_versions("request", api.key, api.request);
      require_versions("response", api.key, api.response);
    }
  }

  const Report& report() const { return report_; }

 private:
  void read(const std::string& file) {
    for (const Elsewhere& elsewhere : kElsewhere) {
      if (file.starts_with(elsewhere.prefix)) {
        if (file.starts_with("MANIFEST")) return compare_manifest(file);
        return report_.add_unknown(file, elsewhere.reason);
      }
    }
    const auto kind = std::ranges::find_if(kKinds, [&](const Kind& one) { return file.starts_with(one.prefix); });
    if (kind == kKinds.end() || !file.ends_with(kSuffix)) {
      return report_.add_unknown(file, "no check knows this kind of file");
    }
    const auto text = read_gzip((directory_ / file).string());
    if (!text) return report_.add_failure(file + " cannot be read");
    std::size_t number = 0;
    for (const std::string_view one : split_lines(*text)) check(file, ++number, one, *kind);
    if (number == 0) report_.add_failure(file + " has no lines");
  }

  void check(const std::string& file, std::size_t number, std::string_view text, const Kind& kind) {
    Line line(Json::parse(text, nullptr, false));
    try {
      if (line.content().is_discarded()) {
        line.fail("is no JSON");
      } else {
        kind.check(line);
        if (kind.check == check_message) seen_.emplace(line["type"], line["key"], line["version"]);
      }
    } catch (const nlohmann::json::exception& error) {
      line.fail(std::string("the line lacks what it should have: ") + error.what());
    }
    report_.add(file, number, line);
  }

  // "path bytes lines sha256", separated by tabs, after a line of titles.
  void compare_manifest(const std::string& file) {
    const auto text = read_gzip((directory_ / file).string());  // Reads plain text as well.
    if (!text) return report_.add_failure(file + " cannot be read");
    auto rows = split_lines(*text);
    for (const std::string_view row : std::span(rows).subspan(std::min<std::size_t>(1, rows.size()))) {
      const std::string name(row.substr(0, row.find('\t')));
      if (!fs::exists(directory_ / name)) report_.add_failure(name + " is listed in " + file + " but not there");
    }
  }

  void require_versions(const char* type, protocol::ApiKey key, const MessageCodec& codec) {
    for (int version = codec.min_version; version <= codec.max_version; ++version) {
      if (seen_.contains({type, static_cast<int>(key), version})) continue;
      report_.add_failure("no vector for version " + std::to_string(version) + " of the " + type + " " +
                          std::string(protocol::name_of(key)));
    }
  }

  fs::path directory_;
  Report report_;
  Seen seen_;
};

int run(int argc, char** argv) {
  std::string directory = std::string(BARNABAS_GOLDEN_DIR) + "/vectors";
  bool every_version = false;
  for (const std::string_view argument : std::span(argv, static_cast<std::size_t>(argc)).subspan(1)) {
    if (argument == "--every-version") {
      every_version = true;
    } else if (argument.starts_with("-")) {
      std::fprintf(stderr, "usage: golden_vectors [--every-version] [DIR]\n");
      return 2;
    } else {
      directory = argument;
    }
  }
  if (!fs::is_directory(directory)) {
    std::fprintf(stderr, "golden_vectors: %s is no directory\n", directory.c_str());
    return 2;
  }
  Run all(directory);
  all.read_all();
  if (every_version) all.require_every_version();
  return all.report().print_summary() ? 0 : 1;
}

}  // namespace
}  // namespace barnabas::golden

int main(int argc, char** argv) { return barnabas::golden::run(argc, argv); }
