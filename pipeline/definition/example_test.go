package definition_test

import (
	"context"
	"fmt"
	"log"

	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/pipeline/definition"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// site is a pipeline from a repository to a bucket.
func site() *definition.Pipeline {
	return &definition.Pipeline{
		Name:          "site",
		Type:          definition.PipelineTypeV2,
		RoleARN:       "arn:aws:iam::111122223333:role/pipelines",
		ArtifactStore: definition.Bucket("artifacts", ""),
		Variables:     []definition.Variable{{Name: "Project", DefaultValue: "site"}},
		Stages: []definition.Stage{
			{Name: "Source", Actions: []definition.Action{{
				Name:     "Fetch",
				Provider: definition.CodeCommitSource{RepositoryName: "site", BranchName: "main", PollForSourceChanges: "false"},
				Outputs:  definition.Artifacts("Source"),
			}}},
			{Name: "Build", Actions: []definition.Action{{
				Name:     "Render",
				Provider: definition.CodeBuild{ProjectName: "#{variables.Project}"},
				Inputs:   definition.Artifacts("Source"),
				Outputs:  definition.Artifacts("Pages"),
			}}},
			{Name: "Deploy", Actions: []definition.Action{{
				Name:     "Publish",
				Provider: definition.S3Deploy{BucketName: "www", Extract: "true"},
				Inputs:   definition.Artifacts("Pages"),
			}}},
		},
	}
}

func ExamplePipeline_Check() {
	p := site()
	p.Stages[2].Actions[0].Inputs = definition.Artifacts("Page")
	p.Stages[2].Actions[0].Provider = definition.S3Deploy{BucketName: "www", Extract: "false"}
	for _, finding := range p.Check() {
		fmt.Println(finding)
	}
	// Output:
	// stages[1].actions[0].outputArtifacts[0].name: warning: no action uses the artifact "Pages": remove it, or give it to the action that needs it
	// stages[2].actions[0].configuration.ObjectKey: error: Extract false needs the key ObjectKey: set it to the key of the archive, which Extract false needs, or the prefix of the files' keys
	// stages[2].actions[0].inputArtifacts[0].name: error: no action makes the artifact "Page": did you mean Pages?
}

func ExampleParse() {
	document, err := definition.Parse([]byte(`{
	    "pipeline": {"name": "site", "stages": [{"name": "Build", "actions": [{
	        "name": "Render",
	        "actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"},
	        "configuration": {"ProjectName": "site"}
	    }]}]},
	    "metadata": {"pipelineArn": "arn:aws:codepipeline:eu-west-1:111122223333:site"}
	}`))
	if err != nil {
		log.Fatal(err)
	}
	switch provider := document.Pipeline.Stages[0].Actions[0].Provider.(type) {
	case definition.CodeBuild:
		fmt.Println(document.Metadata.ARN, "builds", provider.ProjectName)
	case definition.Custom:
		fmt.Println("a custom type with", provider.Configuration)
	}
	// Output:
	// arn:aws:codepipeline:eu-west-1:111122223333:site builds site
}

func ExamplePipeline_Ensure() {
	server, err := pipelinetest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	api := awscodepipeline.NewFromConfig(server.Config())

	for _, branch := range []string{"main", "main", "release"} {
		p := site()
		p.Stages[0].Actions[0].Provider = definition.CodeCommitSource{RepositoryName: "site", BranchName: branch, PollForSourceChanges: "false"}
		outcome, err := p.Ensure(context.Background(), api)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("created:", outcome.Created, "version:", outcome.Version)
		for _, difference := range outcome.Differences {
			fmt.Println(difference)
		}
	}
	// Output:
	// created: true version: 1
	// created: false version: 1
	// created: false version: 2
	// ~ stages.Source.actions.Fetch.configuration.BranchName: "main" -> "release"
}

func ExamplePipeline_EventRules() {
	rules, err := site().EventRules()
	if err != nil {
		log.Fatal(err)
	}
	for _, rule := range rules {
		fmt.Println(rule.Name, rule.Pattern)
	}
	// Output:
	// site-Fetch {"source":["aws.codecommit"],"detail-type":["CodeCommit Repository State Change"],"detail":{"event":["referenceCreated","referenceUpdated"],"referenceName":["main"],"referenceType":["branch"],"repositoryName":["site"]}}
}

// The role lets EventBridge start the pipeline when the source changes.
func ExampleTargetPolicy() {
	fmt.Println(definition.TargetPolicy("arn:aws:codepipeline:eu-west-1:111122223333:site"))
	// Output:
	// {"Statement":[{"Action":"codepipeline:StartPipelineExecution","Effect":"Allow","Resource":"arn:aws:codepipeline:eu-west-1:111122223333:site"}],"Version":"2012-10-17"}
}

// A difference names stages and actions, wherever they stand.
func ExampleDiff() {
	planned := site()
	planned.Stages[1].Actions[0].Provider = definition.CodeBuild{ProjectName: "site-arm"}
	planned.Stages[2].Actions[0].Region = "eu-central-1"
	differences, err := definition.Diff(site(), planned)
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range differences {
		fmt.Println(d)
	}
	// Output:
	// ~ stages.Build.actions.Render.configuration.ProjectName: "#{variables.Project}" -> "site-arm"
	// + stages.Deploy.actions.Publish.region: "eu-central-1"
}

func ExampleParseTemplate() {
	resources, err := definition.ParseTemplate([]byte(`{"Resources": {"Site": {
	    "Type": "AWS::CodePipeline::Pipeline",
	    "Properties": {"PipelineType": "V2", "Stages": []}
	}}}`))
	if err != nil {
		log.Fatal(err)
	}
	for _, resource := range resources {
		for _, finding := range resource.Check() {
			fmt.Println(finding.Path)
		}
	}
	// Output:
	// Resources.Site.Properties.RoleArn
	// Resources.Site.Properties.ArtifactStore
	// Resources.Site.Properties.Stages
}

func ExampleCustom() {
	lint := definition.Custom{
		Type:          definition.ActionType{Category: "Test", Owner: "Custom", Provider: "Lint", Version: "1"},
		Configuration: map[string]string{"Level": "2"},
	}
	fmt.Println(lint.ActionType())
	// Output: Custom/Test/Lint/1
}

func ExampleOnPush() {
	p := site()
	p.Stages[0].Actions[0].Provider = definition.ConnectionSource{
		ConnectionARN:    "arn:aws:codeconnections:eu-west-1:111122223333:connection/1",
		FullRepositoryID: "octo/site", BranchName: "main",
	}
	p.Triggers = []definition.Trigger{definition.OnPush("Fetch", definition.PushTrigger{
		Branches:  &definition.Patterns{Includes: []string{"main"}},
		FilePaths: &definition.Patterns{Excludes: []string{"docs/**"}},
	})}
	fmt.Println(len(p.Check()), "findings")
	// Output: 0 findings
}
