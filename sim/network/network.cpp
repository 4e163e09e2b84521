#include "sim/network/network.hpp"

namespace barnabas::sim {

Task<Result<std::unique_ptr<env::Listener>>> ProcessNetwork::listen(env::Endpoint at) {
  co_return fail(Errc::unsupported, at.to_string() + ": no network yet");
}
Task<Result<std::unique_ptr<env::Stream>>> ProcessNetwork::connect(env::Endpoint to) {
  co_return fail(Errc::unsupported, to.to_string() + ": no network yet");
}

}  // namespace barnabas::sim
