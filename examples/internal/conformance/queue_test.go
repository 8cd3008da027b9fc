package conformance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awseventbridge "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventbridgetypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// makeQueue makes a queue that gets the events of the run by a rule of EventBridge,
// and the messages of the topic.
func (a *account) makeQueue(ctx context.Context) error {
	created, err := a.sqs.CreateQueue(ctx, &awssqs.CreateQueueInput{QueueName: &a.name, Tags: a.tags()})
	if err != nil {
		return err
	}
	url := created.QueueUrl
	a.later("queue "+a.name, func(ctx context.Context) error {
		_, err := a.sqs.DeleteQueue(ctx, &awssqs.DeleteQueueInput{QueueUrl: url})
		return err
	})
	name := sqstypes.QueueAttributeNameQueueArn
	attributes, err := a.sqs.GetQueueAttributes(ctx, &awssqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []sqstypes.QueueAttributeName{name}})
	if err != nil {
		return err
	}
	queue := attributes.Attributes[string(name)]
	a.later("rule "+a.name, func(ctx context.Context) error {
		return unless(a.removeRule(ctx), "ResourceNotFoundException")
	})
	pattern := a.eventPattern()
	rule, err := a.events.PutRule(ctx, &awseventbridge.PutRuleInput{
		Name: &a.name, EventPattern: &pattern, Tags: []eventbridgetypes.Tag{{Key: aws.String(tagKey), Value: aws.String(tagValue)}},
	})
	if err != nil {
		return err
	}
	policy, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{
		allowSend("events.amazonaws.com", queue, aws.ToString(rule.RuleArn)),
		allowSend("sns.amazonaws.com", queue, a.topic),
	}})
	if err != nil {
		return err
	}
	_, err = a.sqs.SetQueueAttributes(ctx, &awssqs.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"Policy": string(policy)}})
	if err != nil {
		return err
	}
	put, err := a.events.PutTargets(ctx, &awseventbridge.PutTargetsInput{Rule: &a.name, Targets: []eventbridgetypes.Target{{Id: &a.name, Arn: &queue}}})
	if err != nil {
		return err
	}
	if put.FailedEntryCount > 0 {
		return fmt.Errorf("the rule has no target: %s", aws.ToString(put.FailedEntries[0].ErrorMessage))
	}
	// The subscription ends with the topic.
	_, err = a.sns.Subscribe(ctx, &awssns.SubscribeInput{TopicArn: &a.topic, Protocol: aws.String("sqs"), Endpoint: &queue})
	a.receive = func(ctx context.Context) ([][]byte, error) { return a.receiveFrom(ctx, url) }
	return err
}

// allowSend is the statement of a queue's policy that lets a service send for a
// resource.
func allowSend(service, queue, source string) map[string]any {
	return map[string]any{
		"Effect": "Allow", "Principal": map[string]string{"Service": service}, "Action": "sqs:SendMessage", "Resource": queue,
		"Condition": map[string]any{"ArnEquals": map[string]string{"aws:SourceArn": source}},
	}
}

func (a *account) removeRule(ctx context.Context) error {
	_, err := a.events.RemoveTargets(ctx, &awseventbridge.RemoveTargetsInput{Rule: &a.name, Ids: []string{a.name}})
	if err != nil {
		return err
	}
	_, err = a.events.DeleteRule(ctx, &awseventbridge.DeleteRuleInput{Name: &a.name})
	return err
}

// receiveFrom returns the messages that are in the queue now.
func (a *account) receiveFrom(ctx context.Context, url *string) ([][]byte, error) {
	var all [][]byte
	for {
		out, err := a.sqs.ReceiveMessage(ctx, &awssqs.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1})
		if err != nil || len(out.Messages) == 0 {
			return all, err
		}
		for _, m := range out.Messages {
			all = append(all, []byte(aws.ToString(m.Body)))
			if _, err := a.sqs.DeleteMessage(ctx, &awssqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: m.ReceiptHandle}); err != nil {
				return all, err
			}
		}
	}
}

func (a *account) queues(ctx context.Context) ([]string, error) {
	p := awssqs.NewListQueuesPaginator(a.sqs, &awssqs.ListQueuesInput{QueueNamePrefix: aws.String(prefix), MaxResults: aws.Int32(1000)})
	return pages(ctx, p.HasMorePages, func(ctx context.Context) (*awssqs.ListQueuesOutput, error) { return p.NextPage(ctx) },
		func(out *awssqs.ListQueuesOutput) (names []string) {
			for _, url := range out.QueueUrls {
				names = append(names, url[strings.LastIndex(url, "/")+1:])
			}
			return names
		})
}

func (a *account) rules(ctx context.Context) ([]string, error) {
	out, err := a.events.ListRules(ctx, &awseventbridge.ListRulesInput{NamePrefix: aws.String(prefix)})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, r := range out.Rules {
		names = append(names, aws.ToString(r.Name))
	}
	return names, nil
}

// eventPattern is the pattern of the rule that sends the events of the run.
func (w *world) eventPattern() string {
	list := func(values ...any) json.RawMessage {
		data, err := json.Marshal(values)
		if err != nil {
			panic(err) // it is made of texts
		}
		return data
	}
	of := map[string]string{"prefix": w.name}
	data, err := json.Marshal(map[string]any{
		"source": list("aws.codecommit", "aws.codebuild", "aws.codepipeline", "aws.states"),
		"$or": []any{
			map[string]any{"detail": map[string]any{"pipeline": list(of)}},
			map[string]any{"detail": map[string]any{"project-name": list(of)}},
			map[string]any{"detail": map[string]any{"stateMachineArn": list(map[string]string{"suffix": ":" + w.name})}},
			map[string]any{"resources": list(map[string]string{"suffix": ":" + w.name})},
		},
	})
	if err != nil {
		panic(err)
	}
	return string(data)
}

// received returns all messages so far.
func (w *world) received(ctx context.Context) ([][]byte, error) {
	more, err := w.receive(ctx)
	w.inbox = append(w.inbox, more...)
	return slices.Clone(w.inbox), err
}
