package pipelinetest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// SDKs name the operations of CodeConnections in several ways.
func TestConnectionTargets(t *testing.T) {
	t.Parallel()
	server := pipelinetest.NewServer(t)
	const arn = "arn:aws:codestar-connections:us-east-1:111122223333:connection/1"
	server.AddConnection(pipelinetest.Connection{ARN: arn})
	call := func(target, contentType string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL(), strings.NewReader(`{"ConnectionArn":"`+arn+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Amz-Target", target)
		req.Header.Set("Content-Type", contentType)
		reply, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer reply.Body.Close()
		body, err := io.ReadAll(reply.Body)
		if err != nil {
			t.Fatal(err)
		}
		if got := reply.Header.Get("Content-Type"); got != contentType {
			t.Errorf("%s: content type %s, want %s", target, got, contentType)
		}
		return reply.StatusCode, string(body)
	}
	for _, version := range []string{"application/x-amz-json-1.0", "application/x-amz-json-1.1"} {
		for _, target := range []string{
			"CodeConnections_20231201", "com.amazonaws.codeconnections.CodeConnections_20231201",
			"CodeStar_connections_20191201", "com.amazonaws.codestar.connections.CodeStar_connections_20191201",
		} {
			if status, body := call(target+".GetConnection", version); status != 200 || !strings.Contains(body, arn) {
				t.Errorf("%s: %d %s", target, status, body)
			}
		}
		if status, body := call("CodeConnections_20991231.GetConnection", version); status != 400 || !strings.Contains(body, "UnknownOperationException") {
			t.Errorf("another version: %d %s", status, body)
		}
	}
	if n := server.Count("GetConnection"); n != 8 {
		t.Errorf("%d calls are counted, want 8", n)
	}
}

// recorder keeps the bodies of replies.
type recorder struct {
	mu     sync.Mutex
	bodies map[string][]string // by target
}

func (r *recorder) Do(req *http.Request) (*http.Response, error) {
	reply, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(reply.Body)
	reply.Body.Close()
	reply.Body = io.NopCloser(bytes.NewReader(body))
	r.mu.Lock()
	defer r.mu.Unlock()
	target := req.Header.Get("X-Amz-Target")
	r.bodies[target] = append(r.bodies[target], string(body))
	return reply, err
}

// The service leaves out what is not there, and sends empty lists and maps: a
// program in a language without zero values fails at null.
func TestNoNull(t *testing.T) {
	t.Parallel()
	p := app()
	p.Stages[1].Actions = append(p.Stages[1].Actions,
		pipelinetest.ThirdPartyAction("Scan", "Test", "Partner", "1", nil), pipelinetest.CustomAction("Style", "Test", "Lint", "1", nil),
		pipelinetest.LambdaAction("Check", "check", ""), pipelinetest.ApprovalAction("Ask"))
	server, _ := newServer(t, p)
	replies := &recorder{bodies: make(map[string][]string)}
	cfg := server.Config()
	cfg.HTTPClient = replies
	client := awscodepipeline.NewFromConfig(cfg)
	if _, err := server.StartExecution(p.Name, pipelinetest.Trigger{}); err != nil {
		t.Fatal(err)
	}
	server.Settle()

	name := aws.String(p.Name)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	partner := &types.ActionTypeId{Category: "Test", Owner: "ThirdParty", Provider: aws.String("Partner"), Version: aws.String("1")}
	polled, err := client.PollForThirdPartyJobs(t.Context(), &awscodepipeline.PollForThirdPartyJobsInput{ActionTypeId: partner})
	must(err)
	if len(polled.Jobs) != 1 {
		t.Fatalf("%d third-party jobs", len(polled.Jobs))
	}
	details, err := client.GetThirdPartyJobDetails(t.Context(), &awscodepipeline.GetThirdPartyJobDetailsInput{JobId: polled.Jobs[0].JobId, ClientToken: aws.String(pipelinetest.DefaultClientToken)})
	must(err)
	if c := details.JobDetails.Data.ActionConfiguration; c == nil || c.Configuration == nil || len(c.Configuration) != 0 {
		t.Errorf("the configuration of an action without one is %+v, want an empty map", c)
	}
	lint := &types.ActionTypeId{Category: "Test", Owner: "Custom", Provider: aws.String("Lint"), Version: aws.String("1")}
	_, err = client.PollForJobs(t.Context(), &awscodepipeline.PollForJobsInput{ActionTypeId: lint})
	must(err)
	_, err = client.GetPipeline(t.Context(), &awscodepipeline.GetPipelineInput{Name: name})
	must(err)
	_, err = client.GetPipelineState(t.Context(), &awscodepipeline.GetPipelineStateInput{Name: name})
	must(err)
	list, err := client.ListPipelineExecutions(t.Context(), &awscodepipeline.ListPipelineExecutionsInput{PipelineName: name})
	must(err)
	_, err = client.GetPipelineExecution(t.Context(), &awscodepipeline.GetPipelineExecutionInput{PipelineName: name, PipelineExecutionId: list.PipelineExecutionSummaries[0].PipelineExecutionId})
	must(err)
	_, err = client.ListActionExecutions(t.Context(), &awscodepipeline.ListActionExecutionsInput{PipelineName: name})
	must(err)
	_, err = client.ListActionTypes(t.Context(), &awscodepipeline.ListActionTypesInput{})
	must(err)
	_, err = client.ListPipelines(t.Context(), &awscodepipeline.ListPipelinesInput{})
	must(err)
	if len(replies.bodies) != 10 {
		t.Errorf("replies of %d operations", len(replies.bodies))
	}
	for target, bodies := range replies.bodies {
		for _, body := range bodies {
			// The service's own example of a job has this one.
			if body = strings.ReplaceAll(body, `"revision":null`, ""); strings.Contains(body, ":null") {
				t.Errorf("%s: null in %s", target, body)
			}
		}
	}
}

// A worker and a reader of connections in Python, by the service's model.
func TestJobsByBoto3(t *testing.T) {
	t.Parallel()
	if os.Getenv("CODESUITE_BOTO3") == "" {
		t.Skip("set CODESUITE_BOTO3=1 to run python3 with boto3")
	}
	server, _ := newServer(t)
	server.AddConnection(pipelinetest.Connection{
		ARN: "arn:aws:codeconnections:us-east-1:111122223333:connection/1", ProviderType: "GitHubEnterpriseServer", Endpoint: "https://git.example.com",
	})
	partner := pipelinetest.ActionType{Category: "Test", Owner: "ThirdParty", Provider: "Partner", Version: "1"}
	for _, spec := range []pipelinetest.JobSpec{
		{Type: partner},
		{Type: makeType, Inputs: []pipelinetest.Artifact{{Name: "Source", Bucket: "artifacts", Key: "in"}}, Outputs: []pipelinetest.Artifact{{Name: "Out", Bucket: "artifacts", Key: "out"}}},
	} {
		if _, err := server.AddJob(spec); err != nil {
			t.Fatal(err)
		}
	}
	if err := server.PutObject("artifacts", "in", []byte("hello")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "python3", "-c", boto3Jobs, server.URL(), pipelinetest.DefaultClientToken)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3: %v\n%s", err, stderr.Bytes())
	}
	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	diff(t, "replies", map[string]any{
		"configuration": map[string]any{}, "status": []any{"InProgress", "InProgress"}, "problems": []any{},
		"endpoints": []any{"https://git.example.com", "https://git.example.com"},
	}, got)
	for _, j := range server.Jobs() {
		if j.Status != pipelinetest.JobStatusSucceeded {
			t.Errorf("job %s of %s is %s", j.ID, j.Type, j.Status)
		}
	}
	if content, _ := server.Object("artifacts", "out"); string(content) != "HELLO" {
		t.Errorf("the artifact is %q", content)
	}
}

const boto3Jobs = `
import boto3, json, sys
from botocore.config import Config
from botocore.validate import ParamValidator
problems = []
def client(service, **more):
    keys = dict(aws_access_key_id="AKIA", aws_secret_access_key="x")
    keys.update(more)
    return boto3.client(service, endpoint_url=sys.argv[1], region_name="us-east-1", **keys)
def call(client, operation, **given):
    reply = getattr(client, operation)(**given)
    del reply["ResponseMetadata"]
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).output_shape
    if shape is not None:
        report = ParamValidator().validate(reply, shape)
        if report.has_errors():
            problems.append(operation + ": " + report.generate_report())
    return reply
pipeline = client("codepipeline")
kind = lambda category, owner, provider: dict(category=category, owner=owner, provider=provider, version="1")
result, token = dict(status=[]), sys.argv[2]
job = call(pipeline, "poll_for_third_party_jobs", actionTypeId=kind("Test", "ThirdParty", "Partner"))["jobs"][0]
details = call(pipeline, "get_third_party_job_details", jobId=job["jobId"], clientToken=token)["jobDetails"]
result["configuration"] = details["data"]["actionConfiguration"]["configuration"]
result["status"].append(call(pipeline, "acknowledge_third_party_job", jobId=job["jobId"], nonce=details["nonce"], clientToken=token)["status"])
call(pipeline, "put_third_party_job_success_result", jobId=job["jobId"], clientToken=token)
job = call(pipeline, "poll_for_jobs", actionTypeId=kind("Build", "Custom", "Make"), maxBatchSize=1)["jobs"][0]
result["status"].append(call(pipeline, "acknowledge_job", jobId=job["id"], nonce=job["nonce"])["status"])
data = job["data"]
keys = data["artifactCredentials"]
s3 = client("s3", aws_access_key_id=keys["accessKeyId"], aws_secret_access_key=keys["secretAccessKey"], aws_session_token=keys["sessionToken"],
    config=Config(s3=dict(addressing_style="path")))
at = lambda artifact: dict(Bucket=artifact["location"]["s3Location"]["bucketName"], Key=artifact["location"]["s3Location"]["objectKey"])
text = s3.get_object(**at(data["inputArtifacts"][0]))["Body"].read()
s3.put_object(Body=text.upper(), **at(data["outputArtifacts"][0]))
call(pipeline, "put_job_success_result", jobId=job["id"], executionDetails=dict(summary="done", percentComplete=100), outputVariables=dict(A="1"))
result["endpoints"] = []
for name in ("codeconnections", "codestar-connections"):
    connections = client(name)
    c = call(connections, "get_connection", ConnectionArn="arn:aws:codeconnections:us-east-1:111122223333:connection/1")["Connection"]
    result["endpoints"].append(call(connections, "get_host", HostArn=c["HostArn"])["ProviderEndpoint"])
result["problems"] = problems
print(json.dumps(result))
`
