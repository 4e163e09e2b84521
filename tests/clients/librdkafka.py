"""As much of librdkafka's C interface as a producer needs that must know what was acknowledged."""
import ctypes

PRODUCER = 0
COPY_PAYLOAD = 2


class Message(ctypes.Structure):
    _fields_ = [("error", ctypes.c_int), ("topic", ctypes.c_void_p), ("partition", ctypes.c_int32),
                ("payload", ctypes.c_void_p), ("size", ctypes.c_size_t), ("key", ctypes.c_void_p),
                ("key_size", ctypes.c_size_t), ("offset", ctypes.c_int64), ("private", ctypes.c_void_p)]


Callback = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(Message), ctypes.c_void_p)


def load():
    library = ctypes.CDLL("librdkafka.so.1")
    for name in ["rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_topic_new"]:
        getattr(library, name).restype = ctypes.c_void_p
    library.rd_kafka_conf_set.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p,
                                          ctypes.c_size_t]
    library.rd_kafka_conf_set_dr_msg_cb.argtypes = [ctypes.c_void_p, Callback]
    library.rd_kafka_new.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
    library.rd_kafka_topic_new.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    library.rd_kafka_produce.argtypes = [ctypes.c_void_p, ctypes.c_int32, ctypes.c_int, ctypes.c_char_p,
                                         ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p]
    library.rd_kafka_poll.argtypes = [ctypes.c_void_p, ctypes.c_int]
    library.rd_kafka_purge.argtypes = [ctypes.c_void_p, ctypes.c_int]
    library.rd_kafka_flush.argtypes = [ctypes.c_void_p, ctypes.c_int]
    library.rd_kafka_topic_destroy.argtypes = [ctypes.c_void_p]
    library.rd_kafka_destroy.argtypes = [ctypes.c_void_p]
    return library


class Producer:
    """Produces to one partition of one topic; acknowledged holds (offset, payload), in the order they came."""

    def __init__(self, topic, partition=0, **settings):
        self.library = load()
        self.acknowledged = []
        self.failed = 0
        self.partition = partition
        error = ctypes.create_string_buffer(512)
        conf = self.library.rd_kafka_conf_new()
        for name, value in settings.items():
            name = (name if name == "log_level" else name.replace("_", ".")).encode()
            if self.library.rd_kafka_conf_set(conf, name, str(value).encode(), error, len(error)) != 0:
                raise ValueError(error.value.decode())
        self.callback = Callback(self._on_report)  # Kept: C calls it.
        self.library.rd_kafka_conf_set_dr_msg_cb(conf, self.callback)
        self.handle = self.library.rd_kafka_new(PRODUCER, conf, error, len(error))
        if not self.handle:
            raise ValueError(error.value.decode())
        self.topic = self.library.rd_kafka_topic_new(self.handle, topic.encode(), None)

    def _on_report(self, _handle, message, _opaque):
        m = message.contents
        if m.error == 0:
            self.acknowledged.append((m.offset, ctypes.string_at(m.payload, m.size)))
        else:
            self.failed += 1

    def produce(self, payload):
        """False when the queue is full: poll, and try again."""
        return self.library.rd_kafka_produce(self.topic, self.partition, COPY_PAYLOAD, payload, len(payload), None, 0,
                                             None) == 0

    def poll(self, milliseconds=0):
        self.library.rd_kafka_poll(self.handle, milliseconds)

    def close(self):
        """Gives up what was not acknowledged by now."""
        self.library.rd_kafka_purge(self.handle, 3)
        self.library.rd_kafka_flush(self.handle, 10_000)
        self.library.rd_kafka_topic_destroy(self.topic)
        self.library.rd_kafka_destroy(self.handle)
