package awsjson_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

func TestAt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, "null"},
		{time.Unix(1_700_000_000, 0), "1700000000"},
		{time.Unix(1_700_000_000, 629_400_000), "1700000000.629"},
	} {
		if got, err := json.Marshal(awsjson.At(tt.at)); err != nil || string(got) != tt.want {
			t.Errorf("At(%v): %s, %v, want %s", tt.at, got, err, tt.want)
		}
	}
}
