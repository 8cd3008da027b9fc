package ec2build

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/ec2test"
	"github.com/codesuite-go/codesuite/internal/s3test"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// machine runs the script for Linux.
type machine struct {
	s3   *s3test.Server
	temp string
	path string // of programs, but for aws
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	for _, program := range ec2test.Programs {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("there is no %s", program)
		}
	}
	return &machine{s3: s3test.NewServer(t), temp: t.TempDir(), path: os.Getenv("PATH")}
}

func (m *machine) run(t *testing.T, b build) ec2test.Output {
	t.Helper()
	if b.timeout == 0 {
		b.timeout = time.Hour
	}
	document, err := Document(PlatformLinux, false)
	if err != nil {
		t.Fatal(err)
	}
	parameters := b.parameters()
	parameters[parameterInstance] = []string{"i-0123456789abcdef0"} // as the state machine does
	script, err := ec2test.Script(document, parameters)
	if err != nil {
		t.Fatal(err)
	}
	shell := ec2test.Shell{S3: m.s3.URL, Temp: m.temp, Path: m.path}
	r, err := shell.Run(t.Context(), script)
	if err != nil {
		t.Fatal(err)
	}
	if t.Failed() || testing.Verbose() {
		t.Logf("exit code %d\n%s\n%s", r.Code, r.Stdout, r.Stderr)
	}
	return r
}

// succeed runs a build that has to succeed.
func (m *machine) succeed(t *testing.T, b build) ec2test.Output {
	t.Helper()
	r := m.run(t, b)
	if r.Code != 0 {
		t.Fatalf("exit code %d\n%s\n%s", r.Code, r.Stdout, r.Stderr)
	}
	return r
}

func zipOf(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range files {
		f, err := w.Create(name)
		if err == nil {
			_, err = io.WriteString(f, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarGzOf(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	gz := gzip.NewWriter(&b)
	w := tar.NewWriter(gz)
	for name, content := range files {
		err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content))})
		if err == nil {
			_, err = io.WriteString(w, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), gz.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// filesOf returns the files in a zip archive by name.
func (m *machine) filesOf(t *testing.T, bucket, key string) map[string]string {
	t.Helper()
	o := m.s3.Get(bucket, key)
	if o == nil {
		t.Fatalf("there is no object %s/%s", bucket, key)
	}
	r, err := zip.NewReader(bytes.NewReader(o.Body), int64(len(o.Body)))
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, f := range r.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(rc)
		if err := errors.Join(err, rc.Close()); err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(content)
	}
	return files
}

func artifact(name, key string) action.Artifact {
	return action.Artifact{Name: name, Bucket: "store", Key: key}
}

func TestScript(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.s3.Put("store", "app/Source/1", zipOf(t, map[string]string{"main.c": "int main;", "docs/a b.txt": "text"}))
	m.s3.Put("store", "app/Tools/2", tarGzOf(t, map[string]string{"tool": "wrench"}))
	r := m.succeed(t, build{
		command: `set -u
echo "$PipelineName of $PipelineExecutionId in $PipelineArn"
mkdir dist
cp main.c "docs/a b.txt" dist
ln -s main.c dist/link
cat "$CODESUITE_INPUT_Tools_2/tool" >report
echo "Version=1.2.3" >>"$CODESUITE_OUTPUT"
pwd
`,
		environment: []variable{{"PipelineName", "app"}, {"PipelineExecutionId", "e-1"}, {"PipelineArn", "arn:1"}},
		inputs:      []action.Artifact{artifact("Source", "app/Source/1"), artifact("Tools-2", "app/Tools/2")},
		outputs: []output{
			{artifact("Dist", "app/Dist/3"), "dist"},
			{artifact("Report", "app/Report/4"), "report"},
		},
		encryptionKey: "arn:aws:kms:us-east-1:111122223333:key/k-1",
		variables:     &InstanceObject{"work", "variables/x:"},
	})
	if !strings.Contains(r.Stdout, "app of e-1 in arn:1\n") || r.Stderr != "" {
		t.Errorf("output %q, errors %q", r.Stdout, r.Stderr)
	}
	want := map[string]string{"main.c": "int main;", "a b.txt": "text", "link": "main.c"}
	if diff := cmp.Diff(want, m.filesOf(t, "store", "app/Dist/3")); diff != "" {
		t.Errorf("artifact mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"report": "wrench"}, m.filesOf(t, "store", "app/Report/4")); diff != "" {
		t.Errorf("artifact mismatch (-want +got):\n%s", diff)
	}
	for _, key := range []string{"app/Dist/3", "app/Report/4"} {
		o := m.s3.Get("store", key)
		if o.Encryption != "aws:kms" || o.KMSKeyID != "arn:aws:kms:us-east-1:111122223333:key/k-1" {
			t.Errorf("%s is encrypted with %q and the key %q", key, o.Encryption, o.KMSKeyID)
		}
	}
	variables := m.s3.Get("work", "variables/x:i-0123456789abcdef0")
	if got := string(variables.Body); got != `{"Version":"1.2.3"}` {
		t.Errorf("output variables: %s", got)
	}
	// The state machine reads them, and has no access to the key of the artifacts.
	if variables.Encryption != "" || variables.KMSKeyID != "" {
		t.Errorf("output variables are encrypted with %q and the key %q", variables.Encryption, variables.KMSKeyID)
	}
}

// TestScriptWithoutArtifacts: both counts may be 0, and nothing is fetched, packed
// or put then.
func TestScriptWithoutArtifacts(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	r := m.succeed(t, build{command: "pwd; ls -A"})
	if n := len(m.s3.Requests()); n != 0 {
		t.Errorf("there were %d requests to S3", n)
	}
	work, _, _ := strings.Cut(strings.SplitN(r.Stdout, "\n", 2)[1], "\n")
	if !strings.HasPrefix(work, m.temp+"/") || !strings.HasSuffix(work, "/work") {
		t.Errorf("the working directory is %q", work)
	}
}

// TestScriptFailures shows that a command that fails fails the build, and puts
// nothing.
func TestScriptFailures(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.s3.Put("store", "text", []byte("no archive"))
	m.s3.Put("store", "zip", zipOf(t, map[string]string{"a": "b"})[:30])
	m.s3.SetFail(func(r s3test.Request) string {
		if strings.HasPrefix(r.Key, "denied") {
			return "AccessDenied"
		}
		return ""
	})
	out := []output{{artifact("Out", "out"), "file"}}
	for _, test := range []struct {
		name  string
		build build
		code  int
		want  string // in the errors
	}{
		{"first command", build{command: "touch file\nfalse\necho went on", outputs: out}, 1, "exit code 1"},
		{"in a pipe", build{command: "touch file\n(exit 7) | cat\necho went on", outputs: out}, 7, "exit code 7"},
		{"last command", build{command: "touch file; exit 42", outputs: out}, 42, "exit code 42"},
		{"not found", build{command: "touch file; no-such-command", outputs: out}, 127, "exit code 127"},
		{"syntax", build{command: "touch file; if", outputs: out}, 2, "exit code 2"},
		{"of another program", build{command: "#!/bin/sh\ntouch file; exit 9", outputs: out}, 9, "exit code 9"},
		{"reboot", build{command: "touch file; exit 194", outputs: out}, 1, "cannot reboot"},
		{"no output", build{command: "true", outputs: out}, 1, "no such file or folder"},
		{"empty output", build{command: "mkdir file", outputs: out}, 1, "has no files"},
		{"working directory gone", build{command: `rm -rf "$PWD"`, outputs: out}, 1, "the working directory is gone"},
		{"no input", build{command: "true", inputs: []action.Artifact{artifact("In", "missing")}}, 1, "cannot fetch the input artifact In from s3://store/missing"},
		{"denied input", build{command: "true", inputs: []action.Artifact{artifact("In", "denied")}}, 1, "s3:GetObject"},
		{"no archive", build{command: "true", inputs: []action.Artifact{artifact("In", "text")}}, 1, "no zip archive"},
		{"half an archive", build{command: "true", inputs: []action.Artifact{artifact("In", "zip")}}, 1, "cannot unpack"},
		{"denied output", build{command: "touch file", outputs: []output{{artifact("Out", "denied"), "file"}}}, 1, "s3:PutObject"},
		{"working directory is a file", build{command: "true", directory: "/dev/null"}, 1, "working directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := m.run(t, test.build)
			if r.Code != test.code || !strings.Contains(r.Stderr, test.want) {
				t.Errorf("exit code %d, want %d; errors %q, want %q in them", r.Code, test.code, r.Stderr, test.want)
			}
			if strings.Contains(r.Stdout, "went on") || m.s3.Get("store", "out") != nil {
				t.Error("the build went on behind the failure")
			}
		})
	}
}

// TestScriptPrograms: what the image lacks is named, and only when it is needed.
func TestScriptPrograms(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.path = t.TempDir()
	for _, program := range []string{"bash", "sh", "base64", "mktemp", "mkdir", "head", "tr", "cat", "od", "grep", "ls", "rm", "touch"} {
		path, err := exec.LookPath(program)
		if err != nil {
			t.Skip(err)
		}
		if err := os.Symlink(path, filepath.Join(m.path, program)); err != nil {
			t.Fatal(err)
		}
	}
	m.s3.Put("store", "in", zipOf(t, map[string]string{"a": "b"}))
	m.succeed(t, build{command: "true"})
	for _, test := range []struct {
		build build
		want  string
	}{
		{build{command: "true", inputs: []action.Artifact{artifact("In", "in")}}, "no unzip"},
		{build{command: "touch file", outputs: []output{{artifact("Out", "out"), "file"}}}, "no zip"},
	} {
		if r := m.run(t, test.build); r.Code != 1 || !strings.Contains(r.Stderr, test.want) {
			t.Errorf("exit code %d, errors %q, want %q in them", r.Code, r.Stderr, test.want)
		}
	}
}

// odd are values that a shell, a format or a parser might take for something else.
var odd = []string{
	"a b", " lead and trail ", "tab\there", "two\nlines", "trail\n", "\n", `"`, `'`, `'"'"'`, "`id`", "$(id)", "${HOME}", "$HOME", `\`, `\n`, `a\`,
	"*", "?", "[a]", "{a,b}", "~", "!", "#", "a;id", "a&&id", "a|id", ">x", "<x", "(a)", "%s%n", "%", "-n", "--", "-rf", "=", "a=b", "é", "日本", "\U0001F600",
	"{{ Command }}", "{{Command}}", "{{ ssm:secret }}", "EOF", "\x7f", "\x01", "\r\n", "'; touch pwned; '", "]]>", "&amp;",
}

// TestScriptOddValues runs odd values in every parameter. In the command they are
// what a quoted heredoc prints.
func TestScriptOddValues(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for i, value := range odd {
		t.Run(fmt.Sprintf("%q", value), func(t *testing.T) {
			t.Parallel()
			// A part of a path is no path by itself: it has no slash, and is not "..".
			part := "p" + value
			in, out := artifact("In", fmt.Sprintf("in%d/%s", i, part)), artifact("Out", fmt.Sprintf("out%d/%s", i, part))
			vars := &InstanceObject{"work", fmt.Sprintf("vars%d/%s", i, part)}
			if strings.ContainsAny(value, "\x01\x7f\r\n") { // no keys that S3 is safe with
				in.Key, out.Key, vars.KeyPrefix = fmt.Sprintf("in%d", i), fmt.Sprintf("out%d", i), fmt.Sprintf("vars%d", i)
			}
			m.s3.Put(in.Bucket, in.Key, zipOf(t, map[string]string{"content": value}))
			// Keys are sent in a header, which has no control characters.
			key := "arn:key/" + strings.Trim(strings.NewReplacer("\n", "", "\r", "", "\x01", "", "\x7f", "").Replace(value), " \t")
			r := m.succeed(t, build{
				command: "printf '%s' \"$Odd\" >got\n" + `printf '%s' "$PWD" >pwd` + "\n" + `mv content "$Path"` + "\n" +
					"cat <<'CODESUITE-END'\n" + value + "\nCODESUITE-END\n",
				directory:     m.temp + fmt.Sprintf("/dir%d/", i) + part,
				environment:   []variable{{"Odd", value}, {"Path", part}},
				inputs:        []action.Artifact{in},
				outputs:       []output{{out, part}, {artifact("All", fmt.Sprintf("all%d", i)), ""}},
				encryptionKey: key,
				variables:     vars,
			})
			if !strings.Contains(r.Stdout, "\n"+value+"\n") {
				t.Errorf("the command printed %q, want %q", r.Stdout, value)
			}
			if diff := cmp.Diff(map[string]string{part: value}, m.filesOf(t, out.Bucket, out.Key)); diff != "" {
				t.Errorf("artifact mismatch (-want +got):\n%s", diff)
			}
			all := m.filesOf(t, "store", fmt.Sprintf("all%d", i))
			want := map[string]string{"got": value, "pwd": m.temp + fmt.Sprintf("/dir%d/", i) + part, part: value}
			if diff := cmp.Diff(want, all); diff != "" {
				t.Errorf("files of the working directory (-want +got):\n%s", diff)
			}
			if o := m.s3.Get(out.Bucket, out.Key); isASCII(key) && o.KMSKeyID != key {
				t.Errorf("key %q, want %q", o.KMSKeyID, key)
			}
			if m.s3.Get(vars.Bucket, vars.KeyPrefix+"i-0123456789abcdef0") == nil {
				t.Errorf("there is no object %q", vars.KeyPrefix+"i-0123456789abcdef0")
			}
		})
	}
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7e })
}

func TestScriptVariables(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for i, test := range []struct {
		name, file string
		want       map[string]string
		failure    string
	}{
		{name: "none", want: map[string]string{}},
		{name: "comments and empty lines", file: "# a comment\n\nA=1\r\n  \nB=2", failure: "line 4"},
		{name: "without a newline at the end", file: "# c\n\nA=1\r\nB=2", want: map[string]string{"A": "1", "B": "2"}},
		{name: "odd values", file: "A=\nB== =\nC=\"q\" \\ '\t$(id) `id`\nD= é 日本 \U0001F600 \nE@_-1=%s%n{}[],:\n",
			want: map[string]string{"A": "", "B": "= =", "C": "\"q\" \\ '\t$(id) `id`", "D": " é 日本 \U0001F600 ", "E@_-1": "%s%n{}[],:"}},
		{name: "twice", file: "A=1\nA=2\n", want: map[string]string{"A": "2"}},
		{name: "no equals sign", file: "A=1\nB\n", failure: "line 2"},
		{name: "name", file: "A B=1\n", failure: "line 1"},
		{name: "no name", file: "=1\n", failure: "line 1"},
		{name: "control character", file: "A=\x1b[0m\n", failure: "control character"},
		{name: "carriage return inside", file: "A=1\r2\n", failure: "control character"},
		{name: "not UTF-8", file: "A=\xff\n", failure: "not UTF-8"},
		{name: "as large as may be", file: "A=" + strings.Repeat("x", 122880-4096-1) + "\n",
			want: map[string]string{"A": strings.Repeat("x", 122880-4096-1)}},
		{name: "too large", file: "A=" + strings.Repeat("x", 122880-4096-4) + "\nBB=ü\n", failure: "more than"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "lines")
			if err := os.WriteFile(file, []byte(test.file), 0o600); err != nil {
				t.Fatal(err)
			}
			prefix := fmt.Sprintf("variables/%d:", i)
			key := prefix + "i-0123456789abcdef0"
			r := m.run(t, build{command: "cat '" + file + `' >>"$CODESUITE_OUTPUT"`, variables: &InstanceObject{"work", prefix}})
			if test.failure != "" {
				if r.Code != 1 || !strings.Contains(r.Stderr, test.failure) || m.s3.Get("work", key) != nil {
					t.Errorf("exit code %d, errors %q, want %q in them", r.Code, r.Stderr, test.failure)
				}
				return
			}
			if r.Code != 0 {
				t.Fatalf("exit code %d: %s", r.Code, r.Stderr)
			}
			var got map[string]string
			if err := json.Unmarshal(m.s3.Get("work", key).Body, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("variables mismatch (-want +got):\n%s", diff)
			}
		})
	}
	r := m.run(t, build{command: `rm "$CODESUITE_OUTPUT"`, variables: &InstanceObject{"work", "gone"}})
	if r.Code != 1 || !strings.Contains(r.Stderr, "has removed the file") {
		t.Errorf("without the file: exit code %d, errors %q", r.Code, r.Stderr)
	}
}

// TestUserData runs the user data for Linux with a shutdown that takes notes.
func TestUserData(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	bin := t.TempDir()
	note := filepath.Join(bin, "note")
	if err := os.WriteFile(filepath.Join(bin, "shutdown"), []byte("#!/bin/sh\necho \"$1 $2\" >>'"+note+"'\n"), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	text := userData(PlatformLinux, 90*time.Minute+time.Second, "echo booted >>'"+note+"'")
	script := filepath.Join(bin, "user-data")
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), script)
	cmd.Env = []string{"PATH=" + bin + string(filepath.ListSeparator) + m.path}
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v: %s", err, out)
	}
	got, err := os.ReadFile(note)
	if err != nil {
		t.Fatal(err)
	}
	// They run one behind the other: the shutdown is not in the background.
	if diff := cmp.Diff("-P +91\nbooted\n", string(got)); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// TestShellCheck has shellcheck read the script, and the shell the user data.
func TestShellCheck(t *testing.T) {
	t.Parallel()
	shellcheck, err := exec.LookPath("shellcheck")
	if err != nil {
		t.Skip("shellcheck is not installed")
	}
	if out, err := exec.CommandContext(t.Context(), shellcheck, "script/linux.sh").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestPowerShell has PowerShell parse the script for Windows and the user data.
func TestPowerShell(t *testing.T) {
	t.Parallel()
	pwsh, err := exec.LookPath("pwsh")
	if err != nil {
		t.Skip("PowerShell is not installed")
	}
	text := userData(PlatformWindows, time.Hour, "Write-Output booted")
	text = strings.TrimSuffix(strings.TrimPrefix(text, "<powershell>\n"), "</powershell>\n")
	for name, script := range map[string]string{"build.ps1": windowsScript, "user-data.ps1": text} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), pwsh, "-NoProfile", "-Command",
			"$e = $null; [void][Management.Automation.Language.Parser]::ParseFile('"+file+"', [ref]$null, [ref]$e); $e; exit $e.Count").CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
