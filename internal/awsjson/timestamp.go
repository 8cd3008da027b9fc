package awsjson

import (
	"strconv"
	"time"
)

// Timestamp is written as a number of seconds with milliseconds.
type Timestamp time.Time

// MarshalJSON returns the number.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(time.Time(t).UnixMilli())/1000, 'f', -1, 64), nil
}

// At returns the time as a member of a reply, nil if it is zero.
func At(t time.Time) *Timestamp {
	if t.IsZero() {
		return nil
	}
	wire := Timestamp(t)
	return &wire
}
