package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/approval"
)

// topic is an SNS topic that gets the messages.
type topic struct {
	client    *awssns.Client
	arn       string
	pipelines *pipeline.Client
	author    func(context.Context, pipeline.Revision) (string, error)
	logger    *slog.Logger
}

// Limits of SNS and of Amazon Q Developer in chat applications, in characters.
const (
	maxSubject     = 100
	maxTitle       = 250
	maxDescription = 8000
)

// notification is a message as Amazon Q Developer in chat applications (AWS Chatbot)
// takes it from a topic.
type notification struct {
	Version string `json:"version"`
	Source  string `json:"source"`
	Content struct {
		TextType    string `json:"textType"`
		Title       string `json:"title"`
		Description string `json:"description"`
	} `json:"content"`
}

// chatText keeps texts of strangers from becoming links with another name, or mentions
// of a channel. Plain addresses are links nevertheless.
var chatText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "](", "] (")

// report publishes the message of a report: as text, and for subscribers by HTTPS, as
// chat applications are, in their own form.
func (t topic) report(ctx context.Context, r approval.Report) error {
	m, err := t.newMessage(ctx, r)
	if err != nil {
		return err
	}
	var n notification
	n.Version, n.Source = "1.0", "custom"
	n.Content.TextType, n.Content.Title, n.Content.Description = "client-markdown", awstext.Cut(m.title, maxTitle), awstext.Cut(chatText.Replace(m.text), maxDescription)
	chat, err := json.Marshal(n)
	if err != nil {
		return err
	}
	forms, err := json.Marshal(map[string]string{"default": m.title + "\n\n" + m.text, "https": string(chat)})
	if err != nil {
		return err
	}
	attribute := func(value string) types.MessageAttributeValue {
		return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &value}
	}
	_, err = t.client.Publish(ctx, &awssns.PublishInput{
		TopicArn: &t.arn, Subject: aws.String(cutASCII(m.title)), Message: aws.String(string(forms)), MessageStructure: aws.String("json"),
		MessageAttributes: map[string]types.MessageAttributeValue{"pipeline": attribute(r.Approval.Pipeline), "state": attribute(string(m.state))},
	})
	if err != nil {
		return fmt.Errorf("publish to the topic %s: %w", t.arn, err)
	}
	return nil
}

// cutASCII fits a text of ASCII into the subject of a mail.
func cutASCII(text string) string {
	if len(text) <= maxSubject {
		return text
	}
	return text[:maxSubject-3] + "..."
}
