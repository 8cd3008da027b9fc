package ec2build_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
)

// maxDocument is the size in bytes of the largest document that Systems Manager takes.
const maxDocument = 64 << 10

type document struct {
	SchemaVersion string
	Parameters    map[string]struct{ Type, Default, AllowedPattern string }
	MainSteps     []struct {
		Action, Name string
		Precondition any
		Inputs       struct {
			TimeoutSeconds, Action string
			RunCommand             []string
		}
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		platform ec2build.Platform
		docker   bool
		steps    []string
	}{
		{ec2build.PlatformLinux, false, []string{"build aws:runShellScript"}},
		{ec2build.PlatformWindows, false, []string{"build aws:runPowerShellScript"}},
		{ec2build.PlatformWindows, true, []string{"docker aws:configureDocker", "build aws:runPowerShellScript"}},
	} {
		text, err := ec2build.Document(test.platform, test.docker)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) >= maxDocument {
			t.Errorf("the document for %s has %d bytes, %d are too many", test.platform, len(text), maxDocument)
		}
		var d document
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		var steps []string
		for _, s := range d.MainSteps {
			steps = append(steps, s.Name+" "+s.Action)
			if s.Precondition != nil {
				t.Errorf("the step %s of the document for %s has a precondition: it would be skipped elsewhere, which is a success", s.Name, test.platform)
			}
		}
		if diff := cmp.Diff(test.steps, steps); diff != "" {
			t.Errorf("steps (-want +got):\n%s", diff)
		}
		build := d.MainSteps[len(d.MainSteps)-1].Inputs
		used := []string{}
		script := strings.Join(build.RunCommand, "\n")
		for _, m := range regexp.MustCompile(`\{\{ (\w+) \}\}`).FindAllStringSubmatch(build.TimeoutSeconds+script, -1) {
			used = append(used, m[1])
		}
		var declared []string
		for name, p := range d.Parameters {
			declared = append(declared, name)
			pattern := regexp.MustCompile(p.AllowedPattern)
			for _, value := range []string{"'", `"`, "$", "`", " ", "\n", "a\n", ";", "{{ x }}", "\\", "&", "\x00"} {
				if pattern.MatchString(value) {
					t.Errorf("the parameter %s takes %q", name, value)
				}
			}
			if !pattern.MatchString(p.Default) {
				t.Errorf("the parameter %s has the default %q, which it does not take", name, p.Default)
			}
		}
		slices.Sort(used)
		slices.Sort(declared)
		if diff := cmp.Diff(declared, used); diff != "" {
			t.Errorf("each parameter once (-declared +used):\n%s", diff)
		}
		// All braces are those of parameters: Systems Manager looks at no quotes.
		if rest := regexp.MustCompile(`'\{\{ \w+ \}\}'`).ReplaceAllString(script, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
			t.Errorf("the script for %s has double braces besides its parameters in quotes", test.platform)
		}
	}
}

func TestDocumentErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		platform ec2build.Platform
		docker   bool
		want     string
	}{
		{ec2build.PlatformLinux, true, "install it in the image"},
		{"macOS", false, `no platform "macOS"`},
		{"", false, `no platform ""`},
	} {
		if _, err := ec2build.Document(test.platform, test.docker); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q, %v: error %v, want %q in it", test.platform, test.docker, err, test.want)
		}
	}
}
