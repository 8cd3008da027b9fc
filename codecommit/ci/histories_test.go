package ci_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
	"github.com/codesuite-go/codesuite/events"
)

// TestHistories lets several instances handle the events of random histories: pushes
// to a pull request, to main and of tags; builds that end in all ways; events that come
// twice, late and in any order; calls that are lost before or after they take effect.
// One call is made at a time, and chance says whose, so that a seed is one history.
func TestHistories(t *testing.T) {
	t.Parallel()
	seeds := 6
	if text := os.Getenv("CODESUITE_HISTORIES"); text != "" {
		var err error
		if seeds, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	for seed := range uint64(seeds) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			newHistory(t, seed).run()
		})
	}
}

// history is a world with several instances and a scheduler.
type history struct {
	*world
	rnd       *rand.Rand
	loss      float64 // share of calls that are lost
	instances []*events.Mux
	current   *task // that runs
	tasks     []*task
	pending   [][]byte // events that have not been handled
	all       [][]byte
	id        string // of the pull request
}

// task is an event that an instance handles.
type task struct {
	payload []byte
	resume  chan struct{}
	yielded chan bool // true when it has ended
	err     error
}

func newHistory(t *testing.T, seed uint64) *history {
	lint := review
	lint.Name, lint.Project, lint.Paths = "lint", "app-lint", []string{"src/**"}
	head := mainFlow
	head.Superseded = ci.SupersededStop
	flows := []ci.Flow{review, lint, head, tagFlow}
	h := &history{rnd: rand.New(rand.NewPCG(seed, 1))}
	outcome := func(b citest.Build) citest.Outcome {
		statuses := []citest.Status{citest.StatusSucceeded, citest.StatusSucceeded, citest.StatusFailed, citest.StatusTimedOut, citest.StatusFault}
		return citest.Outcome{Status: statuses[b.Number%len(statuses)], Message: "as the test wants", Log: []string{"a line"}}
	}
	var projects []citest.Project
	for _, f := range flows {
		projects = append(projects, citest.Project{Name: f.Project, Repository: "app", Run: outcome})
	}
	h.world = newWorld(t, flows, nil, projects...)
	for range 3 {
		h.instances = append(h.instances, h.gated(flows))
	}
	return h
}

// gated returns an instance whose calls wait for their turn.
func (h *history) gated(flows []ci.Flow) *events.Mux {
	commits, builds := h.commits.ConfigAs(botARN), h.builds.Config()
	transport := new(http.Transport)
	h.Cleanup(transport.CloseIdleConnections)
	gate := &http.Client{Transport: &gate{history: h, next: transport}}
	commits.HTTPClient, builds.HTTPClient = gate, gate
	handler := ci.New(ci.Clients{
		CodeCommit: awscodecommit.NewFromConfig(commits),
		CodeBuild:  awscodebuild.NewFromConfig(builds),
		Logs:       awslogs.NewFromConfig(builds),
	}, flows, func(o *ci.Options) { o.Region = "us-east-1" })
	handler.SetClock(h.now)
	handler.SetSleep(func(context.Context, time.Duration) error { return nil })
	mux := new(events.Mux)
	if err := handler.Register(mux); err != nil {
		h.Fatal(err)
	}
	return mux
}

// gate is the connection of an instance.
type gate struct {
	history *history
	next    http.RoundTripper
}

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	h := g.history
	if of := h.current; of != nil {
		of.yielded <- false
		<-of.resume
	}
	switch chance := h.rnd.Float64(); {
	case chance < h.loss/2:
		return nil, fmt.Errorf("the call is lost: %w", io.ErrUnexpectedEOF)
	case chance < h.loss:
		response, err := g.next.RoundTrip(r)
		if err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
		return nil, fmt.Errorf("the reply is lost: %w", io.ErrUnexpectedEOF)
	}
	return g.next.RoundTrip(r)
}

// begin lets an instance handle an event, up to its first call.
func (h *history) begin(payload []byte) {
	of := &task{payload: payload, resume: make(chan struct{}), yielded: make(chan bool)}
	mux := h.instances[h.rnd.IntN(len(h.instances))]
	h.tasks = append(h.tasks, of)
	go func() {
		<-of.resume
		_, of.err = mux.Invoke(h.Context(), payload)
		of.yielded <- true
	}()
	h.step(of)
}

// step lets a task go on up to its next call.
func (h *history) step(of *task) {
	h.current = of
	of.resume <- struct{}{}
	if <-of.yielded {
		h.tasks = slices.DeleteFunc(h.tasks, func(t *task) bool { return t == of })
		if of.err != nil {
			h.pending = append(h.pending, of.payload) // it comes again
		}
	}
	h.current = nil
}

// collect takes the events that the servers have sent.
func (h *history) collect() {
	taken := h.take()
	h.pending, h.all = append(h.pending, taken...), append(h.all, taken...)
}

// pick takes one of the pending events.
func (h *history) pick() []byte {
	i := h.rnd.IntN(len(h.pending))
	payload := h.pending[i]
	h.pending = slices.Delete(h.pending, i, i+1)
	return payload
}

func (h *history) finish() {
	for len(h.tasks) > 0 {
		h.step(h.tasks[h.rnd.IntN(len(h.tasks))])
	}
	h.collect()
}

func (h *history) run() {
	h.loss = 0.1
	pushes, mains, tags := 0, 0, 0
	h.push("topic", "src/a", "0")
	h.id = h.open("topic")
	for range 120 {
		h.collect()
		switch action := h.rnd.IntN(20); {
		case action == 0 && pushes < 4:
			pushes++
			h.push("topic", "src/a", strconv.Itoa(pushes))
		case action == 1 && mains < 2:
			mains++
			h.push("main", "b", strconv.Itoa(mains))
		case action == 2 && tags < 1:
			tags++
			h.setRef("refs/tags/v1", h.head("main"))
		case action < 5:
			h.builds.Advance()
		case action < 8 && len(h.pending) > 0 && len(h.tasks) < 4:
			h.begin(h.pick())
		case action == 8 && len(h.all) > 0 && len(h.tasks) < 4:
			h.begin(h.all[h.rnd.IntN(len(h.all))]) // once more
		case action == 9 && h.rnd.IntN(3) == 0:
			// No instance waits for minutes between two calls.
			h.finish()
			h.pass(time.Duration(h.rnd.IntN(10)) * time.Minute)
		case len(h.tasks) > 0:
			for range h.rnd.IntN(8) {
				if len(h.tasks) > 0 {
					h.step(h.tasks[h.rnd.IntN(len(h.tasks))])
				}
			}
		}
		h.check()
	}
	h.finish()
	h.loss = 0
	for {
		h.collect()
		if len(h.pending) > 0 {
			h.begin(h.pick())
			h.finish()
		} else if !h.builds.Advance() {
			break
		}
	}
	h.check()
	h.checkEnd()
	// All events come once more, in another order.
	h.rnd.Shuffle(len(h.all), func(i, k int) { h.all[i], h.all[k] = h.all[k], h.all[i] })
	for _, payload := range h.all {
		h.begin(payload)
		h.finish()
	}
	h.check()
	h.checkEnd()
}

// check checks what holds at any time: one build of each flow and revision, and one
// comment.
func (h *history) check() {
	h.Helper()
	seen := map[string]string{}
	for _, b := range h.builds.Builds() {
		revision := b.Variable("FLOW_NAME") + " " + b.Variable("FLOW_PULL_REQUEST_ID") + " " + b.Variable("FLOW_REVISION_ID") + " " + b.Variable("FLOW_BRANCH") + " " + b.Variable("FLOW_TAG") + " " + b.SourceVersion
		if other := seen[revision]; other != "" {
			h.Fatalf("builds %s and %s are both of %s", other, b.ID, revision)
		}
		seen[revision] = b.ID
	}
	for key, marks := range h.comments() {
		if len(marks) > 1 {
			h.Fatalf("%s has %d comments: %q", key, len(marks), marks)
		}
	}
}

// checkEnd checks what holds when all events have been handled.
func (h *history) checkEnd() {
	h.Helper()
	pr, err := h.client.GetPullRequest(h.Context(), &awscodecommit.GetPullRequestInput{PullRequestId: &h.id})
	if err != nil {
		h.Fatal(err)
	}
	current := aws.ToString(pr.PullRequest.RevisionId)
	built := map[string]citest.Build{}
	for _, b := range h.builds.Builds() {
		if b.Status == citest.StatusInProgress {
			h.Errorf("the build %s has not ended", b.ID)
		}
		switch {
		case b.Variable("FLOW_REVISION_ID") == current && current != "":
			built[b.Variable("FLOW_NAME")] = b
			if b.Status == citest.StatusStopped {
				h.Errorf("the build %s of the current revision was stopped", b.ID)
			}
		case b.Variable("FLOW_BRANCH") != "" && b.SourceVersion == h.head("main"):
			built[b.Variable("FLOW_NAME")] = b
		}
	}
	for _, flow := range []string{"review", "lint"} {
		if built[flow].ID == "" {
			h.Errorf("the current revision was not built by %s", flow)
		}
	}
	h.checkComments(built)
}

// comments returns the marks of the comments, which are their last lines, by flow and
// revision.
func (h *history) comments() map[string][]string {
	h.Helper()
	out, err := h.client.GetCommentsForPullRequest(h.Context(), &awscodecommit.GetCommentsForPullRequestInput{PullRequestId: &h.id, MaxResults: aws.Int32(500)})
	if err != nil {
		h.Fatal(err)
	}
	marks := map[string][]string{}
	for _, data := range out.CommentsForPullRequestData {
		for _, c := range data.Comments {
			if aws.ToString(c.AuthorArn) != botARN || c.Deleted {
				continue
			}
			lines := strings.Split(strings.TrimSpace(aws.ToString(c.Content)), "\n")
			last := lines[len(lines)-1]
			fields := strings.Split(last, " · ")
			if len(fields) < 4 {
				h.Fatalf("the last line of a comment is %q", last)
			}
			marks[fields[2]+" "+fields[3]] = append(marks[fields[2]+" "+fields[3]], last)
		}
	}
	return marks
}

// checkComments checks that the comments of the current revision say how its builds
// have ended, and those of other revisions that they are superseded.
func (h *history) checkComments(built map[string]citest.Build) {
	h.Helper()
	current := map[string]bool{}
	for _, flow := range []string{"review", "lint"} {
		b := built[flow]
		want := fmt.Sprintf(" · build %d · ", b.Number)
		for key, marks := range h.comments() {
			if !strings.HasPrefix(key, flow+" ") || !strings.Contains(marks[0], want) {
				continue
			}
			current[flow] = true
			if !strings.HasSuffix(marks[0], " · "+string(b.Status)) {
				h.Errorf("the comment of %s on the current revision ends with %q, and its build has %s", flow, marks[0], b.Status)
			}
		}
		if !current[flow] {
			h.Errorf("the current revision has no comment of %s: %v", flow, h.comments())
		}
	}
	for key, marks := range h.comments() {
		superseded := strings.Contains(marks[0], "superseded by")
		if ofCurrent := strings.HasSuffix(marks[0], " · "+string(built[strings.Fields(key)[0]].Status)) && strings.Contains(marks[0], fmt.Sprintf("build %d ", built[strings.Fields(key)[0]].Number)); ofCurrent == superseded {
			h.Errorf("the comment of %s ends with %q, and of the current revision is %v", key, marks[0], ofCurrent)
		}
	}
}
