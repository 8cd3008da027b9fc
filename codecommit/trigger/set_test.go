package trigger_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/codecommit/trigger"
	"github.com/codesuite-go/codesuite/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m, "codecommit/trigger") }

const (
	function = "arn:aws:lambda:us-east-1:111122223333:function:updates"
	topic    = "arn:aws:sns:us-east-1:111122223333:pushes"
)

func newServer(t *testing.T) *codecommittest.Server {
	t.Helper()
	return codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{"README.md": {Data: []byte("# Staging\n")}}))
}

// quick lets a test with a single manager go on without pauses.
func quick(o *trigger.Options) { o.Settle = -1 }

func forBranch(branch string) trigger.Trigger {
	return trigger.Trigger{
		Name:        trigger.NameFor("ci", branch),
		Destination: function,
		CustomData:  `{"pipeline_name": "app"}`,
		Branches:    []string{branch},
		Events:      []trigger.Event{trigger.EventUpdate},
	}
}

func foreign(name string) trigger.Trigger {
	return trigger.Trigger{Name: name, Destination: topic, Events: []trigger.Event{trigger.EventAll}}
}

func list(t *testing.T, s *trigger.Set) []trigger.Trigger {
	t.Helper()
	got, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

var same = cmp.Options{cmpopts.EquateEmpty(), cmp.Comparer(trigger.Trigger.Equal)}

func TestEnsureRemove(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	s := trigger.Open(server.Config(), "staging", quick)
	mail := foreign("mail")
	changed := mail
	changed.CustomData, changed.Branches = "changed", []string{"main", "release/1"}
	for _, step := range []struct {
		name    string
		do      func() (bool, error)
		changed bool
		puts    int
		want    []trigger.Trigger
	}{
		{"remove of nothing", func() (bool, error) { return s.Remove(t.Context(), "none") }, false, 0, nil},
		{"first", func() (bool, error) { return s.Ensure(t.Context(), mail) }, true, 1, []trigger.Trigger{mail}},
		{"again", func() (bool, error) { return s.Ensure(t.Context(), mail) }, false, 0, []trigger.Trigger{mail}},
		{"two more", func() (bool, error) { return s.Ensure(t.Context(), forBranch("main"), forBranch("a/b")) }, true, 1,
			[]trigger.Trigger{mail, forBranch("main"), forBranch("a/b")}},
		{"changed in its place", func() (bool, error) { return s.Ensure(t.Context(), changed) }, true, 1,
			[]trigger.Trigger{changed, forBranch("main"), forBranch("a/b")}},
		{"in another order", func() (bool, error) {
			same := changed
			same.Branches = []string{"release/1", "main"}
			return s.Ensure(t.Context(), same)
		}, false, 0, []trigger.Trigger{changed, forBranch("main"), forBranch("a/b")}},
		{"remove one and none", func() (bool, error) { return s.Remove(t.Context(), trigger.NameFor("ci", "main"), "none") }, true, 1,
			[]trigger.Trigger{changed, forBranch("a/b")}},
		{"remove the last", func() (bool, error) { return s.Remove(t.Context(), trigger.NameFor("ci", "a/b"), "mail") }, true, 1, nil},
	} {
		server.ResetCalls()
		got, err := step.do()
		if err != nil || got != step.changed {
			t.Fatalf("%s: %v, %v, want %v", step.name, got, err, step.changed)
		}
		if n := server.Count("PutRepositoryTriggers"); n != step.puts {
			t.Errorf("%s: %d writes, want %d", step.name, n, step.puts)
		}
		if diff := cmp.Diff(step.want, list(t, s), same); diff != "" {
			t.Errorf("%s: triggers (-want +got):\n%s", step.name, diff)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	s := trigger.Open(server.Config(), "staging", quick)
	with := func(f func(*trigger.Trigger)) trigger.Trigger {
		t := forBranch("main")
		f(&t)
		return t
	}
	many := make([]string, 11)
	for i := range many {
		many[i] = fmt.Sprint("b", i)
	}
	for _, test := range []struct {
		name    string
		trigger trigger.Trigger
		want    string // in the error; "" for none
	}{
		{"longest", with(func(t *trigger.Trigger) {
			t.Name, t.CustomData, t.Branches = strings.Repeat("n", 100), strings.Repeat("ü", 1000), many[:10]
		}), ""},
		{"all events", with(func(t *trigger.Trigger) { t.Events = []trigger.Event{trigger.EventAll} }), ""},
		{"function with alias", with(func(t *trigger.Trigger) { t.Destination += ":live" }), ""},
		{"no name", with(func(t *trigger.Trigger) { t.Name = "" }), "a name has 1 to 100"},
		{"long name", with(func(t *trigger.Trigger) { t.Name = strings.Repeat("n", 101) }), "a name has 1 to 100"},
		{"slash", with(func(t *trigger.Trigger) { t.Name = "a/b" }), "a name has 1 to 100"},
		{"long custom data", with(func(t *trigger.Trigger) { t.CustomData = strings.Repeat("ü", 1001) }), "1001 characters, the limit is 1000"},
		{"damaged custom data", with(func(t *trigger.Trigger) { t.CustomData = "\xff" }), "not UTF-8"},
		{"eleven branches", with(func(t *trigger.Trigger) { t.Branches = many }), "11 branches, the limit is 10"},
		{"full reference", with(func(t *trigger.Trigger) { t.Branches = []string{"refs/heads/main"} }), "give its short name"},
		{"branch twice", with(func(t *trigger.Trigger) { t.Branches = []string{"a", "a"} }), "given twice"},
		{"no branch", with(func(t *trigger.Trigger) { t.Branches = []string{""} }), "not the name of a branch"},
		{"no events", with(func(t *trigger.Trigger) { t.Events = nil }), "no events"},
		{"all and one", with(func(t *trigger.Trigger) { t.Events = []trigger.Event{trigger.EventAll, trigger.EventUpdate} }), "excludes others"},
		{"event twice", with(func(t *trigger.Trigger) { t.Events = []trigger.Event{trigger.EventUpdate, trigger.EventUpdate} }), "given twice"},
		{"unknown event", with(func(t *trigger.Trigger) { t.Events = []trigger.Event{"push"} }), "unknown event"},
		{"no ARN", with(func(t *trigger.Trigger) { t.Destination = "updates" }), "not the ARN"},
		{"FIFO topic", with(func(t *trigger.Trigger) { t.Destination = topic + ".fifo" }), "standard topics only"},
		{"queue", with(func(t *trigger.Trigger) { t.Destination = "arn:aws:sqs:us-east-1:111122223333:q" }), "not the ARN"},
	} {
		server.ResetCalls()
		_, err := s.Ensure(t.Context(), test.trigger)
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
		if n := server.Count(); n != 0 {
			t.Errorf("%s: %d calls of the service, want none", test.name, n)
		}
	}
	if _, err := s.Ensure(t.Context(), forBranch("a"), forBranch("a")); err == nil || !strings.Contains(err.Error(), "given twice") {
		t.Errorf("the same name twice: %v", err)
	}
}

func TestTooMany(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	s := trigger.Open(server.Config(), "staging", quick)
	for i := range 10 {
		if _, err := s.Ensure(t.Context(), foreign(fmt.Sprint("mail-", i))); err != nil {
			t.Fatal(err)
		}
	}
	server.ResetCalls()
	_, err := s.Ensure(t.Context(), forBranch("main"))
	if !errors.Is(err, trigger.ErrTooMany) || !strings.Contains(fmt.Sprint(err), "staging would have 11 triggers") || !strings.Contains(err.Error(), "mail-0, mail-1") {
		t.Errorf("error %v, want ErrTooMany with the names of the triggers", err)
	}
	if n := server.Count("PutRepositoryTriggers"); n != 0 {
		t.Errorf("%d writes, want none", n)
	}
	if _, err := s.Ensure(t.Context(), foreign("mail-3")); err != nil {
		t.Errorf("an existing trigger of ten: %v", err)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	ctx := t.Context()
	if _, err := trigger.Open(server.Config(), "production", quick).List(ctx); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing repository: %v, want fs.ErrNotExist", err)
	}
	s := trigger.Open(server.Config(), "staging", quick)
	server.SetFaults(codecommittest.Faults{Deny: []string{"PutRepositoryTriggers"}})
	if _, err := s.Ensure(ctx, forBranch("main")); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "codecommit:PutRepositoryTriggers") {
		t.Errorf("denied: %v, want fs.ErrPermission with the IAM action", err)
	}
	if n := server.Count("PutRepositoryTriggers"); n != 1 {
		t.Errorf("%d writes, want 1", n)
	}
	for name, s := range map[string]*trigger.Set{
		"no API":         trigger.New(nil, "staging"),
		"no repository":  trigger.Open(server.Config(), ""),
		"settle too big": trigger.Open(server.Config(), "staging", func(o *trigger.Options) { o.Settle = 2 * time.Minute }),
	} {
		if _, err := s.List(ctx); err == nil {
			t.Errorf("%s: List succeeds", name)
		}
		if _, err := s.Ensure(ctx, forBranch("main")); err == nil {
			t.Errorf("%s: Ensure succeeds", name)
		}
		if _, err := s.Remove(ctx, "x"); err == nil {
			t.Errorf("%s: Remove succeeds", name)
		}
		if err := s.Test(ctx); err == nil {
			t.Errorf("%s: Test succeeds", name)
		}
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Ensure(ended, forBranch("main")); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
}

// A write that fails without an answer may have happened, and must not be
// repeated with an old list.
func TestFailedWrites(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	s := trigger.Open(server.Config(), "staging", quick)
	other := trigger.Open(server.Config(), "staging", quick)
	var puts atomic.Int32
	server.SetFaults(codecommittest.Faults{Fail: func(operation string) string {
		if operation == "PutRepositoryTriggers" {
			if n := puts.Add(1); n == 1 || n == 3 {
				return "InternalFailure"
			}
		}
		return ""
	}})
	var met atomic.Bool
	server.OnCall(func(operation string) {
		if operation == "GetRepositoryTriggers" && puts.Load() == 1 && met.CompareAndSwap(false, true) {
			if _, err := other.Ensure(t.Context(), foreign("mail")); err != nil { // the second write
				t.Error(err)
			}
		}
	})
	if changed, err := s.Ensure(t.Context(), forBranch("main")); err != nil || !changed {
		t.Fatalf("Ensure: %v, %v", changed, err)
	}
	if n := puts.Load(); n != 4 {
		t.Errorf("%d writes, want 4", n)
	}
	if diff := cmp.Diff([]trigger.Trigger{foreign("mail"), forBranch("main")}, list(t, s), same); diff != "" {
		t.Errorf("triggers (-want +got):\n%s", diff)
	}
}

// Two managers in two processes make a thousand changes, with calls that take
// from no time to longer than most. Each keeps its own triggers, and both those
// of nobody.
func TestInterleavedManagers(t *testing.T) {
	t.Parallel()
	const updates, managers = 1000, 2
	server := newServer(t)
	if _, err := trigger.Open(server.Config(), "staging", quick).Ensure(t.Context(), foreign("mail"), foreign("chat")); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var want [managers]string
		var group sync.WaitGroup
		var done atomic.Int32
		for m := range managers {
			group.Go(func() {
				random := rand.New(rand.NewPCG(7, uint64(m)))
				s := trigger.New(newDelayed(server.Config(), random), "staging")
				has := make(map[string]bool)
				for range updates / managers {
					name := fmt.Sprintf("m%d-%d", m, random.IntN(4))
					var err error
					if has[name] = !has[name]; has[name] {
						_, err = s.Ensure(t.Context(), foreign(name))
					} else {
						_, err = s.Remove(t.Context(), name)
					}
					if err != nil {
						t.Error(err)
						return
					}
					done.Add(1)
				}
				for name, there := range has {
					if there {
						want[m] += " " + name
					}
				}
			})
		}
		group.Wait()
		if n := done.Load(); n != updates {
			t.Errorf("%d updates, want %d", n, updates)
		}
		got := make(map[string]bool)
		s := trigger.New(newDelayed(server.Config(), rand.New(rand.NewPCG(1, 1))), "staging")
		for _, tr := range list(t, s) {
			got[tr.Name] = true
		}
		wanted := map[string]bool{"mail": true, "chat": true}
		for _, names := range want {
			for _, name := range strings.Fields(names) {
				wanted[name] = true
			}
		}
		if diff := cmp.Diff(wanted, got); diff != "" {
			t.Errorf("triggers (-want +got):\n%s", diff)
		}
	})
	// Without collisions the test would prove nothing.
	if n := server.Count("PutRepositoryTriggers"); n <= updates+10 {
		t.Errorf("%d writes for %d updates: the managers did not collide", n, updates)
	}
}

// delayed is a client whose calls take fake time before and after the real
// server has answered.
type delayed struct {
	trigger.API
	random *rand.Rand // of one manager, which makes one call at a time
}

func newDelayed(cfg aws.Config, random *rand.Rand) *delayed {
	// A connection that waits for its next call would keep the fake clock from
	// moving.
	cfg.HTTPClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return &delayed{awscodecommit.NewFromConfig(cfg), random}
}

func (d *delayed) wait() { time.Sleep(time.Duration(d.random.IntN(100)) * time.Millisecond) }

func (d *delayed) GetRepositoryTriggers(ctx context.Context, in *awscodecommit.GetRepositoryTriggersInput, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetRepositoryTriggersOutput, error) {
	d.wait()
	defer d.wait()
	return d.API.GetRepositoryTriggers(ctx, in, optFns...)
}

func (d *delayed) PutRepositoryTriggers(ctx context.Context, in *awscodecommit.PutRepositoryTriggersInput, optFns ...func(*awscodecommit.Options)) (*awscodecommit.PutRepositoryTriggersOutput, error) {
	d.wait()
	defer d.wait()
	return d.API.PutRepositoryTriggers(ctx, in, optFns...)
}

// A manager that always wins is an error after MaxElapsed, not a loop.
func TestGivesUp(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	synctest.Test(t, func(t *testing.T) {
		client := newDelayed(server.Config(), rand.New(rand.NewPCG(1, 2)))
		s := trigger.New(&undoing{client}, "staging")
		start := time.Now()
		_, err := s.Ensure(t.Context(), forBranch("main"))
		if err == nil || !strings.Contains(err.Error(), "gave up") || !strings.Contains(err.Error(), "another manager") {
			t.Errorf("error %v, want that another manager undid the change", err)
		}
		if took := time.Since(start); took < time.Minute || took > time.Minute+10*time.Second {
			t.Errorf("gave up after %s, want about a minute", took)
		}
	})
}

// undoing empties the list after each write.
type undoing struct{ trigger.API }

func (u *undoing) PutRepositoryTriggers(ctx context.Context, in *awscodecommit.PutRepositoryTriggersInput, optFns ...func(*awscodecommit.Options)) (*awscodecommit.PutRepositoryTriggersOutput, error) {
	out, err := u.API.PutRepositoryTriggers(ctx, in, optFns...)
	in.Triggers = in.Triggers[:0]
	if _, err := u.API.PutRepositoryTriggers(ctx, in); err != nil {
		return nil, err
	}
	return out, err
}
