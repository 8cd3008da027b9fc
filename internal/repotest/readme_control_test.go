package repotest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/definition"
	"github.com/codesuite-go/codesuite/pipeline/diagram"
	"github.com/codesuite-go/codesuite/pipeline/multibranch"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func approveAll(ctx context.Context, cfg aws.Config) error {
	client := pipeline.Open(cfg)
	for approval, err := range client.Approvals(ctx, "web") {
		if err != nil {
			return err
		}
		message, err := client.ApprovalMessage(ctx, approval)
		if err != nil {
			return err
		}
		fmt.Println(message.Text()) // the commit, and what is new since the last deployment
		if err := client.Approve(ctx, approval, "all tests are green"); err != nil {
			return err
		}
	}
	return nil
}

func draw(ctx context.Context, cfg aws.Config, structure *definition.Pipeline, id string, w io.Writer) error {
	execution, err := pipeline.Open(cfg).Details(ctx, "web", id)
	if err != nil {
		return err
	}
	svg, err := diagram.SVG(structure, func(o *diagram.Options) { o.Execution = execution })
	if err != nil {
		return err
	}
	_, err = w.Write(svg)
	return err
}

func followBranches(cfg aws.Config) error {
	handler := multibranch.Open(cfg, func(o *multibranch.Options) {
		o.Pipeline = "shop"
		o.Branches = []string{"main", "feature/**"}
	})
	var mux events.Mux
	err := handler.Register(&mux)
	return err
}

// TestControl approves an execution as README.md does, and draws it.
func TestControl(t *testing.T) {
	t.Parallel()
	server := pipelinetest.NewServer(t, pipelinetest.Pipeline{Name: "web", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.CodeCommitSource("Source", "web", "main")}},
		{Name: "Production", Actions: []pipelinetest.Action{pipelinetest.ApprovalAction("Release")}},
	}})
	id, err := pipeline.Open(server.Config()).Start(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	server.Settle()
	if err := approveAll(t.Context(), server.Config()); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	var picture bytes.Buffer
	if err := draw(t.Context(), server.Config(), nil, id, &picture); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(picture.Bytes(), []byte("Succeeded")) {
		t.Errorf("the picture of the approved execution does not say Succeeded:\n%s", picture.Bytes())
	}
}

func TestFollowBranches(t *testing.T) {
	t.Parallel()
	if err := followBranches(aws.Config{Region: "eu-west-1"}); err != nil {
		t.Error(err)
	}
}
