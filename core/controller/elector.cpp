#include "core/controller/elector.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/mutant.hpp"
#include "core/metadata/config.hpp"
#include "core/metadata/znode_json.hpp"
#include "core/zookeeper/recipes/write_once.hpp"

namespace barnabas::controller {

namespace znode = metadata::znode;

namespace {

using zookeeper::CreateMode;
using zookeeper::CreateOp;
using zookeeper::Op;
using zookeeper::SetOp;
using zookeeper::WatchPtr;

constexpr Duration kRetry = std::chrono::milliseconds(200);
// Before a controller that refused is looked at again.
constexpr Duration kLookAgain = std::chrono::seconds(1);

zookeeper::Data data_of(std::string_view text) { return Buffer::copy_of(as_bytes(text)); }

Result<std::int32_t> epoch_in(const zookeeper::NodeData& node) {
  const std::string_view digits = node.data ? as_text(node.data->view()) : std::string_view();
  std::int32_t epoch = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), epoch);
  if (error == std::errc() && stop == digits.data() + digits.size()) return epoch;
  return fail(Errc::corrupt, "znode " + std::string(znode::kControllerEpoch) + " holds no number");
}

Task<void> set_when(WatchPtr watch, barnabas::Event& event) {
  co_await watch->wait();
  event.set();
}
Task<void> set_when(barnabas::Event& first, barnabas::Event& event) {
  co_await first.wait();
  event.set();
}

}  // namespace

Elector::Elector(TermContext context)
    : context_(context), changed_(context.env.executor), guard_(context.env.executor), scope_(context.env.executor) {}

Elector::~Elector() = default;

void Elector::start() {
  halt();
  failure_.reset();
  session_ = context_.zookeeper.session();
  fast_failover_ = ControllerOptions::from(context_.config).fast_failover;
  scope_.spawn(run());
}

void Elector::halt() {
  scope_.cancel();
  guard_.cancel();
  drop_term("the session is over");
  won_.reset();
  seen_.reset();
  see(kNoBroker);
}

void Elector::drop_term(const std::string& why) {
  if (!term_) return;
  if (!BARNABAS_MUTANT(resigned_controller_goes_on)) term_->end(why);
  if (BARNABAS_MUTANT(resigned_controller_goes_on)) resigned_.push_back(std::move(term_));
  term_.reset();
  changed_.notify_all();
}

void Elector::see(BrokerId controller) {
  controller_ = controller;
  changed_.notify_all();
}

Task<Result<void>> Elector::settled() {
  while (true) {
    if (failure_) co_return std::unexpected(*failure_);
    if (Term* mine = term()) {
      if (mine->told_self().is_set()) co_return Result<void>();
    } else if (controller_ != kNoBroker && controller_ != context_.self) {
      co_return Result<void>();
    }
    co_await changed_.wait();
  }
}

bool Elector::session_over() const {
  return context_.zookeeper.over().is_set() || context_.zookeeper.session() != session_;
}

Task<void> Elector::run() {
  while (true) {
    const auto done = co_await take_part();
    if (done) continue;
    if (done.error().code == Errc::session_expired || session_over()) {
      drop_term("the session is over");
      failure_ = done.error();
      see(kNoBroker);
      co_return;
    }
    if (done.error().code != Errc::closed) warn(done.error().to_string());
    co_await context_.env.clock.sleep_for(kRetry);
  }
}

// One look at /controller and what follows from it; returns when it is time for the next.
Task<Result<void>> Elector::take_part() {
  if (session_over()) co_return fail(Errc::session_expired, "the session is over");
  auto watch = std::make_shared<zookeeper::Watch>(context_.env.executor);
  B_CO_TRY(const auto seen, co_await look(watch));
  seen_ = seen;
  const bool own = seen && seen->stat.ephemeral_owner == session_;
  if (!own) {
    drop_term(seen ? "another is controller" : "the controller's znode is gone");
    won_.reset();
  }
  guard_.cancel();
  if (!seen) {
    see(kNoBroker);
    co_return co_await elect();
  }
  if (own && !term_ && !won_) {
    // Of an election whose outcome was never known: its epoch is not known either.
    B_CO_TRY_VOID(co_await remove(*seen));
    co_return Result<void>();
  }
  see(seen->id);
  if (own) {
    co_await lead(watch);
    if (term_ && !term_->over().is_set()) co_return Result<void>();
    drop_term("it ended by itself");
    B_CO_TRY_VOID(co_await remove(*seen));
    co_await context_.env.clock.sleep_for(kRetry);  // What ended it may end the next one as well.
    co_return Result<void>();
  }
  if (fast_failover_) guard_.spawn(guard(*seen));
  co_await watch->wait();
  co_return Result<void>();
}

Task<Result<std::optional<Elector::Seen>>> Elector::look(WatchPtr watch) {
  const std::string path(znode::kController);
  auto node = co_await context_.zookeeper.get(path, watch);
  if (!node && node.error().code != Errc::not_found) co_return std::unexpected(std::move(node).error());
  if (!node) co_return std::optional<Seen>();
  const auto id = znode::decode_controller(node->data ? as_text(node->data->view()) : std::string_view());
  if (!id) co_return fail(Errc::corrupt, "znode " + path + ": " + id.error().message);
  Seen seen;
  seen.id = *id;
  seen.stat = node->stat;
  co_return std::optional<Seen>(seen);
}

Task<Result<void>> Elector::elect() {
  zookeeper::Client& client = context_.zookeeper;
  const std::string epoch_path(znode::kControllerEpoch);
  auto node = co_await client.get(epoch_path);
  if (!node && node.error().code == Errc::not_found) {
    zookeeper::Data zero = data_of("0");
    const auto made = co_await client.create(epoch_path, std::move(zero), CreateMode::persistent);
    if (!made && made.error().code != Errc::already_exists) co_return std::unexpected(made.error());
    node = co_await client.get(epoch_path);
  }
  if (!node) co_return std::unexpected(std::move(node).error());
  B_CO_TRY(const std::int32_t before, epoch_in(*node));
  const metadata::Controllership wanted{context_.self, before + 1, node->stat.version + 1};
  std::vector<Op> ops;
  ops.push_back(CreateOp{std::string(znode::kController),
                         data_of(znode::encode_controller(context_.self, context_.env.clock.wall())),
                         CreateMode::ephemeral});
  ops.push_back(SetOp{epoch_path, data_of(std::to_string(wanted.epoch)), node->stat.version});
  const zookeeper::Retry retry{context_.env.clock};
  if (session_over()) co_return fail(Errc::session_expired, "the session is over");
  B_CO_TRY(const auto result, co_await zookeeper::multi_once(client, retry, std::move(ops)));
  if (!result.applied()) co_return Result<void>();  // Somebody was faster.
  won_ = wanted;
  co_return Result<void>();
}

Task<Result<bool>> Elector::remove(Seen controller) {
  zookeeper::Client& client = context_.zookeeper;
  // The epoch is read first, then whether the controller is still the one that was seen: so the epoch is not newer.
  const std::string epoch_path(znode::kControllerEpoch);
  B_CO_TRY(const auto epoch, co_await client.get(epoch_path));
  const std::string path(znode::kController);
  const auto node = co_await client.get(path);
  if (!node && node.error().code == Errc::not_found) co_return false;
  if (!node) co_return std::unexpected(node.error());
  if (node->stat.czxid != controller.stat.czxid || client.session() != session_) co_return false;
  std::vector<Op> ops;
  ops.push_back(zookeeper::CheckOp{epoch_path, epoch.stat.version});
  ops.push_back(zookeeper::RemoveOp{path, node->stat.version});
  B_CO_TRY(const auto result, co_await client.multi(std::move(ops)));
  co_return result.applied();
}

// Until the znode changes or the term ends by itself.
Task<void> Elector::lead(WatchPtr watch) {
  if (!term_) {
    term_ = std::make_unique<Term>(context_, *std::exchange(won_, std::nullopt));
    info("elected in epoch " + std::to_string(term_->controllership().epoch));
    term_->start();
  }
  barnabas::Event happened(context_.env.executor);
  Scope waiting(context_.env.executor);
  waiting.spawn(set_when(watch, happened));
  waiting.spawn(set_when(term_->over(), happened));
  if (!term_->told_self().is_set()) {
    barnabas::Event told(context_.env.executor);
    Scope telling(context_.env.executor);
    telling.spawn(set_when(term_->told_self(), told));
    telling.spawn(set_when(happened, told));
    co_await told.wait();
    changed_.notify_all();
  }
  co_await happened.wait();
  // Whatever has happened to the znode, it is a doubt; while that lasts nothing is decided.
  if (watch->fired() && watch->event().type != zookeeper::WatchEvent::Type::data_changed && term_) {
    term_->end("the controller's znode is gone");
  }
}

// ----- The controller's process -----

Task<std::optional<Elector::Peer>> Elector::registration_of(BrokerId broker) {
  const std::string path = znode::broker_path(broker);
  const auto node = co_await context_.zookeeper.get(path);
  if (!node || !node->data) co_return std::nullopt;
  const auto info = znode::decode_broker(broker, as_text(node->data->view()));
  if (!info) co_return std::nullopt;
  auto at = endpoint_of(*info, ControllerOptions::from(context_.config).inter_broker);
  if (!at) co_return std::nullopt;
  Peer peer;
  peer.at = std::move(*at);
  peer.epoch = node->stat.czxid.value();
  co_return std::optional<Peer>(std::move(peer));
}

Task<void> Elector::guard(Seen controller) {
  while (true) {
    const auto peer = co_await registration_of(controller.id);
    if (peer) {
      co_await until_refused(context_.env, peer->at);
      co_await depose(controller, peer->epoch);
    }
    co_await context_.env.clock.sleep_for(kLookAgain);
  }
}

void Elector::suspect(BrokerId peer) {
  if (Term* mine = term()) return mine->suspect(peer);
  if (fast_failover_ && seen_ && seen_->id == peer && peer != context_.self) guard_.spawn(look_into(*seen_));
}

Task<void> Elector::look_into(Seen controller) {
  const auto peer = co_await registration_of(controller.id);
  if (!peer) co_return;
  const Verdict verdict = co_await probe(context_.env, peer->at);
  if (verdict == Verdict::alive) ++context_.counts.suspicions_refuted;
  if (verdict == Verdict::refused) co_await depose(controller, peer->epoch);
}

Task<void> Elector::depose(Seen controller, std::int64_t epoch) {
  if (!depositions_.allow(controller.id, epoch, context_.env.clock.now())) co_return;
  const auto removed = co_await remove(controller);
  if (!removed || !*removed) co_return;
  ++context_.counts.suspicions;
  warn("broker " + std::to_string(controller.id.value()) + " refuses connections: it is no controller any more");
}

Task<void> Elector::stop() {
  scope_.cancel();
  guard_.cancel();
  drop_term("stopped");
  won_.reset();
  see(kNoBroker);
  zookeeper::Client& client = context_.zookeeper;
  if (client.over().is_set()) co_return;
  const std::string path(znode::kController);
  const auto node = co_await client.get(path);
  if (!node || node->stat.ephemeral_owner != session_) co_return;
  Seen own;
  own.id = context_.self;
  own.stat = node->stat;
  (void)co_await remove(own);
}

}  // namespace barnabas::controller
