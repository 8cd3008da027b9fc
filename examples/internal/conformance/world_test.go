package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/events/pattern"
	"github.com/codesuite-go/codesuite/internal/gittest"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
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

	source *gittest.Repo // the work tree of the repository called name
	topic  string        // the ARN of an SNS topic

	// role is the ARN of the role of pipelines and builds.
	role string
	// bucket returns the name of a bucket for artifacts, and project that of a build
	// project without a source.
	bucket, project func(ctx context.Context) (string, error)
	// pass lets time pass.
	pass func(ctx context.Context, d time.Duration) error
	// match asks whether a pattern of EventBridge matches an event.
	match func(ctx context.Context, pattern, event string) (bool, error)

	leftovers []string // of earlier runs
	problems  []string // of the removal

	removals []removal
	remove   sync.Once

	pullRequest pullRequest
	work        work
	build       string // the ID of the build
}

// removal removes a resource.
type removal struct {
	what string
	run  func(ctx context.Context) error
}

func (w *world) hasRole() bool { return w.role != "" }

// empty is the name of the repository without a commit.
func (w *world) empty() string { return w.name + "-empty" }

// later has the resource removed at the end, the newest first.
func (w *world) later(what string, run func(ctx context.Context) error) {
	w.removals = append(w.removals, removal{what, run})
}

// removalTime is how long the removal of everything may take.
const removalTime = 5 * time.Minute

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

// clock is the time of the test servers.
type clock struct {
	mu     sync.Mutex
	offset time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset)
}

func (c *clock) pass(_ context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
	return nil
}

// servers are the test servers.
type servers struct {
	commits   *codecommittest.Server
	pipelines *pipelinetest.Server
	builds    *citest.Server
}

// newLocal returns the world of the test servers, which the functions may change.
func newLocal(t *testing.T, change ...func(*servers)) *world {
	t.Helper()
	w := &world{what: "the test servers", name: prefix + "local"}
	w.source = newSource(t)
	void := gittest.New(t)

	var c clock
	commits := codecommittest.NewServer(t, codecommittest.Git(w.name, w.source.Dir), codecommittest.Git(w.empty(), void.Dir))
	commits.SetClock(c.now)
	pipelines := pipelinetest.NewServer(t)
	pipelines.SetClock(c.now)
	builds := citest.NewServer(t, citest.Project{Name: w.name, Run: func(citest.Build) citest.Outcome {
		return citest.Outcome{Hold: true}
	}})
	builds.SetClock(c.now)
	for _, f := range change {
		f(&servers{commits, pipelines, builds})
	}

	w.git = commits.Config()
	w.region = w.git.Region
	w.codecommit = awscodecommit.NewFromConfig(commits.Config())
	w.codepipeline = awscodepipeline.NewFromConfig(pipelines.Config())
	w.codebuild = awscodebuild.NewFromConfig(builds.Config())
	w.logs = awslogs.NewFromConfig(builds.Config())
	w.topic = "arn:aws:sns:us-east-1:111122223333:" + w.name
	w.role = "arn:aws:iam::111122223333:role/" + w.name
	w.bucket = func(context.Context) (string, error) { return w.name, nil }
	w.project = func(context.Context) (string, error) { return w.name, nil }
	w.pass = func(ctx context.Context, d time.Duration) error {
		if err := c.pass(ctx, d); err != nil {
			return err
		}
		return w.advance(ctx, pipelines)
	}
	w.match = func(_ context.Context, text, event string) (bool, error) {
		p, err := pattern.Parse([]byte(text))
		if err != nil {
			return false, err
		}
		return p.Match([]byte(event))
	}
	return w
}

// advance lets the executions of the pipeline go on, as AWS does by itself. Its
// source finds the newest commit.
func (w *world) advance(ctx context.Context, s *pipelinetest.Server) error {
	_, err := w.codepipeline.GetPipeline(ctx, &awscodepipeline.GetPipelineInput{Name: &w.name})
	if code, _ := answer(err); code == "PipelineNotFoundException" {
		return nil
	} else if err != nil {
		return err
	}
	if err := s.SetRevision(w.name, "Source", pipelinetest.Revision{ID: w.source.Git("rev-parse", "main"), Summary: message}); err != nil {
		return err
	}
	s.Settle()
	return nil
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

const (
	message = "The message of the commit\n\nand its second paragraph.\n" // of the newest commit

	manyFiles = 1205      // more than one page of any size that is known
	limit     = 6 << 20   // of the content of a file, in bytes
	small     = limit     // the size of the file "limit.bin"
	large     = limit + 1 // the size of the file "large.bin"
)

// newSource returns the repository with all that the checks look at.
func newSource(t *testing.T) *gittest.Repo {
	t.Helper()
	r := gittest.New(t)
	for i := range manyFiles {
		r.Write(fmt.Sprintf("many/%02d/%04d", i%20, i), fmt.Sprintf("%d\n", i))
	}
	for _, name := range []string{"a.b", "a/b", "a-b", "aa", "B", "folder/file"} {
		r.Write(name, name+"\n")
	}
	r.Write("limit.bin", strings.Repeat("\x00", small))
	r.Write("large.bin", strings.Repeat("\x00", large))
	r.Write("run.sh", "#!/bin/sh\n")
	if err := os.Chmod(r.Dir+"/run.sh", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("folder/file", r.Dir+"/link"); err != nil {
		t.Skip("there are no symbolic links: ", err)
	}
	first := r.Commit("first")
	r.Git("update-index", "--add", "--cacheinfo", "160000,"+first+",submodule")
	r.Git("commit", "--quiet", "--message="+message)
	r.Git("tag", "light")
	r.Git("tag", "--annotate", "--message=annotated", "annotated")
	r.Git("tag", "tree", "HEAD^{tree}")
	r.Git("branch", "both", "HEAD")
	r.Git("tag", "both", first)
	return r
}
