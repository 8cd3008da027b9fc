package ci_test

import (
	"context"
	"fmt"
	"log"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/events"
)

// A pull request and a push to it, with the test servers in the place of the services
// and of EventBridge: the push stops the first build.
func ExampleHandler_Register() {
	ctx := context.Background()
	repositories, err := codecommittest.Start(codecommittest.FS("app", fstest.MapFS{"go.mod": {Data: []byte("module app\n")}}))
	if err != nil {
		log.Fatal(err)
	}
	defer repositories.Close()
	builds, err := citest.Start(citest.Project{Name: "app-review", Repository: "app"})
	if err != nil {
		log.Fatal(err)
	}
	defer builds.Close()

	client := awscodecommit.NewFromConfig(repositories.Config())
	handler := ci.New(ci.Clients{
		CodeCommit: client,
		CodeBuild:  awscodebuild.NewFromConfig(builds.Config()),
		Logs:       awslogs.NewFromConfig(builds.Config()),
	}, []ci.Flow{
		{Name: "review", Kind: ci.KindReview, Repositories: []string{"app"}, Project: "app-review"},
	})
	var mux events.Mux
	if err := handler.Register(&mux); err != nil {
		log.Fatal(err)
	}
	deliver := func(event []byte) {
		if _, err := mux.Invoke(ctx, event); err != nil {
			log.Print(err)
		}
	}
	repositories.OnEvent(deliver)
	builds.OnEvent(deliver)

	push := func(text string) {
		if _, err := repositories.Commit("app", "feature", fstest.MapFS{"go.mod": {Data: []byte(text)}}); err != nil {
			log.Fatal(err)
		}
	}
	push("module app\n\ngo 1.25\n")
	_, err = client.CreatePullRequest(ctx, &awscodecommit.CreatePullRequestInput{
		Title:   aws.String("Name the version of Go"),
		Targets: []types.Target{{RepositoryName: aws.String("app"), SourceReference: aws.String("feature")}},
	})
	if err != nil {
		log.Fatal(err)
	}
	push("module app\n\ngo 1.26\n")
	builds.Settle()

	for _, build := range builds.Builds() {
		fmt.Println("build", build.Number, build.Status)
	}
	comments, err := client.GetCommentsForPullRequest(ctx, &awscodecommit.GetCommentsForPullRequestInput{PullRequestId: aws.String("1")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(comments.CommentsForPullRequestData), "comments")
	// Output:
	// build 1 STOPPED
	// build 2 SUCCEEDED
	// 2 comments
}
