#include "net/stream.hpp"

#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "net/address.hpp"
#include "net/errors.hpp"
#include "net/file.hpp"

namespace barnabas::net {
namespace {

constexpr std::size_t kPartsPerCall = 64;
constexpr std::size_t kSendFilePiece = 256 * 1024;

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

// What is left of a vectored write.
class Unsent {
 public:
  explicit Unsent(std::span<const ByteView> parts) : parts_(parts) { skip_empty(); }

  bool empty() const { return parts_.empty(); }

  // -1 with errno, or the number of bytes that the system took.
  ssize_t send(int fd) {
    std::array<iovec, kPartsPerCall> pieces;
    std::size_t count = 0;
    for (const ByteView part : parts_.first(std::min(parts_.size(), pieces.size()))) {
      const std::size_t from = count == 0 ? offset_ : 0;
      pieces[count].iov_base = const_cast<std::byte*>(part.data() + from);
      pieces[count].iov_len = part.size() - from;
      ++count;
    }
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = count;
    const ssize_t sent = ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) advance(static_cast<std::size_t>(sent));
    return sent;
  }

 private:
  void advance(std::size_t sent) {
    offset_ += sent;
    while (!parts_.empty() && offset_ >= parts_.front().size()) {
      offset_ -= parts_.front().size();
      parts_ = parts_.subspan(1);
    }
  }
  void skip_empty() { advance(0); }

  std::span<const ByteView> parts_;
  std::size_t offset_ = 0;  // Of the first part, what was sent already.
};

using Connection = std::shared_ptr<Descriptor>;

Error closed_error(const env::Endpoint& peer) {
  return {Errc::closed, "the connection with " + peer.to_string() + " was closed here"};
}

Task<Result<std::size_t>> read_from(Connection connection, env::Endpoint peer, MutableByteView into) {
  Reactor& reactor = connection->reactor();
  if (!reactor.may_proceed()) co_await reactor.pass();
  while (!connection->closed()) {
    const ssize_t got = ::recv(connection->fd(), into.data(), into.size(), MSG_DONTWAIT);
    if (got > 0) co_return static_cast<std::size_t>(got);
    if (got == 0) co_return fail(Errc::end_of_stream, peer.to_string() + " closed the connection");
    if (errno == EINTR) continue;
    if (!would_block(errno)) co_return std::unexpected(socket_error(errno, "cannot read from", peer.to_string()));
    co_await connection->ready(Descriptor::Side::read);
  }
  co_return std::unexpected(closed_error(peer));
}

Task<Result<void>> write_to(Connection connection, env::Endpoint peer, std::span<const ByteView> parts) {
  Reactor& reactor = connection->reactor();
  Unsent unsent(parts);
  while (!connection->closed()) {
    if (unsent.empty()) co_return Result<void>();
    if (!reactor.may_proceed()) {
      co_await reactor.pass();
      continue;
    }
    if (unsent.send(connection->fd()) >= 0 || errno == EINTR) continue;
    if (!would_block(errno)) co_return std::unexpected(socket_error(errno, "cannot write to", peer.to_string()));
    co_await connection->ready(Descriptor::Side::write);
  }
  co_return std::unexpected(closed_error(peer));
}

Error file_too_short(std::string_view path) {
  return {Errc::truncated, "the file " + std::string(path) + " ended before all that was promised was sent"};
}

// For files of another kind, and where the system cannot send from this one.
Task<Result<void>> copy_to(Connection connection, env::Endpoint peer, env::File& file, std::uint64_t offset,
                           std::size_t size) {
  while (size > 0) {
    B_CO_TRY(Buffer piece, co_await file.read_at(offset, std::min(size, kSendFilePiece)));
    if (piece.empty()) co_return std::unexpected(file_too_short("to send"));
    const ByteView parts[] = {piece.view()};
    B_CO_TRY_VOID(co_await write_to(connection, peer, parts));
    offset += piece.size();
    size -= piece.size();
  }
  co_return Result<void>();
}

// Sends one piece, which is in the page cache. Gives what is left of it, so that the caller can tell a system that
// cannot do it (nothing sent, unsupported).
Task<Result<void>> send_piece(Connection connection, env::Endpoint peer, std::shared_ptr<OpenFile> file,
                              std::uint64_t offset, std::size_t size) {
  Reactor& reactor = connection->reactor();
  auto position = static_cast<off_t>(offset);
  while (!connection->closed()) {
    if (size == 0) co_return Result<void>();
    if (!reactor.may_proceed()) {
      co_await reactor.pass();
      continue;
    }
    const ssize_t sent = ::sendfile(connection->fd(), file->fd(), &position, size);
    if (sent > 0) {
      size -= static_cast<std::size_t>(sent);
      continue;
    }
    if (sent == 0) co_return std::unexpected(file_too_short(file->path()));
    if (errno == EINTR) continue;
    if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP) {
      co_return fail(Errc::unsupported, "sendfile from " + file->path());
    }
    if (errno == EIO) co_return std::unexpected(file_error(errno, "read", file->path()));
    if (!would_block(errno)) co_return std::unexpected(socket_error(errno, "cannot write to", peer.to_string()));
    co_await connection->ready(Descriptor::Side::write);
  }
  co_return std::unexpected(closed_error(peer));
}

class TcpStream final : public env::Stream {
 public:
  TcpStream(Connection connection, env::Endpoint peer, env::Endpoint local)
      : connection_(std::move(connection)), peer_(std::move(peer)), local_(std::move(local)) {
    connection_->reactor().heap_trim().opened();
  }
  ~TcpStream() override {
    connection_->close();
    connection_->reactor().heap_trim().closed();
  }

  Task<Result<std::size_t>> read_some(MutableByteView into) override { return read_from(connection_, peer_, into); }
  Task<Result<void>> write(std::span<const ByteView> parts) override { return write_to(connection_, peer_, parts); }
  Task<Result<void>> send_file(env::File& file, std::uint64_t offset, std::size_t size) override;
  void close() override { connection_->close(); }
  env::Endpoint peer() const override { return peer_; }
  env::Endpoint local() const override { return local_; }

 private:
  Connection connection_;
  env::Endpoint peer_;
  env::Endpoint local_;
};

Task<Result<void>> TcpStream::send_file(env::File& file, std::uint64_t offset, std::size_t size) {
  const auto* ours = dynamic_cast<const DiskFile*>(&file);
  if (ours == nullptr) co_return co_await copy_to(connection_, peer_, file, offset, size);
  Connection connection = connection_;
  env::Endpoint peer = peer_;
  std::shared_ptr<OpenFile> open = ours->open_file();
  while (size > 0) {
    const std::size_t piece = std::min(size, kSendFilePiece);
    B_CO_TRY_VOID(co_await bring_into_cache(connection->reactor(), open, offset, piece));
    const Result<void> sent = co_await send_piece(connection, peer, open, offset, piece);
    if (!sent && sent.error().code == Errc::unsupported) {
      co_return co_await copy_to(connection, peer, file, offset, size);
    }
    if (!sent) co_return sent;
    offset += piece;
    size -= piece;
  }
  co_return Result<void>();
}

}  // namespace

std::unique_ptr<env::Stream> make_stream(std::shared_ptr<Descriptor> socket, env::Endpoint peer) {
  const int on = 1;
  ::setsockopt(socket->fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  ::setsockopt(socket->fd(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
  env::Endpoint local = local_of(socket->fd());
  return std::make_unique<TcpStream>(std::move(socket), std::move(peer), std::move(local));
}

}  // namespace barnabas::net
