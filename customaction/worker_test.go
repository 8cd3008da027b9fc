package customaction_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/action"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler action.HandlerFunc
		want    string
		outcome string
	}{
		"success": {succeed, "success", "Succeeded"},
		"details": {func(context.Context, *action.Job) (*action.Result, error) {
			return &action.Result{Summary: "built", OutputVariables: map[string]string{"Version": "2"}}, nil
		}, "success built map[Version:2]", "Succeeded"},
		"continuation": {func(context.Context, *action.Job) (*action.Result, error) {
			return &action.Result{ContinuationToken: "half"}, nil
		}, "success token half", "Continued"},
		"failure": {func(context.Context, *action.Job) (*action.Result, error) {
			return nil, errors.New("it does not compile")
		}, "JobFailed: it does not compile", "JobFailed"},
		"type of failure": {func(context.Context, *action.Job) (*action.Result, error) {
			return nil, action.Failf(action.FailureTypeConfigurationError, "no project")
		}, "ConfigurationError: no project", "ConfigurationError"},
		"panic": {func(context.Context, *action.Job) (*action.Result, error) { panic("oh") },
			"JobFailed: the handler panicked: oh", "JobFailed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := new(service)
				s.add(1)
				b := start(t, s, test.handler)
				j := s.get("job-1")
				equal(t, "result", j.result, test.want)
				equal(t, "puts", len(j.results), 1)
				b.mustStop()
				want := []string{"Acknowledged job-1", "Finished job-1 " + test.outcome, "Reported job-1 " + test.outcome + " true"}
				if diff := cmp.Diff(want, b.of()); diff != "" {
					t.Errorf("mismatch of events (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestDetails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(service)
		s.add(1, func(j *job) { token := "half"; j.data.ContinuationToken = &token })
		var got action.Details
		b := startType(t, s, makeType(), func(_ context.Context, j *action.Job) (*action.Result, error) {
			got = j.Details()
			return nil, nil
		}, func(o *customaction.Options) { o.QueryParam = map[string]string{"Project": "p"} })
		b.mustStop()
		want := action.Details{
			ID: "job-1", AccountID: "111122223333",
			Type:     events.ActionType{Category: "Build", Owner: "Custom", Provider: "Make", Version: "1"},
			Pipeline: "pipeline", PipelineARN: "arn:aws:codepipeline:us-east-1:111122223333:pipeline",
			ExecutionID: "execution-job-1", Stage: "Build", Action: "Make", ActionExecutionID: "action-job-1",
			Configuration:     map[string]string{"Project": "p", "Token": "hunter2"},
			SecretKeys:        []string{"Token"},
			Inputs:            []action.Artifact{{Name: "Source", Revision: "r1", Bucket: "bucket", Key: "pipeline/Source/1"}},
			Outputs:           []action.Artifact{{Name: "Binary", Bucket: "bucket", Key: "pipeline/Binary/1"}},
			Credentials:       action.Credentials{AccessKeyID: "AKIDJOB", SecretAccessKey: "sesame1", SessionToken: "session1"},
			EncryptionKey:     "key",
			ContinuationToken: "half",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("mismatch (-want +got):\n%s", diff)
		}
		equal(t, "query", s.query["Project"], "p")
	})
}

// A job whose credentials have expired gets new ones from GetJobDetails.
func TestRefresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(service)
		s.add(1)
		var keys []string
		b := start(t, s, func(ctx context.Context, j *action.Job) (*action.Result, error) {
			for range 2 {
				c, err := j.Credentials().Retrieve(ctx)
				if err != nil {
					return nil, err
				}
				keys = append(keys, c.AccessKeyID)
				time.Sleep(2 * time.Hour)
			}
			return nil, nil
		}, func(o *customaction.Options) { o.WatchInterval = -1 })
		pass(5 * time.Hour)
		b.mustStop()
		if diff := cmp.Diff([]string{"AKIDJOB", "AKIDJOB2"}, keys); diff != "" {
			t.Errorf("mismatch (-want +got):\n%s", diff)
		}
		equal(t, "calls of GetJobDetails", s.count("GetJobDetails"), 1)
		equal(t, "result", s.get("job-1").result, "success")
	})
}

func TestConcurrency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(service)
		s.add(10)
		var running, most atomic.Int64
		b := start(t, s, func(context.Context, *action.Job) (*action.Result, error) {
			n := running.Add(1)
			if n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Minute)
			running.Add(-1)
			return nil, nil
		}, func(o *customaction.Options) { o.Concurrency = 3 })
		pass(time.Hour)
		b.mustStop()
		equal(t, "most at once", most.Load(), 3)
		for _, p := range s.polls {
			if p.asked > 3 || p.asked < 1 {
				t.Errorf("a poll asked for %d", p.asked)
			}
		}
		for _, j := range s.jobs {
			equal(t, j.id, j.result, "success")
		}
	})
}

func TestBadWorker(t *testing.T) {
	t.Parallel()
	good := actiontype.Type{Category: "Build", Provider: "Make", Version: "1"}
	thirdParty := good
	thirdParty.Owner = actiontype.OwnerThirdParty
	aws := good
	aws.Owner = "AWS"
	for name, test := range map[string]struct {
		api        customaction.API
		actionType actiontype.Type
		handler    action.Handler
		option     func(*customaction.Options)
		want       string
	}{
		"owner AWS":         {new(service), aws, action.HandlerFunc(succeed), nil, `owner "AWS"`},
		"no type":           {new(service), actiontype.Type{}, action.HandlerFunc(succeed), nil, `provider ""`},
		"no API":            {nil, good, action.HandlerFunc(succeed), nil, "no API"},
		"no handler":        {new(service), good, nil, nil, "no handler"},
		"no tokens":         {new(service), thirdParty, action.HandlerFunc(succeed), nil, "option ClientToken"},
		"no third party":    {struct{ customaction.API }{new(service)}, thirdParty, action.HandlerFunc(succeed), nil, "does not have the operations"},
		"third-party query": {new(service), thirdParty, action.HandlerFunc(succeed), func(o *customaction.Options) { o.QueryParam = map[string]string{"a": "b"} }, "have no query"},
		"concurrency":       {new(service), good, action.HandlerFunc(succeed), func(o *customaction.Options) { o.Concurrency = -1 }, "option Concurrency"},
		"waits":             {new(service), good, action.HandlerFunc(succeed), func(o *customaction.Options) { o.MinWait, o.MaxWait = time.Hour, time.Minute }, "options MinWait and MaxWait"},
		"report":            {new(service), good, action.HandlerFunc(succeed), func(o *customaction.Options) { o.ReportTimeout = -1 }, "option ReportTimeout"},
		"two queries":       {new(service), good, action.HandlerFunc(succeed), func(o *customaction.Options) { o.QueryParam = map[string]string{"a": "b", "c": "d"} }, "2 entries"},
		"query value":       {new(service), good, action.HandlerFunc(succeed), func(o *customaction.Options) { o.QueryParam = map[string]string{"a": "b c"} }, `value "b c"`},
		"query name":        {new(service), good, action.HandlerFunc(succeed), func(o *customaction.Options) { o.QueryParam = map[string]string{"": "b"} }, `property ""`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			option := test.option
			if option == nil {
				option = func(*customaction.Options) {}
			}
			err := customaction.New(test.api, test.actionType, test.handler, option).Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestRunTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(service)
		s.add(1)
		b := start(t, s, func(context.Context, *action.Job) (*action.Result, error) {
			time.Sleep(time.Second)
			return nil, nil
		})
		if err := b.Run(t.Context()); !errors.Is(err, customaction.ErrRunning) {
			t.Errorf("error %v", err)
		}
		b.cancel()
		if err := b.Run(t.Context()); !errors.Is(err, customaction.ErrRunning) {
			t.Errorf("error %v while it drains", err)
		}
		if err := <-b.done; err != nil {
			t.Error(err)
		}
		// Another run of the same worker finds the next job.
		s.add(1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := b.Run(ctx); err != nil {
			t.Error(err)
		}
		equal(t, "result", s.get("job-2").result, "success")
	})
}

// Errors that time seldom cures end Run, but not at once.
func TestRefusal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		operation, code string
		maxRefusal      time.Duration
		after           time.Duration // when Run returns
		want            string
	}{
		"no action type":      {"PollForJobs", "ActionTypeNotFoundException", 0, 2 * time.Minute, "poll for jobs Custom/Build/Make/1: there is no such action type in this account and Region"},
		"denied":              {"PollForJobs", "AccessDeniedException", time.Minute, time.Minute, "allow the IAM action codepipeline:PollForJobs"},
		"not valid":           {"PollForJobs", "ValidationException", 0, 0, "QueryParam"},
		"denied to take jobs": {"AcknowledgeJob", "AccessDeniedException", 0, 2 * time.Minute, "allow the IAM action codepipeline:AcknowledgeJob"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{fault: func(operation, _ string) (error, error) {
					if operation == test.operation {
						return apiError(test.code), nil
					}
					return nil, nil
				}, reoffer: time.Second}
				s.add(1)
				var log bytes.Buffer
				begin := time.Now()
				b := start(t, s, succeed, func(o *customaction.Options) {
					o.MaxRefusal = test.maxRefusal
					o.Logger = slog.New(slog.NewTextHandler(&log, nil))
				})
				err := <-b.done
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("error %v, want one with %q", err, test.want)
				}
				if took := time.Since(begin); took < test.after || took > test.after+40*time.Second {
					t.Errorf("Run ended after %s, want about %s", took, test.after)
				}
				if test.after > 0 && !strings.Contains(log.String(), "level=ERROR") {
					t.Errorf("no error in the log:\n%s", log.String())
				}
				if j := s.get("job-1"); j.acked > 0 || len(j.results) > 0 {
					t.Errorf("job %+v", j)
				}
			})
		})
	}
	t.Run("for ever", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := &service{fault: func(string, string) (error, error) { return errDenied, nil }}
			b := start(t, s, succeed, func(o *customaction.Options) { o.MaxRefusal = -1 })
			pass(24 * time.Hour)
			b.mustStop()
		})
	})
	t.Run("created later", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			created := time.Now().Add(time.Minute)
			s := &service{fault: func(operation, _ string) (error, error) {
				if operation == "PollForJobs" && time.Now().Before(created) {
					return apiError("ActionTypeNotFoundException"), nil
				}
				return nil, nil
			}}
			s.add(1)
			b := start(t, s, succeed)
			pass(2 * time.Minute)
			equal(t, "result", s.get("job-1").result, "success")
			b.mustStop()
		})
	})
	t.Run("with jobs", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := new(service)
			s.add(1)
			b := start(t, s, func(context.Context, *action.Job) (*action.Result, error) {
				time.Sleep(125 * time.Second)
				return nil, nil
			}, func(o *customaction.Options) { o.Concurrency = 2; o.MaxWait = 2 * time.Second })
			s.setFault(func(operation, _ string) (error, error) { // as if it were deleted
				if operation == "PollForJobs" {
					return apiError("ActionTypeNotFoundException"), nil
				}
				return nil, nil
			})
			if err := <-b.done; err == nil {
				t.Error("no error")
			}
			equal(t, "result", s.get("job-1").result, "success")
		})
	})
}

func TestThirdParty(t *testing.T) {
	t.Parallel()
	thirdParty := actiontype.Type{Category: "Test", Owner: actiontype.OwnerThirdParty, Provider: "Partner", Version: "1"}
	tokens := func(o *customaction.Options) {
		o.ClientToken = func(_ context.Context, clientID string) (string, error) {
			if clientID == "stranger" {
				return "", errors.New("a client that we do not know")
			}
			return "token of " + clientID, nil
		}
		o.Concurrency = 3
	}
	synctest.Test(t, func(t *testing.T) {
		s := &service{reoffer: time.Minute}
		s.add(2)
		s.add(1, func(j *job) { j.clientID = "stranger" })
		s.add(1, func(j *job) { j.clientID = "impostor" }) // whose token is refused
		details := make(chan action.Details, 4)
		b := startType(t, s, thirdParty, func(_ context.Context, j *action.Job) (*action.Result, error) {
			details <- j.Details()
			if j.ID() == "job-2" {
				return nil, errors.New("no")
			}
			return &action.Result{Summary: "fine"}, nil
		}, tokens)
		pass(30 * time.Second)
		b.mustStop()
		equal(t, "first", s.get("job-1").result, "success fine")
		equal(t, "second", s.get("job-2").result, "JobFailed: no")
		for _, id := range []string{"job-3", "job-4"} {
			if j := s.get(id); j.acked > 0 || len(j.results) > 0 {
				t.Errorf("%s: %+v", id, j)
			}
		}
		equal(t, "jobs that ran", len(details), 2)
		if d := <-details; d.Pipeline != "pipeline" || d.Inputs[0].Name != "Source" {
			t.Errorf("details %v", d)
		}
		equal(t, "calls of PollForJobs", s.count("PollForJobs"), 0)
		want := []string{"Dropped job-3", "Dropped job-4"}
		if diff := cmp.Diff(want, b.of(customaction.EventDropped)); diff != "" {
			t.Errorf("mismatch (-want +got):\n%s", diff)
		}
	})
	t.Run("variables", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := new(service)
			s.add(1, func(j *job) { j.data.ActionTypeId.Owner = types.ActionOwnerThirdParty })
			b := startType(t, s, thirdParty, func(context.Context, *action.Job) (*action.Result, error) {
				return &action.Result{OutputVariables: map[string]string{"a": "b"}}, nil
			}, tokens)
			b.mustStop()
			if got := s.get("job-1").result; !strings.HasPrefix(got, "JobFailed: ") {
				t.Errorf("result %q", got)
			}
		})
	})
}

// The token of one client does not end the work for the others.
func TestThirdPartyMaxRefusal(t *testing.T) {
	t.Parallel()
	partner := actiontype.Type{Category: "Test", Owner: actiontype.OwnerThirdParty, Provider: "Partner", Version: "1"}
	for name, token := range map[string]func() (string, error){
		"none":    func() (string, error) { return "", errors.New("a client that we do not know") },
		"denied":  func() (string, error) { return "", errDenied },
		"another": func() (string, error) { return "another client's", nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := new(service)
				s.add(1, func(j *job) { j.clientID = "stranger" })
				b := startType(t, s, partner, succeed, func(o *customaction.Options) {
					o.ClientToken = func(_ context.Context, clientID string) (string, error) {
						if clientID == "stranger" {
							return token()
						}
						return clientToken, nil
					}
					o.Concurrency = 2
				})
				pass(time.Hour)
				s.add(1)
				pass(time.Minute)
				b.mustStop()
				equal(t, "result", s.get("job-2").result, "success")
				for _, e := range b.events {
					if e.Type == customaction.EventDropped && (e.Err == nil || strings.Contains(e.Err.Error(), "IAM action")) {
						t.Errorf("error %v", e.Err)
					}
				}
			})
		})
	}
}

// A token that was not to be had says nothing of what became of the call: a
// nonce that is refused then is another worker's.
func TestThirdPartyTokenLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(service)
		s.add(1)
		calls := 0
		b := startType(t, s, actiontype.Type{Category: "Test", Owner: actiontype.OwnerThirdParty, Provider: "Partner", Version: "1"},
			func(context.Context, *action.Job) (*action.Result, error) {
				t.Error("the job ran, although it is another worker's")
				return nil, nil
			}, func(o *customaction.Options) {
				o.ClientToken = func(context.Context, string) (string, error) {
					if calls++; calls == 2 { // of the acknowledgement
						s.steal("job-1")
						return "", errLost
					}
					return clientToken, nil
				}
			})
		pass(time.Minute)
		b.mustStop()
	})
}

// Refusals count as lasting only if nothing between them says otherwise.
func TestRefusalsApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		s := new(service)
		s.fault = func(operation, id string) (error, error) {
			if operation != "AcknowledgeJob" {
				return nil, nil
			}
			switch calls++; calls {
			case 1, 3:
				return errDenied, nil
			case 2:
				s.steal(id)
			}
			return nil, nil
		}
		b := start(t, s, succeed)
		for range 3 {
			s.add(1)
			pass(time.Hour)
		}
		b.mustStop()
		equal(t, "result", s.get("job-3").result, "success")
	})
}

// The values of properties that the action type declares secret are kept out
// of everything, whatever the properties' names.
func TestSecretProperty(t *testing.T) {
	t.Parallel()
	for _, owner := range []string{actiontype.OwnerCustom, actiontype.OwnerThirdParty} {
		t.Run(owner, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := new(service)
				for range 3 {
					s.add(1, func(j *job) {
						j.data.ActionConfiguration = &types.ActionConfiguration{Configuration: map[string]string{"Pin": "hunter2/3", "Level": "strict"}}
					})
				}
				var log bytes.Buffer
				b := startType(t, s, actiontype.Type{
					Category: "Test", Owner: owner, Provider: "Partner", Version: "1",
					Properties: []actiontype.Property{{Name: "Pin", Secret: true}, {Name: "Level"}},
				}, func(_ context.Context, j *action.Job) (*action.Result, error) {
					pin := j.Configuration()["Pin"]
					switch j.ID() {
					case "job-1":
						return nil, fmt.Errorf("strict: cannot open https://host/?pin=%s", url.QueryEscape(pin))
					case "job-2":
						panic(fmt.Sprintf("strict %s %v", pin, j))
					}
					return &action.Result{Summary: "strict with " + pin}, nil
				}, func(o *customaction.Options) {
					o.ClientToken = func(context.Context, string) (string, error) { return clientToken, nil }
					o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
				})
				pass(time.Minute)
				b.mustStop()
				text := log.String() + fmt.Sprintf("%+v", b.events)
				for _, j := range s.jobs {
					if !strings.Contains(j.result, "strict") || !strings.Contains(j.result, "[redacted]") {
						t.Errorf("%s: result %q", j.id, j.result)
					}
					text += fmt.Sprint(j.results)
				}
				for _, secret := range []string{"hunter2/3", "hunter2%2F3"} {
					if strings.Contains(text, secret) {
						t.Errorf("%q is told: %s", secret, text)
					}
				}
			})
		})
	}
}

// Nothing of what a job must keep to itself reaches the log or an event.
func TestSecrets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(service)
		s.add(3)
		var failed sync.Map
		s.fault = func(operation, id string) (error, error) {
			if _, ok := failed.LoadOrStore(operation+id, true); !ok {
				return errServer, nil
			}
			return nil, nil
		}
		var log bytes.Buffer
		b := start(t, s, func(_ context.Context, j *action.Job) (*action.Result, error) {
			switch j.ID() {
			case "job-1":
				panic(fmt.Sprint(j.Configuration(), j))
			case "job-2":
				return nil, fmt.Errorf("with %s", j.Configuration()["Token"])
			}
			return nil, nil
		}, func(o *customaction.Options) {
			o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		pass(time.Minute)
		b.mustStop()
		text := log.String() + fmt.Sprintf("%+v", b.events)
		for _, j := range s.jobs {
			if j.result == "" {
				t.Errorf("%s has no result", j.id)
			}
			text += fmt.Sprint(j.results)
		}
		if !strings.Contains(text, "job-1") {
			t.Errorf("the log tells nothing:\n%s", text)
		}
		for _, secret := range []string{"hunter2", "sesame", "session1"} {
			if i := strings.Index(text, secret); i >= 0 {
				t.Errorf("%q is told: %s", secret, text[max(0, i-200):i+len(secret)])
			}
		}
	})
}

// The user's function for jobs runs after the worker has set its own options.
func TestJobOptions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(service)
		s.add(1)
		var workers, jobs bytes.Buffer
		text := func(b *bytes.Buffer) *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }
		refreshed := errors.New("the user's refresh")
		b := start(t, s, func(ctx context.Context, j *action.Job) (*action.Result, error) {
			panic("logged by the job")
		}, func(o *customaction.Options) {
			o.Logger = text(&workers)
			o.Job = func(jo *action.JobOptions) {
				if jo.Refresh == nil || jo.Logger == nil {
					t.Error("Refresh and Logger are not set")
				}
				jo.Refresh = func(context.Context) (*action.Details, error) { return nil, refreshed }
				jo.Logger = text(&jobs)
			}
		})
		b.mustStop()
		if !strings.Contains(jobs.String(), "panic") || strings.Contains(workers.String(), "panic") {
			t.Errorf("log of the job:\n%s\nlog of the worker:\n%s", &jobs, &workers)
		}
	})
}
