package main_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
)

// module is the Terraform module: its blocks, and the names that they declare, such as
// "var.event", "local.name", "aws_lambda_function.this" and "data.aws_region.this".
type module struct {
	blocks   []*hclsyntax.Block
	declared map[string]bool
}

func readModule(t *testing.T) module {
	t.Helper()
	files, err := filepath.Glob("terraform/*.tf")
	if err != nil || len(files) == 0 {
		t.Fatalf("files %q, %v", files, err)
	}
	m := module{declared: make(map[string]bool)}
	parser := hclparse.NewParser()
	for _, file := range files {
		parsed, problems := parser.ParseHCLFile(file)
		if problems.HasErrors() {
			t.Fatal(problems)
		}
		for _, b := range parsed.Body.(*hclsyntax.Body).Blocks {
			m.blocks = append(m.blocks, b)
			switch b.Type {
			case "variable":
				m.declare(t, "var."+b.Labels[0])
			case "resource":
				m.declare(t, strings.Join(b.Labels, "."))
			case "data", "output":
				m.declare(t, b.Type+"."+strings.Join(b.Labels, "."))
			case "locals":
				for name := range b.Body.Attributes {
					m.declare(t, "local."+name)
				}
			}
		}
	}
	return m
}

func (m module) declare(t *testing.T, name string) {
	t.Helper()
	if m.declared[name] {
		t.Errorf("%s is declared twice", name)
	}
	m.declared[name] = true
}

// block returns the block of the type with the labels.
func (m module) block(t *testing.T, kind string, labels ...string) *hclsyntax.Block {
	t.Helper()
	for _, b := range m.blocks {
		if b.Type == kind && slices.Equal(b.Labels, labels) {
			return b
		}
	}
	t.Fatalf("there is no %s %q", kind, labels)
	return nil
}

// uses calls f with each name that the body uses, written like those of declared.
func uses(body *hclsyntax.Body, iterators []string, f func(name string, at hcl.Range)) {
	for _, a := range body.Attributes {
		if a.Name == "ignore_changes" {
			continue // names of attributes
		}
		for _, traversal := range a.Expr.Variables() {
			f(nameOf(traversal, iterators), traversal.SourceRange())
		}
	}
	for _, b := range body.Blocks {
		inner := iterators
		if b.Type == "dynamic" {
			inner = append(slices.Clone(iterators), b.Labels[0])
		}
		uses(b.Body, inner, f)
	}
}

// nameOf returns the name of what the traversal begins with, "" for each, count and
// iterators.
func nameOf(traversal hcl.Traversal, iterators []string) string {
	root := traversal.RootName()
	if root == "each" || root == "count" || slices.Contains(iterators, root) {
		return ""
	}
	n := 1
	if root == "data" {
		n = 2
	}
	name := root
	for _, step := range traversal[1:min(len(traversal), n+1)] {
		attr, ok := step.(hcl.TraverseAttr)
		if !ok {
			break
		}
		name += "." + attr.Name
	}
	return name
}

// Each reference leads to something that the module declares, and each variable and
// local value is used.
func TestTerraformReferences(t *testing.T) {
	t.Parallel()
	m := readModule(t)
	used := make(map[string]bool)
	for _, b := range m.blocks {
		uses(b.Body, nil, func(name string, at hcl.Range) {
			if name != "" && !m.declared[name] && b.Type != "variable" {
				t.Errorf("%s: %s is not declared", at, name)
			}
			if b.Type != "variable" {
				used[name] = true
			}
		})
		if b.Type == "variable" { // its validation knows nothing but itself
			uses(b.Body, nil, func(name string, at hcl.Range) {
				if strings.HasPrefix(name, "var.") && name != "var."+b.Labels[0] || strings.HasPrefix(name, "local.") {
					t.Errorf("%s: the validation of %s uses %s", at, b.Labels[0], name)
				}
			})
		}
	}
	for name := range m.declared {
		if strings.HasPrefix(name, "var.") || strings.HasPrefix(name, "local.") || strings.HasPrefix(name, "data.") {
			if !used[name] {
				t.Errorf("%s is not used", name)
			}
		}
	}
	if len(used) < 50 {
		t.Errorf("%d names are used: the test does not see the module", len(used))
	}
}

// The variables of the original keep their names and defaults.
func TestTerraformVariables(t *testing.T) {
	t.Parallel()
	m := readModule(t)
	for name, want := range map[string]string{
		"event": "", "repo_name": "", "name_prefix": `""`, "artifacts": "{}", "badge_enabled": "null", "branch": `"master"`,
		"build_timeout": "null", "buildspec": `""`, "encryption_key": "null", "environment": "{}", "environment_variables": "[]",
		"policy_arns": "[]", "policy_override": `""`, "python_runtime": "null", "queued_timeout": "null",
		"schedule_expression": "null", "source_version": "null", "tags": "{}", "vpc_config": "null",
	} {
		b := m.block(t, "variable", name)
		got := ""
		if a := b.Body.Attributes["default"]; a != nil {
			text, err := os.ReadFile(a.Expr.Range().Filename)
			if err != nil {
				t.Fatal(err)
			}
			got = string(a.Expr.Range().SliceBytes(text))
		}
		if got != want {
			t.Errorf("the default of %s is %s, want %s", name, got, want)
		}
	}
}

// The outputs of the original keep their names, the on-demand flow has one as well,
// and the name of the role is that of the role.
func TestTerraformOutputs(t *testing.T) {
	t.Parallel()
	m := readModule(t)
	for _, name := range []string{"branch", "on_demand", "review", "schedule", "tag"} {
		m.block(t, "output", name)
	}
	for _, b := range m.blocks {
		if b.Type != "locals" || b.Body.Attributes["outputs"] == nil {
			continue
		}
		from := make(map[string]string)
		for _, item := range b.Body.Attributes["outputs"].Expr.(*hclsyntax.ObjectConsExpr).Items {
			from[hcl.ExprAsKeyword(item.KeyExpr)] = nameOf(item.ValueExpr.Variables()[0], nil)
		}
		same(t, "outputs", map[string]string{
			"codebuild_project_arn": "aws_codebuild_project.this", "codebuild_project_name": "aws_codebuild_project.this", "codebuild_project_service_role": "aws_iam_role.build",
			"events_rule_codebuild_arn": "local.review", "events_rule_pull_request_rule_arn": "aws_cloudwatch_event_rule.this",
			"lambda_function_arn": "aws_lambda_function.this", "lambda_function_name": "aws_lambda_function.this",
			"lambda_role_arn": "aws_iam_role.function", "lambda_role_name": "aws_iam_role.function",
		}, from)
		return
	}
	t.Error("there are no outputs of the flow")
}

// Every resource that can have tags has those of the module.
func TestTerraformTags(t *testing.T) {
	t.Parallel()
	// These have none in the provider.
	without := []string{
		"aws_cloudwatch_event_target", "aws_iam_role_policy", "aws_iam_role_policy_attachment", "aws_iam_role_policy_attachments_exclusive",
		"aws_lambda_permission", "aws_scheduler_schedule", "aws_sqs_queue_policy",
	}
	for _, b := range readModule(t).blocks {
		if b.Type != "resource" || slices.Contains(without, b.Labels[0]) {
			continue
		}
		if a := b.Body.Attributes["tags"]; a == nil || nameOf(a.Expr.Variables()[0], nil) != "var.tags" {
			t.Errorf("%q has no tags", b.Labels)
		}
	}
}

// The module reads the log of the project by the name that the project has, and
// nothing in it belongs to one partition.
func TestTerraformNames(t *testing.T) {
	t.Parallel()
	m := readModule(t)
	group := m.block(t, "resource", "aws_cloudwatch_log_group", "build").Body.Attributes["name"]
	project := m.block(t, "resource", "aws_codebuild_project", "this").Body.Attributes["name"]
	if got, want := nameOf(group.Expr.Variables()[0], nil), nameOf(project.Expr.Variables()[0], nil); got != want {
		t.Errorf("the group of the log has the name of %s, the project that of %s", got, want)
	}
	files, _ := filepath.Glob("terraform/*.tf")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if service := strings.Contains(line, "identifiers"); !service && strings.Contains(line, "amazonaws.com") && !strings.Contains(line, "principal") && !strings.Contains(line, `"codebuild.amazonaws.com"`) ||
				strings.Contains(line, "arn:aws") {
				t.Errorf("%s:%d: the partition is fixed: %s", file, i+1, line)
			}
		}
	}
}

// literals returns the texts in the node that have no references.
func literals(node hclsyntax.Node) (texts []string) {
	hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		if e, ok := n.(*hclsyntax.TemplateExpr); ok && e.IsStringLiteral() {
			if value, problems := e.Value(nil); !problems.HasErrors() {
				texts = append(texts, value.AsString())
			}
		}
		return nil
	})
	return texts
}

// The role of the module's function allows what that of the template does, which the
// story compares with the calls.
func TestTerraformPermissions(t *testing.T) {
	t.Parallel()
	var got []string
	for _, text := range literals(readModule(t).block(t, "data", "aws_iam_policy_document", "function").Body) {
		if service, _, ok := strings.Cut(text, ":"); ok && slices.Contains([]string{"codebuild", "codecommit", "logs", "sns", "sqs"}, service) {
			got = append(got, text)
		}
	}
	want := append(cfntest.Read(t, "template.yaml", parameters).Calls(t, "Ci"), "logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage")
	slices.Sort(got)
	slices.Sort(want)
	same(t, "actions", want, got)
}

// The module needs what it says that it needs: a version of Terraform that knows its
// functions, one provider that is kept, no module from elsewhere, and no retired image
// or runtime.
func TestTerraformNeeds(t *testing.T) {
	t.Parallel()
	m := readModule(t)
	settings := m.block(t, "terraform").Body
	same(t, "version of Terraform", []string{">= 1.5"}, literals(settings.Attributes["required_version"].Expr.(hclsyntax.Node)))
	if len(settings.Blocks) != 1 || settings.Blocks[0].Body.Attributes["aws"] == nil || len(settings.Blocks[0].Body.Attributes) != 1 {
		t.Error("the providers are not AWS alone")
	}
	for _, b := range m.blocks {
		switch {
		case b.Type == "module":
			t.Errorf("the module %q comes from elsewhere", b.Labels)
		case (b.Type == "resource" || b.Type == "data") && !strings.HasPrefix(b.Labels[0], "aws_"):
			t.Errorf("%s %q is not of the provider aws", b.Type, b.Labels)
		}
		for _, text := range literals(b.Body) {
			for _, retired := range []string{"standard:4.0", "nodejs:8", "python3.9"} {
				if strings.Contains(text, retired) {
					t.Errorf("%s %q has %s, which is retired", b.Type, b.Labels, text)
				}
			}
		}
	}
	same(t, "runtime", []string{"provided.al2023"}, literals(m.block(t, "resource", "aws_lambda_function", "this").Body.Attributes["runtime"].Expr.(hclsyntax.Node)))
}

func terraform(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "terraform", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_CLI_ARGS=", "TF_CLI_CONFIG_FILE="+os.DevNull)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func needTerraform(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skip("terraform is not installed")
	}
}

func TestTerraformFormat(t *testing.T) {
	t.Parallel()
	needTerraform(t)
	if out, err := terraform(t, "terraform", "fmt", "-check", "-diff"); err != nil {
		t.Errorf("terraform fmt: %v\n%s", err, out)
	}
}

// The local values, validations and for_each expressions of the module, in a module
// without AWS: what the provider would tell is written in their place.
func TestTerraformValues(t *testing.T) {
	t.Parallel()
	needTerraform(t)
	dir := t.TempDir()
	var text strings.Builder
	for _, name := range []string{"variables.tf", "names.tf", "function.tf", "events.tf"} {
		source, err := os.ReadFile(filepath.Join("terraform", name))
		if err != nil {
			t.Fatal(err)
		}
		parsed, problems := hclsyntax.ParseConfig(source, name, hcl.InitialPos)
		if problems.HasErrors() {
			t.Fatal(problems)
		}
		for _, b := range parsed.Body.(*hclsyntax.Body).Blocks {
			if b.Type == "variable" || b.Type == "locals" || b.Type == "check" {
				text.Write(b.Range().SliceBytes(source))
				text.WriteString("\n")
			}
		}
	}
	module := strings.NewReplacer(
		"data.aws_caller_identity.this.account_id", `"111122223333"`, "data.aws_partition.this.partition", `"aws-cn"`,
		"data.aws_partition.this.dns_suffix", `"amazonaws.com.cn"`, "data.aws_region.this.region", `"cn-north-1"`,
		"aws_codebuild_project.this.name", "local.project_name",
	).Replace(text.String()) + `
resource "terraform_data" "attachment" {
  for_each = { for i, arn in local.policy_arns : tostring(i) => arn }
  input    = each.value
}
resource "terraform_data" "rule" {
  for_each = local.patterns
  input    = "${local.name}${local.suffixes[each.key]}"
}
output "values" {
  value = {
    name = local.name, project = local.project_name, flow = local.flow, patterns = local.patterns, clone_url = local.clone_url
    policy_override = local.policy_override, policy_arns = local.policy_arns, rules = [for r in terraform_data.rule : r.input]
    attached = [for a in terraform_data.attachment : a.input]
  }
}
`
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(module), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := terraform(t, dir, "init", "-input=false", "-no-color"); err != nil {
		t.Fatalf("terraform init: %v\n%s\n%s", err, out, module)
	}
	variables := func(change map[string]any) string {
		all := map[string]any{"event": "review", "repo_name": "shop", "package": "ci.zip"}
		maps.Copy(all, change)
		data, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "vars.tfvars.json")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	type values struct {
		Name, Project string
		Flow          map[string]any
		Patterns      map[string]map[string]any
		CloneURL      string   `json:"clone_url"`
		Override      string   `json:"policy_override"`
		ARNs          []string `json:"policy_arns"`
		Rules         []string
		Attached      []string
	}
	apply := func(change map[string]any) (v values) {
		t.Helper()
		if out, err := terraform(t, dir, "apply", "-auto-approve", "-input=false", "-no-color", "-lock=false", "-var-file="+variables(change)); err != nil {
			t.Fatalf("terraform apply: %v\n%s", err, out)
		}
		out, err := terraform(t, dir, "output", "-json", "values")
		if err != nil {
			t.Fatalf("terraform output: %v\n%s", err, out)
		}
		if err := json.Unmarshal([]byte(out), &v); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return v
	}

	names := make(map[string]string)
	for _, test := range []struct {
		change        map[string]any
		name, project string // "" is not compared
	}{
		{map[string]any{"name_prefix": "dev-"}, "dev-shop-review-flow-ci", "dev-shop-review-flow-ci"},
		{map[string]any{"event": "branch", "branch": "main", "report_topic_arn": "arn:aws-cn:sns:cn-north-1:111122223333:t"}, "shop-branch-main-flow-ci", "shop-branch-main-flow-ci"},
		{map[string]any{"event": "branch", "branch": "a/b"}, "", ""},
		{map[string]any{"event": "branch", "branch": "a-b"}, "shop-branch-a-b-flow-ci", ""},
		{map[string]any{"event": "branch", "branch": "ab"}, "shop-branch-ab-flow-ci", ""},
		{map[string]any{"event": "branch", "branch": "main,release/**", "repo_name": "shop.web"}, "", ""},
		{map[string]any{"event": "branch", "branch": "feature/" + strings.Repeat("long-", 20), "repo_name": strings.Repeat("r", 100)}, "", ""},
		{map[string]any{"event": "branch", "branch": "main, develop"}, "", ""},
		{map[string]any{"event": "tag", "tag": "v*, w*"}, "shop-tag-flow-ci", ""},
		{map[string]any{"event": "schedule", "schedule_expression": "rate(1 day)", "source_version": "main"}, "shop-schedule-flow-ci", ""},
		{map[string]any{"event": "on-demand"}, "shop-on-demand-flow-ci", ""},
		{map[string]any{
			"command_authors": []string{"arn:aws-cn:iam::111122223333:user/*"}, "approve": true, "name_prefix": "p-",
			"policy_override": `{"a":"${name} ${name_prefix} ${name_slug} ${partition} ${region} ${repo_name} ${account_id}"}`,
			"policy_arns":     []string{"arn:${partition}:iam::${account_id}:policy/${repo_name}", "arn:${partition}:iam::aws:policy/ReadOnlyAccess"},
		}, "p-shop-review-flow-ci", ""},
	} {
		v := apply(test.change)
		what := fmt.Sprint(test.change)
		if test.name != "" && v.Name != test.name || test.project != "" && v.Project != test.project {
			t.Errorf("%s: names %q and %q, want %q and %q", what, v.Name, v.Project, test.name, test.project)
		}
		if other, ok := names[v.Name]; ok {
			t.Errorf("%s and %s have the name %s", what, other, v.Name)
		}
		names[v.Name] = what
		for _, name := range append(v.Rules, v.Name+"-throttles", v.Name+"-schedule", v.Name+"-function") {
			if len(name) > 64 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
				t.Errorf("%s: %q is not a name of up to 64 characters", what, name)
			}
		}
		if len(v.Project) > 150 {
			t.Errorf("%s: the project's name has %d characters", what, len(v.Project))
		}
		if repo := fmt.Sprint(cmpOr(test.change["repo_name"], "shop")); v.CloneURL != "https://git-codecommit.cn-north-1.amazonaws.com.cn/v1/repos/"+repo {
			t.Errorf("%s: the source is %s", what, v.CloneURL)
		}
		same(t, what+": attached policies", v.ARNs, v.Attached)

		// The patterns are those that the function asks for.
		flow, err := json.Marshal([]any{v.Flow})
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), binary.Path(t), "rules")
		authors, _ := test.change["command_authors"].([]string)
		topic, _ := test.change["report_topic_arn"].(string)
		cmd.Env = append(os.Environ(), "AWS_REGION=cn-north-1", "FLOWS="+string(flow), "COMMAND_AUTHORS="+strings.Join(authors, ","), "REPORT_TOPIC_ARN="+topic)
		out, err := cmd.CombinedOutput()
		var want map[string]map[string]any
		if err != nil || json.Unmarshal(out, &want) != nil {
			t.Errorf("%s: rules of %s: %v\n%s", what, flow, err, out)
			continue
		}
		got := make(map[string]map[string]any)
		for name, p := range v.Patterns {
			same(t, what+": account", []any{"111122223333"}, p["account"].([]any))
			delete(p, "account")
			got[map[string]string{"branch": "branches", "tag": "tags"}[name]+map[bool]string{true: name}[name != "branch" && name != "tag"]] = p
		}
		for _, p := range slices.Concat(slices.Collect(maps.Values(want)), slices.Collect(maps.Values(got))) {
			if detail, ok := p["detail"].(map[string]any); ok {
				delete(detail, "referenceName") // left to the function
			}
			sortLists(p)
		}
		same(t, what+": rules", want, got)
		if strings.Contains(what, "policy_override") {
			same(t, "policy", `{"a":"p-shop p- p-shop-review-flow-ci aws-cn cn-north-1 shop 111122223333"}`, v.Override)
			same(t, "policies", []string{"arn:aws-cn:iam::111122223333:policy/shop", "arn:aws-cn:iam::aws:policy/ReadOnlyAccess"}, v.ARNs)
		}
	}

	for _, test := range []struct {
		change map[string]any
		want   string
	}{
		{map[string]any{"event": "push"}, "event must be branch"},
		{map[string]any{"repo_name": "shop.git"}, "repo_name must be"},
		{map[string]any{"name_prefix": "a/b"}, "name_prefix may have"},
		{map[string]any{"build_timeout": 4}, "build_timeout must be"},
		{map[string]any{"queued_timeout": 481}, "queued_timeout must be"},
		{map[string]any{"schedule_expression": "daily"}, "schedule_expression must be"},
		{map[string]any{"environment_variables": []map[string]string{{"name": "A"}}}, "needs a name and a value"},
		{map[string]any{"environment_variables": []map[string]string{{"name": "A", "value": "b", "type": "SECRET"}}}, "needs a name and a value"},
		{map[string]any{"log_level": "loud"}, "log_level must be"},
		{map[string]any{"python_runtime": "python3.9"}, "python_runtime is not used"}, // a warning
	} {
		out, err := terraform(t, dir, "plan", "-input=false", "-no-color", "-lock=false", "-var-file="+variables(test.change))
		if wantError := test.change["python_runtime"] == nil; wantError != (err != nil) || !strings.Contains(strings.Join(strings.Fields(out), " "), test.want) {
			t.Errorf("%v: %v, want %q\n%s", test.change, err, test.want, out)
		}
	}
}

func cmpOr(value, otherwise any) any {
	if value == nil {
		return otherwise
	}
	return value
}
