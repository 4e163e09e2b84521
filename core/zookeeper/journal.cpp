#include "core/zookeeper/journal.hpp"

#include <algorithm>
#include <utility>

#include "core/env/timeout.hpp"
#include "core/zookeeper/journal_format.hpp"

namespace barnabas::zookeeper {

namespace {

constexpr std::string_view kComponent = "zookeeper";
// Transactions queued for the disk, in bytes. A larger queue makes writers wait.
constexpr std::size_t kMaxQueuedBytes = std::size_t{32} << 20;
// A queue of refused requests, which nobody waits for, is written when it is this long.
constexpr std::size_t kMaxIdleBytes = std::size_t{64} << 10;
// By how much the file is made longer at once.
constexpr std::uint64_t kRoom = std::uint64_t{256} << 10;
// Looks at the sockets before a group is written.
constexpr int kMostLooks = 8;
// How often a full disk is tried again.
constexpr Duration kFullRetry = 500ms;

std::string parent_directory(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Journal::Journal(env::Env env, std::string directory, std::uint64_t snapshot_after_bytes, const ZnodeTree& tree)
    : env_(env),
      directory_(std::move(directory)),
      snapshot_after_bytes_(snapshot_after_bytes),
      tree_(tree),
      snapshot_at_size_(snapshot_after_bytes),
      work_(env.executor),
      progress_(env.executor),
      scope_(env.executor) {}

Task<Result<std::unique_ptr<Journal>>> Journal::open(env::Env env, std::string directory,
                                                     std::uint64_t snapshot_after_bytes, ZnodeTree& tree,
                                                     RecoveryReport& report) {
  auto journal = std::make_unique<Journal>(env, std::move(directory), snapshot_after_bytes, tree);
  B_CO_TRY_VOID(co_await journal->prepare_directory());
  B_CO_TRY_VOID(co_await journal->recover(tree, report));
  const Zxid last = tree.last_zxid();
  journal->last_queued_ = journal->last_urgent_ = journal->durable_ = last;
  report.last_zxid = last;
  journal->scope_.spawn(journal->run());
  co_return journal;
}

void Journal::append(const Transaction& transaction, bool urgent) {
  B_CHECK(!stopping_);
  B_CHECK_OP(transaction.zxid, ==, last_queued_ + 1);
  encode_record(queue_, transaction);
  last_queued_ = transaction.zxid;
  if (urgent || queue_.size() >= kMaxIdleBytes) {
    last_urgent_ = transaction.zxid;
    work_.notify_all();
  }
}

Task<Result<void>> Journal::wait_durable(Zxid zxid) {
  while (durable_ < zxid && !failure_) co_await progress_.wait();
  if (durable_ >= zxid) co_return Result<void>();
  co_return fail(Errc::closed,
                 "whether the embedded ZooKeeper kept this is unknown, because of " + failure_->to_string());
}

Task<void> Journal::wait_for_room() {
  while (queue_.size() >= kMaxQueuedBytes && !failure_ && !full_) co_await progress_.wait();
}

Task<void> Journal::stop() {
  stopping_ = true;
  work_.notify_all();
  co_await scope_.join();
  if (!failure_) failure_ = Error{Errc::closed, "it was stopped"};
  progress_.notify_all();
  log_.reset();
}

// The only writer of the files. Everything queued while one batch is on its way goes into the next.
Task<void> Journal::run() {
  while (!failure_) {
    while (!stopping_ && last_urgent_ <= durable_) co_await work_.wait();
    if (queue_.empty()) co_return co_await finish_log();
    if (gathers_) co_await gather();
    std::vector<std::byte> batch = std::exchange(queue_, {});
    const Zxid last = last_queued_;
    const bool snapshot = snapshot_due(batch.size());
    std::vector<std::byte> image;
    if (snapshot) image = tree_.serialize();  // Now, while the tree is exactly what the batch leads to.
    const auto written = co_await write_or_wait(batch);
    if (written) {
      durable_ = last;
    } else {
      failure_ = written.error();
      env_.logger.log(env::LogLevel::warn, kComponent, "the journal failed: " + failure_->to_string());
    }
    progress_.notify_all();
    if (snapshot && !failure_) co_await take_snapshot(std::move(image), last);
  }
}

// Clients that were answered together ask again together, but not in one turn of the loop: without this the first of
// them would have a sync to itself, and the others would wait for it and for their own. It ends as soon as a turn
// brings nothing.
Task<void> Journal::gather() {
  std::size_t before = 0;
  for (int look = 0; look < kMostLooks && before < queue_.size() && !stopping_; ++look) {
    before = queue_.size();
    co_await env_.clock.sleep_for(Duration(1));
  }
}

// A full disk refuses the batch as a whole: what of it has come to the file is written again in the same place. Nobody
// was answered, so nothing is lost by waiting for room; a stop gives up.
Task<Result<void>> Journal::write_or_wait(const std::vector<std::byte>& batch) {
  while (true) {
    auto written = co_await write_batch(batch);
    const bool is_full = !written && written.error().code == Errc::no_space;
    if (is_full != full_) {
      full_ = is_full;
      const std::string line =
          is_full ? "the disk is full: no writes until there is room in " + directory_ + ": " + written.error().message
                  : "writes go on in " + directory_;
      env_.logger.log(env::LogLevel::warn, kComponent, line);
      progress_.notify_all();
    }
    if (!is_full || stopping_) co_return written;
    const Instant next = env_.clock.now() + kFullRetry;
    co_await env::wait_until(env_.executor, env_.clock, work_, next);
  }
}

Task<Result<void>> Journal::write_batch(const std::vector<std::byte>& batch) {
  const std::vector<std::byte> marker = encode_marker(log_first_, log_size_);
  const ByteView parts[] = {marker, batch};
  const std::uint64_t end = log_size_ + marker.size() + batch.size();
  if (end > log_room_) co_await make_room(end);
  B_CO_TRY_VOID(co_await log_->write_at(log_size_, parts));
  B_CO_TRY_VOID(co_await log_->sync());
  log_size_ = end;
  co_return Result<void>();
}

// A sync that has no new size to write down is cheaper (by a sixth of the time on ext4). Where the file cannot be made
// longer, the write does it, or says why not.
Task<void> Journal::make_room(std::uint64_t end) {
  const std::uint64_t room = (end / kRoom + 1) * kRoom;
  const Result<void> grown = co_await log_->truncate(room);
  if (grown) log_room_ = room;
}

// A last marker, after which damage to anything before it is known as such, and nothing after it. Without both nothing
// is lost, so a failure is only told.
Task<void> Journal::finish_log() {
  const std::vector<std::byte> nothing;
  auto written = co_await write_batch(nothing);
  if (written && log_room_ > log_size_) written = co_await log_->truncate(log_size_);
  if (!written) {
    env_.logger.log(env::LogLevel::warn, kComponent, "no mark of a clean stop: " + written.error().to_string());
  }
}

bool Journal::snapshot_due(std::size_t batch_size) const { return log_size_ + batch_size >= snapshot_at_size_; }

// A snapshot that fails loses nothing: the journal goes on as it is, and the next try comes later.
Task<void> Journal::take_snapshot(std::vector<std::byte> image, Zxid zxid) {
  const std::uint64_t image_size = image.size();
  const auto written = co_await write_snapshot(std::move(image), zxid);
  if (!written) {
    env_.logger.log(env::LogLevel::warn, kComponent, "no snapshot: " + written.error().to_string());
    // What there is of it only takes room.
    const std::string draft_path = path(snapshot_name(zxid)) + ".tmp";
    (void)co_await env_.disk.remove(draft_path);
    snapshot_at_size_ = log_size_ + snapshot_after_bytes_;
    co_return;
  }
  snapshot_at_size_ = std::max(snapshot_after_bytes_, image_size);
}

Task<Result<void>> Journal::write_snapshot(std::vector<std::byte> image, Zxid zxid) {
  const std::vector<std::byte> bytes = encode_snapshot(zxid, image);
  const std::string final_path = path(snapshot_name(zxid));
  const std::string draft_path = final_path + ".tmp";
  B_CO_TRY(auto file, co_await env_.disk.open(draft_path, env::OpenMode::create_private));
  const ByteView parts[] = {bytes};
  B_CO_TRY_VOID(co_await file->write_at(0, parts));
  B_CO_TRY_VOID(co_await file->sync());
  file.reset();
  B_CO_TRY_VOID(co_await env_.disk.rename(draft_path, final_path));
  B_CO_TRY_VOID(co_await env_.disk.sync_directory(directory_));
  B_CO_TRY_VOID(co_await create_log(zxid + 1));
  co_return co_await remove_older_than(zxid);
}

Task<Result<void>> Journal::create_log(Zxid first) {
  // Under its name it is never seen unfinished: one without its header has been damaged.
  const std::string log_path = path(log_name(first));
  const std::string draft_path = log_path + ".tmp";
  B_CO_TRY(auto file, co_await env_.disk.open(draft_path, env::OpenMode::create_private));
  const std::vector<std::byte> header = encode_log_header(first);
  const ByteView parts[] = {header};
  B_CO_TRY_VOID(co_await file->write_at(0, parts));
  B_CO_TRY_VOID(co_await file->sync());
  B_CO_TRY_VOID(co_await env_.disk.rename(draft_path, log_path));
  B_CO_TRY_VOID(co_await env_.disk.sync_directory(directory_));
  log_ = std::move(file);
  log_first_ = first;
  log_size_ = log_room_ = kLogHeaderSize;
  co_return Result<void>();
}

// Snapshots before zxid, and the journals they go with; none of them is needed once the snapshot of zxid is safe.
Task<Result<void>> Journal::remove_older_than(Zxid zxid) {
  B_CO_TRY(const auto names, co_await env_.disk.list(directory_));
  for (const std::string& name : names) {
    const auto snapshot = parse_name(name, "snapshot.");
    const auto log = parse_name(name, "log.");
    const bool old = (snapshot && *snapshot < zxid) || (log && *log <= zxid);
    if (!old) continue;
    const std::string old_path = path(name);
    B_CO_TRY_VOID(co_await env_.disk.remove(old_path));
  }
  co_return Result<void>();
}

Task<Result<void>> Journal::prepare_directory() {
  B_CO_TRY_VOID(co_await env_.disk.create_directories(directory_));
  // Its name must survive a power cut before anything in it is promised to.
  const std::string parent = parent_directory(directory_);
  const std::string grandparent = parent_directory(parent);
  B_CO_TRY_VOID(co_await env_.disk.sync_directory(parent));
  if (parent != "." && parent != "/") {
    // Whoever made the data directory may not have; where it may not be read, it is not ours to sync.
    const auto synced = co_await env_.disk.sync_directory(grandparent);
    if (!synced && synced.error().code != Errc::permission_denied) co_return synced;
  }
  const std::string lock_path = path(".lock");
  auto lock = co_await env_.disk.lock(lock_path);
  if (!lock && lock.error().code == Errc::locked) {
    co_return fail(Errc::locked, "another process uses the data directory " + parent + " (" + lock.error().message +
                                     "); stop it, or set log.dirs to another directory");
  }
  if (!lock) co_return std::unexpected(std::move(lock).error());
  lock_ = std::move(*lock);
  co_return Result<void>();
}

}  // namespace barnabas::zookeeper
