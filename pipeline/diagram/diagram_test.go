package diagram_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/definition"
	"github.com/codesuite-go/codesuite/pipeline/diagram"
)

// sized is a pipeline with so many stages of so many actions.
func sized(stages, actions int) *definition.Pipeline {
	p := &definition.Pipeline{Name: "sized"}
	for i := range stages {
		s := definition.Stage{Name: fmt.Sprintf("Stage%d", i)}
		for j := range actions {
			s.Actions = append(s.Actions, definition.Action{
				Name: fmt.Sprintf("Action%d", j), RunOrder: j/3 + 1, Namespace: "Names",
				Provider: definition.CodeBuild{ProjectName: "web"}, Inputs: definition.Artifacts("Source"), Outputs: definition.Artifacts("Binary"),
			})
		}
		p.Stages = append(p.Stages, s)
	}
	return p
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		structure *definition.Pipeline
		options   func(*diagram.Options)
		want      string
	}{
		{"nothing", nil, func(*diagram.Options) {}, "diagram: there is neither a structure nor an execution to draw"},
		{"theme", site(), func(o *diagram.Options) { o.Theme = "blue" }, `diagram: draw pipeline "site": the theme "blue" is not known: use auto, light or dark`},
		{"narrow", site(), func(o *diagram.Options) { o.Width = 319 }, `diagram: draw pipeline "site": the width 319 is not possible: use 320 to 4000 pixels`},
		{"wide", site(), func(o *diagram.Options) { o.Width = 4001 }, `diagram: draw pipeline "site": the width 4001 is not possible: use 320 to 4000 pixels`},
		{"other pipeline", site(), func(o *diagram.Options) { o.Execution = &pipeline.Execution{Pipeline: "shop", ID: "1"} }, `diagram: draw pipeline "site": the execution 1 is one of the pipeline "shop": draw it with that structure`},
		{"stages", sized(51, 1), func(*diagram.Options) {}, `diagram: draw pipeline "sized": it has 51 stages: a picture, as a pipeline, has at most 50`},
		{"actions", sized(11, 91), func(*diagram.Options) {}, `diagram: draw pipeline "sized": it has 1001 actions: a picture, as a pipeline, has at most 1000`},
		{"transition", site(), func(o *diagram.Options) { o.Disabled = map[string]string{"Test": ""} }, `diagram: draw pipeline "site": Options.Disabled has the stage "Test", which the structure does not have`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, svgErr := diagram.SVG(test.structure, test.options)
			_, mermaidErr := diagram.Mermaid(test.structure, test.options)
			for _, err := range []error{svgErr, mermaidErr} {
				var typed *diagram.Error
				if !errors.As(err, &typed) {
					t.Fatalf("error %v, want a *diagram.Error", err)
				}
				if diff := cmp.Diff(test.want, err.Error()); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
			}
		})
	}
}
