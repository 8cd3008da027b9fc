//go:build unix

package main_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/examples/internal/testzip"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// source is an artifact with modes and links.
func source(t *testing.T) []byte {
	return testzip.Make(t,
		testzip.Entry{Name: "build.sh", Mode: 0o755, Body: "#!/bin/sh\nmkdir -p dist/bin\ncp -P tool link dist/bin/\ncp data.txt data.map dist/\nmkdir dist/empty\n"},
		testzip.Entry{Name: "data.txt", Mode: 0o640, Body: "data"},
		testzip.Entry{Name: "data.map", Mode: 0o644, Body: "map"},
		testzip.Entry{Name: "locked/", Mode: fs.ModeDir | 0o550},
		testzip.Entry{Name: "locked/file", Mode: 0o444, Body: "read only"},
		testzip.Entry{Name: "link", Mode: fs.ModeSymlink | 0o777, Body: "tool"},
		testzip.Entry{Name: "tool", Mode: 0o755, Body: "#!/bin/sh\n"},
	)
}

func tarGz(t *testing.T, name, body string) []byte {
	t.Helper()
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	tw := tar.NewWriter(zw)
	if err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(body))}); err != nil {
		t.Fatal(err)
	}
	if _, err := tw.Write([]byte(body)); err != nil {
		t.Fatal(err)
	}
	if err := tw.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := definition(t, `
		./build.sh
		stat -c '%a %n' build.sh data.txt locked locked/file > "$CODESUITE_OUTPUT_Other_1/modes" 2>/dev/null || stat -f '%Lp %N' build.sh data.txt locked locked/file > "$CODESUITE_OUTPUT_Other_1/modes"
		cp "$CODESUITE_INPUT_extra/notes" "$CODESUITE_OUTPUT_Other_1/"
		test "$CODESUITE_INPUT_Source" = "$PWD"
		printf 'Version=1.2=3\r\n\nTarget=%s\n' "$CODESUITE_CONFIG_Target" >> "$CODESUITE_VARIABLES"
		echo "made $CODESUITE_CONFIG_Target of $CODESUITE_REVISION" > "$CODESUITE_SUMMARY"
		echo "revision of extra: $CODESUITE_REVISION_extra"
		printf 'without newline'
	`, object{"outputs": []object{{"artifact": "Dist", "baseDirectory": "dist", "files": []string{"**/*"}, "exclude": []string{"*.map"}}}})
	id := w.add(t, pipelinetest.JobSpec{
		Configuration: map[string]string{"Target": "all", "PrimarySource": "Source"},
		Inputs:        []pipelinetest.Artifact{{Name: "extra", Revision: "r2"}, {Name: "Source", Revision: "r1"}},
		Outputs:       []pipelinetest.Artifact{{Name: "Dist"}, {Name: "Other-1"}},
		EncryptionKey: "arn:aws:kms:us-east-1:111122223333:key/1",
	}, map[string][]byte{"Source": source(t), "extra": tarGz(t, "notes", "notes")})
	p := w.start(t, file)
	job := w.ended(t, id)
	if status := p.stop(t); status != 0 {
		t.Errorf("exit status %d", status)
	}

	want := &pipelinetest.JobResult{
		Succeeded: true, Summary: "made all of r1", ExternalExecutionID: id,
		OutputVariables: map[string]string{"Version": "1.2=3", "Target": "all"},
	}
	if diff := cmp.Diff(want, job.Result); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	dist := []testzip.Entry{
		{Name: "bin/", Mode: fs.ModeDir | 0o755},
		{Name: "bin/link", Mode: fs.ModeSymlink | 0o777, Body: "tool"},
		{Name: "bin/tool", Mode: 0o755, Body: "#!/bin/sh\n"},
		{Name: "data.txt", Mode: 0o640, Body: "data"},
	}
	if diff := cmp.Diff(dist, w.output(t, job, "Dist")); diff != "" {
		t.Errorf("artifact Dist (-want +got):\n%s", diff)
	}
	other := []testzip.Entry{
		{Name: "modes", Mode: 0o644, Body: "755 build.sh\n640 data.txt\n750 locked\n444 locked/file\n"},
		{Name: "notes", Mode: 0o600, Body: "notes"},
	}
	if diff := cmp.Diff(other, w.output(t, job, "Other-1")); diff != "" {
		t.Errorf("artifact Other-1 (-want +got):\n%s", diff)
	}
	for _, r := range w.s3.Requests() {
		if r.Method == "PUT" && r.Header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id") != "arn:aws:kms:us-east-1:111122223333:key/1" {
			t.Errorf("%s was put without the KMS key", r.Key)
		}
	}
	for _, line := range []string{"revision of extra: r2", "without newline"} {
		if !strings.Contains(p.stdout.String(), "["+id+"] "+line+"\n") {
			t.Errorf("the output lacks the line %q", line)
		}
	}
	w.isClean(t)
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dump := `env | grep -v '^_=' | sort > env; cp env "$CODESUITE_OUTPUT_Env/"; cat env; sed 's/^/again /' env >&2`
	spec := pipelinetest.JobSpec{
		Configuration: map[string]string{"Target": "t", "Token": "token-not-exposed", "Deploy-Key": "key-that-is-exposed"},
		Outputs:       []pipelinetest.Artifact{{Name: "Env"}},
	}
	id := w.add(t, spec, nil)
	p := w.start(t, definition(t, dump, object{
		"environment": object{"FIXED": "fixed value"}, "passEnvironment": []string{"EXTRA", "NOT_SET"},
	}), "EXTRA=extra value", "UNWANTED=x", "LANG=C.UTF-8")
	job := w.ended(t, id)
	p.stop(t)
	got := environmentOf(t, w.output(t, job, "Env"))
	for _, name := range []string{"HOME", "TMPDIR", "PWD", "CODESUITE_VARIABLES", "CODESUITE_SUMMARY", "CODESUITE_CONTINUATION", "CODESUITE_OUTPUT_Env"} {
		if !strings.HasPrefix(got[name], w.dir+"/codesuite-worker-") {
			t.Errorf("%s=%s is not in the folder of the job", name, got[name])
		}
		delete(got, name)
	}
	for _, name := range []string{"PATH", "SHLVL", "OLDPWD"} {
		delete(got, name)
	}
	want := map[string]string{
		"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
		"CI": "true", "LANG": "C.UTF-8", "EXTRA": "extra value", "FIXED": "fixed value",
		"CODESUITE_PIPELINE": job.Pipeline, "CODESUITE_PIPELINE_ARN": "arn:aws:codepipeline:us-east-1:111122223333:" + job.Pipeline,
		"CODESUITE_EXECUTION_ID": job.ExecutionID, "CODESUITE_STAGE": job.Stage, "CODESUITE_ACTION": job.Action,
		"CODESUITE_ACTION_EXECUTION_ID": job.ActionExecutionID, "CODESUITE_JOB_ID": id, "CODESUITE_ACCOUNT_ID": "111122223333",
		"CODESUITE_CONTINUATION_TOKEN": "",
		"CODESUITE_CONFIG_Target":      "t", "CODESUITE_CONFIG_Deploy_Key": "key-that-is-exposed",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if log := p.stdout.String() + p.stderr.String(); strings.Contains(log, "key-that-is-exposed") || !strings.Contains(log, "CODESUITE_CONFIG_Deploy_Key=[redacted]") {
		t.Error("the exposed secret is in the log")
	}

	// With the worker's credentials.
	id = w.add(t, spec, nil)
	p = w.start(t, definition(t, dump, object{"awsCredentials": true}), "AWS_SESSION_TOKEN=session-of-the-worker")
	got = environmentOf(t, w.output(t, w.ended(t, id), "Env"))
	p.stop(t)
	if got["AWS_ACCESS_KEY_ID"] != "AKIDOFTHEWORKER" || got["AWS_SECRET_ACCESS_KEY"] != "secret-of-the-worker" || got["AWS_SESSION_TOKEN"] != "session-of-the-worker" || got["AWS_EC2_METADATA_DISABLED"] != "" {
		t.Errorf("the command did not get the credentials: %v", got)
	}
	if log := p.stdout.String() + p.stderr.String(); strings.Contains(log, "secret-of-the-worker") || strings.Contains(log, "session-of-the-worker") {
		t.Error("the worker's credentials are in the log")
	}
}

func environmentOf(t *testing.T, entries []testzip.Entry) map[string]string {
	t.Helper()
	env := make(map[string]string)
	for line := range strings.Lines(entries[0].Body) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		env[name] = value
	}
	return env
}

func TestFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	outside := filepath.Join(w.dir, "outside")
	hostile := testzip.Make(t, testzip.Entry{Name: "../../../outside", Mode: 0o644, Body: "x"})
	link := testzip.Make(t, testzip.Entry{Name: "l", Mode: fs.ModeSymlink | 0o777, Body: "/etc"}, testzip.Entry{Name: "l/x", Mode: 0o644})
	one := []pipelinetest.Artifact{{Name: "Source"}}
	p := w.start(t, definition(t, `eval "$CODESUITE_CONFIG_Target"`, object{
		"timeout": "2s", "concurrency": 4,
		"outputs": []object{{"artifact": "Picked", "baseDirectory": "dist", "files": []string{"*.txt"}}},
	}))
	for _, test := range []struct {
		name, command string
		spec          pipelinetest.JobSpec
		inputs        map[string][]byte
		failure, want string // the type and a part of the message
	}{
		{name: "exit status", command: `echo first; printf '\033[31mred\033[0m\n'; echo last >&2; exit 3`,
			failure: "JobFailed", want: "the command failed: exit status 3. The end of its output:\nfirst\nred\nlast"},
		{name: "the first command that fails", command: "false; true", failure: "JobFailed", want: "the command failed without output: exit status 1"},
		{name: "signal", command: "kill -SEGV $$", failure: "JobFailed", want: "signal: segmentation fault"},
		{name: "much output", command: "seq 1 2000; exit 1", failure: "JobFailed", want: "output:\n1971\n1972\n"},
		{name: "timeout", command: "echo begun; sleep 100", failure: "JobFailed", want: "the command was ended: the job ran out of time. The end of its output:\nbegun"},
		{name: "hostile name", spec: pipelinetest.JobSpec{Inputs: one}, inputs: map[string][]byte{"Source": hostile},
			failure: "JobFailed", want: `entry "../../../outside": its name leads out of its folder`},
		{name: "hostile link", spec: pipelinetest.JobSpec{Inputs: one}, inputs: map[string][]byte{"Source": link},
			failure: "JobFailed", want: "entry"},
		{name: "no such primary source", spec: pipelinetest.JobSpec{Inputs: one, Configuration: map[string]string{"PrimarySource": "Sauce"}},
			failure: "ConfigurationError", want: `PrimarySource is "Sauce"`},
		{name: "names that are the same variable", spec: pipelinetest.JobSpec{Inputs: []pipelinetest.Artifact{{Name: "a-b"}, {Name: "a_b"}}},
			failure: "ConfigurationError", want: "CODESUITE_INPUT_a_b"},
		{name: "nothing in the output", command: ":", spec: pipelinetest.JobSpec{Outputs: []pipelinetest.Artifact{{Name: "Other"}}},
			failure: "JobFailed", want: `output artifact "Other": no files for it are in the folder in $CODESUITE_OUTPUT_Other`},
		{name: "nothing matches", command: "mkdir dist; echo > dist/a.md", spec: pipelinetest.JobSpec{Outputs: []pipelinetest.Artifact{{Name: "Picked"}}},
			failure: "JobFailed", want: `output artifact "Picked": no files for it are in the base directory dist`},
		{name: "no base directory", command: ":", spec: pipelinetest.JobSpec{Outputs: []pipelinetest.Artifact{{Name: "Picked"}}},
			failure: "JobFailed", want: "the base directory"},
		{name: "base directory elsewhere", command: "ln -s /etc dist", spec: pipelinetest.JobSpec{Outputs: []pipelinetest.Artifact{{Name: "Picked"}}},
			failure: "JobFailed", want: "the base directory"},
		{name: "a pipe in the output", command: `mkfifo "$CODESUITE_OUTPUT_Other/p"`, spec: pipelinetest.JobSpec{Outputs: []pipelinetest.Artifact{{Name: "Other"}}},
			failure: "JobFailed", want: "neither a file nor a folder nor a link"},
		{name: "no variable", command: `echo broken > "$CODESUITE_VARIABLES"`, failure: "JobFailed", want: "line 1 is not of the form NAME=value"},
		{name: "bad name of a variable", command: `echo 'a b=c' > "$CODESUITE_VARIABLES"`, failure: "JobFailed", want: `the output variable "a b"`},
		{name: "variables in a pipe", command: `mkfifo "$CODESUITE_VARIABLES"`, failure: "JobFailed", want: "the file of the variables is no regular file"},
		{name: "endless summary", command: `head -c 2000000 /dev/zero > "$CODESUITE_SUMMARY"`, failure: "JobFailed", want: "over 1048576 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.spec.Configuration == nil {
				test.spec.Configuration = make(map[string]string)
			}
			if test.command != "" {
				test.spec.Configuration["Target"] = test.command
			}
			id := w.add(t, test.spec, test.inputs)
			job := w.ended(t, id)
			if job.Result == nil || job.Result.FailureType != test.failure || !strings.Contains(job.Result.Message, test.want) {
				t.Errorf("got %+v, want %s: %s", job.Result, test.failure, test.want)
			}
		})
	}
	t.Cleanup(func() {
		if status := p.stop(t); status != 0 {
			t.Errorf("exit status %d", status)
		}
		if _, err := os.Lstat(outside); err == nil {
			t.Error("a hostile artifact was written outside")
		}
		w.isClean(t)
	})
}

// TestCredentials lets the credentials of the poll expire while the command
// runs.
func TestCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	now := time.Now()
	id := w.add(t, pipelinetest.JobSpec{Inputs: []pipelinetest.Artifact{{Name: "Source"}}, Outputs: []pipelinetest.Artifact{{Name: "Out"}}}, nil)
	p := w.start(t, definition(t, `echo begun > "$DIR/begun"; until test -e "$DIR/go"; do sleep 0.05; done; echo made > "$CODESUITE_OUTPUT_Out/file"`,
		object{"environment": object{"DIR": dir}}))
	awaitFile(t, filepath.Join(dir, "begun"))
	w.SetClock(func() time.Time { return now.Add(2 * time.Hour) })
	if err := os.WriteFile(filepath.Join(dir, "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	job := w.ended(t, id)
	p.stop(t)
	if diff := cmp.Diff([]testzip.Entry{{Name: "file", Mode: 0o644, Body: "made\n"}}, w.output(t, job, "Out")); diff != "" {
		t.Errorf("artifact (-want +got):\n%s", diff)
	}
	refused := 0
	for _, r := range w.s3.Requests() {
		if r.Refused {
			refused++
		}
	}
	if refused == 0 || job.Count(pipelinetest.JobEventDetailsRead) == 0 {
		t.Errorf("%d requests were refused, details were read %d times: the test tests nothing", refused, job.Count(pipelinetest.JobEventDetailsRead))
	}
}

func TestContinuation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.add(t, pipelinetest.JobSpec{Outputs: []pipelinetest.Artifact{{Name: "Out"}}}, nil)
	p := w.start(t, definition(t, `
		if test -z "$CODESUITE_CONTINUATION_TOKEN"; then
			echo deployment-7 > "$CODESUITE_CONTINUATION"
			echo started > "$CODESUITE_SUMMARY"
			exit
		fi
		echo "$CODESUITE_CONTINUATION_TOKEN" > "$CODESUITE_OUTPUT_Out/token"`, nil))
	first := w.ended(t, id)
	second := w.ended(t, first.ContinuedBy)
	p.stop(t)
	if r := first.Result; !r.Succeeded || r.ContinuationToken != "deployment-7" || r.Summary != "started" {
		t.Errorf("first result: %+v", r)
	}
	if r := second.Result; r == nil || !r.Succeeded || r.ContinuationToken != "" {
		t.Fatalf("second result: %+v", r)
	}
	if diff := cmp.Diff([]testzip.Entry{{Name: "token", Mode: 0o644, Body: "deployment-7\n"}}, w.output(t, second, "Out")); diff != "" {
		t.Errorf("artifact (-want +got):\n%s", diff)
	}
}
