package events_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/codesuite-go/codesuite/events"
)

// A Lambda function for several sources. In a program, lambda.Start(&mux) of
// aws-lambda-go takes the place of the calls of Invoke.
func Example_router() {
	var mux events.Mux
	err := errors.Join(
		events.On(&mux, func(_ context.Context, e *events.PullRequestStateChange) error {
			fmt.Printf("%s #%s: %s -> %s\n", e.Event, e.PullRequestID, e.SourceBranch(), e.DestinationBranch())
			return nil
		}),
		// Pushes, from a repository trigger or from EventBridge.
		events.On(&mux, func(_ context.Context, e events.RefEvent) error {
			for c := range e.RefChanges() {
				fmt.Printf("%s: %s %s %s\n", c.Repository, c.Kind, c.Name, c.Action)
			}
			return nil
		}),
		mux.Fallback(func(_ context.Context, e events.Event) error {
			fmt.Println("not for us:", e.Name())
			return nil
		}),
	)
	if err != nil {
		log.Fatal(err)
	}

	for _, payload := range []string{
		`{"detail-type":"CodeCommit Pull Request State Change","source":"aws.codecommit","detail":{"event":"pullRequestCreated","pullRequestId":"42",` +
			`"sourceReference":"refs/heads/fix","destinationReference":"refs/heads/main","isMerged":"False"}}`,
		`{"Records":[{"eventSource":"aws:codecommit","eventName":"ReferenceChanges","eventSourceARN":"arn:aws:codecommit:eu-central-1:111122223333:web",` +
			`"codecommit":{"references":[{"ref":"refs/heads/main","commit":"5b1c4d0"},{"ref":"refs/tags/v1.2","commit":"5b1c4d0","created":true}]}}]}`,
		`{"detail-type":"CodeCommit Repository State Change","source":"aws.codecommit","detail":{"event":"referenceDeleted","repositoryName":"web",` +
			`"referenceType":"branch","referenceName":"fix","referenceFullName":"refs/heads/fix","oldCommitId":"9d8c7b6"}}`,
		`{"detail-type":"Scheduled Event","source":"aws.events","detail":{}}`,
	} {
		if _, err := mux.Invoke(context.Background(), []byte(payload)); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// pullRequestCreated #42: fix -> main
	// web: branch main updated
	// web: tag v1.2 created
	// web: branch fix deleted
	// not for us: Scheduled Event
}

// A consumer of an SQS queue: EventBridge sends the events of a pipeline to
// it. The response names the messages that SQS has to deliver again.
func ExampleMux_Invoke_sqs() {
	var mux events.Mux
	err := events.On(&mux, func(_ context.Context, e *events.PipelineExecutionStateChange) error {
		if !e.State.Terminal() {
			return nil
		}
		if e.Pipeline == "api" {
			return errors.New("the status page is down")
		}
		fmt.Printf("%s: %s (message %s)\n", e.Pipeline, e.State, e.Delivery.SQS.MessageID)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}

	message := func(id, pipeline, state string) string {
		event := `{"detail-type":"CodePipeline Pipeline Execution State Change","source":"aws.codepipeline","detail":{"pipeline":"` + pipeline + `","state":"` + state + `","version":6.0}}`
		return fmt.Sprintf(`{"eventSource":"aws:sqs","messageId":%q,"body":%q,"eventSourceARN":"arn:aws:sqs:eu-central-1:111122223333:ci"}`, id, event)
	}
	response, err := mux.Invoke(context.Background(), []byte(`{"Records":[`+strings.Join([]string{
		message("m-1", "web", "STARTED"), message("m-2", "web", "SUCCEEDED"), message("m-3", "api", "FAILED"),
	}, ",")+`]}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(response))
	// Output:
	// web: SUCCEEDED (message m-2)
	// {"batchItemFailures":[{"itemIdentifier":"m-3"}]}
}

// The same event comes twice, once from EventBridge and once through SNS. The
// first attempt fails and is repeated.
func ExampleDedup() {
	var mux events.Mux
	attempts := 0
	err := errors.Join(
		mux.Use(events.Dedup(&events.MemoryStore{})),
		events.On(&mux, func(_ context.Context, e *events.BuildStateChange) error {
			if attempts++; attempts == 1 {
				return errors.New("no connection")
			}
			fmt.Printf("build %s: %s\n", e.BuildID(), e.Status)
			return nil
		}),
	)
	if err != nil {
		log.Fatal(err)
	}

	event := `{"detail-type":"CodeBuild Build State Change","source":"aws.codebuild","detail":{"build-status":"SUCCEEDED","build-id":"arn:aws:codebuild:eu-central-1:111122223333:build/web:1f9f2c7a"}}`
	notification := fmt.Sprintf(`{"Records":[{"EventSource":"aws:sns","Sns":{"MessageId":"n","TopicArn":"t","Message":%q}}]}`, event)
	for _, payload := range []string{event, notification, event} {
		if _, err := mux.Invoke(context.Background(), []byte(payload)); err != nil {
			fmt.Println("failed, to be delivered again")
		}
	}
	// Output:
	// failed, to be delivered again
	// build web:1f9f2c7a: SUCCEEDED
}

func ExampleDecode() {
	e, err := events.Decode([]byte(`{"detailType":"CodePipeline Action Execution State Change","source":"aws.codepipeline",
		"detail":{"pipeline":"web","stage":"Build","action":"Compile","state":"FAILED","type":{"provider":"CodeBuild","version":"1"},
		"version":6.0,"pipeline-execution-attempt":1.0,"execution-result":{"error-code":"JobFailed"}}}`))
	if err != nil {
		log.Fatal(err)
	}
	switch e := e.(type) {
	case *events.ActionExecutionStateChange:
		status, _ := e.State.APIStatus()
		fmt.Println(e.Action, e.State, status, e.Result.ErrorCode, e.PipelineVersion)
	case *events.Unknown:
		fmt.Println("unknown:", e.DetailType)
	}
	// Output: Compile FAILED Failed JobFailed 6
}

// A queue that receives from SNS has the event in a message in a message. What
// cannot be decoded does not hide the other events.
func ExampleDecodeAll() {
	all, err := events.DecodeAll([]byte(`{"Records":[
		{"eventSource":"aws:sqs","messageId":"m-1","body":"{\"Type\":\"Notification\",\"MessageId\":\"n-1\",\"TopicArn\":\"arn:aws:sns:eu-central-1:111122223333:ci\",\"Message\":\"{\\\"source\\\":\\\"aws.events\\\",\\\"detail-type\\\":\\\"Scheduled Event\\\",\\\"detail\\\":{}}\"}"},
		{"eventSource":"aws:sqs","messageId":"m-2","body":"{\"source\""}]}`))
	for _, e := range all {
		switch e := e.(type) {
		case *events.ScheduledEvent:
			fmt.Println(e.Name(), "in", e.Delivery.SQS.MessageID)
		default:
			fmt.Println("another event:", e.Name())
		}
	}
	fmt.Println("decoded all:", err == nil)
	// Output:
	// Scheduled Event in m-1
	// decoded all: false
}

// The secrets of an event are shown only by Reveal.
func ExampleSecret() {
	request := events.ApprovalRequest{Pipeline: "web", Token: events.NewSecret("5F0o1a9c")}
	fmt.Printf("%v %q\n", request.Token, request.Token.Reveal())
	// Output: (secret left out) "5F0o1a9c"
}

// An old event must not overwrite a newer state.
func ExamplePipelineExecutionStateChange_Supersedes() {
	stored := &events.PipelineExecutionStateChange{Pipeline: "web", ExecutionID: "8f0c", State: events.PipelineSucceeded, Attempt: 1}
	late := &events.PipelineExecutionStateChange{Pipeline: "web", ExecutionID: "8f0c", State: events.PipelineStarted, Attempt: 1}
	retry := &events.PipelineExecutionStateChange{Pipeline: "web", ExecutionID: "8f0c", State: events.PipelineResumed, Attempt: 2}
	fmt.Println(late.Supersedes(stored), retry.Supersedes(stored))
	// Output: false true
}

func ExampleParseRevision() {
	r := events.ParseRevision(events.ActionType{},
		"https://us-west-2.console.aws.amazon.com/codesuite/settings/connections/redirect"+
			"?connectionArn=arn:aws:codestar-connections:us-west-2:123456789012:connection/221894bb-cd29-4356-ba84-c0cd816af416"+
			"&referenceType=COMMIT&FullRepositoryId=group/subgroup/web&Commit=ddbe7ef257512f9455e9b74a5ebe8ef831e615b7",
		`{"ProviderType":"GitLab","CommitMessage":"Greet politely"}`,
		"ddbe7ef257512f9455e9b74a5ebe8ef831e615b7")
	fmt.Println(r.Provider, r.Host, r.Repository)
	fmt.Println(r.Message)

	// The console's older links to CodeCommit hold it all in the fragment.
	r = events.ParseRevision(events.ActionType{},
		"https://console.aws.amazon.com/codecommit/home?region=ap-northeast-2#/repository/web/commit/937e494cb4945e6779b92fd38188921384a0fa2c", "", "")
	fmt.Println(r.Provider, r.Region, r.Repository, r.ID)
	// Output:
	// GitLab gitlab.com group/subgroup/web
	// Greet politely
	// CodeCommit ap-northeast-2 web 937e494cb4945e6779b92fd38188921384a0fa2c
}
