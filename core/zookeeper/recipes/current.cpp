#include "core/zookeeper/recipes/current.hpp"

#include <type_traits>

#include "core/base/mutant.hpp"

namespace barnabas::zookeeper {

namespace {

constexpr Duration kPause = std::chrono::milliseconds(100);

template <class T>
Task<Result<T>> read(Client& client, std::string path, WatchPtr watch) {
  if constexpr (std::is_same_v<T, NodeData>) {
    return client.get(std::move(path), std::move(watch));
  } else {
    return client.children(std::move(path), std::move(watch));
  }
}

}  // namespace

template <class T>
Current<T>::Current(env::Env env, Client& client, std::string path)
    : env_(env), client_(client), path_(std::move(path)), changed_(env.executor), scope_(env.executor) {
  scope_.spawn(run());
}

template <class T>
Task<void> Current<T>::run() {
  while (!client_.over().is_set()) {
    const WatchPtr watch = co_await refresh();
    if (watch == nullptr) {
      co_await env_.clock.sleep_for(kPause);
    } else {
      co_await watch->wait();
    }
  }
}

template <class T>
Task<WatchPtr> Current<T>::refresh() {
  auto watch = std::make_shared<Watch>(env_.executor);
  const WatchPtr with_read = BARNABAS_MUTANT(watch_after_read) ? nullptr : watch;
  Result<T> value = co_await read<T>(client_, path_, with_read);
  if (BARNABAS_MUTANT(watch_after_read)) (void)co_await read<T>(client_, path_, watch);
  if (value) {
    show(std::move(*value));
    co_return watch;
  }
  if (value.error().code != Errc::not_found) co_return nullptr;
  // A read of what is not there sets no watch; this one does, and says whether it still is not.
  const auto stat = co_await client_.exists(path_, watch);
  if (!stat) co_return nullptr;
  if (*stat) {
    watch->fire({WatchEvent::Type::created, path_});  // Between the two. Read again at once.
  } else {
    show(std::nullopt);
  }
  co_return watch;
}

template <class T>
void Current<T>::show(std::optional<T> value) {
  known_ = true;
  value_ = std::move(value);
  changed_.notify_all();
}

template class Current<NodeData>;
template class Current<Children>;

}  // namespace barnabas::zookeeper
