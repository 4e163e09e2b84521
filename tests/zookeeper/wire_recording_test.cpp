// A recording of three Apache Kafka 3.9.1 brokers talking to Apache ZooKeeper 3.8.4, played to our server: the same
// requests must get the same answers, byte for byte where the recording has bytes.
//
// Lines of data/kafka_3_9_1_wire.txt: "<connection> > request <frame>", "<connection> < reply <xid> <zxid> <err>
// <body, or # and its length>", "<connection> < event <type> <path>", and hello both ways. What a server chooses for
// itself (session ids, passwords, times) is made equal before comparing.
#include <fstream>
#include <optional>
#include <sstream>

#include "tests/zookeeper/machine_client.hpp"

namespace barnabas::zookeeper {
namespace {

std::vector<std::byte> from_hex(std::string_view text) {
  std::vector<std::byte> bytes;
  const auto digit = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(digit(text[i]) << 4 | digit(text[i + 1])));
  }
  return bytes;
}

struct Line {
  ConnectionId connection;
  char direction = 0;
  std::string kind;
  std::string rest;
};

std::vector<Line> read_recording() {
  std::ifstream file(BARNABAS_ZOOKEEPER_TEST_DATA "/kafka_3_9_1_wire.txt");
  std::vector<Line> lines;
  for (std::string text; std::getline(file, text);) {
    std::istringstream in(text);
    Line line;
    std::uint64_t connection = 0;
    in >> connection >> line.direction >> line.kind;
    line.connection = ConnectionId(connection);
    std::getline(in >> std::ws, line.rest);
    lines.push_back(std::move(line));
  }
  return lines;
}

// The record as it stands in the bytes; encoding it again must give the same bytes.
template <class Record>
Record same_again(ByteView bytes) {
  Reader in(bytes);
  Record record;
  wire::take(in, record);
  EXPECT_TRUE(in.ok());
  EXPECT_TRUE(in.at_end());
  Writer out;
  wire::put(out, record);
  EXPECT_TRUE(std::ranges::equal(out.view(), bytes));
  return record;
}

void hide_choices(Stat& stat) {
  stat.ctime = stat.mtime = Timestamp(0);
  if (stat.ephemeral_owner != kNoSession) stat.ephemeral_owner = SessionId(1);
}

std::vector<std::byte> without_choices(wire::OpCode op, const std::vector<std::byte>& body) {
  Writer out;
  if (op == wire::OpCode::set_data || op == wire::OpCode::exists) {
    auto response = same_again<wire::StatResponse>(body);
    hide_choices(response.stat);
    wire::put(out, response);
  } else if (op == wire::OpCode::multi) {
    auto response = same_again<wire::MultiResponse>(body);
    for (auto& item : response.results) {
      if (auto* stat = std::get_if<wire::StatResponse>(&item.body)) hide_choices(stat->stat);
    }
    wire::put(out, response);
  } else {
    return body;
  }
  return std::move(out).take();
}

class Player {
 public:
  void play(const Line& line) {
    if (line.kind == "gone") return;
    if (line.kind == "hello" && line.direction == '>') {
      const auto request = same_again<wire::ConnectRequest>(from_hex(line.rest));
      ASSERT_EQ(request.session, kNoSession);
      ASSERT_TRUE(server_.hello(line.connection, request));
    } else if (line.kind == "hello") {
      const auto theirs = same_again<wire::ConnectResponse>(from_hex(line.rest));
      const auto ours = server_.welcome(line.connection);
      EXPECT_EQ(ours.timeout_ms, theirs.timeout_ms);
      EXPECT_EQ(ours.read_only, theirs.read_only);
      EXPECT_EQ(ours.password->size(), theirs.password->size());
    } else if (line.kind == "request") {
      send(line);
    } else if (line.kind == "event") {
      EXPECT_EQ(event_text(server_.next(line.connection)), line.rest);
    } else {
      compare(line);
    }
  }
  std::size_t compared() const { return compared_; }

 private:
  void send(const Line& line) {
    const std::vector<std::byte> frame = from_hex(line.rest);
    Reader in(frame);
    wire::RequestHeader header;
    wire::take(in, header);
    ops_[line.connection][header.xid] = header.op;
    ASSERT_TRUE(server_.take(server_.machine.handle(line.connection, frame, {server_.now, ++server_.wall}, true)));
  }

  void compare(const Line& line) {
    std::istringstream in(line.rest);
    std::int32_t xid = 0;
    std::int64_t zxid = 0;
    std::int32_t err = 0;
    std::string body;
    in >> xid >> zxid >> err >> body;
    const Received ours = server_.next(line.connection);
    EXPECT_EQ(ours.header.xid, xid);
    EXPECT_EQ(ours.header.zxid, Zxid(zxid));
    EXPECT_EQ(static_cast<std::int32_t>(ours.header.err), err);
    if (body == "-") body.clear();
    if (body.starts_with('#')) {
      EXPECT_EQ(std::to_string(ours.body.size()), body.substr(1));
    } else {
      const wire::OpCode op = ops_[line.connection][xid];
      const auto theirs = from_hex(body);
      if (!theirs.empty() || !ours.body.empty()) {
        EXPECT_EQ(without_choices(op, ours.body), without_choices(op, theirs));
      }
    }
    ++compared_;
  }

  MachineClient server_;
  std::map<ConnectionId, std::map<std::int32_t, wire::OpCode>> ops_;
  std::size_t compared_ = 0;
};

TEST(WireRecording, our_server_answers_kafkas_brokers_as_apaches_does) {
  const std::vector<Line> lines = read_recording();
  ASSERT_GT(lines.size(), 800U);
  Player player;
  std::size_t number = 0;
  for (const Line& line : lines) {
    SCOPED_TRACE("line " + std::to_string(++number) + ": " + line.kind + " " + line.rest.substr(0, 80));
    player.play(line);
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(player.compared(), 400U);
}

}  // namespace
}  // namespace barnabas::zookeeper
