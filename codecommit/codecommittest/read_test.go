package codecommittest_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// entry is a line of git ls-tree.
type entry struct{ Mode, ID, Path string }

// lsTree returns what git lists.
func (r repository) lsTree(args ...string) []entry {
	r.Helper()
	entries := []entry{}
	for line := range strings.SplitSeq(r.git(append([]string{"ls-tree", "-z"}, args...)...), "\x00") {
		if line == "" {
			continue
		}
		meta, path, _ := strings.Cut(line, "\t")
		fields := strings.Fields(meta)
		entries = append(entries, entry{fields[0], fields[2], path})
	}
	return entries
}

// listing returns all pages of GetDifferences as git lists a tree.
func listing(t *testing.T, client *awscodecommit.Client, in awscodecommit.GetDifferencesInput) []entry {
	t.Helper()
	entries := []entry{}
	pages := awscodecommit.NewGetDifferencesPaginator(client, &in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range page.Differences {
			if d.BeforeBlob != nil || d.ChangeType != types.ChangeTypeEnumAdded {
				t.Errorf("difference of type %q with a blob before: %v", d.ChangeType, d.BeforeBlob)
			}
			entries = append(entries, entry{*d.AfterBlob.Mode, *d.AfterBlob.BlobId, *d.AfterBlob.Path})
		}
	}
	return entries
}

// stores are the two kinds of repositories with the same files, so that one
// test is good for both.
func stores(t *testing.T) (r repository, s *codecommittest.Server) {
	t.Helper()
	r = newRepository(t)
	r.files()
	r.commit("files")
	bare := r.dir + "-bare"
	r.git("clone", "-q", "--bare", r.dir, bare)
	t.Cleanup(func() { removeAll(t, bare) })
	return r, codecommittest.NewServer(t, codecommittest.Git("git", r.dir), codecommittest.Git("bare", bare))
}

func TestListingAsGit(t *testing.T) {
	t.Parallel()
	r, s := stores(t)
	want := r.lsTree("-r", "HEAD")
	for _, name := range []string{"git", "bare"} {
		got := listing(t, newClient(s), awscodecommit.GetDifferencesInput{RepositoryName: &name, AfterCommitSpecifier: aws.String("main"), MaxResults: aws.Int32(7)})
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s: listing mismatch (-git +got):\n%s", name, diff)
		}
	}
	if want := 2 * ((len(want) + 6) / 7); s.Count("GetDifferences") != want {
		t.Errorf("%d calls of GetDifferences, want %d", s.Count("GetDifferences"), want)
	}
}

func TestFoldersAsGit(t *testing.T) {
	t.Parallel()
	r, s := stores(t)
	client := newClient(s)
	head := r.git("rev-parse", "HEAD")
	folders := []entry{{Path: ""}}
	for _, e := range r.lsTree("-r", "-t", "HEAD") {
		if e.Mode == "040000" {
			folders = append(folders, e)
		}
	}
	for _, folder := range folders {
		for _, path := range []string{folder.Path, "/" + folder.Path, folder.Path + "/"} {
			out, err := client.GetFolder(t.Context(), &awscodecommit.GetFolderInput{RepositoryName: aws.String("git"), FolderPath: &path})
			if err != nil {
				t.Errorf("GetFolder %q: %v", path, err)
				continue
			}
			if got := aws.ToString(out.FolderPath); got != folder.Path {
				t.Errorf("GetFolder %q: folderPath %q", path, got)
			}
			if got, want := *out.TreeId, r.git("rev-parse", "HEAD:"+folder.Path); got != want || *out.CommitId != head {
				t.Errorf("GetFolder %q: tree %s of commit %s, want %s of %s", path, got, *out.CommitId, want, head)
			}
			var got []entry
			add := func(mode string, id, absolute, relative *string) {
				got = append(got, entry{mode, *id, *relative})
				if want := strings.TrimPrefix(folder.Path+"/"+*relative, "/"); *absolute != want {
					t.Errorf("GetFolder %q: absolutePath %q, want %q", path, *absolute, want)
				}
			}
			for _, e := range out.SubFolders {
				add("040000", e.TreeId, e.AbsolutePath, e.RelativePath)
			}
			for _, e := range out.SubModules {
				add("160000", e.CommitId, e.AbsolutePath, e.RelativePath)
			}
			for _, e := range out.Files {
				mode := map[types.FileModeTypeEnum]string{types.FileModeTypeEnumNormal: "100644", types.FileModeTypeEnumExecutable: "100755"}[e.FileMode]
				add(mode, e.BlobId, e.AbsolutePath, e.RelativePath)
			}
			for _, e := range out.SymbolicLinks {
				if e.FileMode != types.FileModeTypeEnumSymlink {
					t.Errorf("GetFolder %q: link %s has the mode %s", path, *e.RelativePath, e.FileMode)
				}
				add("120000", e.BlobId, e.AbsolutePath, e.RelativePath)
			}
			want := r.lsTree("HEAD:" + folder.Path)
			byPath := func(a, b entry) int { return cmp.Compare(a.Path, b.Path) }
			slices.SortFunc(got, byPath)
			slices.SortFunc(want, byPath)
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("GetFolder %q mismatch (-git +got):\n%s", path, diff)
			}
		}
	}
}

func TestFilesAsGit(t *testing.T) {
	t.Parallel()
	r, s := stores(t)
	client := newClient(s)
	head := r.git("rev-parse", "HEAD")
	for _, e := range r.lsTree("-r", "HEAD") {
		if e.Mode == "160000" {
			continue
		}
		want := r.run("", "cat-file", "blob", e.ID)
		blob, err := client.GetBlob(t.Context(), &awscodecommit.GetBlobInput{RepositoryName: aws.String("bare"), BlobId: &e.ID})
		if err != nil {
			t.Errorf("GetBlob %s: %v", e.Path, err)
		} else if string(blob.Content) != want {
			t.Errorf("GetBlob %s: %d bytes, want %d", e.Path, len(blob.Content), len(want))
		} else if blob.Content == nil {
			t.Errorf("GetBlob %s: no content, want an empty one", e.Path)
		}
		file, err := client.GetFile(t.Context(), &awscodecommit.GetFileInput{RepositoryName: aws.String("git"), FilePath: &e.Path, CommitSpecifier: aws.String("main")})
		if err != nil {
			t.Errorf("GetFile %s: %v", e.Path, err)
			continue
		}
		mode := map[string]types.FileModeTypeEnum{
			"100644": types.FileModeTypeEnumNormal,
			"100755": types.FileModeTypeEnumExecutable,
			"120000": types.FileModeTypeEnumSymlink,
		}[e.Mode]
		if *file.CommitId != head || *file.BlobId != e.ID || *file.FilePath != e.Path || file.FileMode != mode ||
			file.FileSize != int64(len(want)) || string(file.FileContent) != want {
			t.Errorf("GetFile %s: blob %s of commit %s, path %s, mode %s, %d of %d bytes", e.Path, *file.BlobId, *file.CommitId,
				*file.FilePath, file.FileMode, len(file.FileContent), file.FileSize)
		}
	}
}

func TestLargestFile(t *testing.T) {
	t.Parallel()
	const limit = 6_291_456
	content := strings.Repeat("0123456789abcdef", limit/16)
	r := newRepository(t)
	r.write("limit", content, 0o644)
	r.write("above", content+"!", 0o644)
	r.write("far above", strings.Repeat(content, 3), 0o644)
	r.commit("large files")
	s := codecommittest.NewServer(t, codecommittest.Git("git", r.dir), codecommittest.FS("fs", dirFS(r.dir)))
	client := newClient(s)
	for _, name := range []string{"git", "fs"} {
		for _, path := range []string{"above", "far above"} {
			_, err := client.GetFile(t.Context(), &awscodecommit.GetFileInput{RepositoryName: &name, FilePath: &path})
			wantError(t, name+": GetFile "+path, err, "FileTooLargeException")
			_, err = client.GetBlob(t.Context(), &awscodecommit.GetBlobInput{RepositoryName: &name, BlobId: aws.String(r.git("rev-parse", "HEAD:"+path))})
			wantError(t, name+": GetBlob "+path, err, "FileTooLargeException")
		}
		file, err := client.GetFile(t.Context(), &awscodecommit.GetFileInput{RepositoryName: &name, FilePath: aws.String("limit")})
		if err != nil {
			t.Fatal(err)
		}
		if file.FileSize != limit || string(file.FileContent) != content {
			t.Errorf("%s: %d of %d bytes", name, len(file.FileContent), file.FileSize)
		}
	}
}
