package archive_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// specified returns a repository for pathspecs.
func specified(t testing.TB) *gittest.Repo {
	t.Helper()
	r := gittest.New(t)
	for _, name := range []string{
		"main.go", "main_test.go", "README.md", "a/b/c/d.go", "a/b/x.txt", "a/main.go", "ab/main.go", "A/Main.go",
		"docs/guide.md", "docs/img/logo.svg", "docs/api/index.md", "vendor/m/m.go", "vendor/m/LICENSE", "x[1].txt", "star*/f", "q?", "dir/sub/deep/file",
	} {
		r.Write(name, "content of "+name)
	}
	r.Write(".gitattributes", "docs/img export-ignore\n")
	r.Write("docs/api/.gitattributes", "index.md export-ignore\n")
	r.Git("add", "--all", "--force")
	r.Git("update-index", "--add", "--cacheinfo", "160000,1234567890123456789012345678901234567890,vendor/sub")
	r.Git("commit", "--quiet", "--message=Files")
	return r
}

func TestPathspecsAreGits(t *testing.T) {
	t.Parallel()
	r := specified(t)
	_, cc := serve(t, r.Dir)
	for _, specs := range [][]string{
		{"*.go"}, {"*"}, {"a*"}, {"a/*"}, {"*/main.go"}, {"main*.go", "docs"}, {"a?"}, {"[ab]*"}, {"?/main.go"}, {"d?r"}, {"doc?/*"},
		{":(glob)*.go"}, {":(glob)**/*.go"}, {":(glob)a/**"}, {":(glob)a/*"}, {":(glob)**/main.go"}, {":(glob)docs/**/*.md"},
		{":(exclude)vendor"}, {":!vendor"}, {":^vendor", "*.go"}, {":!*.go"}, {".", ":!docs"}, {"a", ":!a/b"}, {":!vendor", ":!docs"}, {":!d?r"},
		{":(icase)MAIN.GO"}, {":(icase)a"}, {":(icase,glob)**/MAIN.go"}, {":(literal)star*"}, {"star*"}, {":(literal)x[1].txt"}, {"x[1].txt"}, {"q?"}, {"q\\?"},
		{":/a"}, {":(top)a"}, {":/"}, {":"}, {":/!vendor"}, {"vendor/*"}, {":(exclude,icase)A"}, {":(exclude,glob)**/*.go", "."}, {"docs/img", "docs/*"},
	} {
		t.Run(strings.Join(specs, " "), func(t *testing.T) {
			t.Parallel()
			comparePathspecs(t, r, specs, func(specs []string) ([]byte, error) {
				return archive.New(cc, with(archive.Options{Pathspecs: specs})).Tar("main").Bytes(t.Context())
			})
		})
	}
}

// comparePathspecs compares what is archived with what git archives.
func comparePathspecs(t *testing.T, r *gittest.Repo, specs []string, make func([]string) ([]byte, error)) {
	t.Helper()
	want, gitErr := gittest.Run(r.Dir, nil, nil, append([]string{"archive", "--format=tar", "main", "--"}, specs...)...)
	got, err := make(specs)
	switch {
	case gitErr != nil && err == nil:
		t.Errorf("%q: git fails: %v", specs, gitErr)
	case gitErr != nil:
		if strings.Contains(gitErr.Error(), "did not match") && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: error %v, git has %v", specs, err, gitErr)
		}
	case err != nil:
		t.Errorf("%q: %v", specs, err)
	case !bytes.Equal(got, want):
		t.Errorf("%q: the archive is another than git's", specs)
		sameTar(t, want, got)
	}
}

// TestRandomPathspecs compares random pathspecs with git's.
func TestRandomPathspecs(t *testing.T) {
	t.Parallel()
	r := specified(t)
	_, cc := serve(t, r.Dir)
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	for range 60 {
		var specs []string
		for range 1 + random.IntN(3) {
			spec := pick("", "", "", ":!", ":(glob)", ":(icase)", ":(exclude,glob)", ":(literal)", ":(top)")
			for range 1 + random.IntN(4) {
				spec += pick("a", "b", "docs", "main", "*", "**", "?", "/", "/", ".go", ".md", "vendor", "[a-d]", "[!m]", "x", "m")
			}
			specs = append(specs, spec)
		}
		if joined := " " + strings.Join(specs, " "); strings.Contains(joined, " /") || strings.Contains(joined, ")/") || strings.Contains(joined, "!/") ||
			strings.Contains(strings.Join(specs, ""), "//") || strings.Contains(strings.Join(specs, " "), "/ ") || strings.HasSuffix(specs[len(specs)-1], "/") {
			continue // git cleans patterns of slashes in its own way
		}
		comparePathspecs(t, r, specs, func(specs []string) ([]byte, error) {
			return archive.New(cc, with(archive.Options{Pathspecs: specs})).Tar("main").Bytes(t.Context())
		})
	}
}

func TestBadPathspecs(t *testing.T) {
	t.Parallel()
	server, cc := serveFS(t, files(map[string]string{"a": "a"}))
	for spec, names := range map[string][]string{
		":(attr:x)a":          {"attr:x", "not supported"},
		":(prefix:2)a":        {"prefix:2", "not supported"},
		":(exclude":           {"\")\""},
		":(literal,glob)a":    {"literal and glob"},
		":%a":                 {"%", "not supported"},
		"[a":                  {"well-formed"},
		"../a":                {"leaves the repository"},
		":(exclude)a/../../b": {"leaves the repository"},
	} {
		_, err := archive.New(cc, with(archive.Options{Pathspecs: []string{spec}})).Tar("main").Bytes(t.Context())
		checkError(t, err, nil, append(names, "Pathspecs", fmt.Sprintf("%q", strings.TrimPrefix(spec, ":(exclude)")))...)
	}
	if n := server.Count(); n > 0 {
		t.Errorf("%d calls were made", n)
	}
}

// TestFolderOfACommit archives "main:docs" and the like.
func TestFolderOfACommit(t *testing.T) {
	t.Parallel()
	r := fullOfAttributes(t)
	server, cc := serve(t, r.Dir)
	for _, tt := range []struct {
		specifier string
		args      []string
	}{
		{"main:sub", nil}, {"main:", nil}, {"main:deep/a", nil}, {"main:sub/deeper", nil}, {"main:same", []string{"run.bat"}},
		{"main:deep", []string{"a/*"}}, {"refs/heads/main:vendor", nil}, {"main:sub/../sub", nil},
	} {
		set := func(o *archive.Options) { o.Prefix, o.Pathspecs = "p/", tt.args }
		want := r.Output(nil, append(append(pinned, "archive", "--format=tar", "--prefix=p/", strings.Replace(tt.specifier, "/../sub", "", 1)), tt.args...)...)
		got, err := archive.New(cc, set).Tar(tt.specifier).Bytes(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", tt.specifier, err)
		}
		sameTar(t, withTime(t, want, got), got)
		data, info, err := bytesInfo(t, archive.New(cc, set).Zip(tt.specifier))
		if err != nil {
			t.Fatal(err)
		}
		if n := len(zipMembers(t, data)) - 1; n < info.Files || zipMembers(t, data)[0].Comment != "" {
			t.Errorf("%s: the zip archive has %d members, Info.Files is %d", tt.specifier, n, info.Files)
		}
	}
	for specifier, names := range map[string][]string{
		"main:missing": {`"missing"`}, "main:run.bat": {`"run.bat"`}, "main:../x": {"leaves"}, "none:sub": {"none"}, ":sub": {`":sub"`, "commit"},
	} {
		_, err := archive.New(cc).Tar(specifier).Bytes(t.Context())
		checkError(t, err, nil, names...)
	}
	// Paths in errors are those of the repository.
	id := r.Git("rev-parse", "main:sub/run.bat")
	server.SetFaults(corrupt(id))
	_, err := archive.New(cc).Tar("main:sub").Bytes(t.Context())
	var integrity *archive.IntegrityError
	if !errors.As(err, &integrity) || !strings.HasPrefix(integrity.Path, "sub/") {
		t.Errorf("error %v: got %+v", err, integrity)
	}
}

// withTime returns git's tar archive of a tree, which has the time of the clock,
// with the time that got has.
func withTime(t *testing.T, want, got []byte) []byte {
	t.Helper()
	want = bytes.Clone(want)
	for at := 0; at+512 <= len(want) && at+512 <= len(got) && want[at] != 0; {
		var size int64
		if _, err := fmt.Sscanf(string(want[at+124:at+135]), "%o", &size); err != nil {
			t.Fatal(err)
		}
		copy(want[at+136:at+147], got[at+136:at+147]) // the time
		copy(want[at+148:at+155], "       ")
		var sum int
		for i, c := range want[at : at+512] {
			if i >= 148 && i < 156 {
				c = ' '
			}
			sum += int(c)
		}
		copy(want[at+148:at+156], fmt.Sprintf("%07o\x00", sum))
		at += 512 + int(size+511)/512*512
	}
	return want
}
