// One TCP connection.
#pragma once

#include <memory>

#include "core/env/network.hpp"
#include "net/descriptor.hpp"

namespace barnabas::net {

// Takes a connected, non-blocking socket.
std::unique_ptr<env::Stream> make_stream(std::shared_ptr<Descriptor> socket, env::Endpoint peer);

}  // namespace barnabas::net
