package pipelinetest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func TestPollErrors(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	s.add(makeJob)
	createType(t, s, func(in *awscodepipeline.CreateCustomActionTypeInput) {
		in.Version = aws.String("2")
		in.ConfigurationProperties = []types.ActionConfigurationProperty{{Name: aws.String("Host"), Required: true, Queryable: true}}
	})
	poll := func(f func(*awscodepipeline.PollForJobsInput)) *awscodepipeline.PollForJobsInput {
		in := &awscodepipeline.PollForJobsInput{ActionTypeId: typeID(makeType)}
		f(in)
		return in
	}
	for name, test := range map[string]struct {
		in   *awscodepipeline.PollForJobsInput
		want string
	}{
		"fine":        {poll(func(in *awscodepipeline.PollForJobsInput) {}), "<nil>"},
		"AWS":         {poll(func(in *awscodepipeline.PollForJobsInput) { in.ActionTypeId.Owner = "AWS" }), "ValidationException"},
		"third party": {poll(func(in *awscodepipeline.PollForJobsInput) { in.ActionTypeId.Owner = "ThirdParty" }), "ValidationException"},
		"no owner":    {poll(func(in *awscodepipeline.PollForJobsInput) { in.ActionTypeId.Owner = "Me" }), "ValidationException"},
		"no category": {poll(func(in *awscodepipeline.PollForJobsInput) { in.ActionTypeId.Category = "Make" }), "ValidationException"},
		"long provider": {poll(func(in *awscodepipeline.PollForJobsInput) {
			in.ActionTypeId.Provider = aws.String(strings.Repeat("x", 36))
		}), "ValidationException"},
		"version":          {poll(func(in *awscodepipeline.PollForJobsInput) { in.ActionTypeId.Version = aws.String("1.0") }), "ValidationException"},
		"unknown version":  {poll(func(in *awscodepipeline.PollForJobsInput) { in.ActionTypeId.Version = aws.String("3") }), "ActionTypeNotFoundException"},
		"unknown provider": {poll(func(in *awscodepipeline.PollForJobsInput) { in.ActionTypeId.Provider = aws.String("make") }), "ActionTypeNotFoundException"},
		"no batch":         {poll(func(in *awscodepipeline.PollForJobsInput) { in.MaxBatchSize = aws.Int32(0) }), "ValidationException"},
		"not queryable":    {poll(func(in *awscodepipeline.PollForJobsInput) { in.QueryParam = map[string]string{"Host": "a"} }), "ValidationException"},
		"another property": {poll(func(in *awscodepipeline.PollForJobsInput) {
			in.ActionTypeId.Version, in.QueryParam = aws.String("2"), map[string]string{"Port": "a"}
		}), "ValidationException"},
		"queryable": {poll(func(in *awscodepipeline.PollForJobsInput) {
			in.ActionTypeId.Version, in.QueryParam = aws.String("2"), map[string]string{"Host": "a"}
		}), "<nil>"},
		"two parameters": {poll(func(in *awscodepipeline.PollForJobsInput) {
			in.ActionTypeId.Version, in.QueryParam = aws.String("2"), map[string]string{"Host": "a", "Port": "b"}
		}), "ValidationException"},
		"query value": {poll(func(in *awscodepipeline.PollForJobsInput) {
			in.ActionTypeId.Version, in.QueryParam = aws.String("2"), map[string]string{"Host": "a b"}
		}), "ValidationException"},
	} {
		if _, err := s.PollForJobs(t.Context(), test.in); code(err) != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
	if got := raw(t, s.URL(), "PollForJobs", "{}"); !strings.Contains(got, "actionTypeId") || !strings.Contains(got, "ValidationException") {
		t.Errorf("without an action type: %s", got)
	}
}

// Jobs come in order, no more than the batch size, and each to one poll.
func TestPollBatch(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	var want, got []string
	for range 7 {
		want = append(want, s.add(makeJob))
	}
	other := makeJob
	other.Type.Version = "2"
	s.add(other)
	for _, n := range []int{3, 1, 100, 5} {
		jobs := s.poll(n)
		if len(jobs) > n {
			t.Errorf("%d jobs instead of %d", len(jobs), n)
		}
		got = append(got, ids(jobs)...)
	}
	diff(t, "jobs", want, got)
	s.add(makeJob)
	out, err := s.PollForJobs(t.Context(), &awscodepipeline.PollForJobsInput{ActionTypeId: typeID(makeType)})
	if err != nil || len(out.Jobs) != 1 {
		t.Errorf("without a batch size: %d jobs, %v", len(out.Jobs), err)
	}
	out, err = s.PollForJobs(t.Context(), &awscodepipeline.PollForJobsInput{ActionTypeId: typeID(makeType)})
	if err != nil || out.Jobs == nil || len(out.Jobs) > 0 {
		t.Errorf("without jobs: %v, %v", out.Jobs, err)
	}
}

// With a queryable property a poll may ask for some jobs or for all.
func TestQueryParam(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	spec := func(host string) pipelinetest.JobSpec {
		return pipelinetest.JobSpec{Type: makeType, Configuration: map[string]string{"Host": host}}
	}
	early := []string{s.add(spec("a")), s.add(spec("b"))} // before the action type is there
	createType(t, s, func(in *awscodepipeline.CreateCustomActionTypeInput) {
		in.ConfigurationProperties = []types.ActionConfigurationProperty{
			{Name: aws.String("Host"), Required: true, Queryable: true}, {Name: aws.String("Port")}}
	})
	for host, want := range map[string]string{"": "has no Host", "a b": "1 to 20 letters"} {
		bad := spec(host)
		if host == "" {
			bad.Configuration = nil
		}
		if _, err := s.AddJob(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("host %q: %v", host, err)
		}
	}
	bad := spec("a")
	bad.Configuration["Color"] = "red"
	if _, err := s.AddJob(bad); err == nil || !strings.Contains(err.Error(), "no property Color") {
		t.Errorf("with a color: %v", err)
	}
	late := []string{s.add(spec("a")), s.add(spec("b")), s.add(spec("a")), s.add(spec("c"))}
	query := func(host string) []string {
		out, err := s.PollForJobs(t.Context(), &awscodepipeline.PollForJobsInput{
			ActionTypeId: typeID(makeType), MaxBatchSize: aws.Int32(2), QueryParam: map[string]string{"Host": host},
		})
		if err != nil {
			t.Fatal(err)
		}
		return ids(out.Jobs)
	}
	diff(t, "a", []string{early[0], late[0]}, query("a"))
	diff(t, "all", []string{early[1], late[1]}, ids(s.poll(2)))
	diff(t, "b", []string{}, query("b"))
	diff(t, "a", []string{late[2]}, query("a"))
	diff(t, "d", []string{}, query("d"))
	diff(t, "c", []string{late[3]}, query("c"))
	s.pass(time.Minute)
	diff(t, "b again", []string{early[1], late[1]}, query("b"))
}

func TestReoffer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		options pipelinetest.JobOptions
		after   time.Duration
		nonces  string
		old     string // status for the nonce of the first offer
	}{
		{pipelinetest.JobOptions{}, time.Minute, "[1 2 3]", "InvalidNonceException"},
		{pipelinetest.JobOptions{ReofferAfter: time.Second, SameNonce: true}, time.Second, "[1 1 1]", "InProgress"},
	} {
		s := newJobServer(t)
		s.SetJobOptions(test.options)
		id := s.add(makeJob)
		nonces := []string{*s.next().Nonce}
		for range 2 {
			s.pass(test.after - 1)
			if jobs := s.poll(1); len(jobs) > 0 {
				t.Fatal("offered again too early")
			}
			s.pass(1)
			nonces = append(nonces, *s.next().Nonce)
		}
		equal(t, "nonces", test.nonces, fmt.Sprint(nonces))
		equal(t, "the first nonce", test.old, s.acknowledge(&id, &nonces[0]))
		if test.old != "InProgress" {
			equal(t, "the last nonce", "InProgress", s.acknowledge(&id, &nonces[2]))
		}
		s.pass(time.Hour)
		if jobs := s.poll(1); len(jobs) > 0 {
			t.Error("offered again though it was acknowledged")
		}
		equal(t, "offers", 3, s.job(id).Count(pipelinetest.JobEventOffered))
	}
}

// A nonce is good until another offer, also while the job waits for one.
func TestLateAcknowledgement(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	id := s.add(makeJob)
	nonce := s.next().Nonce
	s.pass(time.Minute)
	s.add(makeJob)
	if jobs := s.poll(1); *jobs[0].Id == id {
		t.Fatal("the job that is offered again came first")
	}
	equal(t, "status", pipelinetest.JobStatusQueued, s.status(id))
	equal(t, "acknowledged", "InProgress", s.acknowledge(&id, nonce))
	if jobs := s.poll(1); len(jobs) > 0 {
		t.Error("offered though it was acknowledged")
	}
}

func TestAcknowledge(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	id := s.add(makeJob)
	one, two := aws.String("1"), aws.String("2")
	check := func(what, want string, got string) {
		t.Helper()
		equal(t, what, want, got)
	}
	check("unknown", "JobNotFoundException", s.acknowledge(aws.String(unknownID), one))
	check("no ID", "ValidationException", s.acknowledge(aws.String("job-1"), one))
	check("no nonce", "ValidationException", s.acknowledge(&id, aws.String("")))
	check("long nonce", "ValidationException", s.acknowledge(&id, aws.String(strings.Repeat("1", 51))))
	check("before it was offered", "InvalidNonceException", s.acknowledge(&id, one))
	s.next()
	check("another nonce", "InvalidNonceException", s.acknowledge(&id, two))
	check("first", "InProgress", s.acknowledge(&id, one))
	check("repeated", "InProgress", s.acknowledge(&id, one))
	check("by another", "InvalidNonceException", s.acknowledge(&id, two))
	s.SetJobOptions(pipelinetest.JobOptions{AcknowledgeOnce: true})
	check("repeated", "InvalidNonceException", s.acknowledge(&id, one))
	s.SetJobOptions(pipelinetest.JobOptions{})
	check("result", "<nil>", s.succeed(&id, ""))
	check("ended", "Succeeded", s.acknowledge(&id, one))
	check("ended, by another", "InvalidNonceException", s.acknowledge(&id, two))
	diff(t, "history", lines(`
		Created
		Acknowledged InvalidNonceException
		Offered 1
		Acknowledged InvalidNonceException
		Acknowledged 1
		Acknowledged 1
		Acknowledged InvalidNonceException
		Acknowledged InvalidNonceException
		Reported
		Acknowledged 1
		Acknowledged InvalidNonceException
	`), s.history(id))
}

// A job that comes twice can be acknowledged once only.
func TestDuplicates(t *testing.T) {
	t.Parallel()
	for _, same := range []bool{false, true} {
		s := newJobServer(t)
		s.SetJobOptions(pipelinetest.JobOptions{DuplicateRate: 1, SameNonce: same})
		id := s.add(makeJob)
		first := s.next()
		second := s.next() // at once
		if *second.Id != id {
			t.Fatalf("second job is %s", *second.Id)
		}
		if jobs := s.poll(1); len(jobs) > 0 {
			t.Error("the job came a third time")
		}
		equal(t, "same nonce", same, *first.Nonce == *second.Nonce)
		got := []string{s.acknowledge(&id, first.Nonce), s.acknowledge(&id, second.Nonce)}
		slices.Sort(got)
		diff(t, "acknowledgements", []string{"InProgress", "InvalidNonceException"}, got)

		// What was acknowledged meanwhile comes as well, but is nobody else's.
		id = s.add(makeJob)
		first = s.take()
		second = s.next()
		equal(t, "late duplicate", "InvalidNonceException", s.acknowledge(&id, second.Nonce))
		equal(t, "result", "<nil>", s.succeed(&id, ""))
		s.add(makeJob)
		s.succeed(s.take().Id, "")
		if jobs := s.poll(1); len(jobs) > 0 {
			t.Errorf("a job that has ended was offered")
		}
	}
}

// A job whose duplicate was not acknowledged either is offered again.
func TestDuplicateReoffer(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	s.SetJobOptions(pipelinetest.JobOptions{DuplicateRate: 1})
	id := s.add(makeJob)
	s.next()
	s.pass(30 * time.Second)
	s.next()
	s.pass(time.Minute - 1)
	if jobs := s.poll(1); len(jobs) > 0 {
		t.Error("offered again too early")
	}
	s.pass(1)
	equal(t, "job", id, *s.next().Id)
}

// A share of the offers is repeated, and those beyond the batch size wait.
func TestDuplicateRate(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	s.SetJobOptions(pipelinetest.JobOptions{DuplicateRate: 0.5, Seed: 1})
	for range 200 {
		s.add(makeJob)
	}
	offers := 0
	for {
		jobs := s.poll(3)
		if len(jobs) == 0 {
			break
		}
		offers += len(jobs)
	}
	if offers < 270 || offers > 330 {
		t.Errorf("%d offers of 200 jobs", offers)
	}
}

// A duplicate waits for a poll that asks for it.
func TestDuplicateQuery(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	createType(t, s, func(in *awscodepipeline.CreateCustomActionTypeInput) {
		in.ConfigurationProperties = []types.ActionConfigurationProperty{{Name: aws.String("Host"), Required: true, Queryable: true}}
	})
	s.SetJobOptions(pipelinetest.JobOptions{DuplicateRate: 1})
	s.add(pipelinetest.JobSpec{Type: makeType, Configuration: map[string]string{"Host": "a"}})
	for _, test := range []struct {
		host string
		want int
	}{{"a", 1}, {"b", 0}, {"a", 1}, {"a", 0}} {
		out, err := s.PollForJobs(t.Context(), &awscodepipeline.PollForJobsInput{ActionTypeId: typeID(makeType), QueryParam: map[string]string{"Host": test.host}})
		if err != nil || len(out.Jobs) != test.want {
			t.Errorf("%s: %d jobs, %v", test.host, len(out.Jobs), err)
		}
	}
}
