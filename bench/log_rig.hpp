// A log on real files, in the directory for temporary files, and batches to fill it with: for the benchmarks.
#pragma once

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>

#include "core/log/partition_log.hpp"
#include "core/record/batch_builder.hpp"
#include "net/event_loop.hpp"

namespace barnabas::log {

// Each benchmark starts with a directory of its own and leaves nothing behind.
class Scratch {
 public:
  Scratch() : path_(std::filesystem::temp_directory_path() / ("barnabas-bench-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_ / "bench-0");
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string partition() const { return (path_ / "bench-0").string(); }

 private:
  std::filesystem::path path_;
};

inline Buffer sample_batch(std::size_t size) {
  record::BatchBuilder builder;
  const std::string value(std::min<std::size_t>(size, 1000), 'v');
  while (builder.uncompressed_size() < size) builder.append(Timestamp(1'700'000'000'000), {}, as_bytes(value));
  return builder.build();
}

struct Rig {
  explicit Rig(LogConfig config) {
    auto opened = loop.run(PartitionLog::open(loop.env(), scratch.partition(), {"bench", PartitionId(0)}, config, {}));
    B_CHECK(opened.has_value());
    log = *std::move(opened);
  }
  Scratch scratch;
  net::EventLoop loop;
  std::unique_ptr<PartitionLog> log;
};

// The batch is written before append() returns, so that its memory can be used again.
inline Task<void> append_many(PartitionLog& log, Buffer batch, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    record::assign_offsets(batch.mutable_view(), log.log_end_offset(), LeaderEpoch(0));
    auto appended = co_await log.append(batch);
    B_CHECK(appended.has_value());
  }
}

// Plain reads of a file, for comparison: into memory that is there already.
class PlainReader {
 public:
  explicit PlainReader(const std::string& path) : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    B_CHECK(file_ >= 0);
  }
  ~PlainReader() { ::close(file_); }
  PlainReader(const PlainReader&) = delete;
  PlainReader& operator=(const PlainReader&) = delete;

  // How many bytes there were.
  std::size_t read(std::uint64_t position, std::size_t size) {
    memory_.resize(std::max(memory_.size(), size));
    const ssize_t got = ::pread(file_, memory_.data(), size, static_cast<off_t>(position));
    B_CHECK(got >= 0);
    return static_cast<std::size_t>(got);
  }
  std::uint64_t read_all(std::size_t at_a_time) {
    std::uint64_t position = 0;
    while (const std::size_t got = read(position, at_a_time)) position += got;
    return position;
  }

 private:
  int file_;
  std::string memory_;
};

inline LogConfig bounded_config(std::int64_t flush_messages) {
  LogConfig config;
  config.segment_bytes = 256 << 20;
  config.flush_messages = flush_messages;
  return config;
}

}  // namespace barnabas::log
