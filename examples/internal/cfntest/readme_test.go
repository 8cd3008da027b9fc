package cfntest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
)

// TestReadme checks that the README.md of each example with a template tells how
// to deploy it, and has a table with all parameters and their defaults.
func TestReadme(t *testing.T) {
	t.Parallel()
	for name, template := range templates(t) {
		b, err := os.ReadFile(filepath.Join("../..", name, "README.md"))
		if err != nil {
			t.Error(err)
			continue
		}
		readme := string(b)
		for _, text := range []string{"\n## Deploy", "\n    go run ../internal/build " + name + "\n", "sam delete --stack-name "} {
			if !strings.Contains(strings.ReplaceAll(readme, "\n       ", "\n    "), text) {
				t.Errorf("README.md of %s lacks %q", name, text)
			}
		}
		want := make(map[string]string)
		for parameter, declared := range template.Parameters {
			switch value, ok := declared["Default"]; {
			case !ok:
				want[parameter] = "required"
			default:
				want[parameter] = fmt.Sprint(value)
			}
		}
		if diff := cmp.Diff(want, documented(t, readme)); diff != "" {
			t.Errorf("README.md of %s: parameters and defaults (- template, + table):\n%s", name, diff)
		}
		// All commands are about one stack, and its log.
		stack := regexp.MustCompile(`sam delete --stack-name (\S+)`).FindStringSubmatch(readme)[1]
		for _, m := range regexp.MustCompile(`(?:--stack-name |logs tail /aws/lambda/)(\S+)`).FindAllStringSubmatch(readme, -1) {
			if m[1] != stack && !strings.Contains(m[0], "windows-image") {
				t.Errorf("README.md of %s is about the stack %s, and %q about another one", name, stack, m[0])
			}
		}
		if want := "aws logs tail /aws/lambda/" + stack + " "; !strings.Contains(readme, want) {
			t.Errorf("README.md of %s lacks %q", name, want)
		}
	}
}

// documented returns the parameters of the table of README.md with their defaults. A
// row may have several parameters, with a default for each or one for all.
func documented(t *testing.T, readme string) map[string]string {
	t.Helper()
	parameters := make(map[string]string)
	_, table, _ := strings.Cut(readme, "\n| parameter | default | |\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	list := func(cell string) []string {
		return strings.Split(strings.ReplaceAll(strings.TrimSpace(cell), "`", ""), ", ")
	}
	for row := range strings.Lines(table) {
		cells := strings.Split(row, "|")
		names, defaults := list(cells[1]), list(cells[2])
		if len(defaults) == 1 {
			defaults = slices.Repeat(defaults, len(names))
		}
		if len(names) != len(defaults) || strings.TrimSpace(cells[3]) == "" {
			t.Errorf("a row of the table does not tell all of its parameters: %s", row)
			continue
		}
		for i, name := range names {
			parameters[name] = defaults[i]
		}
	}
	return parameters
}

// TestSections checks that the README.md of each example has a picture, and says how to
// see that the example works, what it costs, how it is removed and how it is tested.
func TestSections(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../*/README.md")
	if err != nil || len(files) < 10 {
		t.Fatalf("README.md of examples: %q, %v", files, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for _, text := range []string{"\n```mermaid\n", "\n## Verify\n", "\n## Cost\n", "\n## Remove\n", "\n## Test\n\n    go test .\n"} {
			i := strings.Index(string(b[at:]), text)
			if i < 0 {
				t.Errorf("%s lacks %q, or has it in another place than the others", file, text)
				continue
			}
			at += i
		}
	}
}

// TestParameters checks that the parameters that all templates have are the same
// ones: their names, types, defaults and values.
func TestParameters(t *testing.T) {
	t.Parallel()
	for name, template := range templates(t) {
		for parameter, want := range map[string]map[string]any{
			"AlarmTopicArn":    {"Type": "String", "Default": "", "AllowedPattern": `^(arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+)?$`},
			"LogRetentionDays": {"Type": "Number", "Default": 30},
			"Concurrency":      {"Type": "Number", "Default": 5, "MinValue": 0},
		} {
			got := make(map[string]any)
			for key := range want {
				got[key] = template.Parameters[parameter][key]
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: parameter %s (-want +got):\n%s", name, parameter, diff)
			}
		}
	}
}

type parameterTemplate struct {
	Parameters map[string]map[string]any `yaml:"Parameters"`
}

// templates returns those of the examples by name.
func templates(t *testing.T) map[string]parameterTemplate {
	t.Helper()
	files, err := filepath.Glob("../../*/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]parameterTemplate)
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var template parameterTemplate
		if err := yaml.Unmarshal(b, &template); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[filepath.Base(filepath.Dir(file))] = template
	}
	if len(all) < 6 {
		t.Fatalf("there are %d templates", len(all))
	}
	return all
}

// TestList checks that README.md of the examples names each of them, and no other.
func TestList(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	folders, err := filepath.Glob("../../*/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range folders {
		name := filepath.Base(filepath.Dir(file))
		if n := strings.Count(string(b), "| ["+name+"]("+name+") |"); n != 1 {
			t.Errorf("README.md of the examples names %s %d times in its table", name, n)
		}
	}
	if n := strings.Count(string(b), "\n| "); n != len(folders)+1 {
		t.Errorf("the table has %d rows for %d examples", n-1, len(folders))
	}
}

// TestPermissions checks that the README.md of each example has a table with the
// statements of the function's role and their actions, as the template has them, and
// names the other roles.
func TestPermissions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, tmpl *cfntest.Template) {
		b, err := os.ReadFile(filepath.Join("../..", filepath.Base(t.Name()), "README.md"))
		if err != nil {
			t.Fatal(err)
		}
		_, section, _ := strings.Cut(string(b), "\n## Permissions\n")
		section, _, _ = strings.Cut(section, "\n## ")
		got := make(map[string]string)
		for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (`.+?`) \\| \\S.* \\|$").FindAllStringSubmatch(section, -1) {
			got[m[1]] = strings.ReplaceAll(m[2], "`", "")
		}
		own := make(map[string]bool)
		want := make(map[string]string)
		for name := range tmpl.Resources(t, function) {
			role, _ := tmpl.Role(t, name)
			own[role] = true
			addActions(want, cfntest.Child(cfntest.Child(tmpl.Root, "Resources"), role))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("permissions (- template, + README.md):\n%s", diff)
		}
		for role := range tmpl.Resources(t, "AWS::IAM::Role") {
			if !own[role] && !strings.Contains(section, "`"+role+"`") {
				t.Errorf("the section Permissions of README.md does not say what %s is for", role)
			}
		}
	})
}

// addActions adds the actions of all statements with a name below the node, whatever
// their condition.
func addActions(to map[string]string, n *yaml.Node) {
	if sid, actions := cfntest.Child(n, "Sid"), cfntest.Child(n, "Action"); sid != nil && actions != nil {
		list := []string{actions.Value}
		if actions.Kind == yaml.SequenceNode {
			list = nil
			for _, action := range actions.Content {
				list = append(list, action.Value)
			}
		}
		to[sid.Value] = strings.Join(list, ", ")
		return
	}
	for _, child := range n.Content {
		addActions(to, child)
	}
}
