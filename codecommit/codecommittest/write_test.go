package codecommittest_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// writer makes commits through the API on the branch main of app.
type writer struct {
	*testing.T
	client *awscodecommit.Client
	parent *string
}

// result is a commit's ID and tree, or the code of an error.
func (w *writer) result(commit, tree *string, err error) string {
	if err != nil {
		return code(err)
	}
	w.parent = commit
	return *tree
}

func (w *writer) put(path, content string, mode types.FileModeTypeEnum) string {
	out, err := w.client.PutFile(w.Context(), &awscodecommit.PutFileInput{
		RepositoryName: aws.String("app"), BranchName: aws.String("main"), FilePath: &path, FileContent: []byte(content), FileMode: mode,
		ParentCommitId: w.parent, Name: aws.String("Ada <Lovelace>"), Email: aws.String("ada@example.com"), CommitMessage: aws.String("Put " + path),
	})
	if err != nil {
		return w.result(nil, nil, err)
	}
	return w.result(out.CommitId, out.TreeId, nil)
}

func (w *writer) remove(path string, keep bool) string {
	out, err := w.client.DeleteFile(w.Context(), &awscodecommit.DeleteFileInput{
		RepositoryName: aws.String("app"), BranchName: aws.String("main"), FilePath: &path, ParentCommitId: w.parent, KeepEmptyFolders: keep,
	})
	if err != nil {
		return w.result(nil, nil, err)
	}
	return w.result(out.CommitId, out.TreeId, nil)
}

func (w *writer) commit(in awscodecommit.CreateCommitInput) (string, *awscodecommit.CreateCommitOutput) {
	in.RepositoryName, in.BranchName, in.ParentCommitId = aws.String("app"), aws.String("main"), w.parent
	out, err := w.client.CreateCommit(w.Context(), &in)
	if err != nil {
		return w.result(nil, nil, err), nil
	}
	return w.result(out.CommitId, out.TreeId, nil), out
}

func put(path, content string) types.PutFileEntry {
	return types.PutFileEntry{FilePath: &path, FileContent: []byte(content)}
}

func from(path, source string, move bool) types.PutFileEntry {
	return types.PutFileEntry{FilePath: &path, SourceFile: &types.SourceFileSpecifier{FilePath: &source, IsMove: move}}
}

// Commits through the API are those that git makes of the same files, in a
// repository in memory as in one of git.
func TestWritesAsGit(t *testing.T) {
	t.Parallel()
	r, oracle := newRepository(t), newRepository(t)
	for _, repo := range []codecommittest.Repo{codecommittest.Git("app", r.dir), codecommittest.FS("app", nil)} {
		s := codecommittest.NewServer(t, repo)
		w := &writer{T: t, client: newClient(s)}
		oracle.git("read-tree", "--empty")
		if err := os.RemoveAll(oracle.dir + "/dir"); err != nil {
			t.Fatal(err)
		}
		tree := func() string {
			oracle.git("add", "-A")
			return oracle.git("write-tree")
		}
		check := func(what, got string) {
			t.Helper()
			if want := tree(); got != want {
				t.Errorf("%s: tree %s, want %s", what, got, want)
			}
		}
		remove := func(name string) {
			t.Helper()
			if err := os.Remove(oracle.dir + "/" + name); err != nil {
				t.Fatal(err)
			}
		}

		oracle.write("dir/sub/a", "1\n", 0o644)
		check("the first file", w.put("dir/sub/a", "1\n", ""))
		oracle.write("dir.txt", "2\n", 0o755) // before the folder
		check("an executable", w.put("/dir.txt", "2\n", "EXECUTABLE"))
		oracle.write("dir/sub/a", "3\n", 0o644)
		check("a change", w.put("dir/sub/a", "3\n", "NORMAL"))
		if err := os.Symlink("dir.txt", oracle.dir+"/link"); err != nil {
			t.Fatal(err)
		}
		check("a link", w.put("link", "dir.txt", "SYMLINK"))
		remove("dir/sub/a")
		check("the last file of two folders", w.remove("dir/sub/a", false))
		oracle.write("dir/sub/b", "b\n", 0o644)
		check("a file", w.put("dir/sub/b", "b\n", ""))
		remove("dir/sub/b")
		oracle.write("dir/sub/.gitkeep", "", 0o644)
		check("a folder that is kept", w.remove("dir/sub/b", true))

		oracle.write("dir/c", "c\n", 0o755)
		remove("dir.txt")
		oracle.write("dir/moved", "2\n", 0o755)
		oracle.write("dir/empty", "", 0o644)
		remove("link")
		got, out := w.commit(awscodecommit.CreateCommitInput{
			PutFiles:    []types.PutFileEntry{{FilePath: aws.String("dir/c"), FileContent: []byte("c\n"), FileMode: "EXECUTABLE"}, from("dir/moved", "dir.txt", true), put("dir/empty", "")},
			DeleteFiles: []types.DeleteFileEntry{{FilePath: aws.String("link")}},
		})
		check("a commit of several files", got)
		files := func(list []types.FileMetadata) (lines []string) {
			for _, f := range list {
				lines = append(lines, fmt.Sprintf("%s %s", *f.AbsolutePath, f.FileMode))
			}
			return lines
		}
		same(t, "added", []string{"dir/c EXECUTABLE", "dir/empty NORMAL", "dir/moved EXECUTABLE"}, files(out.FilesAdded))
		same(t, "deleted", []string{"dir.txt EXECUTABLE", "link SYMLINK"}, files(out.FilesDeleted))
		oracle.write("dir/d", "d\n", 0o644)
		oracle.write("dir/e", "d\n", 0o644)
		if err := os.Chmod(oracle.dir+"/dir/c", 0o644); err != nil {
			t.Fatal(err)
		}
		w.put("dir/d", "d\n", "")
		got, out = w.commit(awscodecommit.CreateCommitInput{
			PutFiles: []types.PutFileEntry{from("dir/e", "dir/d", false)}, SetFileModes: []types.SetFileModeEntry{{FilePath: aws.String("dir/c"), FileMode: "NORMAL"}},
		})
		check("a copy and a mode", got)
		same(t, "updated", []string{"dir/c NORMAL"}, files(out.FilesUpdated))

		c, err := w.client.GetCommit(t.Context(), &awscodecommit.GetCommitInput{RepositoryName: aws.String("app"), CommitId: w.parent})
		if err != nil || *c.Commit.Author.Name != codecommittest.DefaultCaller || len(c.Commit.Parents) != 1 {
			t.Errorf("the last commit: %+v, %v", c, err)
		}
		first, err := w.client.GetCommit(t.Context(), &awscodecommit.GetCommitInput{RepositoryName: aws.String("app"), CommitId: &c.Commit.Parents[0]})
		if err != nil || *first.Commit.Author.Name != "Ada Lovelace" || *first.Commit.Committer.Email != "ada@example.com" || *first.Commit.Message != "Put dir/d" {
			t.Errorf("a commit with an author: %+v, %v", first, err)
		}
	}
	r.git("fsck", "--strict")
	if got := r.git("rev-list", "--count", "main"); got != "10" {
		t.Errorf("%s commits", got)
	}
}

func TestWriteErrors(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("file", "1\n", 0o644)
	r.write("dir/a", "1\n", 0o644)
	r.write("dir/.gitkeep", "", 0o644)
	r.git("add", "-A")
	r.git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("1", 40)+",sub")
	r.git("commit", "-q", "-m", "one")
	old := r.git("rev-parse", "HEAD")
	r.git("tag", "v1")
	r.write("file", "2\n", 0o644)
	r.git("add", "file")
	r.git("commit", "-q", "-m", "two")
	s := codecommittest.NewServer(t, codecommittest.Git("app", r.dir))
	client := newClient(s)
	head := r.git("rev-parse", "HEAD")
	putFile := func(change func(in *awscodecommit.PutFileInput)) error {
		in := &awscodecommit.PutFileInput{RepositoryName: aws.String("app"), BranchName: aws.String("main"), FilePath: aws.String("new"), FileContent: []byte("x"), ParentCommitId: &head}
		change(in)
		_, err := client.PutFile(t.Context(), in)
		return err
	}
	path := func(path string) error {
		return putFile(func(in *awscodecommit.PutFileInput) { in.FilePath = &path })
	}
	deleteFile := func(path string) error {
		_, err := client.DeleteFile(t.Context(), &awscodecommit.DeleteFileInput{RepositoryName: aws.String("app"), BranchName: aws.String("main"), FilePath: &path, ParentCommitId: &head})
		return err
	}
	create := func(puts []types.PutFileEntry, more ...func(in *awscodecommit.CreateCommitInput)) error {
		in := &awscodecommit.CreateCommitInput{RepositoryName: aws.String("app"), BranchName: aws.String("main"), PutFiles: puts, ParentCommitId: &head}
		for _, change := range more {
			change(in)
		}
		_, err := client.CreateCommit(t.Context(), in)
		return err
	}
	puts := func(list ...types.PutFileEntry) []types.PutFileEntry { return list }
	type input = awscodecommit.PutFileInput
	for _, test := range []struct {
		what string
		err  error
		want string
	}{
		{"no branch", putFile(func(in *input) { in.BranchName = aws.String("") }), "BranchNameRequiredException"},
		{"a bad branch", putFile(func(in *input) { in.BranchName = aws.String("a b") }), "InvalidBranchNameException"},
		{"an unknown branch", putFile(func(in *input) { in.BranchName = aws.String("none") }), "BranchDoesNotExistException"},
		{"a tag", putFile(func(in *input) { in.BranchName = aws.String("v1") }), "BranchNameIsTagNameException"},
		{"no parent", putFile(func(in *input) { in.ParentCommitId = nil }), "ParentCommitIdRequiredException"},
		{"a bad parent", putFile(func(in *input) { in.ParentCommitId = aws.String("main") }), "InvalidParentCommitIdException"},
		{"an unknown parent", putFile(func(in *input) { in.ParentCommitId = aws.String(noID) }), "ParentCommitDoesNotExistException"},
		{"an old parent", putFile(func(in *input) { in.ParentCommitId = &old }), "ParentCommitIdOutdatedException"},
		{"no content", putFile(func(in *input) { in.FileContent = []byte{} }), "FileContentRequiredException"},
		{"large content", putFile(func(in *input) { in.FileContent = make([]byte, 6<<20+1) }), "FileContentSizeLimitExceededException"},
		{"the same content", putFile(func(in *input) { in.FilePath, in.FileContent = aws.String("file"), []byte("2\n") }), "SameFileContentException"},
		{"a bad mode", putFile(func(in *input) { in.FileMode = "0644" }), "InvalidFileModeException"},
		{"a long name", putFile(func(in *input) { in.Name = aws.String(strings.Repeat("n", 1025)) }), "NameLengthExceededException"},
		{"a bad address", putFile(func(in *input) { in.Email = aws.String("a\n") }), "InvalidEmailException"},
		{"a long message", putFile(func(in *input) { in.CommitMessage = aws.String(strings.Repeat("m", 256<<10+1)) }), "CommitMessageLengthExceededException"},
		{"no path", path(""), "PathRequiredException"},
		{"the root", path("/"), "InvalidPathException"},
		{"a path upwards", path("a/../b"), "InvalidPathException"},
		{"git's own folder", path("a/.GIT/config"), "InvalidPathException"},
		{"a deep path", path(strings.Repeat("d/", 21) + "f"), "InvalidPathException"},
		{"a folder", path("dir"), "FileNameConflictsWithDirectoryNameException"},
		{"below a file", path("file/x"), "DirectoryNameConflictsWithFileNameException"},
		{"a submodule", path("sub"), "FilePathConflictsWithSubmodulePathException"},
		{"below a submodule", path("sub/x"), "FilePathConflictsWithSubmodulePathException"},
		{"delete of an unknown file", deleteFile("none"), "FileDoesNotExistException"},
		{"delete of a folder", deleteFile("dir"), "FileDoesNotExistException"},
		{"delete of no path", deleteFile(""), "PathRequiredException"},
		{"no files", create(nil), "FileEntryRequiredException"},
		{"101 files", create(make([]types.PutFileEntry, 101), func(in *awscodecommit.CreateCommitInput) {
			for i := range in.PutFiles {
				in.PutFiles[i] = put(fmt.Sprint(i), "x")
			}
		}), "MaximumFileEntriesExceededException"},
		{"no content and no source", create(puts(types.PutFileEntry{FilePath: aws.String("x")})), "SourceFileOrContentRequiredException"},
		{"content and a source", create(puts(types.PutFileEntry{FilePath: aws.String("x"), FileContent: []byte("x"), SourceFile: &types.SourceFileSpecifier{FilePath: aws.String("file")}})), "FileContentAndSourceFileSpecifiedException"},
		{"an unknown source", create(puts(from("x", "none", false))), "FileDoesNotExistException"},
		{"a .gitkeep as source", create(puts(from("x", "dir/.gitkeep", true))), "RestrictedSourceFileException"},
		{"a path twice", create(puts(put("x", "1"), put("/x", "2"))), "SamePathRequestException"},
		{"a source that is changed", create(puts(from("x", "file", true), put("file", "2"))), "SamePathRequestException"},
		{"a file and a folder", create(puts(put("x", "1"), put("x/y", "2"))), "PutFileEntryConflictException"},
		{"nothing new", create(puts(put("file", "2\n"))), "NoChangeException"},
		{"delete of an unknown file in a commit", create(nil, func(in *awscodecommit.CreateCommitInput) {
			in.DeleteFiles = []types.DeleteFileEntry{{FilePath: aws.String("none")}}
		}), "FileDoesNotExistException"},
		{"a mode of an unknown file", create(nil, func(in *awscodecommit.CreateCommitInput) {
			in.SetFileModes = []types.SetFileModeEntry{{FilePath: aws.String("none"), FileMode: "NORMAL"}}
		}), "FileDoesNotExistException"},
		{"a bad mode in a commit", create(nil, func(in *awscodecommit.CreateCommitInput) {
			in.SetFileModes = []types.SetFileModeEntry{{FilePath: aws.String("file"), FileMode: "0644"}}
		}), "InvalidFileModeException"},
	} {
		wantError(t, test.what, test.err, test.want)
	}
	if got := r.git("rev-parse", "HEAD"); got != head {
		t.Errorf("main is at %s", got)
	}
	if err := putFile(func(in *input) { in.FileContent = make([]byte, 6<<20) }); err != nil {
		t.Errorf("the largest file: %v", err)
	}
}

func TestBranches(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("a", "1\n", 0o644)
	r.commit("one")
	for _, repo := range []codecommittest.Repo{codecommittest.Git("app", r.dir), codecommittest.FS("app", fstest.MapFS{"a": {Data: []byte("1\n")}})} {
		w := &world{T: t, server: codecommittest.NewServer(t, repo)}
		w.client = newClient(w.server)
		w.main = w.branch("main")
		create := func(name, commit string) error {
			_, err := w.client.CreateBranch(t.Context(), &awscodecommit.CreateBranchInput{RepositoryName: aws.String("app"), BranchName: &name, CommitId: &commit})
			return err
		}
		remove := func(name string) (*types.BranchInfo, error) {
			out, err := w.client.DeleteBranch(t.Context(), &awscodecommit.DeleteBranchInput{RepositoryName: aws.String("app"), BranchName: &name})
			if err != nil {
				return nil, err
			}
			return out.DeletedBranch, nil
		}
		standard := func(name string) error {
			_, err := w.client.UpdateDefaultBranch(t.Context(), &awscodecommit.UpdateDefaultBranchInput{RepositoryName: aws.String("app"), DefaultBranchName: &name})
			return err
		}
		if err := create("feature/x", w.main); err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct{ name, commit, want string }{
			{"feature/x", w.main, "BranchNameExistsException"},
			{"feature", w.main, "InvalidBranchNameException"},
			{"feature/x/y", w.main, "InvalidBranchNameException"},
			{w.main, w.main, "InvalidBranchNameException"},
			{"a b", w.main, "InvalidBranchNameException"},
			{"", w.main, "BranchNameRequiredException"},
			{"new", "", "CommitIdRequiredException"},
			{"new", "main", "InvalidCommitIdException"},
			{"new", noID, "CommitDoesNotExistException"},
		} {
			wantError(t, fmt.Sprintf("branch %q at %q", test.name, test.commit), create(test.name, test.commit), test.want)
		}
		_, err := remove("main")
		wantError(t, "the default branch", err, "DefaultBranchCannotBeDeletedException")
		wantError(t, "an unknown default branch", standard("none"), "BranchDoesNotExistException")
		if err := standard("feature/x"); err != nil {
			t.Error(err)
		}
		if out, err := w.client.GetRepository(t.Context(), &awscodecommit.GetRepositoryInput{RepositoryName: aws.String("app")}); err != nil || *out.RepositoryMetadata.DefaultBranch != "feature/x" {
			t.Errorf("default branch: %+v, %v", out, err)
		}
		if b, err := remove("main"); err != nil || *b.BranchName != "main" || *b.CommitId != w.main {
			t.Errorf("deleted %+v, %v", b, err)
		}
		if b, err := remove("main"); err != nil || b != nil {
			t.Errorf("deleted again %+v, %v", b, err)
		}
		same(t, "events", []string{
			fmt.Sprintf("referenceCreated refs/heads/feature/x ..%.4s", w.main), fmt.Sprintf("referenceDeleted refs/heads/main %.4s..", w.main),
		}, w.events())
	}
}

// A change through the API reaches the pull request, as a change of the caller.
func TestWritesOfPullRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(w.client, "topic")
	out, err := w.as(ada).PutFile(t.Context(), &awscodecommit.PutFileInput{
		RepositoryName: aws.String("app"), BranchName: aws.String("topic"), FilePath: aws.String("a"), FileContent: []byte("3\n"), ParentCommitId: &w.topic,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := *w.get(aws.String("1")).PullRequestTargets[0].SourceCommit; got != *out.CommitId {
		t.Errorf("source commit %s, want %s", got, *out.CommitId)
	}
	lines := w.events()
	same(t, "last event", fmt.Sprintf("pullRequestSourceBranchUpdated 1 topic Open merged=false %.4s ada", *out.CommitId), lines[len(lines)-1])
}

func TestTags(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const arn = "arn:aws:codecommit:us-east-1:111122223333:app"
	tag := func(arn string, tags map[string]string) error {
		_, err := w.client.TagResource(t.Context(), &awscodecommit.TagResourceInput{ResourceArn: &arn, Tags: tags})
		return err
	}
	untag := func(keys ...string) error {
		_, err := w.client.UntagResource(t.Context(), &awscodecommit.UntagResourceInput{ResourceArn: aws.String(arn), TagKeys: append([]string{}, keys...)})
		return err
	}
	tags := func() map[string]string {
		t.Helper()
		out, err := w.client.ListTagsForResource(t.Context(), &awscodecommit.ListTagsForResourceInput{ResourceArn: aws.String(arn)})
		if err != nil {
			t.Fatal(err)
		}
		return out.Tags
	}
	same(t, "no tags", map[string]string{}, tags())
	for _, change := range []map[string]string{{"team": "a", "stage": ""}, {"team": "b"}} {
		if err := tag(arn, change); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "tags", map[string]string{"team": "b", "stage": ""}, tags())
	if err := untag("stage", "none"); err != nil {
		t.Fatal(err)
	}
	same(t, "tags left", map[string]string{"team": "b"}, tags())
	many := make(map[string]string)
	for i := range 50 {
		many[fmt.Sprint(i)] = ""
	}
	for _, test := range []struct {
		what string
		err  error
		want string
	}{
		{"no ARN", tag("", many), "ResourceArnRequiredException"},
		{"another Region", tag("arn:aws:codecommit:eu-west-1:111122223333:app", many), "InvalidResourceArnException"},
		{"no repository", tag("arn:aws:codecommit:us-east-1:111122223333:none", many), "RepositoryDoesNotExistException"},
		{"no tags", tag(arn, map[string]string{}), "TagsMapRequiredException"},
		{"a tag of AWS", tag(arn, map[string]string{"AWS:x": ""}), "InvalidSystemTagUsageException"},
		{"an empty key", tag(arn, map[string]string{"": "x"}), "InvalidTagsMapException"},
		{"a long value", tag(arn, map[string]string{"x": strings.Repeat("v", 257)}), "InvalidTagsMapException"},
		{"51 tags", tag(arn, many), "TooManyTagsException"},
		{"no keys", untag(), "TagKeysListRequiredException"},
		{"a long key", untag(strings.Repeat("k", 129)), "InvalidTagKeysListException"},
	} {
		wantError(t, test.what, test.err, test.want)
	}
}
