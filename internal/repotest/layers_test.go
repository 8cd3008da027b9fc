package repotest_test

import (
	"slices"
	"strings"
	"testing"
)

// uses is the design: what each package may import of this module, those to
// come included. Packages below internal may be imported by all, and import
// only each other. A path that ends in "/" stands for all packages below it.
var uses = map[string][]string{
	"":                              nil,
	"codecommit":                    nil,
	"codecommit/archive":            {"codecommit"},
	"codecommit/ci":                 {"codecommit", "events", "events/"},
	"codecommit/ci/citest":          nil,
	"codecommit/codecommittest":     nil,
	"codecommit/gitfetch":           {"codecommit"},
	"codecommit/trigger":            {"codecommit"},
	"customaction":                  {"events", "pipeline/action", "pipeline/actiontype"},
	"customaction/ec2build":         {"customaction", "events", "events/", "pipeline", "pipeline/"},
	"events":                        nil,
	"events/dynamostore":            {"events"},
	"events/pattern":                {"events"},
	"githubstatus":                  nil,
	"githubstatus/pipelineapproval": {"events", "githubstatus", "pipeline", "pipeline/approval"},
	"githubstatus/pipelinestatus":   {"events", "events/", "githubstatus", "pipeline"},
	"pipeline":                      {"events"},
	"pipeline/action":               {"events"},
	"pipeline/actiontype":           nil,
	"pipeline/approval":             {"events", "pipeline"},
	"pipeline/definition":           {"events/pattern", "pipeline", "pipeline/actiontype"},
	"pipeline/diagram":              {"pipeline", "pipeline/definition"},
	"pipeline/multibranch":          {"codecommit", "codecommit/", "events", "pipeline", "pipeline/"},
	"pipeline/pipelinetest":         {"pipeline/actiontype"},
}

// withoutSDK are the packages that must not make a program depend on the AWS
// SDK.
var withoutSDK = []string{"events", "events/pattern", "githubstatus"}

// shared is all that a test server may have in common with the packages that it
// is to test: one that shares a fault with its client proves nothing.
var shared = map[string]string{
	"internal/awsjson":    "the wire: AWS JSON 1.1",
	"internal/flight":     "a cache, which knows nothing of any service",
	"internal/gitobj":     "the format of git's objects, which git itself checks in its tests",
	"pipeline/actiontype": "the catalogue of action types, which is data",
}

func isForTests(name string) bool { return strings.HasSuffix(name, "test") }

func TestLayers(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "./...") {
		name, _ := local(p.ImportPath)
		allowed, known := uses[name]
		if !known && !isInternal(name) {
			t.Errorf("package %s is not part of the design: add it to uses", name)
		}
		for _, path := range p.Imports {
			used, ok := local(path)
			if !ok {
				if path == "testing" && !isForTests(name) {
					t.Errorf("package %s imports testing", name)
				}
				continue
			}
			if isInternal(used) {
				continue
			}
			if isForTests(used) {
				t.Errorf("package %s imports %s, which is for tests", name, used)
			}
			if !slices.ContainsFunc(allowed, func(a string) bool {
				return used == a || strings.HasSuffix(a, "/") && strings.HasPrefix(used, a)
			}) {
				t.Errorf("package %s imports %s, which is not below it", name, used)
			}
		}
		if slices.Contains(withoutSDK, name) {
			for _, path := range p.Deps {
				if strings.HasPrefix(path, "github.com/aws/") {
					t.Errorf("package %s depends on %s: it is for programs without the AWS SDK", name, path)
				}
			}
		}
	}
}

func TestTestServers(t *testing.T) {
	t.Parallel()
	packages := list(t, "./...")
	tested := make(map[string]bool) // what packages that are not for tests import
	for _, p := range packages {
		if name, _ := local(p.ImportPath); !isForTests(name) {
			for _, path := range p.Imports {
				tested[path] = true
			}
		}
	}
	servers := 0
	for _, p := range packages {
		name, _ := local(p.ImportPath)
		if !isForTests(name) {
			continue
		}
		servers++
		for _, path := range p.Imports {
			if used, ok := local(path); ok && (tested[path] || isPublic(used)) && shared[used] == "" {
				t.Errorf("package %s, which is for tests, shares the logic of %s with the packages it is to test", name, used)
			}
		}
	}
	if servers < 4 {
		t.Errorf("there are %d packages for tests, want those of CodeCommit, CodePipeline, GitHub and S3 at least", servers)
	}
}
