package action_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

// A handler reads the source artifact and tells the actions after it what it
// found. It runs the same in a Lambda function and in a worker.
func ExampleHandler() {
	check := action.HandlerFunc(func(ctx context.Context, job *action.Job) (*action.Result, error) {
		source, err := job.Input(ctx, "Source")
		if err != nil {
			return nil, err
		}
		if _, err := fs.Stat(source, "buildspec.yml"); errors.Is(err, fs.ErrNotExist) {
			return nil, action.Failf(action.FailureTypeConfigurationError, "the repository has no buildspec.yml")
		}
		return &action.Result{Summary: "all there", OutputVariables: map[string]string{"Checked": "true"}}, nil
	})

	for _, name := range []string{"buildspec.yml", "README.md"} {
		job := action.NewJob(exampleDetails, exampleArtifact(name))
		outcome := action.Run(context.Background(), check, job)
		if f := outcome.Failure; f != nil {
			fmt.Println(f.Type, "-", f.Message)
			continue
		}
		fmt.Println(outcome.Result.Summary)
	}
	// Output:
	// all there
	// ConfigurationError - the repository has no buildspec.yml
}

// Work that takes longer than a Lambda function may run goes on in other jobs.
func ExampleContinue() {
	type state struct {
		Build string
		Asked int
	}
	handler := action.HandlerFunc(func(_ context.Context, job *action.Job) (*action.Result, error) {
		var s state
		if err := job.DecodeContinuationToken(&s); err != nil {
			return nil, err
		}
		if s.Build == "" {
			s.Build = "build-1" // started here
		}
		if s.Asked++; s.Asked < 3 {
			return action.Continue(s)
		}
		return &action.Result{Summary: s.Build + " succeeded", ExternalExecutionID: s.Build}, nil
	})

	details := action.Details{ID: "1"}
	for {
		result := action.Run(context.Background(), handler, action.NewJob(details)).Result
		if result.ContinuationToken == "" {
			fmt.Println(result.Summary)
			return
		}
		fmt.Println(result.ContinuationToken)
		details.ContinuationToken = result.ContinuationToken
	}
	// Output:
	// {"Build":"build-1","Asked":1}
	// {"Build":"build-1","Asked":2}
	// build-1 succeeded
}

// The function of an invoke action: in a program, lambda.Start takes it.
func ExampleLambda_Invoke() {
	function := action.NewLambda(exampleAPI{}, action.HandlerFunc(func(_ context.Context, job *action.Job) (*action.Result, error) {
		var parameters struct{ Greet string }
		if err := job.DecodeUserParameters(&parameters); err != nil {
			return nil, err
		}
		return &action.Result{Summary: "Hello, " + parameters.Greet}, nil
	}))

	event := `{"CodePipeline.job": {"id": "11111111-abcd-1111-abcd-111111abcdef", "accountId": "111122223333", "data": {
		"actionConfiguration": {"configuration": {"FunctionName": "greet"}},
		"inputArtifacts": [], "outputArtifacts": [],
		"artifactCredentials": {"accessKeyId": "…", "secretAccessKey": "…", "sessionToken": "…"}}}}`
	if _, err := function.Invoke(context.Background(), []byte(event)); err != nil {
		log.Fatal(err)
	}
	// Output:
	// PutJobSuccessResult: Hello, world
}

// Parameters that are misspelt fail the action, and those that are left out have their
// defaults.
func ExampleJob_DecodeUserParameters() {
	handler := action.HandlerFunc(func(_ context.Context, job *action.Job) (*action.Result, error) {
		parameters := struct {
			Bucket  string
			Retries int
		}{Retries: 3}
		if err := job.DecodeUserParameters(&parameters, (*json.Decoder).DisallowUnknownFields); err != nil {
			return nil, err
		}
		return &action.Result{Summary: fmt.Sprintf("%s, %d retries", parameters.Bucket, parameters.Retries)}, nil
	})

	for _, text := range []string{`{"bucket": "site"}`, `{"bukket": "site"}`} {
		details := action.Details{ID: "1", Configuration: map[string]string{"UserParameters": text}}
		outcome := action.Run(context.Background(), handler, action.NewJob(details))
		if f := outcome.Failure; f != nil {
			fmt.Println(f.Type, "-", f.Message)
			continue
		}
		fmt.Println(outcome.Result.Summary)
	}
	// Output:
	// site, 3 retries
	// ConfigurationError - action: the user parameters of the action: json: unknown field "bukket"
}

// exampleDetails are those of a job with one input artifact.
var exampleDetails = action.Details{
	ID:          "11111111-abcd-1111-abcd-111111abcdef",
	Inputs:      []action.Artifact{{Name: "Source", Bucket: "artifacts", Key: "pipeline/Source/1"}},
	Credentials: action.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret", SessionToken: "token"},
}

// exampleArtifact sets a client of S3 that has a zip archive with that file.
func exampleArtifact(name string) func(*action.JobOptions) {
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	if err := zw.AddFS(fstest.MapFS{name: {}}); err != nil {
		log.Fatal(err)
	}
	zw.Close()
	return func(o *action.JobOptions) {
		o.S3 = func(aws.CredentialsProvider) action.S3API { return exampleS3{body: buf.Bytes()} }
	}
}

// exampleAPI has one job and prints its result.
type exampleAPI struct{ action.API }

func (exampleAPI) GetJobDetails(_ context.Context, in *awscodepipeline.GetJobDetailsInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.GetJobDetailsOutput, error) {
	return &awscodepipeline.GetJobDetailsOutput{JobDetails: &types.JobDetails{Id: in.JobId, Data: &types.JobData{
		ActionTypeId:        &types.ActionTypeId{Category: types.ActionCategoryInvoke, Owner: types.ActionOwnerAws, Provider: aws.String("Lambda"), Version: aws.String("1")},
		ActionConfiguration: &types.ActionConfiguration{Configuration: map[string]string{"FunctionName": "greet", "UserParameters": `{"greet": "world"}`}},
	}}}, nil
}

func (exampleAPI) PutJobSuccessResult(_ context.Context, in *awscodepipeline.PutJobSuccessResultInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.PutJobSuccessResultOutput, error) {
	fmt.Println("PutJobSuccessResult:", aws.ToString(in.ExecutionDetails.Summary))
	return &awscodepipeline.PutJobSuccessResultOutput{}, nil
}

// exampleS3 has one object.
type exampleS3 struct {
	action.S3API
	body []byte
}

func (s exampleS3) GetObject(context.Context, *awss3.GetObjectInput, ...func(*awss3.Options)) (*awss3.GetObjectOutput, error) {
	return &awss3.GetObjectOutput{
		Body: io.NopCloser(bytes.NewReader(s.body)), ContentLength: aws.Int64(int64(len(s.body))), ETag: aws.String("1"),
	}, nil
}
