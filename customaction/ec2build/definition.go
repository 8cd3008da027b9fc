package ec2build

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

// Times of the state machine, in seconds.
const (
	machineTimeout  = 30 * 60 * 60 // more than all waits together
	deliveryTimeout = 10 * 60      // of the command, to an instance that is registered
	commandGrace    = 10 * 60      // after delivery and execution timed out
	taskTimeout     = 60
)

// pollsPerLook is how many polls of the command go by between looks at its
// instance. A command whose instance has ended stays in progress for hours.
const pollsPerLook = 5

var partitionPattern = regexp.MustCompile(`^(aws[a-z0-9-]{0,30}|\$\{[A-Za-z0-9:.]+\})$`)

// Definition returns the state machine in Amazon States Language, indented. An
// execution of it takes an [Input] and does all of one job:
//
//   - It launches an instance. While EC2 has no capacity, it tries the next of
//     [Input].Launches.
//   - It sends the command as soon as the instance has registered with Systems
//     Manager, and waits for its end.
//   - It terminates all instances that have its tag, whatever happened before.
//   - It puts the result of the job.
//
// The partition is that of the ARNs of the tasks, such as "aws", or a placeholder
// such as "${AWS::Partition}", which a template replaces. Nothing else in the
// definition looks like a placeholder.
//
// The execution succeeds if the build does. Its output then has the result, also
// if CodePipeline has not taken it, with Reported false. Otherwise the execution
// fails with the failure type as its error and the message as its cause. The error
// is followed by ".Unreported" if CodePipeline has not taken the result.
//
// An execution that is stopped or times out, or whose history is full, does
// nothing more. Someone else has to terminate its instances and to put the result
// then. A redriven execution finds its instance or its job ended, and ends, too:
// retry the stage of the pipeline instead.
//
// The history holds the end of the command's output: up to 24,000 characters of
// its standard output, and 8,000 of its standard error.
//
// The role of the state machine needs ec2:RunInstances, ec2:CreateTags,
// ec2:DescribeInstances and ec2:TerminateInstances; iam:PassRole for the role of
// the instance profile; ssm:SendCommand on the document and the instances,
// ssm:GetCommandInvocation, ssm:ListCommandInvocations and
// ssm:DescribeInstanceInformation; s3:GetObject on the objects with output
// variables; codepipeline:PutJobSuccessResult and
// codepipeline:PutJobFailureResult.
func Definition(partition string) ([]byte, error) {
	if !partitionPattern.MatchString(partition) {
		return nil, fmt.Errorf("ec2build: %q is no partition, such as aws, and no placeholder for one", partition)
	}
	m := stateMachine{
		Comment:        "Builds on an EC2 instance for one job of CodePipeline. Printed by package ec2build.",
		QueryLanguage:  "JSONata",
		StartAt:        "Prepare",
		TimeoutSeconds: machineTimeout,
	}
	for _, part := range []states{launchStates(), startStates(), buildStates(), endStates(), reportStates()} {
		m.States = append(m.States, part...)
	}
	for i := range m.States {
		if s := &m.States[i]; s.Resource != "" {
			s.Resource = "arn:" + partition + ":states:::aws-sdk:" + s.Resource
		}
	}
	var compact, indented bytes.Buffer
	if err := encodeJSON(&compact, m); err != nil {
		return nil, fmt.Errorf("ec2build: %w", err)
	}
	if err := json.Indent(&indented, compact.Bytes(), "", "  "); err != nil {
		return nil, fmt.Errorf("ec2build: %w", err)
	}
	return indented.Bytes(), nil
}

// Expressions that several states share.
const (
	executionARN = `$states.context.Execution.Id`
	entered      = `$toMillis($states.context.State.EnteredTime)` // when the state began
	faultText    = `$states.errorOutput.Error & ": " & $states.errorOutput.Cause`
	hasEnded     = `["shutting-down", "terminated", "stopping", "stopped"]`
	firstFound   = `$states.result.Reservations[0].Instances[0]`
	variablesKey = `$in.Variables.KeyPrefix & $instance`
)

// all is a retrier for whatever fails.
func all(interval, attempts, maxDelay int) retrier {
	return retrier{ErrorEquals: []string{"States.ALL"}, IntervalSeconds: interval, MaxAttempts: attempts, BackoffRate: 2, MaxDelaySeconds: maxDelay}
}

// catch leads all other errors of a task to the next state.
func catch(next string, assign map[string]string) catcher {
	if assign == nil {
		assign = map[string]string{"fault": expression(faultText)}
	}
	return catcher{ErrorEquals: []string{"States.ALL"}, Assign: assign, Next: next}
}

// fail assigns the result of a failure.
func fail(failure action.FailureType, message string) map[string]string {
	return map[string]string{"result": expression(resultOf(failure, message))}
}

// failAgain does the same, where another instance may help.
func failAgain(failure action.FailureType, message string) map[string]string {
	assign := fail(failure, message)
	assign["again"] = expression("true")
	return assign
}

// launchStates get an instance.
func launchStates() states {
	return states{
		{
			name: "Prepare", Type: "Pass",
			Comment: "Every variable has a value from the start, so that no later expression is undefined.",
			Assign: map[string]string{
				"in":         expression(`$states.input`),
				"launch":     expression(`0`), // index of the launch
				"round":      expression(`0`), // number of different calls of RunInstances
				"relaunches": expression(`0`),
				"tries":      expression(`0`), // of the current call
				"sweeps":     expression(`0`),
				"polls":      expression(`0`),
				"started":    expression(`0`), // when, in milliseconds
				"sent":       expression(`0`),
				"instance":   expression(`""`),
				"command":    expression(`""`),
				"fault":      expression(`""`),
				"state":      expression(`""`),
				"reason":     expression(`""`),
				"dead":       expression(`false`),
				"again":      expression(`false`), // another instance may help
				"blind":      expression(`false`), // instances could not be listed
				"left":       expression(`""`),    // why an instance may still run
				"reported":   expression(`false`),
				"doomed":     expression(`[]`),
				"variables":  expression(`{}`),
				"result":     expression(noResult),
			},
			Next: "Launch",
		},
		{
			name: "Launch", Type: "Task", Resource: "ec2:runInstances", TimeoutSeconds: 2 * taskTimeout,
			Comment: "The token makes a repeated call return the same instance.",
			Arguments: expression(`$merge([$in.Instance, $in.Launches[$launch], {"MinCount": 1, "MaxCount": 1, ` +
				`"ClientToken": $hash(` + executionARN + ` & "#" & $string($round), "SHA-256"), ` +
				`"InstanceInitiatedShutdownBehavior": "terminate", ` +
				`"MetadataOptions": {"HttpEndpoint": "enabled", "HttpTokens": "required", "HttpPutResponseHopLimit": 2}, ` +
				`"TagSpecifications": $map(["instance", "volume", "network-interface"], function($type) {{"ResourceType": $type, ` +
				`"Tags": $append($in.Tags, [{"Key": "` + TagExecution + `", "Value": ` + executionARN + `}])}})}])`),
			Assign: map[string]string{
				"instance": expression(`$states.result.Instances[0].InstanceId`),
				"started":  expression(entered),
				"tries":    expression(`0`),
			},
			Catch: []catcher{catch("LaunchFailed", nil)},
			Next:  "SendCommand",
		},
		{
			name: "LaunchFailed", Type: "Choice",
			Choices: []choice{
				{
					Condition: expression(isCapacity + ` and $launch + 1 < $count($in.Launches)`),
					Assign:    map[string]string{"launch": expression(`$launch + 1`), "round": expression(`$round + 1`), "tries": expression(`0`)},
					Next:      "Launch",
				},
				{expression(isCapacity), fail(action.FailureTypeSystemUnavailable, `"EC2 has no capacity for any instance type and subnet of the action: " & $fault`), "Find"},
				{expression(isDenied), fail(action.FailureTypePermissionError, `"the instance could not be launched: " & $fault`), "Find"},
				{expression(isRefused), fail(action.FailureTypeConfigurationError, `"the instance could not be launched: " & $fault`), "Find"},
				{expression(`$tries < 4`), map[string]string{"tries": expression(`$tries + 1`)}, "LaunchWait"},
				{expression(`true`), fail(action.FailureTypeSystemUnavailable, `"the instance could not be launched: " & $fault`), "Settle"},
			},
		},
		{name: "LaunchWait", Type: "Wait", Seconds: expression(`5 * $power(2, $tries)`), Next: "Launch"},
		{
			name: "Settle", Type: "Wait", Seconds: 30, Next: "Find",
			Comment: "The replies to the calls may have been lost. EC2 lists their instance after some seconds.",
		},
	}
}

// startStates wait until the instance takes the command.
func startStates() states {
	return states{
		{
			name: "SendCommand", Type: "Task", Resource: "ssm:sendCommand", TimeoutSeconds: taskTimeout,
			Comment: "InvalidInstanceId is the answer until the instance has registered with Systems Manager.",
			Arguments: expression(fmt.Sprintf(`$merge([$in.Command, $exists($in.Variables) ? {"Parameters": $merge([$in.Command.Parameters, {"`+parameterInstance+`": [$instance]}])} : {}, {"InstanceIds": [$instance], "TimeoutSeconds": %d, "Comment": $states.context.Execution.Name, `+
				`"CloudWatchOutputConfig": {"CloudWatchLogGroupName": $in.LogGroup, "CloudWatchOutputEnabled": true}}])`, deliveryTimeout)),
			Assign: map[string]string{
				"command": expression(`$states.result.Command.CommandId`),
				"sent":    expression(entered),
				"polls":   expression(`0`),
			},
			Retry: []retrier{{ErrorEquals: []string{"Ssm.InvalidInstanceIdException"}, IntervalSeconds: 5, MaxAttempts: 5, BackoffRate: 1.5, MaxDelaySeconds: 20}},
			Catch: []catcher{
				{ErrorEquals: []string{"Ssm.InvalidInstanceIdException"}, Next: "StartLook"},
				{
					ErrorEquals: []string{
						"Ssm.InvalidDocumentException", "Ssm.InvalidDocumentVersionException", "Ssm.InvalidParametersException",
						"Ssm.MaxDocumentSizeExceededException", "Ssm.UnsupportedPlatformTypeException",
					},
					Assign: fail(action.FailureTypeConfigurationError, `"Systems Manager refused the command: " & `+faultText),
					Next:   "Find",
				},
				catch("SendFailed", nil),
			},
			Next: "PollWait",
		},
		{
			name: "StartLook", Type: "Task", Resource: "ec2:describeInstances", TimeoutSeconds: taskTimeout,
			Arguments: expression(`{"InstanceIds": [$instance]}`),
			Assign: map[string]string{
				"state":  expression(`"" & ` + firstFound + `.State.Name`),
				"reason": expression(`"" & ` + firstFound + `.StateReason.Message`),
			},
			Retry: []retrier{all(2, 3, 30)},
			Catch: []catcher{catch("StartCheck", map[string]string{"state": expression(`""`)})},
			Next:  "StartCheck",
		},
		{
			name: "StartCheck", Type: "Choice",
			Choices: []choice{
				{
					expression(`$state in ` + hasEnded),
					failAgain(action.FailureTypeSystemUnavailable, `"instance " & $instance & " is " & $state & " before it took the command: " & $reason`),
					"Find",
				},
				{Condition: expression(entered + ` - $started >= $in.StartTimeout * 1000`), Next: "StartReason"},
			},
			Default: "SendCommand",
		},
		{
			name: "StartReason", Type: "Task", Resource: "ssm:describeInstanceInformation", TimeoutSeconds: taskTimeout,
			Arguments: expression(`{"Filters": [{"Key": "InstanceIds", "Values": [$instance]}]}`),
			Assign: failAgain(action.FailureTypeSystemUnavailable, `"instance " & $instance & " did not take the command within " & $in.StartTimeout & " seconds: " & `+
				`($exists($states.result.InstanceInformationList[0].PingStatus) ? "it is registered with Systems Manager, and its agent is " & $states.result.InstanceInformationList[0].PingStatus : `+
				`"it is not registered with Systems Manager: the image needs the agent, the instance profile the policy AmazonSSMManagedInstanceCore, and the subnet a route to the endpoints of Systems Manager")`),
			Retry: []retrier{all(2, 3, 30)},
			Catch: []catcher{catch("Find", failAgain(action.FailureTypeSystemUnavailable, `"instance " & $instance & " did not take the command within " & $in.StartTimeout & " seconds"`))},
			Next:  "Find",
		},
		{
			name: "SendFailed", Type: "Choice",
			Choices: []choice{
				{expression(isDenied), fail(action.FailureTypePermissionError, `"the command could not be sent: " & $fault`), "Find"},
				{expression(`$tries < 5`), map[string]string{"tries": expression(`$tries + 1`)}, "SendWait"},
				{expression(`true`), fail(action.FailureTypeSystemUnavailable, `"the command could not be sent: " & $fault`), "Find"},
			},
		},
		{name: "SendWait", Type: "Wait", Seconds: expression(`10 * $tries`), Next: "FindCommand"},
		{
			name: "FindCommand", Type: "Task", Resource: "ssm:listCommandInvocations", TimeoutSeconds: taskTimeout,
			Comment:   "SendCommand has no token. A command whose reply was lost is found by its comment, and never sent twice.",
			Arguments: expression(`{"InstanceId": $instance}`),
			Assign: map[string]string{
				"command": expression(`($ids := "CommandInvocations" in $keys($states.result) ? [$states.result.CommandInvocations[Comment = $states.context.Execution.Name].CommandId] : $error("the reply has no CommandInvocations"); $count($ids) > 0 ? $ids[0] : "")`),
				"sent":    expression(entered),
				"polls":   expression(`0`),
			},
			Retry: []retrier{all(2, 6, 30)},
			Catch: []catcher{catch("Find", fail(action.FailureTypeSystemUnavailable, `"Systems Manager does not say whether it took the command: " & `+faultText))},
			Next:  "CommandFound",
		},
		{
			name: "CommandFound", Type: "Choice",
			Choices: []choice{{Condition: expression(`$command != ""`), Next: "PollWait"}},
			Default: "SendCommand",
		},
	}
}

// buildStates wait for the end of the command.
func buildStates() states {
	return states{
		{name: "PollWait", Type: "Wait", Seconds: expression(`$min([5 * ($polls + 1), 60])`), Next: "Poll"},
		{
			name: "Poll", Type: "Task", Resource: "ssm:getCommandInvocation", TimeoutSeconds: taskTimeout,
			Arguments: expression(`{"CommandId": $command, "InstanceId": $instance, "PluginName": $in.Plugin}`),
			Assign:    map[string]string{"polls": expression(`$polls + 1`), "result": expression(commandResult())},
			Retry:     []retrier{all(5, 15, 60)},
			Catch:     []catcher{catch("Find", fail(action.FailureTypeSystemUnavailable, `"Systems Manager does not say how the command " & $command & " on instance " & $instance & " ended: " & `+faultText))},
			Next:      "Check",
		},
		{
			name: "Check", Type: "Choice",
			Choices: []choice{
				{Condition: expression(`$result.Type = "` + resultSucceeded + `" and $exists($in.Variables)`), Next: "ReadVariables"},
				{Condition: expression(`$result.Type != ""`), Next: "Find"},
				{expression(`$dead`), fail(action.FailureTypeSystemUnavailable, `"instance " & $instance & " is " & $state & " while command " & $command & " ran on it: " & $reason`), "Find"},
				{
					expression(fmt.Sprintf(`%s - $sent >= ($in.Timeout + %d) * 1000`, entered, deliveryTimeout+commandGrace)),
					fail(action.FailureTypeSystemUnavailable, `"Systems Manager did not stop command " & $command & " on instance " & $instance & " after its " & $in.Timeout & " seconds"`),
					"Find",
				},
				{Condition: expression(fmt.Sprintf(`$polls %% %d = 0`, pollsPerLook)), Next: "BuildLook"},
			},
			Default: "PollWait",
		},
		{
			name: "BuildLook", Type: "Task", Resource: "ec2:describeInstances", TimeoutSeconds: taskTimeout,
			Comment:   "The command may have ended before its instance: the next poll has the last word.",
			Arguments: expression(`{"InstanceIds": [$instance]}`),
			Assign: map[string]string{
				"state":  expression(`"" & ` + firstFound + `.State.Name`),
				"reason": expression(`"" & ` + firstFound + `.StateReason.Message`),
				"dead":   expression(`"" & ` + firstFound + `.State.Name in ` + hasEnded),
			},
			Retry: []retrier{all(2, 3, 30)},
			Catch: []catcher{catch("PollWait", nil)},
			Next:  "PollWait",
		},
		{
			name: "ReadVariables", Type: "Task", Resource: "s3:getObject", TimeoutSeconds: taskTimeout,
			Arguments: expression(`{"Bucket": $in.Variables.Bucket, "Key": ` + variablesKey + `}`),
			Assign:    map[string]string{"variables": expression(`($v := $parse($states.result.Body); $type($v) = "object" ? $v : $error("the object has no JSON object"))`)},
			Retry:     []retrier{{ErrorEquals: []string{"S3.NoSuchKeyException", "States.QueryEvaluationError"}}, all(2, 6, 30)},
			Catch:     []catcher{catch("Find", fail(action.FailureTypeJobFailed, `"the output variables cannot be read from " & `+variablesKey+` & " in bucket " & $in.Variables.Bucket & ": " & `+faultText))},
			Next:      "Find",
		},
	}
}

// endStates terminate the instance.
func endStates() states {
	return states{
		{
			name: "Find", Type: "Task", Resource: "ec2:describeInstances", TimeoutSeconds: taskTimeout,
			Comment: "All instances of this execution, also one whose launch had no reply.",
			Arguments: expression(`{"Filters": [{"Name": "tag:` + TagExecution + `", "Values": [` + executionARN + `]}, ` +
				`{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]}`),
			Assign: map[string]string{
				"blind":  expression(`false`),
				"doomed": expression(`"Reservations" in $keys($states.result) ? [$distinct($append([$states.result.Reservations.Instances.InstanceId], $sweeps = 0 and $instance != "" ? [$instance] : []))] : $error("the reply has no Reservations")`),
			},
			Retry: []retrier{all(2, 4, 30)},
			Catch: []catcher{catch("Doomed", map[string]string{
				"fault":  expression(faultText),
				"blind":  expression(`true`),
				"doomed": expression(`$instance != "" ? [$instance] : []`),
			})},
			Next: "Doomed",
		},
		{
			name: "Doomed", Type: "Choice",
			Choices: []choice{
				{Condition: expression(`$count($doomed) > 0`), Next: "Terminate"},
				{Condition: expression(`$blind`), Next: "TerminateFailed"},
			},
			Default: "Ended",
		},
		{
			name: "Terminate", Type: "Task", Resource: "ec2:terminateInstances", TimeoutSeconds: taskTimeout,
			Arguments: expression(`{"InstanceIds": $doomed}`),
			Retry:     []retrier{all(2, 4, 30)},
			Catch:     []catcher{catch("TerminateFailed", nil)},
			Next:      "Ended",
		},
		{
			name: "TerminateFailed", Type: "Choice",
			Comment: "EC2 refuses all instances for one that does not exist any more. The next look leaves that one out.",
			Choices: []choice{
				{expression(`$sweeps < 3`), map[string]string{"sweeps": expression(`$sweeps + 1`)}, "TerminateWait"},
				{expression(`true`), map[string]string{"left": expression(`$fault`)}, "Ended"},
			},
		},
		{name: "TerminateWait", Type: "Wait", Seconds: 30, Next: "Find"},
		{
			name: "Ended", Type: "Choice",
			Choices: []choice{
				{
					expression(`$again and $left = "" and $relaunches < $in.Relaunches`),
					map[string]string{
						"again":      expression(`false`),
						"relaunches": expression(`$relaunches + 1`),
						"launch":     expression(`($launch + 1) % $count($in.Launches)`),
						"round":      expression(`$round + 1`),
						"tries":      expression(`0`),
						"sweeps":     expression(`0`),
						"instance":   expression(`""`),
						"result":     expression(noResult),
					},
					"Launch",
				},
				{Condition: expression(`$result.Type = "` + resultSucceeded + `"`), Next: "ReportSuccess"},
			},
			Default: "ReportFailure",
		},
	}
}

// Variables of the action, beside those of the build.
const outputVariables = `$merge([$variables, {"InstanceId": $instance, "CommandId": $command, "LogGroup": $in.LogGroup, "ExecutionArn": ` + executionARN + `}])`

// reportStates put the result. InvalidJobState means that the job has ended, or,
// in the first seconds, that it has not been acknowledged yet.
func reportStates() states {
	retry := []retrier{
		{ErrorEquals: []string{"CodePipeline.InvalidJobStateException"}, IntervalSeconds: 5, MaxAttempts: 3, BackoffRate: 2},
		{ErrorEquals: []string{"CodePipeline.JobNotFoundException", "CodePipeline.OutputVariablesSizeExceededException", "CodePipeline.ValidationException"}},
		all(2, 30, 60),
	}
	message := `$result.Message & ($left = "" ? "" : ". The instance could not be terminated: " & $substring($left, 0, 1000))`
	return states{
		{
			name: "ReportSuccess", Type: "Task", Resource: "codepipeline:putJobSuccessResult", TimeoutSeconds: taskTimeout,
			Arguments: expression(`{"JobId": $in.JobID, "ExecutionDetails": {"Summary": $substring($result.Message, 0, 1000), "ExternalExecutionId": ` + executionARN + `, "PercentComplete": 100}, ` +
				`"OutputVariables": ` + outputVariables + `}`),
			Assign: map[string]string{"reported": expression(`true`)},
			Retry:  retry,
			Catch: []catcher{
				{
					ErrorEquals: []string{"CodePipeline.OutputVariablesSizeExceededException", "CodePipeline.ValidationException"},
					Assign:      fail(action.FailureTypeJobFailed, `"the build succeeded, but CodePipeline refused its output variables: " & `+faultText),
					Next:        "ReportFailure",
				},
				catch("Succeeded", nil),
			},
			Next: "Succeeded",
		},
		{
			name: "ReportFailure", Type: "Task", Resource: "codepipeline:putJobFailureResult", TimeoutSeconds: taskTimeout,
			Arguments: expression(`{"JobId": $in.JobID, "FailureDetails": {"Type": $result.Type, "Message": ` + message + `, "ExternalExecutionId": ` + executionARN + `}}`),
			Assign:    map[string]string{"reported": expression(`true`)},
			Retry:     retry,
			Catch:     []catcher{catch("Failed", nil)},
			Next:      "Failed",
		},
		{
			name: "Succeeded", Type: "Succeed",
			Output: expression(`{"Result": "` + resultSucceeded + `", "Reported": $reported, "Summary": $result.Message, "Variables": ` + outputVariables + `, ` +
				`"InstanceID": $instance, "CommandID": $command, "LogGroup": $in.LogGroup, "InstanceLeft": $left != ""}`),
		},
		{name: "Failed", Type: "Fail", Error: expression(`$result.Type & ($reported ? "" : "` + unreported + `")`), Cause: expression(message)},
	}
}
