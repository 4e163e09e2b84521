// The fault model of sim/disk/file_system.hpp, sentence by sentence.
#include "sim/disk/file_system.hpp"

#include <gtest/gtest.h>

#include <set>

namespace barnabas::sim {
namespace {

std::string text_of(const SparseBytes& bytes) {
  const auto contents = bytes.contents();
  return std::string(as_text(contents));
}

struct Fixture {
  FileSystem files;
  Prng draw;
  explicit Fixture(std::uint64_t seed = 1) : draw(seed) {}

  InodePtr create(const std::string& path) { return files.create(path).value(); }
  void write(const InodePtr& file, std::uint64_t at, const std::string& text) {
    files.write(*file, at, as_bytes(text));
  }
  void sync(const InodePtr& file) { files.finish_sync(*file, files.begin_sync(*file)); }
  void sync_directory(const std::string& path) {
    files.finish_directory_sync(files.find(path).value(), files.begin_directory_sync());
  }
  // A file with durable contents and a durable entry.
  InodePtr durable(const std::string& path, const std::string& text) {
    const InodePtr file = create(path);
    write(file, 0, text);
    sync(file);
    sync_directory("/");
    return file;
  }
  std::map<std::string, std::string> after_cut(CutStyle style) {
    files.power_cut(draw, style);
    std::map<std::string, std::string> all;
    for (const auto& [path, bytes] : files.files()) all[path] = text_of(bytes);
    return all;
  }
};

using Contents = std::map<std::string, std::string>;

TEST(FileSystem, a_write_changes_the_cache_only) {
  Fixture f;
  const InodePtr file = f.durable("/f", "old");
  f.write(file, 0, "new");
  EXPECT_EQ(text_of(file->cached), "new");
  EXPECT_EQ(text_of(file->durable), "old");
  EXPECT_EQ(f.after_cut(CutStyle::lose_all), (Contents{{"/f", "old"}}));
}

TEST(FileSystem, a_sync_makes_contents_and_size_durable) {
  Fixture f;
  const InodePtr file = f.durable("/f", "old");
  f.write(file, 3, std::string(2'000, 'x'));
  f.sync(file);
  EXPECT_EQ(f.after_cut(CutStyle::lose_all), (Contents{{"/f", "old" + std::string(2'000, 'x')}}));
}

TEST(FileSystem, what_is_written_while_a_sync_runs_is_not_covered) {
  Fixture f;
  const InodePtr file = f.durable("/f", "aaaa");
  f.write(file, 0, "bbbb");
  const auto snapshot = f.files.begin_sync(*file);
  f.write(file, 0, "cccccc");
  f.files.finish_sync(*file, snapshot);
  EXPECT_EQ(text_of(file->durable), "bbbb");
  EXPECT_FALSE(file->dirty.empty());
  EXPECT_EQ(f.after_cut(CutStyle::lose_all), (Contents{{"/f", "bbbb"}}));
}

TEST(FileSystem, a_sync_does_not_make_the_directory_entry_durable) {
  Fixture f;
  const InodePtr file = f.create("/f");
  f.write(file, 0, "data");
  f.sync(file);
  EXPECT_TRUE(f.files.durable_files().empty());
  EXPECT_EQ(f.after_cut(CutStyle::lose_all), Contents{});
}

TEST(FileSystem, a_directory_sync_does_not_make_the_contents_durable) {
  Fixture f;
  const InodePtr file = f.create("/f");
  f.write(file, 0, "data");
  f.sync_directory("/");
  EXPECT_EQ(f.after_cut(CutStyle::lose_all), (Contents{{"/f", ""}}));
}

TEST(FileSystem, a_rename_that_was_not_synced_may_be_undone) {
  Fixture f;
  f.durable("/a", "1");
  f.durable("/b", "2");
  ASSERT_TRUE(f.files.rename("/a", "/b").has_value());
  EXPECT_EQ(text_of(f.files.find("/b").value()->cached), "1");
  EXPECT_EQ(f.after_cut(CutStyle::lose_all), (Contents{{"/a", "1"}, {"/b", "2"}}));
}

TEST(FileSystem, a_synced_rename_stays) {
  Fixture f;
  f.durable("/a", "1");
  f.durable("/b", "2");
  ASSERT_TRUE(f.files.rename("/a", "/b").has_value());
  f.sync_directory("/");
  EXPECT_EQ(f.after_cut(CutStyle::lose_all), (Contents{{"/b", "1"}}));
}

TEST(FileSystem, a_removed_file_may_come_back_with_its_durable_contents) {
  Fixture f;
  const InodePtr file = f.durable("/f", "old");
  f.write(file, 0, "new");
  ASSERT_TRUE(f.files.remove("/f").has_value());
  EXPECT_EQ(f.after_cut(CutStyle::lose_all), (Contents{{"/f", "old"}}));
  ASSERT_TRUE(f.files.remove("/f").has_value());
  f.sync_directory("/");
  EXPECT_EQ(f.after_cut(CutStyle::lose_all), Contents{});
}

TEST(FileSystem, changes_after_the_start_of_a_directory_sync_are_not_covered) {
  Fixture f;
  const std::uint64_t covered = f.files.begin_directory_sync();
  f.create("/late");
  f.files.finish_directory_sync(f.files.find("/").value(), covered);
  EXPECT_EQ(f.after_cut(CutStyle::lose_all), Contents{});
}

TEST(FileSystem, a_rename_between_directories_is_durable_once_either_is_synced) {
  for (const char* synced : {"/x", "/y"}) {
    Fixture f;
    ASSERT_TRUE(f.files.create_directories("/x").has_value());
    ASSERT_TRUE(f.files.create_directories("/y").has_value());
    f.sync_directory("/");
    f.create("/x/f");
    f.sync_directory("/x");
    ASSERT_TRUE(f.files.rename("/x/f", "/y/f").has_value());
    f.sync_directory(synced);
    EXPECT_EQ(f.after_cut(CutStyle::lose_all), (Contents{{"/y/f", ""}}));
  }
}

TEST(FileSystem, a_file_is_gone_when_its_parents_entry_was_never_durable) {
  Fixture f;
  ASSERT_TRUE(f.files.create_directories("/d/e").has_value());
  const InodePtr file = f.create("/d/e/f");
  f.write(file, 0, "data");
  f.sync(file);
  f.sync_directory("/d/e");
  f.sync_directory("/d");
  EXPECT_TRUE(f.files.durable_files().empty());
  EXPECT_EQ(f.after_cut(CutStyle::lose_all), Contents{});
}

TEST(FileSystem, a_failed_sync_marks_clean_what_is_not_durable) {
  Fixture f;
  const InodePtr file = f.durable("/f", "old");
  f.write(file, 0, "new");
  f.files.fail_sync(*file, f.files.begin_sync(*file));
  f.sync(file);  // Succeeds, and writes nothing.
  EXPECT_EQ(text_of(file->cached), "new");
  EXPECT_EQ(f.after_cut(CutStyle::keep_all), (Contents{{"/f", "old"}}));
}

TEST(FileSystem, a_cut_that_keeps_all_keeps_all) {
  Fixture f;
  const InodePtr file = f.create("/f");
  f.write(file, 0, std::string(5'000, 'z'));
  EXPECT_EQ(f.after_cut(CutStyle::keep_all), (Contents{{"/f", std::string(5'000, 'z')}}));
}

TEST(FileSystem, a_mixed_cut_decides_per_sector_and_tears_some) {
  std::set<std::string> fates;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Fixture f(seed);
    const InodePtr file = f.durable("/f", std::string(2 * kSectorSize, 'o'));
    f.write(file, 0, std::string(2 * kSectorSize, 'n'));
    const std::string after = f.after_cut(CutStyle::mixed).at("/f");
    ASSERT_EQ(after.size(), 2 * kSectorSize);
    for (const std::string& sector : {after.substr(0, kSectorSize), after.substr(kSectorSize)}) {
      const std::size_t turn = sector.find_first_not_of(sector[0]);
      if (sector.find_first_not_of("on") != std::string::npos) {
        fates.insert("garbage");
      } else if (turn == std::string::npos) {
        fates.insert(sector[0] == 'n' ? "kept" : "dropped");
      } else {
        EXPECT_EQ(sector.find_first_not_of(sector[turn], turn), std::string::npos) << "one point, not many";
        fates.insert(sector[0] == 'n' ? "prefix" : "suffix");
      }
    }
  }
  EXPECT_EQ(fates, (std::set<std::string>{"dropped", "garbage", "kept", "prefix", "suffix"}));
}

TEST(FileSystem, a_tear_never_harms_synced_bytes_of_an_appended_sector) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Fixture f(seed);
    const InodePtr file = f.durable("/f", std::string(100, 's'));
    f.write(file, 100, std::string(1'000, 'n'));
    EXPECT_EQ(f.after_cut(CutStyle::mixed).at("/f").substr(0, 100), std::string(100, 's'));
  }
}

TEST(FileSystem, after_a_mixed_cut_the_size_is_old_new_or_between) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Fixture f(seed);
    const InodePtr file = f.durable("/f", std::string(100, 's'));
    f.write(file, 100, std::string(1'000, 'n'));
    const std::size_t size = f.after_cut(CutStyle::mixed).at("/f").size();
    ASSERT_GE(size, 100u);
    ASSERT_LE(size, 1'100u);
    seen.insert(size == 100 ? "old" : size == 1'100 ? "new" : "between");
  }
  EXPECT_EQ(seen, (std::set<std::string>{"old", "new", "between"}));
}

TEST(FileSystem, in_a_mixed_cut_each_directory_change_has_its_own_fate) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Fixture f(seed);
    f.durable("/old", "");
    ASSERT_TRUE(f.files.remove("/old").has_value());
    f.create("/new");
    std::string names;
    for (const auto& [path, text] : f.after_cut(CutStyle::mixed)) names += path;
    seen.insert(names);
  }
  EXPECT_EQ(seen, (std::set<std::string>{"", "/old", "/new", "/new/old"}));
}

TEST(FileSystem, a_file_never_has_two_names_after_a_cut) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Fixture f(seed);
    f.durable("/a", "1");
    ASSERT_TRUE(f.files.rename("/a", "/b").has_value());
    ASSERT_TRUE(f.files.rename("/b", "/c").has_value());
    EXPECT_LE(f.after_cut(CutStyle::mixed).size(), 1u);
  }
}

TEST(FileSystem, a_tenth_of_the_cuts_keeps_all_and_a_tenth_loses_all) {
  std::map<CutStyle, int> styles;
  Fixture f(5);
  for (int i = 0; i < 1'000; ++i) ++styles[f.files.power_cut(f.draw)];
  EXPECT_NEAR(styles[CutStyle::keep_all], 100, 40);
  EXPECT_NEAR(styles[CutStyle::lose_all], 100, 40);
}

TEST(FileSystem, what_a_truncate_cut_off_does_not_come_back) {
  Fixture f;
  const InodePtr file = f.durable("/f", std::string(3'000, 'x'));
  f.files.truncate(*file, 10);
  f.files.truncate(*file, 3'000);
  EXPECT_EQ(text_of(file->cached), std::string(10, 'x') + std::string(2'990, '\0'));
  f.sync(file);
  EXPECT_EQ(f.after_cut(CutStyle::lose_all).at("/f"), std::string(10, 'x') + std::string(2'990, '\0'));
}

TEST(FileSystem, sparse_files_cost_only_what_was_written) {
  Fixture f;
  const InodePtr file = f.create("/f");
  f.files.truncate(*file, 10 << 20);
  EXPECT_EQ(f.files.allocated(), 0u);
  f.write(file, 5 << 20, "x");
  EXPECT_EQ(f.files.allocated(), SparseBytes::kPageSize);
}

TEST(FileSystem, errors_are_those_of_a_file_system) {
  Fixture f;
  EXPECT_EQ(f.files.find("/none").error().code, Errc::not_found);
  EXPECT_EQ(f.files.create("/none/f").error().code, Errc::not_found);
  f.create("/f");
  EXPECT_EQ(f.files.create("/f").error().code, Errc::already_exists);
  EXPECT_EQ(f.files.create("/f/g").error().code, Errc::not_found);
  ASSERT_TRUE(f.files.create_directories("/d").has_value());
  f.create("/d/g");
  EXPECT_EQ(f.files.remove("/d").error().code, Errc::invalid_argument);
  EXPECT_EQ(f.files.rename("/f", "/d").error().code, Errc::already_exists);
  EXPECT_EQ(f.files.rename("/d", "/d/inside").error().code, Errc::invalid_argument);
  EXPECT_EQ(f.files.create_directories("/f").error().code, Errc::already_exists);
}

}  // namespace
}  // namespace barnabas::sim
