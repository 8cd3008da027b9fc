package multibranch_test

import (
	"context"
	"fmt"
	"log"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/multibranch"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// A push to a branch starts the pipeline with its commit. The servers of this
// example run on this machine; a program for AWS calls Open with its aws.Config.
func ExampleHandler() {
	git, err := codecommittest.Start(codecommittest.FS("shop", fstest.MapFS{"README.md": {Data: []byte("# Shop\n")}}))
	if err != nil {
		log.Fatal(err)
	}
	defer git.Close()
	pipelines, err := pipelinetest.Start(pipelinetest.Pipeline{
		Name: "shop", ExecutionMode: "QUEUED",
		Variables: []pipelinetest.Variable{{Name: "BRANCH", DefaultValue: "none"}, {Name: "COMMIT", DefaultValue: "none"}},
		Stages: []pipelinetest.Stage{
			{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.CodeCommitSource("Source", "shop", "main")}},
			{Name: "Build", Actions: []pipelinetest.Action{pipelinetest.CodeBuildAction("Build", "shop", "SourceArtifact")}},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer pipelines.Close()

	handler := multibranch.New(multibranch.Clients{
		CodeCommit:   awscodecommit.NewFromConfig(git.Config()),
		CodePipeline: awscodepipeline.NewFromConfig(pipelines.Config()),
	}, func(o *multibranch.Options) {
		o.Pipeline = "shop"
		o.Branches = []string{"main", "feature/**"}
	})
	var mux events.Mux // for lambda.Start(&mux)
	if err := handler.Register(&mux); err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	commit, err := git.Commit("shop", "feature/login", fstest.MapFS{"login.html": {Data: []byte("<form>\n")}})
	if err != nil {
		log.Fatal(err)
	}
	event := fmt.Sprintf(`{"version": "0", "id": "1", "source": "aws.codecommit", "detail-type": "CodeCommit Repository State Change",
		"account": "111122223333", "region": "us-east-1", "time": "2026-05-07T12:00:00Z",
		"detail": {"event": "referenceCreated", "repositoryName": "shop", "referenceType": "branch",
			"referenceName": "feature/login", "referenceFullName": "refs/heads/feature/login", "commitId": %q}}`, commit)
	for range 2 { // events may come twice
		if _, err := mux.Invoke(ctx, []byte(event)); err != nil {
			log.Fatal(err)
		}
	}
	out, err := awscodepipeline.NewFromConfig(pipelines.Config()).ListPipelineExecutions(ctx,
		&awscodepipeline.ListPipelineExecutionsInput{PipelineName: aws.String("shop")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(out.PipelineExecutionSummaries), "execution")

	findings, err := handler.Doctor(ctx, "shop")
	fmt.Println(findings, err)
	// Output:
	// 1 execution
	// [] <nil>
}
