package pipelinetest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// The SDK's client of S3 finds the artifacts at the server, with the credentials
// of their job alone, until these expire.
func TestArtifactStore(t *testing.T) {
	t.Parallel()
	server := pipelinetest.NewServer(t)
	if _, err := server.AddJob(pipelinetest.JobSpec{
		Type:    pipelinetest.ActionType{Category: "Build", Provider: "Make"},
		Inputs:  []pipelinetest.Artifact{{Name: "Source"}},
		Outputs: []pipelinetest.Artifact{{Name: "Out"}},
	}); err != nil {
		t.Fatal(err)
	}
	out, err := awscodepipeline.NewFromConfig(server.Config()).PollForJobs(t.Context(), &awscodepipeline.PollForJobsInput{
		ActionTypeId: &types.ActionTypeId{Category: "Build", Owner: "Custom", Provider: aws.String("Make"), Version: aws.String("1")},
	})
	if err != nil || len(out.Jobs) != 1 {
		t.Fatalf("%d jobs, %v", len(out.Jobs), err)
	}
	data := out.Jobs[0].Data
	in, made := data.InputArtifacts[0].Location.S3Location, data.OutputArtifacts[0].Location.S3Location
	content := bytes.Repeat([]byte("content "), 1000)
	for _, key := range []string{*in.ObjectKey, "another"} {
		if err := server.PutObject(*in.BucketName, key, content); err != nil {
			t.Fatal(err)
		}
	}
	cfg := server.Config()
	own := awss3.NewFromConfig(cfg)
	c := data.ArtifactCredentials
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}, nil
	})
	job := awss3.NewFromConfig(cfg)

	get := func(client *awss3.Client, bucket, key string) (string, []byte) {
		t.Helper()
		out, err := client.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)})
		if apiErr := smithy.APIError(nil); errors.As(err, &apiErr) {
			return apiErr.ErrorCode(), nil
		}
		if err != nil {
			t.Fatal(err)
		}
		defer out.Body.Close()
		body, err := io.ReadAll(out.Body)
		if err != nil {
			t.Fatal(err)
		}
		return "", body
	}
	put := func(client *awss3.Client, bucket, key string) error {
		_, err := client.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String(key), Body: bytes.NewReader(content)})
		return err
	}
	if code, got := get(job, *in.BucketName, *in.ObjectKey); code != "" || !bytes.Equal(got, content) {
		t.Errorf("the input artifact: %q, %d bytes", code, len(got))
	}
	if code, _ := get(job, *in.BucketName, "another"); code != "AccessDenied" {
		t.Errorf("another object: %q", code)
	}
	if code, got := get(own, *in.BucketName, "another"); code != "" || !bytes.Equal(got, content) {
		t.Errorf("another object with the test's credentials: %q, %d bytes", code, len(got))
	}
	if code, _ := get(job, *made.BucketName, *made.ObjectKey); code != "NoSuchKey" {
		t.Errorf("the output artifact that nobody has put: %q", code)
	}
	if _, ok := server.Object(*made.BucketName, *made.ObjectKey); ok {
		t.Error("there is an output artifact that nobody has put")
	}
	if err := put(job, *made.BucketName, *made.ObjectKey); err != nil {
		t.Error(err)
	}
	if got, ok := server.Object(*made.BucketName, *made.ObjectKey); !ok || !bytes.Equal(got, content) {
		t.Errorf("the output artifact: %v, %d bytes", ok, len(got))
	}

	later := time.Now().Add(24 * time.Hour)
	server.SetClock(func() time.Time { return later })
	if code, _ := get(job, *in.BucketName, *in.ObjectKey); code != "ExpiredToken" {
		t.Errorf("with credentials that have expired: %q", code)
	}
	if err := server.PutObject("", "key", nil); err == nil {
		t.Error("an object without a bucket")
	}
	server.Close()
	if err := server.PutObject("bucket", "key", nil); err == nil {
		t.Error("an object in a server that is closed")
	}
}
