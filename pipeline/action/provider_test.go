package action_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/s3test"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// clock is a clock that is set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Unix(1_700_000_000, 0)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// refresher gives credentials with the next number.
type refresher struct {
	mu    sync.Mutex
	calls int
	err   error
}

func (r *refresher) refresh(context.Context) (*action.Details, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	if r.err != nil {
		return nil, r.err
	}
	d := details()
	d.Pipeline, d.Stage, d.Action, d.ExecutionID = "my-pipeline", "Build", "compile", "exec-1"
	n := r.calls + 1
	d.Credentials = action.Credentials{
		AccessKeyID: fmt.Sprintf("ASIAJOB%d", n), SecretAccessKey: fmt.Sprintf("job-secret-key-%d", n), SessionToken: fmt.Sprintf("job-session-token-%d", n),
	}
	return &d, nil
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	c := newClock()
	start := c.Now()
	steps := func(expires time.Time, after ...time.Duration) func(*testing.T) {
		return func(t *testing.T) {
			t.Parallel()
			c := newClock()
			r := new(refresher)
			d := details()
			d.Credentials.Expires = expires
			job := action.NewJob(d, func(o *action.JobOptions) { o.Refresh, o.Now = r.refresh, c.Now })
			for i, wait := range after {
				// Just before, nothing is asked; at that time, once.
				c.advance(wait - time.Second)
				for range 2 {
					got, err := job.Credentials().Retrieve(t.Context())
					if want := fmt.Sprintf("ASIAJOB%d", i+1); err != nil || got.AccessKeyID != want {
						t.Errorf("before refresh %d: %s, %v, want %s", i+1, got.AccessKeyID, err, want)
					}
				}
				c.advance(time.Second)
				for range 2 {
					got, err := job.Credentials().Retrieve(t.Context())
					if want := fmt.Sprintf("ASIAJOB%d", i+2); err != nil || got.AccessKeyID != want {
						t.Errorf("after refresh %d: %s, %v, want %s", i+1, got.AccessKeyID, err, want)
					}
				}
			}
			if r.calls != len(after) {
				t.Errorf("%d refreshes, want %d", r.calls, len(after))
			}
		}
	}
	t.Run("expiration not told", steps(time.Time{}, 14*time.Minute, 14*time.Minute, 14*time.Minute))
	t.Run("expiration told", steps(start.Add(time.Hour), 59*time.Minute, 14*time.Minute))
}

func TestCredentialsThatCannotBeRefreshed(t *testing.T) {
	t.Parallel()
	c := newClock()
	r := &refresher{err: errors.New("no network")}
	d := details()
	d.Credentials.Expires = c.Now().Add(time.Hour)
	var logs logBuffer
	job := action.NewJob(d, func(o *action.JobOptions) { o.Refresh, o.Now, o.Logger = r.refresh, c.Now, logs.logger() })
	c.advance(59*time.Minute + 30*time.Second)
	if got, err := job.Credentials().Retrieve(t.Context()); err != nil || got.AccessKeyID != "ASIAJOB1" {
		t.Errorf("credentials that are still good: %s, %v", got.AccessKeyID, err)
	}
	if !strings.Contains(logs.String(), "no network") {
		t.Errorf("log %q", logs.String())
	}
	c.advance(time.Minute)
	if _, err := job.Credentials().Retrieve(t.Context()); !errors.Is(err, r.err) {
		t.Errorf("expired credentials: %v", err)
	}

	job = action.NewJob(d, func(o *action.JobOptions) { o.Now = c.Now })
	if _, err := job.Credentials().Retrieve(t.Context()); err == nil {
		t.Error("expired credentials without a way to refresh them were returned")
	}
	job = action.NewJob(action.Details{})
	if _, err := job.Credentials().Retrieve(t.Context()); err == nil {
		t.Error("no credentials were returned")
	}
}

// S3 says that credentials are too old before the clock does.
func TestExpiredToken(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		refused []string
		want    []string // access keys in order
		fails   bool
	}{
		{"once", []string{"ASIAJOB1"}, []string{"ASIAJOB1", "ASIAJOB2"}, false},
		{"again", []string{"ASIAJOB1", "ASIAJOB2"}, []string{"ASIAJOB1", "ASIAJOB2"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newS3(t)
			s.Put(bucket, sourceKey, zipOf(t, tree...))
			for _, key := range tt.refused {
				s.Refuse(key, "ExpiredToken")
			}
			r := new(refresher)
			_, err := newJob(t, s, details(), func(o *action.JobOptions) { o.Refresh = r.refresh }).Input(t.Context(), "Source")
			if tt.fails != (err != nil) {
				t.Errorf("error %v", err)
			}
			if err != nil && failureType(err) != action.FailureTypeSystemUnavailable {
				t.Errorf("failure type %q (%v)", failureType(err), err)
			}
			var got []string
			for _, r := range s.Requests() {
				got = append(got, r.AccessKeyID)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("access keys (-want +got):\n%s", diff)
			}
		})
	}
}

// That credentials cannot be refreshed is not blamed on the bucket.
func TestDeniedRefresh(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	s.Put(bucket, sourceKey, zipOf(t, tree...))
	s.Refuse("ASIAJOB1", "ExpiredToken")
	r := &refresher{err: apiError("AccessDeniedException")}
	_, err := newJob(t, s, details(), func(o *action.JobOptions) { o.Refresh = r.refresh }).Input(t.Context(), "Source")
	if failureType(err) != action.FailureTypePermissionError || !strings.Contains(err.Error(), "codepipeline:GetJobDetails") || strings.Contains(err.Error(), "bucket's policy") {
		t.Errorf("failure type %q: %v", failureType(err), err)
	}
}

// An upload whose credentials expire in the middle goes on with new ones, and
// no part is lost.
func TestCredentialsExpireDuringUpload(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	s.SetFail(func(r s3test.Request) string {
		if r.Operation == "UploadPart" && r.Part != "1" && r.AccessKeyID == "ASIAJOB1" {
			return "ExpiredToken"
		}
		return ""
	})
	r := new(refresher)
	job := newJob(t, s, details(), func(o *action.JobOptions) { o.Refresh = r.refresh })
	content := noise(t, 30<<20)
	if err := job.PutOutput(t.Context(), "Built", content); err != nil {
		t.Fatal(err)
	}
	if r.calls != 1 {
		t.Errorf("%d refreshes", r.calls)
	}
	checkPut(t, s, content)
}

func TestPipelineContext(t *testing.T) {
	t.Parallel()
	want := action.PipelineContext{Pipeline: "my-pipeline", Stage: "Build", Action: "compile", ExecutionID: "exec-1"}
	r := new(refresher)
	job := action.NewJob(details(), func(o *action.JobOptions) { o.Refresh = r.refresh })
	for range 2 {
		got, err := job.PipelineContext(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("context (-want +got):\n%s", diff)
		}
	}
	if r.calls != 1 {
		t.Errorf("%d calls", r.calls)
	}
	d := details()
	d.Pipeline = "known"
	got, err := action.NewJob(d).PipelineContext(t.Context())
	if err != nil || got.Pipeline != "known" {
		t.Errorf("context %v, %v", got, err)
	}
	if _, err := action.NewJob(details()).PipelineContext(t.Context()); err == nil {
		t.Error("a context that cannot be known was returned")
	}
	r = &refresher{err: fs.ErrPermission}
	if _, err := action.NewJob(details(), func(o *action.JobOptions) { o.Refresh = r.refresh }).PipelineContext(t.Context()); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error %v", err)
	}
}

func TestDetailsShowNoSecrets(t *testing.T) {
	t.Parallel()
	d := details()
	d.Configuration = map[string]string{"Password": "hunter2hunter2", "Region": "us-east-1"}
	var logs logBuffer
	shown := []any{d, &d, []action.Details{d}, struct{ D action.Details }{d}, d.Credentials, action.NewJob(d)}
	var texts []string
	for _, v := range shown {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%o", "%U"} {
			texts = append(texts, fmt.Sprintf(verb, v))
		}
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(data))
		logs.logger().Info("job", "value", v)
		slog.New(slog.NewJSONHandler(&logs, nil)).Info("job", "value", v)
	}
	for _, text := range append(texts, logs.String()) {
		for _, secret := range []string{"hunter2", "job-secret-key", "job-session-token", "ASIAJOB", fmt.Sprintf("%x", "hunter2"), fmt.Sprintf("%X", "job-secret-key")} {
			if strings.Contains(text, secret) {
				t.Errorf("%q shows %q", text, secret)
			}
		}
	}
}
