package citest_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	cbtypes "github.com/aws/aws-sdk-go-v2/service/codebuild/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
	"github.com/codesuite-go/codesuite/events"
)

func diff(t *testing.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func code(err error) string {
	var e smithy.APIError
	if errors.As(err, &e) {
		return e.ErrorCode()
	}
	return ""
}

// newServer returns a server of the projects whose clock starts at a fixed time.
func newServer(t *testing.T, projects ...citest.Project) (*citest.Server, *awscodebuild.Client) {
	t.Helper()
	server := citest.NewServer(t, projects...)
	server.SetClock(func() time.Time { return time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC) })
	return server, awscodebuild.NewFromConfig(server.Config())
}

func start(t *testing.T, client *awscodebuild.Client, in awscodebuild.StartBuildInput) *cbtypes.Build {
	t.Helper()
	out, err := client.StartBuild(t.Context(), &in)
	if err != nil {
		t.Fatal(err)
	}
	return out.Build
}

func get(t *testing.T, client *awscodebuild.Client, id string) *cbtypes.Build {
	t.Helper()
	out, err := client.BatchGetBuilds(t.Context(), &awscodebuild.BatchGetBuildsInput{Ids: []string{id}})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Builds) != 1 {
		t.Fatalf("%d builds have the ID %s", len(out.Builds), id)
	}
	return &out.Builds[0]
}

// phases returns the phases as PHASE=STATUS.
func phases(b *cbtypes.Build) []string {
	var list []string
	for _, p := range b.Phases {
		list = append(list, string(p.PhaseType)+"="+string(p.PhaseStatus))
	}
	return list
}

// recorder keeps the events that a server delivers, decoded.
type recorder struct {
	mu     sync.Mutex
	events []events.Event
}

func (r *recorder) record(t *testing.T, server *citest.Server) {
	server.OnEvent(func(payload []byte) {
		e, err := events.Decode(payload)
		if err != nil {
			t.Errorf("%v: %s", err, payload)
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.events = append(r.events, e)
	})
}

func (r *recorder) list() []events.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

func run(o citest.Outcome) func(citest.Build) citest.Outcome {
	return func(citest.Build) citest.Outcome { return o }
}

var name = aws.String("app")
