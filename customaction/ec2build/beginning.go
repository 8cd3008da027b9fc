package ec2build

import (
	"fmt"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

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
