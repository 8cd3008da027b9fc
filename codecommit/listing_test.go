package codecommit_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// wideTree has so many folders with three files each, some of them nested.
func wideTree(folders int) fstest.MapFS {
	files := fstest.MapFS{"lib-x": {Data: []byte("sorts before lib/")}}
	for i := range folders {
		dir := fmt.Sprintf("lib/%c%d", 'a'+i%3, i)
		if i%4 == 3 {
			dir = fmt.Sprintf("lib/%c%d/sub", 'a'+(i-1)%3, i-1)
		}
		for _, name := range []string{"x.go", "y.go", "z.go"} {
			files[path.Join(dir, name)] = &fstest.MapFile{Data: fmt.Append(nil, dir, name)}
		}
	}
	return files
}

// names are those that a walk through the file system visits.
func names(t *testing.T, fsys fs.FS) []string {
	t.Helper()
	var list []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		list = append(list, fmt.Sprint(name, " ", d))
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return list
}

// A walk costs the pages of the listing and at most ten calls, whatever the size of
// pages, and calls for all folders only where the listing does not help.
func TestFSWalkCalls(t *testing.T) {
	t.Parallel()
	const folders = 200
	files := wideTree(folders)
	s := codecommittest.NewServer(t, codecommittest.FS("staging", files))
	var want []string
	for _, name := range names(t, files) {
		want = append(want, strings.Fields(name)[0])
	}
	dirs := 0
	for _, name := range names(t, files) {
		if strings.HasSuffix(name, "/") {
			dirs++
		}
	}
	tests := map[string]struct {
		faults  codecommittest.Faults
		folders int // calls of GetFolder at most
		pages   int // calls of GetDifferences at most
	}{
		"large pages":                   {codecommittest.Faults{}, 5, 2},
		"pages of 20":                   {codecommittest.Faults{PageSize: 20}, 10, 31},
		"pages of one":                  {codecommittest.Faults{PageSize: 1}, 80, 601},
		"no permission":                 {codecommittest.Faults{Deny: []string{"GetDifferences"}}, dirs, 1},
		"a listing that is cut off":     {codecommittest.Faults{TruncateListing: 300}, dirs, 1},
		"a listing with relative paths": {codecommittest.Faults{RelativePaths: true}, dirs, 2},
	}
	for name, test := range tests {
		s.SetFaults(test.faults)
		fsys := newFS(t, open(s, "staging"), "main")
		s.ResetCalls()
		var got []string
		for _, name := range names(t, fsys) {
			got = append(got, strings.Fields(name)[0])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: names (-want +got):\n%s", name, diff)
		}
		calls := s.Calls()
		if calls["GetFolder"] > test.folders || calls["GetDifferences"] > test.pages || calls["GetBlob"] > 0 {
			t.Errorf("%s: calls %v, want at most %d for folders and %d pages", name, calls, test.folders, test.pages)
		}
	}
}

// Modes and IDs are the same, whether a listing or GetFolder tells them.
func TestFSWalkEntries(t *testing.T) {
	t.Parallel()
	g := newFSRepo(t)
	g.git("update-index", "--add", "--cacheinfo", "160000,"+unknownID+",vendor/lib")
	g.git("commit", "-q", "-m", "A submodule")
	s := codecommittest.NewServer(t, codecommittest.Git("staging", g.dir))
	entries := func(faults codecommittest.Faults) (list []codecommit.Entry) {
		s.SetFaults(faults)
		fsys := newFS(t, open(s, "staging"), "main")
		err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || name == "." {
				return err
			}
			info, err := d.Info()
			if err == nil {
				list = append(list, info.Sys().(codecommit.Entry))
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		return list
	}
	byFolder := entries(codecommittest.Faults{Deny: []string{"GetDifferences"}})
	if diff := cmp.Diff(byFolder, entries(codecommittest.Faults{})); diff != "" || len(byFolder) < 40 {
		t.Errorf("%d entries (-by folder +by listing):\n%s", len(byFolder), diff)
	}
}

func TestFSWalkEndsWithTheContext(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("staging", wideTree(40)))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	fsys, err := open(s, "staging").FS(ctx, "main")
	if err != nil {
		t.Fatal(err)
	}
	s.OnCall(func(operation string) {
		if operation == "GetDifferences" {
			cancel()
		}
	})
	err = fs.WalkDir(fsys, ".", func(_ string, _ fs.DirEntry, err error) error { return err })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

// nestedAPI has a tree of so many folders, each in the one before.
func nestedAPI(t testing.TB, depth int) *fakeAPI {
	t.Helper()
	ids := []string{gitobj.EmptyTreeID} // from the innermost folder outwards
	for range depth {
		id, err := gitobj.TreeID([]gitobj.Entry{{Mode: gitobj.ModeTree, Name: "d", ID: ids[len(ids)-1]}})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return &fakeAPI{
		getCommit: func(_ context.Context, in *awscodecommit.GetCommitInput) (*awscodecommit.GetCommitOutput, error) {
			who := &types.UserInfo{Name: aws.String("A"), Date: aws.String("0 +0000")}
			return &awscodecommit.GetCommitOutput{Commit: &types.Commit{TreeId: &ids[depth], Author: who, Committer: who}}, nil
		},
		getDifferences: func(context.Context, *awscodecommit.GetDifferencesInput) (*awscodecommit.GetDifferencesOutput, error) {
			return &awscodecommit.GetDifferencesOutput{}, nil // there are no files
		},
		getFolder: func(_ context.Context, in *awscodecommit.GetFolderInput) (*awscodecommit.GetFolderOutput, error) {
			at := 0
			if *in.FolderPath != "/" {
				at = 1 + strings.Count(*in.FolderPath, "/")
			}
			out := &awscodecommit.GetFolderOutput{TreeId: &ids[depth-at]}
			if at < depth {
				out.SubFolders = []types.Folder{{RelativePath: aws.String("d"), TreeId: &ids[depth-at-1]}}
			}
			return out, nil
		},
	}
}

// The work for a folder does not grow with its depth. The test is not parallel, as
// it counts the allocations of the process.
func TestFSNestedFolders(t *testing.T) {
	const depth = 1500
	api := nestedAPI(t, depth)
	fsys, err := codecommit.New(api, "staging").FS(t.Context(), unknownID)
	if err != nil {
		t.Fatal(err)
	}
	visited := 0
	walk := func() {
		visited = 0
		err := fs.WalkDir(fsys, ".", func(_ string, _ fs.DirEntry, err error) error {
			visited++
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	allocs := testing.AllocsPerRun(1, walk)
	if visited != depth+1 {
		t.Errorf("%d folders visited, want %d", visited, depth+1)
	}
	if per := allocs / depth; per > 100 {
		t.Errorf("%.0f allocations a folder", per)
	}
}

func BenchmarkFSNestedFolders(b *testing.B) {
	api := nestedAPI(b, 1500)
	for b.Loop() {
		fsys, err := codecommit.New(api, "staging").FS(b.Context(), unknownID)
		if err != nil {
			b.Fatal(err)
		}
		if err := fs.WalkDir(fsys, ".", func(_ string, _ fs.DirEntry, err error) error { return err }); err != nil {
			b.Fatal(err)
		}
	}
}
