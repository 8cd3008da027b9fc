package action_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

func apiError(code string) error {
	return fmt.Errorf("call: %w", &smithy.GenericAPIError{Code: code, Message: "message"})
}

func statusError(status int) error {
	return &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: errors.New("refused"),
	}}
}

func TestRunFailures(t *testing.T) {
	t.Parallel()
	var nilFailure *action.Failure
	for _, tt := range []struct {
		name string
		err  error
		want action.Failure
	}{
		{"plain", errors.New("tests failed"), action.Failure{Type: action.FailureTypeJobFailed, Message: "tests failed"}},
		{"ID that is not UTF-8", &action.Failure{Type: action.FailureTypeRevisionOutOfSync, Message: "moved", ExternalExecutionID: "\xff"},
			action.Failure{Type: action.FailureTypeRevisionOutOfSync, Message: "moved"}},
		{"chosen", &action.Failure{Type: action.FailureTypeRevisionOutOfSync, Message: "moved", ExternalExecutionID: "b:1"},
			action.Failure{Type: action.FailureTypeRevisionOutOfSync, Message: "moved", ExternalExecutionID: "b:1"}},
		{"chosen, wrapped", fmt.Errorf("step 3: %w", action.Failf(action.FailureTypeConfigurationError, "no %s", "bucket")),
			action.Failure{Type: action.FailureTypeConfigurationError, Message: "step 3: no bucket"}},
		{"chosen without a type", &action.Failure{Err: apiError("AccessDenied")},
			action.Failure{Type: action.FailureTypePermissionError, Message: "call: api error AccessDenied: message"}},
		{"unknown type", &action.Failure{Type: "Bad", Message: "x"}, action.Failure{Type: action.FailureTypeJobFailed, Message: "x"}},
		{"nil failure", nilFailure, action.Failure{Type: action.FailureTypeJobFailed, Message: "JobFailed"}},
		{"no text", errors.New(" \n"), action.Failure{Type: action.FailureTypeJobFailed, Message: "the handler failed without saying why"}},
		{"denied", apiError("AccessDeniedException"), action.Failure{Type: action.FailureTypePermissionError, Message: "call: api error AccessDeniedException: message"}},
		{"forbidden", statusError(403), action.Failure{Type: action.FailureTypePermissionError}},
		{"file permission", &fs.PathError{Op: "open", Path: "x", Err: fs.ErrPermission}, action.Failure{Type: action.FailureTypePermissionError}},
		{"missing object", apiError("NoSuchKey"), action.Failure{Type: action.FailureTypeRevisionUnavailable}},
		{"missing file", &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}, action.Failure{Type: action.FailureTypeJobFailed}},
		{"throttling", apiError("ThrottlingException"), action.Failure{Type: action.FailureTypeSystemUnavailable}},
		{"too many requests", statusError(429), action.Failure{Type: action.FailureTypeSystemUnavailable}},
		{"server error", statusError(502), action.Failure{Type: action.FailureTypeSystemUnavailable}},
		{"full disk", &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, action.Failure{Type: action.FailureTypeJobFailed}},
		{"timeout", context.DeadlineExceeded, action.Failure{Type: action.FailureTypeSystemUnavailable}},
		{"connection", &net.OpError{Op: "dial", Err: errors.New("refused")}, action.Failure{Type: action.FailureTypeSystemUnavailable}},
		{"archive", &action.ArchiveError{Artifact: "a", Err: io.ErrUnexpectedEOF}, action.Failure{Type: action.FailureTypeJobFailed}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			outcome := action.Run(t.Context(), handler(func(context.Context, *action.Job) (*action.Result, error) {
				return &action.Result{Summary: "ignored"}, tt.err
			}), action.NewJob(details()))
			if outcome.Result != nil || outcome.Failure == nil {
				t.Fatalf("outcome %+v", outcome)
			}
			if tt.want.Message == "" {
				tt.want.Message = tt.err.Error()
			}
			if diff := cmp.Diff(&tt.want, outcome.Failure, cmpopts.IgnoreFields(action.Failure{}, "Err")); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
			if !errors.Is(outcome.Failure, tt.err) && tt.name != "nil failure" {
				t.Error("the failure does not wrap the error")
			}
		})
	}
}

func TestRunResults(t *testing.T) {
	t.Parallel()
	third := details()
	third.Type.Owner = "ThirdParty"
	variables := func(size int) map[string]string { return map[string]string{"a": strings.Repeat("x", size-1)} }
	for _, tt := range []struct {
		name    string
		details action.Details
		result  *action.Result
		want    string // of the failure
	}{
		{name: "nil", result: nil},
		{name: "zero", result: &action.Result{}},
		{name: "all", result: &action.Result{
			Summary: "done", ExternalExecutionID: "b:1", PercentComplete: 100, OutputVariables: map[string]string{"Commit-ID_@1": "ä"},
			CurrentRevision: &action.CurrentRevision{Revision: "1", ChangeID: "2", Summary: "s"},
		}},
		{name: "token", result: &action.Result{ContinuationToken: strings.Repeat("x", 2048), PercentComplete: 50}},
		{name: "long token", result: &action.Result{ContinuationToken: strings.Repeat("x", 2049)}, want: "keep the state elsewhere"},
		{name: "token and variables", result: &action.Result{ContinuationToken: "x", OutputVariables: variables(2)}, want: "only the final result"},
		{name: "variables of a third party", details: third, result: &action.Result{OutputVariables: variables(2)}, want: "third-party"},
		{name: "result of a third party", details: third, result: &action.Result{Summary: "x"}},
		{name: "most variables", result: &action.Result{OutputVariables: variables(122_880)}},
		{name: "too many variables", result: &action.Result{OutputVariables: variables(122_881)}, want: "122881 bytes"},
		{name: "name of a variable", result: &action.Result{OutputVariables: map[string]string{"a.b": ""}}, want: `"a.b"`},
		{name: "empty name", result: &action.Result{OutputVariables: map[string]string{"": ""}}, want: `""`},
		{name: "newline after a name", result: &action.Result{OutputVariables: map[string]string{"a\n": ""}}, want: `"a\n"`},
		{name: "value", result: &action.Result{OutputVariables: map[string]string{"a": "\xff"}}, want: "UTF-8"},
		{name: "percent", result: &action.Result{PercentComplete: 101}, want: "101 percent"},
		{name: "negative percent", result: &action.Result{PercentComplete: -1}, want: "-1 percent"},
		{name: "token that is not UTF-8", result: &action.Result{ContinuationToken: "a\xff"}, want: "not UTF-8"},
		{name: "external ID that is not UTF-8", result: &action.Result{ExternalExecutionID: "a\xff"}, want: "not UTF-8"},
		{name: "revision that is not UTF-8", result: &action.Result{CurrentRevision: &action.CurrentRevision{Revision: "a\xff", ChangeID: "b"}}, want: "not UTF-8"},
		{name: "external ID", result: &action.Result{ExternalExecutionID: strings.Repeat("x", 1501)}, want: "1501 characters"},
		{name: "revision", result: &action.Result{CurrentRevision: &action.CurrentRevision{ChangeID: "1"}}, want: "current revision"},
		{name: "change", result: &action.Result{CurrentRevision: &action.CurrentRevision{Revision: "1", ChangeID: strings.Repeat("x", 101)}}, want: "change identifier"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			outcome := action.Run(t.Context(), handler(func(context.Context, *action.Job) (*action.Result, error) { return tt.result, nil }),
				action.NewJob(tt.details))
			if tt.want == "" {
				want := tt.result
				if want == nil {
					want = &action.Result{}
				}
				if diff := cmp.Diff(action.Outcome{Result: want}, outcome); diff != "" {
					t.Errorf("outcome (-want +got):\n%s", diff)
				}
				return
			}
			if outcome.Result != nil || outcome.Failure == nil || outcome.Failure.Type != action.FailureTypeJobFailed || !strings.Contains(outcome.Failure.Message, tt.want) {
				t.Errorf("outcome %+v", outcome)
			}
		})
	}
}

// Texts are cut between characters, to what the API takes however it counts.
func TestRunCutsTexts(t *testing.T) {
	t.Parallel()
	for _, char := range []string{"x", "ä", "€", "😀", "\xffx"} {
		long := strings.Repeat(char, 6000)
		outcome := action.Run(t.Context(), handler(func(context.Context, *action.Job) (*action.Result, error) {
			return nil, errors.New(long)
		}), action.NewJob(details()))
		checkText(t, char, outcome.Failure.Message, action.MaxFailureMessage)
		outcome = action.Run(t.Context(), handler(func(context.Context, *action.Job) (*action.Result, error) {
			return &action.Result{Summary: long}, nil
		}), action.NewJob(details()))
		checkText(t, char, outcome.Result.Summary, action.MaxSummary)
	}
}

func checkText(t *testing.T, char, text string, limit int) {
	t.Helper()
	n := 0 // in UTF-16
	for _, r := range text {
		n++
		if r > 0xffff {
			n++
		}
	}
	if n > limit || n < limit-2 || !utf8.ValidString(text) || !strings.HasSuffix(text, "…") {
		t.Errorf("%q: cut to %d of %d characters, ending %q", char, n, limit, text[len(text)-8:])
	}
}

func TestRunHidesSecrets(t *testing.T) {
	t.Parallel()
	d := details()
	d.Configuration = map[string]string{"ApiKey": "s3cr3t/va+lue", "Branch": "main", "Special": "special-value", "Pin Token": "abc", "Quoted Password": "a\"b\n<c"}
	d.SecretKeys = []string{"Special"}
	r := new(refresher)
	var logs logBuffer
	inJSON, err := json.Marshal(d.Configuration["Quoted Password"])
	if err != nil {
		t.Fatal(err)
	}
	text := "main: s3cr3t/va+lue s3cr3t%2Fva%2Blue special-value job-secret-key-1 job-secret-key-2 " + fmt.Sprintf("%q %s", d.Configuration["Quoted Password"], inJSON) +
		fmt.Sprintf(" %x %s %s", "s3cr3t/va+lue", "SPECIAL-VALUE", base64.StdEncoding.EncodeToString([]byte(":special-value:")))
	for name, h := range map[string]action.HandlerFunc{
		"error":   func(context.Context, *action.Job) (*action.Result, error) { return nil, errors.New(text) },
		"panic":   func(context.Context, *action.Job) (*action.Result, error) { panic(text) },
		"summary": func(context.Context, *action.Job) (*action.Result, error) { return &action.Result{Summary: text}, nil },
	} {
		job := action.NewJob(d, func(o *action.JobOptions) { o.Logger, o.Refresh = logs.logger(), r.refresh })
		if _, err := job.PipelineContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.calls = 0
		outcome := action.Run(t.Context(), h, job)
		got := ""
		if outcome.Failure != nil {
			got = outcome.Failure.Message
		} else {
			got = outcome.Result.Summary
		}
		want := `main: [redacted] [redacted] [redacted] [redacted] [redacted] "[redacted]" "[redacted]" [redacted] [redacted] O[redacted]6`
		if !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, secret := range []string{"s3cr3t", "special-value", "job-secret"} {
		if strings.Contains(logs.String(), secret) {
			t.Errorf("the log shows %q:\n%s", secret, logs.String())
		}
	}
}

func TestRunPanics(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]action.HandlerFunc{
		"panicked: boom":          func(context.Context, *action.Job) (*action.Result, error) { panic("boom") },
		"panicked: runtime error": func(context.Context, *action.Job) (*action.Result, error) { var p *int; *p = 1; return nil, nil },
		"ended its goroutine":     func(context.Context, *action.Job) (*action.Result, error) { runtime.Goexit(); return nil, nil },
	} {
		var logs logBuffer
		outcome := action.Run(t.Context(), h, action.NewJob(details(), func(o *action.JobOptions) { o.Logger = logs.logger() }))
		f := outcome.Failure
		if f == nil || f.Type != action.FailureTypeJobFailed || !strings.Contains(f.Message, name) || strings.Contains(f.Message, ".go:") {
			t.Errorf("%s: failure %+v", name, f)
		}
		if strings.HasPrefix(name, "panicked") && !strings.Contains(logs.String(), "run_test.go") {
			t.Errorf("%s: the log has no trace: %s", name, logs.String())
		}
	}
}

type brokenError struct{ text string }

func (e *brokenError) Error() string { return e.text }

func TestRunWithNilError(t *testing.T) {
	t.Parallel()
	outcome := action.Run(t.Context(), handler(func(context.Context, *action.Job) (*action.Result, error) {
		var err *brokenError
		return nil, err
	}), action.NewJob(details()))
	if f := outcome.Failure; f == nil || f.Type != action.FailureTypeJobFailed || !strings.Contains(f.Message, "*action_test.brokenError") {
		t.Errorf("failure %+v", f)
	}
}

func TestRunWhenContextEnds(t *testing.T) {
	t.Parallel()
	stopped := errors.New("the pipeline was stopped")
	shutdown := action.Failf(action.FailureTypeSystemUnavailable, "the worker shuts down")
	for _, tt := range []struct {
		name  string
		cause error
		err   func(context.Context) error
		want  action.Failure
	}{
		{"error of the context", stopped, func(ctx context.Context) error { return ctx.Err() },
			action.Failure{Type: action.FailureTypeJobFailed, Message: "the pipeline was stopped"}},
		{"cause", stopped, func(ctx context.Context) error { return context.Cause(ctx) },
			action.Failure{Type: action.FailureTypeJobFailed, Message: "the pipeline was stopped"}},
		{"consequence", stopped, func(context.Context) error { return errors.New("signal: killed") },
			action.Failure{Type: action.FailureTypeJobFailed, Message: "the pipeline was stopped: signal: killed"}},
		{"cause with a type", shutdown, func(ctx context.Context) error { return ctx.Err() },
			action.Failure{Type: action.FailureTypeSystemUnavailable, Message: "the worker shuts down"}},
		{"chosen", shutdown, func(context.Context) error {
			return &action.Failure{Type: action.FailureTypeJobFailed, Message: "chosen"}
		},
			action.Failure{Type: action.FailureTypeJobFailed, Message: "chosen"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			outcome := action.Run(ctx, handler(func(ctx context.Context, _ *action.Job) (*action.Result, error) {
				cancel(tt.cause)
				return nil, tt.err(ctx)
			}), action.NewJob(details()))
			if diff := cmp.Diff(&tt.want, outcome.Failure, cmpopts.IgnoreFields(action.Failure{}, "Err")); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRunWarnsOfMissingOutputs(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	for _, tt := range []struct {
		name      string
		put       bool
		token     string // of the job
		result    action.Result
		wantWarns bool
	}{
		{name: "not put", wantWarns: true},
		{name: "put", put: true},
		{name: "goes on", result: action.Result{ContinuationToken: "x"}},
		{name: "was continued", token: "x"},
	} {
		var logs logBuffer
		d := details()
		d.ContinuationToken = tt.token
		outcome := action.Run(t.Context(), handler(func(ctx context.Context, job *action.Job) (*action.Result, error) {
			if tt.put {
				return &tt.result, job.PutOutput(ctx, "Built", content())
			}
			return &tt.result, nil
		}), newJob(t, s, d, func(o *action.JobOptions) { o.Logger = logs.logger() }))
		if outcome.Result == nil || strings.Contains(logs.String(), "without putting") != tt.wantWarns {
			t.Errorf("%s: outcome %+v, log %q", tt.name, outcome, logs.String())
		}
	}
}

func TestContinue(t *testing.T) {
	t.Parallel()
	type state struct {
		Build string
		Tries int
	}
	r, err := action.Continue(state{"b:1", 2})
	if err != nil {
		t.Fatal(err)
	}
	d := details()
	d.ContinuationToken = r.ContinuationToken
	var got state
	if err := action.NewJob(d).DecodeContinuationToken(&got); err != nil || got != (state{"b:1", 2}) {
		t.Errorf("state %+v, %v", got, err)
	}
	if err := action.NewJob(details()).DecodeContinuationToken(&got); err != nil || got != (state{"b:1", 2}) {
		t.Errorf("first job: %+v, %v", got, err)
	}
	d.ContinuationToken = "{"
	if err := action.NewJob(d).DecodeContinuationToken(&got); err == nil {
		t.Error("a token that is no JSON was decoded")
	}
	if _, err := action.Continue(strings.Repeat("x", 3000)); err == nil || !strings.Contains(err.Error(), "3002") {
		t.Errorf("long token: %v", err)
	}
	if _, err := action.Continue(make(chan int)); err == nil {
		t.Error("a channel became a token")
	}
}

// What a handler changes of what it is given changes nothing of the job.
func TestJobIsNotChanged(t *testing.T) {
	t.Parallel()
	d := details()
	d.Configuration = map[string]string{"a": "b"}
	d.ContinuationToken = "token"
	job := action.NewJob(d)
	for range 2 {
		got := job.Details()
		if diff := cmp.Diff(d, got); diff != "" {
			t.Errorf("details (-want +got):\n%s", diff)
		}
		inputs, outputs, configuration := job.Inputs(), job.Outputs(), job.Configuration()
		if diff := cmp.Diff([]any{d.Inputs, d.Outputs, d.Configuration, "token", d.ID},
			[]any{inputs, outputs, configuration, job.ContinuationToken(), job.ID()}); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		got.Configuration["a"], configuration["a"], inputs[0].Key, got.Outputs[0].Key = "c", "d", "e", "f"
	}
}

func TestUserParameters(t *testing.T) {
	t.Parallel()
	d := details()
	var got struct{ Paths []string }
	if err := action.NewJob(d).DecodeUserParameters(&got); failureType(err) != action.FailureTypeConfigurationError {
		t.Errorf("none: %v", err)
	}
	d.Configuration = map[string]string{"UserParameters": `{"paths":["a"]}`}
	job := action.NewJob(d)
	if err := job.DecodeUserParameters(&got); err != nil || len(got.Paths) != 1 || job.UserParameters() != `{"paths":["a"]}` {
		t.Errorf("%+v, %v", got, err)
	}
	d.Configuration["UserParameters"] = "[1"
	if err := action.NewJob(d).DecodeUserParameters(&got); failureType(err) != action.FailureTypeConfigurationError {
		t.Errorf("no JSON: %v", err)
	}
}

// A result that is refused still tells which work it was about.
func TestRefusedResultKeepsID(t *testing.T) {
	t.Parallel()
	outcome := action.Run(t.Context(), handler(func(context.Context, *action.Job) (*action.Result, error) {
		return &action.Result{ExternalExecutionID: "build-7", PercentComplete: 101}, nil
	}), action.NewJob(action.Details{ID: "1"}))
	if f := outcome.Failure; f == nil || f.ExternalExecutionID != "build-7" {
		t.Errorf("outcome %+v", outcome)
	}
}
