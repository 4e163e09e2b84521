package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"barnabas/clients/checks"
)

func record(m kafka.Message) checks.Record {
	r := checks.Record{Partition: int32(m.Partition), Offset: m.Offset, Key: m.Key, Value: m.Value,
		Timestamp: m.Time.UnixMilli()}
	for _, h := range m.Headers {
		r.Headers = append(r.Headers, [2]string{h.Key, string(h.Value)})
	}
	return r
}

// What runs in the background and is polled.
type source struct {
	messages chan kafka.Message
	failures chan error
	ctx      context.Context
	stop     context.CancelFunc
	running  sync.WaitGroup
}

func newSource() *source {
	ctx, cancel := context.WithCancel(context.Background())
	return &source{messages: make(chan kafka.Message), failures: make(chan error, 100), ctx: ctx, stop: cancel}
}

// Reads a partition from the offset until ctx ends.
func (s *source) read(ctx context.Context, bootstrap, topic string, partition int, offset int64, strict bool) {
	r := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{bootstrap}, Topic: topic, Partition: partition,
		MaxWait: 200 * time.Millisecond, OffsetOutOfRangeError: strict})
	defer r.Close()
	err := r.SetOffset(offset)
	for err == nil {
		var m kafka.Message
		if m, err = r.ReadMessage(ctx); err == nil {
			select {
			case s.messages <- m:
			case <-ctx.Done():
			}
		}
	}
	if ctx.Err() == nil && !errors.Is(err, io.EOF) {
		s.failures <- err
	}
}

func (s *source) Poll(d time.Duration) ([]checks.Record, error) {
	var out []checks.Record
	for deadline := time.After(d); ; {
		select {
		case m := <-s.messages:
			out = append(out, record(m))
			if len(out) == 200 {
				return out, nil
			}
		case err := <-s.failures:
			return out, err
		case <-deadline:
			return out, nil
		}
	}
}

func (s *source) Close() {
	s.stop()
	s.running.Wait()
}

func (a adapter) Read(topic string, partitions int, offset int64, reset bool) (checks.Consumer, error) {
	if reset {
		return nil, fmt.Errorf("a reset without a group: %w", checks.ErrUnsupported)
	}
	s := newSource()
	for p := range partitions {
		s.running.Add(1)
		go func() {
			defer s.running.Done()
			s.read(s.ctx, a.bootstrap, topic, p, offset, true)
		}()
	}
	return s, nil
}

// A member of a group, by the library's generations.
type member struct {
	*source
	group      *kafka.ConsumerGroup
	topic      string
	lock       sync.Mutex
	generation *kafka.Generation
	positions  map[int]int64
	assigned   map[int32]bool
}

func (a adapter) Join(topic, group string, how checks.Membership) (checks.Member, error) {
	if how.Instance != "" || how.Cooperative {
		return nil, fmt.Errorf("static members and the cooperative protocol: %w", checks.ErrUnsupported)
	}
	g, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{ID: group, Brokers: []string{a.bootstrap},
		Topics: []string{topic}, StartOffset: kafka.FirstOffset, SessionTimeout: checks.SessionTimeout,
		HeartbeatInterval: 500 * time.Millisecond})
	if err != nil {
		return nil, err
	}
	m := &member{source: newSource(), group: g, topic: topic, positions: map[int]int64{}, assigned: map[int32]bool{}}
	m.running.Add(1)
	go func() {
		defer m.running.Done()
		for m.ctx.Err() == nil {
			generation, err := g.Next(m.ctx)
			if err == nil {
				m.begin(a.bootstrap, generation)
			} else if m.ctx.Err() == nil && !errors.Is(err, kafka.RebalanceInProgress) {
				m.failures <- err
			}
		}
	}()
	return m, nil
}

func (m *member) begin(bootstrap string, generation *kafka.Generation) {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.generation = generation
	m.positions, m.assigned = map[int]int64{}, map[int32]bool{}
	for _, p := range generation.Assignments[m.topic] {
		m.assigned[int32(p.ID)] = true
		generation.Start(func(ctx context.Context) { m.read(ctx, bootstrap, m.topic, p.ID, p.Offset, false) })
	}
	generation.Start(func(ctx context.Context) {
		<-ctx.Done()
		m.lock.Lock()
		defer m.lock.Unlock()
		if m.generation == generation {
			m.assigned = map[int32]bool{}
		}
	})
}

func (m *member) Poll(d time.Duration) ([]checks.Record, error) {
	records, err := m.source.Poll(d)
	m.lock.Lock()
	defer m.lock.Unlock()
	for _, r := range records {
		m.positions[int(r.Partition)] = r.Offset + 1
	}
	return records, err
}

func (m *member) Commit() error {
	m.lock.Lock()
	generation, offsets := m.generation, maps.Clone(m.positions)
	m.lock.Unlock()
	if len(offsets) == 0 {
		return nil
	}
	err := generation.CommitOffsets(map[string]map[int]int64{m.topic: offsets})
	if errors.Is(err, kafka.RebalanceInProgress) || errors.Is(err, kafka.IllegalGeneration) ||
		errors.Is(err, kafka.UnknownMemberId) {
		return nil
	}
	return err
}

func (m *member) Close() {
	m.stop()
	m.group.Close()
	m.running.Wait()
}

func (m *member) Assigned() map[int32]bool {
	m.lock.Lock()
	defer m.lock.Unlock()
	return maps.Clone(m.assigned)
}

// Only asked with the cooperative protocol and of static members, which the library has not.
func (m *member) Revoked() map[int32]bool { return nil }
func (m *member) Rebalances() int         { return 0 }
