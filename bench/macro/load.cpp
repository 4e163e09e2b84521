// A producer and a consumer on librdkafka, as fast as it goes. bench/macro/compare and slow_clients build and run it.
//
//   load produce HOST:PORT TOPIC MESSAGES BYTES CODEC     all acknowledged (acks=all) before the clock stops
//   load consume HOST:PORT TOPIC MESSAGES                 from the beginning of all partitions
//   load delete  HOST:PORT TOPIC
//   load latency HOST:PORT TOPIC MESSAGES                 one at a time, acks=all
//
// Prints the seconds it took, from the first message to the last; connecting is not counted. Of latency: the median,
// the 99th percentile and the largest, in seconds.
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "load: %s\n", what.c_str());
  std::exit(1);
}

using Settings = std::vector<std::pair<std::string, std::string>>;

// Counts of delivery reports, by librdkafka's opaque pointer.
struct Deliveries {
  long failed = 0;
  std::string error;
};

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  auto* deliveries = static_cast<Deliveries*>(opaque);
  ++deliveries->failed;
  deliveries->error = rd_kafka_err2str(message->err);
}

rd_kafka_t* client(rd_kafka_type_t type, const Settings& settings, Deliveries* deliveries) {
  char error[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [key, value] : settings) {
    if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), error, sizeof error) != RD_KAFKA_CONF_OK) die(error);
  }
  rd_kafka_conf_set_opaque(conf, deliveries);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_t* handle = rd_kafka_new(type, conf, error, sizeof error);
  if (handle == nullptr) die(error);
  return handle;
}

// Text that compresses about four to one, as many records of applications do.
std::string sample_text(std::size_t size) {
  static const char* const kWords[] = {"order",  "customer", "timestamp", "village",
                                       "amount", "currency", "letter",    "castle"};
  std::string text;
  for (unsigned long x = 88172645463325252ul; text.size() < size;) {
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    text += std::string("{\"") + kWords[x % 8] + "\":" + std::to_string((x >> 8) % 10000) + "}";
  }
  return text;
}

// One call of librdkafka's batch interface; what its queue refuses is offered again.
void produce_some(rd_kafka_t* handle, rd_kafka_topic_t* topic, std::vector<rd_kafka_message_t>& messages) {
  auto left = static_cast<int>(messages.size());
  while (rd_kafka_produce_batch(topic, RD_KAFKA_PARTITION_UA, 0, messages.data(), left) != left) {
    int kept = 0;
    for (int i = 0; i < left; ++i) {
      rd_kafka_message_t& message = messages[static_cast<std::size_t>(i)];
      if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
      if (message.err != RD_KAFKA_RESP_ERR__QUEUE_FULL) die(rd_kafka_err2str(message.err));
      message.err = RD_KAFKA_RESP_ERR_NO_ERROR;
      messages[static_cast<std::size_t>(kept++)] = message;
    }
    left = kept;
    rd_kafka_poll(handle, 1);
  }
}

void produce_all(rd_kafka_t* handle, rd_kafka_topic_t* topic, long count, std::size_t size, const std::string& text) {
  constexpr long kAtOnce = 256;
  std::size_t at = 0;
  for (long sent = 0; sent < count;) {
    std::vector<rd_kafka_message_t> messages(static_cast<std::size_t>(std::min(kAtOnce, count - sent)));
    for (rd_kafka_message_t& message : messages) {
      message.payload = const_cast<char*>(text.data()) + at;
      message.len = size;
      at = (at + size) % (text.size() - size);
    }
    sent += static_cast<long>(messages.size());
    produce_some(handle, topic, messages);
    rd_kafka_poll(handle, 0);
  }
  if (rd_kafka_flush(handle, 120'000) != RD_KAFKA_RESP_ERR_NO_ERROR) die("not everything was acknowledged in 120 s");
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double produce(const std::string& broker, const std::string& name, long count, std::size_t size,
               const std::string& codec) {
  Deliveries deliveries;
  rd_kafka_t* handle = client(RD_KAFKA_PRODUCER,
                              {{"bootstrap.servers", broker},
                               {"acks", "all"},
                               {"compression.codec", codec},
                               {"linger.ms", "5"},
                               {"batch.num.messages", "100000"},
                               {"batch.size", "131072"},
                               {"queue.buffering.max.messages", "500000"},
                               {"queue.buffering.max.kbytes", "262144"},
                               {"sticky.partitioning.linger.ms", "10"},
                               {"delivery.report.only.error", "true"}},
                              &deliveries);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(handle, name.c_str(), nullptr);
  const std::string text = sample_text(1 << 20);
  produce_all(handle, topic, 1000, 10, text);  // The topic is created and all is connected after that.
  const auto start = std::chrono::steady_clock::now();
  produce_all(handle, topic, count, size, text);
  const double seconds = seconds_since(start);
  if (deliveries.failed > 0) die(std::to_string(deliveries.failed) + " messages failed: " + deliveries.error);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(handle);
  return seconds;
}

// Each message is sent when the one before it was acknowledged.
std::vector<double> latencies(const std::string& broker, const std::string& name, long count) {
  Deliveries deliveries;
  rd_kafka_t* handle = client(RD_KAFKA_PRODUCER,
                              {{"bootstrap.servers", broker}, {"acks", "all"}, {"linger.ms", "0"}},
                              &deliveries);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(handle, name.c_str(), nullptr);
  const std::string text = sample_text(1 << 12);
  produce_all(handle, topic, 100, 100, text);
  std::vector<double> all;
  for (long i = 0; i < count; ++i) {
    const auto start = std::chrono::steady_clock::now();
    if (rd_kafka_produce(topic, 0, 0, const_cast<char*>(text.data()), 100, nullptr, 0, nullptr) != 0) die("not sent");
    while (rd_kafka_outq_len(handle) > 0) rd_kafka_poll(handle, 100);
    all.push_back(seconds_since(start));
  }
  if (deliveries.failed > 0) die(std::to_string(deliveries.failed) + " messages failed: " + deliveries.error);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(handle);
  std::sort(all.begin(), all.end());
  return {all[all.size() / 2], all[all.size() * 99 / 100], all.back()};
}

// Assigns all partitions from their beginning; no group is involved.
void assign_all(rd_kafka_t* handle, const std::string& name) {
  rd_kafka_topic_t* topic = rd_kafka_topic_new(handle, name.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(handle, 0, topic, &metadata, 10'000) != RD_KAFKA_RESP_ERR_NO_ERROR) die("no metadata");
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(metadata->topics[0].partition_cnt);
  for (int i = 0; i < metadata->topics[0].partition_cnt; ++i) {
    rd_kafka_topic_partition_list_add(list, name.c_str(), i)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  rd_kafka_assign(handle, list);
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_metadata_destroy(metadata);
  rd_kafka_topic_destroy(topic);
}

double consume(const std::string& broker, const std::string& name, long count) {
  rd_kafka_t* handle = client(RD_KAFKA_CONSUMER,
                              {{"bootstrap.servers", broker},
                               {"group.id", "load"},
                               {"enable.auto.commit", "false"},
                               {"fetch.wait.max.ms", "100"},
                               {"queued.min.messages", "1000000"}},
                              nullptr);
  assign_all(handle, name);
  rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(handle);
  std::vector<rd_kafka_message_t*> messages(10'000);
  auto start = std::chrono::steady_clock::now();
  for (long seen = 0; seen < count;) {
    // No more than are left: the call waits until it has as many as it was asked for.
    const std::size_t most = std::min(messages.size(), static_cast<std::size_t>(count - seen));
    const ssize_t got = rd_kafka_consume_batch_queue(queue, 10'000, messages.data(), most);
    if (got <= 0) die("nothing came in 10 s after " + std::to_string(seen) + " messages");
    if (seen == 0) start = std::chrono::steady_clock::now();
    for (ssize_t i = 0; i < got; ++i) {
      rd_kafka_message_t* message = messages[static_cast<std::size_t>(i)];
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) die(rd_kafka_message_errstr(message));
      rd_kafka_message_destroy(message);
    }
    seen += got;
  }
  const double seconds = seconds_since(start);
  rd_kafka_queue_destroy(queue);
  rd_kafka_consumer_close(handle);
  rd_kafka_destroy(handle);
  return seconds;
}

double remove(const std::string& broker, const std::string& name) {
  rd_kafka_t* handle = client(RD_KAFKA_PRODUCER, {{"bootstrap.servers", broker}}, nullptr);
  rd_kafka_DeleteTopic_t* topic = rd_kafka_DeleteTopic_new(name.c_str());
  rd_kafka_queue_t* queue = rd_kafka_queue_new(handle);
  const auto start = std::chrono::steady_clock::now();
  rd_kafka_DeleteTopics(handle, &topic, 1, nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 30'000);
  const double seconds = seconds_since(start);
  if (event == nullptr || rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) die("DeleteTopics failed");
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_DeleteTopic_destroy(topic);
  rd_kafka_destroy(handle);
  return seconds;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  double seconds = 0;
  if (args.size() == 6 && args[0] == "produce") {
    seconds = produce(args[1], args[2], std::stol(args[3]), std::stoul(args[4]), args[5]);
  } else if (args.size() == 4 && args[0] == "consume") {
    seconds = consume(args[1], args[2], std::stol(args[3]));
  } else if (args.size() == 4 && args[0] == "latency" && std::stol(args[3]) > 0) {
    for (const double value : latencies(args[1], args[2], std::stol(args[3]))) std::printf("%.6f ", value);
    std::printf("\n");
    return 0;
  } else if (args.size() == 3 && args[0] == "delete") {
    seconds = remove(args[1], args[2]);
  } else {
    die("see the head of bench/macro/load.cpp");
  }
  std::printf("%.6f\n", seconds);
}
