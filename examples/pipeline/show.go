package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/codesuite-go/codesuite/pipeline/definition"
)

// runShow prints the structures of a file, or that of a pipeline of the account.
func runShow(s *session, ctx context.Context, inv *invocation) error {
	structures, err := s.structures(ctx, inv, inv.operands)
	if err != nil {
		return err
	}
	for i, found := range structures {
		masked, err := found.pipeline.Masked(s.types...)
		if err != nil {
			return err
		}
		if inv.json {
			text, err := (&definition.Document{Pipeline: *masked}).JSON()
			if err != nil {
				return err
			}
			if _, err := s.stdout.Write(escapeControls(text)); err != nil {
				return err
			}
			continue
		}
		p := page{region: found.region}
		if i > 0 {
			p.text.WriteByte('\n')
		}
		p.structure(masked)
		if _, err := io.WriteString(s.stdout, p.text.String()); err != nil {
			return err
		}
	}
	return nil
}

// structures returns the pipelines that an operand names: those of a file, or one of
// the account. Without an operand they are those of -local.
func (s *session) structures(ctx context.Context, inv *invocation, operands []string) ([]structure, error) {
	if len(operands) > 0 && isFile(operands[0]) {
		return readStructures(operands[0], s.stdin)
	}
	names := operands
	if len(names) == 0 {
		if s.local == nil {
			return nil, usagef("%s: name a pipeline or a file", inv.verb.name)
		}
		names = s.local.names
	}
	api, err := s.api(ctx, inv)
	if err != nil {
		return nil, err
	}
	var found []structure
	for _, name := range names {
		document, err := definition.Get(ctx, api, name)
		if err != nil {
			return nil, err
		}
		found = append(found, structure{file: name, pipeline: &document.Pipeline, region: api.Options().Region})
	}
	return found, nil
}

// page is a text in columns.
type page struct {
	text   strings.Builder
	region string // of the pipeline, which goes without saying
}

// table adds lines whose columns are aligned.
func (p *page) table(indent string, rows [][]string) {
	tab := tabwriter.NewWriter(&p.text, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i := range row {
			row[i] = shown(row[i])
		}
		fmt.Fprintf(tab, "%s%s\n", indent, strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	tab.Flush()
}

// structure adds a structure.
func (p *page) structure(d *definition.Pipeline) {
	head := []string{string(cmp.Or(d.Type, definition.PipelineTypeV1)), string(cmp.Or(d.ExecutionMode, "SUPERSEDED"))}
	if d.Version > 0 {
		head = append(head, fmt.Sprintf("version %d", d.Version))
	}
	fmt.Fprintf(&p.text, "%s (%s)\n", shown(d.Name), strings.Join(head, ", "))
	rows := [][]string{{"role", d.RoleARN}}
	if d.ArtifactStore != nil {
		rows = append(rows, []string{"artifacts", store(*d.ArtifactStore)})
	}
	for _, region := range slices.Sorted(maps.Keys(d.ArtifactStores)) {
		rows = append(rows, []string{"artifacts", region + ": " + store(d.ArtifactStores[region])})
	}
	for _, v := range d.Variables {
		value := "without a default"
		if v.DefaultValue != "" {
			value = "= " + v.DefaultValue
		}
		rows = append(rows, []string{"variable", v.Name + " " + value + ifSet(" (", v.Description, ")")})
	}
	for _, t := range d.Triggers {
		rows = append(rows, []string{"trigger", compact(t)})
	}
	p.table("  ", rows)
	for _, stage := range d.Stages {
		p.stage(&stage)
	}
}

func store(s definition.ArtifactStore) string {
	if s.EncryptionKey == nil {
		return s.Bucket
	}
	return s.Bucket + ", key " + s.EncryptionKey.ID
}

// stage adds a stage with its actions in the order in which they run.
func (p *page) stage(stage *definition.Stage) {
	fmt.Fprintf(&p.text, "\n  %s\n", shown(stage.Name))
	p.conditions("before entry", stage.BeforeEntry)
	actions := slices.Clone(stage.Actions)
	slices.SortStableFunc(actions, func(a, b definition.Action) int { return cmp.Or(a.RunOrder, 1) - cmp.Or(b.RunOrder, 1) })
	for i := range actions {
		p.action(&actions[i])
	}
	p.conditions("on success", stage.OnSuccess)
	if f := stage.OnFailure; f != nil {
		text := "on failure: " + string(f.Result)
		if f.Retry != nil {
			text += " " + string(f.Retry.Mode)
		}
		for _, c := range f.Conditions {
			text += string(c.Result) + " if " + rules(c)
		}
		p.table("    ", [][]string{{text}})
	}
}

// action adds an action: its order and name, type and artifacts, and below them its
// configuration.
func (p *page) action(a *definition.Action) {
	head := []string{fmt.Sprintf("%d %s", cmp.Or(a.RunOrder, 1), a.Name)}
	if a.Provider != nil {
		head = append(head, a.Provider.ActionType().String())
	}
	if len(a.Inputs)+len(a.Outputs) > 0 {
		head = append(head, names(a.Inputs)+" -> "+names(a.Outputs))
	}
	p.table("    ", [][]string{head})
	var rows [][]string
	if a.Provider != nil {
		configuration, err := definition.Configuration(a.Provider)
		if err != nil {
			rows = append(rows, []string{err.Error()})
		}
		for _, key := range slices.Sorted(maps.Keys(configuration)) {
			rows = append(rows, []string{key, configuration[key]})
		}
	}
	for _, c := range a.Commands {
		rows = append(rows, []string{"$ " + c})
	}
	for _, v := range a.EnvironmentVariables {
		rows = append(rows, []string{"environment", v.Name + "=" + v.Value + ifSet(" (", string(v.Type), ")")})
	}
	if a.Region != "" && a.Region != p.region {
		rows = append(rows, []string{"region", a.Region})
	}
	if a.RoleARN != "" {
		rows = append(rows, []string{"role", a.RoleARN})
	}
	if a.Namespace != "" {
		rows = append(rows, []string{"namespace", a.Namespace})
	}
	if a.TimeoutInMinutes != 0 {
		rows = append(rows, []string{"timeout", fmt.Sprintf("%d minutes", a.TimeoutInMinutes)})
	}
	p.table("        ", rows)
}

// conditions adds conditions of a stage.
func (p *page) conditions(when string, c *definition.Conditions) {
	if c == nil {
		return
	}
	for _, condition := range c.Conditions {
		p.table("    ", [][]string{{when + ": " + string(condition.Result) + " unless " + rules(condition)}})
	}
}

// rules returns the rules of a condition.
func rules(c definition.Condition) string {
	list := make([]string, len(c.Rules))
	for i, r := range c.Rules {
		list[i] = r.Name
		if r.Provider == nil {
			continue
		}
		words := []string{r.Provider.ActionType().Provider}
		if configuration, err := definition.Configuration(r.Provider); err == nil {
			for _, key := range slices.Sorted(maps.Keys(configuration)) {
				words = append(words, key+"="+configuration[key])
			}
		}
		list[i] += " (" + strings.Join(words, " ") + ")"
	}
	return strings.Join(list, " and ")
}

func names(artifacts []definition.Artifact) string {
	list := make([]string, len(artifacts))
	for i, a := range artifacts {
		list[i] = a.Name
	}
	return strings.Join(list, ", ")
}

// ifSet returns the text with what goes around it, nothing for "".
func ifSet(before, text, after string) string {
	if text == "" {
		return ""
	}
	return before + text + after
}

func compact(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
