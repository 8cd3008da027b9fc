package codecommit_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// lsTree returns what git lists of the folder.
func (g *gitRepo) lsTree(folder string) []codecommit.Entry {
	g.t.Helper()
	var entries []codecommit.Entry
	spec := "HEAD:" + folder
	for _, line := range strings.Split(strings.TrimSuffix(g.git("ls-tree", "-z", spec), "\x00"), "\x00") {
		var e codecommit.Entry
		var kind string
		meta, name, _ := strings.Cut(line, "\t")
		if _, err := fmt.Sscanf(meta, "%o %s %s", &e.Mode, &kind, &e.ID); err != nil {
			g.t.Fatalf("ls-tree: %q: %v", line, err)
		}
		e.Path = strings.TrimPrefix(folder+"/"+name, "/")
		entries = append(entries, e)
	}
	return entries
}

func TestFolder(t *testing.T) {
	t.Parallel()
	g := newFSRepo(t)
	g.git("update-index", "--add", "--cacheinfo", "160000,"+unknownID+",vendor/lib")
	g.git("commit", "-q", "-m", "A submodule")
	for i := range 600 {
		g.write(fmt.Sprintf("many/%d", i), fmt.Sprint(i), 0o644)
	}
	g.git("add", "many")
	g.git("commit", "-q", "-m", "Many files")
	r := open(codecommittest.NewServer(t, codecommittest.Git("staging", g.dir)), "staging")
	id := g.git("rev-parse", "HEAD")
	for _, folder := range []string{"", "docs", "docs/guide", "bin", "many", "vendor", "deep/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"} {
		got, err := r.Folder(t.Context(), id, folder)
		if err != nil {
			t.Errorf("Folder(%q): %v", folder, err)
			continue
		}
		want := &codecommit.Folder{Path: folder, TreeID: g.git("rev-parse", "HEAD:"+folder), Entries: g.lsTree(folder)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Folder(%q) (-want +got):\n%s", folder, diff)
		}
	}
	if got, err := r.Folder(t.Context(), "main", "bin"); err != nil || len(got.Entries) != 2 {
		t.Errorf("Folder of a branch = %v, %v", got, err)
	}
	for _, folder := range []string{"nope", "README.md", "docs/nope"} {
		if _, err := r.Folder(t.Context(), id, folder); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Folder(%q): %v, want fs.ErrNotExist", folder, err)
		}
	}
}

// historicTree commits a tree of so many files in which those that old names
// have the mode 100664.
func (g *gitRepo) historicTree(files int, old func(i int) bool) {
	g.t.Helper()
	blob := g.gitInput("content", "hash-object", "-w", "--stdin")
	var tree strings.Builder
	for i := range files {
		mode := "100644"
		if old(i) {
			mode = "100664"
		} else if i%7 == 3 {
			mode = "100755"
		}
		fmt.Fprintf(&tree, "%s blob %s\tfile%03d\n", mode, blob, i)
	}
	// mktree writes modes as they are.
	id := g.gitInput(tree.String(), "mktree")
	g.git("update-ref", "refs/heads/main", g.git("commit-tree", "-m", "Old", id))
}

func TestFolderHistoricModes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files int
		old   func(i int) bool
		fails bool
	}{
		{name: "all of few", files: 5, old: func(int) bool { return true }},
		{name: "a mix of few", files: 14, old: func(i int) bool { return i%2 == 0 }},
		{name: "all of many", files: 60, old: func(int) bool { return true }},
		{name: "one of many", files: 60, old: func(i int) bool { return i == 41 }},
		{name: "all but one of many", files: 60, old: func(i int) bool { return i != 41 }},
		{name: "a mix of many", files: 60, old: func(i int) bool { return i%2 == 0 }, fails: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := newGitRepo(t)
			g.historicTree(test.files, test.old)
			s := codecommittest.NewServer(t, codecommittest.Git("staging", g.dir))
			folder, err := open(s, "staging").Folder(t.Context(), "main", "")
			if test.fails {
				var integrityErr *codecommit.IntegrityError
				if want := g.git("rev-parse", "HEAD^{tree}"); !errors.As(err, &integrityErr) || integrityErr.Want != want || integrityErr.Path != "" {
					t.Errorf("error %v, want an IntegrityError for %s", err, want)
				}
				skip := open(s, "staging", func(o *codecommit.Options) { o.SkipVerify = true })
				if folder, err := skip.Folder(t.Context(), "main", ""); err != nil || len(folder.Entries) != test.files {
					t.Errorf("Folder without a proof = %v, %v", folder, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := g.lsTree("")
			for i := range want {
				if test.old(i) { // git shows the modes of today
					want[i].Mode = 0o100664
				}
			}
			if diff := cmp.Diff(want, folder.Entries); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
			if got := folder.Entries[0].Mode.Canonical(); got != codecommit.ModeFile {
				t.Errorf("Canonical() = %v", got)
			}
		})
	}
}

// rawTree stores a tree object with the entries, each a mode, a name and an ID, as
// they are and in their order.
func (g *gitRepo) rawTree(entries ...[3]string) string {
	g.t.Helper()
	var tree bytes.Buffer
	for _, e := range entries {
		id, err := hex.DecodeString(e[2])
		if err != nil {
			g.t.Fatal(err)
		}
		fmt.Fprintf(&tree, "%s %s\x00%s", e[0], e[1], id)
	}
	return g.gitInput(tree.String(), "hash-object", "-t", "tree", "-w", "--literally", "--stdin")
}

// Trees that other programs than git wrote are proven, and listed in their order.
func TestFolderForeignTrees(t *testing.T) {
	t.Parallel()
	g := newGitRepo(t)
	blob := g.gitInput("content", "hash-object", "-w", "--stdin")
	sub := g.rawTree([3]string{"100644", "x", blob})
	padded := g.rawTree([3]string{"100644", "a", blob}, [3]string{"040000", "s", sub})
	tests := []struct {
		name    string
		entries [][3]string
		fails   bool
	}{
		{name: "padded", entries: [][3]string{{"100644", "a", blob}, {"040000", "s", sub}, {"100755", "x", blob}}},
		{name: "padded below padded", entries: [][3]string{{"040000", "p", padded}, {"040000", "q", sub}}},
		{name: "folders alone", entries: [][3]string{{"040000", "p", sub}}},
		// git sorts "lib/" behind "lib-x" and "lib.go".
		{name: "sorted by name", entries: [][3]string{{"40000", "lib", sub}, {"100644", "lib-x", blob}, {"100644", "lib.go", blob}}},
		{name: "sorted by name, padded", entries: [][3]string{{"040000", "lib", sub}, {"100644", "lib-x", blob}}},
		{name: "files in no order", entries: [][3]string{{"100644", "c", blob}, {"100755", "a", blob}, {"100644", "b", blob}}},
		{name: "one of two padded", entries: [][3]string{{"040000", "p", sub}, {"40000", "q", sub}}, fails: true},
		{name: "a mode of no git", entries: [][3]string{{"100601", "a", blob}}, fails: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			id := g.rawTree(test.entries...)
			commit := g.gitInput("tree "+id+"\nauthor A <a@e> 1600000000 +0000\ncommitter C <c@e> 1600000000 +0000\n\nm\n",
				"hash-object", "-t", "commit", "-w", "--literally", "--stdin")
			s := codecommittest.NewServer(t, codecommittest.Git("staging", g.dir))
			folder, err := open(s, "staging").Folder(t.Context(), commit, "")
			if test.fails {
				var integrityErr *codecommit.IntegrityError
				if !errors.As(err, &integrityErr) || !integrityErr.Folder || integrityErr.Want != id || !strings.Contains(err.Error(), "SkipVerify") {
					t.Errorf("error %v, want an IntegrityError of a folder that names SkipVerify", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var want, got []string
			for _, e := range test.entries {
				want = append(want, fmt.Sprintf("%06s %s %s", e[0], e[1], e[2]))
			}
			for _, e := range folder.Entries {
				got = append(got, fmt.Sprintf("%s %s %s", e.Mode, e.Path, e.ID))
			}
			if diff := cmp.Diff(want, got); diff != "" || folder.TreeID != id {
				t.Errorf("tree %s, entries (-want +got):\n%s", folder.TreeID, diff)
			}
			fsys, err := open(s, "staging").FS(t.Context(), commit)
			if err != nil {
				t.Fatal(err)
			}
			if err := fstest.TestFS(fsys, test.entries[0][1]); err != nil {
				t.Error(err)
			}
		})
	}
}

// A proof that takes long ends with the context.
func TestFolderProofEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &awscodecommit.GetFolderOutput{TreeId: aws.String(unknownID)}
	for i := range 30 {
		out.Files = append(out.Files, types.File{RelativePath: aws.String(fmt.Sprintf("file%05d", i)), BlobId: aws.String(unknownID)})
	}
	api := &fakeAPI{getFolder: func(context.Context, *awscodecommit.GetFolderInput) (*awscodecommit.GetFolderOutput, error) {
		cancel()
		return out, nil
	}}
	_, err := codecommit.New(api, "staging").Folder(ctx, "main", "")
	var callErr *codecommit.Error
	if !errors.Is(err, context.Canceled) || !errors.As(err, &callErr) || callErr.Operation != "GetFolder" {
		t.Errorf("error %v, want an *Error that wraps context.Canceled", err)
	}
}

func TestFolderProof(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{
		"a": {Data: []byte("a")}, "b": {Data: []byte("b"), Mode: 0o755}, "dir/c": {Data: []byte("c")},
	}))
	tests := []struct {
		name   string
		change func(*awscodecommit.GetFolderOutput)
		err    string // empty for an IntegrityError
	}{
		{name: "a file less", change: func(out *awscodecommit.GetFolderOutput) { out.Files = out.Files[:1] }},
		{name: "a file more", change: func(out *awscodecommit.GetFolderOutput) {
			f := out.Files[0]
			f.RelativePath = aws.String("more")
			out.Files = append(out.Files, f)
		}},
		{name: "no folders", change: func(out *awscodecommit.GetFolderOutput) { out.SubFolders = nil }},
		{name: "another mode", change: func(out *awscodecommit.GetFolderOutput) { out.Files[0].FileMode = types.FileModeTypeEnumExecutable }},
		{name: "another blob", change: func(out *awscodecommit.GetFolderOutput) { out.Files[0].BlobId = out.Files[1].BlobId }},
		{name: "another name", change: func(out *awscodecommit.GetFolderOutput) { out.Files[0].RelativePath = aws.String("A") }},
		{name: "a file as a link", change: func(out *awscodecommit.GetFolderOutput) {
			f := out.Files[0]
			out.SymbolicLinks = append(out.SymbolicLinks, types.SymbolicLink{RelativePath: f.RelativePath, BlobId: f.BlobId})
			out.Files = out.Files[1:]
		}},
		{name: "another tree", change: func(out *awscodecommit.GetFolderOutput) { out.TreeId = out.SubFolders[0].TreeId }},
		{name: "no name", change: func(out *awscodecommit.GetFolderOutput) { out.Files[0].RelativePath = nil }, err: `lists "", which is not a name`},
		{name: "a path", change: func(out *awscodecommit.GetFolderOutput) { out.Files[0].RelativePath = aws.String("x/y") }, err: `lists "x/y", which is not a name`},
		{name: "dot", change: func(out *awscodecommit.GetFolderOutput) { out.Files[0].RelativePath = aws.String(".") }, err: `lists ".", which is not a name`},
		{name: "dot dot", change: func(out *awscodecommit.GetFolderOutput) { out.SubFolders[0].RelativePath = aws.String("..") }, err: `lists "..", which is not a name`},
		{name: "no ID", change: func(out *awscodecommit.GetFolderOutput) { out.Files[0].BlobId = nil }, err: `lists "a" with "", which is not an object ID`},
	}
	for _, test := range tests {
		api := folderFunc{awscodecommit.NewFromConfig(s.Config()), func(_ string, out *awscodecommit.GetFolderOutput) { test.change(out) }}
		folder, err := codecommit.New(api, "staging").Folder(t.Context(), "main", "")
		var integrityErr *codecommit.IntegrityError
		if test.err == "" && !errors.As(err, &integrityErr) || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%s: Folder = %v, %v, want an IntegrityError or one with %q", test.name, folder, err, test.err)
		}
	}
}

func TestFolderHugeAndDamaged(t *testing.T) {
	t.Parallel()
	out := &awscodecommit.GetFolderOutput{TreeId: aws.String(unknownID)}
	for i := range 100_000 { // 2,000 trees of these would be 8.6 GB to hash
		out.Files = append(out.Files, types.File{RelativePath: aws.String(fmt.Sprintf("file%05d", i)), BlobId: aws.String(unknownID)})
	}
	api := &fakeAPI{getFolder: func(context.Context, *awscodecommit.GetFolderInput) (*awscodecommit.GetFolderOutput, error) {
		return out, nil
	}}
	_, err := codecommit.New(api, "staging").Folder(t.Context(), "main", "")
	if integrityErr := (*codecommit.IntegrityError)(nil); !errors.As(err, &integrityErr) {
		t.Errorf("error %v, want an IntegrityError", err)
	}
}

func BenchmarkFolderHugeAndDamaged(b *testing.B) {
	out := &awscodecommit.GetFolderOutput{TreeId: aws.String(unknownID)}
	for i := range 10_000 {
		out.Files = append(out.Files, types.File{RelativePath: aws.String(fmt.Sprintf("file%05d", i)), BlobId: aws.String(unknownID)})
	}
	api := &fakeAPI{getFolder: func(context.Context, *awscodecommit.GetFolderInput) (*awscodecommit.GetFolderOutput, error) {
		return out, nil
	}}
	r := codecommit.New(api, "staging")
	for b.Loop() {
		r.Folder(b.Context(), "main", "")
	}
}

func TestMode(t *testing.T) {
	t.Parallel()
	tests := []struct {
		mode     codecommit.Mode
		canon    codecommit.Mode
		fileMode fs.FileMode
		text     string
	}{
		{codecommit.ModeFile, codecommit.ModeFile, 0o644, "100644"},
		{0o100664, codecommit.ModeFile, 0o644, "100664"},
		{0o100775, codecommit.ModeExecutable, 0o755, "100775"},
		{codecommit.ModeExecutable, codecommit.ModeExecutable, 0o755, "100755"},
		{codecommit.ModeSymlink, codecommit.ModeSymlink, fs.ModeSymlink | 0o777, "120000"},
		{codecommit.ModeFolder, codecommit.ModeFolder, fs.ModeDir | 0o755, "040000"},
		{codecommit.ModeSubmodule, codecommit.ModeSubmodule, fs.ModeDir | 0o755, "160000"},
		{0, 0, 0o644, "000000"},
	}
	for _, test := range tests {
		if test.mode.Canonical() != test.canon || test.mode.FileMode() != test.fileMode || test.mode.String() != test.text {
			t.Errorf("%o: %v, %v, %s", uint32(test.mode), test.mode.Canonical(), test.mode.FileMode(), test.mode)
		}
	}
}
