package ci_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
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

func ExampleParseFlows() {
	flows, err := ci.ParseFlows([]byte(`[
		{"name": "review", "event": "review", "repo_name": "app", "paths": ["src/**", "go.*"], "project": "app-review"},
		{"name": "release", "event": "tag", "repo_name": ["app", "lib-*"], "tag": "v*", "project": "release"}
	]`))
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range flows {
		fmt.Println(f.Name, f.Kind, f.Repositories, f.Project)
	}
	// Output:
	// review review [app] app-review
	// release tag [app lib-*] release
}

func ExampleHandler_Patterns() {
	var cfg aws.Config
	handler := ci.Open(cfg, []ci.Flow{
		{Name: "main", Kind: ci.KindBranch, Repositories: []string{"app", "lib-*"}, Branches: []string{"main"}, Project: "app-main"},
	})
	rules, err := handler.Patterns()
	if err != nil {
		log.Fatal(err)
	}
	for _, rule := range rules {
		fmt.Println(rule.Name, rule.Pattern)
	}
	// Output:
	// branches {"source":["aws.codecommit"],"detail-type":["CodeCommit Repository State Change"],"detail":{"event":["referenceCreated","referenceUpdated"],"referenceName":["main"],"referenceType":["branch"],"repositoryName":["app",{"wildcard":"lib-*"}]}}
}

// A build on demand. A program has the clients of its account in the place of the
// server.
func ExampleHandler_Start() {
	server, err := citest.Start(citest.Project{Name: "app-deploy", Repository: "app"})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	cfg := server.Config()
	handler := ci.New(ci.Clients{
		CodeCommit: awscodecommit.NewFromConfig(cfg),
		CodeBuild:  awscodebuild.NewFromConfig(cfg),
	}, []ci.Flow{{
		Name: "deploy", Kind: ci.KindOnDemand, Project: "app-deploy",
		Variables: []ci.Variable{{Name: "STAGE", Value: "test"}},
	}})
	build, err := handler.Start(context.Background(), "deploy", func(o *ci.DemandOptions) {
		o.SourceVersion = "v1.2"
		o.Variables = []ci.Variable{{Name: "STAGE", Value: "production"}}
	})
	if err != nil {
		log.Fatal(err)
	}
	started := server.Builds()[0]
	fmt.Println(build.Project, build.Number, started.SourceVersion, started.Variable("STAGE"))
	// Output: app-deploy 1 v1.2 production
}
