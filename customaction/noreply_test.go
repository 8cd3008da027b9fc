package customaction_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/pipeline/action"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// emptyReplies returns nothing instead of the first replies, or replies
// without content.
type emptyReplies struct {
	*service
	nothing bool
	acks    int
}

func (e *emptyReplies) AcknowledgeJob(ctx context.Context, in *awscodepipeline.AcknowledgeJobInput, optFns ...func(*awscodepipeline.Options)) (*awscodepipeline.AcknowledgeJobOutput, error) {
	out, err := e.service.AcknowledgeJob(ctx, in, optFns...)
	if e.acks++; e.acks == 1 {
		if e.nothing {
			return nil, nil
		}
		return &awscodepipeline.AcknowledgeJobOutput{}, nil
	}
	return out, err
}

// An acknowledgement that was answered with nothing may have taken effect.
func TestEmptyReply(t *testing.T) {
	t.Parallel()
	for _, nothing := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := &service{repeats: true}
			s.add(1)
			b := start(t, &emptyReplies{service: s, nothing: nothing}, succeed)
			pass(time.Minute)
			b.mustStop()
			equal(t, "result", s.get("job-1").result, "success")
		})
	}
}

// silent replies to nothing.
type silent struct{ *service }

func (silent) PollForJobs(context.Context, *awscodepipeline.PollForJobsInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.PollForJobsOutput, error) {
	return nil, nil
}

func (silent) PollForThirdPartyJobs(context.Context, *awscodepipeline.PollForThirdPartyJobsInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.PollForThirdPartyJobsOutput, error) {
	return nil, nil
}

func TestSilence(t *testing.T) {
	t.Parallel()
	for _, owner := range []string{actiontype.OwnerCustom, actiontype.OwnerThirdParty} {
		synctest.Test(t, func(t *testing.T) {
			b := startType(t, silent{new(service)}, actiontype.Type{Category: "Test", Owner: owner, Provider: "P", Version: "1"}, succeed,
				func(o *customaction.Options) {
					o.ClientToken = func(context.Context, string) (string, error) { return "t", nil }
				})
			pass(time.Hour)
			if n := len(b.of(customaction.EventPollFailed)); n < 100 || n > 200 {
				t.Errorf("%d failed polls in an hour", n)
			}
			b.mustStop()
		})
	}
}

// hanging is a server that reads calls and does not answer them.
func TestHangingServer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	arrived := make(chan struct{}, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		select {
		case <-r.Context().Done():
		case <-ctx.Done():
		}
	}))
	defer server.Close()
	defer cancel()
	run, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error)
	worker := customaction.Open(awsjson.Config(server.URL), actiontype.Type{Category: "Test", Provider: "P", Version: "1"}, action.HandlerFunc(succeed))
	go func() { done <- worker.Run(run) }()
	<-arrived
	begin := time.Now()
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("Run ended %s after its context", took)
	}
}

// A third-party job gets fresh credentials with its client's token.
func TestThirdPartyRefresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(service)
		s.add(1)
		ended := make(chan error, 1)
		b := startType(t, s, actiontype.Type{Category: "Test", Owner: actiontype.OwnerThirdParty, Provider: "P", Version: "1"},
			func(ctx context.Context, j *action.Job) (*action.Result, error) {
				time.Sleep(12 * time.Hour)
				_, err := j.Credentials().Retrieve(ctx)
				ended <- err
				return nil, nil
			}, func(o *customaction.Options) {
				o.ClientToken = func(_ context.Context, id string) (string, error) { return "token of " + id, nil }
				o.WatchInterval = -1
			})
		pass(13 * time.Hour)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		b.mustStop()
		equal(t, "calls of GetThirdPartyJobDetails", s.count("GetThirdPartyJobDetails"), 2)
	})
}

// captured keeps the result that it gets.
type captured struct {
	*service
	in *awscodepipeline.PutJobSuccessResultInput
}

func (c *captured) PutJobSuccessResult(ctx context.Context, in *awscodepipeline.PutJobSuccessResultInput, optFns ...func(*awscodepipeline.Options)) (*awscodepipeline.PutJobSuccessResultOutput, error) {
	c.in = in
	return c.service.PutJobSuccessResult(ctx, in, optFns...)
}

func TestResultMembers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &captured{service: new(service)}
		c.add(1)
		created := time.Now()
		b := start(t, c, func(context.Context, *action.Job) (*action.Result, error) {
			return &action.Result{Summary: "s", ExternalExecutionID: "e", PercentComplete: 50, ContinuationToken: "t",
				CurrentRevision: &action.CurrentRevision{Revision: "r", ChangeID: "c", Created: created, Summary: "rs"}}, nil
		})
		b.mustStop()
		d, r := c.in.ExecutionDetails, c.in.CurrentRevision
		if d == nil || r == nil {
			t.Fatalf("input %+v", c.in)
		}
		equal(t, "details", *d.Summary+*d.ExternalExecutionId, "se")
		equal(t, "percent", *d.PercentComplete, 50)
		equal(t, "revision", *r.Revision+*r.ChangeIdentifier+*r.RevisionSummary, "rcrs")
		equal(t, "created", *r.Created, created)
		equal(t, "token", *c.in.ContinuationToken, "t")
	})
}
