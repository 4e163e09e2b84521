#include "sim/network/network.hpp"

#include <algorithm>
#include <cstring>

#include "sim/network/fabric.hpp"
#include "sim/world/completion.hpp"
#include "sim/world/process.hpp"

namespace barnabas::sim {
namespace {

constexpr std::size_t kFilePiece = 64 * 1024;

std::unexpected<Error> closed_here() { return fail(Errc::closed, "the stream is closed"); }
std::unexpected<Error> reset_by(const Side& peer) {
  return fail(Errc::connection_reset, "connection to " + peer.local.to_string() + " was reset");
}

}  // namespace

Task<Result<std::unique_ptr<env::Listener>>> ProcessNetwork::listen(env::Endpoint at) {
  if (process_.severed()) co_await Never{};
  Fabric::Machine& machine = *fabric_.machine(process_.name());
  if (at.port == 0) {
    while (machine.listeners.contains(machine.next_port)) ++machine.next_port;
    at.port = machine.next_port++;
  }
  if (machine.listeners.contains(at.port)) {
    co_return fail(Errc::address_in_use, at.to_string() + ": something else listens there");
  }
  auto state = std::make_shared<ListenerState>(process_, process_.executor());
  state->machine = process_.name();
  state->local = at;
  machine.listeners.emplace(at.port, state);
  std::unique_ptr<env::Listener> listener = std::make_unique<NodeListener>(fabric_, process_, state);
  co_return listener;
}

Task<Result<std::unique_ptr<env::Stream>>> ProcessNetwork::connect(env::Endpoint to) {
  if (process_.severed()) co_await Never{};
  const bool self = to.host == "localhost" || to.host == "127.0.0.1";
  const std::string host = self ? process_.name() : to.host;
  if (fabric_.machine(host) == nullptr) co_return fail(Errc::not_found, host + ": no such host");
  const ConnectionPtr connection = fabric_.open(process_, host, to.port);
  // Made first: it closes the connection when this frame is destroyed.
  std::unique_ptr<env::Stream> stream = std::make_unique<NodeStream>(fabric_, process_, connection, 0);
  Side& mine = connection->sides[0];
  while (!mine.established && !mine.broken) co_await mine.changed->wait();
  if (mine.established) co_return stream;
  if (mine.refused) co_return fail(Errc::connection_refused, to.to_string() + ": connection refused");
  co_return fail(Errc::timed_out, to.to_string() + ": no answer to the connect");
}

Task<Result<std::size_t>> NodeStream::read_some(MutableByteView into) {
  return read_from(fabric_, process_, connection_, side_, into);
}

Task<Result<std::size_t>> NodeStream::read_from(Fabric& fabric, Process& process, ConnectionPtr connection,
                                                std::size_t side, MutableByteView into) {
  if (process.severed()) co_await Never{};
  B_CHECK_OP(into.size(), >, 0u);
  Side& mine = connection->sides[side];
  while (mine.open && !mine.broken && !mine.ended && mine.inbound.empty()) co_await mine.changed->wait();
  if (!mine.open) co_return closed_here();
  if (mine.inbound.empty()) {
    if (mine.broken) co_return reset_by(connection->sides[1 - side]);
    co_return fail(Errc::end_of_stream, "the peer has closed the stream");
  }
  // Usually whatever is there, now and then less.
  std::size_t room = into.size();
  if (fabric.stream_.chance({1, 8})) room = 1 + fabric.stream_.below(room);
  std::size_t taken = 0;
  while (taken < room && !mine.inbound.empty()) {
    Buffer& front = mine.inbound.front();
    const std::size_t count = std::min(room - taken, front.size());
    std::memcpy(into.data() + taken, front.data(), count);
    taken += count;
    if (count == front.size()) {
      mine.inbound.pop_front();
    } else {
      front = front.slice(count, front.size() - count);
    }
  }
  Segment credit;
  credit.kind = Segment::Kind::credit;
  credit.credit = taken;
  fabric.transmit(connection, side, std::move(credit));
  co_return taken;
}

Task<Result<void>> NodeStream::write(std::span<const ByteView> parts) {
  // Copies: the stream may be destroyed while this is suspended.
  Fabric& fabric = fabric_;
  Process& process = process_;
  const ConnectionPtr connection = connection_;
  const std::size_t side = side_;
  for (const ByteView part : parts) B_CO_TRY_VOID(co_await write_to(fabric, process, connection, side, part));
  co_return Result<void>{};
}

Task<Result<void>> NodeStream::write_to(Fabric& fabric, Process& process, ConnectionPtr connection, std::size_t side,
                                        ByteView bytes) {
  if (process.severed()) co_await Never{};
  Side& mine = connection->sides[side];
  std::size_t sent = 0;
  while (true) {
    if (!mine.open) co_return closed_here();
    if (mine.broken) co_return reset_by(connection->sides[1 - side]);
    if (sent == bytes.size()) co_return Result<void>{};
    const std::uint64_t room = connection->window - mine.unread_by_peer;
    if (room == 0) {
      co_await mine.changed->wait();
      continue;
    }
    const std::size_t most = std::min<std::uint64_t>(room, bytes.size() - sent);
    // Segments are mostly large, now and then tiny.
    const std::size_t drawn = 1 + fabric.stream_.below(fabric.stream_.chance({1, 8}) ? 16 : 32 * 1024);
    const std::size_t count = std::min(most, drawn);
    Segment segment;
    segment.bytes = Buffer::copy_of(bytes.subspan(sent, count));
    mine.unread_by_peer += count;
    sent += count;
    fabric.transmit(connection, side, std::move(segment));
  }
}

Task<Result<void>> NodeStream::send_file(env::File& file, std::uint64_t offset, std::size_t size) {
  Fabric& fabric = fabric_;
  Process& process = process_;
  const ConnectionPtr connection = connection_;
  const std::size_t side = side_;
  std::size_t sent = 0;
  while (sent < size) {
    const std::size_t wanted = std::min(kFilePiece, size - sent);
    B_CO_TRY(const Buffer piece, co_await file.read_at(offset + sent, wanted));
    if (piece.size() < wanted) co_return fail(Errc::truncated, "the file ends before what is to be sent");
    B_CO_TRY_VOID(co_await write_to(fabric, process, connection, side, piece.view()));
    sent += wanted;
  }
  co_return Result<void>{};
}

void NodeStream::close() { fabric_.close_side(connection_, side_, false); }

Task<Result<std::unique_ptr<env::Stream>>> NodeListener::accept() { return accept_from(fabric_, process_, state_); }

Task<Result<std::unique_ptr<env::Stream>>> NodeListener::accept_from(Fabric& fabric, Process& process,
                                                                     ListenerPtr state) {
  if (process.severed()) co_await Never{};
  while (state->open && state->backlog.empty()) co_await state->changed.wait();
  if (!state->open) co_return fail(Errc::closed, "the listener is closed");
  const ConnectionPtr connection = state->backlog.front();
  state->backlog.pop_front();
  std::unique_ptr<env::Stream> stream = std::make_unique<NodeStream>(fabric, process, connection, 1);
  co_return stream;
}

void NodeListener::close() { fabric_.close_listener(state_); }

}  // namespace barnabas::sim
