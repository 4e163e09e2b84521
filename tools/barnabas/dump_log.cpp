#include "tools/barnabas/dump_log.hpp"

#include <cstdio>

#include "core/log/file_names.hpp"
#include "tools/barnabas/dump_log_records.hpp"
#include "tools/barnabas/dump_log_side_files.hpp"
#include "tools/barnabas/exit_code.hpp"

namespace barnabas::tools {

namespace {

struct DumpOptions {
  std::vector<std::string> files;
  bool json = false;
  bool headers_only = false;
  bool raw = false;
};

// What a topic's records are, by the name of the directory that the file is in.
RecordContent content_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return RecordContent::bytes;
  const std::size_t before = path.rfind('/', slash - 1);
  const std::string directory = path.substr(before == std::string::npos ? 0 : before + 1, slash - (before + 1));
  if (directory.starts_with("__consumer_offsets-")) return RecordContent::group_offsets;
  if (directory.starts_with("__transaction_state-")) return RecordContent::transactions;
  return RecordContent::bytes;
}

Result<void> dump_file(const std::string& path, const DumpOptions& options, DumpOutput& out) {
  out.begin_file(path);
  if (path.ends_with(log::kLogSuffix)) {
    const RecordContent content = options.raw ? RecordContent::bytes : content_of(path);
    return dump_records(path, content, options.headers_only, out);
  }
  // The longer one first: both end in "index".
  if (path.ends_with(log::kTimeIndexSuffix)) return dump_time_index(path, out);
  if (path.ends_with(log::kTransactionIndexSuffix)) return dump_transaction_index(path, out);
  if (path.ends_with(log::kIndexSuffix)) return dump_offset_index(path, out);
  if (path.ends_with(log::kSnapshotSuffix)) return dump_snapshot(path, out);
  return fail(Errc::invalid_argument,
              path +
                  ": not a file that can be dumped; name files that end in .log, .index, .timeindex, .txnindex or "
                  ".snapshot");
}

int dump(const DumpOptions& options) {
  DumpOutput out(options.json);
  bool failed = false;
  for (const std::string& path : options.files) {
    const auto dumped = dump_file(path, options, out);
    if (dumped) continue;
    std::fflush(stdout);
    std::fprintf(stderr, "barnabas: %s\n", dumped.error().message.c_str());
    failed = true;
  }
  return failed || out.damaged() ? kFailed : kOk;
}

}  // namespace

void add_dump_log(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<DumpOptions>();
  CLI::App* command = app.add_subcommand("dump-log", "Print what is in the files of a partition's directory");
  command->add_option("FILE", options->files, "Segments (.log), indexes (.index, .timeindex, .txnindex), .snapshot")
      ->required();
  command->add_flag("--json", options->json, "One JSON object a line");
  command->add_flag("--headers-only", options->headers_only, "Batches without their records");
  command->add_flag("--raw", options->raw, "Keys and values of __consumer_offsets and __transaction_state as they are");
  command->footer("Exits with 1 when a file cannot be read or is damaged.");
  command->callback([options, &exit_code] { exit_code = dump(*options); });
}

}  // namespace barnabas::tools
