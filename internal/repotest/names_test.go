package repotest_test

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// shares are the exported names that several packages have, with the reason.
var shares = map[string]string{
	"API":     "the methods of the SDK's client that a package calls",
	"Error":   "the error of a package",
	"New":     "a constructor, for the SDK's client or the package's one subject",
	"Open":    "a constructor, for an aws.Config",
	"S3API":   "the methods of the SDK's S3 client that a package calls",
	"Options": "the options of a package",

	"Faults":    "test servers inject the same faults",
	"NewServer": "test servers are made alike",
	"Server":    "test servers are made alike",
	"Start":     "test servers are made alike",

	"ActionAbandoned": "a state of an action, as events have it and as the API has it",
	"ActionFailed":    "a state of an action, as events have it and as the API has it",
	"ActionSucceeded": "a state of an action, as events have it and as the API has it",
	"ActionType":      "of an event, an execution and a job; the test server has its own, with defaults",
	"Artifact":        "an artifact, as an event, an execution, a job and a declaration have it",
	"StageFailed":     "a state of a stage, as events have it and as the API has it",
	"StageStopped":    "a state of a stage, as events have it and as the API has it",
	"StageStopping":   "a state of a stage, as events have it and as the API has it",
	"StageSucceeded":  "a state of a stage, as events have it and as the API has it",
	"BlobRef":         "a file over the API's limit, which archive asks for and others supply",
	"Credentials":     "action: those of a job; gitfetch: user and password for git",
	"CurrentRevision": "a member of a job's result, as a handler puts it and as the server got it",
	"FS":              "codecommit shows a commit as an fs.FS, codecommittest serves one",
	"IntegrityError":  "content that is not that of its ID, of one object and of an archive",
	"Job":             "a job, as an event, a handler and the server have it",
	"JobOptions":      "how jobs are run, and how the server makes them",
	"Outcome":         "how a job ended, for observers, for the service, and at the server",
	"Store":           "events has the interface, dynamostore the table behind it",
	"Revision":        "a source revision, as an execution has it and as the server is given it",
	"SourceRevision":  "a source revision, as events have it and as the server is given it",
	"Variable":        "a variable of a pipeline, as an execution has it and as it is declared",

	"Action":              "an action of a structure, as a program declares it and as the server simulates it",
	"CodeCommitSource":    "a source action of a structure, as a program declares it and as the server simulates it",
	"ConnectionSource":    "a source action of a structure, as a program declares it and as the server simulates it",
	"ECRSource":           "a source action of a structure, as a program declares it and as the server simulates it",
	"EncryptionKey":       "of artifacts, as an event has it and as a structure declares it",
	"EnvironmentVariable": "of a build, as an event has it and of an action, as a structure declares it",
	"Finding":             "what a check finds, in a structure and in the configuration of multibranch",
	"GitHubSource":        "a source action of a structure, as a program declares it and as the server simulates it",
	"OnFailure":           "of a stage, as a program declares it and as the server simulates it",
	"Rule":                "of a condition, as a program declares it and as the server simulates it; approval: on which approvals are decided",
	"Pipeline":            "a structure, as a program declares it and as the server simulates it",
	"S3Source":            "a source action of a structure, as a program declares it and as the server simulates it",
	"Stage":               "a stage of a structure, as a program declares it and as the server simulates it",

	"Change":           "codecommit: of a file; pipeline: of an execution",
	"ChangeType":       "the type of a Change",
	"CheckOptions":     "githubstatus: of check runs; definition: of Check",
	"Condition":        "pattern: of a field; definition: of a stage, as the API calls it",
	"Difference":       "of two action types, and of two structures",
	"Client":           "of GitHub, and of CodePipeline",
	"ErrForeign":       "an event of another account or Region, for the handlers that compare them",
	"Commit":           "codecommit reads one, githubstatus names the one that a status is for",
	"Delivery":         "events: how an event arrived; test servers: how events are delivered",
	"Event":            "events: of CI/CD; customaction: for observers; trigger: the kinds that the API has",
	"Handler":          "events: of an event; action: of a job",
	"Mode":             "codecommit: of a file; pipeline: of executions",
	"Parse":            "reads the one text that a package is about",
	"Provider":         "events: of a source revision; definition: of an action",
	"Origin":           "events: where an event is from; pipelinestatus: an account and Region",
	"State":            "of a status on GitHub, of a build, and of a run at the server",
	"Status":           "githubstatus: a commit status; pipeline: that of an execution, as the API calls it; citest: that of a build",
	"Trigger":          "trigger: of a repository; pipeline: why an execution started; definition: why executions start",
	"Document":         "ec2build: of Systems Manager; definition: the reply of GetPipeline",
	"EventRule":        "a rule of EventBridge, for a repository and for a pipeline",
	"Build":            "of CodeBuild, as an event has it and as a report has it",
	"Clients":          "the clients that a handler calls",
	"CodeCommitAPI":    "the methods of the SDK's CodeCommit client that a package calls",
	"StateFailed":      "a state of a build, and of a run at the server",
	"StateInProgress":  "a state of a build, and of a run at the server",
	"StateSucceeded":   "a state of a build, and of a run at the server",
	"Coverage":         "of code, as a report of ci has it and as the server is given it",
	"Group":            "a group of a batch build, as a report of ci has it and as the server is given it",
	"PullRequest":      "of CodeCommit, as a report of ci has it; of GitHub; and what rules of approval ask of both",
	"StatusCheck":      "of a commit, as GitHub has it and as a rule of approval looks at it",
	"Subject":          "what a status of pipelinestatus, and a reader of approval, is about",
	"Report":           "of a build: what ci tells of it, and a test report that the server is given",
	"StatusFailed":     "a status of an execution, and of a build at the server",
	"StatusInProgress": "a status of an execution, and of a build at the server",
	"StatusStopped":    "a status of an execution, and of a build at the server",
	"StatusSucceeded":  "a status of an execution, and of a build at the server",
	"TestCase":         "of a test report, as a report of ci has it and as the server is given it",
}

// TestSharedNames checks that no two packages have an exported name for two
// things without a reason.
func TestSharedNames(t *testing.T) {
	t.Parallel()
	packages := make(map[string][]string)
	for dir, files := range byFolder(t) {
		if !isPublic(dir) {
			continue
		}
		for _, s := range files {
			for _, d := range s.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					if d.Recv == nil {
						packages[d.Name.Name] = append(packages[d.Name.Name], dir)
					}
				case *ast.GenDecl:
					for _, spec := range d.Specs {
						switch spec := spec.(type) {
						case *ast.TypeSpec:
							packages[spec.Name.Name] = append(packages[spec.Name.Name], dir)
						case *ast.ValueSpec:
							for _, name := range spec.Names {
								packages[name.Name] = append(packages[name.Name], dir)
							}
						}
					}
				}
			}
		}
	}
	for name, dirs := range packages {
		slices.Sort(dirs)
		dirs = slices.Compact(dirs)
		switch {
		case ast.IsExported(name) && len(dirs) > 1 && shares[name] == "":
			t.Errorf("%s is a name of %s: rename one, or give the reason in shares", name, strings.Join(dirs, " and "))
		case len(dirs) < 2 && shares[name] != "":
			t.Errorf("%s is no longer a name of several packages: remove it from shares", name)
		}
	}
	for name := range shares {
		if len(packages[name]) == 0 {
			t.Errorf("%s is no longer a name of a package: remove it from shares", name)
		}
	}
}
