package diagram

import (
	"fmt"
	"strings"

	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/internal/svg"
)

// The limits of Mermaid in its usual configuration, which GitHub keeps.
const (
	mermaidText  = 50_000 // characters
	mermaidEdges = 500
	mermaidLine  = 60 // characters of a line of a label, which Mermaid does not limit
)

// detail is how much of a picture a flowchart shows.
type detail int

const (
	detailAll    detail = iota
	detailNames         // names and states of actions
	detailStages        // names and states of stages
)

// mermaid returns the picture as the text of a flowchart, with as much detail as
// Mermaid takes.
func (pic *picture) mermaid() string {
	for d := detailAll; ; d++ {
		f := newFlowchart(pic, d)
		if d == detailStages || len(f.String()) < mermaidText && f.edges <= mermaidEdges {
			return f.String()
		}
	}
}

// flowchart writes a flowchart.
type flowchart struct {
	strings.Builder
	detail  detail
	edges   int
	classes []string // lines with the classes of nodes
}

func newFlowchart(pic *picture, d detail) *flowchart {
	f := &flowchart{detail: d}
	// Stages stand side by side as long as a page is wide enough.
	outer, inner := "LR", "TB"
	if len(pic.stages) > 5 {
		outer, inner = "TB", "LR"
	}
	fmt.Fprintf(f, "flowchart %s\n", outer)
	fmt.Fprintf(f, "    accTitle: %s\n", entities(pic.title()))
	previous := ""
	if len(pic.starts) > 0 && len(pic.stages) > 0 {
		f.node("    ", "start", "([", "])", "", pic.starts...)
		previous = "start"
	}
	for i := range pic.stages {
		s := &pic.stages[i]
		id := fmt.Sprintf("s%d", i)
		f.stage(s, id, inner)
		switch {
		case previous != "" && s.disabled:
			f.edge("    %s -. \"Transition disabled\" .-x %s\n", previous, id)
		case previous != "":
			f.edge("    %s --> %s\n", previous, id)
		}
		previous = id
	}
	f.style()
	return f
}

func (f *flowchart) edge(format, from, to string) {
	f.edges++
	fmt.Fprintf(f, format, from, to)
}

// node writes a node with a label of several lines.
func (f *flowchart) node(indent, id, open, end string, s state, lines ...string) {
	var label []string
	for _, line := range lines {
		if line != "" {
			label = append(label, entities(awstext.Cut(line, mermaidLine)))
		}
	}
	fmt.Fprintf(f, "%s%s%s\"%s\"%s\n", indent, id, open, strings.Join(label, "<br/>"), end)
	f.class(id, s)
}

func (f *flowchart) class(id string, s state) {
	if s != "" {
		f.classes = append(f.classes, fmt.Sprintf("    class %s %s\n", id, s.look().tone))
	}
}

// stage writes a stage as a subgraph, or as a node if there is no room for its
// actions.
func (f *flowchart) stage(s *stage, id, direction string) {
	title := s.name
	if s.state != "" {
		title += ": " + string(s.state)
	}
	actions := 0
	for _, group := range s.groups {
		actions += len(group)
	}
	if f.detail == detailStages || actions == 0 {
		count := fmt.Sprintf("%d actions", actions)
		if actions == 1 {
			count = "1 action"
		}
		f.node("    ", id, "[", "]", s.state, title, count)
		return
	}
	fmt.Fprintf(f, "    subgraph %s[\"%s\"]\n        direction %s\n", id, entities(awstext.Cut(title, mermaidLine)), direction)
	var last []string // the nodes before the next ones
	for i := range s.before {
		last = f.gate(&s.before[i], fmt.Sprintf("%sb%d", id, i), last, "-->")
	}
	n := 0
	for i, group := range s.groups {
		var ids []string
		for j := range group {
			a := fmt.Sprintf("%sa%d", id, n)
			n++
			f.action(&group[j], a)
			ids = append(ids, a)
		}
		f.connect(last, ids, fmt.Sprintf("%sj%d", id, i), "-->")
		last = ids
	}
	end := last
	for i := range s.success {
		last = f.gate(&s.success[i], fmt.Sprintf("%ss%d", id, i), last, "-->")
	}
	for i := range s.failure {
		f.gate(&s.failure[i], fmt.Sprintf("%sf%d", id, i), end[len(end)-1:], "-.->")
	}
	f.WriteString("    end\n")
	f.class(id, s.state)
}

// connect writes the edges between two groups, by a node between them if there
// would be many.
func (f *flowchart) connect(from, to []string, join, arrow string) {
	if len(from) > 1 && len(to) > 1 && len(from)*len(to) > 6 {
		fmt.Fprintf(f, "        %s((\" \"))\n", join)
		f.edgesBetween(from, []string{join}, arrow)
		from = []string{join}
	}
	f.edgesBetween(from, to, arrow)
}

func (f *flowchart) edgesBetween(from, to []string, arrow string) {
	if len(from) == 0 {
		return
	}
	f.edges += len(from) * len(to)
	fmt.Fprintf(f, "        %s %s %s\n", strings.Join(from, " & "), arrow, strings.Join(to, " & "))
}

func (f *flowchart) action(b *box, id string) {
	open, end := "[", "]"
	switch b.category {
	case "Source":
		open, end = "([", "])"
	case "Approval":
		open, end = "[/", "/]"
	}
	lines := []string{b.name}
	if f.detail == detailAll {
		lines = append(lines, b.provider, b.subject, b.revision, b.region)
		if b.inputs != "" || b.outputs != "" {
			lines = append(lines, strings.TrimSpace(b.inputs+" → "+b.outputs))
		}
	}
	if b.state != "" {
		word := string(b.state)
		if b.time != "" {
			word += ", " + b.time
		}
		if b.runs > 1 {
			word += fmt.Sprintf(", run %d", b.runs)
		}
		lines = append(lines, word, b.problem)
	}
	f.node("        ", id, open, end, b.state, lines...)
}

// gate writes a condition after the nodes, and returns its node.
func (f *flowchart) gate(g *gate, id string, after []string, arrow string) []string {
	lines := []string{g.when}
	for _, r := range g.rules {
		if r.state != "" {
			lines = append(lines, r.name+": "+string(r.state))
		} else {
			lines = append(lines, r.name)
		}
	}
	f.node("        ", id, "{{", "}}", g.state, append(lines, g.effect, string(g.state))...)
	f.connect(after, []string{id}, id+"j", arrow)
	return []string{id}
}

// style writes the classes of states. Their colours are those of the light theme
// with its ground, so that they can be read on any page.
func (f *flowchart) style() {
	if len(f.classes) == 0 {
		return
	}
	for _, t := range svg.Tones {
		fmt.Fprintf(f, "    classDef %s fill:%s,stroke:%s,color:%s,stroke-width:2px\n", t, svg.Light.Box, svg.Light.Tones[t], svg.Light.Text)
	}
	for _, line := range f.classes {
		f.WriteString(line)
	}
}

// entities writes a text for a label. All but letters, digits and a few harmless
// characters become Mermaid's codes of characters, so that no text is taken for
// syntax, Markdown or HTML.
func entities(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == ' ', r == ',', r >= 0x80:
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}
