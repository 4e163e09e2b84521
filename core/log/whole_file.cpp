#include "core/log/whole_file.hpp"

#include "core/log/file_names.hpp"

namespace barnabas::log {

namespace {

Task<Result<void>> write_new_file(env::Disk& disk, std::string path, Buffer content) {
  B_CO_TRY(const auto file, co_await disk.open(path, env::OpenMode::create_truncate));
  const ByteView parts[] = {content.view()};
  B_CO_TRY_VOID(co_await file->write_at(0, parts));
  co_return co_await file->sync();
}

}  // namespace

Task<Result<std::optional<Buffer>>> read_whole_file(env::Disk& disk, std::string path) {
  auto file = co_await disk.open(path, env::OpenMode::read);
  if (!file) {
    if (file.error().code == Errc::not_found) co_return std::optional<Buffer>();
    co_return std::unexpected(std::move(file).error());
  }
  const std::uint64_t size = (*file)->size();
  if (size > kMaxWholeFile) co_return fail(Errc::too_large, path + ": " + std::to_string(size) + " bytes");
  auto content = co_await (*file)->read_at(0, static_cast<std::size_t>(size));
  if (!content) co_return std::unexpected(std::move(content).error());
  co_return std::optional<Buffer>(*std::move(content));
}

Task<Result<void>> replace_file(env::Disk& disk, std::string directory, std::string name, Buffer content) {
  const std::string path = join_path(directory, name);
  const std::string temporary = path + std::string(kTemporarySuffix);
  auto done = co_await write_new_file(disk, temporary, content);
  if (done) done = co_await disk.rename(temporary, path);
  if (!done) {
    // On a full disk it would keep what little there is.
    (void)co_await remove_if_present(disk, temporary);
    co_return done;
  }
  done = co_await disk.sync_directory(directory);
  // Not for want of room: the entry may or may not be there.
  if (!done && done.error().code == Errc::no_space) co_return fail(Errc::io_error, done.error().message);
  co_return done;
}

Task<Result<void>> remove_if_present(env::Disk& disk, std::string path) {
  auto removed = co_await disk.remove(path);
  if (!removed && removed.error().code != Errc::not_found) co_return removed;
  co_return Result<void>{};
}

}  // namespace barnabas::log
