#include "core/controller/fenced_writer.hpp"

#include <algorithm>

#include "core/base/mutant.hpp"
#include "core/metadata/znode_json.hpp"

namespace barnabas::controller {

namespace {

using zookeeper::CreateOp;
using zookeeper::Op;
using zookeeper::RemoveOp;
using zookeeper::SetOp;

constexpr Duration kPause = std::chrono::milliseconds(50);

bool same(const zookeeper::Data& a, const zookeeper::Data& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a || std::ranges::equal(a->view(), b->view());
}

// The operation whose trace tells whether all of them were applied: best one that leaves data of its own.
const Op& witness_of(const std::vector<Op>& operations) {
  for (const Op& op : operations) {
    if (const auto* set = std::get_if<SetOp>(&op); set != nullptr && set->version != zookeeper::kAnyVersion) return op;
    if (const auto* create = std::get_if<CreateOp>(&op); create != nullptr && create->data) return op;
  }
  return operations.back();
}

}  // namespace

FencedWriter::FencedWriter(env::Env env, zookeeper::Client& client, metadata::Controllership term,
                           std::function<bool()> over, std::function<void(std::string why)> ended)
    : env_(env),
      client_(client),
      term_(term),
      session_(client.session()),
      over_(std::move(over)),
      ended_(std::move(ended)) {}

bool FencedWriter::over() const {
  if (BARNABAS_MUTANT(resigned_controller_goes_on)) return false;
  return over_() || client_.session() != session_ || client_.over().is_set();
}

std::unexpected<Error> FencedWriter::end(std::string why) {
  ended_(why);
  return fail(Errc::session_expired, "the controller's term is over: " + std::move(why));
}

Task<Result<WriteOutcome>> FencedWriter::write(std::vector<Op> operations) {
  std::vector<Op> fenced;
  const std::int32_t epoch_version =
      BARNABAS_MUTANT(controller_writes_unfenced) ? zookeeper::kAnyVersion : term_.epoch_version;
  fenced.push_back(zookeeper::CheckOp{std::string(metadata::znode::kControllerEpoch), epoch_version});
  fenced.insert(fenced.end(), operations.begin(), operations.end());
  while (true) {
    if (over()) co_return end("its session is over");
    std::vector<Op> attempt = fenced;
    const auto result = co_await client_.multi(std::move(attempt));
    if (result) co_return co_await outcome_of(*result);
    if (result.error().code == Errc::session_expired) co_return end("its session is over");
    if (result.error().code != Errc::closed) co_return std::unexpected(result.error());
    co_await env_.clock.sleep_for(kPause);
    if (BARNABAS_MUTANT(lost_reply_not_read_back)) continue;
    Errc refusal = Errc::bad_version;
    const Op& witness = witness_of(operations);
    B_CO_TRY(const Trace trace, co_await look(witness, refusal));
    if (trace == Trace::applied) co_return WriteOutcome{};
    if (trace == Trace::refused) {
      WriteOutcome outcome;
      outcome.refused = static_cast<std::size_t>(&witness - operations.data());
      outcome.code = refusal;
      co_return outcome;
    }
  }
}

Task<Result<WriteOutcome>> FencedWriter::outcome_of(const zookeeper::MultiResult& result) {
  WriteOutcome outcome;
  const auto failed = result.failed();
  if (!failed) co_return outcome;
  if (*failed == 0) co_return end("there is a newer controller");
  outcome.refused = *failed - 1;
  outcome.code = zookeeper::to_errc(result.results[*failed].code);
  co_return outcome;
}

Task<Result<FencedWriter::Trace>> FencedWriter::look(const Op& witness, Errc& refusal) {
  const std::string path = zookeeper::path_of(witness);
  while (true) {
    if (over()) co_return end("its session is over");
    const auto synced = co_await client_.sync(path);
    if (!synced && synced.error().code == Errc::closed) {
      co_await env_.clock.sleep_for(kPause);
      continue;
    }
    if (!synced) co_return end("its session is over");
    break;
  }
  const auto node = co_await read(path);
  const bool there = node.has_value();
  if (!there && node.error().code != Errc::not_found) co_return std::unexpected(node.error());
  if (const auto* set = std::get_if<SetOp>(&witness)) {
    refusal = there ? Errc::bad_version : Errc::not_found;
    if (!there) co_return Trace::refused;
    if (set->version == zookeeper::kAnyVersion) {
      co_return same(node->data, set->data) ? Trace::applied : Trace::not_applied;
    }
    if (node->stat.version == set->version) co_return Trace::not_applied;
    const bool ours = node->stat.version == set->version + 1 && same(node->data, set->data);
    co_return ours ? Trace::applied : Trace::refused;
  }
  if (const auto* create = std::get_if<CreateOp>(&witness)) {
    refusal = Errc::already_exists;
    if (!there) co_return Trace::not_applied;
    co_return same(node->data, create->data) ? Trace::applied : Trace::refused;
  }
  co_return there ? Trace::not_applied : Trace::applied;
}

Task<Result<zookeeper::NodeData>> FencedWriter::read(std::string path) {
  while (true) {
    if (over()) co_return end("its session is over");
    auto node = co_await client_.get(path);
    if (node) co_return std::move(*node);
    if (node.error().code == Errc::session_expired) co_return end("its session is over");
    if (node.error().code != Errc::closed) co_return std::unexpected(std::move(node).error());
    co_await env_.clock.sleep_for(kPause);
  }
}

Task<Result<zookeeper::Children>> FencedWriter::children(std::string path) {
  while (true) {
    if (over()) co_return end("its session is over");
    auto found = co_await client_.children(path);
    if (found) co_return std::move(*found);
    if (found.error().code == Errc::session_expired) co_return end("its session is over");
    if (found.error().code != Errc::closed) co_return std::unexpected(std::move(found).error());
    co_await env_.clock.sleep_for(kPause);
  }
}

}  // namespace barnabas::controller
