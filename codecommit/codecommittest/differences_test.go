package codecommittest_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// changes returns all pages of GetDifferences, each as "type path mode id ->
// mode id".
func changes(t *testing.T, client *awscodecommit.Client, in awscodecommit.GetDifferencesInput) []string {
	t.Helper()
	list := []string{}
	pages := awscodecommit.NewGetDifferencesPaginator(client, &in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range page.Differences {
			list = append(list, change(d))
		}
	}
	return list
}

func change(d types.Difference) string {
	side := func(b *types.BlobMetadata) (path, text string) {
		if b == nil {
			return "", "-"
		}
		return *b.Path, *b.Mode + " " + *b.BlobId
	}
	before, b := side(d.BeforeBlob)
	after, a := side(d.AfterBlob)
	path := after
	if path == "" {
		path = before
	} else if before != "" && before != after {
		path = before + " => " + after
	}
	return string(d.ChangeType) + " " + path + ": " + b + " -> " + a
}

// diffTree returns what git finds, in the same form.
func (r repository) diffTree(args ...string) []string {
	r.Helper()
	list := []string{}
	fields := strings.Split(strings.TrimSuffix(r.git(append([]string{"diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev"}, args...)...), "\x00"), "\x00")
	for i := 0; i+1 < len(fields); i += 2 {
		f := strings.Fields(strings.TrimPrefix(fields[i], ":"))
		side := func(mode, id string) string {
			if mode == "000000" {
				return "-"
			}
			return mode + " " + id
		}
		if f[4] == "T" { // the API has no such type
			f[4] = "M"
		}
		list = append(list, f[4]+" "+fields[i+1]+": "+side(f[0], f[2])+" -> "+side(f[1], f[3]))
	}
	return list
}

// history has two commits with every kind of change between them.
func history(t *testing.T) (r repository, before, after string) {
	t.Helper()
	r = newRepository(t)
	r.files()
	for _, name := range []string{"to link", "to folder", "to executable", "to submodule", "to remove/1", "to remove/2", "to rename", "from folder/x", "from-", "from0"} {
		r.write(name, name, 0o644)
	}
	before = r.commit("before")
	remove := func(name string) {
		if err := os.RemoveAll(filepath.Join(r.dir, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"to link", "to folder", "to submodule", "to remove", "from folder", "link"} {
		remove(name)
	}
	if err := os.Symlink("README.md", filepath.Join(r.dir, "to link")); err != nil {
		t.Fatal(err)
	}
	r.write("to folder/a", "a", 0o644)
	r.write("to folder/to folder", "to folder", 0o644)
	r.write("from folder", "a file now", 0o644)
	r.write("link", "a file now", 0o644)
	r.write("README.md", "changed\n", 0o644)
	r.write("docs/new", "new", 0o755)
	if err := os.Chmod(filepath.Join(r.dir, "to executable"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(r.dir, "to rename"), filepath.Join(r.dir, "renamed")); err != nil {
		t.Fatal(err)
	}
	r.git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("2", 40)+",vendor/module")
	r.git("update-index", "--add", "--replace", "--cacheinfo", "160000,"+strings.Repeat("3", 40)+",to submodule")
	if err := os.MkdirAll(filepath.Join(r.dir, "to submodule"), 0o755); err != nil {
		t.Fatal(err)
	}
	return r, before, r.commit("after")
}

func TestDifferencesAsGit(t *testing.T) {
	t.Parallel()
	r, before, after := history(t)
	s := codecommittest.NewServer(t, codecommittest.Git("app", r.dir))
	client := newClient(s)
	for _, test := range []struct{ before, after string }{{before, after}, {after, before}, {after, after}, {before, "main"}} {
		want := r.diffTree(test.before, test.after)
		got := changes(t, client, awscodecommit.GetDifferencesInput{
			RepositoryName:        aws.String("app"),
			BeforeCommitSpecifier: &test.before,
			AfterCommitSpecifier:  &test.after,
			MaxResults:            aws.Int32(5),
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s..%s mismatch (-git +got):\n%s", test.before, test.after, diff)
		}
	}
}

func TestDifferencesPaths(t *testing.T) {
	t.Parallel()
	r, before, after := history(t)
	s := codecommittest.NewServer(t, codecommittest.Git("app", r.dir))
	client := newClient(s)
	in := func(before, after, beforePath, afterPath string) awscodecommit.GetDifferencesInput {
		in := awscodecommit.GetDifferencesInput{RepositoryName: aws.String("app"), AfterCommitSpecifier: &after}
		for _, f := range []struct {
			value string
			to    **string
		}{{before, &in.BeforeCommitSpecifier}, {beforePath, &in.BeforePath}, {afterPath, &in.AfterPath}} {
			if f.value != "" {
				*f.to = &f.value
			}
		}
		return in
	}
	for _, path := range []string{"docs", "/docs/", "README.md", "to folder", "from folder", "to remove", "to link", "renamed", "a0"} {
		want := r.diffTree(before, after, "--", strings.Trim(path, "/"))
		for _, in := range []awscodecommit.GetDifferencesInput{in(before, after, path, ""), in(before, after, "", path)} {
			if diff := cmp.Diff(want, changes(t, client, in)); diff != "" {
				t.Errorf("path %q mismatch (-git +got):\n%s", path, diff)
			}
		}
	}
	// A listing of a folder and of a file.
	for _, path := range []string{"docs", "README.md"} {
		want := r.lsTree("-r", after, "--", path)
		if diff := cmp.Diff(want, listing(t, client, in("", after, "", path))); diff != "" {
			t.Errorf("listing of %q mismatch (-git +got):\n%s", path, diff)
		}
	}
	// A folder compared with another one.
	got := changes(t, client, in(before, after, "to remove", "to folder"))
	id := func(spec string) string { return r.git("rev-parse", spec) }
	want := []string{
		"D to remove/1: 100644 " + id(before+":to remove/1") + " -> -",
		"D to remove/2: 100644 " + id(before+":to remove/2") + " -> -",
		"A to folder/a: - -> 100644 " + id(after+":to folder/a"),
		"A to folder/to folder: - -> 100644 " + id(after+":to folder/to folder"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("two folders mismatch (-want +got):\n%s", diff)
	}
	if got, want := changes(t, client, in(before, after, "to rename", "renamed")), []string{}; !slices.Equal(got, want) {
		t.Errorf("a file that moved: %q, want no differences", got)
	}
	for name, in := range map[string]awscodecommit.GetDifferencesInput{
		"neither side": in(before, after, "", "none"),
		"not before":   in(before, after, "none", "docs"),
		"not after":    in(before, after, "docs", "none"),
		"a listing":    in("", after, "", "none"),
		"in a file":    in("", after, "", "README.md/x"),
	} {
		_, err := client.GetDifferences(t.Context(), &in)
		wantError(t, name, err, "PathDoesNotExistException")
		if typed := new(types.PathDoesNotExistException); !errors.As(err, &typed) {
			t.Errorf("%s: error of type %T", name, err)
		}
	}
	s.SetFaults(codecommittest.Faults{RelativePaths: true})
	if got := listing(t, client, in("", after, "", "docs")); got[0].Path != strings.TrimPrefix(r.lsTree("-r", after, "--", "docs")[0].Path, "docs/") {
		t.Errorf("relative path %q", got[0].Path)
	}
	if got := listing(t, client, in("", after, "", "docs/new")); got[0].Path != "new" {
		t.Errorf("relative path %q of a file", got[0].Path)
	}
}

func TestDifferencesPages(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{}
	for i := range 2100 {
		files[strconv.Itoa(i)] = &fstest.MapFile{}
	}
	s := codecommittest.NewServer(t, codecommittest.FS("app", files))
	client := newClient(s)
	for _, test := range []struct {
		maxResults int32
		pageSize   int
		want       int
	}{
		{0, 0, 100}, {1, 0, 1}, {1000, 0, 1000}, {5000, 0, 1000}, {0, 7, 7}, {3, 7, 3}, {100, 7, 7}, {0, 5000, 1000},
	} {
		s.SetFaults(codecommittest.Faults{PageSize: test.pageSize})
		in := &awscodecommit.GetDifferencesInput{RepositoryName: aws.String("app"), AfterCommitSpecifier: aws.String("main")}
		if test.maxResults > 0 {
			in.MaxResults = &test.maxResults
		}
		out, err := client.GetDifferences(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Differences) != test.want || out.NextToken == nil {
			t.Errorf("MaxResults %d, PageSize %d: %d differences, want %d", test.maxResults, test.pageSize, len(out.Differences), test.want)
		}
		in.NextToken = out.NextToken
		next, err := client.GetDifferences(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if *next.Differences[0].AfterBlob.Path <= *out.Differences[test.want-1].AfterBlob.Path {
			t.Errorf("MaxResults %d, PageSize %d: the second page does not go on", test.maxResults, test.pageSize)
		}
		in.AfterPath = aws.String("7")
		_, err = client.GetDifferences(t.Context(), in)
		wantError(t, "the token of another call", err, "InvalidContinuationTokenException")
	}
	for _, n := range []int32{0, -1} {
		_, err := client.GetDifferences(t.Context(), &awscodecommit.GetDifferencesInput{
			RepositoryName: aws.String("app"), AfterCommitSpecifier: aws.String("main"), MaxResults: &n})
		wantError(t, "MaxResults "+strconv.Itoa(int(n)), err, "InvalidMaxResultsException")
	}
}

// historicTree makes a commit whose tree has modes that git no longer writes.
func historicTree(t *testing.T) repository {
	t.Helper()
	r := newRepository(t)
	blob := strings.TrimSpace(r.run("hello\n", "hash-object", "-w", "--stdin"))
	raw := make([]byte, 20)
	for i := range raw {
		n, err := strconv.ParseUint(blob[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		raw[i] = byte(n)
	}
	empty := "\x4b\x82\x5d\xc6\x42\xcb\x6e\xb9\xa0\x60\xe5\x4b\xf8\xd6\x92\x88\xfb\xee\x49\x04"
	tree := "100664 a\x00" + string(raw) + "100775 b\x00" + string(raw) + "40000 empty\x00" + empty
	id := strings.TrimSpace(r.run(tree, "hash-object", "-w", "-t", "tree", "--literally", "--stdin"))
	r.git("update-ref", "refs/heads/main", r.git("commit-tree", "-m", "historic", id))
	return r
}

func TestHistoricModes(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.Git("app", historicTree(t).dir))
	client := newClient(s)
	in := awscodecommit.GetDifferencesInput{RepositoryName: aws.String("app"), AfterCommitSpecifier: aws.String("main")}
	modes := func() (modes []string) {
		for _, e := range listing(t, client, in) {
			modes = append(modes, e.Mode+" "+e.Path)
		}
		return modes
	}
	if diff := cmp.Diff([]string{"100664 a", "100775 b"}, modes()); diff != "" {
		t.Errorf("modes mismatch (-want +got):\n%s", diff)
	}
	s.SetFaults(codecommittest.Faults{CanonicalModes: true})
	if diff := cmp.Diff([]string{"100644 a", "100755 b"}, modes()); diff != "" {
		t.Errorf("canonical modes mismatch (-want +got):\n%s", diff)
	}
	// An empty folder, which git itself does not make, is in the folder alone.
	folder, err := client.GetFolder(t.Context(), &awscodecommit.GetFolderInput{RepositoryName: aws.String("app"), FolderPath: aws.String("")})
	if err != nil {
		t.Fatal(err)
	}
	if len(folder.SubFolders) != 1 || *folder.SubFolders[0].RelativePath != "empty" || folder.Files[1].FileMode != types.FileModeTypeEnumExecutable {
		t.Errorf("folder %+v", folder)
	}
	sub, err := client.GetFolder(t.Context(), &awscodecommit.GetFolderInput{RepositoryName: aws.String("app"), FolderPath: aws.String("empty")})
	if err != nil {
		t.Fatal(err)
	}
	if sub.Files == nil || sub.SubFolders == nil || sub.SymbolicLinks == nil || sub.SubModules == nil {
		t.Errorf("an empty folder has lists that are not there: %+v", sub)
	}
}

func TestListingFaults(t *testing.T) {
	t.Parallel()
	r, before, after := history(t)
	s := codecommittest.NewServer(t, codecommittest.Git("app", r.dir))
	client := newClient(s)
	s.SetFaults(codecommittest.Faults{OmitSubmodules: true})
	in := awscodecommit.GetDifferencesInput{RepositoryName: aws.String("app"), AfterCommitSpecifier: &after, MaxResults: aws.Int32(4)}
	want := slices.DeleteFunc(r.lsTree("-r", after), func(e entry) bool { return e.Mode == "160000" })
	if diff := cmp.Diff(want, listing(t, client, in)); diff != "" {
		t.Errorf("without submodules (-git +got):\n%s", diff)
	}
	in.BeforeCommitSpecifier = &before
	for _, c := range changes(t, client, in) {
		if strings.Contains(c, "160000") {
			t.Errorf("without submodules: %s", c)
		}
	}
	in.BeforeCommitSpecifier = nil
	s.SetFaults(codecommittest.Faults{TruncateListing: 10})
	if diff := cmp.Diff(r.lsTree("-r", after)[:10], listing(t, client, in)); diff != "" {
		t.Errorf("truncated (-git +got):\n%s", diff)
	}
	s.SetFaults(codecommittest.Faults{})
	if diff := cmp.Diff(r.lsTree("-r", after), listing(t, client, in)); diff != "" {
		t.Errorf("without faults (-git +got):\n%s", diff)
	}
}
