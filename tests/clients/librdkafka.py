"""As much of librdkafka's C interface as clients need that must know exactly what they were told."""
import ctypes

PRODUCER, CONSUMER = 0, 1
COPY_PAYLOAD = 2
PARTITION_EOF = -191
FATAL = -150
NOT_PERSISTED = 0  # rd_kafka_msg_status_t: it is sure that the message is in no log.
CREATE_TOPICS, DELETE_TOPICS = 1, 2
PATIENCE_MS = 60_000


class Message(ctypes.Structure):
    _fields_ = [("error", ctypes.c_int), ("topic", ctypes.c_void_p), ("partition", ctypes.c_int32),
                ("payload", ctypes.c_void_p), ("size", ctypes.c_size_t), ("key", ctypes.c_void_p),
                ("key_size", ctypes.c_size_t), ("offset", ctypes.c_int64), ("private", ctypes.c_void_p)]

    def value(self):
        return ctypes.string_at(self.payload, self.size)


class TopicPartition(ctypes.Structure):
    _fields_ = [("topic", ctypes.c_char_p), ("partition", ctypes.c_int32), ("offset", ctypes.c_int64),
                ("metadata", ctypes.c_void_p), ("metadata_size", ctypes.c_size_t), ("opaque", ctypes.c_void_p),
                ("error", ctypes.c_int), ("private", ctypes.c_void_p)]


class TopicPartitions(ctypes.Structure):
    _fields_ = [("count", ctypes.c_int), ("size", ctypes.c_int), ("elements", ctypes.POINTER(TopicPartition))]


DeliveryCallback = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(Message), ctypes.c_void_p)
ErrorCallback = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)

_P, _I, _I64, _S, _Z = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64, ctypes.c_char_p, ctypes.c_size_t
_LIST = ctypes.POINTER(TopicPartitions)
# name -> (result, arguments)
FUNCTIONS = {
    "conf_new": (_P, []), "conf_set": (_I, [_P, _S, _S, _S, _Z]),
    "conf_set_dr_msg_cb": (None, [_P, DeliveryCallback]), "conf_set_error_cb": (None, [_P, ErrorCallback]),
    "new": (_P, [_I, _P, _S, _Z]), "destroy": (None, [_P]), "err2name": (_S, [_I]),
    "fatal_error": (_I, [_P, _S, _Z]),
    "topic_new": (_P, [_P, _S, _P]), "topic_destroy": (None, [_P]), "topic_name": (_S, [_P]),
    "produce": (_I, [_P, ctypes.c_int32, _I, _S, _Z, _S, _Z, _P]), "poll": (_I, [_P, _I]),
    "purge": (_I, [_P, _I]), "flush": (_I, [_P, _I]),
    "message_status": (_I, [ctypes.POINTER(Message)]), "message_destroy": (None, [ctypes.POINTER(Message)]),
    "topic_partition_list_new": (_LIST, [_I]), "topic_partition_list_destroy": (None, [_LIST]),
    "topic_partition_list_add": (ctypes.POINTER(TopicPartition), [_LIST, _S, ctypes.c_int32]),
    "poll_set_consumer": (_I, [_P]), "consumer_poll": (ctypes.POINTER(Message), [_P, _I]),
    "assign": (_I, [_P, _LIST]), "subscribe": (_I, [_P, _LIST]), "consumer_close": (_I, [_P]),
    "commit": (_I, [_P, _LIST, _I]), "committed": (_I, [_P, _LIST, _I]),
    "query_watermark_offsets": (_I, [_P, _S, ctypes.c_int32, ctypes.POINTER(_I64), ctypes.POINTER(_I64), _I]),
    "queue_new": (_P, [_P]), "queue_destroy": (None, [_P]), "queue_poll": (_P, [_P, _I]),
    "event_error": (_I, [_P]), "event_error_string": (_S, [_P]), "event_destroy": (None, [_P]),
    "event_CreateTopics_result": (_P, [_P]), "event_DeleteTopics_result": (_P, [_P]),
    "CreateTopics_result_topics": (ctypes.POINTER(_P), [_P, ctypes.POINTER(_Z)]),
    "DeleteTopics_result_topics": (ctypes.POINTER(_P), [_P, ctypes.POINTER(_Z)]),
    "topic_result_error": (_I, [_P]), "topic_result_error_string": (_S, [_P]),
    "AdminOptions_new": (_P, [_P, _I]), "AdminOptions_destroy": (None, [_P]),
    "AdminOptions_set_request_timeout": (_I, [_P, _I, _S, _Z]),
    "AdminOptions_set_operation_timeout": (_I, [_P, _I, _S, _Z]),
    "NewTopic_new": (_P, [_S, _I, _I, _S, _Z]), "NewTopic_set_config": (_I, [_P, _S, _S]), "NewTopic_destroy": (None, [_P]),
    "CreateTopics": (None, [_P, ctypes.POINTER(_P), _Z, _P, _P]),
    "DeleteTopic_new": (_P, [_S]), "DeleteTopic_destroy": (None, [_P]),
    "DeleteTopics": (None, [_P, ctypes.POINTER(_P), _Z, _P, _P]),
}


class Library:
    """rd_kafka_NAME as .NAME, with types."""

    def __init__(self):
        library = ctypes.CDLL("librdkafka.so.1")
        for name, (result, arguments) in FUNCTIONS.items():
            function = getattr(library, "rd_kafka_" + name)
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)


class Error(Exception):
    """What librdkafka refused, or was refused; code is rd_kafka_resp_err_t."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Client:
    """A handle. Settings are librdkafka's, with _ for the dots."""

    def __init__(self, kind, settings):
        self.library = Library()
        self.errors = []  # (name, reason) of what is reported beside the messages, such as a fatal error.
        error = ctypes.create_string_buffer(512)
        conf = self.library.conf_new()
        for name, value in settings.items():
            name = (name if name == "log_level" else name.replace("_", ".")).encode()
            if self.library.conf_set(conf, name, str(value).encode(), error, len(error)) != 0:
                raise ValueError(error.value.decode())
        self._callbacks = [ErrorCallback(self._on_error)]  # Kept: C calls them.
        self.library.conf_set_error_cb(conf, self._callbacks[0])
        self._configure(conf)
        self.handle = self.library.new(kind, conf, error, len(error))
        if not self.handle:
            raise ValueError(error.value.decode())

    def _configure(self, conf):
        pass

    def _on_error(self, _handle, code, reason, _opaque):
        text = reason.decode(errors="replace")
        if code == FATAL:
            found = ctypes.create_string_buffer(512)
            code = self.library.fatal_error(self.handle, found, len(found))
            text = "fatal: " + found.value.decode(errors="replace")
        self.errors.append((self.name_of(code), text))

    def name_of(self, code):
        return self.library.err2name(code).decode()

    def check(self, code, what):
        if code != 0:
            raise Error(code, f"{what}: {self.name_of(code)}")


class Producer(Client):
    """Produces to one topic; acknowledged holds (offset, payload), in the order they came."""

    def __init__(self, topic, partition=0, **settings):
        super().__init__(PRODUCER, settings)
        self.acknowledged = []
        self.failed = 0
        self.partition = partition
        self.topic = self.library.topic_new(self.handle, topic.encode(), None)

    def _configure(self, conf):
        self._callbacks.append(DeliveryCallback(self._on_report))
        self.library.conf_set_dr_msg_cb(conf, self._callbacks[-1])

    def _on_report(self, _handle, message, _opaque):
        self.reported(message.contents, self.library.message_status(message) == NOT_PERSISTED)

    def reported(self, message, surely_not_written):
        """What became of a message; to be overridden by who wants to know more."""
        if message.error == 0:
            self.acknowledged.append((message.offset, message.value()))
        else:
            self.failed += 1

    def produce(self, payload, partition=None):
        """False when the queue is full: poll, and try again."""
        return self.library.produce(self.topic, self.partition if partition is None else partition, COPY_PAYLOAD,
                                    payload, len(payload), None, 0, None) == 0

    def poll(self, milliseconds=0):
        self.library.poll(self.handle, milliseconds)

    def flush(self, milliseconds):
        """Whether everything was reported by then."""
        return self.library.flush(self.handle, milliseconds) == 0

    def close(self):
        """Gives up what was not acknowledged by now."""
        self.library.purge(self.handle, 3)
        self.library.flush(self.handle, 10_000)
        self.library.topic_destroy(self.topic)
        self.library.destroy(self.handle)


class Consumer(Client):
    """Partitions are (topic, number)."""

    def __init__(self, **settings):
        super().__init__(CONSUMER, settings)
        self.library.poll_set_consumer(self.handle)

    def _with_list(self, partitions, call):
        """call(list) for {partition: offset}; (its result, the offsets in the list after it)."""
        made = self.library.topic_partition_list_new(len(partitions))
        for (topic, number), offset in partitions.items():
            self.library.topic_partition_list_add(made, topic.encode(), number).contents.offset = offset
        result = call(made)
        after = [made.contents.elements[i] for i in range(made.contents.count)]
        found = {(e.topic.decode(), e.partition): (e.offset, e.error) for e in after}
        self.library.topic_partition_list_destroy(made)
        return result, found

    def assign(self, offsets):
        """Reads these partitions from these offsets."""
        self.check(self._with_list(offsets, lambda made: self.library.assign(self.handle, made))[0], "assign")

    def subscribe(self, *topics):
        made = {(topic, -1): 0 for topic in topics}
        self.check(self._with_list(made, lambda made: self.library.subscribe(self.handle, made))[0], "subscribe")

    def poll(self, milliseconds):
        """(error, topic, partition, offset, value), or None when nothing came in time."""
        message = self.library.consumer_poll(self.handle, milliseconds)
        if not message:
            return None
        m = message.contents
        topic = self.library.topic_name(m.topic).decode() if m.topic else None
        got = (m.error, topic, m.partition, m.offset, m.value())
        self.library.message_destroy(message)
        return got

    def commit(self, offsets):
        """Waits for the answer; the error code, 0 for success."""
        return self._with_list(offsets, lambda made: self.library.commit(self.handle, made, 0))[0]

    def committed(self, partitions):
        """The group's offsets; -1 where there is none."""
        ask = {partition: 0 for partition in partitions}
        code, found = self._with_list(ask, lambda made: self.library.committed(self.handle, made, PATIENCE_MS))
        self.check(code or next((e for _, e in found.values() if e), 0), "committed")
        return {partition: max(offset, -1) for partition, (offset, _) in found.items()}

    def end_offset(self, topic, partition):
        low, high = _I64(), _I64()
        self.check(self.library.query_watermark_offsets(self.handle, topic.encode(), partition, low, high, PATIENCE_MS),
                   f"the end of {topic}-{partition}")
        return high.value

    def close(self):
        self.library.consumer_close(self.handle)
        self.library.destroy(self.handle)


class Admin(Client):
    def __init__(self, **settings):
        super().__init__(PRODUCER, settings)

    def create_topic(self, name, partitions, replication_factor, **config):
        """replication_factor -1: the cluster's default. Error when it is refused."""
        topic = self.library.NewTopic_new(name.encode(), partitions, replication_factor, None, 0)
        for key, value in config.items():
            self.library.NewTopic_set_config(topic, key.replace("_", ".").encode(), str(value).encode())
        self._ask(CREATE_TOPICS, "CreateTopics", topic)
        self.library.NewTopic_destroy(topic)

    def delete_topic(self, name):
        topic = self.library.DeleteTopic_new(name.encode())
        self._ask(DELETE_TOPICS, "DeleteTopics", topic)
        self.library.DeleteTopic_destroy(topic)

    def _ask(self, number, call, topic):
        queue, error = self.library.queue_new(self.handle), ctypes.create_string_buffer(512)
        options = self.library.AdminOptions_new(self.handle, number)
        self.library.AdminOptions_set_request_timeout(options, PATIENCE_MS, error, len(error))
        self.library.AdminOptions_set_operation_timeout(options, PATIENCE_MS // 2, error, len(error))
        getattr(self.library, call)(self.handle, (_P * 1)(topic), 1, options, queue)
        event = self.library.queue_poll(queue, 2 * PATIENCE_MS)
        code, text = -1, "no answer"
        if event:
            code, text = self.library.event_error(event), self.library.event_error_string(event)
            if code == 0:
                count = _Z()
                result = getattr(self.library, f"event_{call}_result")(event)
                topics = getattr(self.library, f"{call}_result_topics")(result, count)
                code, text = self.library.topic_result_error(topics[0]), self.library.topic_result_error_string(topics[0])
            text = (text or b"").decode(errors="replace")
            self.library.event_destroy(event)
        self.library.AdminOptions_destroy(options)
        self.library.queue_destroy(queue)
        if code != 0:
            raise Error(code, f"{call}: {text}")

    def close(self):
        self.library.destroy(self.handle)
