package trigger_test

import (
	"context"
	"fmt"
	"log"
	"testing/fstest"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/codecommit/trigger"
)

// exampleServer starts a CodeCommit server on this machine with a repository
// "staging". A program that talks to AWS takes its aws.Config from
// config.LoadDefaultConfig instead.
func exampleServer() *codecommittest.Server {
	server, err := codecommittest.Start(codecommittest.FS("staging", fstest.MapFS{"README.md": {Data: []byte("# Staging\n")}}))
	if err != nil {
		log.Fatal(err)
	}
	return server
}

func ExampleSet_Ensure() {
	server := exampleServer()
	defer server.Close()
	ctx := context.Background()

	triggers := trigger.Open(server.Config(), "staging", func(o *trigger.Options) { o.Adopt = trigger.Known })
	wanted := trigger.Trigger{
		Name:        trigger.NameFor("ci", "feature/login"),
		Destination: "arn:aws:lambda:us-east-1:111122223333:function:updates",
		Branches:    []string{"feature/login"},
		Events:      []trigger.Event{trigger.EventUpdate},
	}
	for range 2 {
		changed, err := triggers.Ensure(ctx, wanted)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(wanted.Name, changed)
	}
	// Output:
	// ci-feature_-login-df7c7aeb35 true
	// ci-feature_-login-df7c7aeb35 false
}

func ExampleSet_Test() {
	server := exampleServer()
	defer server.Close()
	ctx := context.Background()

	triggers := trigger.Open(server.Config(), "staging", func(o *trigger.Options) { o.TestFirst = true })
	// This server plays a function whose policy does not allow CodeCommit.
	server.SetFaults(codecommittest.Faults{FailTriggers: func(string) string { return "access denied by the function" }})
	_, err := triggers.Ensure(ctx, trigger.Trigger{
		Name:        "all",
		Destination: "arn:aws:lambda:us-east-1:111122223333:function:updates",
		Events:      []trigger.Event{trigger.EventAll},
	})
	fmt.Println(err)
	// Output:
	// trigger: test "all" of staging: access denied by the function; if the function does not allow CodeCommit to invoke it, run: aws lambda add-permission --region us-east-1 --function-name arn:aws:lambda:us-east-1:111122223333:function:updates --statement-id codecommit-staging --action lambda:InvokeFunction --principal codecommit.amazonaws.com --source-arn arn:aws:codecommit:us-east-1:111122223333:staging --source-account 111122223333
}

func ExampleBranch() {
	name := trigger.NameFor("ci", "feature/login")
	branch, ok := trigger.Branch("ci", trigger.Trigger{Name: name})
	fmt.Println(branch, ok)
	// Output: feature/login true
}
