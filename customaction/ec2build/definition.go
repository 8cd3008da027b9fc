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
