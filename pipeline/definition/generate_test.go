package definition_test

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"go/format"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

var update = flag.Bool("update", false, "write the generated files anew")

// goNames are the Go types of action types whose provider has several, or whose
// name is no good name for a configuration.
var goNames = map[string]string{
	"AWS/Approval/Manual":                 "ManualApproval",
	"AWS/Deploy/EC2":                      "EC2Deploy",
	"AWS/Deploy/ECS":                      "ECSDeploy",
	"AWS/Deploy/EKS":                      "EKSDeploy",
	"AWS/Deploy/Lambda":                   "LambdaDeploy",
	"AWS/Deploy/S3":                       "S3Deploy",
	"AWS/Invoke/CodePipeline":             "PipelineInvoke",
	"AWS/Invoke/Lambda":                   "LambdaInvoke",
	"AWS/Source/CodeCommit":               "CodeCommitSource",
	"AWS/Source/CodeStarSourceConnection": "ConnectionSource",
	"AWS/Source/ECR":                      "ECRSource",
	"AWS/Source/S3":                       "S3Source",
	"AWS/Test/CodeBuild":                  "CodeBuildTest",
	"ThirdParty/Source/GitHub":            "GitHubSource",
}

// files are the generated files with the categories or action types that they have.
var files = map[string][]string{
	"sources.go":     {"Source"},
	"builds.go":      {"Build", "Compute", "Test"},
	"deployments.go": {"Deploy"},
	"stacks.go": {
		"AWS/Deploy/CloudFormation/1", "AWS/Deploy/CloudFormationStackInstances/1", "AWS/Deploy/CloudFormationStackSet/1", "AWS/Deploy/ServiceCatalog/1",
	},
	"invocations.go": {"Approval", "Invoke"},
	"rules.go":       {"Rule"},
}

// fileOf returns the name of the file that has the type, "" if there is none: one that
// names it comes before one with its category.
func fileOf(t actiontype.Type) string {
	for _, key := range []string{t.String(), t.Category} {
		for name, keys := range files {
			if slices.Contains(keys, key) {
				return name
			}
		}
	}
	return ""
}

// initialisms are spelled in Go's way in the names of fields.
var initialisms = strings.NewReplacer("AppiumVersion", "AppiumVersion", "Arn", "ARN", "Id", "ID", "Vpc", "VPC", "Nfc", "NFC", "Gps", "GPS")

func goName(t actiontype.Type) string {
	if t.Category == actiontype.CategoryRule {
		return t.Provider + "Rule"
	}
	return cmp.Or(goNames[t.Owner+"/"+t.Category+"/"+t.Provider], t.Provider)
}

func catalogue() []actiontype.Type {
	return slices.Concat(actiontype.BuiltIn(), actiontype.RuleTypes())
}

// wrap breaks a comment into lines.
func wrap(b *bytes.Buffer, indent, text string) {
	line := indent + "//"
	for _, word := range strings.Fields(text) {
		if len(line)+len(word)+1 > 86 && len(line) > len(indent)+2 {
			fmt.Fprintln(b, line)
			line = indent + "//"
		}
		line += " " + word
	}
	fmt.Fprintln(b, line)
}

func artifacts(c actiontype.ArtifactCount, kind string) string {
	switch {
	case c.Max == 0:
		return "no " + kind + " artifact"
	case c.Min == c.Max && c.Max == 1:
		return "one " + kind + " artifact"
	case c.Min == c.Max:
		return fmt.Sprintf("%d %s artifacts", c.Max, kind)
	case c.Max == 1:
		return "at most one " + kind + " artifact"
	}
	return c.String() + " " + kind + " artifacts"
}

func generate(file string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("// Code generated from the catalogue of package actiontype; DO NOT EDIT.\n\npackage definition\n")
	for _, t := range catalogue() {
		if fileOf(t) != file {
			continue
		}
		name := goName(t)
		text := fmt.Sprintf("%s is the action type %s, of the category %s.", name, t.Provider, t.Category)
		switch {
		case t.Category == actiontype.CategoryRule:
			text = fmt.Sprintf("%s is the rule type %s. A rule takes %s.", name, t.Provider, artifacts(t.Inputs, "input"))
		case t.Owner != actiontype.OwnerAWS:
			text = fmt.Sprintf("%s is the action type %s of a partner, of the category %s.", name, t.Provider, t.Category)
		}
		if t.Category != actiontype.CategoryRule {
			text += fmt.Sprintf(" An action takes %s and makes %s.", artifacts(t.Inputs, "input"), artifacts(t.Outputs, "output"))
		}
		if len(t.OutputVariables) > 0 {
			text += " Its output variables are " + enumeration(t.OutputVariables, "and") + "."
		}
		if t.V2 && t.Category != actiontype.CategoryRule {
			text += " It needs a pipeline of type V2."
		}
		if t.Retired {
			text += " AWS has ended the service behind it."
		}
		b.WriteString("\n")
		wrap(&b, "", text)
		fmt.Fprintf(&b, "//\n// The user guide describes it: %s\ntype %s struct {\n", t.Documentation, name)
		for _, p := range t.Properties {
			field := initialisms.Replace(p.Name)
			text := field + " is " + p.Description
			if len(p.Values) > 0 && p.Form != actiontype.FormList && !slices.Equal(p.Values, []string{"true", "false"}) {
				text += ": " + enumeration(p.Values, "or")
			} else if len(p.Values) > 0 && p.Form == actiontype.FormList {
				text += ", of " + enumeration(p.Values, "and")
			}
			if p.Form == actiontype.FormList {
				text += ", with commas between them"
			}
			if p.Required {
				text += ". It is required"
			}
			if p.Secret {
				text += ". GetPipeline returns ****, which keeps the value when it is given to UpdatePipeline"
			}
			wrap(&b, "\t", text+".")
			fmt.Fprintf(&b, "\t%s string `key:\"%s\"`\n", field, p.Name)
		}
		if len(t.Properties) > 0 {
			b.WriteString("\n")
		}
		b.WriteString("\t// Other are the keys for which there is no field.\n\tOther map[string]string\n}\n\n")
		fmt.Fprintf(&b, "// ActionType returns %s/%s/%s/%s.\n", t.Owner, t.Category, t.Provider, t.Version)
		fmt.Fprintf(&b, "func (%s) ActionType() ActionType {\n\treturn ActionType{Category: %q, Owner: %q, Provider: %q, Version: %q}\n}\n", name, t.Category, t.Owner, t.Provider, t.Version)
	}
	return format.Source(b.Bytes())
}

// enumeration returns a list such as "a, b or c".
func enumeration(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}

func generateIndex() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`// Code generated from the catalogue of package actiontype; DO NOT EDIT.

package definition

// typedProvider returns the zero value of the Go type for an action type or a rule
// type, nil if there is none.
func typedProvider(actionType string) Provider {
	switch actionType {
`)
	for _, t := range catalogue() {
		fmt.Fprintf(&b, "\tcase %q:\n\t\treturn %s{}\n", t.String(), goName(t))
	}
	b.WriteString("\t}\n\treturn nil\n}\n")
	return format.Source(b.Bytes())
}

// TestGenerated holds the Go types of providers equal to the catalogue. After a
// change of the catalogue, run
//
//	go test ./pipeline/definition -run TestGenerated -update
func TestGenerated(t *testing.T) {
	check := func(name string, want []byte, err error) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if *update {
			if err := os.WriteFile(name, want, 0o600); err != nil {
				t.Fatal(err)
			}
			return
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not that of the catalogue, run the test with -update (-want +got):\n%s", name, diff)
		}
	}
	for name := range files {
		code, err := generate(name)
		check(name, code, err)
	}
	code, err := generateIndex()
	check("index.go", code, err)
	for _, b := range catalogue() {
		if fileOf(b) == "" {
			t.Errorf("no file has the type %s", b)
		}
	}
}
