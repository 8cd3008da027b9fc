package conformance_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/codesuite-go/codesuite/codecommit/gitfetch"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

func (a *account) makeRepository(ctx context.Context, name string) error {
	// The removal comes first: a reply may be lost. To delete what is not there is no
	// error.
	a.later("repository "+name, func(ctx context.Context) error {
		_, err := a.codecommit.DeleteRepository(ctx, &awscodecommit.DeleteRepositoryInput{RepositoryName: &name})
		return err
	})
	_, err := a.codecommit.CreateRepository(ctx, &awscodecommit.CreateRepositoryInput{
		RepositoryName: &name, RepositoryDescription: aws.String("Conformance run of codesuite, safe to delete"), Tags: a.tags(),
	})
	return err
}

// pushAll pushes the branches and tags of the source. What the service may not take
// comes last, and may be lacking.
func (a *account) pushAll(ctx context.Context) error {
	if err := a.pushReference(ctx, "refs/heads/main", "refs/heads/both", "refs/tags/light", "refs/tags/annotated", "refs/tags/both"); err != nil {
		return err
	}
	if err := a.pushReference(ctx, "refs/heads/old", "refs/heads/odd", "refs/heads/alone", "refs/tags/tree"); err != nil {
		a.lacking[needOdd] = err.Error()
	}
	_, err := a.codecommit.UpdateDefaultBranch(ctx, &awscodecommit.UpdateDefaultBranchInput{RepositoryName: &a.name, DefaultBranchName: aws.String("main")})
	return err
}

func (a *account) pushOne(ctx context.Context, reference string) error {
	return a.pushReference(ctx, reference)
}

// pushReference pushes references of the source with git.
func (a *account) pushReference(ctx context.Context, references ...string) error {
	user, password, err := gitfetch.Credentials(ctx, a.cfg, "", a.name)
	if err != nil {
		return err
	}
	out, err := a.codecommit.GetRepository(ctx, &awscodecommit.GetRepositoryInput{RepositoryName: &a.name})
	if err != nil {
		return err
	}
	args := []string{"push", "--quiet", aws.ToString(out.RepositoryMetadata.CloneUrlHttp)}
	for _, r := range references {
		args = append(args, r+":"+r)
	}
	// The variables keep the password from the list of processes.
	header := "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	_, err = gittest.Run(a.source.Dir, nil, []string{
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=http.extraHeader", "GIT_CONFIG_VALUE_0=" + header, "GIT_TERMINAL_PROMPT=0",
	}, args...)
	if err != nil {
		return errors.New(strings.ReplaceAll(err.Error(), password, "…"))
	}
	return nil
}

func (a *account) makeTopic(ctx context.Context) error {
	out, err := a.sns.CreateTopic(ctx, &awssns.CreateTopicInput{Name: &a.name, Tags: []snstypes.Tag{{Key: aws.String(tagKey), Value: aws.String(tagValue)}}})
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
	if _, err := a.s3.CreateBucket(ctx, in); err != nil {
		return "", err
	}
	_, err := a.s3.PutBucketTagging(ctx, &awss3.PutBucketTaggingInput{Bucket: &a.name, Tagging: &s3types.Tagging{
		TagSet: []s3types.Tag{{Key: aws.String(tagKey), Value: aws.String(tagValue)}},
	}})
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

// functionSource is a function that writes what it was invoked with to its log, as
// one line, without the credentials.
const functionSource = `import json

def handler(event, context):
    event["CodePipeline.job"]["data"].pop("artifactCredentials", None)
    print("invoked " + json.dumps(event))
`

// invokedWith begins the line of functionSource.
const invokedWith = "invoked "

// makeFunction makes a Lambda function that answers no job.
func (a *account) makeFunction(ctx context.Context) (string, error) {
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	file, err := z.Create("main.py")
	if err == nil {
		_, err = file.Write([]byte(functionSource))
	}
	if err := errors.Join(err, z.Close()); err != nil {
		return "", err
	}
	a.later("log group of function "+a.name, func(ctx context.Context) error { return a.removeLogGroup(ctx, "/aws/lambda/"+a.name) })
	a.later("function "+a.name, func(ctx context.Context) error {
		_, err := a.lambda.DeleteFunction(ctx, &awslambda.DeleteFunctionInput{FunctionName: &a.name})
		return unless(err, "ResourceNotFoundException")
	})
	_, err = a.lambda.CreateFunction(ctx, &awslambda.CreateFunctionInput{
		FunctionName: &a.name, Role: &a.role, Runtime: lambdatypes.RuntimePython313, Handler: aws.String("main.handler"),
		Code: &lambdatypes.FunctionCode{ZipFile: archive.Bytes()}, Timeout: aws.Int32(10), Tags: a.tags(),
	})
	if err != nil {
		return "", err
	}
	return a.name, awslambda.NewFunctionActiveV2Waiter(a.lambda).Wait(ctx, &awslambda.GetFunctionInput{FunctionName: &a.name}, patience)
}

// invocation returns the newest invocation in the log of the function.
func (a *account) invocation(ctx context.Context) ([]byte, error) {
	out, err := a.logs.FilterLogEvents(ctx, &awslogs.FilterLogEventsInput{
		LogGroupName: aws.String("/aws/lambda/" + a.name), FilterPattern: aws.String(strings.TrimSpace(invokedWith)),
	})
	if err := unless(err, "ResourceNotFoundException"); err != nil || out == nil {
		return nil, err
	}
	var newest []byte
	for _, e := range out.Events {
		if text, ok := strings.CutPrefix(aws.ToString(e.Message), invokedWith); ok {
			newest = []byte(strings.TrimSpace(text))
		}
	}
	return newest, nil
}

func (a *account) removeLogGroup(ctx context.Context, group string) error {
	_, err := a.logs.DeleteLogGroup(ctx, &awslogs.DeleteLogGroupInput{LogGroupName: &group})
	return unless(err, "ResourceNotFoundException") // nothing got as far as its log
}
