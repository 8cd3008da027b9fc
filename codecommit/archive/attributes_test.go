package archive_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// pinned is the configuration of git that does not depend on the machine.
var pinned = []string{"-c", "core.autocrlf=false", "-c", "core.eol=lf"}

// fullOfAttributes returns a repository that uses each attribute that git
// archive knows, in several .gitattributes files.
func fullOfAttributes(t testing.TB) *gittest.Repo {
	t.Helper()
	r := gittest.New(t)
	r.Write(".gitattributes", `# comment
[attr]winfile text eol=crlf
*.bat winfile
*.auto text=auto eol=crlf
*.id ident
*.subst export-subst
both.* export-subst ident eol=crlf text
*.utf16 working-tree-encoding=UTF-16LE-BOM
/ignored export-ignore
ignored-folder export-ignore
only-content/* export-ignore
deep/**/secret.txt export-ignore
*.tmp export-ignore
keep.tmp -export-ignore
"quoted name.txt" export-ignore
vendor/sub export-ignore
/link export-ignore
*.lfs filter=lfs diff=lfs merge=lfs -text
*.bin binary
*.txtish diff
*.nodiff -diff
*.drv diff=cpp
same/three.bin !diff
`)
	r.Write("sub/.gitattributes", "*.tmp -export-ignore\nhidden.txt export-ignore\n*.bat -text\n")
	r.Write("sub/deeper/.gitattributes", "*.bat text eol=crlf\n.gitattributes export-ignore\n")
	// Not git add, which would convert them.
	stage := func(mode, name, content string) {
		r.Git("update-index", "--add", "--cacheinfo", mode+","+r.Blob(content)+","+name)
	}
	r.Git("add", "--all")
	for name, content := range map[string]string{
		"run.bat":                    "@echo off\necho hello\n",
		"mixed.bat":                  "one\r\ntwo\n",
		"sub/run.bat":                "@echo off\n",
		"sub/deeper/run.bat":         "@echo off\n",
		"text.auto":                  "one\ntwo\n",
		"binary.auto":                "one\n\x00two\n",
		"crlf.auto":                  "one\r\ntwo\n",
		"a.id":                       "$Id$ and $Id: old $ and $Id: foreign id $\n",
		"a.subst":                    "$Format:%H %T %an <%ae> %cn %cI%n%s%n%b$ and $Format$ $Format:%an\n",
		"plain.txt":                  "$Format:%H$ $Id$\n",
		"both.txt":                   "$Id$\n$Format:%s$\nend\n",
		"wide.utf16":                 "wide\n",
		"ignored":                    "ignored\n",
		"sub/ignored":                "anchored to the root\n",
		"ignored-folder/file":        "x",
		"ignored-folder/deeper/file": "x",
		"sub/ignored-folder/file":    "x",
		"only-content/file":          "x",
		"only-content/folder/file":   "x",
		"deep/secret.txt":            "x",
		"deep/a/b/secret.txt":        "x",
		"deep/a/public.txt":          "x",
		"a.tmp":                      "x",
		"keep.tmp":                   "x",
		"sub/a.tmp":                  "x",
		"sub/hidden.txt":             "x",
		"hidden.txt":                 "x",
		"quoted name.txt":            "x",
		"video.lfs":                  "version https://git-lfs.github.com/spec/v1\noid sha256:" + strings.Repeat("ab", 32) + "\nsize 9\n",
		"same/run.bat":               "same\n",
		"text.bin":                   "text for all we see\n",
		"nul.txtish":                 "a\x00b",
		"text.nodiff":                "text\n",
		"nul.drv":                    "a\x00b",
		"late.plain":                 strings.Repeat("a", 7999) + "\x00",
		"later.plain":                strings.Repeat("a", 8000) + "\x00",
		"same/one.plain":             "the same\n",
		"same/two.bin":               "the same\n",
		"same/three.bin":             "the same\n",
		"same/four.nodiff":           "the same\n",
		"same/run.txt":               "same\n",
		"same/run2.txt":              "same\n",
	} {
		stage("100644", name, content)
	}
	stage("100755", "run.subst", "#!/bin/sh\n# $Format:%h$\n")
	stage("120000", "link", "run.bat")
	stage("120000", "same/link.bat", "same\n")
	r.Git("update-index", "--add", "--cacheinfo", "160000,1234567890123456789012345678901234567890,vendor/sub")
	r.Git("update-index", "--add", "--cacheinfo", "160000,1234567890123456789012345678901234567890,vendor/kept")
	r.Git("commit", "--quiet", "--message=Subject line\n\nBody of\ntwo lines.\n\nReviewed-by: Ann <ann@example.com>")
	return r
}

func TestAttributesAreGits(t *testing.T) {
	t.Parallel()
	r := fullOfAttributes(t)
	server, repo := serve(t, r.Dir)
	for _, args := range [][]string{
		{"main"}, {"--prefix=p/", "main"}, {"main", "sub"}, {"main", "ignored-folder"}, {"main", "only-content"}, {"main", "deep/a"},
	} {
		t.Run(fmt.Sprint(args), func(t *testing.T) {
			t.Parallel()
			set := func(o *archive.Options) {
				if prefix, ok := strings.CutPrefix(args[0], "--prefix="); ok {
					o.Prefix = prefix
				} else {
					o.Paths = args[1:]
				}
			}
			tar, err := archive.New(repo, set).Tar("main").Bytes(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			sameTar(t, r.Output(nil, append(append(pinned, "archive", "--format=tar"), args...)...), tar)
			zip, _ := zipOf(t, repo, "main", set)
			want := r.Output(nil, append(append(pinned, "archive", "--format=zip"), args...)...)
			if diff := cmp.Diff(zipMembers(t, want), zipMembers(t, zip)); diff != "" {
				t.Errorf("members of the zip archive mismatch (-want +got):\n%s", diff)
			}
			again, _ := zipOf(t, repo, "main", set, withBase(t, zip))
			if !bytes.Equal(again, zip) {
				t.Error("with itself as the base, the archive is another")
			}
		})
	}
	t.Cleanup(func() { t.Log(server.Calls()) })
}

// What attributes leave out is not fetched.
func TestIgnoredFilesAreNotFetched(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	r.Write(".gitattributes", "vendor export-ignore\n")
	for i := range 300 {
		r.Write(fmt.Sprintf("vendor/file-%d", i), fmt.Sprint(i))
	}
	r.Write("main.go", "package main\n")
	r.Commit("vendored")
	server, repo := serve(t, r.Dir)
	if _, err := archive.New(repo).Tar("main").Bytes(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := server.Count("GetBlob"); got != 2 {
		t.Errorf("it fetched %d blobs, want 2", got)
	}
}
