package approval_test

import (
	"context"
	"fmt"
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/approval"
)

// builds reads the results of builds, which a program keeps by the ID of the commit.
type builds map[string][]approval.StatusCheck

func (b builds) Reads(s approval.Subject) bool { return s.Provider == events.ProviderCodeCommit }

func (b builds) StatusChecks(_ context.Context, s approval.Subject) ([]approval.StatusCheck, error) {
	return b[s.ID], nil
}

// CodeCommit has no statuses of commits, so that this program has a reader of its own.
// That for GitHub is in package githubstatus/pipelineapproval.
func ExampleStatuses() {
	const commit = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
	results := builds{}
	rule := &approval.Statuses{
		Readers:  []approval.StatusReader{results},
		Required: []approval.RequiredStatus{{Context: "unit tests"}},
		Ignore:   []string{"nightly *"},
	}
	// An Approver asks the rule about approvals that wait.
	waiting := &pipeline.Approval{Pipeline: "shop", Execution: &pipeline.Execution{
		Revisions: []pipeline.Revision{{Action: "App", Provider: events.ProviderCodeCommit, Repository: "shop", ID: commit}},
		Actions:   []pipeline.ActionExecution{{Action: "App", Type: events.ActionType{Category: "Source", Owner: "AWS", Provider: "CodeCommit"}}},
	}}
	for _, checks := range [][]approval.StatusCheck{
		{{Context: "lint", State: approval.CheckPassed}},
		{{Context: "lint", State: approval.CheckPassed}, {Context: "unit tests", State: approval.CheckPending}},
		{{Context: "lint", State: approval.CheckPassed}, {Context: "unit tests", State: approval.CheckPassed}, {Context: "nightly load", State: approval.CheckFailed}},
	} {
		results[commit] = checks
		decision, reason, err := rule.Judge(context.Background(), waiting, time.Now())
		fmt.Println(decision, reason, err)
	}
	// Output:
	// wait missing on source action App (shop@6dcb09b): unit tests <nil>
	// wait pending on source action App (shop@6dcb09b): unit tests <nil>
	// approve 2 passed, none pending or failed <nil>
}
