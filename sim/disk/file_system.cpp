#include "sim/disk/file_system.hpp"

#include <algorithm>
#include <utility>

namespace barnabas::sim {
namespace {

std::vector<std::string> components(std::string_view path) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (!part.empty() && part != ".") parts.emplace_back(part);
    begin = end + 1;
  }
  return parts;
}

InodePtr child_of(const InodePtr& directory, const std::string& name) {
  if (!directory->directory) return nullptr;
  const auto it = directory->entries.find(name);
  return it == directory->entries.end() ? nullptr : it->second;
}

std::unexpected<Error> missing(std::string_view path) {
  return fail(Errc::not_found, std::string(path) + ": no such file or directory");
}

// Bytes that differ are replaced as the tear has it; equal bytes stay what they are.
void tear(std::span<std::byte> durable, std::span<const std::byte> written, Prng& draw) {
  const std::uint64_t shape = draw.below(3);
  const std::size_t point = draw.below(kSectorSize);
  for (std::size_t i = 0; i < durable.size(); ++i) {
    if (durable[i] == written[i]) continue;
    if (shape == 0 && i < point) durable[i] = written[i];
    if (shape == 1 && i >= point) durable[i] = written[i];
    if (shape == 2) durable[i] = static_cast<std::byte>(draw.next() & 0xff);
  }
}

void collect(const Inode& directory, bool durable, const std::string& prefix,
             std::map<std::string, SparseBytes>& into) {
  for (const auto& [name, inode] : durable ? directory.durable_entries : directory.entries) {
    const std::string path = prefix + "/" + name;
    if (inode->directory) {
      collect(*inode, durable, path, into);
    } else {
      into.emplace(path, durable ? inode->durable : inode->cached);
    }
  }
}

std::uint64_t allocated_below(const Inode& inode) {
  if (!inode.directory) return inode.cached.allocated();
  std::uint64_t sum = 0;
  for (const auto& [name, child] : inode.entries) sum += allocated_below(*child);
  return sum;
}

}  // namespace

FileSystem::FileSystem() : root_(std::make_shared<Inode>()) { root_->directory = true; }

Result<InodePtr> FileSystem::find(std::string_view path) const {
  InodePtr at = root_;
  for (const auto& name : components(path)) {
    at = child_of(at, name);
    if (!at) return missing(path);
  }
  return at;
}

Result<FileSystem::Place> FileSystem::parent_of(std::string_view path) const {
  auto parts = components(path);
  if (parts.empty()) return fail(Errc::invalid_argument, "the root directory cannot be changed");
  Place place{root_, parts.back()};
  parts.pop_back();
  for (const auto& name : parts) {
    place.directory = child_of(place.directory, name);
    if (!place.directory) return missing(path);
  }
  if (!place.directory->directory) return missing(path);
  return place;
}

void FileSystem::record(Change change) {
  change.number = ++last_change_;
  if (change.from_directory) change.from_directory->entries.erase(change.from_name);
  if (change.to_directory) change.to_directory->entries[change.to_name] = change.inode;
  pending_.push_back(std::move(change));
}

Result<InodePtr> FileSystem::create(std::string_view path) {
  B_TRY(const Place place, parent_of(path));
  if (child_of(place.directory, place.name)) {
    return fail(Errc::already_exists, std::string(path) + ": exists already");
  }
  auto file = std::make_shared<Inode>();
  record({0, file, nullptr, "", place.directory, place.name});
  return file;
}

Result<void> FileSystem::create_directories(std::string_view path) {
  InodePtr at = root_;
  for (const auto& name : components(path)) {
    InodePtr next = child_of(at, name);
    if (!next) {
      next = std::make_shared<Inode>();
      next->directory = true;
      record({0, next, nullptr, "", at, name});
    } else if (!next->directory) {
      return fail(Errc::already_exists, std::string(path) + ": a file is in the way");
    }
    at = next;
  }
  return {};
}

Result<void> FileSystem::rename(std::string_view from, std::string_view to) {
  B_TRY(const Place source, parent_of(from));
  B_TRY(const Place target, parent_of(to));
  const InodePtr inode = child_of(source.directory, source.name);
  if (!inode) return missing(from);
  const auto inside = components(to);
  const auto outside = components(from);
  if (inside.size() > outside.size() && std::equal(outside.begin(), outside.end(), inside.begin())) {
    return fail(Errc::invalid_argument, std::string(to) + ": lies inside " + std::string(from));
  }
  const InodePtr replaced = child_of(target.directory, target.name);
  if (replaced == inode) return {};
  if (replaced && (replaced->directory != inode->directory || !replaced->entries.empty())) {
    return fail(Errc::already_exists, std::string(to) + ": a directory or file in the way cannot be replaced");
  }
  record({0, inode, source.directory, source.name, target.directory, target.name});
  return {};
}

Result<void> FileSystem::remove(std::string_view path) {
  B_TRY(const Place place, parent_of(path));
  const InodePtr inode = child_of(place.directory, place.name);
  if (!inode) return missing(path);
  if (!inode->entries.empty()) return fail(Errc::invalid_argument, std::string(path) + ": directory not empty");
  record({0, inode, place.directory, place.name, nullptr, ""});
  return {};
}

void FileSystem::write(Inode& file, std::uint64_t offset, ByteView bytes) {
  if (bytes.empty()) return;
  ++last_write_;
  file.cached.write(offset, bytes);
  for (std::uint64_t s = offset / kSectorSize; s <= (offset + bytes.size() - 1) / kSectorSize; ++s) {
    file.dirty[s] = last_write_;
  }
}

void FileSystem::truncate(Inode& file, std::uint64_t size) {
  ++last_write_;
  if (size < std::max(file.cached.size(), file.durable.size())) {
    // What is cut off must not come back when the file grows again, so these sectors are dirty, as zeros.
    for (const SparseBytes* bytes : {&file.cached, &file.durable}) {
      for (const std::uint64_t page : bytes->pages_from(size)) {
        for (std::size_t s = 0; s < SparseBytes::kPageSize / kSectorSize; ++s) {
          const std::uint64_t sector = page / kSectorSize + s;
          if ((sector + 1) * kSectorSize > size) file.dirty[sector] = last_write_;
        }
      }
    }
  }
  file.cached.resize(size);
}

FileSystem::FileSnapshot FileSystem::begin_sync(const Inode& file) const {
  FileSnapshot snapshot;
  snapshot.size = file.cached.size();
  snapshot.sectors.reserve(file.dirty.size());
  for (const auto& [number, write] : file.dirty) {
    auto& sector = snapshot.sectors.emplace_back();
    sector.number = number;
    sector.write = write;
    file.cached.read(number * kSectorSize, sector.bytes);
  }
  return snapshot;
}

void FileSystem::finish_sync(Inode& file, const FileSnapshot& snapshot) {
  for (const auto& sector : snapshot.sectors) file.durable.write(sector.number * kSectorSize, sector.bytes);
  file.durable.resize(snapshot.size);
  fail_sync(file, snapshot);
}

void FileSystem::fail_sync(Inode& file, const FileSnapshot& snapshot) {
  for (const auto& sector : snapshot.sectors) {
    const auto it = file.dirty.find(sector.number);
    if (it != file.dirty.end() && it->second == sector.write) file.dirty.erase(it);
  }
}

void FileSystem::wipe() {
  pending_.clear();
  root_ = std::make_shared<Inode>();
  root_->directory = true;
}

void FileSystem::rot(Inode& file, std::uint64_t bit) {
  const std::byte mask{static_cast<unsigned char>(1U << (bit % 8))};
  for (SparseBytes* bytes : {&file.durable, &file.cached}) {
    if (bit / 8 >= bytes->size()) continue;
    std::byte at[1];
    bytes->read(bit / 8, at);
    at[0] ^= mask;
    bytes->write(bit / 8, at);
  }
}

void FileSystem::apply_durably(const Change& change) {
  if (change.from_directory) {
    // By inode, not by name: an earlier rename of the same file may have been lost.
    std::erase_if(change.from_directory->durable_entries,
                  [&](const auto& entry) { return entry.second == change.inode; });
  }
  if (change.to_directory) change.to_directory->durable_entries[change.to_name] = change.inode;
}

void FileSystem::finish_directory_sync(const InodePtr& directory, std::uint64_t covered) {
  std::erase_if(pending_, [&](const Change& change) {
    const bool here = change.from_directory == directory || change.to_directory == directory;
    if (!here || change.number > covered) return false;
    apply_durably(change);
    return true;
  });
}

CutStyle FileSystem::power_cut(Prng& draw) {
  const std::uint64_t roll = draw.below(10);
  const CutStyle style = roll == 0 ? CutStyle::keep_all : roll == 1 ? CutStyle::lose_all : CutStyle::mixed;
  power_cut(draw, style);
  return style;
}

void FileSystem::power_cut(Prng& draw, CutStyle style) {
  for (const Change& change : std::exchange(pending_, {})) {
    if (style == CutStyle::keep_all || (style == CutStyle::mixed && draw.below(2) == 0)) apply_durably(change);
  }
  settle(*root_, draw, style);
}

void FileSystem::settle(Inode& inode, Prng& draw, CutStyle style) {
  if (!inode.directory) return settle_file(inode, draw, style);
  inode.entries = inode.durable_entries;
  for (const auto& [name, child] : inode.entries) settle(*child, draw, style);
}

void FileSystem::settle_file(Inode& file, Prng& draw, CutStyle style) {
  const std::uint64_t old_size = file.durable.size();
  const std::uint64_t new_size = file.cached.size();
  file.durable.resize(std::max(old_size, new_size));
  std::array<std::byte, kSectorSize> durable{};
  std::array<std::byte, kSectorSize> written{};
  for (const auto& [number, write] : file.dirty) {
    const std::uint64_t fate = style == CutStyle::mixed ? draw.below(4) : style == CutStyle::keep_all ? 0u : 3u;
    if (fate == 3) continue;
    file.cached.read(number * kSectorSize, written);
    file.durable.read(number * kSectorSize, durable);
    if (fate == 2) {
      tear(durable, written, draw);
    } else {
      durable = written;
    }
    file.durable.write(number * kSectorSize, durable);
  }
  std::uint64_t size = style == CutStyle::lose_all ? old_size : new_size;
  if (style == CutStyle::mixed) {
    const std::uint64_t choice = draw.below(3);
    if (choice == 0) size = old_size;
    if (choice == 1 && new_size > old_size) size = old_size + draw.below(new_size - old_size + 1);
  }
  file.durable.resize(size);
  file.cached = file.durable;
  file.dirty.clear();
}

std::uint64_t FileSystem::allocated() const { return allocated_below(*root_); }

std::map<std::string, SparseBytes> FileSystem::files() const {
  std::map<std::string, SparseBytes> all;
  collect(*root_, false, "", all);
  return all;
}

std::map<std::string, SparseBytes> FileSystem::durable_files() const {
  std::map<std::string, SparseBytes> all;
  collect(*root_, true, "", all);
  return all;
}

}  // namespace barnabas::sim
