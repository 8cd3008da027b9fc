package approval_test

import (
	"context"
	"fmt"
	"time"

	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/approval"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// An approval waits for the change window, and a schedule that calls Sweep every few
// minutes approves it then.
func ExampleApprover_Sweep() {
	server, err := pipelinetest.Start(pipelinetest.Pipeline{Name: "shop", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.CodeCommitSource("App", "shop", "main")}},
		{Name: "Production", Actions: []pipelinetest.Action{pipelinetest.ApprovalAction("Release")}},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := pipeline.Open(server.Config()) // in production: that of the account
	now := time.Date(2026, 3, 2, 8, 55, 0, 0, time.UTC)

	approver := approval.New(client, []approval.Policy{{
		Pipeline: "shop", Stage: "Production",
		Rules: []approval.Rule{&approval.Window{From: 9 * time.Hour, To: 16 * time.Hour}},
	}}, func(o *approval.Options) {
		o.Now = func() time.Time { return now }
	})

	ctx := context.Background()
	id, err := client.Start(ctx, "shop")
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		server.Settle()
		if err := approver.Sweep(ctx); err != nil {
			fmt.Println(err)
			return
		}
		server.Settle()
		execution, err := client.Execution(ctx, "shop", id)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(now.Format(time.TimeOnly), execution.Status)
		now = now.Add(5 * time.Minute)
	}
	// Output:
	// 08:55:00 InProgress
	// 09:00:00 Succeeded
}

// The policies of a program are mostly a file or a variable of the environment.
func ExampleParsePolicies() {
	policies, err := approval.ParsePolicies([]byte(`[{
		"pipeline": "shop",
		"window": {"time_zone": "UTC", "days": ["mon-thu"], "from": "09:00", "to": "16:00"}
	}]`), approval.Readers{})
	if err != nil {
		fmt.Println(err)
		return
	}
	friday := time.Date(2026, 3, 6, 10, 0, 0, 0, time.UTC)
	decision, reason, err := policies[0].Rules[0].Judge(context.Background(), nil, friday)
	fmt.Println(decision, err)
	fmt.Println(reason)
	// Output:
	// wait <nil>
	// the change window is closed until Mon 2026-03-09 09:00 UTC
}
