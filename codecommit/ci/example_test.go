package ci_test

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/events"
)

func ExampleOpen() {
	var cfg aws.Config // of config.LoadDefaultConfig
	handler := ci.Open(cfg, []ci.Flow{
		{Name: "review", Kind: ci.KindReview, Repositories: []string{"app"}, Project: "app-review"},
		{Name: "main", Kind: ci.KindBranch, Repositories: []string{"app"}, Branches: []string{"main"}, Project: "app-main"},
	})
	var mux events.Mux
	fmt.Println(handler.Register(&mux)) // then lambda.Start(&mux)
	// Output: <nil>
}
