package ec2build

import (
	"fmt"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

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
