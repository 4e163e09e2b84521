// Small files that are read and replaced as a whole.
#pragma once

#include <optional>
#include <string>

#include "core/async/task.hpp"
#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/env/disk.hpp"

namespace barnabas::log {

// No whole file of ours is larger; checkpoints with a million partitions fit.
inline constexpr std::uint64_t kMaxWholeFile = 256ULL * 1024 * 1024;

// The content; nothing when the file is not there. too_large over kMaxWholeFile.
Task<Result<std::optional<Buffer>>> read_whole_file(env::Disk& disk, std::string path);

// Replaces directory/name by way of a synced temporary file and a rename, and syncs the directory: after a power
// cut either the old content is there or the new one, and once this has returned, the new one. no_space and too_large:
// the old content is still there, and nothing else is.
Task<Result<void>> replace_file(env::Disk& disk, std::string directory, std::string name, Buffer content);

// Removes the file if it is there. The directory is not synced.
Task<Result<void>> remove_if_present(env::Disk& disk, std::string path);

}  // namespace barnabas::log
