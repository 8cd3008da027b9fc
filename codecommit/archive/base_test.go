package archive_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// zipOf makes a zip archive and returns it with its Info.
func zipOf(t testing.TB, repo *codecommit.Repository, specifier string, optFns ...func(*archive.Options)) ([]byte, *archive.Info) {
	t.Helper()
	var buf bytes.Buffer
	info, err := archive.New(repo, optFns...).Zip(specifier).Write(t.Context(), &buf)
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes(), info
}

func withBase(t testing.TB, data []byte) func(*archive.Options) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return func(o *archive.Options) { o.Base = r }
}

// manyFiles returns a repository with three commits: 1,050 files in 50
// folders, a change of three of them, and changes of every kind.
var manyFiles = madeOnce(func(t testing.TB) *gittest.Repo { return threeCommits(t, 1050) })

// someFiles is manyFiles with fewer files.
var someFiles = madeOnce(func(t testing.TB) *gittest.Repo { return threeCommits(t, 200) })

func threeCommits(t testing.TB, files int) *gittest.Repo {
	t.Helper()
	r := gittest.New(t)
	for i := range files {
		r.Write(fmt.Sprintf("dir-%02d/sub/file-%04d.txt", i%50, i), strings.Repeat(fmt.Sprintln("line", i), 20))
	}
	r.Commit("one")
	r.Git("tag", "one")
	for i := range 3 {
		r.Write(fmt.Sprintf("dir-%02d/sub/file-%04d.txt", i, i), "changed\n")
	}
	r.Commit("two")
	r.Git("tag", "two")
	r.Git("rm", "--quiet", "dir-07/sub/file-0007.txt")
	r.Git("mv", "dir-08/sub/file-0008.txt", "moved.txt")
	r.Git("update-index", "--chmod=+x", "dir-09/sub/file-0009.txt")
	r.Git("update-index", "--add", "--cacheinfo", "160000,1234567890123456789012345678901234567890,vendor/sub")
	r.Git("update-index", "--add", "--cacheinfo", "120000,"+r.Blob("dir-01")+",link")
	r.Write("dir-10/.gitattributes", "*-0010.txt export-ignore\n")
	r.Git("add", "dir-10/.gitattributes")
	r.Git("commit", "--quiet", "--message=three")
	r.Git("tag", "three")
	return r
}

func TestBase(t *testing.T) {
	t.Parallel()
	server, repo := serve(t, manyFiles(t).Dir)
	options := func(o *archive.Options) {
		o.Extra = []archive.File{{Name: "VERSION", Content: []byte("1\n")}}
	}
	fresh := make(map[string][]byte)
	for _, tag := range []string{"one", "two", "three"} {
		fresh[tag], _ = zipOf(t, repo, tag, options)
	}
	for _, tt := range []struct {
		from, to string
		calls    int // of the service, at most
		blobs    int
	}{
		{from: "one", to: "two", calls: 7, blobs: 3},
		{from: "two", to: "one", calls: 7, blobs: 3},
		{from: "two", to: "two", calls: 3, blobs: 0},
		{from: "two", to: "three", calls: 6, blobs: 2},
		{from: "one", to: "three", calls: 9, blobs: 5},
		// The submodule and what is ignored are not in the base. The walk has calls for
		// three of four folders, and on a slow machine takes the fourth beside the pages.
		{from: "three", to: "three", calls: 9, blobs: 0},
		{from: "three", to: "one", calls: 12, blobs: 5},
	} {
		t.Run(tt.from+" to "+tt.to, func(t *testing.T) {
			server.ResetCalls()
			got, info := zipOf(t, repo, tt.to, options, withBase(t, fresh[tt.from]))
			if !bytes.Equal(got, fresh[tt.to]) {
				t.Error("the archive differs from a fresh one")
			}
			if info.Base.Ignored != "" || info.Base.Reused == 0 {
				t.Errorf("the base was not used: %+v", info.Base)
			}
			if info.Calls > tt.calls {
				t.Errorf("it took %d calls, want at most %d: %v", info.Calls, tt.calls, server.Calls())
			}
			if got := server.Count("GetBlob"); got > tt.blobs {
				t.Errorf("it fetched %d blobs, want %d", got, tt.blobs)
			}
		})
	}
}

// TestBaseWithoutGetFolder asks for pages where folders cannot be listed.
func TestBaseWithoutGetFolder(t *testing.T) {
	t.Parallel()
	r := someFiles(t)
	server, repo := serve(t, r.Dir)
	base, _ := zipOf(t, repo, "one")
	three := r.Git("rev-parse", "three") // a tag takes GetFolder itself
	want, _ := zipOf(t, repo, three)
	server.SetFaults(codecommittest.Faults{Deny: []string{"GetFolder"}})
	got, info := zipOf(t, repo, three, withBase(t, base))
	if !bytes.Equal(got, want) {
		t.Error("the archive differs from a fresh one")
	}
	if info.Base.Reused == 0 {
		t.Errorf("the base was not used: %+v", info.Base)
	}
}

func TestBaseWithOtherOptions(t *testing.T) {
	t.Parallel()
	_, repo := serve(t, someFiles(t).Dir)
	base, _ := zipOf(t, repo, "one")
	for _, tt := range []struct {
		name    string
		options func(*archive.Options)
	}{
		{"prefix", func(o *archive.Options) { o.Prefix = "p/" }},
		{"paths", func(o *archive.Options) { o.Paths = []string{"dir-00", "dir-03/sub/file-0003.txt"} }},
		{"extra", func(o *archive.Options) { o.Extra = []archive.File{{Name: "x", Content: []byte("x")}} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want, _ := zipOf(t, repo, "two", tt.options)
			got, _ := zipOf(t, repo, "two", tt.options, withBase(t, base))
			if !bytes.Equal(got, want) {
				t.Error("the base of an archive without the option makes another archive")
			}
			other, _ := zipOf(t, repo, "one", tt.options)
			want, _ = zipOf(t, repo, "two")
			if got, _ := zipOf(t, repo, "two", withBase(t, other)); !bytes.Equal(got, want) {
				t.Error("the base of an archive with the option makes another archive")
			}
		})
	}
}

func TestBaseThatDoesNotFit(t *testing.T) {
	t.Parallel()
	r := someFiles(t)
	_, repo := serve(t, r.Dir)
	want, _ := zipOf(t, repo, "two")
	good, _ := zipOf(t, repo, "one")

	other := gittest.New(t)
	other.Write("file", "content\n")
	other.Commit("other")
	_, otherRepo := serve(t, other.Dir)
	ofOther, _ := zipOf(t, otherRepo, "main")

	damaged := bytes.Clone(good)
	in, err := zip.NewReader(bytes.NewReader(good), int64(len(good)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range in.File[len(in.File)/2:] {
		if f.CompressedSize64 > 10 {
			offset, err := f.DataOffset()
			if err != nil {
				t.Fatal(err)
			}
			damaged[offset+10] ^= 1
			break
		}
	}

	for _, tt := range []struct {
		name   string
		base   []byte
		reason string
	}{
		{"other repository", ofOther, "is not in repository staging"},
		{"git's own", r.Output(nil, "archive", "--format=zip", "one"), "not compressed as this version"},
		{"damaged", damaged, "dir-"},
		{"no archive of a commit", r.Output(nil, "archive", "--format=zip", "one^{tree}"), "not a commit ID"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, info := zipOf(t, repo, "two", withBase(t, tt.base))
			if !bytes.Equal(got, want) {
				t.Error("the archive differs from a fresh one")
			}
			if info.Base.Reused != 0 || !strings.Contains(info.Base.Ignored, tt.reason) {
				t.Errorf("Info.Base = %+v, want it ignored for %q", info.Base, tt.reason)
			}
		})
	}
}

// A tar archive says that it has no base.
func TestBaseOfTar(t *testing.T) {
	t.Parallel()
	_, repo := serve(t, someFiles(t).Dir)
	earlier, _ := zipOf(t, repo, "one")
	info, err := archive.New(repo, withBase(t, earlier)).Tar("two").Write(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(info.Base.Ignored, "only a zip archive") {
		t.Errorf("Info.Base = %+v, want it ignored", info.Base)
	}
}

// A base is proven like everything else: members that somebody exchanged are
// not those of the tree.
func TestBaseWithExchangedContent(t *testing.T) {
	t.Parallel()
	r := someFiles(t)
	_, repo := serve(t, r.Dir)
	want, _ := zipOf(t, repo, "two")
	good, _ := zipOf(t, repo, "one")
	in, err := zip.NewReader(bytes.NewReader(good), int64(len(good)))
	if err != nil {
		t.Fatal(err)
	}
	var forged bytes.Buffer
	out := zip.NewWriter(&forged)
	for i, f := range in.File {
		if i%5 == 1 && !strings.HasSuffix(f.Name, "/") {
			w, err := out.Create(f.Name)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(w, "forged")
		} else if err := out.Copy(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.SetComment(in.Comment); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	got, _ := zipOf(t, repo, "two", withBase(t, forged.Bytes()))
	if !bytes.Equal(got, want) {
		t.Error("a forged base makes another archive")
	}
}

func TestLFS(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	oid := strings.Repeat("0123456789abcdef", 4)
	pointer := "version https://git-lfs.github.com/spec/v1\noid sha256:" + oid + "\nsize 12345\n"
	r.Write("video.mp4", pointer)
	r.Write("again/video.mp4", pointer)
	r.Write("not-a-pointer", "version https://git-lfs.github.com/spec/v1\nhello\n")
	r.Commit("lfs")
	_, repo := serve(t, r.Dir)
	want := []archive.LFSPointer{{Path: "again/video.mp4", OID: oid, Size: 12345}, {Path: "video.mp4", OID: oid, Size: 12345}}
	data, info := zipOf(t, repo, "main")
	if diff := cmp.Diff(want, info.LFS); diff != "" {
		t.Errorf("LFS mismatch (-want +got):\n%s", diff)
	}
	_, info = zipOf(t, repo, "main", withBase(t, data))
	if diff := cmp.Diff(want, info.LFS); diff != "" {
		t.Errorf("LFS with a base mismatch (-want +got):\n%s", diff)
	}
}
