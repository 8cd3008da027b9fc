"""Runs one execution of a state machine in moto's interpreter of Amazon States
Language, with moto's EC2 and Systems Manager.

Standard input: {"modules": the folder node_modules, "definition", "input",
"faults": {operation of boto3: [code, ...] of its first calls}}.
Standard output: {"status", "output", "error", "cause", "events": types of the
history, "reports": calls of CodePipeline, "instances": their states}.

moto leaves out the evaluator of JSONata, which is node's here. It has no jobs of
CodePipeline: these calls are recorded. It gives services other names in errors
than AWS.
"""

import json
import subprocess
import sys
import time

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.stepfunctions.parser.asl.component.common.string import string_expression
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_aws_sdk as sdk
from moto.stepfunctions.parser.asl.jsonata import jsonata, validations

asked = json.load(sys.stdin)
node = subprocess.Popen(
    ["node", "testdata/jsonata_server.js", asked["modules"]],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
)


def evaluate(expression):
    node.stdin.write(json.dumps(expression) + "\n")
    node.stdin.flush()
    answer = json.loads(node.stdout.readline())
    if "error" in answer:
        raise jsonata.JSONataException("UNKNOWN", answer["error"])
    return answer["value"]


for module in (jsonata, string_expression, validations):
    module.eval_jsonata_expression = evaluate

reports = []
faults = asked["faults"]
serve = sdk.StateTaskServiceAwsSdk._eval_service_task


def task(self, env, resource_runtime_part, normalised_parameters, state_credentials):
    action = self._get_boto_service_action()
    if faults.get(action):
        code = faults[action].pop(0)
        status = 500 if code == "InternalError" else 400
        reply = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "1"}}
        error = ClientError if status == 500 else type(code, (ClientError,), {})
        raise error(reply, action)
    if self._get_boto_service_name() == "codepipeline":
        reports.append({"action": action, "arguments": normalised_parameters})
        env.stack.append({})
        return
    normalised_parameters.pop("PluginName", None)  # moto knows no steps of documents
    serve(self, env, resource_runtime_part, normalised_parameters, state_credentials)


sdk.StateTaskServiceAwsSdk._eval_service_task = task
names = {"ec2": "Ec2", "ssm": "Ssm", "codepipeline": "CodePipeline"}
sdk.StateTaskServiceAwsSdk._normalise_service_error_name = lambda self, _: names[self.resource.api_name]

with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
    region = {"region_name": "eu-central-1"}
    states, ec2 = boto3.client("stepfunctions", **region), boto3.client("ec2", **region)
    machine = states.create_state_machine(
        name="builds", definition=asked["definition"], roleArn="arn:aws:iam::123456789012:role/builds"
    )["stateMachineArn"]
    start = json.loads(asked["input"])
    start["Instance"]["ImageId"] = ec2.describe_images()["Images"][0]["ImageId"]
    for launch in start["Launches"]:
        launch.pop("SubnetId", None)
        launch.pop("SecurityGroupIds", None)
    start["Instance"].pop("IamInstanceProfile", None)
    execution = states.start_execution(stateMachineArn=machine, name="execution", input=json.dumps(start))["executionArn"]
    deadline = time.time() + 120
    while (state := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        if time.time() > deadline:
            events = states.get_execution_history(executionArn=execution)["events"]
            sys.exit("the execution does not end: " + json.dumps(events[-3:], default=str))
        time.sleep(0.5)
    events, token = [], {}
    while True:
        page = states.get_execution_history(executionArn=execution, **token)
        events += [e["type"] for e in page["events"]]
        if not page.get("nextToken"):
            break
        token = {"nextToken": page["nextToken"]}
    instances = [i["State"]["Name"] for r in ec2.describe_instances()["Reservations"] for i in r["Instances"]]
    print(json.dumps({
        "status": state["status"], "output": state.get("output"), "error": state.get("error"), "cause": state.get("cause"),
        "events": events, "reports": reports, "instances": instances,
    }))
node.stdin.close()
