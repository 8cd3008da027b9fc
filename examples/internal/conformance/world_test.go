package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	awssfn "github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/codesuite-go/codesuite/internal/gittest"
)

// prefix begins the names of all resources.
const prefix = "codesuite-test-"

// world is where the checks run: AWS, or the test servers.
type world struct {
	what   string // of which the report tells
	region string
	name   string // of all resources
	git    aws.Config

	codecommit   *awscodecommit.Client
	codepipeline *awscodepipeline.Client
	codebuild    *awscodebuild.Client
	logs         *awslogs.Client
	states       *awssfn.Client

	source *gittest.Repo // the work tree of the repository called name
	topic  string        // the ARN of an SNS topic

	// lacking has the needs that the world cannot meet, and why.
	lacking map[need]string

	// role is the ARN of the role of pipelines, builds and functions.
	role string
	// connection is the ARN of a connection to the repository linked, such as
	// "octo/app".
	connection, linked, branch string

	// bucket returns the name of a bucket for artifacts, project that of a build
	// project without a source, limited that of one with one build at a time, and
	// function that of a Lambda function.
	bucket, project, limited, function func(ctx context.Context) (string, error)
	// machine returns the ARN of a state machine that waits.
	machine func(ctx context.Context) (string, error)
	// document makes a document of Systems Manager.
	document func(ctx context.Context, name, content string) error
	// push pushes a reference of the source.
	push func(ctx context.Context, reference string) error
	// receive returns messages of the queue that have come since the last call.
	receive func(ctx context.Context) ([][]byte, error)
	// invoked returns what the function was invoked with last, nil if it was not.
	invoked func(ctx context.Context) ([]byte, error)
	// removeLog removes a log group, which need not be there.
	removeLog func(ctx context.Context, group string) error
	// pass lets time pass.
	pass func(ctx context.Context, d time.Duration) error
	// match asks whether a pattern of EventBridge matches an event.
	match func(ctx context.Context, pattern, event string) (bool, error)
	// validate asks what is wrong with the definition of a state machine, and try runs
	// a state of one. The error of the state has a name and a cause.
	validate func(ctx context.Context, definition string) (problems []string, err error)
	try      func(ctx context.Context, state string) (name, cause string, err error)

	// twist changes the replies of the test servers, for a test of a check.
	twist func(out any, err error) (any, error)

	leftovers []string // of earlier runs
	problems  []string // of the removal

	removals []removal
	remove   sync.Once

	inbox       [][]byte // all messages so far
	pipelines   []string // all names so far
	pullRequest pullRequest
	work        work
	flow        flow
	builds      builds
	run         string // the ARN of the execution of the state machine
}

// removal removes a resource.
type removal struct {
	what string
	run  func(ctx context.Context) error
}

// empty is the name of the repository without a commit.
func (w *world) empty() string { return w.name + "-empty" }

func (w *world) limitedName() string { return w.name + "-limited" }

// later has the resource removed at the end, the newest first.
func (w *world) later(what string, run func(ctx context.Context) error) {
	w.removals = append(w.removals, removal{what, run})
}

// removalTime is how long the removal of everything may take.
const removalTime = 4 * time.Minute

// close removes all resources, whatever has become of the context.
func (w *world) close(ctx context.Context) {
	w.remove.Do(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removalTime)
		defer cancel()
		for i := len(w.removals) - 1; i >= 0; i-- {
			if err := w.removals[i].run(ctx); err != nil {
				w.problems = append(w.problems, fmt.Sprintf("%s: %v", w.removals[i].what, err))
			}
		}
	})
}

// until calls a function until it is content, fails or the context ends, and returns
// how long that took.
func (w *world) until(ctx context.Context, every time.Duration, content func() (bool, error)) (time.Duration, error) {
	var waited time.Duration
	for {
		is, err := content()
		if is || err != nil {
			return waited, err
		}
		if err := w.pass(ctx, every); err != nil {
			return waited, errors.Join(err, ctx.Err())
		}
		if waited += every; waited > patience {
			return waited, errors.New("it does not happen within " + patience.String())
		}
	}
}
