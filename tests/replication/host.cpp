#include "tests/replication/host.hpp"

namespace barnabas::replication {

record::ValidatedRecords batch_of(int count, Producer producer, std::int32_t sequence, std::size_t value_size) {
  record::BatchOptions options;
  options.producer_id = producer.id;
  options.producer_epoch = producer.epoch;
  options.base_sequence = sequence;
  record::BatchBuilder builder(options);
  const std::string value(value_size, 'v');
  for (int i = 0; i < count; ++i) builder.append(Timestamp(1000 + i), as_bytes("key"), as_bytes(value));
  record::ValidatedRecords records;
  records.batch = builder.build();
  records.header = *record::parse_batch_header(records.batch.view());
  records.record_count = count;
  return records;
}

Leadership leadership_of(std::int32_t epoch, std::int32_t partition_epoch, std::vector<std::int32_t> replicas,
                         std::vector<IsrMember> isr) {
  Leadership leadership;
  leadership.epoch = LeaderEpoch(epoch);
  leadership.partition_epoch = partition_epoch;
  for (const std::int32_t id : replicas) leadership.replicas.push_back(BrokerId(id));
  leadership.isr = std::move(isr);
  return leadership;
}

namespace {

Task<Result<void>> open_in(Broker& broker) {
  log::LogManagerOptions options;
  options.data_dirs = {"/data"};
  options.broker_id = broker.id;
  options.cluster_id = "test";
  options.defaults = broker.config;
  const env::Env env = broker.node.env();
  B_CO_TRY(broker.logs, co_await log::LogManager::open(env, std::move(options)));
  // In a broker the embedded ZooKeeper has done this before.
  B_CO_TRY_VOID(co_await env.disk.sync_directory("/"));
  broker.table = std::make_unique<PartitionTable>(env, *broker.logs, broker.id);
  co_return Result<void>{};
}

}  // namespace

void Broker::open() {
  const auto opened = run(open_in(*this));
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
}

void Broker::close() {
  table.reset();
  logs.reset();
}

std::shared_ptr<Partition> Broker::create() {
  auto made = run(table->create(kId, topic_id_of(7), config));
  EXPECT_TRUE(made.has_value());
  return made ? *made : nullptr;
}

void Host::open() {
  Broker::open();
  partition = create();
  ASSERT_NE(partition, nullptr);
  const LeaderLimits limits;
  const auto led = run(partition->lead(leadership_of(3, 1, {1}, {{BrokerId(1), 5}}), 5, limits));
  ASSERT_TRUE(led.has_value());
}

}  // namespace barnabas::replication
