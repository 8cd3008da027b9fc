package pipelinetest_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// boto3's models accept every reply of the operations besides jobs, and all operations
// that they have are there.
func TestOperationsByBoto3(t *testing.T) {
	t.Parallel()
	if os.Getenv("CODESUITE_BOTO3") == "" {
		t.Skip("set CODESUITE_BOTO3=1 to run python3 with boto3")
	}
	p := fleet(nil)
	p.Stages[1].BeforeEntry = condition("FAIL", nil)
	p.Stages[1].Actions = append(p.Stages[1].Actions, pipelinetest.CommandsAction("Run", []string{"make"}, "SourceArtifact"), pipelinetest.ApprovalAction("Ask"))
	server, _ := newServer(t, p, app())
	if err := server.AddActionType(scanType, pipelinetest.Executor{}); err != nil {
		t.Fatal(err)
	}
	begin(t, server, "fleet")
	server.Settle()
	cmd := exec.CommandContext(t.Context(), "python3", "-c", boto3Operations, server.URL())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3: %v\n%s", err, stderr.Bytes())
	}
	var got struct {
		Problems, Unknown []string
		Calls             int
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, problem := range got.Problems {
		t.Error(problem)
	}
	if len(got.Unknown) > 0 {
		t.Errorf("the server lacks the operations %q", got.Unknown)
	}
	if got.Calls < 30 {
		t.Errorf("%d calls were checked", got.Calls)
	}
}

const boto3Operations = `
import boto3, botocore, json, sys, urllib.request
from botocore.validate import ParamValidator
problems, unknown, calls = [], [], 0
def client(service):
    return boto3.client(service, endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="AKIA", aws_secret_access_key="x",
        config=botocore.config.Config(retries=dict(total_max_attempts=1)))
# Members that a model does not have are dropped by its parser: look at the JSON itself.
def members(value, shape, path):
    if shape.type_name == "structure":
        for name, v in value.items():
            if name not in shape.members:
                problems.append(path + " has " + name)
            else:
                members(v, shape.members[name], path + "." + name)
    elif shape.type_name == "list":
        for v in value:
            members(v, shape.member, path + "[]")
raw = {}
def call(client, operation, **given):
    global calls
    calls += 1
    client.meta.events.register("before-parse", lambda **k: raw.update(body=k["response_dict"]["body"]), unique_id="raw")
    reply = getattr(client, operation)(**given)
    del reply["ResponseMetadata"]
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).output_shape
    if shape is not None:
        report = ParamValidator().validate(reply, shape)
        if report.has_errors():
            problems.append(operation + ": " + report.generate_report())
        if raw.get("body"):
            members(json.loads(raw["body"]), shape, operation)
    return reply
c = client("codepipeline")
scan = dict(category="Test", owner="ThirdParty", provider="Scan", version="1")
declared = call(c, "get_action_type", **scan)["actionType"]
declared["description"] = "Scans"
call(c, "update_action_type", actionType=declared)
if call(c, "get_action_type", **scan)["actionType"]["description"] != "Scans":
    problems.append("the action type was not updated")
execution = call(c, "list_pipeline_executions", pipelineName="fleet")["pipelineExecutionSummaries"][0]["pipelineExecutionId"]
runs = {r["actionName"]: r for r in call(c, "list_action_executions", pipelineName="fleet")["actionExecutionDetails"]}
targets = call(c, "list_deploy_action_execution_targets", pipelineName="fleet", actionExecutionId=runs["Roll"]["actionExecutionId"],
    filters=[dict(name="TARGET_STATUS", values=["Succeeded"])])["targets"]
if len(targets) != 2 or len(targets[0]["events"]) != 3:
    problems.append("targets: %s" % targets)
group, stream = runs["Run"]["output"]["executionResult"]["logStreamARN"].split(":log-group:")[1].split(":log-stream:")
if not call(client("logs"), "get_log_events", logGroupName=group, logStreamName=stream, startFromHead=True)["events"]:
    problems.append("the log is empty")
hook = dict(name="hook", targetPipeline="app", targetAction="Source", filters=[dict(jsonPath="$.ref", matchEquals="refs/heads/{Branch}")],
    authentication="UNAUTHENTICATED", authenticationConfiguration={})
made = call(c, "put_webhook", webhook=hook, tags=[dict(key="a", value="b")])["webhook"]
call(c, "register_webhook_with_third_party", webhookName="hook")
urllib.request.urlopen(urllib.request.Request(made["url"], data=b'{"ref":"refs/heads/main"}', method="POST")).read()
if "lastTriggered" not in call(c, "list_webhooks", MaxResults=1)["webhooks"][0]:
    problems.append("the webhook has not started the pipeline")
call(c, "list_tags_for_resource", resourceArn=made["arn"])
call(c, "deregister_webhook_with_third_party", webhookName="hook")
call(c, "delete_webhook", name="hook")
call(c, "list_rule_types")
call(c, "list_rule_executions", pipelineName="fleet")
call(c, "list_action_types")
state = call(c, "get_pipeline_state", name="fleet")
token = [a for a in state["stageStates"][1]["actionStates"] if a["actionName"] == "Ask"][0]["latestExecution"]["token"]
call(c, "put_approval_result", pipelineName="fleet", stageName="Deploy", actionName="Ask", token=token, result=dict(summary="yes", status="Approved"))
call(c, "get_pipeline_execution", pipelineName="fleet", pipelineExecutionId=execution)
p = call(c, "get_pipeline", name="fleet")["pipeline"]
p["name"], p["version"] = "second", 1
p["stages"][0]["actions"][0].update(actionTypeId=dict(category="Source", owner="AWS", provider="CodeStarSourceConnection", version="1"),
    configuration=dict(ConnectionArn="arn:aws:codeconnections:us-east-1:111122223333:connection/1", FullRepositoryId="octo/app", BranchName="main"))
p["triggers"] = [dict(providerType="CodeStarSourceConnection", gitConfiguration=dict(sourceActionName="Source",
    push=[dict(branches=dict(includes=["**"]), filePaths=dict(excludes=["docs/**"]))], pullRequest=[dict(events=["OPEN"], branches=dict(includes=["main"]))]))]
created = call(c, "create_pipeline", pipeline=p, tags=[dict(key="a", value="b")])["pipeline"]
if created["triggers"] != p["triggers"]:
    problems.append("triggers: %s" % created["triggers"])
call(c, "update_pipeline", pipeline=created)
arn = call(c, "get_pipeline", name="second")["metadata"]["pipelineArn"]
call(c, "tag_resource", resourceArn=arn, tags=[dict(key="c", value="d")])
call(c, "untag_resource", resourceArn=arn, tagKeys=["a"])
call(c, "list_tags_for_resource", resourceArn=arn)
call(c, "list_pipelines")
started = call(c, "start_pipeline_execution", name="second")["pipelineExecutionId"]
call(c, "stop_pipeline_execution", pipelineName="second", pipelineExecutionId=started, reason="enough")
call(c, "disable_stage_transition", pipelineName="second", stageName="Deploy", transitionType="Inbound", reason="holidays")
call(c, "enable_stage_transition", pipelineName="second", stageName="Deploy", transitionType="Inbound")
call(c, "delete_pipeline", name="second")
for operation in c.meta.service_model.operation_names:
    request = urllib.request.Request(sys.argv[1], data=b"{}", headers={"X-Amz-Target": "CodePipeline_20150709." + operation, "Content-Type": "application/x-amz-json-1.1"})
    try:
        urllib.request.urlopen(request).read()
    except urllib.error.HTTPError as e:
        if "UnknownOperation" in e.read().decode():
            unknown.append(operation)
print(json.dumps(dict(Problems=problems, Unknown=unknown, Calls=calls)))
`
