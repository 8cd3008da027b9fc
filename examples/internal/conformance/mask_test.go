package conformance_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var today = time.Date(2024, 2, 29, 12, 34, 56, 0, time.UTC)

func TestMask(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"InvalidNonceException", "InvalidNonceException"},
		{"100644 100755 120000 160000", "100644 100755 120000 160000"},
		{"User: arn:aws:sts::123456789012:assumed-role/Admin/me is not authorized", "User: … is not authorized"},
		{`denied on "arn:aws-us-gov:s3:::secret-bucket/key"`, `denied on "arn:aws-us-gov:s3:…"`},
		{"account 123456789012 of 210987654321", "account … of …"},
		{"RequestID: 7a62c49f-347e-4fc4-9331-6e8eEXAMPLE, api error", "RequestID: …, api error"},
		{"dial tcp 10.1.2.3:443: refused", "dial tcp …: refused"},
		{"key " + "AKIA" + "IOSFODNN7EXAMPLE", "key …"},
		{"token " + strings.Repeat("Ab1/", 20), "token …"},
	} {
		if got := mask(test.text); got != test.want {
			t.Errorf("mask(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	w := &world{
		what: "AWS", region: "eu-west-1", lacking: map[need]string{needRole: "CODESUITE_AWS_ROLE is not set"}, leftovers: []string{"topic codesuite-test-1"},
		problems: []string{"bucket codesuite-test-2: arn:aws:s3:::codesuite-test-2 is denied"},
	}
	row := check{name: "order", assumes: "Lists are sorted.", rests: []string{"codecommit.Change", "events.Decode"}, want: "sorted", otherwise: "More memory."}
	text := report(w, []outcome{
		{check: row, verdict: differs, observed: "a|b\nc"},
		{check: check{name: "other", rests: []string{"events.Decode"}, want: "x"}, verdict: failed, observed: errors.New("account 123456789012").Error()},
	}, today)
	_, text, _ = strings.Cut(text, ".\n")
	want := "0 hold, 1 differ, 1 failed, 0 skipped, 0 not checked.\n\n" +
		"There is no role: CODESUITE_AWS_ROLE is not set.\n\n" +
		"| check | verdict | observed | expected | rests on it |\n|---|---|---|---|---|\n" +
		"| order | DIFFERS | a\\|b c | sorted | `codecommit.Change`, `events.Decode` |\n" +
		"| other | failed | account … | x | `events.Decode` |\n" +
		"\norder: Lists are sorted. Otherwise: More memory.\n" +
		"\nLeft behind by earlier runs, and not touched:\n\n- topic codesuite-test-1\n" +
		"\nNot removed: bucket codesuite-test-2: arn:aws:s3:… is denied\n"
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}
