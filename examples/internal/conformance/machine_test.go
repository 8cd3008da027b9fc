package conformance_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssfn "github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// machineChecks are those of Step Functions, which runs the builds of package
// ec2build, and of what else these need. TestState runs single states.
var machineChecks = []check{
	{
		name:      "state machine",
		assumes:   "Step Functions finds no error and gives no warning in the definition of package ec2build.",
		rests:     []string{"customaction/ec2build.Definition"},
		want:      "valid",
		otherwise: "The stack of examples/ec2build cannot be created.",
		run: func(ctx context.Context, w *world) (string, error) {
			definition, err := ec2build.Definition("aws")
			if err != nil {
				return "", err
			}
			problems, err := w.validate(ctx, string(definition))
			if err != nil {
				return answer(err)
			}
			return yes(len(problems) == 0, "valid", "%s", strings.Join(problems, "; "))
		},
	},
	{
		name:      "documents of builds",
		assumes:   "Systems Manager takes the documents of package ec2build, with their patterns of parameters.",
		rests:     []string{"customaction/ec2build.Document"},
		want:      "success, success, success",
		otherwise: "The stack of examples/ec2build cannot be created.",
		run: func(ctx context.Context, w *world) (string, error) {
			var errs []error
			for i, d := range []struct {
				platform ec2build.Platform
				docker   bool
			}{{ec2build.PlatformLinux, false}, {ec2build.PlatformWindows, false}, {ec2build.PlatformWindows, true}} {
				content, err := ec2build.Document(d.platform, d.docker)
				if err != nil {
					return "", err
				}
				errs = append(errs, w.document(ctx, fmt.Sprintf("%s-%d", w.name, i), string(content)))
			}
			return answers(errs...)
		},
	},
	{
		name:      "action type of builds",
		assumes:   "ListActionTypes returns a custom action type as it was created, so that Diff finds nothing.",
		rests:     []string{"customaction/ec2build.ActionType", "pipeline/actiontype.Type.Diff", "pipeline/actiontype.Type.Ensure"},
		want:      "success, without differences",
		otherwise: "Ensure says that somebody has changed the action type.",
		run: func(ctx context.Context, w *world) (string, error) {
			t := ec2build.ActionType(w.region, w.name)
			t.Provider, t.Version = w.name, buildVersion
			err := t.Create(ctx, w.codepipeline)
			if err == nil {
				w.later("custom action type "+w.name+", version "+buildVersion, func(ctx context.Context) error { return w.deleteType(ctx, buildVersion) })
			}
			text, err := answer(err)
			if err != nil || text != "success" {
				return text, err
			}
			for listed, err := range actiontype.List(ctx, w.codepipeline, actiontype.OwnerCustom) {
				if err != nil {
					return answer(err)
				}
				if listed.Provider != t.Provider || listed.Version != t.Version {
					continue
				}
				differences := t.Diff(listed)
				return yes(len(differences) == 0, text+", without differences", "%s, %v", text, differences)
			}
			return text + ", not listed", nil
		},
	},
	machineCheck("errors of EC2",
		"A refused call of EC2 is Ec2.Ec2Exception, whose cause has the status code in words.", "Ec2.Ec2Exception, Status Code: 400",
		[]string{"customaction/ec2build.isRefused", "customaction/ec2build.isCapacity"}, "A build fails where it should try another instance type, or the reverse.",
		"aws-sdk:ec2:describeInstances", map[string]any{"InstanceIds": []string{"i-00000000000000000"}}),
	machineCheck("errors of Systems Manager: command",
		"A command for an instance that is not there is Ssm.InvalidInstanceIdException.", "Ssm.InvalidInstanceIdException, Status Code: 400",
		[]string{"customaction/ec2build.startStates"}, "A build gives up before the agent of its instance has started.",
		"aws-sdk:ssm:sendCommand", map[string]any{"DocumentName": "AWS-RunShellScript", "InstanceIds": []string{"i-00000000000000000"}, "Parameters": map[string]any{"commands": []string{"true"}}}),
	machineCheck("errors of Systems Manager: invocation",
		"An invocation that is not there, or not yet, is Ssm.InvocationDoesNotExistException.", "Ssm.InvocationDoesNotExistException, Status Code: 400",
		[]string{"customaction/ec2build.buildStates"}, "A build gives up right after its command was sent.",
		"aws-sdk:ssm:getCommandInvocation", map[string]any{"CommandId": unknownID, "InstanceId": "i-00000000000000000"}),
	machineCheck("errors of CodePipeline",
		"A result for a job that does not exist is CodePipeline.JobNotFoundException.", "CodePipeline.JobNotFoundException, Status Code: 400",
		[]string{"customaction/ec2build.reportStates"}, "A state machine whose job is gone tries to report it for hours.",
		"aws-sdk:codepipeline:putJobSuccessResult", map[string]any{"JobId": unknownID}),
	{
		name:      "errors of S3",
		assumes:   "An object that is not there is S3.NoSuchKeyException, for a role that may list the bucket.",
		rests:     []string{"customaction/ec2build.endStates"},
		want:      "S3.NoSuchKeyException",
		otherwise: "A build without output variables waits for them, and fails.",
		needs:     []need{needRole},
		run: func(ctx context.Context, w *world) (string, error) {
			bucket, err := w.bucket(ctx)
			if err != nil {
				return "", err
			}
			name, _, err := w.tryCall(ctx, "aws-sdk:s3:getObject", map[string]any{"Bucket": bucket, "Key": "no-such-key"})
			if err != nil {
				return answer(err)
			}
			return name, nil
		},
	},
	{
		name:      "name of an execution",
		assumes:   "StartExecution under the name and with the input of an execution that runs returns that execution, and with another input it is ExecutionAlreadyExists.",
		rests:     []string{"customaction/ec2build.Handler.start"},
		want:      "success, success, ExecutionAlreadyExists; one execution",
		otherwise: "A job that comes twice is built twice.",
		needs:     []need{needRole},
		run: func(ctx context.Context, w *world) (string, error) {
			first, err1 := w.startRun(ctx, `{"a":1}`)
			second, err2 := w.startRun(ctx, `{"a":1}`)
			_, err3 := w.startRun(ctx, `{"a":2}`)
			w.run = first
			text, err := answers(err1, err2, err3)
			if first != second {
				return text + "; two executions", err
			}
			return text + "; one execution", err
		},
	},
}

// buildVersion is the version of the custom action type of package ec2build.
const buildVersion = "5"

// startRun starts an execution of the state machine under the name of the run.
func (w *world) startRun(ctx context.Context, input string) (arn string, err error) {
	machine, err := w.machine(ctx)
	if err != nil {
		return "", err
	}
	out, err := w.states.StartExecution(ctx, &awssfn.StartExecutionInput{StateMachineArn: &machine, Name: &w.name, Input: &input})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.ExecutionArn), nil
}

var statusCode = regexp.MustCompile(`Status Code: \d+`)

// machineCheck returns the check of the error of a call by a state machine.
func machineCheck(name, assumes, want string, rests []string, otherwise, resource string, arguments map[string]any) check {
	return check{
		name: name, assumes: assumes, want: want, rests: rests, otherwise: otherwise, needs: []need{needRole},
		run: func(ctx context.Context, w *world) (string, error) {
			fault, cause, err := w.tryCall(ctx, resource, arguments)
			if err != nil {
				return answer(err)
			}
			code := statusCode.FindString(cause)
			if code == "" {
				code = "no status code in: " + cause
			}
			return fault + ", " + code, nil
		},
	}
}

// tryCall runs a state that makes a call, and returns its error.
func (w *world) tryCall(ctx context.Context, resource string, arguments map[string]any) (name, cause string, err error) {
	state, err := json.Marshal(map[string]any{
		"Type": "Task", "QueryLanguage": "JSONata", "Resource": "arn:" + w.partition() + ":states:::" + resource, "Arguments": arguments, "End": true,
	})
	if err != nil {
		return "", "", err
	}
	if name, cause, err = w.try(ctx, string(state)); err == nil && deniedCause.MatchString(cause) {
		err = errors.New("the role may not make the call: " + cause)
	}
	return name, cause, err
}

var deniedCause = regexp.MustCompile(`(?i)not authorized|access ?denied|UnauthorizedOperation`)

// partition is that of the role.
func (w *world) partition() string {
	_, rest, _ := strings.Cut(w.role, ":")
	partition, _, _ := strings.Cut(rest, ":")
	return partition
}
