package jobreport_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf16"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/jobreport"
)

// refusal is an error that quotes what was refused.
func refusal(value string) error {
	return &smithy.GenericAPIError{Code: "ValidationException", Message: "Value '" + value + "' is not valid"}
}

func TestReport(t *testing.T) {
	t.Parallel()
	const secret = "open-sesame"
	const refusedResult = "the work succeeded, but CodePipeline refused its result: the result was refused: api error ValidationException: Value '[secret]' is not valid"
	const refusedFailure = "the job failed, but CodePipeline refused the failure message: see the log of the function or of the job worker"
	for _, tt := range []struct {
		name    string
		failing bool
		success error
		failure error
		put     []error // replies to the failures in place of the result
		want    []string
		fails   bool
	}{
		{name: "success", want: []string{"success"}},
		{name: "failure", failing: true, want: []string{"failure"}},
		{name: "refused result", success: refusal(secret), want: []string{"success", "e-1: " + refusedResult}},
		{name: "refused failure", failing: true, failure: refusal(secret), want: []string{"failure", ": " + refusedFailure}},
		{name: "refused twice", success: refusal(secret), put: []error{refusal(secret)},
			want: []string{"success", "e-1: " + refusedResult, ": " + refusedFailure}},
		{name: "refused always", success: refusal(secret), put: []error{refusal(secret), refusal(secret)}, fails: true,
			want: []string{"success", "e-1: " + refusedResult, ": " + refusedFailure}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var calls []string
				var log strings.Builder
				r := jobreport.Result{
					Failed: func(context.Context) error { calls = append(calls, "failure"); return tt.failure },
					Fail: func(_ context.Context, f jobreport.Failure) error {
						calls = append(calls, f.ExternalExecutionID+": "+f.Message)
						if !errors.Is(f.Err, jobreport.ErrRefused) {
							t.Errorf("cause %v", f.Err)
						}
						if len(tt.put) == 0 {
							return nil
						}
						err := tt.put[0]
						tt.put = tt.put[1:]
						return err
					},
				}
				if !tt.failing {
					r.ExternalExecutionID = "e-1"
					r.Succeed = func(context.Context) error { calls = append(calls, "success"); return tt.success }
				}
				accepted, err := jobreport.Report(t.Context(), r, func(o *jobreport.Options) {
					o.Redact = func(s string) string { return strings.ReplaceAll(s, secret, "[secret]") }
					o.Logger = slog.New(slog.NewTextHandler(&log, nil))
					o.OnError = func(_ int, err error) { fmt.Fprintln(&log, err) }
				})
				if accepted == tt.fails || errors.Is(err, jobreport.ErrRefused) != tt.fails {
					t.Errorf("accepted %t, %v", accepted, err)
				}
				if diff := cmp.Diff(tt.want, calls); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
				if text := fmt.Sprint(log.String(), err); strings.Contains(text, secret) {
					t.Errorf("the secret is in the log or in the error: %s", text)
				}
			})
		})
	}
}

// The message is cut to 5,000 characters as UTF-16 counts them.
func TestReportLongRefusal(t *testing.T) {
	t.Parallel()
	message := ""
	_, err := jobreport.Report(t.Context(), jobreport.Result{
		Succeed: func(context.Context) error { return refusal(strings.Repeat("🚀", 4000)) },
		Fail:    func(_ context.Context, f jobreport.Failure) error { message = f.Message; return nil },
	})
	if n := len(utf16.Encode([]rune(message))); err != nil || n < 4998 || n > 5000 {
		t.Errorf("a message of %d characters, %v", n, err)
	}
}
