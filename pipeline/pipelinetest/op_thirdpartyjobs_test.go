package pipelinetest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// partner makes the calls of a partner's job worker. Those that fail return
// the error code.
type partner struct {
	jobServer
	token string
}

func (p partner) poll(n int) []types.ThirdPartyJob {
	p.t.Helper()
	out, err := p.PollForThirdPartyJobs(p.t.Context(), &awscodepipeline.PollForThirdPartyJobsInput{ActionTypeId: typeID(partnerType), MaxBatchSize: aws.Int32(int32(n))})
	if err != nil {
		p.t.Fatal(err)
	}
	return out.Jobs
}

func (p partner) details(id *string) (*types.ThirdPartyJobDetails, string) {
	out, err := p.GetThirdPartyJobDetails(p.t.Context(), &awscodepipeline.GetThirdPartyJobDetailsInput{JobId: id, ClientToken: &p.token})
	if err != nil {
		return nil, code(err)
	}
	return out.JobDetails, ""
}

func (p partner) acknowledge(id, nonce *string) string {
	out, err := p.AcknowledgeThirdPartyJob(p.t.Context(), &awscodepipeline.AcknowledgeThirdPartyJobInput{JobId: id, Nonce: nonce, ClientToken: &p.token})
	if err != nil {
		return code(err)
	}
	return string(out.Status)
}

func (p partner) succeed(id *string, token string) string {
	in := &awscodepipeline.PutThirdPartyJobSuccessResultInput{JobId: id, ClientToken: &p.token,
		ExecutionDetails: &types.ExecutionDetails{Summary: aws.String("fine")},
		CurrentRevision:  &types.CurrentRevision{Revision: aws.String("r"), ChangeIdentifier: aws.String("c")}}
	if token != "" {
		in.ContinuationToken = &token
	}
	_, err := p.PutThirdPartyJobSuccessResult(p.t.Context(), in)
	return code(err)
}

func (p partner) fail(id *string) string {
	_, err := p.PutThirdPartyJobFailureResult(p.t.Context(), &awscodepipeline.PutThirdPartyJobFailureResultInput{JobId: id, ClientToken: &p.token,
		FailureDetails: &types.FailureDetails{Type: "SystemUnavailable", Message: aws.String("closed"), ExternalExecutionId: aws.String("17")}})
	return code(err)
}

func newPartner(t *testing.T, pipelines ...pipelinetest.Pipeline) partner {
	return partner{newJobServer(t, pipelines...), pipelinetest.DefaultClientToken}
}

func TestThirdPartyJob(t *testing.T) {
	t.Parallel()
	a := pipelinetest.ThirdPartyAction("Test", "Test", "Check", "1", map[string]string{"Plan": "gold"}, "SourceArtifact")
	p := newPartner(t, withAction(a))
	if jobs := p.poll(1); len(jobs) > 0 {
		t.Error("a job before the action")
	}
	execution := begin(t, p.Server, custom().Name)
	p.Settle()
	jobs := p.poll(5)
	if len(jobs) != 1 || *jobs[0].ClientId != pipelinetest.DefaultClientID {
		t.Fatalf("jobs %+v", jobs)
	}
	id := jobs[0].JobId
	d, problem := p.details(id)
	if problem != "" {
		t.Fatal(problem)
	}
	if c := d.Data.PipelineContext; *d.Id != *id || *c.PipelineName != custom().Name || *c.Action.Name != "Test" || c.PipelineArn != nil || c.PipelineExecutionId != nil ||
		d.Data.ActionConfiguration.Configuration["Plan"] != "gold" || *d.Data.ActionTypeId.Provider != "Check" || d.Data.ArtifactCredentials == nil {
		t.Errorf("details %+v of %+v", d.Data, c)
	}
	equal(t, "acknowledged", "InProgress", p.acknowledge(id, d.Nonce))
	equal(t, "result", "<nil>", p.succeed(id, "more"))
	next := p.poll(1)[0].JobId
	d, _ = p.details(next)
	equal(t, "token", "more", *d.Data.ContinuationToken)
	equal(t, "acknowledged", "InProgress", p.acknowledge(next, d.Nonce))
	equal(t, "result", "<nil>", p.fail(next))
	equal(t, "second result", "InvalidJobStateException", p.succeed(next, ""))
	p.Settle()
	result := p.latest(t.Context()).Output.ExecutionResult
	if *result.ErrorDetails.Code != "SystemUnavailable" || *result.ErrorDetails.Message != "closed" || *result.ExternalExecutionId != "17" {
		t.Errorf("result %+v", result)
	}
	equal(t, "status", types.PipelineExecutionStatusFailed, get(t, p.Client, custom().Name, execution).Status)
	diff(t, "history", lines("Created\nOffered 1\nDetailsRead\nAcknowledged 1\nReported\nContinued"), p.history(*id))
}

func TestClientTokens(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	const client = "0c3f8b1e-58f1-4d9a-8a55-2b7f5d3c9e10"
	for _, c := range []struct{ id, token string }{{"me", "t"}, {client, ""}, {client, strings.Repeat("t", 257)}} {
		if err := p.SetClientToken(c.id, c.token); err == nil {
			t.Errorf("client %s with token %s: no error", c.id, c.token)
		}
	}
	if err := p.SetClientToken(client, "their token"); err != nil {
		t.Fatal(err)
	}
	ours, theirs := p.add(pipelinetest.JobSpec{Type: partnerType}), p.add(pipelinetest.JobSpec{Type: partnerType, ClientID: client})
	jobs := p.poll(2)
	if len(jobs) != 2 || *jobs[0].ClientId != pipelinetest.DefaultClientID || *jobs[1].ClientId != client || *jobs[1].JobId != theirs {
		t.Fatalf("jobs %+v", jobs)
	}
	const want = "InvalidClientTokenException"
	nonce := aws.String("1")
	if _, got := p.details(&theirs); got != want {
		t.Errorf("details: %s", got)
	}
	equal(t, "acknowledged", want, p.acknowledge(&theirs, nonce))
	equal(t, "success", want, p.succeed(&theirs, ""))
	equal(t, "failure", want, p.fail(&theirs))
	p.token = "their token"
	equal(t, "acknowledged", "InProgress", p.acknowledge(&theirs, nonce))
	equal(t, "success", "<nil>", p.succeed(&theirs, ""))
	equal(t, "acknowledged", want, p.acknowledge(&ours, nonce))
}

func TestThirdPartyErrors(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	mine, theirs := p.add(makeJob), p.add(pipelinetest.JobSpec{Type: partnerType})
	for name, test := range map[string]struct {
		id      string
		details string
		rest    string
	}{
		"of a custom action": {mine, "InvalidJobException", "JobNotFoundException"},
		"unknown":            {"job 1", "JobNotFoundException", "JobNotFoundException"},
		"no ID":              {"", "ValidationException", "ValidationException"},
		"long ID":            {strings.Repeat("x", 513), "ValidationException", "ValidationException"},
	} {
		if _, got := p.details(&test.id); got != test.details {
			t.Errorf("details of a job %s: %s", name, got)
		}
		equal(t, "acknowledged, "+name, test.rest, p.acknowledge(&test.id, aws.String("1")))
		equal(t, "success, "+name, test.rest, p.succeed(&test.id, ""))
		equal(t, "failure, "+name, test.rest, p.fail(&test.id))
	}
	p.token = strings.Repeat("t", 257)
	if _, got := p.details(&theirs); got != "ValidationException" {
		t.Errorf("long token: %s", got)
	}
	if _, err := p.jobServer.details(theirs); code(err) != "JobNotFoundException" {
		t.Errorf("details as of a custom action: %v", err)
	}
	for owner, want := range map[types.ActionOwner]string{"Custom": "ValidationException", "AWS": "ValidationException", "Me": "ValidationException", "ThirdParty": "ActionTypeNotFoundException"} {
		in := &awscodepipeline.PollForThirdPartyJobsInput{ActionTypeId: typeID(makeType)}
		in.ActionTypeId.Owner = owner
		if _, err := p.PollForThirdPartyJobs(t.Context(), in); code(err) != want {
			t.Errorf("poll for those of %s: %v", owner, err)
		}
	}
	if _, err := p.PollForThirdPartyJobs(t.Context(), &awscodepipeline.PollForThirdPartyJobsInput{ActionTypeId: typeID(partnerType), MaxBatchSize: aws.Int32(0)}); code(err) != "ValidationException" {
		t.Errorf("empty batch: %v", err)
	}
}

// A third-party job is offered again as others are, with a new nonce.
func TestThirdPartyReoffer(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	p.SetJobOptions(pipelinetest.JobOptions{ForgetEnded: true})
	id := p.add(pipelinetest.JobSpec{Type: partnerType})
	p.poll(1)
	first, _ := p.details(&id)
	p.pass(time.Minute)
	if jobs := p.poll(1); len(jobs) != 1 {
		t.Fatalf("%d jobs", len(jobs))
	}
	second, _ := p.details(&id)
	equal(t, "first nonce", "InvalidNonceException", p.acknowledge(&id, first.Nonce))
	equal(t, "second nonce", "InProgress", p.acknowledge(&id, second.Nonce))
	p.succeed(&id, "")
	if _, got := p.details(&id); got != "JobNotFoundException" {
		t.Errorf("details of an ended job: %s", got)
	}
}

// Two workers that read the nonce of a job do not both get it.
func TestThirdPartyNonce(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	if _, err := p.AddJob(pipelinetest.JobSpec{Type: partnerType}); err != nil {
		t.Fatal(err)
	}
	id := p.poll(1)[0].JobId
	var nonces []*string
	for range 2 {
		d, refused := p.details(id)
		if refused != "" {
			t.Fatal(refused)
		}
		nonces = append(nonces, d.Nonce)
	}
	for i, want := range []string{"InProgress", "InvalidNonceException"} {
		if got := p.acknowledge(id, nonces[i]); got != want {
			t.Errorf("worker %d is answered %s, want %s", i, got, want)
		}
	}
}
