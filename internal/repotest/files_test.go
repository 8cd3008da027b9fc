package repotest_test

import (
	"cmp"
	"go/ast"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTopLevel checks that the root holds documentation only, and which folders
// are beside it.
func TestTopLevel(t *testing.T) {
	t.Parallel()
	want := []string{"codecommit", "customaction", "events", "examples", "githubstatus", "internal", "pipeline"}
	var got []string
	for _, name := range tracked(t) {
		top, _, isFolder := strings.Cut(name, "/")
		switch {
		case !isFolder && strings.HasSuffix(name, ".go") && name != "doc.go":
			t.Errorf("%s: the only Go file at the root is doc.go", name)
		case isFolder && !strings.HasPrefix(top, ".") && !slices.Contains(got, top):
			got = append(got, top)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the folders at the root are %q, want %q", got, want)
	}
}

// homes matches paths that only the machine has on which they were written.
var homes = regexp.MustCompile(`(?:^|[^\w.-])(?:/home/[a-z][\w.-]*/|/Users/\w+/|/roo[t]/|[A-Z]:\\Users\\)`)

// TestPaths checks that no file names a folder of the machine on which it was
// written. Such a path is that of a home, of this clone, or of a temporary
// folder with a name made up for one process.
func TestPaths(t *testing.T) {
	t.Parallel()
	here, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	temporary := regexp.MustCompile(`/tmp/(?:[\w-]*\d{6,}|tmp\.\w{6,})`)
	for _, name := range tracked(t) {
		for i, line := range strings.Split(read(t, name), "\n") {
			switch {
			case homes.MatchString(line) && name != "internal/repotest/files_test.go":
				t.Errorf("%s:%d names a home: %.100q", name, i+1, homes.FindString(line))
			case strings.Count(here, "/") > 1 && strings.Contains(line, here):
				t.Errorf("%s:%d names the folder of this clone", name, i+1)
			case temporary.MatchString(line) && name != "internal/repotest/files_test.go":
				t.Errorf("%s:%d names a temporary folder: %.100q", name, i+1, temporary.FindString(line))
			}
		}
	}
}

// aliases are the names under which packages are imported whose own name is
// that of one of ours, or too general.
var aliases = map[string]string{
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs":     "awslogs",
	"github.com/aws/aws-sdk-go-v2/service/codebuild":          "awscodebuild",
	"github.com/aws/aws-sdk-go-v2/service/codecommit":         "awscodecommit",
	"github.com/aws/aws-sdk-go-v2/service/codeconnections":    "awscodeconnections",
	"github.com/aws/aws-sdk-go-v2/service/codepipeline":       "awscodepipeline",
	"github.com/aws/aws-sdk-go-v2/service/dynamodb":           "awsdynamodb",
	"github.com/aws/aws-sdk-go-v2/service/ec2":                "awsec2",
	"github.com/aws/aws-sdk-go-v2/service/eventbridge":        "awseventbridge",
	"github.com/aws/aws-sdk-go-v2/service/lambda":             "awslambda",
	"github.com/aws/aws-sdk-go-v2/service/s3":                 "awss3",
	"github.com/aws/aws-sdk-go-v2/service/sfn":                "awssfn",
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager":     "awssecretsmanager",
	"github.com/aws/aws-sdk-go-v2/service/sns":                "awssns",
	"github.com/aws/aws-sdk-go-v2/service/sqs":                "awssqs",
	"github.com/aws/aws-sdk-go-v2/service/ssm":                "awsssm",
	"github.com/aws/aws-sdk-go-v2/service/sts":                "awssts",
	"github.com/aws/aws-lambda-go/events":                     "lambdaevents",
	"github.com/codesuite-go/codesuite/internal/redact":       "",
	"github.com/codesuite-go/codesuite/codecommit":            "",
	"github.com/codesuite-go/codesuite/events":                "",
	"github.com/codesuite-go/codesuite/pipeline/action":       "",
	"github.com/codesuite-go/codesuite/pipeline/actiontype":   "",
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest": "",
}

func TestImportAliases(t *testing.T) {
	t.Parallel()
	for _, s := range parse(t) {
		for _, i := range s.Imports {
			path := strings.Trim(i.Path.Value, `"`)
			alias := ""
			if i.Name != nil {
				alias = i.Name.Name
			}
			want, listed := aliases[path]
			service, isClient := strings.CutPrefix(path, "github.com/aws/aws-sdk-go-v2/service/")
			switch {
			case listed && alias != want:
				t.Errorf("%s: %s is imported as %q, want %q", s.position(i.Pos()), path, alias, want)
			case !listed && isClient && !strings.Contains(service, "/"):
				t.Errorf("%s: %s has no name in the list of aliases", s.position(i.Pos()), path)
			}
		}
	}
}

// maxLines is how long a file with one concept gets.
const maxLines = 400

// TestFileLength checks the length of all files but tests.
func TestFileLength(t *testing.T) {
	t.Parallel()
	for _, s := range parse(t) {
		if n := strings.Count(read(t, s.file), "\n"); n > maxLines && !s.isTest() {
			t.Errorf("%s has %d lines, want at most %d: it holds more than one concept", s.file, n, maxLines)
		}
	}
}

// TestNoInit checks that importing a package does nothing.
func TestNoInit(t *testing.T) {
	t.Parallel()
	for _, s := range parse(t) {
		for _, d := range s.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" && !s.isTest() {
				t.Errorf("%s: there is a func init", s.position(f.Pos()))
			}
		}
	}
}

// TestFuzzTargets checks that CONTRIBUTING.md has a line for each fuzz target.
func TestFuzzTargets(t *testing.T) {
	t.Parallel()
	var want []string
	for _, s := range parse(t) {
		for _, d := range s.Decls {
			f, ok := d.(*ast.FuncDecl)
			if ok && s.isTest() && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Fuzz") && f.Type.Params.NumFields() == 1 {
				want = append(want, "go test -fuzz '^"+f.Name.Name+"$' -fuzztime 5m ./"+s.dir())
			}
		}
	}
	var got []string
	for line := range strings.Lines(read(t, "CONTRIBUTING.md")) {
		if strings.HasPrefix(line, "go test -fuzz ") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	if len(want) == 0 {
		t.Fatal("there are no fuzz targets")
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("CONTRIBUTING.md has no line\n%s", line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("there is no fuzz target for this line of CONTRIBUTING.md:\n%s", line)
		}
	}
	folder := func(line string) string { return line[strings.LastIndexByte(line, ' '):] }
	if !slices.IsSortedFunc(got, func(a, b string) int {
		return cmp.Or(strings.Compare(folder(a), folder(b)), strings.Compare(a, b))
	}) {
		t.Error("the lines of CONTRIBUTING.md about fuzz targets are not sorted by folder and name")
	}
}

// TestVariables checks that CONTRIBUTING.md names each variable of the
// environment that a developer can set for the tests, and no other. A variable
// that a test sets itself, for another process, is not among them.
func TestVariables(t *testing.T) {
	t.Parallel()
	variables := make(map[string]string)
	set := make(map[string]bool)
	for _, s := range parse(t) {
		if !s.isTest() && !isInternal(s.dir()) {
			continue
		}
		ast.Inspect(s.File, func(n ast.Node) bool {
			if text, ok := n.(*ast.BasicLit); ok {
				if name, _, ok := strings.Cut(strings.Trim(text.Value, "\"`"), "="); ok {
					set[name] = true
				}
			}
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			f, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || len(call.Args) == 0 || f.Sel.Name != "Getenv" && f.Sel.Name != "LookupEnv" {
				return true
			}
			if name, ok := call.Args[0].(*ast.BasicLit); ok && strings.HasPrefix(name.Value, `"CODESUITE_`) {
				variables[strings.Trim(name.Value, `"`)] = s.position(call.Pos())
			}
			return true
		})
	}
	contributing := read(t, "CONTRIBUTING.md")
	for name, at := range variables {
		if !set[name] && !strings.Contains(contributing, name) {
			t.Errorf("%s: CONTRIBUTING.md does not name %s", at, name)
		}
	}
	for _, name := range regexp.MustCompile(`CODESUITE_[A-Z0-9_]+`).FindAllString(contributing, -1) {
		if variables[name] == "" {
			t.Errorf("CONTRIBUTING.md names %s, which no test reads", name)
		}
	}
}
