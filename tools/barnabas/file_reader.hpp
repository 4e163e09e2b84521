// A file that is read in pieces.
#pragma once

#include <memory>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace barnabas::tools {

class FileReader {
 public:
  // Errors: not_found, permission_denied, io_error; the message names the path and the system's reason.
  static Result<FileReader> open(const std::string& path);

  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  // Exactly this many bytes, which must be there. io_error.
  Result<Buffer> read(std::uint64_t position, std::size_t count) const;

 private:
  FileReader(std::string path, std::shared_ptr<const int> descriptor, std::uint64_t size)
      : path_(std::move(path)), descriptor_(std::move(descriptor)), size_(size) {}

  std::string path_;
  std::shared_ptr<const int> descriptor_;  // Closes it.
  std::uint64_t size_;
};

}  // namespace barnabas::tools
