package archive_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

func TestUnknownReferences(t *testing.T) {
	t.Parallel()
	repo := gittest.New(t)
	repo.Write("dir/file", "content")
	commit := repo.Commit("First")
	repo.Git("tag", "--annotate", "--message=of a tree", "of-a-tree", "HEAD^{tree}")
	repo.Git("tag", "of-a-blob", "HEAD:dir/file")
	empty := gittest.New(t)
	server := codecommittest.NewServer(t, codecommittest.Git("staging", repo.Dir), codecommittest.Git("empty", empty.Dir))
	for _, tt := range []struct {
		name, repository, specifier string
		names                       []string
	}{
		{"repository", "missing", "main", []string{"missing"}},
		{"repository by commit ID", "missing", commit, []string{"missing"}},
		{"repository of HEAD", "missing", "HEAD", []string{"missing"}},
		{"branch", "staging", "no/such/branch", []string{"no/such/branch", "staging"}},
		{"full branch", "staging", "refs/heads/none", []string{"none", "staging"}},
		{"full tag", "staging", "refs/tags/none", []string{"refs/tags/none", "staging"}},
		{"commit ID", "staging", strings.Repeat("1", 40), []string{strings.Repeat("1", 40), "staging"}},
		{"abbreviated commit ID", "staging", commit[:10], []string{commit[:10], "abbreviated"}},
		{"revision expression", "staging", "main~1", []string{"main~1", "revision expressions"}},
		{"option", "staging", "--help", []string{"--help"}},
		{"blob ID", "staging", repo.Git("rev-parse", "HEAD:dir/file"), nil},
		{"tree ID", "staging", repo.Git("rev-parse", "HEAD^{tree}"), nil},
		{"tag of a tree", "staging", "of-a-tree", []string{"of-a-tree"}},
		{"tag of a blob", "staging", "of-a-blob", []string{"of-a-blob"}},
		{"empty repository", "empty", "HEAD", []string{"empty"}},
		{"branch of an empty repository", "empty", "main", []string{"main", "empty"}},
	} {
		for _, format := range formats {
			t.Run(tt.name+"/"+format.name, func(t *testing.T) {
				t.Parallel()
				var out recorder
				leakless(t, func() {
					info, err := format.of(archive.New(codecommit.Open(server.Config(), tt.repository)), tt.specifier).Write(t.Context(), &out)
					checkError(t, err, fs.ErrNotExist, tt.names...)
					if info != nil {
						t.Errorf("got Info %+v with an error", info)
					}
				})
				if n := len(out.bytes()); n > 0 {
					t.Errorf("%d bytes were written", n)
				}
			})
		}
	}
}

// insecure are names that no archive may hold, without the empty one.
var insecure = []string{
	"..", "../x", "a/../../x", "a/..", ".", "./x", "a/./b", "a//b", "/etc/passwd", "//server/share",
	`..\x`, `a\..\x`, `a\..`, `\x`, `\\server\share`, `a\.git\config`, `.GIT\x`, `C:\x`, "C:", "c:/x", "C:x", "a\x00b",
	".git", ".git/hooks/post-checkout", "a/.git", "a/.GIT/config", ".Git", "git~1", "GIT~1/config",
	".git.", ".git ", ".git. . ", "a/.git ./x", "git~1.", ".git::$INDEX_ALLOCATION/config", ".git:x",
	".g\u200cit", ".git\ufeff/config", "\u200d.git",
}

func TestInsecureOptions(t *testing.T) {
	t.Parallel()
	server, cc := serveFS(t, files(map[string]string{"file": "content", "t/x": "x"}))
	check := func(t *testing.T, name string, options archive.Options) {
		t.Helper()
		for _, format := range formats {
			var out recorder
			leakless(t, func() {
				_, err := format.of(archive.New(cc, with(options)), "main").Write(t.Context(), &out)
				checkError(t, err, archive.ErrInsecurePath, name)
			})
			if n := len(out.bytes()); n > 0 {
				t.Errorf("%d bytes were written", n)
			}
		}
	}
	for _, name := range append([]string{""}, insecure...) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clean := path.Clean(name)
			dotted := name != "" && (clean == "." || fs.ValidPath(clean) && clean != name) // git takes them
			if !dotted || strings.Contains(name, ".git") {
				check(t, "Paths", archive.Options{Paths: []string{"file", name}})
			}
			check(t, "Extra", archive.Options{Extra: []archive.File{{Name: "fine"}, {Name: name}}})
			if !dotted || strings.Contains(name, ".git") || strings.Contains(name, "..") {
				check(t, "Prefix", archive.Options{Prefix: name + "/"})
			}
			if name != "" && !strings.Contains(name, ":") && name[0] != '\\' { // only the start has a drive or a root
				check(t, "Extra", archive.Options{Prefix: "p/", Extra: []archive.File{{Name: "sub/" + name}}})
			}
		})
	}
	t.Run("a prefix that makes .git", func(t *testing.T) {
		t.Parallel()
		check(t, `".git"`, archive.Options{Prefix: ".gi"})
		check(t, `".git`, archive.Options{Prefix: "p/.g", Extra: []archive.File{{Name: "it/x"}}, Paths: []string{"file"}})
		check(t, `".git`, archive.Options{Prefix: "p/.g", Extra: []archive.File{{Name: "it"}}, Paths: []string{"file"}})
	})
	t.Run("no calls", func(t *testing.T) {
		before := server.Count()
		if _, err := archive.New(cc, with(archive.Options{Prefix: "../"})).Tar("main").Write(t.Context(), io.Discard); err == nil {
			t.Error("no error")
		}
		if n := server.Count() - before; n > 0 {
			t.Errorf("%d calls were made", n)
		}
	})
}

// TestUnusualNames holds names that look like insecure ones and are fine.
func TestUnusualNames(t *testing.T) {
	t.Parallel()
	names := []string{"...", ".gitignore", ".github/x", "git", "x.git", ".gitx", "git~2", "a..b", "..a", "a..", "~", "-", "con", "ab:c/d:", "d/c:x", `a\b`, `x\`, `sub/a\.\b`, `a\...`}
	contents := make(map[string]string)
	for _, name := range names {
		contents[name] = "content of " + name
	}
	_, cc := serveFS(t, files(contents))
	for _, format := range formats {
		if _, err := format.of(archive.New(cc, with(archive.Options{Prefix: ".../"})), "main").Bytes(t.Context()); err != nil {
			t.Errorf("%s: %v", format.name, err)
		}
	}
}

func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	_, cc := serveFS(t, files(map[string]string{"dir/file": "content", "dir-x": "x"}))
	for _, path := range []string{"missing", "dir/missing", "di", "dir/fil", "dir/file/below", "DIR"} {
		for _, format := range formats {
			var out recorder
			leakless(t, func() {
				_, err := format.of(archive.New(cc, with(archive.Options{Paths: []string{"dir", path}})), "main").Write(t.Context(), &out)
				checkError(t, err, fs.ErrNotExist, path)
			})
			if n := len(out.bytes()); n > 0 {
				t.Errorf("%s: %d bytes were written", path, n)
			}
		}
	}
}

// TestPathsAreChecked checks each of several paths, whatever the others are.
func TestPathsAreChecked(t *testing.T) {
	t.Parallel()
	_, cc := serveFS(t, files(map[string]string{"dir/file": "content"}))
	for _, tt := range []struct {
		paths []string
		is    error
	}{
		{[]string{".", "../x"}, archive.ErrInsecurePath},
		{[]string{"../x", "."}, archive.ErrInsecurePath},
		{[]string{".", "missing"}, fs.ErrNotExist},
		{[]string{"missing", "./"}, fs.ErrNotExist},
	} {
		_, err := archive.New(cc, with(archive.Options{Paths: tt.paths})).Tar("main").Bytes(t.Context())
		if !errors.Is(err, tt.is) {
			t.Errorf("paths %q: error %v is not %v", tt.paths, err, tt.is)
		}
	}
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	_, cc := serveFS(t, files(map[string]string{"file": "content", "dir/file": "content", "link/x": "x"}))
	extra := func(files ...archive.File) archive.Options { return archive.Options{Extra: files} }
	for _, tt := range []struct {
		name    string
		options archive.Options
		names   []string
	}{
		{"negative concurrency", archive.Options{Concurrency: -1}, []string{"Concurrency", "-1"}},
		{"extra against the tree", extra(archive.File{Name: "dir/file"}), []string{"Extra", `"dir/file"`}},
		{"extra against the tree with a prefix", archive.Options{Prefix: "p-", Extra: []archive.File{{Name: "file"}}}, []string{"Extra", `"p-file"`}},
		{"extra against a folder", extra(archive.File{Name: "dir"}), []string{"Extra", `"dir"`}},
		{"extra twice", extra(archive.File{Name: "new"}, archive.File{Name: "new"}), []string{"Extra", `"new"`}},
		{"extra below a file of the tree", extra(archive.File{Name: "file/x"}), []string{"Extra", `"file/x"`, `"file"`}},
		{"extra deep below a file of the tree", extra(archive.File{Name: "dir/file/x/y"}), []string{"Extra", `"dir/file"`}},
		{"extra below extra", extra(archive.File{Name: "new"}, archive.File{Name: "new/x"}), []string{"Extra", `"new/x"`, `"new"`}},
		{"extra above extra", extra(archive.File{Name: "new/x"}, archive.File{Name: "new"}), []string{"Extra", `"new"`}},
		{"extra below a link", extra(archive.File{Name: "l", Mode: fs.ModeSymlink, Content: []byte("/etc")}, archive.File{Name: "l/passwd"}), []string{"Extra", `"l/passwd"`}},
		{"extra folder", extra(archive.File{Name: "d", Mode: fs.ModeDir | 0o755}), []string{"Extra", `"d"`}},
		{"extra pipe", extra(archive.File{Name: "d", Mode: fs.ModeNamedPipe}), []string{"Extra", `"d"`}},
		{"extra with a slash at its end", extra(archive.File{Name: "d/"}), []string{"Extra", `"d/"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, format := range formats {
				var out recorder
				leakless(t, func() {
					_, err := format.of(archive.New(cc, with(tt.options)), "main").Write(t.Context(), &out)
					checkError(t, err, nil, append(tt.names, "archive: ")...)
				})
				if n := len(out.bytes()); n > 0 {
					t.Errorf("%d bytes were written", n)
				}
			}
		})
	}
}

func TestDeniedCalls(t *testing.T) {
	t.Parallel()
	repo := gittest.New(t)
	repo.Write("dir/file", "content")
	repo.Commit("First")
	repo.Git("tag", "v1")
	for _, tt := range []struct{ specifier, operation string }{
		{"HEAD", "GetRepository"},
		{"main", "GetBranch"},
		{"refs/tags/v1", "GetFolder"},
		{"main", "GetCommit"},
		{"main", "GetDifferences"},
		{"main", "GetBlob"},
	} {
		for _, format := range formats {
			t.Run(tt.operation+"/"+format.name, func(t *testing.T) {
				t.Parallel()
				server, cc := serve(t, repo.Dir)
				server.SetFaults(codecommittest.Faults{Deny: []string{tt.operation}})
				var out recorder
				leakless(t, func() {
					_, err := format.of(archive.New(cc), tt.specifier).Write(t.Context(), &out)
					checkError(t, err, fs.ErrPermission, "codecommit:"+tt.operation, "staging")
				})
				incomplete(t, format.name, out.bytes())
				if n := server.Count(tt.operation); n != 1 {
					t.Errorf("%d calls of %s, want 1: a denial is final", n, tt.operation)
				}
			})
		}
	}
	t.Run("GetFolder in the walk", func(t *testing.T) {
		t.Parallel()
		server, cc := serve(t, repo.Dir)
		server.SetFaults(codecommittest.Faults{Deny: []string{"GetFolder"}, CanonicalModes: true})
		api := &tampered{API: client(server), differences: dropLast}
		_ = cc
		leakless(t, func() {
			_, err := archive.New(codecommit.New(api, "staging")).Tar("main").Bytes(t.Context())
			checkError(t, err, fs.ErrPermission, "codecommit:GetFolder")
		})
	})
}

// TestEmptyTree archives a commit without files.
func TestEmptyTree(t *testing.T) {
	t.Parallel()
	repo := gittest.New(t)
	repo.Commit("Nothing")
	_, cc := serve(t, repo.Dir)
	for _, prefix := range []string{"", "p/"} {
		got, err := archive.New(cc, with(archive.Options{Prefix: prefix})).Tar("main").Bytes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sameTar(t, repo.Output(nil, "archive", "--format=tar", "--prefix="+prefix, "main"), got)
		data, err := archive.New(cc, with(archive.Options{Prefix: prefix})).Zip("main").Bytes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := repo.Output(nil, "archive", "--format=zip", "--prefix="+prefix, "main")
		if prefix == "" && !bytes.Equal(want, data) {
			t.Errorf("got zip archive %q, want %q", data, want)
		}
	}
}
