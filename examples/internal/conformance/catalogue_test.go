package conformance_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/definition"
)

// catalogueChecks compare what the library knows of CodePipeline by heart with the
// service. Nothing is created.
var catalogueChecks = []check{
	{
		name:      "action types",
		assumes:   "The action types that the catalogue and ListActionTypes share have the same numbers of artifacts and the same required properties.",
		rests:     []string{"pipeline/actiontype.BuiltIn", "pipeline/definition.Pipeline.Check"},
		want:      "as in the catalogue",
		otherwise: "Check refuses what the service takes, or the reverse.",
		run: func(ctx context.Context, w *world) (string, error) {
			return compareTypes(actiontype.BuiltIn(), func(yield func(actiontype.Type, error) bool) {
				for _, owner := range []string{actiontype.OwnerAWS, actiontype.OwnerThirdParty} {
					for t, err := range actiontype.List(ctx, w.codepipeline, owner) {
						if !yield(t, err) {
							return
						}
					}
				}
			}, false)
		},
	},
	{
		name:      "rule types",
		assumes:   "ListRuleTypes has the rules of the catalogue, with the same required properties.",
		rests:     []string{"pipeline/actiontype.RuleTypes", "pipeline/definition.Pipeline.Check"},
		want:      "as in the catalogue",
		otherwise: "Check refuses what the service takes, or the reverse.",
		run: func(ctx context.Context, w *world) (string, error) {
			return compareTypes(actiontype.RuleTypes(), actiontype.ListRules(ctx, w.codepipeline), true)
		},
	},
	{
		name:      "refused structures",
		assumes:   "The service refuses structures that Check finds errors in.",
		rests:     []string{"pipeline/definition.Pipeline.Check", "pipeline/pipelinetest.Server"},
		want:      "all are refused",
		otherwise: "Check refuses what the service takes.",
		needs:     []need{needRole},
		run: func(ctx context.Context, w *world) (string, error) {
			var odd []string
			for _, s := range refusedStructures {
				d, err := w.declaration(ctx, w.name+"-refused", nil, types.StageDeclaration{Name: aws.String("Two"), Actions: []types.ActionDeclaration{approvalAction("One", nil)}})
				if err != nil {
					return "", err
				}
				s.change(d)
				p, err := definition.FromDeclaration(d)
				if err != nil {
					return "", err
				}
				if !slices.ContainsFunc(p.Check(), func(f definition.Finding) bool { return f.Severity == definition.SeverityError }) {
					return "", fmt.Errorf("%s: Check finds no error", s.name)
				}
				_, err = w.codepipeline.CreatePipeline(ctx, &awscodepipeline.CreatePipelineInput{Pipeline: d})
				text, err := answer(err)
				if err != nil {
					return "", err
				}
				if text == "success" {
					odd = append(odd, s.name+" is taken")
					if _, err := w.codepipeline.DeletePipeline(ctx, &awscodepipeline.DeletePipelineInput{Name: d.Name}); err != nil {
						return "", err
					}
				}
			}
			return yes(len(odd) == 0, "all are refused", "%s", strings.Join(odd, ", "))
		},
	},
}

// refusedStructures change a structure that the service takes: with a stage Source,
// whose action has the artifact Source, and a stage Two with the approval One.
var refusedStructures = []struct {
	name   string
	change func(*types.PipelineDeclaration)
}{
	{"one stage", func(p *types.PipelineDeclaration) { p.Stages = p.Stages[:1] }},
	{"two stages of a name", func(p *types.PipelineDeclaration) { p.Stages[1].Name = aws.String("Source") }},
	{"two actions of a name", func(p *types.PipelineDeclaration) {
		p.Stages[1].Actions = append(p.Stages[1].Actions, approvalAction("One", nil))
	}},
	{"an approval among sources", func(p *types.PipelineDeclaration) {
		p.Stages[0].Actions = append(p.Stages[0].Actions, approvalAction("Wait", nil))
	}},
	{"a source in the second stage", func(p *types.PipelineDeclaration) {
		late := p.Stages[0].Actions[0]
		late.Name, late.OutputArtifacts = aws.String("Late"), []types.OutputArtifact{{Name: aws.String("Late")}}
		p.Stages[1].Actions = append(p.Stages[1].Actions, late)
	}},
	{"an artifact of nobody", func(p *types.PipelineDeclaration) {
		p.Stages[1].Actions = append(p.Stages[1].Actions, commandsOf("Nobody"))
	}},
	{"commands of type V1", func(p *types.PipelineDeclaration) {
		p.PipelineType = types.PipelineTypeV1
		p.Stages[1].Actions = append(p.Stages[1].Actions, commandsOf("Source"))
	}},
	{"two variables of a name", func(p *types.PipelineDeclaration) {
		v := types.PipelineVariableDeclaration{Name: aws.String("A"), DefaultValue: aws.String("1")}
		p.Variables = []types.PipelineVariableDeclaration{v, v}
	}},
	{"a namespace that is reserved", func(p *types.PipelineDeclaration) { p.Stages[0].Actions[0].Namespace = aws.String("variables") }},
	{"two actions of a namespace", func(p *types.PipelineDeclaration) {
		for i := range p.Stages {
			p.Stages[i].Actions[0].Namespace = aws.String("Same")
		}
	}},
}

func commandsOf(input string) types.ActionDeclaration {
	return types.ActionDeclaration{
		Name: aws.String("Run"), ActionTypeId: awsType(types.ActionCategoryCompute, "Commands"), Commands: []string{"true"},
		InputArtifacts: []types.InputArtifact{{Name: &input}},
	}
}

// compareTypes says how types of the catalogue differ from those of the service. With
// all, each must be there: a Region may lack action types.
func compareTypes(catalogue []actiontype.Type, listed iter.Seq2[actiontype.Type, error], all bool) (string, error) {
	service := make(map[string]actiontype.Type)
	for t, err := range listed {
		if err != nil {
			return answer(err)
		}
		service[t.Owner+"/"+t.Category+"/"+t.Provider] = t
	}
	if len(service) == 0 {
		return "there are no types", nil
	}
	required := func(t actiontype.Type) string {
		var names []string
		for _, p := range t.Properties {
			if p.Required {
				names = append(names, p.Name)
			}
		}
		slices.Sort(names)
		return strings.Join(names, " ")
	}
	var odd []string
	for _, t := range catalogue {
		name := t.Owner + "/" + t.Category + "/" + t.Provider
		s, ok := service[name]
		switch {
		case !ok && all:
			odd = append(odd, name+" is missing")
		case !ok:
		case s.Inputs != t.Inputs || s.Outputs != t.Outputs:
			odd = append(odd, fmt.Sprintf("%s has %v inputs and %v outputs, not %v and %v", name, s.Inputs, s.Outputs, t.Inputs, t.Outputs))
		case required(s) != required(t):
			odd = append(odd, fmt.Sprintf("%s needs %q, not %q", name, required(s), required(t)))
		}
	}
	return yes(len(odd) == 0, "as in the catalogue", "%s", strings.Join(odd, "; "))
}
