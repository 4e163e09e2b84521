// What interrupted deletions and compactions leave in a partition's directory.
#include <algorithm>
#include <limits>

#include "core/log/file_names.hpp"
#include "core/log/log_loader.hpp"
#include "core/log/whole_file.hpp"

namespace barnabas::log {

namespace {

constexpr std::string_view kSegmentSuffixes[] = {kLogSuffix, kIndexSuffix, kTimeIndexSuffix, kTransactionIndexSuffix};

// The offset in "<offset>.log.swap", for any of a segment's files and the given last suffix.
std::optional<Offset> offset_before(std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return std::nullopt;
  name.remove_suffix(suffix.size());
  for (const std::string_view inner : kSegmentSuffixes) {
    if (const auto offset = parse_offset_file_name(name, inner)) return offset;
  }
  return std::nullopt;
}

// The offset after the last record of a compacted segment.
Task<Result<Offset>> end_of(env::Disk& disk, std::string path, Offset base) {
  B_CO_TRY(auto opened, co_await disk.open(path, env::OpenMode::read));
  const std::shared_ptr<env::File> file = std::move(opened);
  BatchScanner scanner(file, 0, file->size(), ScanDepth::headers, kScanChunk);
  Offset end = base;
  while (true) {
    B_CO_TRY(const bool more, co_await scanner.next());
    if (!more) co_return end;
    end = scanner.header().next_offset();
  }
}

// A finished compaction: its segment replaces those whose range it covers, which go first, so that doing this
// again after a crash comes to the same.
Task<Result<void>> finish_swap(env::Disk& disk, std::string directory, std::vector<std::string> names, Offset base) {
  const std::string swapped = join_path(directory, offset_file_name(base, kLogSuffix)) + std::string(kSwapSuffix);
  B_CO_TRY(const Offset end, co_await end_of(disk, swapped, base));
  for (const std::string& name : names) {
    for (const std::string_view suffix : kSegmentSuffixes) {
      const auto offset = parse_offset_file_name(name, suffix);
      if (!offset || *offset < base || *offset >= end) continue;
      const std::string path = join_path(directory, name);
      B_CO_TRY_VOID(co_await remove_if_present(disk, path));
    }
  }
  B_CO_TRY_VOID(co_await disk.sync_directory(directory));
  for (const std::string_view suffix : kSegmentSuffixes) {
    const std::string to = join_path(directory, offset_file_name(base, suffix));
    const std::string from = to + std::string(kSwapSuffix);
    B_CO_TRY(const bool there, co_await disk.exists(from));
    if (there) B_CO_TRY_VOID(co_await disk.rename(from, to));
    // Before its indexes: beside a log that is a .swap they would be taken for those of the segments that it replaces.
    if (suffix == kLogSuffix) B_CO_TRY_VOID(co_await disk.sync_directory(directory));
  }
  co_return Result<void>{};
}

// The renames of a finished compaction that a power cut took, but for that of the log: the indexes belong to the log
// that is there.
Task<Result<void>> finish_renames(env::Disk& disk, std::string directory, std::vector<std::string> names) {
  for (const std::string& name : names) {
    const std::string from = join_path(directory, name);
    const std::string to = from.substr(0, from.size() - kSwapSuffix.size());
    const std::string log = join_path(directory, offset_file_name(*offset_before(name, kSwapSuffix), kLogSuffix));
    B_CO_TRY(const bool belongs, co_await disk.exists(log));
    if (belongs) {
      B_CO_TRY_VOID(co_await disk.rename(from, to));
    } else {
      B_CO_TRY_VOID(co_await remove_if_present(disk, from));
    }
  }
  co_return Result<void>{};
}

}  // namespace

Task<Result<void>> clear_leftovers(env::Disk& disk, std::string directory) {
  B_CO_TRY(const auto names, co_await disk.list(directory));
  Offset first_cleaned(std::numeric_limits<std::int64_t>::max());
  std::vector<std::string> doomed;
  std::vector<Offset> swapped;
  std::vector<std::string> swapped_indexes;
  for (const std::string& name : names) {
    if (const auto offset = offset_before(name, kCleanedSuffix)) {
      first_cleaned = std::min(first_cleaned, *offset);
      doomed.push_back(name);
    } else if (name.ends_with(kDeletedSuffix) || name.ends_with(kTemporarySuffix)) {
      doomed.push_back(name);
    }
  }
  for (const std::string& name : names) {
    const auto offset = offset_before(name, kSwapSuffix);
    if (!offset) continue;
    // The renaming from .cleaned had only begun: the originals are all still there.
    if (*offset >= first_cleaned) {
      doomed.push_back(name);
    } else if (parse_offset_file_name(name, std::string(kLogSuffix) + std::string(kSwapSuffix))) {
      swapped.push_back(*offset);
    } else {
      swapped_indexes.push_back(name);
    }
  }
  if (doomed.empty() && swapped.empty() && swapped_indexes.empty()) co_return Result<void>{};
  for (const std::string& name : doomed) {
    const std::string path = join_path(directory, name);
    B_CO_TRY_VOID(co_await remove_if_present(disk, path));
  }
  for (const Offset base : swapped) B_CO_TRY_VOID(co_await finish_swap(disk, directory, names, base));
  std::erase_if(swapped_indexes, [&](const std::string& name) {
    return std::ranges::find(swapped, *offset_before(name, kSwapSuffix)) != swapped.end();
  });
  B_CO_TRY_VOID(co_await finish_renames(disk, directory, std::move(swapped_indexes)));
  co_return co_await disk.sync_directory(directory);
}

}  // namespace barnabas::log
