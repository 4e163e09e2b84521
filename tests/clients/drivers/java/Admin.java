import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;

/**
 * What an admin client does, with the exceptions that the checks want: for the releases that have none. Since11 and
 * Since28 are those that have.
 */
class Admin {
  static final String NONE = "no admin client", NO_GROUPS = "no group administration";

  /** Without an admin client, asking for the topic creates it with the broker's num.partitions. */
  void create(String topic, int partitions) throws Exception {
    try (KafkaProducer<byte[], byte[]> p = Client.producer("none", false)) { p.partitionsFor(topic); }
  }
  int partitions(String topic) throws Exception { throw new Client.Unsupported(NONE); }
  void grow(String topic, int partitions) throws Exception { throw new Client.Unsupported(NONE); }
  void delete(String topic) throws Exception { throw new Client.Unsupported(NONE); }
  Set<String> topics() throws Exception { throw new Client.Unsupported(NONE); }
  Map<String, String> topicConfig(String topic) throws Exception { throw new Client.Unsupported(NONE); }
  Map<String, String> brokerConfig() throws Exception { throw new Client.Unsupported(NONE); }
  /** False where the release has no such call; so the next. */
  boolean alter(String topic, String... pairs) throws Exception { throw new Client.Unsupported(NONE); }
  boolean alterIncrementally(String topic, String deleted, String... pairs) throws Exception { return false; }
  /** The low watermark after it. */
  long deleteRecords(TopicPartition tp, long before) throws Exception { throw new Client.Unsupported(NONE); }
  Set<String> groups() throws Exception { throw new Client.Unsupported(NO_GROUPS); }
  /** State and number of members, as in "Stable 1". */
  String describeGroup(String group) throws Exception { throw new Client.Unsupported(NO_GROUPS); }
  /** Null: none. */
  Long groupOffset(String group, TopicPartition tp) throws Exception { throw new Client.Unsupported(NO_GROUPS); }
  void deleteOffset(String group, TopicPartition tp) throws Exception { throw new Client.Unsupported(NO_GROUPS); }
  void deleteGroup(String group) throws Exception { throw new Client.Unsupported(NO_GROUPS); }
  void close() {}
}
