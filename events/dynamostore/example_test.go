package dynamostore_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/events/dynamostore"
)

// A Lambda function handles each build once, however often and in however many
// instances its event arrives.
func Example() {
	var cfg aws.Config // config.LoadDefaultConfig(ctx)
	var mux events.Mux
	if err := mux.Use(events.Dedup(dynamostore.Open(cfg, "handled-events"))); err != nil {
		log.Fatal(err)
	}
	err := events.On(&mux, func(_ context.Context, e *events.BuildStateChange) error {
		fmt.Println(e.BuildID(), e.Status)
		return nil
	})
	fmt.Println(err) // then lambda.Start(&mux)
	// Output: <nil>
}
