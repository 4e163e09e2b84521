// segmentio/kafka-go for the checks of the matrix.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"

	"barnabas/clients/checks"
)

const patience = 30 * time.Second

var codecs = map[string]kafka.Compression{"gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4,
	"zstd": kafka.Zstd}

type adapter struct {
	*kafka.Client
	bootstrap string
}

func within() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), patience)
}

// The library answers errors by topic.
func one(all map[string]error, topic string, err error) error {
	if err != nil {
		return err
	}
	return all[topic]
}

func (a adapter) ErrorCode(err error) int16 {
	var e kafka.Error
	var large kafka.MessageTooLargeError
	switch {
	case errors.As(err, &e):
		return int16(e)
	case errors.As(err, &large):
		return checks.MessageTooLarge
	}
	return 0
}

func (a adapter) Create(topic string, partitions int) error {
	ctx, cancel := within()
	defer cancel()
	got, err := a.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{
		{Topic: topic, NumPartitions: partitions, ReplicationFactor: checks.ReplicationFactor()}}})
	if err != nil {
		return err
	}
	return one(got.Errors, topic, nil)
}

func (a adapter) metadata(topics ...string) ([]kafka.Topic, error) {
	ctx, cancel := within()
	defer cancel()
	got, err := a.Metadata(ctx, &kafka.MetadataRequest{Topics: topics})
	if err != nil {
		return nil, err
	}
	return got.Topics, nil
}

func (a adapter) Partitions(topic string) (int, error) {
	all, err := a.metadata(topic)
	if err != nil {
		return 0, err
	}
	return len(all[0].Partitions), all[0].Error
}

func (a adapter) Topics() ([]string, error) {
	all, err := a.metadata()
	var out []string
	for _, t := range all {
		out = append(out, t.Name)
	}
	return out, err
}

func (a adapter) Grow(topic string, partitions int) error {
	ctx, cancel := within()
	defer cancel()
	got, err := a.CreatePartitions(ctx, &kafka.CreatePartitionsRequest{Topics: []kafka.TopicPartitionsConfig{
		{Name: topic, Count: int32(partitions)}}})
	if err != nil {
		return err
	}
	return one(got.Errors, topic, nil)
}

func (a adapter) Delete(topic string) error {
	ctx, cancel := within()
	defer cancel()
	got, err := a.DeleteTopics(ctx, &kafka.DeleteTopicsRequest{Topics: []string{topic}})
	if err != nil {
		return err
	}
	return one(got.Errors, topic, nil)
}

func (a adapter) Produce(topic, codec string, idempotent bool, records []checks.Record) error {
	if idempotent {
		return fmt.Errorf("an idempotent producer: %w", checks.ErrUnsupported)
	}
	w := &kafka.Writer{Addr: kafka.TCP(a.bootstrap), Topic: topic, Compression: codecs[codec], BatchBytes: 3_000_000,
		BatchTimeout: 5 * time.Millisecond, RequiredAcks: kafka.RequireAll, MaxAttempts: 3}
	if records[0].Partition >= 0 {
		fixed := int(records[0].Partition)
		w.Balancer = kafka.BalancerFunc(func(kafka.Message, ...int) int { return fixed })
	}
	defer w.Close()
	ctx, cancel := within()
	defer cancel()
	var all []kafka.Message
	for _, r := range records {
		m := kafka.Message{Key: r.Key, Value: r.Value, Time: time.UnixMilli(r.Timestamp)}
		for _, h := range r.Headers {
			m.Headers = append(m.Headers, kafka.Header{Key: h[0], Value: []byte(h[1])})
		}
		all = append(all, m)
	}
	err := w.WriteMessages(ctx, all...)
	var several kafka.WriteErrors
	if errors.As(err, &several) {
		for _, e := range several {
			if e != nil {
				return e
			}
		}
	}
	return err
}

func (a adapter) OffsetForTime(topic string, partition int32, ms int64) (int64, error) {
	// Unlike Client.ListOffsets, a connection tells that there is none.
	ctx, cancel := within()
	defer cancel()
	c, err := kafka.DialLeader(ctx, "tcp", a.bootstrap, topic, int(partition))
	if err != nil {
		return 0, err
	}
	defer c.Close()
	return c.ReadOffset(time.UnixMilli(ms))
}

func (a adapter) FirstAndLast(topic string, partition int32) (int64, int64, error) {
	ctx, cancel := within()
	defer cancel()
	got, err := a.ListOffsets(ctx, &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{
		topic: {kafka.FirstOffsetOf(int(partition)), kafka.LastOffsetOf(int(partition))}}})
	if err != nil {
		return 0, 0, err
	}
	found := got.Topics[topic][0]
	return found.FirstOffset, found.LastOffset, found.Error
}

func (a adapter) values(kind kafka.ResourceType, name string) (map[string]string, error) {
	ctx, cancel := within()
	defer cancel()
	got, err := a.DescribeConfigs(ctx, &kafka.DescribeConfigsRequest{Resources: []kafka.DescribeConfigRequestResource{
		{ResourceType: kind, ResourceName: name}}})
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, e := range got.Resources[0].ConfigEntries {
		out[e.ConfigName] = e.ConfigValue
	}
	return out, got.Resources[0].Error
}

func (a adapter) TopicConfig(topic string) (map[string]string, error) {
	return a.values(kafka.ResourceTypeTopic, topic)
}

func (a adapter) BrokerConfig() (map[string]string, error) {
	ctx, cancel := within()
	defer cancel()
	got, err := a.Metadata(ctx, &kafka.MetadataRequest{})
	if err != nil {
		return nil, err
	}
	return a.values(kafka.ResourceTypeBroker, strconv.Itoa(got.Brokers[0].ID))
}

func (a adapter) Alter(topic string, set map[string]string) error {
	ctx, cancel := within()
	defer cancel()
	resource := kafka.AlterConfigRequestResource{ResourceType: kafka.ResourceTypeTopic, ResourceName: topic}
	for name, value := range set {
		resource.Configs = append(resource.Configs, kafka.AlterConfigRequestConfig{Name: name, Value: value})
	}
	got, err := a.AlterConfigs(ctx, &kafka.AlterConfigsRequest{Resources: []kafka.AlterConfigRequestResource{resource}})
	if err != nil {
		return err
	}
	for _, err := range got.Errors {
		return err
	}
	return nil
}

func (a adapter) AlterIncrementally(topic string, set map[string]string, deleted []string) error {
	ctx, cancel := within()
	defer cancel()
	resource := kafka.IncrementalAlterConfigsRequestResource{ResourceType: kafka.ResourceTypeTopic, ResourceName: topic}
	for name, value := range set {
		resource.Configs = append(resource.Configs, kafka.IncrementalAlterConfigsRequestConfig{Name: name, Value: value,
			ConfigOperation: kafka.ConfigOperationSet})
	}
	for _, name := range deleted {
		resource.Configs = append(resource.Configs, kafka.IncrementalAlterConfigsRequestConfig{Name: name,
			ConfigOperation: kafka.ConfigOperationDelete})
	}
	got, err := a.IncrementalAlterConfigs(ctx, &kafka.IncrementalAlterConfigsRequest{
		Resources: []kafka.IncrementalAlterConfigsRequestResource{resource}})
	if err != nil {
		return err
	}
	return got.Resources[0].Error
}

func (a adapter) DeleteRecords(string, int32, int64) (int64, error) {
	return 0, fmt.Errorf("DeleteRecords: %w", checks.ErrUnsupported)
}

func (a adapter) Groups() ([]string, error) {
	ctx, cancel := within()
	defer cancel()
	got, err := a.ListGroups(ctx, &kafka.ListGroupsRequest{})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, g := range got.Groups {
		out = append(out, g.GroupID)
	}
	return out, got.Error
}

func (a adapter) DescribeGroup(group string) (string, error) {
	ctx, cancel := within()
	defer cancel()
	got, err := a.DescribeGroups(ctx, &kafka.DescribeGroupsRequest{GroupIDs: []string{group}})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %d", got.Groups[0].GroupState, len(got.Groups[0].Members)), got.Groups[0].Error
}

func (a adapter) GroupOffset(group, topic string, partition int32) (int64, error) {
	ctx, cancel := within()
	defer cancel()
	got, err := a.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: group,
		Topics: map[string][]int{topic: {int(partition)}}})
	if err != nil {
		return 0, err
	}
	return got.Topics[topic][0].CommittedOffset, errors.Join(got.Error, got.Topics[topic][0].Error)
}

func (a adapter) DeleteOffset(group, topic string, partition int32) error {
	ctx, cancel := within()
	defer cancel()
	got, err := a.OffsetDelete(ctx, &kafka.OffsetDeleteRequest{GroupID: group,
		Topics: map[string][]int{topic: {int(partition)}}})
	if err != nil {
		return err
	}
	return errors.Join(got.Error, got.Topics[topic][0].Error)
}

func (a adapter) DeleteGroup(group string) error {
	ctx, cancel := within()
	defer cancel()
	got, err := a.DeleteGroups(ctx, &kafka.DeleteGroupsRequest{GroupIDs: []string{group}})
	if err != nil {
		return err
	}
	return one(got.Errors, group, nil)
}

func (a adapter) Close() {}

func main() {
	checks.Main(func(bootstrap string) (checks.Adapter, error) {
		var address net.Addr = kafka.TCP(bootstrap)
		return adapter{&kafka.Client{Addr: address, Timeout: patience}, bootstrap}, nil
	})
}
