#include "sim/network/fabric.hpp"

#include <algorithm>

#include "sim/world/process.hpp"

namespace barnabas::sim {
namespace {

bool joins(const Connection& connection, const std::string& a, const std::string& b) {
  const std::string& x = connection.sides[0].machine;
  const std::string& y = connection.sides[1].machine;
  return (x == a && y == b) || (x == b && y == a);
}

// Acknowledgements alone are not repeated, so nobody gives up because of them.
bool only_credit(const Side& side) {
  return std::all_of(side.flight.begin(), side.flight.end(),
                     [](const Segment& segment) { return segment.kind == Segment::Kind::credit; });
}

}  // namespace

Fabric::Fabric(Kernel& kernel) : kernel_(kernel), stream_(kernel.root.child("network")) {}

Fabric::~Fabric() = default;

Fabric::Link& Fabric::link(const std::string& from, const std::string& to) {
  const auto [it, added] = links_.try_emplace({from, to});
  if (added) {
    it->second.stream = kernel_.root.child("link " + from + " > " + to);
    it->second.base = Duration(from == to ? it->second.stream.between(5'000, 30'000)
                                          : it->second.stream.between(50'000, 2'000'000));
  }
  return it->second;
}

Fabric::Machine* Fabric::machine(const std::string& name) {
  const auto it = machines_.find(name);
  return it == machines_.end() ? nullptr : &it->second;
}

void Fabric::note(std::string_view event, const std::string& a, const std::string& b) {
  kernel_.trace.note(kernel_.now(), "", event, Fields().add("from", a).add("to", b));
  kernel_.scheduler.hash().mix(event);
}

void Fabric::hold(const std::string& from, const std::string& to) {
  note("link_held", from, to);
  link(from, to).held = true;
  arm_all();
}

void Fabric::release(const std::string& from, const std::string& to) {
  note("link_released", from, to);
  link(from, to).held = false;
  arm_all();
}

void Fabric::cut(const std::string& a, const std::string& b) {
  note("link_cut", a, b);
  link(a, b).cut = link(b, a).cut = true;
  break_connections(a, b);
}

void Fabric::heal(const std::string& a, const std::string& b) {
  note("link_healed", a, b);
  for (Link* one : {&link(a, b), &link(b, a)}) {
    one->held = one->cut = false;
    one->extra = Duration{};
    one->drop_responses = 0;
  }
  arm_all();
}

void Fabric::heal_all() {
  for (auto& [ends, one] : links_) {
    one.held = one.cut = false;
    one.extra = Duration{};
    one.drop_responses = 0;
  }
  arm_all();
}

void Fabric::delay(const std::string& from, const std::string& to, Duration extra) {
  note("link_delayed", from, to);
  link(from, to).extra = extra;
}

void Fabric::drop_responses(const std::string& from, const std::string& to, std::uint64_t count) {
  note("link_drops_response", from, to);
  link(from, to).drop_responses = count;
}

void Fabric::break_connections(const std::string& a, const std::string& b) {
  const auto all = connections_;
  for (const auto& [id, connection] : all) {
    if (joins(*connection, a, b)) break_connection(connection);
  }
}

void Fabric::break_connection(const ConnectionPtr& connection) {
  for (Side& side : connection->sides) {
    side.flight.clear();
    kernel_.scheduler.cancel(side.delivery);
    kernel_.scheduler.cancel(side.giving_up);
    if (stream_.below(2) == 0) side.inbound.clear();
    side.broken = true;
    side.wake();
  }
  forget_if_done(connection);
}

void Fabric::machine_up(const std::string& name) {
  machines_[name].powered = true;
  arm_all();
}

void Fabric::machine_down(const std::string& name) {
  machines_[name].powered = false;
  arm_all();
}

void Fabric::process_died(const Process& process, Death death) {
  Machine& machine = *this->machine(process.name());
  const auto listeners = machine.listeners;
  for (const auto& [port, listener] : listeners) {
    if (listener->process == &process) close_listener(listener);
  }
  const auto all = connections_;
  for (const auto& [id, connection] : all) {
    for (std::size_t i = 0; i < 2; ++i) {
      Side& side = connection->sides[i];
      if (side.process != &process || !side.open) continue;
      const bool reset = death == Death::power_cut || !side.inbound.empty() || stream_.below(2) == 0;
      // A reset may overtake what was sent last.
      if (reset) {
        side.flight.resize(stream_.below(side.flight.size() + 1));
        kernel_.scheduler.cancel(side.delivery);
        arm(connection, i);
      }
      if (death == Death::kill) {
        close_side(connection, i, reset);
      } else {
        side.open = false;
        side.inbound.clear();
        forget_if_done(connection);
      }
    }
  }
}

ConnectionPtr Fabric::open(Process& process, const std::string& host, std::uint16_t port) {
  auto connection = std::make_shared<Connection>();
  connection->id = ++last_connection_;
  connection->window = static_cast<std::uint64_t>(stream_.between(4 * 1024, 256 * 1024));
  connection->patience = Duration(stream_.between(5'000'000'000, 60'000'000'000));
  Side& mine = connection->sides[0];
  mine.machine = process.name();
  mine.local = {process.name(), machine(process.name())->next_port++};
  mine.process = &process;
  mine.changed.emplace(process.executor());
  mine.open = true;
  connection->sides[1].machine = host;
  connection->sides[1].local = {host, port};
  connections_.emplace(connection->id, connection);
  if (kernel_.trace.detailed()) {
    kernel_.trace.detail(kernel_.now(), process.name(), "connect",
                         Fields().add("to", host).add("port", std::uint64_t{port}).add("connection", connection->id));
  }
  Segment request;
  request.kind = Segment::Kind::request;
  transmit(connection, 0, std::move(request));
  return connection;
}

void Fabric::transmit(const ConnectionPtr& connection, std::size_t from, Segment segment) {
  Side& sender = connection->sides[from];
  if (sender.broken && segment.kind != Segment::Kind::reset) return;
  Link& way = link(sender.machine, connection->sides[1 - from].machine);
  if (segment.kind == Segment::Kind::data && way.drop_responses > 0) {
    --way.drop_responses;
    note("response_dropped", sender.machine, connection->sides[1 - from].machine);
    break_connection(connection);
    return;
  }
  const std::int64_t base = way.base.count();
  std::int64_t latency = base + way.stream.between(0, base / 2) + way.extra.count();
  if (way.stream.chance({1, 200})) latency += way.stream.between(0, 20'000'000);
  segment.arrival = std::max(sender.last_arrival, kernel_.now() + Duration(latency));
  sender.last_arrival = segment.arrival;
  sender.flight.push_back(std::move(segment));
  arm(connection, from);
}

bool Fabric::stalled(const Connection& connection, std::size_t from) {
  const std::string& to = connection.sides[1 - from].machine;
  return link(connection.sides[from].machine, to).held || !machine(to)->powered;
}

// Schedules the arrival of the next segment, or, when nothing gets through, the moment when the sender gives up.
void Fabric::arm(const ConnectionPtr& connection, std::size_t from) {
  Side& sender = connection->sides[from];
  if (sender.flight.empty()) return;
  const std::uint64_t payload = connection->id * 2 + from;
  if (stalled(*connection, from)) {
    kernel_.scheduler.cancel(sender.delivery);
    if (sender.giving_up.slot != 0 || only_credit(sender)) return;
    sender.giving_up = kernel_.scheduler.after(
        connection->patience, {EventKind::network, 0, payload},
        [this, connection, from] { give_up(connection, from); });
    return;
  }
  kernel_.scheduler.cancel(sender.giving_up);
  if (sender.delivery.slot != 0) return;
  const Segment& next = sender.flight.front();
  const std::uint64_t content = RollingHash::of(as_text(next.bytes.view())) + static_cast<std::uint64_t>(next.kind);
  sender.delivery = kernel_.scheduler.at(next.arrival, {EventKind::network, 0, payload ^ content},
                                         [this, connection, from] { deliver(connection, from); });
}

void Fabric::arm_all() {
  for (const auto& [id, connection] : connections_) {
    arm(connection, 0);
    arm(connection, 1);
  }
}

void Fabric::give_up(const ConnectionPtr& connection, std::size_t from) {
  Side& side = connection->sides[from];
  side.giving_up = EventId{};
  side.flight.clear();
  side.broken = true;
  side.wake();
  forget_if_done(connection);  // Nobody tells the peer: it learns when it writes, or gives up by itself.
}

void Fabric::deliver(const ConnectionPtr& connection, std::size_t from) {
  Side& sender = connection->sides[from];
  sender.delivery = EventId{};
  if (sender.flight.empty()) return;
  Segment segment = std::move(sender.flight.front());
  sender.flight.pop_front();
  arrive(connection, 1 - from, std::move(segment));
  arm(connection, from);
  forget_if_done(connection);
}

void Fabric::arrive_at_listener(const ConnectionPtr& connection) {
  Side& server = connection->sides[1];
  const auto& listeners = machine(server.machine)->listeners;
  const auto it = listeners.find(server.local.port);
  const bool cut = link(connection->sides[0].machine, server.machine).cut;
  Segment answer;
  if (cut || it == listeners.end() || it->second->backlog.size() >= ListenerState::kBacklog) {
    answer.kind = Segment::Kind::reset;
    transmit(connection, 1, std::move(answer));
    return;
  }
  ListenerState& listener = *it->second;
  server.process = listener.process;
  server.changed.emplace(listener.process->executor());
  server.open = server.established = true;
  answer.kind = Segment::Kind::accepted;
  transmit(connection, 1, std::move(answer));
  listener.backlog.push_back(connection);
  listener.changed.notify_all();
}

void Fabric::arrive(const ConnectionPtr& connection, std::size_t to, Segment segment) {
  Side& side = connection->sides[to];
  switch (segment.kind) {
    case Segment::Kind::request: return arrive_at_listener(connection);
    case Segment::Kind::accepted:
      side.established = true;
      break;
    case Segment::Kind::data:
      if (!side.open || side.broken) {  // Closed, dead, given up, or of a machine that has forgotten.
        Segment answer;
        answer.kind = Segment::Kind::reset;
        transmit(connection, to, std::move(answer));
        return;
      }
      side.inbound.push_back(std::move(segment.bytes));
      break;
    case Segment::Kind::credit:
      side.unread_by_peer -= std::min(side.unread_by_peer, segment.credit);
      break;
    case Segment::Kind::end:
      side.ended = true;
      break;
    case Segment::Kind::reset:
      side.refused = !side.established;
      side.broken = true;
      side.flight.clear();
      if (stream_.below(2) == 0) side.inbound.clear();
      break;
  }
  side.wake();
}

void Fabric::close_side(const ConnectionPtr& connection, std::size_t index, bool reset) {
  Side& side = connection->sides[index];
  if (!side.open) return;
  side.open = false;
  Segment last;
  last.kind = reset || !side.inbound.empty() ? Segment::Kind::reset : Segment::Kind::end;
  side.inbound.clear();
  side.wake();
  transmit(connection, index, std::move(last));
  forget_if_done(connection);
}

void Fabric::close_listener(const ListenerPtr& listener) {
  if (!listener->open) return;
  listener->open = false;
  machine(listener->machine)->listeners.erase(listener->local.port);
  for (const auto& connection : std::exchange(listener->backlog, {})) close_side(connection, 1, true);
  listener->changed.notify_all();
}

// Once neither side can notice anything any more.
void Fabric::forget_if_done(const ConnectionPtr& connection) {
  if (connection->sides[0].open || connection->sides[1].open) return;
  for (Side& side : connection->sides) {
    // A request or an end under way to a listener that does not know of it yet still has to arrive.
    if (!side.flight.empty() && !connection->sides[1].established && !side.broken) return;
  }
  for (Side& side : connection->sides) {
    kernel_.scheduler.cancel(side.delivery);
    kernel_.scheduler.cancel(side.giving_up);
    side.flight.clear();
  }
  connections_.erase(connection->id);
}

}  // namespace barnabas::sim
