package trigger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/internal/apierror"
)

// TestError is a trigger that CodeCommit could not run.
type TestError struct {
	Repository string
	Trigger    Trigger
	// Message is the reason that the service gave.
	Message string
	// Command is the command of the AWS CLI that lets CodeCommit invoke the
	// destination, the most frequent cause. It is empty for an SNS topic.
	Command string
}

// Error names the trigger, the service's reason, and what grants the missing
// permission.
func (e *TestError) Error() string {
	fix := "if the topic's policy lacks it, allow codecommit.amazonaws.com the action sns:Publish on " + e.Trigger.Destination
	if e.Command != "" {
		fix = "if the function does not allow CodeCommit to invoke it, run: " + e.Command
	}
	return fmt.Sprintf("trigger: test %q of %s: %s; %s", e.Trigger.Name, e.Repository, e.Message, fix)
}

// Test lets CodeCommit run the triggers of these names with a test event, by
// TestRepositoryTriggers, and all triggers of the repository if none is named.
// Destinations get the event name TriggerEventTest. The error joins a
// [*TestError] for each trigger that failed. A name that does not exist is an
// [fs.ErrNotExist].
func (s *Set) Test(ctx context.Context, names ...string) error {
	list, err := s.List(ctx)
	if err != nil {
		return err
	}
	if len(names) > 0 {
		var named []Trigger
		for _, name := range names {
			i := slices.IndexFunc(list, func(t Trigger) bool { return t.Name == name })
			if i < 0 {
				return fmt.Errorf("trigger: test %q of %s: no such trigger: %w", name, s.name, fs.ErrNotExist)
			}
			named = append(named, list[i])
		}
		list = named
	}
	return s.try(ctx, list)
}

// testFirst tests those of the wanted triggers that a change would write.
func (s *Set) testFirst(ctx context.Context, change change, wanted []Trigger) error {
	list, err := s.List(ctx)
	if err != nil {
		return err
	}
	if _, err := change(list); err != nil {
		return err
	}
	return s.try(ctx, slices.DeleteFunc(slices.Clone(wanted), func(w Trigger) bool {
		return slices.ContainsFunc(list, w.Equal)
	}))
}

// try tests the triggers, whether or not the repository has them.
func (s *Set) try(ctx context.Context, list []Trigger) error {
	if len(list) == 0 {
		return nil
	}
	out, err := s.api.TestRepositoryTriggers(ctx, &awscodecommit.TestRepositoryTriggersInput{RepositoryName: &s.name, Triggers: toWire(list)})
	if err == nil && out == nil {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return s.failed(opTest, err)
	}
	if len(out.FailedExecutions) == 0 {
		return nil
	}
	repositoryARN := s.arn(ctx)
	var failures []error
	for _, f := range out.FailedExecutions {
		e := &TestError{Repository: s.name, Trigger: Trigger{Name: aws.ToString(f.Trigger)}, Message: aws.ToString(f.FailureMessage)}
		if i := slices.IndexFunc(list, func(t Trigger) bool { return t.Name == e.Trigger.Name }); i >= 0 {
			e.Trigger = list[i]
		}
		e.Command = addPermission(e.Trigger.Destination, repositoryARN, s.name)
		failures = append(failures, e)
	}
	return errors.Join(failures...)
}

// arn returns the repository's ARN, "" if it cannot be had.
func (s *Set) arn(ctx context.Context) string {
	out, err := s.api.GetRepository(ctx, &awscodecommit.GetRepositoryInput{RepositoryName: &s.name})
	if err != nil || out == nil || out.RepositoryMetadata == nil {
		return ""
	}
	return aws.ToString(out.RepositoryMetadata.Arn)
}

// addPermission returns the command that lets CodeCommit invoke the function for
// the repository, "" if the destination is no function. Without the repository's
// ARN it is taken to be in the account of the function.
func addPermission(destination, repositoryARN, repository string) string {
	// arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]
	part := strings.Split(destination, ":")
	if len(part) < 7 || part[2] != "lambda" {
		return ""
	}
	if repositoryARN == "" {
		repositoryARN = strings.Join([]string{"arn", part[1], "codecommit", part[3], part[4], repository}, ":")
	}
	account := part[4]
	if p := strings.Split(repositoryARN, ":"); len(p) == 6 {
		account = p[4]
	}
	command := []string{
		"aws lambda add-permission",
		"--region " + part[3],
		"--function-name " + strings.Join(part[:7], ":"),
	}
	if len(part) > 7 {
		command = append(command, "--qualifier '"+part[7]+"'")
	}
	command = append(command,
		"--statement-id codecommit-"+strings.ReplaceAll(repository[:min(len(repository), 80)], ".", "-"),
		"--action lambda:InvokeFunction",
		"--principal codecommit.amazonaws.com",
		"--source-arn "+repositoryARN,
		"--source-account "+account)
	return strings.Join(command, " ")
}
