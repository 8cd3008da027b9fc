package repotest_test

import (
	"go/ast"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/githubtest"
	"github.com/codesuite-go/codesuite/internal/redact"
)

// secretNames matches the names of variables and fields with secrets in tests.
var secretNames = regexp.MustCompile(`(?i)(secret|token|password|passphrase|privateKey|accessKey)s?$`)

// secretShape matches texts that can be secrets of tests: no names of members
// such as nextToken, no sentences, no ARNs, and nothing made to be seen.
var secretShape = regexp.MustCompile(`^[\w/+.=-]*(?:\d[\w/+.=-]*[a-zA-Z]|[a-zA-Z][\w/+.=-]*\d|-)[\w/+.=-]*$`)

// testSecrets returns the secrets that tests and test servers use.
func testSecrets(t *testing.T) []string {
	t.Helper()
	secrets := []string{githubtest.Token}
	for n := range 500 { // the credentials that pipelinetest gives to jobs
		number := strconv.Itoa(n)
		secrets = append(secrets, awsjson.Hex(40, "secret key", number), "session-token-"+awsjson.Hex(64, "session", number))
	}
	add := func(name string, value ast.Expr) {
		literal, ok := value.(*ast.BasicLit)
		if !ok || !secretNames.MatchString(name) {
			return
		}
		if text, err := strconv.Unquote(literal.Value); err == nil && len(text) >= 10 && secretShape.MatchString(text) {
			secrets = append(secrets, text)
		}
	}
	for _, s := range parse(t) {
		if !s.isTest() && !isForTests(s.dir()) {
			continue
		}
		ast.Inspect(s.File, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				text, _ := strconv.Unquote(n.Value)
				name, value, _ := strings.Cut(text, "=")
				if (name == "AWS_SECRET_ACCESS_KEY" || name == "AWS_SESSION_TOKEN") && len(value) > 10 {
					secrets = append(secrets, value)
				}
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if i < len(n.Values) {
						add(name.Name, n.Values[i])
					}
				}
			case *ast.AssignStmt:
				for i, left := range n.Lhs {
					if i >= len(n.Rhs) {
						break
					}
					switch left := left.(type) {
					case *ast.Ident:
						add(left.Name, n.Rhs[i])
					case *ast.SelectorExpr:
						add(left.Sel.Name, n.Rhs[i])
					}
				}
			case *ast.KeyValueExpr:
				if name, ok := n.Key.(*ast.Ident); ok {
					add(name.Name, n.Value)
				}
			}
			return true
		})
	}
	return secrets
}

// TestOutputShowsNoSecret searches the output of "go test -v", in the file that
// CODESUITE_TEST_OUTPUT names, for the secrets of the tests, in whatever
// encoding. Names of tests do not count.
func TestOutputShowsNoSecret(t *testing.T) {
	t.Parallel()
	known := testSecrets(t)
	if len(known) < 1012 {
		t.Errorf("the tests have %d secrets: are all of them found?", len(known))
	}
	file := os.Getenv("CODESUITE_TEST_OUTPUT")
	if file == "" {
		t.Skip("set CODESUITE_TEST_OUTPUT to the output of go test -v, as .ci/run does")
	}
	output, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`^ *(=== |--- )`)
	secrets := redact.New(known...)
	lines := 0
	for line := range strings.Lines(string(output)) {
		lines++
		if names.MatchString(line) {
			continue
		}
		for _, clean := range []string{secrets.Text(line), redact.Likely(line)} {
			if clean != line {
				t.Errorf("line %d of the output shows a secret: %.500s", lines, clean)
			}
		}
	}
	if lines < 1000 {
		t.Errorf("%s has %d lines, and is not the output of all tests", file, lines)
	}
}
