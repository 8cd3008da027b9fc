package approval_test

import (
	"context"
	"fmt"
	"log"
	"regexp"
	"time"

	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/approval"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// ticket is a rule that approves commits whose messages name a ticket.
type ticket struct{}

var ticketKey = regexp.MustCompile(`\bSHOP-\d+\b`)

func (ticket) Name() string { return "ticket" }

func (ticket) Judge(_ context.Context, a *pipeline.Approval, _ time.Time) (approval.Decision, string, error) {
	for _, r := range a.Execution.Revisions {
		if !ticketKey.MatchString(r.Message) {
			return approval.DecisionWait, fmt.Sprintf("the commit %.7s names no ticket", r.ID), nil
		}
	}
	return approval.DecisionApprove, "the commits name a ticket", nil
}

// A rule of one's own decides about the revisions of the execution that waits.
func ExampleRule() {
	server, err := pipelinetest.Start(pipelinetest.Pipeline{Name: "shop", ExecutionMode: "PARALLEL", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.CodeCommitSource("App", "shop", "main")}},
		{Name: "Production", Actions: []pipelinetest.Action{pipelinetest.ApprovalAction("Release")}},
	}})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	client := pipeline.Open(server.Config()) // in production: that of the account

	approver := approval.New(client, []approval.Policy{{Pipeline: "shop", Rules: []approval.Rule{ticket{}}}})
	ctx := context.Background()
	for _, message := range []string{"Fix a typo", "SHOP-12: fix the price list"} {
		if err := server.SetRevision("shop", "App", pipelinetest.Revision{Message: message}); err != nil {
			log.Fatal(err)
		}
		id, err := client.Start(ctx, "shop")
		if err != nil {
			log.Fatal(err)
		}
		server.Settle()
		if err := approver.Sweep(ctx); err != nil {
			log.Fatal(err)
		}
		server.Settle()
		execution, err := client.Execution(ctx, "shop", id)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %s\n", message, execution.Status)
	}
	// Output:
	// Fix a typo: InProgress
	// SHOP-12: fix the price list: Succeeded
}
