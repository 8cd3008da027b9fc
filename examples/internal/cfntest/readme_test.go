package cfntest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// TestReadme checks that the README.md of each example with a template has the same
// shape, and names all parameters.
func TestReadme(t *testing.T) {
	t.Parallel()
	for name, template := range templates(t) {
		b, err := os.ReadFile(filepath.Join("../..", name, "README.md"))
		if err != nil {
			t.Error(err)
			continue
		}
		readme := string(b)
		for _, text := range []string{"\n```mermaid\n", "\n## Deploy", "\n## Verify\n", "\n## Cost\n", "\n## Remove\n", "\n## Test\n", "\n    go run ../internal/build " + name + "\n", "sam delete --stack-name "} {
			if !strings.Contains(strings.ReplaceAll(readme, "\n       ", "\n    "), text) {
				t.Errorf("README.md of %s lacks %q", name, text)
			}
		}
		for parameter := range template.Parameters {
			if !strings.Contains(readme, "`"+parameter+"`") {
				t.Errorf("README.md of %s does not name the parameter %s", name, parameter)
			}
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
