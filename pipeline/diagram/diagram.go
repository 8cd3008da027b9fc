package diagram

import (
	"errors"
	"fmt"

	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/definition"
)

// The limits of a picture: those of CodePipeline for a structure.
const (
	maxStages  = 50
	maxActions = 1000
)

// The widths of an SVG in pixels.
const (
	defaultWidth = 830
	minWidth     = 320
	maxWidth     = 4000
)

// Options say what is drawn, and how. The zero value draws the structure alone.
type Options struct {
	// Execution is drawn with its states. It is an execution of the structure; if
	// there is no structure, its own actions are drawn, as far as they have
	// started. The states of conditions, and those of stages that the actions do
	// not tell, are drawn if it has Stages: see [pipeline.Client.Details].
	Execution *pipeline.Execution
	// Disabled are the disabled transitions: the reason by the name of the stage that
	// executions do not enter. A reason may be empty. [pipeline.Client.Transitions]
	// returns them.
	Disabled map[string]string
	// Theme is the colours of an SVG. The default is [ThemeAuto].
	Theme Theme
	// Width is the greatest width of an SVG in pixels, 320 to 4000. The default of 830
	// is that of a README on GitHub; 400 is that of a phone. A short pipeline makes a
	// narrower picture.
	Width int
}

// Theme is the colours of an SVG.
type Theme string

// The themes.
const (
	ThemeAuto  Theme = "auto" // light or dark, as the reader's system asks for
	ThemeLight Theme = "light"
	ThemeDark  Theme = "dark"
)

// Error is a picture that cannot be drawn.
type Error struct {
	Pipeline string // the pipeline's name; may be empty
	Err      error
}

// Error returns the pipeline and the reason.
func (e *Error) Error() string {
	if e.Pipeline == "" {
		return fmt.Sprintf("diagram: %v", e.Err)
	}
	return fmt.Sprintf("diagram: draw pipeline %q: %v", e.Pipeline, e.Err)
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// SVG draws a structure, or the execution in the options, as an SVG file. The same
// input gives the same bytes. A nil structure needs an execution.
func SVG(p *definition.Pipeline, optFns ...func(*Options)) ([]byte, error) {
	o, pic, err := prepare(p, optFns)
	if err != nil {
		return nil, err
	}
	return pic.svg(o), nil
}

// Mermaid draws a structure, or the execution in the options, as the text of a
// flowchart for Mermaid, which GitHub and GitLab render in a code block of the
// language mermaid. Theme and Width have no effect. A text over Mermaid's limits of
// 50,000 characters and 500 edges would not be rendered, so a large pipeline leaves
// out details first, and then its actions.
func Mermaid(p *definition.Pipeline, optFns ...func(*Options)) (string, error) {
	_, pic, err := prepare(p, optFns)
	if err != nil {
		return "", err
	}
	return pic.mermaid(), nil
}

// prepare checks the options and returns what is to be drawn.
func prepare(p *definition.Pipeline, optFns []func(*Options)) (Options, *picture, error) {
	var o Options
	for _, fn := range optFns {
		fn(&o)
	}
	name, made := "", p == nil
	switch {
	case p != nil:
		name = p.Name
	case o.Execution != nil:
		name = o.Execution.Pipeline
	}
	fail := func(format string, args ...any) (Options, *picture, error) {
		return o, nil, &Error{Pipeline: name, Err: fmt.Errorf(format, args...)}
	}
	if o.Theme == "" {
		o.Theme = ThemeAuto
	}
	if o.Width == 0 {
		o.Width = defaultWidth
	}
	switch {
	case o.Theme != ThemeAuto && o.Theme != ThemeLight && o.Theme != ThemeDark:
		return fail("the theme %q is not known: use auto, light or dark", o.Theme)
	case o.Width < minWidth || o.Width > maxWidth:
		return fail("the width %d is not possible: use %d to %d pixels", o.Width, minWidth, maxWidth)
	case p == nil && o.Execution == nil:
		return o, nil, &Error{Err: errors.New("there is neither a structure nor an execution to draw")}
	case p == nil:
		p = structureOf(o.Execution)
	case o.Execution != nil && o.Execution.Pipeline != "" && p.Name != "" && o.Execution.Pipeline != p.Name:
		return fail("the execution %s is one of the pipeline %q: draw it with that structure", o.Execution.ID, o.Execution.Pipeline)
	}
	if n := len(p.Stages); n > maxStages {
		return fail("it has %d stages: a picture, as a pipeline, has at most %d", n, maxStages)
	}
	actions := 0
	stages := make(map[string]bool, len(p.Stages))
	for i := range p.Stages {
		actions += len(p.Stages[i].Actions)
		stages[p.Stages[i].Name] = true
	}
	if actions > maxActions {
		return fail("it has %d actions: a picture, as a pipeline, has at most %d", actions, maxActions)
	}
	for stage := range o.Disabled {
		if !stages[stage] {
			return fail("Options.Disabled has the stage %q, which the structure does not have", stage)
		}
	}
	return o, newPicture(p, made, o), nil
}
