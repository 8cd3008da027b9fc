package pipelinetest_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// The message of an approval is what SNS delivers, and its token approves.
func TestNotification(t *testing.T) {
	t.Parallel()
	p := short("a-pipeline-with-quite-a-long-name")
	approve := &p.Stages[1].Actions[0]
	approve.Configuration = map[string]string{"NotificationArn": "arn:aws:sns:us-east-1:111122223333:ask", "CustomData": "Ship <it>?"}
	approve.Timeout = 2 * time.Hour
	server, client := newServer(t, p)
	server.OnNotify(func(n pipelinetest.Notification) {
		event, err := events.Decode(n.Message)
		request, ok := event.(*events.ApprovalRequest)
		if err != nil || !ok {
			t.Errorf("message %s is a %T, %v", n.Message, event, err)
			return
		}
		if _, err := client.PutApprovalResult(t.Context(), &awscodepipeline.PutApprovalResultInput{
			PipelineName: &request.Pipeline, StageName: &request.Stage, ActionName: &request.Action, Token: aws.String(request.Token.Reveal()),
			Result: &types.ApprovalResult{Status: types.ApprovalStatusApproved, Summary: aws.String(request.CustomData)},
		}); err != nil {
			t.Error(err)
		}
	})
	id := begin(t, server, p.Name)
	server.Settle()
	equal(t, "status", types.PipelineExecutionStatusSucceeded, get(t, client, p.Name, id).Status)
	list := server.Notifications()
	if len(list) != 1 {
		t.Fatalf("%d messages", len(list))
	}
	equal(t, "topic", "arn:aws:sns:us-east-1:111122223333:ask", list[0].TopicARN)
	equal(t, "subject", "APPROVAL NEEDED: AWS CodePipeline a-pipeline-with-quite-a-long-n... for action Approve", list[0].Subject)
	event, err := events.Decode(list[0].Message)
	if err != nil {
		t.Fatal(err)
	}
	request := event.(*events.ApprovalRequest)
	if want := start.Add(2 * time.Hour).UTC().Format("2006-01-02T15:04Z"); string(request.Expires) != want || request.CustomData != "Ship <it>?" || request.ExternalEntityLink != "" {
		t.Errorf("request %+v, want it to expire at %s", request, want)
	}
}
