package pipelineapproval_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/githubstatus/pipelineapproval"
	"github.com/codesuite-go/codesuite/internal/githubtest"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/approval"
)

func Example() {
	server, err := githubtest.Start() // in production: GitHub
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	server.AddRepository("octo/app")
	merge, head := strings.Repeat("a", 40), strings.Repeat("b", 40)
	server.SetMember("octo/owners", "lisa", "active")
	_, err = server.SetPullRequest("octo/app", githubtest.PullRequest{
		Number: 12, Author: "mona", Base: "main", HeadSHA: head, MergeSHA: merge, Merged: time.Now(),
		Reviews: []githubtest.Review{{Author: "lisa", State: "APPROVED", SHA: head}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	client := githubstatus.New(githubstatus.Token(githubtest.Token), func(o *githubstatus.Options) { o.BaseURL = server.URL() })
	github := pipelineapproval.New(map[string]*githubstatus.Client{"github.com": client})
	rule := &approval.Reviews{Readers: []approval.PullRequestReader{github}, Reviewers: []string{"octo/owners"}}

	// An Approver of package approval asks the rule about approvals that wait.
	decision, reason, err := rule.Judge(context.Background(), &pipeline.Approval{Execution: &pipeline.Execution{
		Revisions: []pipeline.Revision{{Action: "App", Provider: events.ProviderGitHub, Host: "github.com", Repository: "octo/app", ID: merge, Branch: "main"}},
		Actions:   []pipeline.ActionExecution{{Action: "App", Type: events.ActionType{Category: "Source", Owner: "AWS", Provider: "CodeStarSourceConnection"}}},
	}}, time.Now())
	fmt.Println(decision, err)
	fmt.Println(reason)
	// Output:
	// approve <nil>
	// pull request 12 is approved by lisa
}
