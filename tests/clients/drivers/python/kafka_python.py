"""kafka-python for checks.py."""
import re
import sys

import kafka
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import BrokerResponseError, OffsetOutOfRangeError

import checks
from checks import KafkaError, Record

ADDRESS, ADMIN = None, None


def bootstrap(address):
    global ADDRESS, ADMIN
    ADDRESS = address
    ADMIN = KafkaAdminClient(bootstrap_servers=address)


def close():
    ADMIN.close()


def answered(body, *arguments, **named):
    try:
        return body(*arguments, **named)
    except BrokerResponseError as e:
        raise KafkaError(e.errno, str(e)) from e


def create(topic, partitions):
    answered(ADMIN.create_topics, [NewTopic(topic, partitions, checks.REPLICATION_FACTOR)])


def grow(topic, partitions):
    answered(ADMIN.create_partitions, {topic: NewPartitions(partitions)})


def delete(topic):
    answered(ADMIN.delete_topics, [topic])


def topics():
    return set(ADMIN.list_topics())


def partitions(topic):
    [found] = answered(ADMIN.describe_topics, [topic])
    if found["error_code"]:
        raise KafkaError(found["error_code"])
    return len(found["partitions"])


def produce(topic, rows, codec="plain", idempotent=False, partition=None):
    producer = KafkaProducer(bootstrap_servers=ADDRESS, compression_type=None if codec == "plain" else codec,
                             linger_ms=5, enable_idempotence=idempotent, max_request_size=3_000_000)
    try:
        answers = [producer.send(topic, value, key, headers=headers, partition=partition, timestamp_ms=timestamp)
                   for key, value, headers, timestamp in rows]
        for answer in answers:
            answered(answer.get, checks.WAIT)
    finally:
        producer.close()


class Listener(kafka.ConsumerRebalanceListener):
    def __init__(self, owner):
        self.owner = owner

    def on_partitions_assigned(self, assigned):
        self.owner.rebalances += 1
        self.owner.assigned = {p.partition for p in self.owner.consumer.assignment()} | {p.partition for p in assigned}

    def on_partitions_revoked(self, revoked):
        self.owner.rebalances += 1
        self.owner.revoked += [p.partition for p in revoked]
        self.owner.assigned -= {p.partition for p in revoked}


class Consumer:
    def __init__(self, group, session_ms=None, instance=None, cooperative=False, reset="earliest"):
        conf = {"group_id": group, "auto_offset_reset": "none" if reset == "error" else reset,
                "enable_auto_commit": False}
        if session_ms:
            conf["session_timeout_ms"] = session_ms
        if instance:
            conf["group_instance_id"] = instance
        if cooperative:
            conf["partition_assignment_strategy"] = [CooperativeStickyAssignor]
        self.consumer = KafkaConsumer(bootstrap_servers=ADDRESS, **conf)
        self.assigned, self.revoked, self.rebalances = set(), [], 0

    def subscribe(self, topic):
        self.consumer.subscribe([topic], listener=Listener(self))

    def assign(self, topic, starts):
        self.consumer.assign([TopicPartition(topic, p) for p in starts])
        for p, offset in starts.items():
            self.consumer.seek(TopicPartition(topic, p), offset)

    def poll(self, seconds, most=500):
        try:
            polled = self.consumer.poll(int(seconds * 1000), most)
        except OffsetOutOfRangeError as e:
            raise KafkaError(checks.OFFSET_OUT_OF_RANGE, str(e)) from e
        return [Record(r.partition, r.offset, r.key, r.value, r.headers, r.timestamp)
                for records in polled.values() for r in records]

    def commit(self):
        try:
            self.consumer.commit()
        except (kafka.errors.CommitFailedError, kafka.errors.RebalanceInProgressError):
            pass  # The next poll takes part in the rebalance, and the next commit covers these.

    def offset_for_time(self, topic, partition, timestamp):
        tp = TopicPartition(topic, partition)
        found = self.consumer.offsets_for_times({tp: timestamp})[tp]
        return found.offset if found else None

    def first_and_last(self, topic, partition):
        tp = TopicPartition(topic, partition)
        return self.consumer.beginning_offsets([tp])[tp], self.consumer.end_offsets([tp])[tp]

    def close(self):
        self.consumer.close()


def config(kind, name):
    described = answered(ADMIN.describe_configs, [ConfigResource(kind, name)], config_filter="all")
    found = next(iter(next(iter(described.values())).values()))
    return {k: v["value"] if isinstance(v, dict) else v for k, v in found.items()}


def topic_config(topic):
    return config(ConfigResourceType.TOPIC, topic)


def broker_config():
    return config(ConfigResourceType.BROKER, str(ADMIN.describe_cluster()["brokers"][0]["broker_id"]))


def alter(topic, entries):
    told(ADMIN.alter_configs, topic, entries, incremental=False)


def alter_incrementally(topic, entries, deleted):
    told(ADMIN.alter_configs, topic, entries, incremental=True)
    if deleted:
        told(ADMIN.reset_configs, topic, deleted)


def told(body, topic, entries, **options):
    """This library gives the error of a topic as its text alone."""
    [answer] = body([ConfigResource(ConfigResourceType.TOPIC, topic, configs=entries)], **options)["topic"].values()
    if answer != "OK":
        raise KafkaError(int(re.search(r"\d+", answer)[0]), answer)


def delete_records(topic, partition, offset):
    [found] = answered(ADMIN.delete_records, {TopicPartition(topic, partition): offset}).values()
    return found["low_watermark"] if isinstance(found, dict) else found


def groups():
    return {g["group_id"] for g in ADMIN.list_groups()}


def describe_group(group):
    found = answered(ADMIN.describe_groups, [group])[group]
    return found["group_state"], len(found["members"])


def group_offset(group, topic, partition):
    found = answered(ADMIN.list_group_offsets, {group: [TopicPartition(topic, partition)]})[group]
    offset = found[TopicPartition(topic, partition)]
    offset = getattr(offset, "offset", offset)
    return None if offset is None or offset < 0 else offset


def delete_offset(group, topic, partition):
    answered(ADMIN.delete_group_offsets, group, [TopicPartition(topic, partition)])


def delete_group(group):
    answered(ADMIN.delete_groups, [group])


if __name__ == "__main__":
    checks.main(sys.modules[__name__])
