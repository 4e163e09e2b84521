#include "net/errors.hpp"

#include <cerrno>
#include <system_error>

namespace barnabas::net {
namespace {

std::string words_of(int error) {
  std::string words = std::generic_category().message(error);
  if (error == EMFILE || error == ENFILE) words += "; raise the limit of open files (ulimit -n)";
  return words;
}

Errc file_code(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR: return Errc::not_found;
    case EEXIST: return Errc::already_exists;
    case EACCES:
    case EPERM:
    case EROFS: return Errc::permission_denied;
    case ENOSPC:
    case EDQUOT: return Errc::no_space;
    case EFBIG:
    case ENAMETOOLONG:
    case EMFILE:
    case ENFILE: return Errc::too_large;
    case EISDIR:
    case ENOTEMPTY:
    case EINVAL: return Errc::invalid_argument;
    default: return Errc::io_error;
  }
}

Errc socket_code(int error) {
  switch (error) {
    case EADDRINUSE: return Errc::address_in_use;
    case EADDRNOTAVAIL: return Errc::not_found;  // No interface has that address.
    case EACCES:
    case EPERM: return Errc::permission_denied;
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH: return Errc::connection_refused;
    case ETIMEDOUT: return Errc::timed_out;
    case EMFILE:
    case ENFILE: return Errc::too_large;
    case EAFNOSUPPORT:
    case EINVAL: return Errc::invalid_argument;
    default: return Errc::connection_reset;
  }
}

}  // namespace

Error file_error(int error, std::string_view action, std::string_view path) {
  std::string message("cannot ");
  message.append(action).append(" ").append(path).append(": ").append(words_of(error));
  return Error{file_code(error), std::move(message)};
}

Error socket_error(int error, std::string_view action, std::string_view address) {
  std::string message(action);
  message.append(" ").append(address).append(": ").append(words_of(error));
  return Error{socket_code(error), std::move(message)};
}

}  // namespace barnabas::net
