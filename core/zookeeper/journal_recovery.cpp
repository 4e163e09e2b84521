// Reading the journal back (FORMAT.md, "Recovery").
#include <algorithm>
#include <utility>

#include "core/zookeeper/journal.hpp"
#include "core/zookeeper/journal_format.hpp"

namespace barnabas::zookeeper {

struct Journal::Listing {
  std::vector<Zxid> snapshots;  // Newest first.
  std::vector<Zxid> logs;       // Oldest first.
};

namespace {

Task<Result<Buffer>> read_whole(env::File& file) { return file.read_at(0, static_cast<std::size_t>(file.size())); }

Error in_file(const std::string& path, const Error& error) { return {error.code, path + ": " + error.message}; }

}  // namespace

Task<Result<void>> Journal::recover(ZnodeTree& tree, RecoveryReport& report) {
  B_CO_TRY(const Listing listing, co_await list_files());
  B_CO_TRY_VOID(co_await load_snapshot(listing, tree, report));
  for (const Zxid log : listing.logs) {
    const bool is_last = log == listing.logs.back();
    B_CO_TRY_VOID(co_await replay_log(log, is_last, tree, report));
  }
  if (!log_) B_CO_TRY_VOID(co_await create_log(tree.last_zxid() + 1));
  co_return Result<void>();
}

Task<Result<Journal::Listing>> Journal::list_files() {
  B_CO_TRY(const auto names, co_await env_.disk.list(directory_));
  Listing listing;
  for (const std::string& name : names) {
    if (const auto zxid = parse_name(name, "snapshot.")) listing.snapshots.push_back(*zxid);
    if (const auto zxid = parse_name(name, "log.")) listing.logs.push_back(*zxid);
    if (!name.ends_with(".tmp")) continue;
    const std::string draft = path(name);
    B_CO_TRY_VOID(co_await env_.disk.remove(draft));
  }
  std::ranges::sort(listing.snapshots, std::greater<>());
  std::ranges::sort(listing.logs);
  co_return listing;
}

Task<Result<void>> Journal::load_snapshot(const Listing& listing, ZnodeTree& tree, RecoveryReport& report) {
  for (const Zxid zxid : listing.snapshots) {
    const std::string snapshot_path = path(snapshot_name(zxid));
    B_CO_TRY(const auto file, co_await env_.disk.open(snapshot_path, env::OpenMode::read));
    B_CO_TRY(const Buffer bytes, co_await read_whole(*file));
    auto loaded = decode_snapshot(bytes.view(), zxid);
    if (loaded) {
      tree = std::move(*loaded);
      report.snapshot_zxid = zxid;
      snapshot_at_size_ = std::max<std::uint64_t>(snapshot_after_bytes_, bytes.size());
      co_return Result<void>();
    }
    note(report, in_file(snapshot_path, loaded.error()).to_string());
  }
  if (listing.snapshots.empty()) co_return Result<void>();
  co_return fail(Errc::corrupt, "no valid snapshot among " + std::to_string(listing.snapshots.size()) + " in " +
                                    directory_ + "; restore the directory from a copy");
}

Task<Result<void>> Journal::replay_log(Zxid name, bool is_last, ZnodeTree& tree, RecoveryReport& report) {
  const std::string log_path = path(log_name(name));
  B_CO_TRY(auto file, co_await env_.disk.open(log_path, env::OpenMode::read_write));
  B_CO_TRY(const Buffer bytes, co_await read_whole(*file));
  const auto first = decode_log_header(bytes.view());
  if (!first || *first != name) {
    // A journal whose creation was cut short, and which therefore never got a transaction.
    if (is_last && bytes.size() <= kLogHeaderSize) co_return co_await abandon_log(name, log_path, tree, report);
    co_return fail(Errc::corrupt, log_path + ": its header is no journal's; restore it from a copy");
  }
  RecordReader reader(bytes.view());
  while (auto transaction = reader.next()) {
    if (transaction->zxid <= tree.last_zxid()) continue;
    const auto applied = tree.apply(*transaction);
    if (!applied) co_return std::unexpected(in_file(log_path, applied.error()));
    ++report.replayed;
  }
  if (is_last) co_return co_await adopt_log(std::move(file), reader.position(), log_path, report);
  co_return Result<void>();  // Transactions that are missing here show as a gap in the next.
}

Task<Result<void>> Journal::abandon_log(Zxid name, std::string log_path, ZnodeTree& tree, RecoveryReport& report) {
  note(report, log_path + ": it was never finished; begun anew");
  if (name != tree.last_zxid() + 1) co_return fail(Errc::corrupt, log_path + ": the journal before it is missing");
  co_return co_await create_log(name);
}

// The last journal goes on where its valid records end. What follows them is removed for good first, so that it can
// never be taken for a record later.
Task<Result<void>> Journal::adopt_log(std::unique_ptr<env::File> file, std::uint64_t valid_size, std::string log_path,
                                      RecoveryReport& report) {
  if (file->size() > valid_size) {
    report.bytes_cut = file->size() - valid_size;
    note(report, log_path + ": cut a torn tail of " + std::to_string(report.bytes_cut) + " bytes at " +
                     std::to_string(valid_size));
    B_CO_TRY_VOID(co_await file->truncate(valid_size));
    B_CO_TRY_VOID(co_await file->sync());
  }
  log_ = std::move(file);
  log_size_ = valid_size;
  co_return Result<void>();
}

void Journal::note(RecoveryReport& report, std::string line) {
  env_.logger.log(env::LogLevel::warn, "zookeeper", line);
  report.notes.push_back(std::move(line));
}

}  // namespace barnabas::zookeeper
