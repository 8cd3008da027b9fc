package conformance_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	awslogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	codebuildtypes "github.com/aws/aws-sdk-go-v2/service/codebuild/types"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	awseventbridge "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/codesuite-go/codesuite/codecommit/gitfetch"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// account makes and removes the resources of a run in AWS.
type account struct {
	*world
	cfg    aws.Config
	s3     *awss3.Client
	sns    *awssns.Client
	events *awseventbridge.Client
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
		role:         os.Getenv("CODESUITE_AWS_ROLE"),
	}
	a := &account{
		world: w, cfg: cfg,
		// Buckets are names in a path at the endpoints of test servers.
		s3:  awss3.NewFromConfig(cfg, func(o *awss3.Options) { o.UsePathStyle = true }),
		sns: awssns.NewFromConfig(cfg), events: awseventbridge.NewFromConfig(cfg),
	}
	w.bucket, w.project, w.match = a.makeBucket, a.makeProject, a.testPattern
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

// newLive returns the world of AWS, with the repositories and the topic.
func newLive(t *testing.T) *world {
	t.Helper()
	ctx := t.Context()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		t.Fatal(mask(err.Error()))
	}
	if cfg.Region == "" {
		t.Fatal("there is no AWS Region: set AWS_REGION, or choose a profile with AWS_PROFILE")
	}
	a := newAccount(cfg)
	t.Cleanup(func() { a.close(ctx) })
	a.source = newSource(t)
	a.leftovers = a.find(ctx)
	for _, name := range []string{a.name, a.empty()} {
		if err := a.makeRepository(ctx, name); err != nil {
			t.Fatal(mask(err.Error()))
		}
	}
	if err := a.push(ctx); err != nil {
		t.Fatal(mask(err.Error()))
	}
	if err := a.makeTopic(ctx); err != nil {
		t.Fatal(mask(err.Error()))
	}
	return a.world
}

func (a *account) makeRepository(ctx context.Context, name string) error {
	// The removal comes first: a reply may be lost. To delete what is not there is no
	// error.
	a.later("repository "+name, func(ctx context.Context) error {
		_, err := a.codecommit.DeleteRepository(ctx, &awscodecommit.DeleteRepositoryInput{RepositoryName: &name})
		return err
	})
	_, err := a.codecommit.CreateRepository(ctx, &awscodecommit.CreateRepositoryInput{
		RepositoryName: &name, RepositoryDescription: aws.String("Conformance run of codesuite, safe to delete"),
	})
	return err
}

// push pushes the branches and tags of the source with git.
func (a *account) push(ctx context.Context) error {
	user, password, err := gitfetch.Credentials(ctx, a.cfg, "", a.name)
	if err != nil {
		return err
	}
	out, err := a.codecommit.GetRepository(ctx, &awscodecommit.GetRepositoryInput{RepositoryName: &a.name})
	if err != nil {
		return err
	}
	// The variables keep the password from the list of processes.
	header := "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	_, err = gittest.Run(a.source.Dir, nil, []string{
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=http.extraHeader", "GIT_CONFIG_VALUE_0=" + header, "GIT_TERMINAL_PROMPT=0",
	}, "push", "--quiet", aws.ToString(out.RepositoryMetadata.CloneUrlHttp), "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*")
	if err != nil {
		return errors.New(strings.ReplaceAll(err.Error(), password, "…"))
	}
	_, err = a.codecommit.UpdateDefaultBranch(ctx, &awscodecommit.UpdateDefaultBranchInput{RepositoryName: &a.name, DefaultBranchName: aws.String("main")})
	return err
}

func (a *account) makeTopic(ctx context.Context) error {
	out, err := a.sns.CreateTopic(ctx, &awssns.CreateTopicInput{Name: &a.name})
	if err != nil {
		return err
	}
	a.topic = aws.ToString(out.TopicArn)
	a.later("topic "+a.name, func(ctx context.Context) error {
		_, err := a.sns.DeleteTopic(ctx, &awssns.DeleteTopicInput{TopicArn: out.TopicArn})
		return err
	})
	return nil
}

func (a *account) makeBucket(ctx context.Context) (string, error) {
	in := &awss3.CreateBucketInput{Bucket: &a.name}
	if a.region != "us-east-1" {
		in.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(a.region)}
	}
	a.later("bucket "+a.name, func(ctx context.Context) error { return unless(a.removeBucket(ctx), "NoSuchBucket") })
	_, err := a.s3.CreateBucket(ctx, in)
	return a.name, err
}

// removeBucket removes the bucket with what is in it.
func (a *account) removeBucket(ctx context.Context) error {
	for p := awss3.NewListObjectsV2Paginator(a.s3, &awss3.ListObjectsV2Input{Bucket: &a.name}); p.HasMorePages(); {
		out, err := p.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, object := range out.Contents {
			if _, err := a.s3.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: &a.name, Key: object.Key}); err != nil {
				return err
			}
		}
	}
	_, err := a.s3.DeleteBucket(ctx, &awss3.DeleteBucketInput{Bucket: &a.name})
	return err
}

// makeProject makes a build project whose build waits until it is stopped.
func (a *account) makeProject(ctx context.Context) (string, error) {
	a.later("build project "+a.name, func(ctx context.Context) error {
		_, err := a.codebuild.DeleteProject(ctx, &awscodebuild.DeleteProjectInput{Name: &a.name})
		return err
	})
	a.later("log group of "+a.name, func(ctx context.Context) error {
		_, err := a.logs.DeleteLogGroup(ctx, &awslogs.DeleteLogGroupInput{LogGroupName: aws.String("/aws/codebuild/" + a.name)})
		return unless(err, "ResourceNotFoundException") // no build got as far as its log
	})
	a.later("build of "+a.name, func(ctx context.Context) error {
		if a.build == "" {
			return nil
		}
		_, err := a.codebuild.StopBuild(ctx, &awscodebuild.StopBuildInput{Id: &a.build})
		return err
	})
	_, err := a.codebuild.CreateProject(ctx, &awscodebuild.CreateProjectInput{
		Name: &a.name, ServiceRole: &a.role, TimeoutInMinutes: aws.Int32(10), QueuedTimeoutInMinutes: aws.Int32(10),
		Source:    &codebuildtypes.ProjectSource{Type: codebuildtypes.SourceTypeNoSource, Buildspec: aws.String("version: 0.2\nphases: {build: {commands: [sleep 300]}}\n")},
		Artifacts: &codebuildtypes.ProjectArtifacts{Type: codebuildtypes.ArtifactsTypeNoArtifacts},
		Environment: &codebuildtypes.ProjectEnvironment{
			Type: codebuildtypes.EnvironmentTypeLinuxContainer, ComputeType: codebuildtypes.ComputeTypeBuildGeneral1Small, Image: aws.String("aws/codebuild/amazonlinux-x86_64-standard:5.0"),
		},
	})
	return a.name, err
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
