#include "sim/world/process.hpp"

#include "sim/world/completion.hpp"

namespace barnabas::sim {
namespace {

// A sleeping coroutine; takes its event back when the frame is destroyed.
struct Sleeper : Waiter {
  Sleeper(Kernel& k, Process& p, ClockModel& m, Instant until) : kernel(k), process(p), model(m), deadline(until) {}
  ~Sleeper() { kernel.scheduler.cancel(event); }

  Kernel& kernel;
  Process& process;
  ClockModel& model;
  Instant deadline;
  EventId event;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) {
    handle = h;
    if (!process.severed()) arm();
  }
  void await_resume() const noexcept {}

  void arm() {
    const auto payload = static_cast<std::uint64_t>(deadline.time_since_epoch().count());
    event = kernel.scheduler.at(model.global_of(deadline), {EventKind::timer, process.node(), payload}, [this] {
      event = EventId{};
      if (model.monotonic(kernel.now()) < deadline) return arm();  // The drift was changed meanwhile.
      process.executor().schedule(*this);
    });
  }
};

std::string hex(std::uint64_t value) {
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 15];
  return text;
}

std::string_view name_of_level(env::LogLevel level) {
  switch (level) {
    case env::LogLevel::debug: return "debug";
    case env::LogLevel::info: return "info";
    case env::LogLevel::warn: return "warn";
    case env::LogLevel::error: return "error";
  }
  return "?";
}

}  // namespace

Task<void> NodeClock::sleep_until(Instant deadline) {
  Sleeper sleeper(kernel_, process_, model_, deadline);
  co_await sleeper;
}

Task<void> NodeOffload::run(std::function<void()> work) {
  if (process_.severed()) co_await Never{};
  auto completion = std::make_shared<Completion<Nothing>>();
  const Duration taken(stream_.between(20'000, 2'000'000));
  kernel_.scheduler.after(taken, {EventKind::offload, process_.node(), stream_.draws()},
                          [completion, work = std::move(work), process = &process_] {
                            if (process->severed()) return;
                            work();
                            completion->complete(process->executor(), Nothing{});
                          });
  co_await completion->wait();
}

bool NodeLogger::enabled(env::LogLevel level) const {
  return level >= env::LogLevel::info || kernel_.trace.detailed();
}

void NodeLogger::log(env::LogLevel level, std::string_view component, std::string_view line) {
  if (process_.severed()) return;
  // Debug lines depend on whether somebody looks, so they must not reach the hash.
  if (level >= env::LogLevel::info) kernel_.scheduler.hash().mix(line);
  if (level == env::LogLevel::error) {
    kernel_.error_lines.push_back(process_.name() + ": " + std::string(component) + ": " + std::string(line));
  }
  kernel_.trace.note(kernel_.now(), process_.name(), "log",
                     Fields().add("level", name_of_level(level)).add("component", component).add("line", line));
}

Machine::Machine(Kernel& kernel_, Fabric& network, std::string node_name, std::uint32_t node_index,
                 bool shuffle_ready)
    : kernel(kernel_), fabric(network), name(std::move(node_name)), index(node_index), shuffle(shuffle_ready),
      stream(kernel_.root.child("machine " + name)), clock(stream.child("clock")),
      disk(kernel_, name, index, stream.child("disk")) {
  boot();
}

void Machine::boot() {
  ++boots;
  Prng draw = stream.child("boot id", boots);
  const std::uint64_t high = draw.next();
  const std::uint64_t low = draw.next();
  boot_id = hex(high) + hex(low);
  if (boots > 1) clock.reboot(kernel.now());
}

Process::Process(Machine& machine)
    : machine_(machine), stream_(machine.stream.child("process", ++machine.incarnations)),
      executor_(machine.kernel, machine.index, stream_.child("ready queue"), machine.shuffle),
      clock_(machine.kernel, *this, machine.clock), random_(stream_.child("random")),
      offload_(machine.kernel, *this, stream_.child("offload")), host_(machine.name, machine.boot_id),
      logger_(machine.kernel, *this), disk_(machine.disk, *this), network_(machine.fabric, *this),
      scope_(executor_) {}

Process::~Process() {
  sever();
  destroy_frames();
}

env::Env Process::env() {
  return env::Env{executor_, clock_, disk_, network_, random_, offload_, host_, logger_};
}

void Process::spawn(Program program) {
  programs_.push_back(std::move(program));
  scope_.spawn(programs_.back()(env()));
}

void Process::sever(Death death) {
  if (severed()) return;
  executor_.sever();
  machine_.disk.process_died(*this);
  machine_.fabric.process_died(*this, death);
}

void Process::destroy_frames() {
  scope_.cancel();
  programs_.clear();
}

}  // namespace barnabas::sim
