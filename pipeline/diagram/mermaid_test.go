package diagram_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/pipeline/definition"
	"github.com/codesuite-go/codesuite/pipeline/diagram"
)

// The lines that a flowchart may have. A label holds letters, digits, codes of
// characters and line breaks, so that nothing in it is syntax.
const label = `"(?:[A-Za-z0-9 ,]|[^\x00-\x7f]|#\d+;|<br/>)*"`

var flowchartLines = []*regexp.Regexp{
	regexp.MustCompile(`^flowchart (LR|TB)$`),
	regexp.MustCompile(`^    accTitle: (?:[A-Za-z0-9 ,]|[^\x00-\x7f]|#\d+;)+$`),
	regexp.MustCompile(`^    subgraph s\d+\[` + label + `\]$`),
	regexp.MustCompile(`^        direction (LR|TB)$`),
	regexp.MustCompile(`^    end$`),
	regexp.MustCompile(`^ +(?:start|s\d+|s\d+[absfj]\d+j?)(?:\[` + label + `\]|\(\[` + label + `\]\)|\[/` + label + `/\]|\{\{` + label + `\}\}|\(\(` + label + `\)\))$`),
	regexp.MustCompile(`^ +(?:start|s\d+\w*)(?: & s\d+\w*)* (?:-->|-\.->|-\. "Transition disabled" \.-x) s\d+\w*(?: & s\d+\w*)*$`),
	regexp.MustCompile(`^    classDef \w+ fill:#[0-9a-f]{6},stroke:#[0-9a-f]{6},color:#[0-9a-f]{6},stroke-width:2px$`),
	regexp.MustCompile(`^    class s\d+\w* \w+$`),
}

// checkMermaid checks a flowchart line by line, and its limits.
func checkMermaid(t *testing.T, text string) {
	t.Helper()
	if len(text) > 50_000 {
		t.Errorf("the flowchart has %d characters, want at most 50000", len(text))
	}
	edges, depth := 0, 0
	nodes := make(map[string]bool)
lines:
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		for i, form := range flowchartLines {
			if !form.MatchString(line) {
				continue
			}
			switch i {
			case 2:
				depth++
				nodes[strings.TrimSpace(line[:strings.IndexByte(line, '[')])[len("subgraph "):]] = true
			case 4:
				depth--
			case 5:
				nodes[strings.TrimSpace(line[:strings.IndexAny(line, "[({")])] = true
			case 6:
				from, to, _ := strings.Cut(strings.TrimSpace(line), " -")
				to = to[strings.LastIndexAny(to, ">x")+1:]
				edges += len(strings.Split(from, "&")) * len(strings.Split(to, "&"))
				for _, id := range append(strings.Split(from, "&"), strings.Split(to, "&")...) {
					if !nodes[strings.TrimSpace(id)] {
						t.Errorf("the line %q has a node that is not there yet", line)
					}
				}
			}
			if depth < 0 || depth > 1 {
				t.Errorf("the line %q makes the depth %d", line, depth)
			}
			continue lines
		}
		t.Errorf("the line %q is none of a flowchart", line)
	}
	if depth != 0 {
		t.Error("a subgraph has no end")
	}
	if edges > 500 {
		t.Errorf("the flowchart has %d edges, want at most 500", edges)
	}
}

// TestMermaidLimits draws pipelines of all sizes, whose flowcharts keep to Mermaid's
// limits.
func TestMermaidLimits(t *testing.T) {
	t.Parallel()
	wide := &definition.Pipeline{Name: "wide"}
	for i := range 20 {
		s := definition.Stage{Name: fmt.Sprint(i)}
		for j := range 50 {
			s.Actions = append(s.Actions, definition.Action{Name: fmt.Sprint(j), RunOrder: j/10 + 1})
		}
		wide.Stages = append(wide.Stages, s)
	}
	wordy := &definition.Pipeline{Name: "wordy"}
	for i := range 20 {
		s := definition.Stage{Name: fmt.Sprint(i)}
		for j := range 14 {
			name := strings.Repeat("word", 13) + fmt.Sprint(j)
			s.Actions = append(s.Actions, definition.Action{
				Name: name, RunOrder: j + 1, Inputs: definition.Artifacts(name), Provider: definition.CodeBuild{ProjectName: name},
			})
		}
		wordy.Stages = append(wordy.Stages, s)
	}
	for _, test := range []struct {
		structure *definition.Pipeline
		want      string // the line of an action or a stage
	}{
		{sized(2, 2), `        s1a1["Action1<br/>CodeBuild<br/>web<br/>Source → Binary"]`},
		{wordy, `        s19a13["` + strings.Repeat("word", 13) + `13"]`},
		{sized(20, 20), `    s19["Stage19<br/>20 actions"]`},
		{sized(20, 50), `    s19["Stage19<br/>50 actions"]`},
		{sized(50, 20), `    s49["Stage49<br/>20 actions"]`},
		{wide, `    s19["19<br/>50 actions"]`},
	} {
		text, err := diagram.Mermaid(test.structure)
		if err != nil {
			t.Fatal(err)
		}
		checkMermaid(t, text)
		if !strings.Contains(text, test.want+"\n") {
			t.Errorf("%s with %d stages: the flowchart has no line %q:\n%.600s", test.structure.Name, len(test.structure.Stages), test.want, text)
		}
	}
}
