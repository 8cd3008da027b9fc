package conformance_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	awslogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	awseventbridge "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	awssfn "github.com/aws/aws-sdk-go-v2/service/sfn"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"
)

// account makes and removes the resources of a run in AWS.
type account struct {
	*world
	cfg    aws.Config
	s3     *awss3.Client
	sns    *awssns.Client
	sqs    *awssqs.Client
	events *awseventbridge.Client
	lambda *awslambda.Client
	ssm    *awsssm.Client
}

// The tag of all resources that may have tags at their creation.
const tagKey, tagValue = "codesuite", "conformance"

func (a *account) tags() map[string]string { return map[string]string{tagKey: tagValue} }

// configuration returns that of AWS. What is missing is an error that says what to
// do, before anything is made.
func configuration(ctx context.Context) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return cfg, fmt.Errorf("load the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return cfg, errors.New("there is no AWS Region: set AWS_REGION, or choose a profile with AWS_PROFILE")
	}
	// On a machine that has none, the SDK would look for EC2's for a while, with each
	// call anew.
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return cfg, fmt.Errorf("there are no AWS credentials: sign in and choose a profile with AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: %w", err)
	}
	return cfg, nil
}

// newAccount returns the world of the account. It has no resource yet.
func newAccount(cfg aws.Config) *account {
	suffix := make([]byte, 4)
	rand.Read(suffix)
	w := &world{
		what: "AWS", region: cfg.Region, name: prefix + hex.EncodeToString(suffix), git: cfg,
		codecommit:   awscodecommit.NewFromConfig(cfg),
		codepipeline: awscodepipeline.NewFromConfig(cfg),
		codebuild:    awscodebuild.NewFromConfig(cfg),
		logs:         awslogs.NewFromConfig(cfg),
		states:       awssfn.NewFromConfig(cfg),
		role:         os.Getenv("CODESUITE_AWS_ROLE"),
		connection:   os.Getenv("CODESUITE_AWS_CONNECTION"), linked: os.Getenv("CODESUITE_AWS_CONNECTION_REPOSITORY"),
		branch:  cmp.Or(os.Getenv("CODESUITE_AWS_CONNECTION_BRANCH"), "main"),
		lacking: make(map[need]string),
	}
	if w.role == "" {
		w.lacking[needRole] = "CODESUITE_AWS_ROLE is not set"
	}
	if w.connection == "" || w.linked == "" {
		w.lacking[needConnection] = "CODESUITE_AWS_CONNECTION and CODESUITE_AWS_CONNECTION_REPOSITORY are not set"
	}
	a := &account{
		world: w, cfg: cfg,
		// Buckets are names in a path at the endpoints of test servers.
		s3:  awss3.NewFromConfig(cfg, func(o *awss3.Options) { o.UsePathStyle = true }),
		sns: awssns.NewFromConfig(cfg), sqs: awssqs.NewFromConfig(cfg), events: awseventbridge.NewFromConfig(cfg),
		lambda: awslambda.NewFromConfig(cfg), ssm: awsssm.NewFromConfig(cfg),
	}
	w.bucket, w.project, w.function = once(a.makeBucket), once(a.makeProject), once(a.makeFunction)
	w.limited, w.machine = once(a.makeLimited), once(a.makeMachine)
	w.push, w.invoked, w.removeLog, w.document = a.pushOne, a.invocation, a.removeLogGroup, a.makeDocument
	w.match, w.validate, w.try = a.testPattern, a.validateDefinition, a.testState
	w.pass = func(ctx context.Context, d time.Duration) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(d):
			return nil
		}
	}
	return a
}

// once returns a function that makes a resource with its first call.
func once(run func(context.Context) (string, error)) func(context.Context) (string, error) {
	var name string
	var err error
	done := false
	return func(ctx context.Context) (string, error) {
		if !done {
			done = true
			name, err = run(ctx)
		}
		return name, err
	}
}

// ruleDelay is how long EventBridge may take until a new rule gets all events.
const ruleDelay = time.Minute

// newLive returns the world of AWS, with the repositories, the topic and the queue.
// Nothing to check remains where the repository cannot be made; what else fails takes
// away the checks that need it.
func newLive(ctx context.Context, t *testing.T) *world {
	t.Helper()
	if ctx.Err() != nil {
		t.Fatal(context.Cause(ctx))
	}
	cfg, err := configuration(ctx)
	if err != nil {
		t.Fatal(mask(err.Error()))
	}
	a := newAccount(cfg)
	t.Cleanup(func() { a.close(ctx) })
	a.source = newSource(t)
	a.leftovers = a.find(ctx)
	for _, name := range []string{a.name, a.empty()} {
		if err := a.makeRepository(ctx, name); err != nil {
			t.Fatalf("create the repository %s: %s", name, mask(err.Error()))
		}
	}
	if err := a.makeTopic(ctx); err != nil {
		a.lacking[needMessages] = "the topic cannot be made: " + err.Error()
	} else if err := a.makeQueue(ctx); err != nil {
		a.lacking[needMessages] = "the queue cannot be made: " + err.Error()
	}
	made := time.Now()
	if err := a.pushAll(ctx); err != nil {
		a.lacking[needContent] = "the repository cannot be filled: " + err.Error()
	}
	if cfg.BaseEndpoint == nil { // AWS, not a server for tests
		if err := a.pass(ctx, ruleDelay-time.Since(made)); err != nil {
			t.Fatal(context.Cause(ctx))
		}
	}
	return a.world
}

// unless returns the error, but for one of the code.
func unless(err error, code string) error {
	if got, other := answer(err); other == nil && got == code {
		return nil
	}
	return err
}

func (a *account) testPattern(ctx context.Context, pattern, event string) (bool, error) {
	out, err := a.events.TestEventPattern(ctx, &awseventbridge.TestEventPatternInput{EventPattern: &pattern, Event: &event})
	if err != nil {
		return false, err
	}
	return out.Result, nil
}
