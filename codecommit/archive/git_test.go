package archive_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// serve serves a repository of git and returns it as seen through the API.
func serve(t testing.TB, dir string) (*codecommittest.Server, *codecommit.Repository) {
	t.Helper()
	server := codecommittest.NewServer(t, codecommittest.Git("staging", dir))
	return server, codecommit.Open(server.Config(), "staging")
}

// everyShape returns a repository whose tree has whatever a tree can have.
var everyShape = madeOnce(func(t testing.TB) *gittest.Repo {
	t.Helper()
	r := gittest.New(t)
	for name, content := range map[string]string{
		"README.md":                        "# Staging\n",
		"empty":                            "",
		"a":                                "a",
		"a-b/x":                            "x",
		"a.b":                              "dot",
		"a0":                               "zero",
		"A":                                "upper",
		"-dash":                            "leading dash",
		"with space/and more.txt":          "space",
		"quo'te\"s":                        "quotes",
		"tab\there":                        "tab",
		"newline\nhere":                    "newline",
		"schön/日本語/naïve.txt":              "unicode",
		"cafe\u0301":                       "decomposed",
		"same/1":                           "same content",
		"same/2":                           "same content",
		"binary":                           "\x00\x01\x02\xff",
		"dots/...":                         "three dots",
		"dots/.gitignore":                  "*.o\n",
		".github/workflows/ci.yml":         "on: push\n",
		"block":                            strings.Repeat("b", 512),
		"compressible":                     strings.Repeat("all work and no play\n", 4096),
		strings.Repeat("d/", 18) + "deep":  "18 levels",
		"long/" + strings.Repeat("n", 100): "name of 100 bytes",
		"long/" + strings.Repeat("m", 101): "name of 101 bytes",
		"long/" + strings.Repeat("o", 200) + "/" + strings.Repeat("p", 200):                                                     "neither part fits",
		"long/" + strings.Repeat("q", 140) + "/" + strings.Repeat("r", 99):                                                      "splits",
		"long/" + strings.Repeat("s/", 60) + strings.Repeat("t", 90):                                                            "splits late",
		"long/" + strings.Repeat("u", 155) + "/" + strings.Repeat("v", 100):                                                     "prefix too long by five",
		strings.Repeat("w", 155) + "/" + strings.Repeat("x", 100):                                                               "the longest that fits",
		strings.Repeat("é", 60) + "/" + strings.Repeat("ü", 50) + "/" + strings.Repeat("ß", 50) + "/" + strings.Repeat("ø", 60): "long and not ASCII",
	} {
		r.Write(name, content)
	}
	for i := range 150 {
		r.Write(fmt.Sprintf("many/file-%03d", i), fmt.Sprint("number ", i))
	}
	for name, target := range map[string]string{
		"links/relative": "../README.md",
		"links/folder":   "../same",
		"links/dangling": "no/such/file",
		"links/upward":   "../../../outside",
		"links/absolute": "/etc/hostname",
		"links/of-100":   strings.Repeat("t", 100),
		"links/of-101":   strings.Repeat("t", 101),
		"links/" + strings.Repeat("y", 150) + "/" + strings.Repeat("z", 150): strings.Repeat("long/", 80) + "target",
	} {
		file := filepath.Join(r.Dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, file); err != nil {
			t.Fatal(err)
		}
	}
	r.Write("bin/run", "#!/bin/sh\n")
	r.Git("add", "--all", "--force")
	r.Git("update-index", "--chmod=+x", "bin/run")
	r.Git("update-index", "--add", "--cacheinfo", "160000,1234567890123456789012345678901234567890,vendor/sub module")
	r.Git("update-index", "--add", "--cacheinfo", "160000,1234567890123456789012345678901234567890,a-sub")
	r.Git("commit", "--quiet", "--message=Every shape\n\nWith a body.")
	r.Git("tag", "light")
	r.Git("tag", "--annotate", "--message=one", "v1.0")
	r.Git("tag", "--annotate", "--message=of a tag", "v1.0-again", "v1.0")
	r.Git("branch", "feature/with/slashes")
	r.Write("later", "after the tags")
	r.Git("add", "later")
	r.Git("commit", "--quiet", "--message=Later")
	return r
})

func TestTarIsGits(t *testing.T) {
	t.Parallel()
	repo := everyShape(t)
	_, cc := serve(t, repo.Dir)
	for _, specifier := range []string{
		"main", "feature/with/slashes", "light", "v1.0", "v1.0-again", "HEAD",
		"refs/heads/main", "refs/heads/feature/with/slashes", "refs/tags/v1.0", "refs/tags/light",
		repo.Git("rev-parse", "main"), repo.Git("rev-parse", "main~1"),
	} {
		t.Run(specifier, func(t *testing.T) {
			t.Parallel()
			got, err := archive.New(cc).Tar(specifier).Bytes(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			sameTar(t, repo.Output(nil, "archive", "--format=tar", specifier), got)
		})
	}
}

func TestTarIsGitsWithOptions(t *testing.T) {
	t.Parallel()
	repo := everyShape(t)
	_, cc := serve(t, repo.Dir)
	extra := filepath.Join(t.TempDir(), "run.sh")
	if err := os.WriteFile(extra, []byte("echo\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("e", 120)
	for _, tt := range []struct {
		name    string
		options archive.Options
		args    []string // of git archive, without the commit
	}{
		{name: "prefix", options: archive.Options{Prefix: "p/"}, args: []string{"--prefix=p/"}},
		{name: "two folders as prefix", options: archive.Options{Prefix: "p/q/"}, args: []string{"--prefix=p/q/"}},
		{name: "prefix that is no folder", options: archive.Options{Prefix: "p-"}, args: []string{"--prefix=p-"}},
		{name: "long prefix", options: archive.Options{Prefix: strings.Repeat("x", 120) + "/"}, args: []string{"--prefix=" + strings.Repeat("x", 120) + "/"}},
		{name: "paths", options: archive.Options{Paths: []string{"same", "bin/run", "vendor"}}, args: []string{"HEAD", "same", "bin/run", "vendor"}},
		{name: "path of a submodule", options: archive.Options{Paths: []string{"a-sub"}}, args: []string{"HEAD", "a-sub"}},
		{name: "path with a slash", options: archive.Options{Paths: []string{"links/"}}, args: []string{"HEAD", "links/"}},
		{name: "path deep below", options: archive.Options{Paths: []string{strings.Repeat("d/", 18) + "deep"}}, args: []string{"HEAD", strings.Repeat("d/", 18) + "deep"}},
		{name: "all", options: archive.Options{Paths: []string{"."}}, args: []string{"HEAD", "."}},
		{name: "prefix of a dot", options: archive.Options{Prefix: "./"}, args: []string{"--prefix=./"}},
		{name: "prefix with dots", options: archive.Options{Prefix: "./p//./"}, args: []string{"--prefix=./p//./"}},
		{name: "path with two slashes", options: archive.Options{Paths: []string{"links//relative"}}, args: []string{"HEAD", "links//relative"}},
		{name: "path with a dot", options: archive.Options{Paths: []string{"same/."}}, args: []string{"HEAD", "same/."}},
		{name: "path with two dots", options: archive.Options{Paths: []string{"same/../bin"}}, args: []string{"HEAD", "same/../bin"}},
		{name: "path to the root", options: archive.Options{Paths: []string{"same/.."}}, args: []string{"HEAD", "same/.."}},
		{
			name: "extra at the root",
			options: archive.Options{Prefix: "p/", Extra: []archive.File{
				{Name: "top.txt", Content: []byte("top"), AtRoot: true},
				{Name: "p/same.txt", Content: []byte("below"), AtRoot: true},
			}},
			args: []string{"--prefix=p/", "--add-virtual-file=top.txt:top", "--add-virtual-file=p/same.txt:below"},
		},
		{
			name: "extra",
			options: archive.Options{Prefix: "p/", Extra: []archive.File{
				{Name: "VERSION", Mode: 0o644, Content: []byte("1.2\n")},
				{Name: "run.sh", Mode: 0o755, Content: []byte("echo\n")},
				{Name: long, Content: []byte("long")},
			}},
			args: []string{"--prefix=p/", "--add-virtual-file=p/VERSION:1.2\n", "--add-file=" + extra, "--add-virtual-file=p/" + long + ":long"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"archive", "--format=tar"}, tt.args...)
			if !strings.Contains(strings.Join(tt.args, " "), "HEAD") {
				args = append(args, "HEAD")
			}
			got, err := archive.New(cc, func(o *archive.Options) { *o = tt.options }).Tar("HEAD").Bytes(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			sameTar(t, repo.Output(nil, args...), got)
		})
	}
}

// sameTar compares two archives byte for byte and says where they differ.
func sameTar(t *testing.T, want, got []byte) {
	t.Helper()
	if bytes.Equal(want, got) {
		return
	}
	i := 0
	for i < len(want) && i < len(got) && want[i] == got[i] {
		i++
	}
	around := func(b []byte) []byte { return b[min(max(i-40, 0), len(b)):min(i+40, len(b))] }
	t.Errorf("the archives differ at byte %d (sizes: want %d, got %d), around it\nwant %q\ngot  %q",
		i, len(want), len(got), around(want), around(got))
}

func TestZipHasGitsMembers(t *testing.T) {
	t.Parallel()
	repo := everyShape(t)
	_, cc := serve(t, repo.Dir)
	for _, tt := range []struct {
		name    string
		options archive.Options
		args    []string
	}{
		{name: "whole", args: []string{"HEAD"}},
		{name: "prefix", options: archive.Options{Prefix: "p/"}, args: []string{"--prefix=p/", "HEAD"}},
		{name: "tag", args: []string{"v1.0"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := archive.New(cc, func(o *archive.Options) { *o = tt.options }).Zip(tt.args[len(tt.args)-1]).Bytes(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := repo.Output(nil, append([]string{"archive", "--format=zip"}, tt.args...)...)
			if diff := cmp.Diff(zipMembers(t, want), zipMembers(t, got)); diff != "" {
				t.Errorf("members mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

type zipMember struct {
	Name             string
	Creator, Reader  uint16
	Flags            uint16
	Date, Time       uint16
	Extra            []byte
	CRC32            uint32
	Size             uint64
	InternalAttrs    uint16 // whether it is text
	ExternalAttrs    uint32
	Content, Comment string
}

// zipMembers returns all of a zip archive but the bytes of deflate, which
// another implementation makes.
func zipMembers(t *testing.T, data []byte) []zipMember {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	members := []zipMember{{Comment: r.Comment}}
	internal := internalAttrs(t, data, len(r.File))
	for i, f := range r.File {
		m := zipMember{
			InternalAttrs: internal[i],
			Name:          f.Name, Creator: f.CreatorVersion, Reader: f.ReaderVersion, Flags: f.Flags,
			Date: f.ModifiedDate, Time: f.ModifiedTime, Extra: f.Extra,
			CRC32: f.CRC32, Size: f.UncompressedSize64, ExternalAttrs: f.ExternalAttrs, Comment: f.Comment,
		}
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(rc)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		m.Content = string(content)
		members = append(members, m)
	}
	return members
}

// internalAttrs returns the internal attributes of the n members of a zip
// archive, which archive/zip does not tell.
func internalAttrs(t *testing.T, data []byte, n int) []uint16 {
	t.Helper()
	le := binary.LittleEndian
	end := bytes.LastIndex(data, []byte("PK\x05\x06"))
	if end < 0 {
		t.Fatal("the archive has no directory")
	}
	entry := data[le.Uint32(data[end+16:]):]
	attrs := make([]uint16, n)
	for i := range attrs {
		if !bytes.HasPrefix(entry, []byte("PK\x01\x02")) {
			t.Fatalf("entry %d of the directory starts with %q", i, entry[:4])
		}
		attrs[i] = le.Uint16(entry[36:])
		entry = entry[46+int(le.Uint16(entry[28:]))+int(le.Uint16(entry[30:]))+int(le.Uint16(entry[32:])):]
	}
	return attrs
}

func TestTarGzHoldsTheTar(t *testing.T) {
	t.Parallel()
	repo := everyShape(t)
	_, cc := serve(t, repo.Dir)
	first, err := archive.New(cc).TarGz("main").Bytes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second, err := archive.New(cc, func(o *archive.Options) { o.Concurrency = 1 }).TarGz("main").Bytes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Error("the same commit gives different bytes")
	}
	cmd := exec.CommandContext(t.Context(), "gzip", "-dc")
	cmd.Stdin = bytes.NewReader(first)
	tar, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	sameTar(t, repo.Output(nil, "archive", "--format=tar", "main"), tar)
}

// The repository of this module itself, where the tests run in a clone of it.
func TestThisRepository(t *testing.T) {
	t.Parallel()
	gittest.Need(t)
	top, err := gittest.Run(".", nil, nil, "rev-parse", "--show-toplevel")
	if err != nil {
		t.Skip("this is no clone")
	}
	dir := strings.TrimSpace(string(top))
	want, err := gittest.Run(dir, nil, nil, append(pinned, "archive", "--format=tar", "HEAD")...)
	if err != nil {
		t.Skip("the clone has no commit that git can archive")
	}
	_, repo := serve(t, dir)
	got, err := archive.New(repo).Tar("HEAD").Bytes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sameTar(t, want, got)
}
