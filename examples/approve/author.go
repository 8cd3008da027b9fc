package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/githubstatus/pipelineapproval"
	"github.com/codesuite-go/codesuite/pipeline"
)

// authors finds the authors of commits, for messages.
type authors struct {
	cfg    aws.Config
	github *pipelineapproval.Reader // nil if nothing is read on GitHub
}

// of returns the name of the author, "" if it is not to be had.
func (a authors) of(ctx context.Context, v pipeline.Revision) (string, error) {
	switch {
	case v.Provider == events.ProviderCodeCommit && v.Region == a.cfg.Region:
		commit, err := codecommit.Open(a.cfg, v.Repository).Resolve(ctx, v.ID)
		if err != nil {
			return "", err
		}
		return commit.Author.Name, nil
	case a.github != nil:
		return a.github.Author(ctx, v)
	}
	return "", nil
}
