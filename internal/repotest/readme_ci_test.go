package repotest_test

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/ci"
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
