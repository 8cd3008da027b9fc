//go:build unix

package main_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/examples/internal/testzip"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// Artifacts of one file go in and out as they are, also archives where the
// configuration says so.
func TestFileArtifacts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	jar := string(testzip.Make(t, testzip.Entry{Name: "META-INF/MANIFEST.MF", Mode: 0o644, Body: "Main-Class: App\n"}))
	id := w.add(t, pipelinetest.JobSpec{
		Inputs: []pipelinetest.Artifact{
			{Name: "Template", Key: "releases/template.yaml"}, {Name: "App", Key: "releases/app.jar"}, {Name: "Odd", Key: "releases/.."},
		},
		Outputs: []pipelinetest.Artifact{{Name: "Copy"}, {Name: "Same"}},
	}, map[string][]byte{"Template": []byte("Resources: {}\n"), "App": []byte(jar), "Odd": nil})
	p := w.start(t, definition(t, `
		test "$CODESUITE_FILE_Template" = "$PWD/template.yaml"
		test "$CODESUITE_FILE_App" = "$CODESUITE_INPUT_App/app.jar"
		test "$CODESUITE_FILE_Odd" = "$CODESUITE_INPUT_Odd/Odd"
		mkdir out
		cat template.yaml template.yaml > out/copy.yaml
		cp "$CODESUITE_FILE_App" out/`, object{
		"inputFiles": []string{"App"},
		"outputs":    []object{{"artifact": "Copy", "baseDirectory": "out", "file": "copy.yaml"}, {"artifact": "Same", "file": "out/app.jar"}},
	}))
	job := w.ended(t, id)
	p.stop(t)
	if job.Result == nil || !job.Result.Succeeded {
		t.Fatalf("the job is %s: %+v", job.Status, job.Result)
	}
	for i, want := range []string{"Resources: {}\nResources: {}\n", jar} {
		if got := string(w.s3.Get(t, job.Outputs[i].Bucket, job.Outputs[i].Key)); got != want {
			t.Errorf("artifact %s: %d bytes, want %d", job.Outputs[i].Name, len(got), len(want))
		}
	}
	w.isClean(t)
}

func TestFileArtifactFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start(t, definition(t, `eval "$CODESUITE_CONFIG_Target"`, object{
		"concurrency": 4, "outputs": []object{{"artifact": "Out", "file": "dist/file"}},
	}))
	for _, test := range []struct{ name, command, want string }{
		{"not there", ":", `output artifact "Out": the file dist/file in the working directory`},
		{"a folder", "mkdir -p dist/file", "it is no regular file"},
		{"a pipe", "mkdir dist; mkfifo dist/file", "it is no regular file"},
		{"a link that leads out", "mkdir dist; ln -s /etc/hostname dist/file", `output artifact "Out": the file dist/file`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			id := w.add(t, pipelinetest.JobSpec{Configuration: map[string]string{"Target": test.command}, Outputs: []pipelinetest.Artifact{{Name: "Out"}}}, nil)
			if r := w.ended(t, id).Result; r == nil || r.FailureType != "JobFailed" || !strings.Contains(r.Message, test.want) {
				t.Errorf("got %+v, want a message with %q", r, test.want)
			}
		})
	}
	t.Cleanup(func() { p.stop(t) })
}

// The limits of artifacts are those of the configuration file.
func TestLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	three := testzip.Make(t, testzip.Entry{Name: "a", Mode: 0o644, Body: strings.Repeat("a", 2000)},
		testzip.Entry{Name: "b", Mode: 0o644}, testzip.Entry{Name: "link", Mode: fs.ModeSymlink | 0o777, Body: "/etc/hostname"})
	for _, test := range []struct {
		name   string
		limits object
		want   string // in the message of the failure; "" is success
	}{
		{"none given", object{}, ""},
		{"large enough", object{"download": "1MiB", "unpacked": 2013, "file": 2000, "entries": 3, "depth": 1, "names": "1KiB", "ratio": -1}, ""},
		{"download", object{"download": 100}, "Limits.Download"},
		{"unpacked", object{"unpacked": "1KiB"}, "Limits.Unpacked"},
		{"file", object{"file": 1999}, "Limits.File"},
		{"entries", object{"entries": 2}, "Limits.Entries"},
		{"inside links", object{"insideLinks": true}, "the link"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.add(t, pipelinetest.JobSpec{Inputs: []pipelinetest.Artifact{{Name: "Source"}}}, map[string][]byte{"Source": three})
			p := w.start(t, definition(t, `test "$(readlink link)" = /etc/hostname`, object{"limits": test.limits}))
			got := ""
			if r := w.ended(t, id).Result; !r.Succeeded {
				got = r.Message
			}
			p.stop(t)
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	for value, want := range map[string]string{
		`{"download": "8GB"}`:    "no size",
		`{"file": "9999999TiB"}`: "no size",
		`{"entries": -2}`:        "limits: entries: -2 is negative; -1 is no limit",
		`{"depht": 3}`:           "depht",
	} {
		_, _, stderr := w.run(t, "-check", "-config", definition(t, "true", object{"limits": jsonText(value)}))
		if !strings.Contains(stderr, want) {
			t.Errorf("%s: %q, want %q", value, stderr, want)
		}
	}
	for _, test := range []struct {
		change object
		want   string
	}{
		{object{"outputs": []object{{"file": "a", "files": []string{"b"}}}}, "either one file or an archive"},
		{object{"outputs": []object{{"file": "../a"}}}, "is not in the working directory"},
		{object{"inputFiles": []string{"a b"}}, `inputFiles: "a b"`},
	} {
		if status, _, stderr := w.run(t, "-check", "-config", definition(t, "true", test.change)); status != 64 || !strings.Contains(stderr, test.want) {
			t.Errorf("%v: %d, %q, want %q", test.change, status, stderr, test.want)
		}
	}
}

// jsonText is JSON as it is.
type jsonText string

func (j jsonText) MarshalJSON() ([]byte, error) { return []byte(j), nil }
