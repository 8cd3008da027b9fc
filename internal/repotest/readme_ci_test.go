package repotest_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/codecommit/gitfetch"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/definition"
)

func archiveLargeFiles(cfg aws.Config) *archive.Archiver {
	archiver := archive.New(codecommit.Open(cfg, "staging"), func(o *archive.Options) {
		o.LargeBlob = gitfetch.LargeBlob(cfg)
	})
	return archiver
}

func checkStructure(data []byte) error {
	document, err := definition.Parse(data)
	if err != nil {
		return err
	}
	for _, finding := range document.Pipeline.Check() {
		fmt.Println(finding)
	}
	return nil
}

func buildPullRequests(cfg aws.Config) error {
	handler := ci.Open(cfg, []ci.Flow{
		{Name: "review", Kind: ci.KindReview, Repositories: []string{"app"}, Project: "app-review"},
		{Name: "main", Kind: ci.KindBranch, Repositories: []string{"app"}, Branches: []string{"main"}, Project: "app-main"},
	})
	var mux events.Mux
	err := handler.Register(&mux)
	return err
}

func Example_ci() {
	server, err := codecommittest.Start(codecommittest.FS("staging", fstest.MapFS{"image.iso": {Data: make([]byte, 7<<20)}}))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	content, err := archiveLargeFiles(server.Config()).TarGz("main").Bytes(context.Background())
	fmt.Println(len(content) > 0, err)
	fmt.Println(buildPullRequests(server.Config()))
	if err := checkStructure([]byte(`{"name": "web", "stages": []}`)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// true <nil>
	// <nil>
	// roleArn: error: the pipeline has no service role: set roleArn to the ARN of a role that codepipeline.amazonaws.com may assume
	// artifactStore: error: the pipeline has no artifact store: set artifactStore, or artifactStores for actions in several Regions
	// stages: error: there are 0 stages: a pipeline has 2 to 50
}
