// Package checks has the checks of the matrix (matrix/checks.toml) for clients in Go, over an adapter per library.
package checks

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"time"
)

const (
	count          = 1000
	firstTimestamp = int64(1700000000000)
	wait           = 30 * time.Second
	// SessionTimeout is longer than any check waits: nothing may depend on a session that times out.
	SessionTimeout = 45 * time.Second
)

// Kafka's numbers of the errors that checks expect.
const (
	OffsetOutOfRange  = 1
	UnknownTopic      = 3
	MessageTooLarge   = 10
	TopicExists       = 36
	InvalidConfig     = 40
	noOffset          = int64(-1)
	randomPartition   = int32(-1)
	numberOfPartition = 3
)

// ErrUnsupported is what an adapter answers when its library has no such thing.
var ErrUnsupported = errors.New("the library has no such call")

// Record as produced and consumed; Headers are pairs of name and text.
type Record struct {
	Partition  int32
	Offset     int64
	Key, Value []byte
	Headers    [][2]string
	Timestamp  int64 // Milliseconds.
}

func value(i int) []byte {
	if i%97 == 5 {
		return []byte{}
	}
	out := make([]byte, (i*37)%1500+1)
	x := uint64(i + 1)
	for k := range out {
		if k%16 == 0 {
			x = x*6364136223846793005 + 1442695040888963407
		}
		out[k] = byte(x >> 33)
	}
	return out
}

func rows(partition int32, from, n int) []Record {
	var out []Record
	for i := from; i < from+n; i++ {
		out = append(out, Record{Partition: partition, Key: []byte("k" + strconv.Itoa(i)), Value: value(i),
			Headers: [][2]string{{"i", strconv.Itoa(i)}}, Timestamp: firstTimestamp + int64(i)})
	}
	return out
}

func index(r Record) (int, error) {
	if len(r.Key) == 0 {
		return 0, errors.New("a record without its key")
	}
	i, err := strconv.Atoi(string(r.Key[1:]))
	switch {
	case err != nil:
		return 0, err
	case !bytes.Equal(r.Value, value(i)):
		return 0, fmt.Errorf("record %d has other bytes", i)
	case len(r.Headers) != 1 || r.Headers[0] != [2]string{"i", strconv.Itoa(i)}:
		return 0, fmt.Errorf("record %d has headers %v", i, r.Headers)
	case r.Timestamp != firstTimestamp+int64(i):
		return 0, fmt.Errorf("record %d has timestamp %d", i, r.Timestamp)
	}
	return i, nil
}
