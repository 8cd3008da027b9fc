package awsjson_test

import (
	"regexp"
	"testing"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

func TestUUID(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := make(map[string][]string)
	for _, words := range [][]string{nil, {"job"}, {"job", "1"}, {"job1"}, {"", "job1"}, {"job", "1", ""}} {
		id := awsjson.UUID(words...)
		if !form.MatchString(id) {
			t.Errorf("UUID(%q) = %s, which is no UUID of version 4", words, id)
		}
		if again := awsjson.UUID(words...); again != id {
			t.Errorf("UUID(%q) = %s, then %s", words, id, again)
		}
		if others, ok := seen[id]; ok {
			t.Errorf("UUID(%q) = UUID(%q) = %s", words, others, id)
		}
		seen[id] = words
	}
	if got := awsjson.Hex(7, "a", "b"); got != awsjson.Hex(64, "a", "b")[:7] {
		t.Errorf("Hex(7) = %s, which is not how Hex(64) begins", got)
	}
}
