package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/codesuite-go/codesuite/codecommit/ci"
)

// topic is an SNS topic that gets the reports.
type topic struct {
	client *awssns.Client
	arn    string
}

// message is a report as the topic gets it. The log stays in CloudWatch Logs.
type message struct {
	Flow          string   `json:"flow"`
	Event         ci.Kind  `json:"event"`
	State         ci.State `json:"state"`
	Repository    string   `json:"repository,omitempty"`
	PullRequest   string   `json:"pull_request,omitempty"`
	RevisionID    string   `json:"revision_id,omitempty"`
	Branch        string   `json:"branch,omitempty"`
	Tag           string   `json:"tag,omitempty"`
	Schedule      string   `json:"schedule,omitempty"`
	Commit        string   `json:"commit,omitempty"`
	Problem       string   `json:"problem,omitempty"`
	BuildID       string   `json:"build_id,omitempty"`
	BuildNumber   int64    `json:"build_number,omitempty"`
	BuildURL      string   `json:"build_url,omitempty"`
	FailedPhase   string   `json:"failed_phase,omitempty"`
	FailedMessage string   `json:"failed_message,omitempty"`
}

// report publishes a report when the build has ended.
func (t topic) report(ctx context.Context, r ci.Report) error {
	if !r.State.Terminal() {
		return nil
	}
	m := message{
		Flow: r.Flow, Event: r.Kind, State: r.State, Repository: r.Repository, Branch: r.Branch, Tag: r.Tag, Schedule: r.Schedule,
		Commit: r.Commit, Problem: r.Problem, BuildID: r.Build.ID, BuildNumber: r.Build.Number, BuildURL: r.Build.URL,
		FailedPhase: r.Build.FailedPhase, FailedMessage: r.Build.FailedMessage,
	}
	if r.PullRequest != nil {
		m.PullRequest, m.RevisionID = r.PullRequest.ID, r.PullRequest.RevisionID
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	attribute := func(value string) types.MessageAttributeValue {
		return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &value}
	}
	_, err = t.client.Publish(ctx, &awssns.PublishInput{
		TopicArn: &t.arn,
		Subject:  aws.String(r.Flow + ": " + string(r.State)), // a flow has up to 64 plain characters
		Message:  aws.String(string(text)),
		MessageAttributes: map[string]types.MessageAttributeValue{
			"flow": attribute(r.Flow), "event": attribute(string(r.Kind)), "state": attribute(string(r.State)),
		},
	})
	if err != nil {
		return fmt.Errorf("report to the topic %s: %w", t.arn, err)
	}
	return nil
}
