// Record bytes of a fetch response that stay in their segment file until the connection sends them.
#pragma once

#include "core/log/partition_log.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::broker {

// The only kind of external records that this broker puts into a response; Connection relies on that.
class FileRecords final : public protocol::ExternalRecords {
 public:
  explicit FileRecords(log::LogSlice slice) : slice_(std::move(slice)) {}

  std::size_t size() const override { return slice_.size; }
  env::File& file() const { return *slice_.file; }
  std::uint64_t position() const { return slice_.position; }

 private:
  log::LogSlice slice_;
};

}  // namespace barnabas::broker
