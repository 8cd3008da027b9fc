package main

import (
	"archive/zip"
	"bytes"
	"debug/elf"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/gittest"
)

// unoptimised spares the minutes that the client of EC2 takes to compile.
const unoptimised = "github.com/aws/aws-sdk-go-v2/service/ec2=-N -l"

// TestSame builds functions here, and in a copy of the repository in another folder
// with another environment: the bytes are the same. Each package of the repository is
// compiled twice; those of others, whose content go.sum fixes, are taken from Go's
// cache the second time, which has them by content and flags, and by no folder.
func TestSame(t *testing.T) {
	t.Parallel()
	names := os.Getenv("CODESUITE_BUILD")
	if names == "" {
		t.Skip("CODESUITE_BUILD has no names of functions")
	}
	dir := t.TempDir()
	for folder, root := range map[string]string{"a": "../../..", "b": clone(t)} {
		cmd := exec.CommandContext(t.Context(), "go", append([]string{"run", "./examples/internal/build", "-gcflags", unoptimised, "-o", filepath.Join(dir, folder)}, strings.Split(names, ",")...)...)
		cmd.Dir = root
		if folder == "b" {
			cmd.Env = append(os.Environ(), "GOFLAGS=-tags=other", "GOARM64=v8.2", "TZ=Asia/Tokyo", "CGO_ENABLED=1")
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("build: %v\n%s", err, out)
		}
	}
	here, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(names, ",") {
		first, second := read(t, filepath.Join(dir, "a", name+".zip")), read(t, filepath.Join(dir, "b", name+".zip"))
		if !bytes.Equal(first, second) {
			t.Errorf("two builds of %s differ: %d and %d bytes", name, len(first), len(second))
		}
		program := unpack(t, first)
		f, err := elf.NewFile(bytes.NewReader(program))
		if err != nil {
			t.Fatal(err)
		}
		if f.Machine != elf.EM_AARCH64 {
			t.Errorf("%s is for %s", name, f.Machine)
		}
		if bytes.Contains(program, []byte(here+"/")) {
			t.Errorf("%s names the folder of this clone", name)
		}
	}
}

// clone returns a copy of the files of the repository. Each file of Go ends in another
// comment, for which it is compiled anew.
func clone(t *testing.T) string {
	t.Helper()
	const root = "../../.."
	out, err := gittest.Run(root, nil, nil, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		t.Skip("this is no clone of the repository")
	}
	dir := t.TempDir()
	for name := range strings.SplitSeq(string(out), "\x00") {
		if strings.HasSuffix(name, "_test.go") || strings.Contains(name, "testdata/") {
			continue // of no program
		}
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			continue // deleted and not yet committed
		}
		if strings.HasSuffix(name, ".go") {
			content = append(content, "\n// The second build.\n"...)
		}
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestPack(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("program "), 1000)
	zipped, err := pack(content)
	if err != nil {
		t.Fatal(err)
	}
	if got := unpack(t, zipped); !bytes.Equal(got, content) {
		t.Errorf("the program has changed: %d bytes", len(got))
	}
	again, err := pack(content)
	if err != nil || !bytes.Equal(zipped, again) {
		t.Errorf("the second archive differs (%v)", err)
	}
}

// unpack returns the program of an archive as Lambda takes it.
func unpack(t *testing.T, zipped []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(zipped), int64(len(zipped)))
	if err != nil {
		t.Fatal(err)
	}
	type member struct {
		Name, Mode string
		Modified   time.Time
	}
	var members []member
	var program []byte
	for _, f := range z.File {
		members = append(members, member{f.Name, f.Mode().String(), f.Modified.UTC()})
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if program, err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	want := []member{{"bootstrap", "-rwxr-xr-x", time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}}
	if diff := cmp.Diff(want, members); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	return program
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestFind checks that the command knows the functions of all templates, and that
// each template deploys what it builds, for the architecture that is the default.
func TestFind(t *testing.T) {
	t.Parallel()
	examples, err := find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ci", "ec2build", "githubstatus", "invoke", "multibranch", "router"} {
		if !slices.ContainsFunc(examples, func(e example) bool { return e.name == name }) {
			t.Errorf("%s is missing in %v", name, examples)
		}
	}
	for _, e := range examples {
		template := string(read(t, filepath.Join(e.dir, "template.yaml")))
		for _, line := range []string{"CodeUri: bootstrap.zip", "Handler: bootstrap", "Runtime: provided.al2023", "Architectures: [arm64]"} {
			if !strings.Contains(template, "\n      "+line+"\n") {
				t.Errorf("the function of %s lacks %q", e.name, line)
			}
		}
		if strings.Contains(template, "BuildMethod") {
			t.Errorf("the template of %s has the function built a second way", e.name)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-arch", "x86_64"}, "-arch x86_64: Lambda has arm64 and amd64"},
		{[]string{"archive"}, `there is no Lambda function "archive": the examples have approve, ci, `},
		{[]string{"-x"}, "flag provided but not defined: -x"},
	} {
		err := run(t.Context(), test.args, io.Discard, io.Discard)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("build %q: %v, want %q…", test.args, err, test.want)
		}
	}
}
