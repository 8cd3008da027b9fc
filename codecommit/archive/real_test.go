package archive_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// TestRealRepositories compares archives of real repositories with git's. The
// variable CODESUITE_ARCHIVE_REPOS lists their folders, bare or not, as PATH
// lists folders. Of each, five commits from all over its history are archived;
// "folder@commit,commit" names others.
func TestRealRepositories(t *testing.T) {
	t.Parallel()
	list := os.Getenv("CODESUITE_ARCHIVE_REPOS")
	if list == "" {
		t.Skip("CODESUITE_ARCHIVE_REPOS names no repositories")
	}
	gittest.Need(t)
	for _, entry := range filepath.SplitList(list) {
		folder, commits, named := strings.Cut(entry, "@")
		var ids []string
		if named {
			for commit := range strings.SplitSeq(commits, ",") {
				ids = append(ids, realGit(t, folder, "rev-parse", commit+"^{commit}"))
			}
		} else {
			all := strings.Fields(realGit(t, folder, "rev-list", "--first-parent", "HEAD"))
			for i := range 5 {
				ids = append(ids, all[i*(len(all)-1)/4])
			}
		}
		alone := objectsOf(t, folder)
		for _, id := range ids {
			t.Run(filepath.Base(filepath.Dir(folder))+"/"+filepath.Base(folder)+"/"+id, func(t *testing.T) { compareReal(t, alone, id) })
		}
	}
}

func realGit(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := gittest.Run(dir, nil, nil, args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// objectsOf returns a repository with the objects of another and without its
// references, which export-subst would show.
func objectsOf(t *testing.T, folder string) string {
	t.Helper()
	dir := t.TempDir()
	realGit(t, dir, "init", "--quiet", "--bare")
	objects := realGit(t, folder, "rev-parse", "--git-path", "objects")
	if !filepath.IsAbs(objects) {
		objects = filepath.Join(folder, objects)
	}
	if err := os.WriteFile(filepath.Join(dir, "objects", "info", "alternates"), []byte(objects+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

func compareReal(t *testing.T, dir, id string) {
	args := append(pinned, "-c", "core.abbrev=7", "-c", "mailmap.blob="+id+":.mailmap", "archive", "--format=tar", id)
	want, err := gittest.Run(dir, nil, nil, args...)
	if err != nil {
		t.Skipf("git does not archive it: %v", err)
	}
	_, cc := serve(t, dir)
	options := archive.Options{LargeBlob: func(_ context.Context, ref archive.BlobRef) (io.ReadCloser, error) {
		content, err := gittest.Run(dir, nil, nil, "cat-file", "blob", ref.ID)
		return io.NopCloser(bytes.NewReader(content)), err
	}}
	got, info, err := bytesInfo(t, archive.New(cc, with(options)).Tar(id))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files, %d submodules, %d in LFS", info.Files, len(info.Submodules), len(info.LFS))
	if bytes.Equal(got, want) {
		return
	}
	// Git before 2.45 has another form of %cI in UTC.
	if diff := cmp.Diff(tarMembers(t, want), tarMembers(t, got)); diff != "" {
		t.Errorf("members mismatch (-want +got):\n%.3000s", diff)
		sameTar(t, want, got)
		return
	}
	t.Log("the same but for the form of times in UTC, in which versions of git differ")
}

var strictUTC = regexp.MustCompile(`(T\d\d:\d\d:\d\d)\+00:00`)

type tarMember struct {
	Header  tar.Header
	Content string
}

// tarMembers returns the members of a tar archive, with times in UTC as git
// writes them today.
func tarMembers(t *testing.T, data []byte) map[string]tarMember {
	t.Helper()
	members := make(map[string]tarMember)
	for r := tar.NewReader(bytes.NewReader(data)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return members
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		m := tarMember{*h, strictUTC.ReplaceAllString(string(content), "${1}Z")}
		m.Header.Size = int64(len(m.Content))
		members[h.Name] = m
	}
}
