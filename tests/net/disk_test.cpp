#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/async/scope.hpp"
#include "tests/net/support.hpp"

namespace barnabas::net {
namespace {

using env::OpenMode;

Task<std::string> text_at(env::File& file, std::uint64_t offset, std::size_t size) {
  const auto got = co_await file.read_at(offset, size);
  co_return got ? std::string(as_text(got->view())) : got.error().to_string();
}

Task<Errc> open_error(env::Env env, std::string path, OpenMode mode) {
  const auto file = co_await env.disk.open(path, mode);
  if (file) co_return Errc::unsupported;
  EXPECT_NE(file.error().message.find(path), std::string::npos);
  co_return file.error().code;
}

TEST(File, reads_what_was_written_and_stops_at_the_end) {
  EventLoop loop;
  const TemporaryDirectory directory;
  const auto all = [](env::Env env, std::string path) -> Task<void> {
    const auto file = co_await env.disk.open(path, OpenMode::create);
    const ByteView parts[] = {as_bytes("one "), as_bytes(""), as_bytes("two "), as_bytes("three")};
    (void)co_await (*file)->write_at(0, parts);
    EXPECT_EQ((*file)->size(), 13U);
    EXPECT_EQ(co_await text_at(**file, 0, 100), "one two three");
    EXPECT_EQ(co_await text_at(**file, 4, 3), "two");
    EXPECT_EQ(co_await text_at(**file, 13, 5), "");
    EXPECT_EQ(co_await text_at(**file, UINT64_MAX - 1, SIZE_MAX), "");
    const ByteView patch[] = {as_bytes("TWO")};
    (void)co_await (*file)->write_at(4, patch);
    EXPECT_EQ(co_await text_at(**file, 0, 100), "one TWO three");
    EXPECT_EQ((*file)->size(), 13U);
    const auto synced = co_await (*file)->sync();
    EXPECT_TRUE(synced.has_value());
  };
  loop.run(all(loop.env(), directory / "file"));
}

TEST(File, a_write_beyond_the_end_leaves_a_gap_of_zeros) {
  EventLoop loop;
  const TemporaryDirectory directory;
  const auto all = [](env::Env env, std::string path) -> Task<void> {
    const auto file = co_await env.disk.open(path, OpenMode::create);
    const ByteView parts[] = {as_bytes("x")};
    (void)co_await (*file)->write_at(2, parts);
    EXPECT_EQ(co_await text_at(**file, 0, 9), std::string("\0\0x", 3));
  };
  loop.run(all(loop.env(), directory / "file"));
}

TEST(File, many_parts_are_written_in_order) {
  EventLoop loop;
  const TemporaryDirectory directory;
  const auto all = [](env::Env env, std::string path) -> Task<void> {
    const auto file = co_await env.disk.open(path, OpenMode::create);
    std::vector<std::string> texts;
    std::string whole;
    for (std::size_t i = 0; i < 1000; ++i) {
      texts.emplace_back(i % 37, static_cast<char>('a' + i % 26));
      whole += texts.back();
    }
    std::vector<ByteView> parts;
    for (const std::string& text : texts) parts.push_back(as_bytes(text));
    (void)co_await (*file)->write_at(0, parts);
    EXPECT_EQ(co_await text_at(**file, 0, whole.size()), whole);
  };
  loop.run(all(loop.env(), directory / "file"));
}

TEST(File, truncation_shortens_and_lengthens) {
  EventLoop loop;
  const TemporaryDirectory directory;
  const auto all = [](env::Env env, std::string path) -> Task<void> {
    const auto file = co_await env.disk.open(path, OpenMode::create);
    const std::string large(3 * 1024 * 1024, 'x');
    const ByteView parts[] = {as_bytes(large)};
    (void)co_await (*file)->write_at(0, parts);
    (void)co_await (*file)->truncate(2);
    EXPECT_EQ((*file)->size(), 2U);
    EXPECT_EQ(co_await text_at(**file, 0, 9), "xx");
    (void)co_await (*file)->truncate(3);
    EXPECT_EQ(co_await text_at(**file, 0, 9), std::string("xx\0", 3));
  };
  loop.run(all(loop.env(), directory / "file"));
}

TEST(File, sees_what_another_handle_appended) {
  EventLoop loop;
  const TemporaryDirectory directory;
  const auto all = [](env::Env env, std::string path) -> Task<void> {
    const auto writer = co_await env.disk.open(path, OpenMode::create);
    const auto reader = co_await env.disk.open(path, OpenMode::read);
    const ByteView parts[] = {as_bytes("later")};
    (void)co_await (*writer)->write_at(0, parts);
    EXPECT_EQ(co_await text_at(**reader, 0, 9), "later");
    const auto refused = co_await (*reader)->write_at(0, parts);
    EXPECT_FALSE(refused.has_value());
  };
  loop.run(all(loop.env(), directory / "file"));
}

TEST(File, operations_outlive_a_destroyed_file_and_waiter) {
  EventLoop loop;
  const TemporaryDirectory directory;
  const auto sync = [](env::File& file) -> Task<void> { (void)co_await file.sync(); };
  const auto all = [&sync](env::Env env, std::string path) -> Task<void> {
    auto file = co_await env.disk.open(path, OpenMode::create);
    const std::string large(2 * 1024 * 1024, 'x');
    const ByteView parts[] = {as_bytes(large)};
    (void)co_await (*file)->write_at(0, parts);
    {
      Scope waiter(env.executor);
      waiter.spawn(sync(**file));
      co_await env.clock.sleep_until(env.clock.now());
    }
    Scope scope(env.executor);
    scope.spawn(sync(**file));
    co_await env.clock.sleep_until(env.clock.now());
    file->reset();
    co_await scope.join();
  };
  loop.run(all(loop.env(), directory / "file"));
}

TEST(Disk, open_modes_keep_their_promises) {
  EventLoop loop;
  const TemporaryDirectory directory;
  const auto all = [](env::Env env, const TemporaryDirectory& place) -> Task<void> {
    const std::string path = place / "file";
    EXPECT_EQ(co_await open_error(env, path, OpenMode::read), Errc::not_found);
    EXPECT_EQ(co_await open_error(env, path, OpenMode::read_write), Errc::not_found);
    {
      const auto file = co_await env.disk.open(path, OpenMode::create_exclusive);
      const ByteView parts[] = {as_bytes("text")};
      (void)co_await (*file)->write_at(0, parts);
    }
    EXPECT_EQ(co_await open_error(env, path, OpenMode::create_exclusive), Errc::already_exists);
    EXPECT_EQ(co_await open_error(env, place.path(), OpenMode::read), Errc::invalid_argument);
    EXPECT_EQ(co_await open_error(env, path + "/below", OpenMode::create), Errc::not_found);
    const auto kept = co_await env.disk.open(path, OpenMode::create);
    EXPECT_EQ((*kept)->size(), 4U);
    const auto emptied = co_await env.disk.open(path, OpenMode::create_truncate);
    EXPECT_EQ((*emptied)->size(), 0U);
  };
  loop.run(all(loop.env(), directory));
}

mode_t mode_of(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 0777U;
}

TEST(Disk, a_private_file_is_the_owners_alone_even_if_it_was_not_before) {
  EventLoop loop;
  const TemporaryDirectory directory;
  const auto all = [](env::Env env, const TemporaryDirectory& place) -> Task<void> {
    const std::string fresh = place / "fresh";
    const std::string old = place / "old";
    EXPECT_TRUE((co_await env.disk.open(fresh, OpenMode::create_private)).has_value());
    EXPECT_EQ(mode_of(fresh), 0600U);
    {
      const auto open_to_all = co_await env.disk.open(old, OpenMode::create);
      const ByteView parts[] = {as_bytes("text")};
      (void)co_await (*open_to_all)->write_at(0, parts);
    }
    EXPECT_NE(mode_of(old), 0600U);
    const auto closed = co_await env.disk.open(old, OpenMode::create_private);
    EXPECT_EQ((*closed)->size(), 0U);
    EXPECT_EQ(mode_of(old), 0600U);
  };
  loop.run(all(loop.env(), directory));
}

Task<std::vector<std::string>> names(env::Env env, std::string path) {
  const auto list = co_await env.disk.list(path);
  co_return list.value();
}

TEST(Disk, directories_hold_names_in_order) {
  EventLoop loop;
  const TemporaryDirectory directory;
  const auto all = [](env::Env env, const TemporaryDirectory& place) -> Task<void> {
    const std::string deep = place / "a/b/c";
    EXPECT_TRUE((co_await env.disk.create_directories(deep)).has_value());
    EXPECT_TRUE((co_await env.disk.create_directories(deep)).has_value());
    for (const std::string name : {"z", "m", "a"}) {
      const std::string path = deep + "/" + name;
      (void)co_await env.disk.open(path, OpenMode::create);
    }
    EXPECT_EQ(co_await names(env, deep), (std::vector<std::string>{"a", "m", "z"}));
    const std::string from = deep + "/z";
    const std::string to = deep + "/a";
    EXPECT_TRUE((co_await env.disk.rename(from, to)).has_value());
    EXPECT_TRUE((co_await env.disk.sync_directory(deep)).has_value());
    EXPECT_EQ(co_await names(env, deep), (std::vector<std::string>{"a", "m"}));
    EXPECT_EQ((co_await env.disk.exists(from)).value(), false);
    EXPECT_EQ((co_await env.disk.exists(to)).value(), true);
    EXPECT_EQ((co_await env.disk.remove(deep)).error().code, Errc::invalid_argument);
    EXPECT_TRUE((co_await env.disk.remove(to)).has_value());
    EXPECT_EQ((co_await env.disk.remove(to)).error().code, Errc::not_found);
    EXPECT_EQ((co_await env.disk.list(from)).error().code, Errc::not_found);
    EXPECT_GT((co_await env.disk.free_space(deep)).value(), 0U);
    const std::string below_a_file = deep + "/m/n";
    EXPECT_FALSE((co_await env.disk.create_directories(below_a_file)).has_value());
  };
  loop.run(all(loop.env(), directory));
}

Task<Result<std::unique_ptr<env::Disk::Lock>>> lock(env::Env env, std::string path) {
  co_return co_await env.disk.lock(path);
}

TEST(Lock, excludes_a_second_holder_until_it_dies) {
  EventLoop loop;
  const TemporaryDirectory directory;
  const std::string path = directory / ".lock";
  {
    const auto held = loop.run(lock(loop.env(), path));
    ASSERT_TRUE(held.has_value());
    const auto second = loop.run(lock(loop.env(), path));
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, Errc::locked);
    EXPECT_EQ(second.error().message, path + " is locked by process " + std::to_string(::getpid()));
  }
  EXPECT_TRUE(loop.run(lock(loop.env(), path)).has_value());
}

TEST(Lock, excludes_another_process_that_locks_as_java_does) {
  EventLoop loop;
  const TemporaryDirectory directory;
  const std::string path = directory / ".lock";
  int ready[2];
  int finish[2];
  ASSERT_EQ(::pipe(ready) + ::pipe(finish), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT, 0644);
    struct flock range{};
    range.l_type = F_WRLCK;
    char byte = ::fcntl(fd, F_SETLK, &range) == 0 ? 'y' : 'n';
    (void)!::write(ready[1], &byte, 1);
    ::close(finish[1]);
    (void)!::read(finish[0], &byte, 1);
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  const auto refused = loop.run(lock(loop.env(), path));
  ::close(finish[1]);
  ::waitpid(child, nullptr, 0);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message, path + " is locked by process " + std::to_string(child));
  EXPECT_TRUE(loop.run(lock(loop.env(), path)).has_value());
}

}  // namespace
}  // namespace barnabas::net
