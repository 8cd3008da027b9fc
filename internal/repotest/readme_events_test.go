package repotest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/codesuite-go/codesuite/events"
)

func Example_events() {
	var mux events.Mux
	err := errors.Join(
		events.On(&mux, func(ctx context.Context, push events.RefEvent) error {
			for change := range push.RefChanges() {
				fmt.Println(change.Repository, change.Name, change.Action, change.NewCommit)
			}
			return nil
		}),
		mux.Fallback(func(ctx context.Context, event events.Event) error {
			fmt.Println("no handler for", event.Name()) // of a kind that is new, or that no handler takes
			return nil
		}),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := mux.Invoke(context.Background(), []byte(`{
		"version": "0",
		"id": "01234567-0123-0123-0123-012345678901",
		"detail-type": "CodeCommit Repository State Change",
		"source": "aws.codecommit",
		"account": "111122223333",
		"time": "2026-03-01T12:34:56Z",
		"region": "eu-west-1",
		"resources": ["arn:aws:codecommit:eu-west-1:111122223333:staging"],
		"detail": {
			"event": "referenceUpdated",
			"repositoryName": "staging",
			"repositoryId": "12345678-1234-5678-abcd-12345678abcd",
			"referenceType": "branch",
			"referenceName": "main",
			"referenceFullName": "refs/heads/main",
			"commitId": "3e5983EXAMPLE",
			"oldCommitId": "1a2b3cEXAMPLE"
		}
	}`)); err != nil {
		fmt.Println(err)
	}
	if _, err := mux.Invoke(context.Background(), []byte(`{"source":"aws.events","detail-type":"Scheduled Event","detail":{}}`)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// staging main updated 3e5983EXAMPLE
	// no handler for Scheduled Event
}
