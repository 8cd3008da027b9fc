package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rivo/uniseg"

	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/definition"
)

// view is an execution as a terminal shows it: a line for each stage and each action.
type view struct {
	structure *definition.Pipeline // nil if it is not known
	execution *pipeline.Execution
	now       time.Time
	footer    string
	colors    bool
}

// viewStage is a stage of a view.
type viewStage struct {
	name    string
	state   state
	actions []viewAction
	notes   []string
}

// viewAction is an action of a view; run is nil if it has not started.
type viewAction struct {
	name, provider string
	run            *pipeline.ActionExecution
}

// lines returns the view for a terminal of the width and the height in characters.
// Stages where nothing happens are one line if there is no place for more. A height of
// 0 has no end.
func (v *view) lines(width, height int) []string {
	stages := v.stages()
	out := v.render(stages, width, func(*viewStage) bool { return false })
	if height > 0 && len(out) > height {
		out = v.render(stages, width, func(s *viewStage) bool {
			return s.state == stateNone || s.state == stateSucceeded || s.state == stateSkipped
		})
	}
	if height <= 0 || len(out) <= height {
		return out
	}
	// The first line, what is around the first action that is not done, and the last.
	active := max(slices.IndexFunc(out, func(line string) bool {
		return strings.Contains(line, stateRunning.sign) || strings.Contains(line, stateWaiting.sign) || strings.Contains(line, stateFailed.sign)
	}), 1)
	body := max(height-2, 0)
	start := min(max(active-body/3, 1), max(len(out)-1-body, 1))
	cut := append(slices.Clone(out[:1]), out[start:start+body]...)
	return append(cut, out[len(out)-1])[:height]
}

func (v *view) render(stages []viewStage, width int, short func(*viewStage) bool) []string {
	e := v.execution
	head := stateOf(string(e.Status))
	elapsed := ""
	if !e.Started.IsZero() {
		elapsed = duration(v.end().Sub(e.Started))
	}
	out := []string{v.line(width, head.color, bold+head.sign+" "+shown(e.Pipeline)+plain, head.word, elapsed, "execution "+shown(e.ID))}
	var about []string
	if e.Type == pipeline.ExecutionRollback {
		about = append(about, "goes back to "+e.RollbackTarget)
	}
	for _, variable := range e.Variables {
		about = append(about, variable.Name+"="+variable.Value)
	}
	if e.StatusSummary != "" {
		about = append(about, e.StatusSummary)
	}
	if len(about) > 0 {
		out = append(out, v.line(width, faint, "  "+shown(strings.Join(about, "  "))))
	}
	c := v.columns(stages, width)
	for i := range stages {
		s := &stages[i]
		if short(s) {
			out = append(out, v.line(width, s.state.color, fmt.Sprintf("%s %s", s.state.sign, shown(s.name)), s.state.word, fmt.Sprintf("%d actions", len(s.actions))))
			continue
		}
		out = append(out, v.line(width, s.state.color, fmt.Sprintf("%s %s", s.state.sign, bold+shown(s.name)+plain), s.state.word))
		for _, note := range s.notes {
			out = append(out, v.line(width, faint, "    "+shown(note)))
		}
		for _, a := range s.actions {
			out = append(out, v.action(c, &a, width))
		}
	}
	return append(out, v.line(width, faint, v.footer))
}

// columns are the widths of the columns of actions; 0 leaves one out.
type columns struct{ name, provider, word, time int }

func (v *view) columns(stages []viewStage, width int) columns {
	c := columns{word: len("succeeded"), time: len("10m59s")}
	for _, s := range stages {
		for _, a := range s.actions {
			c.name = max(c.name, uniseg.StringWidth(shown(a.name)))
			c.provider = max(c.provider, uniseg.StringWidth(shown(a.provider)))
		}
	}
	c.name = min(c.name, max(width/3, 8))
	if c.provider = min(c.provider, 24); width < c.name+c.provider+c.word+c.time+30 {
		c.provider = 0
	}
	return c
}

// action returns the line of an action.
func (v *view) action(c columns, a *viewAction, width int) string {
	st := actionState(a.run)
	took, detail := "", ""
	if run := a.run; run != nil {
		end := run.Updated
		if !run.Status.Terminal() {
			end = v.now
		}
		took, detail = duration(end.Sub(run.Started)), v.detail(run)
	}
	cells := []string{"  " + st.sign + " " + fit(shown(a.name), c.name)}
	if c.provider > 0 {
		cells = append(cells, fit(shown(a.provider), c.provider))
	}
	cells = append(cells, fit(st.word, c.word), fmt.Sprintf("%*s", c.time, took), shown(detail))
	return v.line(width, st.color, cells...)
}

// detail returns what there is to say about a run: why it failed, what it waits for,
// what it fetched, or its report.
func (v *view) detail(run *pipeline.ActionExecution) string {
	again := ""
	if run.Runs > 1 {
		again = fmt.Sprintf("run %d  ", run.Runs)
	}
	for i := range v.execution.Revisions {
		if r := &v.execution.Revisions[i]; r.Stage == run.Stage && r.Action == run.Action {
			return again + revision(r)
		}
	}
	if run.Waiting() {
		return again + run.Configuration["CustomData"]
	}
	return again + cmp.Or(run.ErrorMessage, run.Summary)
}

// end returns the time to which the execution has lasted.
func (v *view) end() time.Time {
	if !v.execution.Status.Terminal() {
		return v.now
	}
	end := v.execution.Started
	for i := range v.execution.Actions {
		if updated := v.execution.Actions[i].Updated; updated.After(end) {
			end = updated
		}
	}
	return end
}

// line joins cells with two spaces, in a color but for the cells that bring their own,
// and cuts what does not fit.
func (v *view) line(width int, color string, cells ...string) string {
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	var b strings.Builder
	left := width
	for i, cell := range cells {
		if cell == "" {
			continue
		}
		if i > 0 {
			cell = "  " + cell
		}
		text := strings.NewReplacer(bold, "", plain, "").Replace(cell)
		cut := fitted(text, left)
		left -= uniseg.StringWidth(cut)
		switch {
		case !v.colors:
			b.WriteString(cut)
		case cut == text && strings.Contains(cell, bold):
			b.WriteString(color + cell)
		case i < len(cells)-1 || i == 0:
			b.WriteString(paint(color, cut))
		default:
			b.WriteString(cut) // the detail
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// fit returns a text of exactly the width.
func fit(text string, width int) string {
	text = fitted(text, width)
	return text + strings.Repeat(" ", max(width-uniseg.StringWidth(text), 0))
}

// fitted returns a text of at most the width; one that was cut ends with an ellipsis.
func fitted(text string, width int) string {
	if uniseg.StringWidth(text) <= width {
		return text
	}
	if width < 1 {
		return ""
	}
	var b strings.Builder
	used, state := 0, -1
	for text != "" {
		cluster, rest, w, next := uniseg.FirstGraphemeClusterInString(text, state)
		if used+w > width-1 {
			break
		}
		b.WriteString(cluster)
		used, text, state = used+w, rest, next
	}
	return b.String() + "…"
}

// stages returns the stages of the structure, or of the runs if it is not known.
func (v *view) stages() []viewStage {
	var stages []viewStage
	if v.structure == nil {
		for i := range v.execution.Actions {
			run := &v.execution.Actions[i]
			at := slices.IndexFunc(stages, func(s viewStage) bool { return s.name == run.Stage })
			if at < 0 {
				at, stages = len(stages), append(stages, viewStage{name: run.Stage})
			}
			stages[at].actions = append(stages[at].actions, viewAction{run.Action, run.Type.Provider, run})
		}
	} else {
		for i := range v.structure.Stages {
			stages = append(stages, v.stage(&v.structure.Stages[i]))
		}
	}
	for i := range stages {
		stages[i].state = v.stageState(&stages[i])
		stages[i].notes = v.notes(stages[i].name)
	}
	return stages
}

// notes returns what there is to say about a stage: its conditions with their rules,
// and its retries.
func (v *view) notes(name string) (notes []string) {
	for _, e := range v.execution.Stages {
		if e.Name != name {
			continue
		}
		for _, c := range e.Conditions {
			if c.Status == "" {
				continue
			}
			note := "condition " + when(c.Type) + ": " + stateOf(string(c.Status)).word
			if !passed(c.Status) && c.Type != pipeline.ConditionOnFailure {
				note += ", so " + c.Result
			}
			for _, r := range c.Rules {
				note += "; " + r.Rule + " " + cmp.Or(stateOf(string(r.Status)).word, "not started") + ifSet(": ", cmp.Or(r.ErrorMessage, r.Summary), "")
			}
			notes = append(notes, note)
		}
		if e.Attempt > 1 {
			notes = append(notes, fmt.Sprintf("attempt %d%s", e.Attempt, ifSet(" (", string(e.LatestRetry), ")")))
		}
	}
	return notes
}

// passed reports whether a condition lets the execution go on, or may do so.
func passed(s pipeline.ConditionStatus) bool {
	return s == pipeline.ConditionSucceeded || s == pipeline.ConditionOverridden || s == pipeline.ConditionInProgress
}

// stage returns a stage of the structure with its actions in the order in which they
// run.
func (v *view) stage(s *definition.Stage) viewStage {
	out := viewStage{name: s.Name}
	actions := slices.Clone(s.Actions)
	slices.SortStableFunc(actions, func(a, b definition.Action) int { return cmp.Or(a.RunOrder, 1) - cmp.Or(b.RunOrder, 1) })
	for _, a := range actions {
		shown := viewAction{name: a.Name}
		if a.Provider != nil {
			shown.provider = a.Provider.ActionType().Provider
		}
		for i := range v.execution.Actions {
			if run := &v.execution.Actions[i]; run.Stage == s.Name && run.Action == a.Name {
				shown.run = run
			}
		}
		out.actions = append(out.actions, shown)
	}
	return out
}

// stageState returns the state of a stage: that of the API, or what its actions say.
func (v *view) stageState(s *viewStage) state {
	for _, e := range v.execution.Stages {
		if e.Name == s.name && e.Status != "" {
			return stateOf(string(e.Status))
		}
	}
	ended, started := 0, 0
	failed := false
	for _, a := range s.actions {
		switch st := actionState(a.run); st {
		case stateNone:
			continue
		case stateRunning, stateWaiting:
			return stateRunning
		case stateFailed:
			failed = true
		case stateSucceeded:
			ended++
		}
		started++
	}
	switch {
	case started == 0:
		return stateNone
	case failed:
		return stateFailed
	case ended == len(s.actions):
		return stateSucceeded
	case v.execution.Status.Terminal():
		return stateOf(string(v.execution.Status))
	}
	return stateRunning
}
