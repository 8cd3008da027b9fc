package main_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
	"github.com/codesuite-go/codesuite/examples/internal/testzip"
	"github.com/codesuite-go/codesuite/internal/ec2test"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// userID is the ID of the user of an instance, without that of the instance.
const userID = "AROAEXAMPLE:"

// host runs the commands of instances in bash, by the document of the template, and
// with the role of the template before the S3 of the pipeline.
type host struct {
	t        *testing.T
	store    *pipelinetest.Server
	document []byte
	role     []cfntest.Statement
	temp     string

	mu      sync.Mutex
	actions []string // of the role that were needed
}

func newHost(t *testing.T, store *pipelinetest.Server, bucket string) *host {
	t.Helper()
	for _, program := range ec2test.Programs {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("there is no %s", program)
		}
	}
	tmpl := cfntest.Read(t, "template.yaml", map[string]string{"ArtifactBucket": bucket, "ArtifactPrefix": "app/*"})
	h := &host{t: t, store: store, temp: t.TempDir()}
	var err error
	if h.document, err = json.Marshal(cfntest.At(tmpl.Resource(t, "LinuxDocument"), "Properties", "Content")); err != nil {
		t.Fatal(err)
	}
	h.role = instanceRole(t, tmpl)
	return h
}

// prepare has the commands of a cloud run here.
func (h *host) prepare(c *cloud) {
	c.run = func(i *instance, args arguments) {
		if args.DocumentName != "build-linux" {
			h.t.Errorf("the document is %s", args.DocumentName)
		}
		script, err := ec2test.Script(h.document, args.Parameters)
		if err != nil {
			h.t.Error(err)
			return
		}
		s3 := cfntest.NewRecorder(h.t, "s3", h.store.URL())
		s3.Refuse(func(r *http.Request) bool { return !h.allows(r, i.id) })
		shell := ec2test.Shell{S3: s3.URL, Temp: h.temp, Path: os.Getenv("PATH")}
		out, err := shell.Run(h.t.Context(), script)
		if err != nil {
			h.t.Error(err)
			return
		}
		h.mu.Lock()
		h.actions = append(h.actions, s3.Actions()...)
		h.mu.Unlock()
		c.plan.status, c.plan.details, c.plan.code, c.plan.stdout, c.plan.stderr = "Success", "Success", out.Code, out.Stdout, out.Stderr
		if out.Code != 0 {
			c.plan.status, c.plan.details = "Failed", "Failed"
		}
		variables, _ := h.store.Object("results", "variables/"+userID+i.id)
		c.plan.variables = string(variables)
	}
}

// allows reports whether the role of the template allows a request of the instance.
func (h *host) allows(r *http.Request, instance string) bool {
	action := "s3:GetObject"
	if r.Method != http.MethodGet {
		action = "s3:PutObject"
	}
	for _, s := range h.role {
		if s.Effect != "Allow" {
			continue // none of them is about S3
		}
		for _, resource := range s.Resources {
			if strings.HasPrefix(resource, "/") { // the reader of templates evaluates the bucket's ARN to nothing
				resource = "arn:aws-cn:s3:::results" + resource
			}
			resource = strings.ReplaceAll(resource, "${aws:userid}", userID+instance)
			pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(resource), `\*`, ".*") + "$"
			if slices.Contains(s.Actions, action) && regexp.MustCompile(pattern).MatchString("arn:aws-cn:s3::"+strings.Replace(r.URL.Path, "/", ":", 1)) {
				return true
			}
		}
	}
	return false
}

// TestInstance runs builds from the event of the action to the result in
// CodePipeline: the compiled function starts the state machine, which sends the
// document of the template to an instance, where bash runs it.
func TestInstance(t *testing.T) {
	t.Parallel()
	const foreign = "variables/" + userID + "i-0000000000000000f"
	for _, test := range []struct {
		name, command string
		failure       string // part of the message
		variables     map[string]string
		output        map[string]string // files
	}{
		{
			name: "success",
			command: `set -u
mkdir dist
tr a-z A-Z <main.c >"dist/$PipelineName $CODESUITE_ACTION.txt"
echo "Version=1.2.3 (quoted \"so\")" >>"$CODESUITE_OUTPUT"
`,
			variables: map[string]string{"Version": `1.2.3 (quoted "so")`},
			output:    map[string]string{"app Compile.txt": "INT MAIN;"},
		},
		{
			name:    "a command fails",
			command: "mkdir dist; touch dist/x\ncat no-such-file\necho went on",
			failure: "cat: no-such-file: No such file or directory",
		},
		{
			name:    "the object of another instance",
			command: "mkdir dist; echo '{}' >dist/x\naws s3 cp --only-show-errors dist/x s3://results/" + foreign,
			failure: "403",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 1, func(build *pipelinetest.Action) {
				build.Configuration["Command"], build.Configuration["OutputArtifactPath"] = test.command, "dist"
				build.Outputs = []string{"Built"}
			})
			s.begin()
			first := s.pipeline.Jobs()[0]
			in, out := first.Inputs[0], first.Outputs[0]
			if err := s.pipeline.PutObject(in.Bucket, in.Key, testzip.Make(t, testzip.Entry{Name: "main.c", Mode: 0o644, Body: "int main;"})); err != nil {
				t.Fatal(err)
			}
			h := newHost(t, s.pipeline, in.Bucket)
			s.prepare = h.prepare
			s.settle()
			s.checkJobs(1)

			last := s.pipeline.Jobs()[1]
			built, ok := s.pipeline.Object(out.Bucket, out.Key)
			if _, ok := s.pipeline.Object("results", foreign); ok {
				t.Errorf("the instance has put the object of another")
			}
			if test.failure != "" {
				if last.Result.Succeeded || ok || !strings.Contains(last.Result.Message, test.failure) || strings.Contains(last.Result.Message, "went on") {
					t.Errorf("result %+v, output artifact %v", last.Result, ok)
				}
				return
			}
			if !last.Result.Succeeded {
				t.Fatalf("result %+v", last.Result)
			}
			variables := last.Result.OutputVariables
			for _, name := range []string{"CommandId", "ExecutionArn", "InstanceId", "LogGroup"} {
				if variables[name] == "" {
					t.Errorf("there is no output variable %s", name)
				}
				delete(variables, name)
			}
			if diff := cmp.Diff(test.variables, variables); diff != "" {
				t.Errorf("output variables (-want +got):\n%s", diff)
			}
			files := make(map[string]string)
			for _, e := range testzip.Read(t, built) {
				if !e.Mode.IsDir() {
					files[e.Name] = e.Body
				}
			}
			if diff := cmp.Diff(test.output, files); diff != "" {
				t.Errorf("output artifact (-want +got):\n%s", diff)
			}
			if status := string(s.latest().Status); status != "Succeeded" {
				t.Errorf("the action is %s", status)
			}
			h.checkRole()
		})
	}
}

// checkRole compares what the script has needed of S3 with the role.
func (h *host) checkRole() {
	h.t.Helper()
	var allowed []string
	for _, s := range h.role {
		for _, action := range s.Actions {
			// The AWS CLI needs this one when it cannot put a large object.
			if strings.HasPrefix(action, "s3:") && action != "s3:AbortMultipartUpload" {
				allowed = append(allowed, action)
			}
		}
	}
	slices.Sort(allowed)
	slices.Sort(h.actions)
	if diff := cmp.Diff(slices.Compact(allowed), slices.Compact(h.actions)); diff != "" {
		h.t.Errorf("actions of the script (-allowed +needed):\n%s", diff)
	}
}
