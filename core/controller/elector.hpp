// Who is controller: the znode /controller, watched by every broker, made by the one that is elected.
//
// Takes part until it is stopped: while there is no controller it tries to become it; while it is, a Term runs; while
// another is, it keeps an eye on that one's process. A term ends when /controller is not this session's own any more.
//
// A controller whose process is gone (peers.hpp) is deposed: /controller is removed at the version that was seen, if
// nobody was elected since. Should it live after all, it merely loses its term.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "core/controller/term.hpp"

namespace barnabas::controller {

class Elector {
 public:
  explicit Elector(TermContext context);
  ~Elector();
  Elector(const Elector&) = delete;
  Elector& operator=(const Elector&) = delete;

  // Takes part from now on, in the client's present session. A former part is over.
  void start();
  // The term, if there is one, ends at once, and so does taking part.
  void halt();
  // Gives up /controller if it is this session's, and halts.
  Task<void> stop();

  // Returns when somebody is controller; if it is this broker, when the term has told it of its partitions. Or when it
  // has turned out that this session cannot take part, with the error.
  Task<Result<void>> settled();

  // Null unless this broker is controller.
  Term* term() { return term_ && !term_->over().is_set() ? term_.get() : nullptr; }
  const Term* term() const { return term_ && !term_->over().is_set() ? term_.get() : nullptr; }
  BrokerId controller() const { return controller_; }
  // Evidence against a peer, from elsewhere in this broker.
  void suspect(BrokerId peer);

 private:
  struct Seen {
    BrokerId id = kNoBroker;
    zookeeper::Stat stat;
  };

  Task<void> run();
  Task<Result<void>> take_part();
  // What /controller holds, with a watch that tells when it no longer does.
  Task<Result<std::optional<Seen>>> look(zookeeper::WatchPtr watch);
  Task<Result<void>> elect();
  // Removes /controller as it was seen, unless there was another election since. False: it is another one by now.
  Task<Result<bool>> remove(Seen controller);
  Task<void> lead(zookeeper::WatchPtr watch);
  Task<void> guard(Seen controller);
  Task<void> look_into(Seen controller);
  struct Peer {
    env::Endpoint at;
    std::int64_t epoch = -1;
  };
  Task<std::optional<Peer>> registration_of(BrokerId broker);
  Task<void> depose(Seen controller, std::int64_t epoch);
  void see(BrokerId controller);
  void drop_term(const std::string& why);
  void info(const std::string& line) const { context_.env.logger.log(env::LogLevel::info, "controller", line); }
  void warn(const std::string& line) const { context_.env.logger.log(env::LogLevel::warn, "controller", line); }

  // The session that this takes part in is over; the client may have another one already.
  bool session_over() const;

  TermContext context_;
  zookeeper::SessionId session_;
  bool fast_failover_ = true;
  std::unique_ptr<Term> term_;
  std::vector<std::unique_ptr<Term>> resigned_;  // Only with a bug on purpose.
  std::optional<metadata::Controllership> won_;  // Elected, the term not begun yet.
  std::optional<Seen> seen_;
  BrokerId controller_ = kNoBroker;
  std::optional<Error> failure_;
  Notification changed_;
  Scope guard_;  // Over the controller's process.
  Scope scope_;  // Last: its tasks use the rest.
};

}  // namespace barnabas::controller
