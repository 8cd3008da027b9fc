package customaction_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

func TestReport(t *testing.T) {
	t.Parallel()
	const success, failure = "PutJobSuccessResult", "PutJobFailureResult"
	one := func(err ...error) []error { return err }
	for name, test := range map[string]struct {
		operation      string // that fails
		instead, after []error
		failing        bool // the handler
		puts           []string
		accepted       bool
		result         string
		calls          int
	}{
		"at once":           {result: "success v", accepted: true, calls: 1},
		"throttled":         {operation: success, instead: one(errThrottled, errThrottled), result: "success v", accepted: true, calls: 3},
		"server error":      {operation: success, instead: one(errServer), result: "success v", accepted: true, calls: 2},
		"unreachable":       {operation: success, instead: repeat(errRefused, 50), result: "success v", accepted: true, calls: 51},
		"lost reply":        {operation: success, after: one(errLost), result: "success v", accepted: true, calls: 2},
		"late server error": {operation: success, after: one(errServer), result: "success v", accepted: true, calls: 2},
		"denied for a time": {operation: success, instead: repeat(errDenied, 20), result: "success v", accepted: true, calls: 21},
		"lost failure":      {operation: failure, after: one(errLost), failing: true, result: "JobFailed: no", accepted: true, calls: 2},

		"not valid": {operation: success, instead: one(apiError("ValidationException")), accepted: true, calls: 2,
			result: "JobFailed: the work succeeded, but CodePipeline refused its result: "},
		"variables too large": {operation: success, instead: one(apiError("OutputVariablesSizeExceededException")), accepted: true, calls: 2,
			result: "JobFailed: the work succeeded, but CodePipeline refused its result: "},
		"failure not valid": {operation: failure, instead: one(apiError("ValidationException")), failing: true, accepted: true, calls: 2,
			result: "JobFailed: the job failed, but CodePipeline refused the failure message"},
		"not valid after a throttling": {operation: success, instead: one(errThrottled, apiError("ValidationException")), accepted: true, calls: 3,
			result: "JobFailed: the work succeeded, but"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{fault: faults(test.operation, test.instead, test.after)}
				s.add(1)
				b := start(t, s, func(context.Context, *action.Job) (*action.Result, error) {
					if test.failing {
						return nil, action.Failf(action.FailureTypeJobFailed, "no")
					}
					return &action.Result{Summary: "v"}, nil
				})
				pass(time.Hour)
				b.mustStop()
				j := s.get("job-1")
				if !strings.HasPrefix(j.result, test.result) || j.result == "" {
					t.Errorf("result %q, want %q", j.result, test.result)
				}
				equal(t, "calls", s.count(success)+s.count(failure), test.calls)
				for _, r := range j.results { // whatever was put, it was the same
					equal(t, "result", r, j.result)
				}
				reported := b.of(customaction.EventReported)
				if len(reported) != 1 || !strings.HasSuffix(reported[0], map[bool]string{true: "true", false: "false"}[test.accepted]) {
					t.Errorf("events %q", reported)
				}
				failed := test.calls - 1
				if len(test.after) > 0 {
					failed++ // the last one found that the job has ended
				}
				equal(t, "failed puts", len(b.of(customaction.EventPutFailed)), failed)
			})
		})
	}
}

// A result that nobody waits for any more is put once.
func TestReportMoot(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*service){
		"timed out": func(s *service) { s.end("job-1", types.JobStatusTimedOut) },
		"gone":      (*service).forget,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := new(service)
				s.add(1)
				b := start(t, s, func(context.Context, *action.Job) (*action.Result, error) {
					end(s)
					return nil, nil
				})
				pass(time.Minute)
				b.mustStop()
				equal(t, "calls", s.count("PutJobSuccessResult"), 1)
				want := []string{"Acknowledged job-1", "Finished job-1 Succeeded", "PutFailed job-1 Succeeded", "Reported job-1 Succeeded false"}
				if diff := cmp.Diff(want, b.of()); diff != "" {
					t.Errorf("mismatch (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Nothing that the service refuses in the end makes a worker silent.
func TestReportRefusedForever(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{fault: func(operation, _ string) (error, error) {
			if strings.HasPrefix(operation, "PutJob") {
				return apiError("ValidationException"), nil
			}
			return nil, nil
		}}
		s.add(1)
		b := start(t, s, succeed)
		pass(time.Minute)
		if err := b.stop(); err == nil || !strings.Contains(err.Error(), "job-1") {
			t.Errorf("error %v", err)
		}
		equal(t, "calls of PutJobSuccessResult", s.count("PutJobSuccessResult"), 1)
		equal(t, "calls of PutJobFailureResult", s.count("PutJobFailureResult"), 2)
	})
}

// A service that refuses a result quotes the value that it refused: that must
// reach neither the failure message, nor a log, nor an event.
func TestReportRefusedSecret(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	synctest.Test(t, func(t *testing.T) {
		refusal := &smithy.GenericAPIError{Code: "ValidationException",
			Message: "1 validation error detected: Value '" + secret + "' at 'outputVariables' failed to satisfy constraint"}
		s := &service{fault: func(operation, _ string) (error, error) {
			if operation == "PutJobSuccessResult" {
				return refusal, nil
			}
			return nil, nil
		}}
		s.add(1)
		var log strings.Builder
		b := start(t, s, func(_ context.Context, job *action.Job) (*action.Result, error) {
			return &action.Result{ExternalExecutionID: "e-1", OutputVariables: map[string]string{"v": job.Configuration()["Token"]}}, nil
		}, func(o *customaction.Options) {
			o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		pass(time.Minute)
		b.mustStop()
		result := s.get("job-1").result
		if !strings.Contains(result, "Value '[redacted]' at 'outputVariables'") {
			t.Errorf("result %q, want the refusal without the secret", result)
		}
		if strings.Contains(result+log.String(), secret) {
			t.Errorf("the secret is in the result or in the log: %s\n%s", result, log.String())
		}
		for _, e := range b.events {
			if e.Err != nil && strings.Contains(e.Err.Error(), secret) {
				t.Errorf("the secret is in event %s: %v", e.Type, e.Err)
			}
		}
	})
}
