// The admin client as of 2.8: groups, and incremental changes of the configuration.
import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

class Since28 extends Since11 {
  @Override boolean alterIncrementally(String topic, String deleted, String... pairs) throws Exception {
    List<AlterConfigOp> changes = new ArrayList<>();
    for (int i = 0; i < pairs.length; i += 2) {
      changes.add(new AlterConfigOp(new ConfigEntry(pairs[i], pairs[i + 1]), AlterConfigOp.OpType.SET));
    }
    if (deleted != null) changes.add(new AlterConfigOp(new ConfigEntry(deleted, null), AlterConfigOp.OpType.DELETE));
    Map<ConfigResource, Collection<AlterConfigOp>> all = new HashMap<>();
    all.put(resource(topic), changes);
    client.incrementalAlterConfigs(all).all().get();
    return true;
  }

  @Override Set<String> groups() throws Exception {
    Set<String> names = new HashSet<>();
    for (ConsumerGroupListing g : client.listConsumerGroups().all().get()) names.add(g.groupId());
    return names;
  }

  @Override String describeGroup(String group) throws Exception {
    ConsumerGroupDescription found = client.describeConsumerGroups(Collections.singleton(group)).all().get().get(group);
    Object state = Late.call(found, Late.can(found, "groupState") ? "groupState" : "state");
    return state + " " + found.members().size();
  }

  @Override Long groupOffset(String group, TopicPartition tp) throws Exception {
    OffsetAndMetadata found = client.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().get(tp);
    return found == null ? null : found.offset();
  }

  @Override void deleteOffset(String group, TopicPartition tp) throws Exception {
    client.deleteConsumerGroupOffsets(group, Collections.singleton(tp)).all().get();
  }

  @Override void deleteGroup(String group) throws Exception {
    client.deleteConsumerGroups(Collections.singleton(group)).all().get();
  }
}
