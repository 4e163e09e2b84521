package main

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/IBM/sarama"

	"barnabas/clients/checks"
)

// A member of a group; sarama calls it as its ConsumerGroupHandler.
type member struct {
	sarama.ConsumerGroup
	messages chan *sarama.ConsumerMessage
	failures chan error
	stop     context.CancelFunc
	stopped  chan struct{}

	lock              sync.Mutex
	session           sarama.ConsumerGroupSession
	assigned, revoked map[int32]bool
	rebalances        int
	closing           bool
}

func (a adapter) Join(topic, group string, how checks.Membership) (checks.Member, error) {
	c := config()
	c.Consumer.Group.InstanceId = how.Instance
	if how.Cooperative {
		c.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{sarama.NewBalanceStrategyCooperativeSticky()}
	}
	g, err := sarama.NewConsumerGroup(a.address, group, c)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	m := &member{ConsumerGroup: g, messages: make(chan *sarama.ConsumerMessage), failures: make(chan error, 100),
		stop: cancel, stopped: make(chan struct{}), assigned: map[int32]bool{}, revoked: map[int32]bool{}}
	go func() {
		defer close(m.stopped)
		for ctx.Err() == nil {
			if err := g.Consume(ctx, []string{topic}, m); err != nil && ctx.Err() == nil {
				m.failures <- err
			}
		}
	}()
	go func() {
		for err := range g.Errors() {
			if m.failed(err) {
				m.failures <- err
			}
		}
	}()
	return m, nil
}

// A rebalance that comes in between a commit is no failure.
func (m *member) failed(err error) bool {
	return !errors.Is(err, sarama.ErrRebalanceInProgress) && !errors.Is(err, sarama.ErrIllegalGeneration)
}

func (m *member) Setup(session sarama.ConsumerGroupSession) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.session = session
	return nil
}

func (m *member) Cleanup(sarama.ConsumerGroupSession) error { return nil }

// Runs as long as the partition is this member's.
func (m *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	m.lock.Lock()
	m.rebalances++
	m.assigned[claim.Partition()] = true
	m.lock.Unlock()
	for message := range claim.Messages() {
		select {
		case m.messages <- message:
		case <-session.Context().Done():
		}
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	delete(m.assigned, claim.Partition())
	if !m.closing {
		m.rebalances++
		m.revoked[claim.Partition()] = true
	}
	return nil
}

func (m *member) Poll(d time.Duration) ([]checks.Record, error) {
	var out []checks.Record
	for deadline := time.After(d); ; {
		select {
		case message := <-m.messages:
			m.lock.Lock()
			m.session.MarkMessage(message, "")
			m.lock.Unlock()
			out = append(out, record(message))
			if len(out) == 200 {
				return out, nil
			}
		case err := <-m.failures:
			return out, err
		case <-deadline:
			return out, nil
		}
	}
}

func (m *member) Commit() error {
	m.lock.Lock()
	session := m.session
	m.lock.Unlock()
	session.Commit()
	return nil
}

func (m *member) Close() {
	m.lock.Lock()
	m.closing = true
	m.lock.Unlock()
	m.stop()
	<-m.stopped
	m.ConsumerGroup.Close()
}

func (m *member) Assigned() map[int32]bool {
	m.lock.Lock()
	defer m.lock.Unlock()
	return maps.Clone(m.assigned)
}

func (m *member) Revoked() map[int32]bool {
	m.lock.Lock()
	defer m.lock.Unlock()
	return maps.Clone(m.revoked)
}

func (m *member) Rebalances() int {
	m.lock.Lock()
	defer m.lock.Unlock()
	return m.rebalances
}
