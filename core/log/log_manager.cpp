#include "core/log/log_manager.hpp"

#include <algorithm>

#include "core/async/gather.hpp"

namespace barnabas::log {

namespace {

// Errors that speak of a disk. The others speak of a mistake that no other directory makes up for.
bool only_this_directory(Errc code) {
  return code != Errc::locked && code != Errc::invalid_argument && code != Errc::unsupported;
}

}  // namespace

LogManager::LogManager(env::Env env, Options options) : env_(env), options_(std::move(options)) {
  B_CHECK(!options_.data_dirs.empty());
  for (const std::string& data_dir : options_.data_dirs) places_.push_back({data_dir, nullptr, {}});
}

LogManager::~LogManager() = default;

Task<Result<void>> LogManager::create_data_directory(env::Env env, std::string data_dir) {
  return LogDirectory::create_data_directory(env, std::move(data_dir));
}

Task<Result<std::optional<MetaProperties>>> LogManager::read_meta(env::Env env, std::vector<std::string> data_dirs) {
  std::optional<Error> first_error;
  bool read = false;
  for (const std::string& data_dir : data_dirs) {
    auto meta = co_await LogDirectory::read_meta(env, data_dir);
    if (meta && *meta) co_return meta;
    read = read || meta.has_value();
    if (!meta && !first_error) first_error = std::move(meta).error();
  }
  if (!read && first_error) co_return std::unexpected(*std::move(first_error));
  co_return std::optional<MetaProperties>();
}

Task<Result<std::unique_ptr<LogManager>>> LogManager::open(env::Env env, Options options) {
  std::unique_ptr<LogManager> manager(new LogManager(env, std::move(options)));
  std::vector<Task<Result<void>>> opening;
  for (Place& place : manager->places_) opening.push_back(manager->open_place(place));
  const auto count = static_cast<std::int64_t>(opening.size());
  B_CO_TRY_VOID(co_await gather(env.executor, std::move(opening), count));
  B_CO_TRY_VOID(manager->check_opened());
  co_return manager;
}

Task<Result<void>> LogManager::open_place(Place& place) {
  LogDirectoryOptions options;
  options.data_dir = place.data_dir;
  options.broker_id = options_.broker_id;
  options.cluster_id = options_.cluster_id;
  options.defaults = options_.defaults;
  options.config_of = options_.config_of;
  auto opened = co_await LogDirectory::open(env_, std::move(options));
  if (opened) {
    place.directory = *std::move(opened);
    co_return Result<void>{};
  }
  if (places_.size() == 1 || !only_this_directory(opened.error().code)) {
    co_return std::unexpected(std::move(opened).error());
  }
  place.failure = opened.error().message;
  env_.logger.log(env::LogLevel::warn, "logs " + place.data_dir,
                  place.failure + ". The partitions in this directory are offline until a restart that can open it");
  co_return Result<void>{};
}

Result<void> LogManager::check_opened() const {
  if (std::ranges::all_of(places_, [](const Place& place) { return place.directory == nullptr; })) {
    return fail(Errc::storage_failed, "log.dirs: no directory can be used; the first: " + places_.front().failure);
  }
  std::map<TopicPartition, const Place*> seen;
  for (const Place& place : places_) {
    if (place.directory == nullptr) continue;
    for (const PartitionLog* log : place.directory->all()) {
      const auto [other, fresh] = seen.emplace(log->id(), &place);
      if (fresh) continue;
      return fail(Errc::invalid_argument, "log.dirs: " + log->id().to_string() + " is in both " +
                                              other->second->data_dir + " and " + place.data_dir +
                                              "; move the one that is out of date away");
    }
  }
  return {};
}

bool LogManager::started_clean() const {
  return std::ranges::all_of(
      places_, [](const Place& place) { return place.directory != nullptr && place.directory->started_clean(); });
}

bool LogManager::failed() const {
  return std::ranges::none_of(places_, [](const Place& place) { return place.in_service(); });
}

bool LogManager::any_unopened() const {
  return std::ranges::any_of(places_, [](const Place& place) { return place.directory == nullptr; });
}

std::vector<DirectoryStatus> LogManager::directories() const {
  std::vector<DirectoryStatus> result;
  for (const Place& place : places_) {
    const bool opened = place.directory != nullptr;
    result.push_back({place.data_dir, !place.in_service(), opened ? place.directory->failure() : place.failure});
  }
  return result;
}

LogManager::Place* LogManager::owner_of(const TopicPartition& id) {
  for (Place& place : places_) {
    if (place.directory != nullptr && place.directory->find(id) != nullptr) return &place;
  }
  return nullptr;
}

PartitionLog* LogManager::find(const TopicPartition& id) {
  const Place* owner = owner_of(id);
  return owner == nullptr ? nullptr : owner->directory->find(id);
}

std::vector<PartitionLog*> LogManager::all() {
  std::vector<PartitionLog*> result;
  for (const Place& place : places_) {
    if (place.directory == nullptr) continue;
    const auto logs = place.directory->all();
    result.insert(result.end(), logs.begin(), logs.end());
  }
  return result;
}

Result<LogManager::Place*> LogManager::place_for(const TopicPartition& id, const Uuid& topic_id) {
  if (Place* owner = owner_of(id)) return owner;
  if (any_unopened() && (!options_.existed || options_.existed(id, topic_id))) {
    return fail(Errc::storage_failed, id.to_string() + " may be in one of log.dirs that is offline");
  }
  const auto load = [](const Place& place) { return place.directory->size() + place.creating; };
  Place* best = nullptr;
  for (Place& place : places_) {
    if (place.in_service() && (best == nullptr || load(place) < load(*best))) best = &place;
  }
  if (best == nullptr) return fail(Errc::storage_failed, "every one of log.dirs is offline");
  return best;
}

Task<Result<PartitionLog*>> LogManager::create(TopicPartition id, Uuid topic_id, LogConfig config) {
  B_CO_TRY(Place* const place, place_for(id, topic_id));
  if (!creating_.insert(id).second) co_return fail(Errc::already_exists, id.to_string() + " is being made");
  ++place->creating;
  auto created = co_await place->directory->create(id, topic_id, config);
  --place->creating;
  creating_.erase(id);
  co_return created;
}

Task<Result<void>> LogManager::remove(TopicPartition id) {
  if (const Place* owner = owner_of(id)) co_return co_await owner->directory->remove(id);
  if (any_unopened()) {
    co_return fail(Errc::storage_failed, id.to_string() + " may be in one of log.dirs that is offline");
  }
  co_return Result<void>{};
}

Task<Result<void>> LogManager::each(Task<Result<void>> (LogDirectory::*duty)()) {
  Result<void> outcome;
  if (failed()) outcome = fail(Errc::storage_failed, "every one of log.dirs is offline");
  for (const Place& place : places_) {
    if (!place.in_service()) continue;
    auto done = co_await (place.directory.get()->*duty)();
    if (!done && outcome) outcome = std::move(done);
  }
  co_return outcome;
}

Task<Result<void>> LogManager::checkpoint() { return each(&LogDirectory::checkpoint); }
Task<Result<void>> LogManager::flush_due() { return each(&LogDirectory::flush_due); }
Task<Result<void>> LogManager::clean_up() { return each(&LogDirectory::clean_up); }
Task<Result<void>> LogManager::stop() { return each(&LogDirectory::stop); }

}  // namespace barnabas::log
