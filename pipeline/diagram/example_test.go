package diagram_test

import (
	"bytes"
	"fmt"
	"log"
	"strings"

	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/definition"
	"github.com/codesuite-go/codesuite/pipeline/diagram"
)

func ExampleMermaid() {
	text, err := diagram.Mermaid(&definition.Pipeline{
		Name: "site",
		Stages: []definition.Stage{
			{Name: "Source", Actions: []definition.Action{{
				Name: "Fetch", Provider: definition.CodeCommitSource{RepositoryName: "site", BranchName: "main"}, Outputs: definition.Artifacts("Source"),
			}}},
			{Name: "Build", Actions: []definition.Action{{
				Name: "Render", Provider: definition.CodeBuild{ProjectName: "site"}, Inputs: definition.Artifacts("Source"),
			}}},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(text)
	// Output:
	// flowchart LR
	//     accTitle: Pipeline site
	//     subgraph s0["Source"]
	//         direction TB
	//         s0a0(["Fetch<br/>CodeCommit<br/>site #64; main<br/>→ Source"])
	//     end
	//     subgraph s1["Build"]
	//         direction TB
	//         s1a0["Render<br/>CodeBuild<br/>site<br/>Source →"]
	//     end
	//     s0 --> s1
}

func ExampleSVG() {
	structure := &definition.Pipeline{
		Name:   "site",
		Stages: []definition.Stage{{Name: "Source", Actions: []definition.Action{{Name: "Fetch", Provider: definition.ECRSource{RepositoryName: "site"}}}}},
	}
	execution := &pipeline.Execution{
		Pipeline: "site", ID: "3f1c9f2e-6f0c-4f0e-9c55-1d7a3b2f8a10", Status: pipeline.StatusFailed,
		Actions: []pipeline.ActionExecution{{Stage: "Source", Action: "Fetch", Status: pipeline.ActionFailed, Runs: 1}},
	}
	svg, err := diagram.SVG(structure, func(o *diagram.Options) {
		o.Execution = execution
		o.Theme = diagram.ThemeDark
	})
	if err != nil {
		log.Fatal(err)
	}
	for line := range bytes.Lines(svg) {
		if text := string(line); strings.HasPrefix(text, "<desc>") {
			fmt.Print(text)
		}
	}
	// Output:
	// <desc>Type V1 · SUPERSEDED. Execution 3f1c9f2e. Stage Source (failed): Fetch by ECR (failed).</desc>
}
