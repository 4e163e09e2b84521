// The admin client as of 1.1; what was renamed or taken away since is called by name.
import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

class Since11 extends Admin {
  private static final short REPLICATION_FACTOR =
      Short.parseShort(System.getenv().getOrDefault("REPLICATION_FACTOR", "1"));

  final AdminClient client = AdminClient.create(Client.properties());

  /** The future of the first of these methods that the result has, waited for. */
  static Object get(Object result, String... names) throws Exception {
    for (String name : names) if (Late.can(result, name)) return ((KafkaFuture<?>) Late.call(result, name)).get();
    throw new NoSuchMethodException(names[0]);
  }

  @Override void create(String topic, int partitions) throws Exception {
    client.createTopics(Collections.singleton(new NewTopic(topic, partitions, REPLICATION_FACTOR))).all().get();
  }

  @Override int partitions(String topic) throws Exception {
    Map<?, ?> found = (Map<?, ?>) get(client.describeTopics(Collections.singleton(topic)), "allTopicNames", "all");
    return ((TopicDescription) found.get(topic)).partitions().size();
  }

  @Override void grow(String topic, int partitions) throws Exception {
    client.createPartitions(Collections.singletonMap(topic, NewPartitions.increaseTo(partitions))).all().get();
  }

  @Override void delete(String topic) throws Exception {
    client.deleteTopics(Collections.singleton(topic)).all().get();
  }

  @Override Set<String> topics() throws Exception { return client.listTopics().names().get(); }

  static ConfigResource resource(String topic) { return new ConfigResource(ConfigResource.Type.TOPIC, topic); }

  Map<String, String> config(ConfigResource resource) throws Exception {
    Map<String, String> out = new HashMap<>();
    for (ConfigEntry e : client.describeConfigs(Collections.singleton(resource)).all().get().get(resource).entries()) {
      out.put(e.name(), e.value());
    }
    return out;
  }

  @Override Map<String, String> topicConfig(String topic) throws Exception { return config(resource(topic)); }

  @Override Map<String, String> brokerConfig() throws Exception {
    Node node = client.describeCluster().nodes().get().iterator().next();
    return config(new ConfigResource(ConfigResource.Type.BROKER, node.idString()));
  }

  // Gone in 4.0.
  @Override boolean alter(String topic, String... pairs) throws Exception {
    if (!Late.can(client, "alterConfigs")) return false;
    List<ConfigEntry> entries = new ArrayList<>();
    for (int i = 0; i < pairs.length; i += 2) entries.add(new ConfigEntry(pairs[i], pairs[i + 1]));
    get(Late.call(client, "alterConfigs", Collections.singletonMap(resource(topic), new Config(entries))), "all");
    return true;
  }

  @Override long deleteRecords(TopicPartition tp, long before) throws Exception {
    return client.deleteRecords(Collections.singletonMap(tp, RecordsToDelete.beforeOffset(before)))
        .lowWatermarks().get(tp).get().lowWatermark();
  }

  @Override void close() { client.close(); }
}
