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

std::unexpected<Error> damaged(const std::string& path, const std::string& what) {
  return fail(Errc::corrupt, path + ": " + what + "; restore the directory from a copy");
}

// Where the zeros begin that the bytes end with; not before `from`.
std::uint64_t end_without_zeros(ByteView bytes, std::uint64_t from) {
  std::uint64_t end = bytes.size();
  while (end > from && bytes[end - 1] == std::byte{0}) --end;
  return end;
}

Error in_file(const std::string& path, const Error& error) { return {error.code, path + ": " + error.message}; }

}  // namespace

Task<Result<void>> Journal::recover(ZnodeTree& tree, RecoveryReport& report) {
  B_CO_TRY(const Listing listing, co_await list_files());
  B_CO_TRY_VOID(co_await load_snapshot(listing, tree, report));
  for (const Zxid log : listing.logs) {
    const bool is_last = log == listing.logs.back();
    B_CO_TRY_VOID(co_await replay_log(log, is_last, tree, report));
  }
  // A snapshot is begun when the journal holds all it holds, and a journal goes only after the next was begun.
  if (!listing.snapshots.empty() && journal_end_ < listing.snapshots.front()) {
    co_return damaged(directory_, "a snapshot is of " + path(snapshot_name(listing.snapshots.front())) +
                                      ", but the journal's transactions before it are missing");
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
  if (!first) co_return damaged(log_path, first.error().message);
  if (*first != name) co_return damaged(log_path, "it is another journal than its name says");
  // A journal is begun when all before it is safe.
  if (name > tree.last_zxid() + 1) co_return damaged(log_path, "transactions before it are missing");
  journal_end_ = std::max(journal_end_, name - 1);
  RecordReader reader(bytes.view(), name);
  while (auto transaction = reader.next()) {
    journal_end_ = std::max(journal_end_, transaction->zxid);
    if (transaction->zxid <= tree.last_zxid()) continue;
    const auto applied = tree.apply(*transaction);
    if (!applied) co_return damaged(log_path, applied.error().message);
    ++report.replayed;
  }
  const std::size_t valid = reader.position();
  if (const auto proof = find_marker(bytes.view(), name, valid)) {
    co_return damaged(log_path, "the record at offset " + std::to_string(valid) + " is not as it was written (offset " +
                                    std::to_string(*proof) + " shows that it was complete)");
  }
  B_CO_TRY(const std::uint64_t room, co_await settle_tail(*file, bytes, reader.group(), valid, log_path, report));
  if (!is_last) co_return Result<void>();
  log_ = std::move(file);
  log_first_ = name;
  log_size_ = valid;
  log_room_ = room;
  co_return Result<void>();
}

// The journal goes on where its valid records end. What follows them is removed for good first, so that it can never
// be taken for a record later. The last group may be in the page cache only, and clean there after a sync that failed;
// it is written again, because the next marker will say that it is safe. Zeros alone are the room for more.
Task<Result<std::uint64_t>> Journal::settle_tail(env::File& file, Buffer bytes, std::uint64_t group,
                                                 std::uint64_t valid_size, std::string log_path,
                                                 RecoveryReport& report) {
  const std::uint64_t end = end_without_zeros(bytes.view(), valid_size);
  std::uint64_t room = bytes.size();
  if (end > valid_size) {
    const std::uint64_t torn = end - valid_size;
    report.bytes_cut += torn;
    note(report, log_path + ": cut a torn tail of " + std::to_string(torn) + " bytes at " + std::to_string(valid_size));
    B_CO_TRY_VOID(co_await file.truncate(valid_size));
    room = valid_size;
  } else if (group == valid_size) {
    co_return room;  // Only the header, which was synced before the journal got its name.
  }
  if (group < valid_size) {
    const ByteView parts[] = {bytes.view().subspan(group, valid_size - group)};
    B_CO_TRY_VOID(co_await file.write_at(group, parts));
  }
  B_CO_TRY_VOID(co_await file.sync());
  co_return room;
}

void Journal::note(RecoveryReport& report, std::string line) {
  env_.logger.log(env::LogLevel::warn, "zookeeper", line);
  report.notes.push_back(std::move(line));
}

}  // namespace barnabas::zookeeper
