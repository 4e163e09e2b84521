#include "net/host.hpp"

#include <netdb.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <future>
#include <memory>
#include <thread>

#include "core/base/check.hpp"

namespace barnabas::net {
namespace {

constexpr std::chrono::milliseconds kNameServicePatience{500};

std::string system_host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

// The name service may take many seconds to say no, and cannot be interrupted: a thread of its own asks it,
// and is left behind when it takes too long.
bool resolves(const std::string& name) {
  auto answer = std::make_shared<std::promise<bool>>();
  std::future<bool> future = answer->get_future();
  std::thread([answer, name] {
    addrinfo* found = nullptr;
    const bool success = ::getaddrinfo(name.c_str(), nullptr, nullptr, &found) == 0;
    if (success) ::freeaddrinfo(found);
    answer->set_value(success);
  }).detach();
  return future.wait_for(kNameServicePatience) == std::future_status::ready && future.get();
}

}  // namespace

std::uint64_t SystemRandom::next() {
  if (used_ == words_.size()) {
    const ssize_t want = static_cast<ssize_t>(sizeof(words_));
    while (true) {
      const ssize_t got = ::getrandom(words_.data(), sizeof(words_), 0);
      if (got == want) break;
      B_CHECK(got >= 0 || errno == EINTR);
    }
    used_ = 0;
  }
  return words_[used_++];
}

std::string LocalHost::name() const {
  if (name_.empty()) {
    const std::string name = system_host_name();
    name_ = name == "localhost" || resolves(name) ? name : "localhost";
    if (name_ != name) {
      logger_.log(env::LogLevel::warn, "net",
                  "the host name " + name + " does not resolve: clients are told localhost; " +
                      "set advertised.listeners if they are on other machines");
    }
  }
  return name_;
}

std::string LocalHost::boot_id() const {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

}  // namespace barnabas::net
