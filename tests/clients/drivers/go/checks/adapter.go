package checks

import "time"

// Adapter is a library as the checks use it. What it lacks answers ErrUnsupported.
type Adapter interface {
	// ErrorCode is Kafka's number of the error that a broker answered, else 0.
	ErrorCode(err error) int16

	Create(topic string, partitions int) error
	Partitions(topic string) (int, error)
	Topics() ([]string, error)
	Grow(topic string, partitions int) error
	Delete(topic string) error

	// Produce waits for all answers; codec is "plain" or a name of Kafka's. A record's partition -1 leaves the choice to
	// the library; all of a call are alike in this.
	Produce(topic, codec string, idempotent bool, records []Record) error
	// Read consumes without a group from the same offset of each partition; reset says whether to go to the first offset
	// when that is out of range.
	Read(topic string, partitions int, offset int64, reset bool) (Consumer, error)
	Join(topic, group string, how Membership) (Member, error)

	// OffsetForTime answers -1 for none.
	OffsetForTime(topic string, partition int32, ms int64) (int64, error)
	FirstAndLast(topic string, partition int32) (int64, int64, error)

	TopicConfig(topic string) (map[string]string, error)
	BrokerConfig() (map[string]string, error)
	Alter(topic string, set map[string]string) error
	AlterIncrementally(topic string, set map[string]string, deleted []string) error
	DeleteRecords(topic string, partition int32, before int64) (int64, error)

	Groups() ([]string, error)
	// DescribeGroup answers state and number of members, as in "Stable 1".
	DescribeGroup(group string) (string, error)
	// GroupOffset answers -1 for none.
	GroupOffset(group, topic string, partition int32) (int64, error)
	DeleteOffset(group, topic string, partition int32) error
	DeleteGroup(group string) error
	Close()
}

// Membership says how to join a group.
type Membership struct {
	Instance    string // A static member's name.
	Cooperative bool
}

// Consumer is polled by one goroutine.
type Consumer interface {
	Poll(time.Duration) ([]Record, error)
	Close()
}

// Member of a group. Assigned and Rebalances may be asked from other goroutines.
type Member interface {
	Consumer
	// Commit covers what was polled; a rebalance in between is no error.
	Commit() error
	Assigned() map[int32]bool
	// Revoked are the partitions taken away so far, except by Close.
	Revoked() map[int32]bool
	// Rebalances counts the changes of the assignment that this member was told of.
	Rebalances() int
}
