package action_test

import (
	gocmp "cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/s3test"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

const jobID = "f42b1a3e-6c1d-4b8e-9d3c-0123456789ab"

// payload is the event of a Lambda invoke action.
func payload(token string) []byte {
	text, err := json.Marshal(map[string]any{"CodePipeline.job": map[string]any{"id": jobID, "accountId": "111122223333", "data": jobData(token)}})
	if err != nil {
		panic(err)
	}
	return text
}

// jobData is what the event and GetJobDetails have in common.
func jobData(token string) map[string]any {
	data := map[string]any{
		"actionConfiguration": map[string]any{"configuration": map[string]any{"FunctionName": "check", "UserParameters": `{"require":["go.mod"]}`}},
		"inputArtifacts": []any{map[string]any{"name": "Source", "revision": "e0c7", "location": map[string]any{
			"type": "S3", "s3Location": map[string]any{"bucketName": bucket, "objectKey": sourceKey}}}},
		"outputArtifacts": []any{map[string]any{"name": "Built", "revision": nil, "location": map[string]any{
			"type": "S3", "s3Location": map[string]any{"bucketName": bucket, "objectKey": builtKey}}}},
		"artifactCredentials": map[string]any{"accessKeyId": "ASIAJOB1", "secretAccessKey": "job-secret-key-1",
			"sessionToken": "job-session-token-1", "expirationTime": int64(32503680000000)},
		"encryptionKey": map[string]any{"id": "arn:aws:kms:us-east-1:111122223333:key/1", "type": "KMS"},
	}
	if token != "" {
		data["continuationToken"] = token
	}
	return data
}

// codePipeline is a CodePipeline that keeps the results it is given.
type codePipeline struct {
	service *awsjson.Service
	config  aws.Config

	mu      sync.Mutex
	results []map[string]any // as they came
	ended   bool
	as      string // the provider of the action, "Lambda" if it is empty
	token   string // the continuation token of the job
	reject  string // the error code for success results, and for failures that tell "rejected"
}

func newCodePipeline(t *testing.T) *codePipeline {
	p := new(codePipeline)
	p.service = awsjson.NewService("codepipeline", "CodePipeline_20150709", map[string]awsjson.Operation{
		"GetJobDetails":       p.details,
		"PutJobSuccessResult": p.put,
		"PutJobFailureResult": p.put,
	})
	server, err := awsjson.Listen(p.service)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	p.config = awsjson.Config(server.URL)
	return p
}

func (p *codePipeline) details(_ context.Context, body []byte) (any, error) {
	if !strings.Contains(string(body), jobID) {
		return nil, awsjson.Errorf("JobNotFoundException", "no such job")
	}
	data := jobData(p.token)
	data["actionTypeId"] = map[string]any{"category": "Invoke", "owner": "AWS", "provider": gocmp.Or(p.as, "Lambda"), "version": "1"}
	data["artifactCredentials"] = map[string]any{"accessKeyId": "ASIAJOB2", "secretAccessKey": "job-secret-key-2", "sessionToken": "job-session-token-2"}
	data["pipelineContext"] = map[string]any{
		"pipelineName": "my-pipeline", "pipelineArn": "arn:aws:codepipeline:us-east-1:111122223333:my-pipeline", "pipelineExecutionId": "exec-1",
		"stage": map[string]any{"name": "Check"}, "action": map[string]any{"name": "check", "actionExecutionId": "ae-1"},
	}
	return map[string]any{"jobDetails": map[string]any{"id": jobID, "accountId": "111122223333", "data": data}}, nil
}

func (p *codePipeline) put(_ context.Context, body []byte) (any, error) {
	var result map[string]any
	if err := json.Unmarshal(body, &result); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case result["jobId"] != jobID:
		return nil, awsjson.Errorf("JobNotFoundException", "no such job")
	case p.ended:
		return nil, awsjson.Errorf("InvalidJobStateException", "the job has ended")
	case p.reject != "" && (result["failureDetails"] == nil || strings.Contains(string(body), "rejected")):
		return nil, awsjson.Errorf(p.reject, "Value '%s' is refused", body)
	}
	p.ended = true
	delete(result, "jobId")
	p.results = append(p.results, result)
	return struct{}{}, nil
}

func (p *codePipeline) lambda(s *s3test.Server, h action.Handler, optFns ...func(*action.LambdaOptions)) *action.Lambda {
	return action.OpenLambda(p.config, h, append([]func(*action.LambdaOptions){func(o *action.LambdaOptions) {
		if s != nil {
			o.Job = func(o *action.JobOptions) { o.S3 = action.S3(s.Config(), s3test.PathStyle) }
		}
	}}, optFns...)...)
}

func TestLambdaResults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		token   string
		handler action.HandlerFunc
		reject  string
		want    string // JSON of the result
	}{
		{
			name:    "success",
			handler: func(context.Context, *action.Job) (*action.Result, error) { return nil, nil },
			want:    `{}`,
		},
		{
			name: "everything",
			handler: func(context.Context, *action.Job) (*action.Result, error) {
				return &action.Result{Summary: "done", ExternalExecutionID: "b:1", PercentComplete: 100, OutputVariables: map[string]string{"a": "b"},
					CurrentRevision: &action.CurrentRevision{Revision: "r", ChangeID: "c", Summary: "s"}}, nil
			},
			want: `{"currentRevision":{"changeIdentifier":"c","revision":"r","revisionSummary":"s"},` +
				`"executionDetails":{"externalExecutionId":"b:1","percentComplete":100,"summary":"done"},"outputVariables":{"a":"b"}}`,
		},
		{
			name:  "continued",
			token: `{"Step":1}`,
			handler: func(_ context.Context, job *action.Job) (*action.Result, error) {
				var state struct{ Step int }
				if err := job.DecodeContinuationToken(&state); err != nil {
					return nil, err
				}
				state.Step++
				return action.Continue(state)
			},
			want: `{"continuationToken":"{\"Step\":2}"}`,
		},
		{
			name: "failure",
			handler: func(context.Context, *action.Job) (*action.Result, error) {
				return nil, &action.Failure{Type: action.FailureTypeConfigurationError, Message: "wrong", ExternalExecutionID: "b:1"}
			},
			want: `{"failureDetails":{"externalExecutionId":"b:1","message":"wrong","type":"ConfigurationError"}}`,
		},
		{
			name:    "panic",
			handler: func(context.Context, *action.Job) (*action.Result, error) { panic("boom") },
			want:    `{"failureDetails":{"message":"the handler panicked: boom","type":"JobFailed"}}`,
		},
		{
			name:    "exit",
			handler: func(context.Context, *action.Job) (*action.Result, error) { runtime.Goexit(); return nil, nil },
			want:    `{"failureDetails":{"message":"the handler ended its goroutine without returning","type":"JobFailed"}}`,
		},
		{
			name:    "refused",
			reject:  "OutputVariablesSizeExceededException",
			handler: func(context.Context, *action.Job) (*action.Result, error) { return nil, nil },
			want:    "CodePipeline refused its result",
		},
		{
			name:    "refused failure",
			reject:  "ValidationException",
			handler: func(context.Context, *action.Job) (*action.Result, error) { return nil, errors.New("rejected") },
			want:    "see the log of the function",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newCodePipeline(t)
			p.reject, p.token = tt.reject, tt.token
			got, err := p.lambda(nil, tt.handler).Invoke(t.Context(), payload(tt.token))
			if err != nil || string(got) != "null" {
				t.Errorf("Invoke: %s, %v", got, err)
			}
			if len(p.results) != 1 {
				t.Fatalf("%d results", len(p.results))
			}
			text, err := json.Marshal(p.results[0])
			if err != nil {
				t.Fatal(err)
			}
			if tt.reject != "" {
				if !strings.Contains(string(text), tt.want) {
					t.Errorf("result %s", text)
				}
				return
			}
			if diff := cmp.Diff(tt.want, string(text)); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
}

// CodePipeline may quote what it refuses: the quoted secret reaches neither the
// failure message nor the log.
func TestLambdaRefusedSecret(t *testing.T) {
	t.Parallel()
	p := newCodePipeline(t)
	p.reject = "ValidationException"
	var log logBuffer
	_, err := p.lambda(nil, handler(func(_ context.Context, job *action.Job) (*action.Result, error) {
		credentials, err := job.Credentials().Retrieve(t.Context())
		return &action.Result{OutputVariables: map[string]string{"v": credentials.SecretAccessKey}}, err
	}), func(o *action.LambdaOptions) { o.Logger = log.logger() }).Invoke(t.Context(), payload(""))
	if err != nil || len(p.results) != 1 {
		t.Fatalf("%d results, %v", len(p.results), err)
	}
	text := fmt.Sprint(p.results[0])
	if !strings.Contains(text, "CodePipeline refused its result") || !strings.Contains(text, "[redacted]") {
		t.Errorf("result %s", text)
	}
	if strings.Contains(text+log.String(), "job-secret-key") {
		t.Errorf("the secret is in the result or in the log: %s\n%s", text, log.String())
	}
}

func TestLambdaJob(t *testing.T) {
	t.Parallel()
	p, s := newCodePipeline(t), newS3(t)
	s.Put(bucket, sourceKey, zipOf(t, entry{name: "go.mod", content: "module x\n", mode: 0o644}))
	_, err := p.lambda(s, handler(func(ctx context.Context, job *action.Job) (*action.Result, error) {
		var parameters struct{ Require []string }
		if err := job.DecodeUserParameters(&parameters); err != nil {
			return nil, err
		}
		source, err := job.Input(ctx, "Source")
		if err != nil {
			return nil, err
		}
		for _, name := range parameters.Require {
			if _, err := fs.Stat(source, name); err != nil {
				return nil, err
			}
		}
		place, err := job.PipelineContext(ctx)
		if err != nil {
			return nil, err
		}
		want := action.PipelineContext{
			Pipeline: "my-pipeline", PipelineARN: "arn:aws:codepipeline:us-east-1:111122223333:my-pipeline",
			ExecutionID: "exec-1", Stage: "Check", Action: "check", ActionExecutionID: "ae-1",
		}
		if diff := cmp.Diff(want, place); diff != "" {
			t.Errorf("pipeline context (-want +got):\n%s", diff)
		}
		return &action.Result{Summary: "checked"}, job.PutOutput(ctx, "Built", source)
	})).Invoke(t.Context(), payload(""))
	if err != nil || len(p.results) != 1 || p.results[0]["failureDetails"] != nil {
		t.Errorf("results %v, %v", p.results, err)
	}
	if n := p.service.Calls()["GetJobDetails"]; n != 1 {
		t.Errorf("%d calls of GetJobDetails", n)
	}
	o := s.Get(bucket, builtKey)
	if o == nil || o.Encryption != "aws:kms" || o.KMSKeyID != "arn:aws:kms:us-east-1:111122223333:key/1" {
		t.Errorf("output %+v", o)
	}
	for _, r := range s.Requests() {
		if !strings.HasPrefix(r.AccessKeyID, "ASIAJOB") {
			t.Errorf("%s was signed with %s", r.Operation, r.AccessKeyID)
		}
	}
}

// Of a payload only the ID is believed: somebody who may invoke the function and
// knows the ID of a job cannot have it answered for other content.
func TestLambdaForgedPayload(t *testing.T) {
	t.Parallel()
	p, s := newCodePipeline(t), newS3(t)
	s.Put(bucket, sourceKey, zipOf(t, entry{name: "private.key", content: "leaked", mode: 0o644}))
	s.Put("of-somebody", "harmless", zipOf(t, entry{name: "go.mod", content: "module x\n", mode: 0o644}))
	forged := strings.NewReplacer(bucket, "of-somebody", sourceKey, "harmless", "ASIAJOB1", "ASIAEVIL", `{\"require\":[\"go.mod\"]}`, `{\"require\":[]}`).
		Replace(string(payload("forged")))
	_, err := p.lambda(s, handler(func(ctx context.Context, job *action.Job) (*action.Result, error) {
		if job.ContinuationToken() != "" || job.UserParameters() != `{"require":["go.mod"]}` {
			t.Errorf("token %q, user parameters %q", job.ContinuationToken(), job.UserParameters())
		}
		source, err := job.Input(ctx, "Source")
		if err != nil {
			return nil, err
		}
		_, err = fs.Stat(source, "go.mod")
		return nil, err
	})).Invoke(t.Context(), []byte(forged))
	if err != nil || len(p.results) != 1 || p.results[0]["failureDetails"] == nil {
		t.Errorf("results %v, %v, want a failure", p.results, err)
	}
	for _, r := range s.Requests() {
		if r.Bucket != bucket || r.AccessKeyID != "ASIAJOB2" {
			t.Errorf("%s of %s with %s", r.Operation, r.Bucket, r.AccessKeyID)
		}
	}
}

// A job that cannot be asked for is not run.
func TestLambdaJobThatIsNotThere(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		payload string
		faults  awsjson.Faults
		log     string // if nothing is put
		failure string // that is put
	}{
		{name: "unknown", payload: strings.ReplaceAll(string(payload("")), jobID, "00000000-0000-0000-0000-000000000000"), log: "no such job in this account and Region"},
		{name: "denied", payload: string(payload("")), faults: awsjson.Faults{Deny: []string{"GetJobDetails"}},
			failure: "PermissionError map[message:the role of the Lambda function has to allow codepipeline:GetJobDetails"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newCodePipeline(t)
			p.service.SetFaults(tt.faults)
			var log logBuffer
			_, err := p.lambda(nil, handler(func(context.Context, *action.Job) (*action.Result, error) {
				t.Error("the handler was called")
				return nil, nil
			}), func(o *action.LambdaOptions) { o.Logger = log.logger() }).Invoke(t.Context(), []byte(tt.payload))
			if tt.log != "" {
				if err != nil || !strings.Contains(log.String(), tt.log) || len(p.results) > 0 {
					t.Errorf("error %v, results %v, log %s", err, p.results, log.String())
				}
				return
			}
			if err != nil || len(p.results) != 1 {
				t.Fatalf("error %v, results %v", err, p.results)
			}
			details, _ := p.results[0]["failureDetails"].(map[string]any)
			if got := fmt.Sprint(details["type"], " ", details); !strings.HasPrefix(got, tt.failure) {
				t.Errorf("failure %s", got)
			}
		})
	}
}

// A job of another function is an error, and is not answered.
func TestLambdaRefusesJobsOfOthers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		function, as string
		ours         bool
	}{
		{function: "", ours: true},
		{function: "check", ours: true},
		{function: "check:live", ours: true},
		{function: "arn:aws:lambda:us-east-1:111122223333:function:check:7", ours: true},
		{function: "deploy"},
		{function: "check2"},
		{function: "arn:aws:lambda:us-east-1:111122223333:function:deploy"},
		{function: "check", as: "Manual"},
		{function: "", as: "Manual"},
	} {
		p, ran := newCodePipeline(t), false
		p.as = tt.as
		var log logBuffer
		_, err := p.lambda(nil, handler(func(context.Context, *action.Job) (*action.Result, error) {
			ran = true
			return nil, nil
		}), func(o *action.LambdaOptions) { o.FunctionName, o.Logger = tt.function, log.logger() }).Invoke(t.Context(), payload(""))
		refused := err != nil && strings.Contains(err.Error(), "not of this function") && strings.Contains(log.String(), "is refused") && len(p.results) == 0 && !ran
		answered := err == nil && len(p.results) == 1 && ran
		if refused == tt.ours || answered != tt.ours {
			t.Errorf("function %q, provider %q: ran %v, results %v, error %v", tt.function, tt.as, ran, p.results, err)
		}
	}
}

// Wrong arguments and options are the error of Invoke, and the job is answered
// if there is a way.
func TestLambdaArguments(t *testing.T) {
	t.Parallel()
	p := newCodePipeline(t)
	api := awscodepipeline.NewFromConfig(p.config)
	for _, tt := range []struct {
		name    string
		lambda  *action.Lambda
		want    string
		results int
	}{
		{"no API", action.NewLambda(nil, handler(nothing)), "there is no API", 0},
		{"no handler", action.NewLambda(api, nil), "there is no handler", 1},
		{"negative margin", action.NewLambda(api, handler(nothing), func(o *action.LambdaOptions) { o.Margin = -1 }), "LambdaOptions.Margin", 1},
	} {
		p.ended, p.results = false, nil
		_, err := tt.lambda.Invoke(t.Context(), payload(""))
		if err == nil || !strings.Contains(err.Error(), tt.want) || len(p.results) != tt.results {
			t.Errorf("%s: error %v, results %v", tt.name, err, p.results)
		}
		if tt.results > 0 && !strings.Contains(fmt.Sprint(p.results), "ConfigurationError") {
			t.Errorf("%s: results %v", tt.name, p.results)
		}
	}
	if outcome := action.Run(t.Context(), nil, action.NewJob(details())); outcome.Failure == nil || outcome.Failure.Type != action.FailureTypeConfigurationError {
		t.Errorf("Run without a handler: %+v", outcome)
	}
}

// A result reaches CodePipeline through throttling, errors of the service and
// lost connections; when an error hid that it was taken, all is well too.
func TestLambdaReportsThroughFaults(t *testing.T) {
	t.Parallel()
	p := newCodePipeline(t)
	p.service.SetFaults(awsjson.Faults{ErrorRate: 0.2, DropRate: 0.2, TruncateRate: 0.2, Seed: 1})
	for i := range 5 {
		p.mu.Lock()
		p.ended = false
		p.mu.Unlock()
		_, err := p.lambda(nil, handler(func(context.Context, *action.Job) (*action.Result, error) {
			return &action.Result{Summary: fmt.Sprint(i)}, nil
		})).Invoke(t.Context(), payload(""))
		if err != nil || len(p.results) != i+1 {
			t.Errorf("job %d: %d results, %v", i, len(p.results), err)
		}
	}
}

func TestLambdaJobThatHasEnded(t *testing.T) {
	t.Parallel()
	p := newCodePipeline(t)
	p.ended = true
	if got, err := p.lambda(nil, handler(func(context.Context, *action.Job) (*action.Result, error) {
		return nil, errors.New("too late")
	})).Invoke(t.Context(), payload("")); err != nil || string(got) != "null" {
		t.Errorf("Invoke: %s, %v", got, err)
	}
}

// A result that cannot be put is an error, so that Lambda invokes again.
func TestLambdaThatMayNotReport(t *testing.T) {
	t.Parallel()
	p := newCodePipeline(t)
	p.service.SetFaults(awsjson.Faults{Deny: []string{"PutJobSuccessResult"}})
	_, err := p.lambda(nil, handler(func(context.Context, *action.Job) (*action.Result, error) { return nil, nil })).
		Invoke(t.Context(), payload(""))
	if err == nil || !strings.Contains(err.Error(), "AccessDenied") || !strings.Contains(err.Error(), jobID) {
		t.Errorf("error %v", err)
	}
}

func TestLambdaPayloads(t *testing.T) {
	t.Parallel()
	p := newCodePipeline(t)
	h := handler(func(context.Context, *action.Job) (*action.Result, error) {
		t.Error("the handler was called")
		return nil, nil
	})
	for _, text := range []string{"", "null", "{}", "[", `{"CodePipeline.job":{}}`, `{"source":"aws.codepipeline","detail-type":"x","detail":{"password":"hunter2"}}`} {
		_, err := p.lambda(nil, h).Invoke(t.Context(), []byte(text))
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: error %v", text, err)
		}
	}
	if calls := p.service.Calls(); len(calls) > 0 {
		t.Errorf("calls %v", calls)
	}
}

var _ interface {
	Invoke(context.Context, []byte) ([]byte, error)
} = (*action.Lambda)(nil)

// fakeAPI is a CodePipeline without a wire, for tests of time.
type fakeAPI struct {
	mu  sync.Mutex
	put []string
	err error
}

func (a *fakeAPI) GetJobDetails(_ context.Context, in *awscodepipeline.GetJobDetailsInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.GetJobDetailsOutput, error) {
	return &awscodepipeline.GetJobDetailsOutput{JobDetails: &types.JobDetails{Id: in.JobId, Data: &types.JobData{
		ActionTypeId: &types.ActionTypeId{Category: types.ActionCategoryInvoke, Owner: types.ActionOwnerAws, Provider: aws.String("Lambda"), Version: aws.String("1")},
	}}}, nil
}

func (a *fakeAPI) PutJobSuccessResult(_ context.Context, in *awscodepipeline.PutJobSuccessResultInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.PutJobSuccessResultOutput, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.put = append(a.put, "success "+aws.ToString(in.ContinuationToken))
	return &awscodepipeline.PutJobSuccessResultOutput{}, a.err
}

func (a *fakeAPI) PutJobFailureResult(_ context.Context, in *awscodepipeline.PutJobFailureResultInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.PutJobFailureResultOutput, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.put = append(a.put, string(in.FailureDetails.Type)+" "+aws.ToString(in.FailureDetails.Message))
	return &awscodepipeline.PutJobFailureResultOutput{}, a.err
}
