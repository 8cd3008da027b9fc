package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/internal/gitobj"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// historic returns a repository with files of the mode 100664, submodules and
// many folders.
func historic(t testing.TB) *gittest.Repo {
	t.Helper()
	r := gittest.New(t)
	blob := func(n int) string { return r.Blob(fmt.Sprint("content ", n)) }
	sub := strings.Repeat("12", 20)
	all := rawTree(t, r, [3]string{"100664", "a", blob(1)}, [3]string{"100664", "b", blob(2)}, [3]string{"100755", "c", blob(3)})
	mixed := rawTree(t, r, [3]string{"100664", "a", blob(1)}, [3]string{"100644", "b", blob(2)}, [3]string{"120000", "c", blob(3)}, [3]string{"40000", "d", all})
	plain := rawTree(t, r, [3]string{"100644", "a", blob(4)}, [3]string{"40000", "all", all}, [3]string{"160000", "sub", sub})
	commitOf(t, r, rawTree(t, r,
		[3]string{"100644", "README", blob(5)},
		[3]string{"40000", "all", all},
		[3]string{"40000", "mixed", mixed},
		[3]string{"40000", "plain", plain},
		[3]string{"160000", "sub", sub},
		[3]string{"100664", "z", blob(6)},
	))
	return r
}

// TestIncompleteListings archives what the pages of the listing tell wrongly.
func TestIncompleteListings(t *testing.T) {
	t.Parallel()
	repos := []struct {
		name string
		repo *gittest.Repo
	}{{"shapes", everyShape(t)}, {"historic", historic(t)}}
	for _, repo := range repos {
		want := repo.repo.Output(nil, "archive", "--format=tar", "main")
		for _, tt := range []struct {
			name   string
			faults codecommittest.Faults
		}{
			{"none", codecommittest.Faults{}},
			{"truncated", codecommittest.Faults{TruncateListing: 5}},
			{"without submodules", codecommittest.Faults{OmitSubmodules: true}},
			{"canonical modes", codecommittest.Faults{CanonicalModes: true}},
			{"all of it", codecommittest.Faults{TruncateListing: 7, OmitSubmodules: true, CanonicalModes: true, PageSize: 3}},
		} {
			t.Run(repo.name+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				server, cc := serve(t, repo.repo.Dir)
				server.SetFaults(tt.faults)
				leakless(t, func() {
					got, err := archive.New(cc).Tar("main").Bytes(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					sameTar(t, want, got)
				})
			})
		}
	}
}

// TestSkipVerify takes what it is told: no folder is needed.
func TestSkipVerify(t *testing.T) {
	t.Parallel()
	server, cc := serveFS(t, files(map[string]string{"a": "aaa", "b": "bbb", "c": "ccc"}))
	server.SetFaults(codecommittest.Faults{Deny: []string{"GetFolder"}, TruncateListing: 2, CorruptBlobs: func(id string) bool { return id == gitobj.BlobID([]byte("bbb")) }})
	a := archive.New(cc, with(archive.Options{SkipVerify: true}))
	for _, format := range formats {
		info, err := format.of(a, "main").Write(t.Context(), &bytes.Buffer{})
		if err != nil {
			t.Fatal(err)
		}
		if info.Files != 2 {
			t.Errorf("got %d files, want 2", info.Files)
		}
	}
}

func TestCorruptBlobs(t *testing.T) {
	t.Parallel()
	contents := noisyFiles(60, 1000)
	contents["empty"], contents["last"] = "", "content of it"
	for path, content := range map[string]string{
		"dir00/file0000": contents["dir00/file0000"], "dir03/file0031": contents["dir03/file0031"], "last": contents["last"],
	} {
		for _, format := range formats {
			t.Run(path+"/"+format.name, func(t *testing.T) {
				t.Parallel()
				server, cc := serveFS(t, files(contents))
				id := gitobj.BlobID([]byte(content))
				server.SetFaults(codecommittest.Faults{CorruptBlobs: func(got string) bool { return got == id }})
				var out recorder
				leakless(t, func() {
					_, err := format.of(archive.New(cc), "main").Write(t.Context(), &out)
					var integrity *archive.IntegrityError
					if !errors.As(err, &integrity) {
						t.Fatalf("error %v is not an IntegrityError", err)
					}
					if integrity.Path != path || integrity.Want != id || len(integrity.Got) != 40 || integrity.Got == id {
						t.Errorf("got %+v", integrity)
					}
					if strings.Contains(err.Error(), content) {
						t.Errorf("error %q holds the content", err)
					}
				})
				incomplete(t, format.name, out.bytes())
			})
		}
	}
}

// TestTamperedFolders changes the listings of folders, which are read when the
// pages do not make the tree.
func TestTamperedFolders(t *testing.T) {
	t.Parallel()
	fsys := files(map[string]string{"a": "aaa", "dir/b": "bbb", "dir/sub/c": "ccc", "dir/sub/d": "ddd", "e": "eee"})
	fsys["dir/sub/d"].Mode = 0o755
	server, _ := serveFS(t, fsys)
	other := gitobj.BlobID([]byte("aaa"))
	for _, tt := range []struct {
		name   string
		path   string // of the folder
		change func(*awscodecommit.GetFolderOutput)
		names  []string
	}{
		{"file missing", "dir/sub", func(out *awscodecommit.GetFolderOutput) { out.Files = out.Files[:1] }, nil},
		{"file added", "dir/sub", func(out *awscodecommit.GetFolderOutput) {
			out.Files = append(out.Files, types.File{RelativePath: aws.String("x"), BlobId: &other, FileMode: "NORMAL"})
		}, nil},
		{"wrong mode", "dir/sub", func(out *awscodecommit.GetFolderOutput) { out.Files[1].FileMode = "NORMAL" }, nil},
		{"wrong blob", "dir/sub", func(out *awscodecommit.GetFolderOutput) { out.Files[0].BlobId = &other }, nil},
		{"wrong name", "dir/sub", func(out *awscodecommit.GetFolderOutput) { out.Files[0].RelativePath = aws.String("x") }, nil},
		{"link as file", "dir/sub", func(out *awscodecommit.GetFolderOutput) {
			out.SymbolicLinks = append(out.SymbolicLinks, types.SymbolicLink{RelativePath: out.Files[0].RelativePath, BlobId: out.Files[0].BlobId})
			out.Files = out.Files[1:]
		}, nil},
		{"folder missing", "dir", func(out *awscodecommit.GetFolderOutput) { out.SubFolders = nil }, nil},
		{"file missing in the root", "/", func(out *awscodecommit.GetFolderOutput) { out.Files = out.Files[1:] }, nil},
		{"nothing", "/", func(out *awscodecommit.GetFolderOutput) { *out = awscodecommit.GetFolderOutput{} }, []string{"no tree ID"}},
		{"another tree", "dir/sub", func(out *awscodecommit.GetFolderOutput) {
			out.Files = out.Files[:1]
			id, err := gitobj.TreeID([]gitobj.Entry{{Mode: gitobj.ModeFile, Name: "c", ID: *out.Files[0].BlobId}})
			if err != nil {
				t.Error(err)
			}
			out.TreeId = &id
		}, nil},
		{"no ID", "dir/sub", func(out *awscodecommit.GetFolderOutput) { out.Files[0].BlobId = nil }, []string{"not an object ID"}},
		{"no name", "dir/sub", func(out *awscodecommit.GetFolderOutput) { out.Files[0].RelativePath = nil }, []string{"not a name"}},
		{"a path as name", "dir/sub", func(out *awscodecommit.GetFolderOutput) { out.Files[0].RelativePath = aws.String("../c") }, []string{"not a name"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := &tampered{
				API:         client(server),
				differences: func(out *awscodecommit.GetDifferencesOutput) { out.Differences = nil },
				folder: func(path string, out *awscodecommit.GetFolderOutput) {
					if path == tt.path {
						tt.change(out)
					}
				},
			}
			for _, format := range formats {
				var out recorder
				leakless(t, func() {
					_, err := format.of(archive.New(codecommit.New(api, "staging")), "main").Write(t.Context(), &out)
					checkError(t, err, nil, tt.names...)
					var integrity *archive.IntegrityError
					if tt.names == nil && (!errors.As(err, &integrity) || integrity.Path != strings.Trim(tt.path, "/")) {
						t.Errorf("error %v of folder %q: got %+v", err, tt.path, integrity)
					}
				})
				if n := len(out.bytes()); n > 0 {
					t.Errorf("%d bytes were written", n)
				}
			}
		})
	}
}

// TestTamperedPages changes the pages of the listing. What is not proven by
// them is listed again through the folders.
func TestTamperedPages(t *testing.T) {
	t.Parallel()
	r := everyShape(t)
	server, _ := serve(t, r.Dir)
	want := r.Output(nil, "archive", "--format=tar", "main")
	id := strings.Repeat("5", 40)
	add := func(path, mode, id string) func(*awscodecommit.GetDifferencesOutput) {
		return func(out *awscodecommit.GetDifferencesOutput) {
			added := types.Difference{ChangeType: "A", AfterBlob: &types.BlobMetadata{Path: &path, Mode: &mode, BlobId: &id}}
			out.Differences = append([]types.Difference{added}, out.Differences...)
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*awscodecommit.GetDifferencesOutput)
		names  []string // of the error, nil for an archive as git's
	}{
		{"last entry of each page missing", dropLast, nil},
		{"wrong mode", func(out *awscodecommit.GetDifferencesOutput) {
			out.Differences[0].AfterBlob.Mode = aws.String("100755")
		}, nil},
		{"a blob that is elsewhere", add("added", "100644", gitobj.BlobID([]byte("a"))), nil},
		{"a blob that does not exist", add("added", "100644", id), nil},
		{"a submodule too many", add("added", "160000", id), nil},
		{"entry twice", add("README.md", "100644", id), []string{`"README.md"`, "twice"}},
		{"below a file", add("README.md/x", "100644", id), []string{`"README.md"`}},
		{"no path", add("", "100644", id), []string{"without a path"}},
		{"no mode", add("x", "", id), []string{"mode"}},
		{"no ID", add("x", "100644", ""), []string{`"x"`, "not an object ID"}},
		{"insecure path", add("../x", "100644", id), []string{`"../x"`, "insecure"}},
		{"empty element", add("x//y", "100644", id), []string{`"x//y"`, "insecure"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := &tampered{API: client(server), differences: tt.change}
			leakless(t, func() {
				got, err := archive.New(codecommit.New(api, "staging")).Tar("main").Bytes(t.Context())
				if tt.names != nil {
					checkError(t, err, nil, tt.names...)
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				sameTar(t, want, got)
			})
		})
	}
}

// TestOrderOfTheListing is of no account: the listing alone makes the archive.
func TestOrderOfTheListing(t *testing.T) {
	t.Parallel()
	r := everyShape(t)
	server, _ := serve(t, r.Dir)
	server.SetFaults(codecommittest.Faults{Deny: []string{"GetFolder"}})
	want := r.Output(nil, "archive", "--format=tar", "main")
	for seed := range uint64(2) {
		api := &shuffled{API: client(server), seed: seed}
		got, err := archive.New(codecommit.New(api, "staging")).Tar("main").Bytes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sameTar(t, want, got)
	}
}

// shuffled lists the entries of all pages in random order, but for the first, 50 a
// page.
type shuffled struct {
	codecommit.API
	seed uint64
	from int // the first entry that is not in order
	all  []types.Difference
}

func (a *shuffled) GetDifferences(ctx context.Context, in *awscodecommit.GetDifferencesInput, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetDifferencesOutput, error) {
	const page = 50
	if in.NextToken == nil {
		all := *in
		for {
			out, err := a.API.GetDifferences(ctx, &all, optFns...)
			if err != nil {
				return nil, err
			}
			a.all = append(a.all, out.Differences...)
			if all.NextToken = out.NextToken; out.NextToken == nil {
				break
			}
		}
		rand.New(rand.NewPCG(a.seed, 1)).Shuffle(len(a.all)-a.from, func(i, k int) {
			i, k = i+a.from, k+a.from
			a.all[i], a.all[k] = a.all[k], a.all[i]
		})
	}
	start := 0
	if in.NextToken != nil {
		fmt.Sscan(*in.NextToken, &start)
	}
	end := min(start+page, len(a.all))
	out := &awscodecommit.GetDifferencesOutput{Differences: slices.Clone(a.all[start:end])}
	if end < len(a.all) {
		out.NextToken = aws.String(fmt.Sprint(end))
	}
	return out, nil
}

// TestEndlessListing ends with an error, whether the service repeats one token
// or goes round in a circle.
func TestEndlessListing(t *testing.T) {
	t.Parallel()
	server, _ := serveFS(t, files(map[string]string{"a": "a"}))
	for _, tokens := range [][]string{{"1"}, {"1", "2"}, {"1", "2", "3", "4", "5"}} {
		n := 0
		api := &tampered{API: client(server), differences: func(out *awscodecommit.GetDifferencesOutput) {
			out.NextToken = aws.String(tokens[n%len(tokens)])
			n++
			if n > 100 {
				out.NextToken = nil
			}
		}}
		api.API = &tokenless{api.API}
		leakless(t, func() {
			_, err := archive.New(codecommit.New(api, "staging")).Tar("main").Bytes(t.Context())
			checkError(t, err, nil, "token", "twice")
		})
	}
}

// tokenless lists the first page whatever the token.
type tokenless struct{ codecommit.API }

func (a *tokenless) GetDifferences(ctx context.Context, in *awscodecommit.GetDifferencesInput, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetDifferencesOutput, error) {
	first := *in
	first.NextToken = nil
	return a.API.GetDifferences(ctx, &first, optFns...)
}

// TestMovingBranch archives one commit while the branch moves with every call.
func TestMovingBranch(t *testing.T) {
	t.Parallel()
	contents := noisyFiles(50, 100)
	for _, faults := range []codecommittest.Faults{{}, {PageSize: 7}, {TruncateListing: 9}} {
		server, cc := serveFS(t, files(contents))
		want, err := archive.New(cc).Tar("main").Bytes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		server.SetFaults(faults)
		resolved := false
		server.OnCall(func(op string) {
			if op == "GetCommit" {
				resolved = true
			}
			if op == "GetDifferences" || op == "GetFolder" {
				if _, err := server.Commit("staging", "main", files(map[string]string{"other": fmt.Sprint(server.Count())})); err != nil {
					t.Error(err)
				}
			}
		})
		got, err := archive.New(cc).Tar("main").Bytes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) || !resolved {
			t.Errorf("the archive is not that of the first commit")
		}
		if n := server.Count("GetBranch"); n != 2 {
			t.Errorf("the branch was resolved %d times in two archives", n)
		}
	}
}

// TestBlobThatDoesNotExist names the file.
func TestBlobThatDoesNotExist(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	commitOf(t, r, rawTree(t, r, [3]string{"100644", "lost", strings.Repeat("6", 40)}))
	_, cc := serve(t, r.Dir)
	_, err := archive.New(cc).Zip("main").Bytes(t.Context())
	checkError(t, err, fs.ErrNotExist, `"lost"`)
}
