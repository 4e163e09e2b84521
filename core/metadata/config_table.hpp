// The broker keys that have an effect here, or soon will: each declared once, with type, default, legal values
// and text.
//
// Names, defaults and meaning are Kafka 3.9's (ZooKeeper mode); where one is not, `.deviates()` says what
// Kafka does. docs/configuration.md is generated from these tables. Keys that are only known stand in
// config_known.cpp, topic-level keys in topic_config.cpp.
#pragma once

#include <cstdint>
#include <limits>

#include "core/metadata/config_key.hpp"

namespace barnabas::metadata::table {

using enum ConfigType;

inline constexpr std::int64_t kInt32Max = std::numeric_limits<std::int32_t>::max();
inline constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();

inline constexpr KeyInfo kIdentity[] = {
    declare(int32, "broker.id", "-1", "Id of this broker in its cluster. -1: the one in meta.properties, or a new one.")
        .at_least(-1),
    declare(boolean, "broker.id.generation.enable", "true", "Whether a broker without an id may be given one."),
    declare(int32, "reserved.broker.max.id", "1000", "Ids given to brokers without one start above this.").at_least(0),
    declare(string, "broker.rack", kNull, "Name of the rack or zone this broker is in."),
};

inline constexpr KeyInfo kNetwork[] = {
    declare(list, "listeners", "PLAINTEXT://:9092",
            "Addresses to listen on, as NAME://host:port. An empty host is every interface; port 0 takes a "
            "free one."),
    declare(list, "advertised.listeners", kNull,
            "Addresses that clients are told, as NAME://host:port. Not set: the listeners, with this "
            "machine's name "
            "where the host is empty."),
    declare(list, "listener.security.protocol.map",
            "PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL",
            "Which security protocol each listener name speaks, as NAME:PROTOCOL."),
    declare(int32, "socket.request.max.bytes", "104857600", "Largest request; a larger one closes its connection.")
        .at_least(1),
    declare(int32, "max.connections", "2147483647", "Most connections at a time; one more waits until one closes.")
        .at_least(0)
        .dynamic(),
    declare(int32, "max.connections.per.ip", "2147483647", "Most connections from one address.").at_least(0).dynamic(),
    declare(string, "max.connections.per.ip.overrides", "",
            "The same for single addresses, as address:count,... The addresses are compared as they are written.")
        .deviates("host names are looked up")
        .dynamic(),
    declare(int64, "connections.max.idle.ms", "600000",
            "A connection on which nothing moves for this long is closed; negative is never."),
    declare(
        int32, "queued.max.requests", "500",
        "Most requests that may be begun and not yet waiting for something or answered; then nothing more is begun.")
        .at_least(1),
    declare(int64, "queued.max.request.bytes", "-1",
            "Most bytes of requests above 64 KiB that are held at a time, at least socket.request.max.bytes. -1: 512 "
            "MiB, or the largest request if that is more.")
        .at_least(-1)
        .deviates("-1 is no limit"),
    declare(string, "metrics.host", "127.0.0.1", "Address on which metrics.port listens. Empty is every interface.")
        .deviates("no such key"),
    declare(
        int32, "metrics.port", kNull,
        "Port that answers GET /metrics with the broker's metrics, as Prometheus reads them. 0 takes a free one. Not "
        "set: it opens none.")
        .between(0, 65535)
        .deviates("no such key"),
};

inline constexpr KeyInfo kZookeeper[] = {
    declare(string, "zookeeper.connect", "embedded",
            "`embedded`: a ZooKeeper inside this process, kept in the data directory. Else "
            "host:port,...[/chroot].")
        .deviates("no default; the key must be set"),
    declare(int32, "zookeeper.embedded.port", kNull,
            "Port on which the embedded ZooKeeper serves other processes, on the host of the first listener. Not set: "
            "it opens none.")
        .between(0, 65535)
        .deviates("no such key"),
    declare(int32, "zookeeper.session.timeout.ms", "18000",
            "How long this broker may be silent before its registration is removed. An embedded ZooKeeper never does "
            "that to its own broker.")
        .at_least(1),
    declare(int32, "zookeeper.connection.timeout.ms", kNull,
            "How long connecting at the start may take. Not set: zookeeper.session.timeout.ms."),
};

inline constexpr KeyInfo kTopics[] = {
    declare(boolean, "auto.create.topics.enable", "true", "Whether asking for an unknown topic may create it."),
    declare(int32, "num.partitions", "1", "Partitions of a topic that is created without saying how many.").at_least(1),
    declare(int32, "default.replication.factor", "1", "Replicas of a topic that is created without saying how many.")
        .at_least(1),
    declare(boolean, "delete.topic.enable", "true", "Whether topics may be deleted."),
    declare(int32, "min.replication.factor", "1",
            "A topic with fewer replicas is refused; one that is created without saying how many gets at least this "
            "many.")
        .at_least(1)
        .dynamic()
        .deviates("no such key"),
    declare(int32, "min.insync.replicas", "1", "Replicas that must be in sync for a produce with acks=all.")
        .at_least(1)
        .dynamic(),
    declare(int32, "message.max.bytes", "1048588", "Largest record batch, headers included and as compressed.")
        .at_least(0)
        .dynamic(),
    declare(string, "compression.type", "producer",
            "Codec in which batches are stored; `producer` keeps the one they came in.")
        .one_of("uncompressed,zstd,lz4,snappy,gzip,producer")
        .dynamic(),
    declare(int32, "compression.gzip.level", "-1", "Level when a batch is stored with gzip; -1 is gzip's default.")
        .between(-1, 9)
        .but_not(0)
        .dynamic(),
    declare(int32, "compression.lz4.level", "9", "Level when a batch is stored with lz4.").between(1, 17).dynamic(),
    declare(int32, "compression.zstd.level", "3", "Level when a batch is stored with zstd.")
        .between(-131072, 22)
        .dynamic(),
    declare(string, "log.message.timestamp.type", "CreateTime",
            "Whether a record's timestamp is its producer's or the time of the append.")
        .one_of("CreateTime,LogAppendTime")
        .dynamic(),
    declare(int64, "log.message.timestamp.before.max.ms", "9223372036854775807",
            "How far a CreateTime timestamp may lie in the past.")
        .at_least(0)
        .dynamic(),
    declare(int64, "log.message.timestamp.after.max.ms", "9223372036854775807",
            "How far a CreateTime timestamp may lie in the future.")
        .at_least(0)
        .dynamic(),
    declare(boolean, "log.message.downconversion.enable", "true",
            "Whether batches are converted for clients that know only older formats.")
        .dynamic(),
};

inline constexpr KeyInfo kLog[] = {
    declare(string, "log.dir", "/tmp/kafka-logs",
            "The data directory, unless log.dirs is set. The default may not outlive a reboot."),
    declare(list, "log.dirs", kNull, "The data directories, comma-separated. Not set: log.dir."),
    declare(int32, "log.segment.bytes", "1073741824",
            "A segment that would become larger is closed and a new one begun.")
        .at_least(14)
        .dynamic(),
    declare(int64, "log.roll.ms", kNull, "A segment older than this is closed. Not set: log.roll.hours.")
        .at_least(1)
        .dynamic(),
    declare(int32, "log.roll.hours", "168", "A segment older than this is closed.").at_least(1),
    declare(int64, "log.roll.jitter.ms", kNull,
            "Subtracts up to this from the age, so that not all close at once. Not set: log.roll.jitter.hours.")
        .at_least(0)
        .dynamic(),
    declare(int32, "log.roll.jitter.hours", "0", "The same in hours.").at_least(0),
    declare(int32, "log.index.interval.bytes", "4096", "An index entry is added when this many bytes were appended.")
        .at_least(0)
        .dynamic(),
    declare(int32, "log.index.size.max.bytes", "10485760", "Largest offset index; a full one closes the segment.")
        .at_least(4)
        .dynamic(),
    declare(int64, "log.flush.interval.messages", "9223372036854775807",
            "Appends are synced to the disk when this many records are not. 1: before each produce is answered.")
        .at_least(1)
        .dynamic(),
    declare(int64, "log.flush.interval.ms", kNull,
            "Appends are synced to the disk when one is this old. Not set: log.flush.scheduler.interval.ms.")
        .dynamic(),
    declare(int64, "log.flush.scheduler.interval.ms", "9223372036854775807",
            "How often it is looked whether a log must be synced."),
    declare(int32, "log.flush.offset.checkpoint.interval.ms", "60000",
            "How often the point is written from which recovery after a crash begins.")
        .at_least(0),
    declare(list, "log.cleanup.policy", "delete", "What happens to old records: they are deleted, compacted, or both.")
        .one_of("compact,delete")
        .dynamic(),
    declare(boolean, "log.cleaner.enable", "true", "Whether compacted topics are compacted."),
    declare(int32, "log.cleaner.threads", "1", "How many logs are compacted at a time.").at_least(0),
    declare(float64, "log.cleaner.io.max.bytes.per.second", "1.7976931348623157E308",
            "Most bytes compaction reads and writes in a second.")
        .at_least(1)
        .deviates("no least value"),
    declare(int64, "log.cleaner.dedupe.buffer.size", "134217728",
            "Memory for the keys that compaction compares, of all threads together, 24 bytes a key.")
        .at_least(1048576)
        .deviates("1048577 for each thread"),
    declare(int32, "log.cleaner.io.buffer.size", "524288", "Memory for compaction's reads and writes, the same.")
        .at_least(0),
    declare(float64, "log.cleaner.io.buffer.load.factor", "0.9", "How much of the memory for keys may be in use.")
        .between(0, 1)
        .deviates("no bounds"),
    declare(int64, "log.cleaner.backoff.ms", "15000", "How long compaction sleeps when there is nothing to do.")
        .at_least(0),
    declare(float64, "log.cleaner.min.cleanable.ratio", "0.5",
            "A compacted log is cleaned when this part of it is not yet.")
        .between(0, 1)
        .dynamic(),
    declare(int64, "log.cleaner.delete.retention.ms", "86400000", "How long compaction keeps the marks of deletions.")
        .at_least(0)
        .dynamic(),
    declare(int64, "log.cleaner.min.compaction.lag.ms", "0", "How long a record is kept before compaction may drop it.")
        .at_least(0)
        .dynamic(),
    declare(int64, "log.cleaner.max.compaction.lag.ms", "9223372036854775807",
            "How long a record may wait for compaction.")
        .at_least(1)
        .dynamic(),
    declare(boolean, "log.preallocate", "false", "Whether a new segment's file is made in its full size.").dynamic(),
    declare(int64, "log.retention.ms", kNull,
            "Closed segments older than this are deleted; -1: never. Not set: log.retention.minutes.")
        .dynamic(),
    declare(int32, "log.retention.minutes", kNull, "The same in minutes. Not set: log.retention.hours."),
    declare(int32, "log.retention.hours", "168", "The same in hours."),
    declare(int64, "log.retention.bytes", "-1", "Oldest segments are deleted while a partition is larger; -1: never.")
        .dynamic(),
    declare(int64, "log.local.retention.ms", "-2", "Retention of the local part of a tiered log.")
        .at_least(-2)
        .not_yet()
        .dynamic(),
    declare(int64, "log.local.retention.bytes", "-2", "Retention of the local part of a tiered log.")
        .at_least(-2)
        .not_yet()
        .dynamic(),
    declare(int64, "log.retention.check.interval.ms", "300000", "How often it is looked what may be deleted.")
        .at_least(1),
    declare(int64, "log.segment.delete.delay.ms", "60000", "How long a deleted segment's files stay on the disk.")
        .at_least(0)
        .dynamic(),
};

inline constexpr KeyInfo kReplication[] = {
    declare(string, "inter.broker.listener.name", kNull,
            "Listener that brokers use among themselves. Not set: the one that security.inter.broker.protocol names, "
            "or the first when there is none of that name.")
        .deviates("does not start then"),
    declare(string, "security.inter.broker.protocol", "PLAINTEXT",
            "Security protocol between brokers: the name of their listener, unless inter.broker.listener.name is set.")
        .one_of("PLAINTEXT,SSL,SASL_PLAINTEXT,SASL_SSL"),
    declare(boolean, "unclean.leader.election.enable", "false",
            "Whether a replica that is not in sync may lead when no other is alive; it loses records.")
        .dynamic(),
    declare(boolean, "failover.on.refused.connection", "true",
            "Whether a broker whose port refuses connections is replaced at once, without waiting for its ZooKeeper "
            "session.")
        .deviates("no such key; the session decides"),
    declare(boolean, "auto.leader.rebalance.enable", "true",
            "Whether leadership returns to the preferred replicas by itself."),
    declare(int32, "leader.imbalance.per.broker.percentage", "10",
            "How many percent of a broker's preferred leaderships may be elsewhere before they return."),
    declare(int64, "leader.imbalance.check.interval.seconds", "300", "How often that is looked at.").at_least(1),
    declare(boolean, "controlled.shutdown.enable", "true", "Whether leadership is handed over before stopping."),
    declare(int32, "controlled.shutdown.max.retries", "3", "How often that is tried."),
    declare(int64, "controlled.shutdown.retry.backoff.ms", "5000", "How long between the tries."),
    declare(int32, "request.timeout.ms", "30000", "How long a request to the controller may take.")
        .at_least(1)
        .deviates("no least value"),
    declare(int32, "controller.socket.timeout.ms", "30000", "How long the controller waits for a broker's answer.")
        .at_least(1)
        .deviates("no least value"),
    declare(int64, "replica.lag.time.max.ms", "30000",
            "A follower that has not caught up for this long leaves the in-sync replicas.")
        .at_least(1)
        .deviates("no least value"),
    declare(int32, "replica.socket.timeout.ms", "30000", "How long a follower waits for its leader's answer.")
        .at_least(1)
        .deviates("no least value"),
    declare(int32, "replica.fetch.max.bytes", "1048576",
            "Most bytes a follower asks for of one partition; a larger batch comes whole.")
        .at_least(0),
    declare(int32, "replica.fetch.response.max.bytes", "10485760", "Most bytes a follower asks for at a time.")
        .at_least(0),
    declare(int32, "replica.fetch.wait.max.ms", "500", "How long a leader may hold a follower's fetch.")
        .at_least(0)
        .deviates("no least value"),
    declare(int32, "replica.fetch.min.bytes", "1", "How many bytes end that wait."),
    declare(int32, "replica.fetch.backoff.ms", "1000", "How long a follower waits after an error.").at_least(0),
    declare(int64, "leader.replication.throttled.rate", "9223372036854775807",
            "Most bytes a second that replicas out of sync may fetch from here, of those in the topics' "
            "leader.replication.throttled.replicas.")
        .at_least(0)
        .dynamic(),
    declare(int64, "follower.replication.throttled.rate", "9223372036854775807",
            "Most bytes a second that this broker's replicas out of sync fetch, of those in the topics' "
            "follower.replication.throttled.replicas.")
        .at_least(0)
        .dynamic(),
    declare(java_class, "replica.selector.class", kNull,
            "Which replica consumers are sent to: org.apache.kafka.common.replica.RackAwareReplicaSelector sends them "
            "to one in their own rack, org.apache.kafka.common.replica.LeaderSelector, as when it is not set, to the "
            "leader.")
        .deviates("any class; here these two are built in"),
    declare(int64, "replica.high.watermark.checkpoint.interval.ms", "5000",
            "How often the high watermarks are written to the disk.")
        .at_least(1)
        .deviates("no least value"),
};

inline constexpr KeyInfo kFetch[] = {
    declare(int32, "fetch.max.bytes", "57671680", "Most bytes of records in one fetch answer.").at_least(1024),
    declare(int32, "max.request.partition.size.limit", "2000", "Most partitions in one DescribeTopicPartitions answer.")
        .at_least(1),
    declare(int32, "max.incremental.fetch.session.cache.slots", "1000", "Most fetch sessions that are remembered.")
        .at_least(0),
};

inline constexpr KeyInfo kGroups[] = {
    declare(int32, "group.min.session.timeout.ms", "6000", "Shortest session timeout a group member may ask for."),
    declare(int32, "group.max.session.timeout.ms", "1800000", "Longest session timeout a group member may ask for."),
    declare(int32, "group.initial.rebalance.delay.ms", "0",
            "How long the first members of an empty group wait for more before it starts.")
        .at_least(0)
        .deviates("3000"),
    declare(int32, "group.max.size", "2147483647", "Most members of one group.").at_least(1),
    declare(int32, "offset.metadata.max.bytes", "4096", "Longest text that may go with a committed offset."),
    declare(int32, "offsets.topic.num.partitions", "50", "Partitions of the topic of committed offsets.").at_least(1),
    declare(int16, "offsets.topic.replication.factor", "3", "Replicas of the topic of committed offsets.")
        .at_least(1)
        .deviates("3 in any case. Here, while it is not set and ZooKeeper is embedded, as many as there are live "
                  "brokers, up to "
                  "3"),
    declare(int32, "offsets.topic.segment.bytes", "104857600", "Segment size of the topic of committed offsets.")
        .at_least(1),
    declare(int32, "offsets.retention.minutes", "10080", "How long the offsets of a group without members are kept.")
        .at_least(1),
    declare(int64, "offsets.retention.check.interval.ms", "600000", "How often it is looked for offsets to forget.")
        .at_least(1),
    declare(int32, "offsets.commit.timeout.ms", "5000", "How long a commit may wait for its replicas.").at_least(1),
};

inline constexpr KeyInfo kTransactions[] = {
    declare(int32, "producer.id.expiration.ms", "86400000",
            "How long a partition remembers a producer that appends nothing.")
        .at_least(1)
        .dynamic(),
    declare(int32, "producer.id.expiration.check.interval.ms", "600000",
            "How often it is looked for producers to forget.")
        .at_least(1)
        .not_yet(),
};

// One heading of the reference each.
struct Section {
  std::string_view title;
  const KeyInfo* keys;
  std::size_t count;
};

template <std::size_t N>
constexpr Section section(std::string_view title, const KeyInfo (&keys)[N]) {
  return {title, keys, N};
}

inline constexpr Section kSections[] = {
    section("Identity", kIdentity),
    section("Network", kNetwork),
    section("ZooKeeper", kZookeeper),
    section("Topics and records", kTopics),
    section("Data directory", kLog),
    section("Replication", kReplication),
    section("Fetching", kFetch),
    section("Consumer groups and offsets", kGroups),
    section("Producers and transactions", kTransactions),
};

}  // namespace barnabas::metadata::table
