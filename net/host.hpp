// The machine's entropy and identity.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "core/env/env.hpp"

namespace barnabas::net {

// The kernel's generator, fetched a few words at a time.
class SystemRandom final : public env::Random {
 public:
  std::uint64_t next() override;

 private:
  std::array<std::uint64_t, 32> words_{};
  std::size_t used_ = words_.size();
};

class LocalHost final : public env::Host {
 public:
  explicit LocalHost(env::Logger& logger) : logger_(logger) {}

  // The host name when it resolves here, else "localhost" with a warning: a name that this machine cannot
  // resolve is of no use to clients either. Asked once; the first call may wait up to half a second for the name
  // service.
  std::string name() const override;
  std::string boot_id() const override;

 private:
  env::Logger& logger_;
  mutable std::string name_;
};

}  // namespace barnabas::net
