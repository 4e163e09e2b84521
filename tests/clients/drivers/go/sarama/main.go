// sarama for the checks of the matrix.
package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/IBM/sarama"

	"barnabas/clients/checks"
)

var codecs = map[string]sarama.CompressionCodec{"plain": sarama.CompressionNone, "gzip": sarama.CompressionGZIP,
	"snappy": sarama.CompressionSnappy, "lz4": sarama.CompressionLZ4, "zstd": sarama.CompressionZSTD}

type adapter struct {
	sarama.ClusterAdmin
	client  sarama.Client
	address []string
}

func config() *sarama.Config {
	c := sarama.NewConfig()
	c.Version = sarama.V3_9_1_0
	c.Producer.Return.Successes = true
	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Producer.MaxMessageBytes = 3_000_000
	c.Consumer.Return.Errors = true
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	c.Consumer.Offsets.AutoCommit.Enable = false
	c.Consumer.Group.Session.Timeout = checks.SessionTimeout
	return c
}

func (a adapter) ErrorCode(err error) int16 {
	var e sarama.KError
	if errors.As(err, &e) {
		return int16(e)
	}
	return 0
}

func (a adapter) Create(topic string, partitions int) error {
	return a.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: int32(partitions),
		ReplicationFactor: int16(checks.ReplicationFactor())}, false)
}

func (a adapter) Partitions(topic string) (int, error) {
	all, err := a.DescribeTopics([]string{topic})
	if err != nil {
		return 0, err
	}
	if all[0].Err != sarama.ErrNoError {
		return 0, all[0].Err
	}
	return len(all[0].Partitions), nil
}

func (a adapter) Topics() ([]string, error) {
	all, err := a.ListTopics()
	return keys(all), err
}

func keys[V any](all map[string]V) []string {
	var out []string
	for name := range all {
		out = append(out, name)
	}
	return out
}

func (a adapter) Grow(topic string, partitions int) error {
	return a.CreatePartitions(topic, int32(partitions), nil, false)
}

func (a adapter) Delete(topic string) error { return a.DeleteTopic(topic) }

func (a adapter) Produce(topic, codec string, idempotent bool, records []checks.Record) error {
	c := config()
	c.Producer.Compression = codecs[codec]
	if idempotent {
		c.Producer.Idempotent = true
		c.Net.MaxOpenRequests = 1 // sarama allows no more.
	}
	if records[0].Partition >= 0 {
		c.Producer.Partitioner = sarama.NewManualPartitioner
	}
	p, err := sarama.NewSyncProducer(a.address, c)
	if err != nil {
		return err
	}
	defer p.Close()
	var all []*sarama.ProducerMessage
	for _, r := range records {
		m := &sarama.ProducerMessage{Topic: topic, Partition: r.Partition, Key: sarama.ByteEncoder(r.Key),
			Value: sarama.ByteEncoder(r.Value), Timestamp: time.UnixMilli(r.Timestamp)}
		for _, h := range r.Headers {
			m.Headers = append(m.Headers, sarama.RecordHeader{Key: []byte(h[0]), Value: []byte(h[1])})
		}
		all = append(all, m)
	}
	var several sarama.ProducerErrors
	if err := p.SendMessages(all); errors.As(err, &several) {
		return several[0].Err
	} else {
		return err
	}
}

func record(m *sarama.ConsumerMessage) checks.Record {
	r := checks.Record{Partition: m.Partition, Offset: m.Offset, Key: m.Key, Value: m.Value,
		Timestamp: m.Timestamp.UnixMilli()}
	for _, h := range m.Headers {
		r.Headers = append(r.Headers, [2]string{string(h.Key), string(h.Value)})
	}
	return r
}

// A consumer of partitions without a group.
type reader struct {
	sarama.Consumer
	messages chan *sarama.ConsumerMessage
	failures chan error
}

func (a adapter) Read(topic string, partitions int, offset int64, reset bool) (checks.Consumer, error) {
	c, err := sarama.NewConsumer(a.address, config())
	if err != nil {
		return nil, err
	}
	r := reader{c, make(chan *sarama.ConsumerMessage), make(chan error, partitions)}
	for p := range partitions {
		one, err := c.ConsumePartition(topic, int32(p), offset)
		if errors.Is(err, sarama.ErrOffsetOutOfRange) && reset {
			one, err = c.ConsumePartition(topic, int32(p), sarama.OffsetOldest)
		}
		if err != nil {
			c.Close()
			return nil, err
		}
		go func() {
			for m := range one.Messages() {
				r.messages <- m
			}
		}()
		go func() {
			for e := range one.Errors() {
				r.failures <- e.Err
			}
		}()
	}
	return r, nil
}

func (r reader) Poll(d time.Duration) ([]checks.Record, error) {
	select {
	case m := <-r.messages:
		return []checks.Record{record(m)}, nil
	case err := <-r.failures:
		return nil, err
	case <-time.After(d):
		return nil, nil
	}
}

func (r reader) Close() { r.Consumer.Close() }

func (a adapter) OffsetForTime(topic string, partition int32, ms int64) (int64, error) {
	return a.client.GetOffset(topic, partition, ms)
}

func (a adapter) FirstAndLast(topic string, partition int32) (int64, int64, error) {
	first, err := a.client.GetOffset(topic, partition, sarama.OffsetOldest)
	if err != nil {
		return 0, 0, err
	}
	last, err := a.client.GetOffset(topic, partition, sarama.OffsetNewest)
	return first, last, err
}

func (a adapter) values(resource sarama.ConfigResource) (map[string]string, error) {
	all, err := a.DescribeConfig(resource)
	out := map[string]string{}
	for _, e := range all {
		out[e.Name] = e.Value
	}
	return out, err
}

func (a adapter) TopicConfig(topic string) (map[string]string, error) {
	return a.values(sarama.ConfigResource{Type: sarama.TopicResource, Name: topic})
}

func (a adapter) BrokerConfig() (map[string]string, error) {
	brokers, _, err := a.DescribeCluster()
	if err != nil {
		return nil, err
	}
	return a.values(sarama.ConfigResource{Type: sarama.BrokerResource, Name: strconv.Itoa(int(brokers[0].ID()))})
}

func (a adapter) Alter(topic string, set map[string]string) error {
	entries := map[string]*string{}
	for name, value := range set {
		entries[name] = &value
	}
	return a.AlterConfig(sarama.TopicResource, topic, entries, false)
}

func (a adapter) AlterIncrementally(topic string, set map[string]string, deleted []string) error {
	entries := map[string]sarama.IncrementalAlterConfigsEntry{}
	for name, value := range set {
		entries[name] = sarama.IncrementalAlterConfigsEntry{Operation: sarama.IncrementalAlterConfigsOperationSet,
			Value: &value}
	}
	for _, name := range deleted {
		entries[name] = sarama.IncrementalAlterConfigsEntry{Operation: sarama.IncrementalAlterConfigsOperationDelete}
	}
	return a.IncrementalAlterConfig(sarama.TopicResource, topic, entries, false)
}

func (a adapter) DeleteRecords(topic string, partition int32, before int64) (int64, error) {
	if err := a.ClusterAdmin.DeleteRecords(topic, map[int32]int64{partition: before}); err != nil {
		return 0, err
	}
	low, _, err := a.FirstAndLast(topic, partition) // sarama does not tell the low watermark of the answer.
	return low, err
}

func (a adapter) Groups() ([]string, error) {
	all, err := a.ListConsumerGroups()
	return keys(all), err
}

func (a adapter) DescribeGroup(group string) (string, error) {
	all, err := a.DescribeConsumerGroups([]string{group})
	if err != nil {
		return "", err
	}
	if all[0].Err != sarama.ErrNoError {
		return "", all[0].Err
	}
	return fmt.Sprintf("%s %d", all[0].State, len(all[0].Members)), nil
}

func (a adapter) GroupOffset(group, topic string, partition int32) (int64, error) {
	found, err := a.ListConsumerGroupOffsets(group, map[string][]int32{topic: {partition}})
	if err != nil {
		return 0, err
	}
	block := found.GetBlock(topic, partition)
	if block == nil {
		return -1, nil
	}
	if block.Err != sarama.ErrNoError {
		return 0, block.Err
	}
	return block.Offset, nil
}

func (a adapter) DeleteOffset(group, topic string, partition int32) error {
	return a.DeleteConsumerGroupOffset(group, topic, partition)
}

func (a adapter) DeleteGroup(group string) error { return a.DeleteConsumerGroup(group) }

func (a adapter) Close() { a.ClusterAdmin.Close() }

func main() {
	checks.Main(func(bootstrap string) (checks.Adapter, error) {
		a := adapter{address: []string{bootstrap}}
		var err error
		if a.client, err = sarama.NewClient(a.address, config()); err != nil {
			return nil, err
		}
		a.ClusterAdmin, err = sarama.NewClusterAdmin(a.address, config())
		return a, err
	})
}
