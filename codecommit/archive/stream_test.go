package archive_test

import (
	"bytes"
	stdcmp "cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// slow is how much longer a page takes that leaves the calls in flight idle.
const slow = 60 * time.Millisecond

// randomRepo returns a repository with folders in each other, attributes in many
// of them, names on both sides of .gitattributes, and contents that repeat.
func randomRepo(t testing.TB, random *rand.Rand) *gittest.Repo {
	t.Helper()
	r := gittest.New(t)
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	stage := func(mode, name, content string) {
		t.Helper()
		// What cannot be beside the files so far is left out.
		gittest.Run(r.Dir, nil, nil, "update-index", "--add", "--cacheinfo", mode+","+content+","+name)
	}
	for i := range 40 + random.IntN(80) {
		name := ""
		for range random.IntN(4) {
			name += pick("a", "b", "-d", ".a", "a-b", "a.b", "z", "Ä", "+", strings.Repeat("l", 110)) + "/"
		}
		name += pick("x", "y", "-x", " s", ".a", ".gitattributes-x", "x.id", "x.txt", "x.no", "s.subst", strings.Repeat("n", 105), fmt.Sprint("f", i))
		mode, content := pick("100644", "100644", "100644", "100755", "120000"), fmt.Sprint("line one\nof ", random.IntN(30), "\n$Id$ $Format:%h %aN$\n")
		if mode == "120000" {
			content = "target"
		}
		stage(mode, name, r.Blob(content))
		if random.IntN(5) == 0 {
			var rules strings.Builder
			for range 1 + random.IntN(4) {
				fmt.Fprintln(&rules, pick("*.no", "x*", "/a", "b/", "-*", ".a", "*.txt", "*.id", "*.subst", "z/**", "[-+ ]*", ".gitattributes"), pick("export-ignore", "-export-ignore", "export-subst", "ident", "text eol=crlf"))
			}
			stage("100644", path.Join(path.Dir(name), ".gitattributes"), r.Blob(rules.String()))
		}
	}
	stage("160000", "sub/module", strings.Repeat("12", 20))
	stage("100644", ".mailmap", r.Blob("Another Name <"+pick("a@example.com", "author@example.com")+">\n"))
	r.Git("commit", "--quiet", "--message=Random")
	return r
}

// TestStreamIsGits compares archives of random trees with git's, whatever the size
// of the pages, their order and their latency. CODESUITE_STREAM_ROUNDS is the number
// of trees.
func TestStreamIsGits(t *testing.T) {
	t.Parallel()
	rounds := 6
	if s := os.Getenv("CODESUITE_STREAM_ROUNDS"); s != "" {
		var err error
		if rounds, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(uint64(round), 19))
			r := randomRepo(t, random)
			pinnedArchive := func(args ...string) []byte {
				return r.Output(nil, append(slices.Clone(pinned), append([]string{"archive"}, args...)...)...)
			}
			paths := [][]string{nil, nil, nil, {"a"}, {"b", "z"}, {"sub"}}[random.IntN(6)]
			if len(paths) > 0 {
				paths = slices.DeleteFunc(paths, func(p string) bool {
					_, err := gittest.Run(r.Dir, nil, nil, "rev-parse", "--verify", "main:"+p)
					return err != nil
				})
			}
			want := pinnedArchive(append([]string{"--format=tar", "--prefix=p/", "main"}, paths...)...)
			wantZip := zipMembers(t, pinnedArchive(append([]string{"--format=zip", "--prefix=p/", "main"}, paths...)...))
			server, cc := serve(t, r.Dir)
			for _, faults := range []codecommittest.Faults{
				{PageSize: 1 + random.IntN(20)},
				{PageSize: 1 + random.IntN(20), Latency: time.Millisecond, ShuffleListing: true},
				{PageSize: 3 + random.IntN(6), SlowPages: slow},
				{PageSize: 3 + random.IntN(6), SlowPages: slow, ShuffleListing: true},
				{PageSize: 3 + random.IntN(6), SlowPages: slow, Deny: []string{"GetFolder"}},
				{PageSize: 1 + random.IntN(20), TruncateListing: 1 + random.IntN(60)},
				{PageSize: 3 + random.IntN(6), SlowPages: slow / 2, TruncateListing: 40, OmitSubmodules: true, ShuffleListing: random.IntN(2) == 0},
			} {
				faults.Seed = random.Uint64()
				server.SetFaults(faults)
				a := archive.New(cc, with(archive.Options{Prefix: "p/", Paths: paths, Concurrency: 1 + random.IntN(40)}))
				leakless(t, func() {
					got, err := a.Tar("main").Bytes(t.Context())
					if err != nil {
						t.Fatalf("%+v: %v", faults, err)
					}
					sameTar(t, want, got)
				})
				if faults.SlowPages > 0 {
					continue
				}
				got, err := a.Zip("main").Bytes(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(wantZip, zipMembers(t, got)); diff != "" {
					t.Errorf("%+v: members mismatch (-want +got):\n%.2000s", faults, diff)
				}
			}
			server.SetFaults(codecommittest.Faults{Latency: time.Duration(random.IntN(10)) * time.Millisecond})
			for _, order := range ordersOfFolders {
				api := newSorted(t, server, cc, 1+random.IntN(20), time.Duration(random.IntN(30))*time.Millisecond, order.compare)
				a := archive.New(codecommit.New(api, "staging"), with(archive.Options{Prefix: "p/", Paths: paths, Concurrency: 1 + random.IntN(40), SkipVerify: random.IntN(2) == 0}))
				a.SetLimits(1<<10, 1<<10)
				leakless(t, func() {
					var got bytes.Buffer
					_, err := a.Tar("main").Write(t.Context(), &got)
					if err != nil {
						t.Fatalf("%s: %v", order.name, err)
					}
					sameTar(t, want, got.Bytes())
				})
			}
		})
	}
}

// bigFiles returns files that fill a tight window. The last page of ten has small ones
// and is listed after files were written: a folder between files shows at once that
// the pages come in the order of the tree.
func bigFiles() fstest.MapFS {
	contents := make(map[string]string)
	for i := range 60 {
		size := 24 << 10
		if i >= 50 {
			size = 1000
		}
		name := fmt.Sprintf("d%d/file%02d", i/8, i)
		if i == 3 {
			name += "/in"
		}
		contents[name] = noise(fmt.Sprint("big", i), size)
	}
	return files(contents)
}

// tarOf returns the tar archive of main.
func tarOf(t *testing.T, cc *codecommit.Repository) []byte {
	t.Helper()
	data, err := archive.New(cc).Tar("main").Bytes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// lastPage is the SDK's client with changes to the last page, which arrives after
// the archive was begun.
type lastPage struct {
	codecommit.API
	begun  <-chan struct{} // closed when something is written
	change func(*awscodecommit.GetDifferencesOutput)
}

func (a *lastPage) GetDifferences(ctx context.Context, in *awscodecommit.GetDifferencesInput, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetDifferencesOutput, error) {
	in.MaxResults = aws.Int32(10)
	out, err := a.API.GetDifferences(ctx, in, optFns...)
	if err == nil && out.NextToken == nil {
		select {
		case <-a.begun:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		a.change(out)
	}
	return out, err
}

// beginning is a writer that says when the first bytes arrive, and fails in no way.
type beginning struct {
	recorder
	once  sync.Once
	begun chan struct{}
}

func newBeginning() *beginning { return &beginning{begun: make(chan struct{})} }

func (w *beginning) Write(p []byte) (int, error) {
	w.once.Do(func() { close(w.begun) })
	return w.recorder.Write(p)
}

// changes are lies of a listing.
var changes = []struct {
	name   string
	change func(*awscodecommit.GetDifferencesOutput)
}{
	{"an entry is missing", func(out *awscodecommit.GetDifferencesOutput) {
		out.Differences = slices.Delete(out.Differences, 1, 2)
	}},
	{"the last entry is missing", dropLast},
	{"another blob", func(out *awscodecommit.GetDifferencesOutput) {
		out.Differences[2].AfterBlob.BlobId = out.Differences[3].AfterBlob.BlobId
	}},
	{"another mode", func(out *awscodecommit.GetDifferencesOutput) {
		out.Differences[2].AfterBlob.Mode = aws.String("100755")
	}},
	{"a blob that does not exist", func(out *awscodecommit.GetDifferencesOutput) {
		out.Differences[2].AfterBlob.BlobId = aws.String(strings.Repeat("6", 40))
	}},
	{"an entry more", func(out *awscodecommit.GetDifferencesOutput) {
		added := types.Difference{ChangeType: "A", AfterBlob: &types.BlobMetadata{Path: aws.String("z"), Mode: aws.String("100644"), BlobId: out.Differences[0].AfterBlob.BlobId}}
		out.Differences = append(out.Differences, added)
	}},
	{"an entry that should have come earlier", func(out *awscodecommit.GetDifferencesOutput) {
		added := types.Difference{ChangeType: "A", AfterBlob: &types.BlobMetadata{Path: aws.String("a"), Mode: aws.String("100644"), BlobId: out.Differences[0].AfterBlob.BlobId}}
		out.Differences = append(out.Differences, added)
	}},
}

// TestListingThatLiesLate lets the last page lie after files were written. Write
// either has the archive of git, where nothing is written yet that differs, or ends
// with an error; Save starts anew.
func TestListingThatLiesLate(t *testing.T) {
	t.Parallel()
	server, cc := serveFS(t, bigFiles())
	want := tarOf(t, cc)
	for i, tt := range changes {
		for _, format := range formats[i%len(formats):][:1] {
			t.Run(tt.name+"/"+format.name, func(t *testing.T) {
				w := newBeginning()
				api := &lastPage{API: client(server), begun: w.begun, change: tt.change}
				leakless(t, func() {
					_, err := format.of(tight(codecommit.New(api, "staging")), "main").Write(t.Context(), w)
					if err == nil {
						if format.name == "tar" {
							sameTar(t, want, w.bytes())
						}
						return
					}
					var integrity *archive.IntegrityError
					if !errors.As(err, &integrity) || !integrity.Folder {
						t.Errorf("error %v is not an IntegrityError of a folder", err)
					}
					incomplete(t, format.name, w.bytes())
				})
			})
		}
	}
}

// TestLieBehindTheWriter leaves out a file of the first page, and thereby of what is
// written first.
func TestLieBehindTheWriter(t *testing.T) {
	t.Parallel()
	server, cc := serveFS(t, bigFiles())
	want := tarOf(t, cc)
	first := func(out *awscodecommit.GetDifferencesOutput) {
		if *out.Differences[0].AfterBlob.Path == "d0/file00" {
			out.Differences = slices.Delete(out.Differences, 1, 2)
		}
	}
	never := func(*awscodecommit.GetDifferencesOutput) {}
	for _, format := range formats[:2] {
		t.Run(format.name, func(t *testing.T) {
			server.ResetCalls()
			w := newBeginning()
			api := &lastPage{API: &tampered{API: client(server), differences: first}, begun: w.begun, change: never}
			leakless(t, func() {
				_, err := format.of(tight(codecommit.New(api, "staging")), "main").Write(t.Context(), w)
				if err == nil && server.Count("GetFolder") > 0 {
					// The machine is so slow that the folder was walked first.
					if format.name == "tar" {
						sameTar(t, want, w.bytes())
					}
					return
				}
				var integrity *archive.IntegrityError
				if !errors.As(err, &integrity) || !integrity.Folder {
					t.Errorf("error %v is not an IntegrityError of a folder", err)
				}
				incomplete(t, format.name, w.bytes())
			})
		})
	}
	begun := make(chan struct{})
	close(begun)
	api := &lastPage{API: &tampered{API: client(server), differences: first}, begun: begun, change: never}
	dir := t.TempDir()
	file := filepath.Join(dir, "archive.tar")
	info, err := tight(codecommit.New(api, "staging")).Tar("main").Save(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sameTar(t, want, got)
	if info.Files != 60 || info.Bytes != int64(len(want)) {
		t.Errorf("Info has %d files and %d bytes, want 60 and %d", info.Files, info.Bytes, len(want))
	}
	// Where the folders cannot be walked, nothing is left.
	server.SetFaults(codecommittest.Faults{Deny: []string{"GetFolder"}})
	leakless(t, func() {
		if _, err := tight(codecommit.New(api, "staging")).Tar("main").Save(t.Context(), filepath.Join(dir, "other.tar")); err == nil {
			t.Error("no error")
		}
	})
	noTemporaryFiles(t, dir, "archive.tar")
}

// TestHistoricModesLate finds out after files were written that the pages do not tell
// the modes of the tree, which makes no difference to the archive.
func TestHistoricModesLate(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	const folders, perFolder = 8, 8
	var contents []string
	for i := range folders * perFolder {
		contents = append(contents, noise(fmt.Sprint(i), 24<<10))
	}
	blobs := gittest.Blobs(t, r.Dir, contents)
	var root [][3]string
	for i := range folders {
		var folder [][3]string
		for k := range perFolder {
			mode := []string{"100664", "100664", "100755"}[(i+k)%3]
			entry := [3]string{mode, fmt.Sprint("file", k), blobs[i*perFolder+k]}
			if i == 0 && k == 3 { // shows that the pages come in the order of the tree
				entry = [3]string{"40000", entry[1], rawTree(t, r, entry)}
			}
			folder = append(folder, entry)
		}
		root = append(root, [3]string{"40000", fmt.Sprint("d", i), rawTree(t, r, folder...)})
	}
	commitOf(t, r, rawTree(t, r, root...))
	server, _ := serve(t, r.Dir)
	server.SetFaults(codecommittest.Faults{CanonicalModes: true})
	w := newBeginning()
	api := &lastPage{API: client(server), begun: w.begun, change: func(*awscodecommit.GetDifferencesOutput) {}}
	if _, err := tight(codecommit.New(api, "staging")).Tar("main").Write(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	sameTar(t, r.Output(nil, "archive", "--format=tar", "main"), w.bytes())
	if n := server.Count("GetFolder"); n != 10 {
		t.Errorf("%d calls of GetFolder, want one for each folder", n)
	}
	if n := server.Count("GetBlob"); n != 64 {
		t.Errorf("%d calls of GetBlob, want one for each file", n)
	}
}

// TestAttributesInLatePages has .gitattributes behind many files that they are about.
func TestAttributesInLatePages(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	for _, dir := range []string{"", "-first/", "sub/"} {
		for i := range 30 {
			r.Write(fmt.Sprintf("%s-early%02d.txt", dir, i), "one\ntwo $Format:%aN$\n")
			r.Write(fmt.Sprintf("%s+%02d.no", dir, i), "left out")
		}
	}
	r.Write(".gitattributes", "*.no export-ignore\n*.txt text eol=crlf\n-early1*.txt export-subst\n")
	r.Write("sub/.gitattributes", "*.txt -text\n+0* -export-ignore\n")
	r.Write("-first/.gitattributes", "-early2* export-ignore\n")
	r.Git("add", "--all")
	r.Write(".mailmap", "Mapped Name <committer@example.com>\n")
	r.Commit("Attributes")
	server, cc := serve(t, r.Dir)
	want := r.Output(nil, append(slices.Clone(pinned), "archive", "--format=tar", "main")...)
	for _, faults := range []codecommittest.Faults{{PageSize: 1}, {PageSize: 7}, {PageSize: 50}, {PageSize: 7, ShuffleListing: true}, {PageSize: 9, SlowPages: slow}} {
		server.SetFaults(faults)
		got, err := archive.New(cc).Tar("main").Bytes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sameTar(t, want, got)
	}
}

// TestOrderThatChanges lists by path at first, and in another order from some page on.
func TestOrderThatChanges(t *testing.T) {
	t.Parallel()
	r := everyShape(t)
	server, _ := serve(t, r.Dir)
	want := r.Output(nil, "archive", "--format=tar", "main")
	for _, from := range []int{1, 10, 60, 100} {
		for _, latency := range []time.Duration{0, slow} {
			server.SetFaults(codecommittest.Faults{PageSize: 1000, SlowPages: latency})
			api := &shuffled{API: client(server), from: from}
			leakless(t, func() {
				got, err := archive.New(codecommit.New(api, "staging")).Tar("main").Bytes(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				sameTar(t, want, got)
			})
		}
	}
}

// sorted is the SDK's client with a listing in another order.
type sorted struct {
	codecommit.API
	size    int           // of a page
	latency time.Duration // of a page, so that what is listed is fetched, and written if it may be
	all     func() []types.Difference
}

func (a *sorted) GetDifferences(ctx context.Context, in *awscodecommit.GetDifferencesInput, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetDifferencesOutput, error) {
	from := 0
	if in.NextToken != nil {
		var err error
		if from, err = strconv.Atoi(*in.NextToken); err != nil {
			return nil, err
		}
	}
	select {
	case <-time.After(a.latency):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	all := a.all()
	to := min(len(all), from+a.size)
	out := &awscodecommit.GetDifferencesOutput{Differences: all[from:to]}
	if to < len(all) {
		out.NextToken = aws.String(strconv.Itoa(to))
	}
	return out, nil
}

// newSorted returns a client that lists main in the order of compare.
func newSorted(t *testing.T, server *codecommittest.Server, cc *codecommit.Repository, size int, latency time.Duration, compare func(a, b string) int) *sorted {
	a := &sorted{API: client(server), size: size, latency: latency}
	a.all = sync.OnceValue(func() []types.Difference {
		var all []types.Difference
		commit, err := cc.Resolve(t.Context(), "main")
		if err != nil {
			t.Error(err)
			return nil
		}
		for change, err := range cc.Changes(t.Context(), "", commit.ID) {
			if err != nil {
				t.Error(err)
			}
			all = append(all, types.Difference{ChangeType: "A", AfterBlob: &types.BlobMetadata{
				Path: aws.String(change.After.Path), Mode: aws.String(fmt.Sprintf("%o", change.After.Mode)), BlobId: aws.String(change.After.ID),
			}})
		}
		slices.SortFunc(all, func(x, y types.Difference) int { return compare(*x.AfterBlob.Path, *y.AfterBlob.Path) })
		return all
	})
	return a
}

// filesFirst compares paths, with the files of each folder before its subfolders.
func filesFirst(a, b string) int {
	for {
		x, restX, deepX := strings.Cut(a, "/")
		y, restY, deepY := strings.Cut(b, "/")
		switch {
		case deepX != deepY:
			if deepX {
				return 1
			}
			return -1
		case x != y:
			return strings.Compare(x, y)
		}
		a, b = restX, restY
	}
}

func depth(p string) int { return strings.Count(p, "/") }

// ordersOfFolders are orders in which a service may walk through folders, other than
// that of the tree.
var ordersOfFolders = []struct {
	name    string
	compare func(a, b string) int
}{
	{"by depth", func(a, b string) int { return stdcmp.Or(stdcmp.Compare(depth(a), depth(b)), strings.Compare(a, b)) }},
	{"deepest first", func(a, b string) int { return stdcmp.Or(stdcmp.Compare(depth(b), depth(a)), strings.Compare(a, b)) }},
	{"files first", filesFirst},
	{"folders first", func(a, b string) int {
		if depth(a) == depth(b) {
			return strings.Compare(a, b)
		}
		return -filesFirst(a, b)
	}},
	{"backwards", func(a, b string) int { return strings.Compare(b, a) }},
}

// TestOrdersOfFolders lists the files of folders before or after what is in their
// subfolders, which looks like the order of the tree for many pages. Write must not
// take it for that when its window is full.
func TestOrdersOfFolders(t *testing.T) {
	t.Parallel()
	contents := make(map[string]string)
	for i := range 30 {
		for _, dir := range []string{"", "m/"} {
			contents[fmt.Sprintf("%sf%03d", dir, i)] = noise(fmt.Sprint(dir, i), 32<<10)
			contents[fmt.Sprintf("%sd%03d/x", dir, i)] = fmt.Sprint(dir, i)
			contents[fmt.Sprintf("%sz%03d/x", dir, i)] = noise(fmt.Sprint(dir, "z", i), 32<<10)
		}
	}
	server, cc := serveFS(t, files(contents))
	want := tarOf(t, cc)
	for _, tt := range ordersOfFolders {
		for _, size := range []int{7, 25} {
			t.Run(fmt.Sprint(tt.name, " ", size), func(t *testing.T) {
				t.Parallel()
				api := newSorted(t, server, cc, size, 20*time.Millisecond, tt.compare)
				var w bytes.Buffer
				a := archive.New(codecommit.New(api, "staging"))
				a.SetLimits(256<<10, 256<<10)
				if _, err := a.Tar("main").Write(t.Context(), &w); err != nil {
					t.Fatal(err)
				}
				sameTar(t, want, w.Bytes())
			})
		}
	}
}

// late is the SDK's client with a listing in another order: the root folder, the first
// page, the folder "m", and the other pages arrive one after the other.
type late struct {
	*sorted
	asked, paged, answered             chan struct{} // closed when "m" is asked for, the first page is taken in, "m" has arrived
	askedOnce, pagedOnce, answeredOnce sync.Once
}

func newLate(s *sorted) *late {
	return &late{sorted: s, asked: make(chan struct{}), paged: make(chan struct{}), answered: make(chan struct{})}
}

func (a *late) GetDifferences(ctx context.Context, in *awscodecommit.GetDifferencesInput, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetDifferencesOutput, error) {
	before := a.asked
	isPaged := func() { a.pagedOnce.Do(func() { close(a.paged) }) }
	if in.NextToken != nil {
		before = a.answered
		isPaged()
	}
	context.AfterFunc(ctx, isPaged) // the listing may end with the first page
	select {
	case <-before:
		return a.sorted.GetDifferences(ctx, in, optFns...)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (a *late) GetFolder(ctx context.Context, in *awscodecommit.GetFolderInput, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetFolderOutput, error) {
	if aws.ToString(in.FolderPath) == "m" {
		a.askedOnce.Do(func() { close(a.asked) })
		defer a.answeredOnce.Do(func() { close(a.answered) })
		select {
		case <-a.paged:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return a.sorted.API.GetFolder(ctx, in, optFns...)
}

// TestAttributesOfLateFolders lists the files of the root, some of them behind the
// folder "m", before the attributes of the folder, which the planner enters meanwhile.
// It must not take the folder for empty, also where nobody compares its ID.
func TestAttributesOfLateFolders(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	for _, name := range []string{"a", "b", "y", "z", "m/in.txt", "m/out.txt"} {
		r.Write(name, "one\n")
	}
	r.Write("m/.gitattributes", "in.txt eol=crlf\nout.txt export-ignore\n")
	r.Commit("A folder with attributes")
	server, cc := serve(t, r.Dir)
	want := r.Output(nil, append(slices.Clone(pinned), "archive", "--format=tar", "main")...)
	for _, skip := range []bool{false, true} {
		api := newLate(newSorted(t, server, cc, 4, 0, filesFirst))
		var w bytes.Buffer
		if _, err := archive.New(codecommit.New(api, "staging"), with(archive.Options{SkipVerify: skip})).Tar("main").Write(t.Context(), &w); err != nil {
			t.Fatal(err)
		}
		sameTar(t, want, w.Bytes())
	}
}

// ghost is the SDK's client with a file more at the end of the listing. The last
// page has nothing, and arrives after the file was fetched.
type ghost struct {
	codecommit.API
	file    types.BlobMetadata
	fetched chan struct{}
	once    sync.Once
}

func (a *ghost) GetDifferences(ctx context.Context, in *awscodecommit.GetDifferencesInput, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetDifferencesOutput, error) {
	if aws.ToString(in.NextToken) == "last" {
		select {
		case <-a.fetched:
			return &awscodecommit.GetDifferencesOutput{}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	out, err := a.API.GetDifferences(ctx, in, optFns...)
	if err == nil && out.NextToken == nil {
		out.Differences = append(out.Differences, types.Difference{ChangeType: "A", AfterBlob: &a.file})
		out.NextToken = aws.String("last")
	}
	return out, err
}

func (a *ghost) GetBlob(ctx context.Context, in *awscodecommit.GetBlobInput, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetBlobOutput, error) {
	if aws.ToString(in.BlobId) == *a.file.BlobId {
		a.once.Do(func() { close(a.fetched) })
	}
	return a.API.GetBlob(ctx, in, optFns...)
}

// TestFolderThatIsNotThere lists a file in a folder that the commit does not have. The
// planner is in there when the pages end.
func TestFolderThatIsNotThere(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	for i := range 9 {
		r.Write(fmt.Sprintf("d%d/file%d", i/4, i), fmt.Sprint(i))
	}
	r.Commit("Files")
	other := r.Blob("not in the commit")
	server, cc := serve(t, r.Dir)
	for _, tt := range []struct {
		name string
		root string
	}{
		{"z/file", ""}, {"d2/z/file", ""}, {"d2/z/z/file", "d2"},
		{"z/" + strings.Repeat("n", 110) + "/file", ""}, // its ID would be in the archive
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := &ghost{API: client(server), fetched: make(chan struct{}), file: types.BlobMetadata{Path: aws.String(tt.name), Mode: aws.String("100644"), BlobId: &other}}
			leakless(t, func() {
				specifier := "main"
				if tt.root != "" {
					specifier += ":" + tt.root
				}
				want, err := archive.New(cc).Tar(specifier).Bytes(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				got, err := archive.New(codecommit.New(api, "staging")).Tar(specifier).Bytes(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				sameTar(t, want, got)
			})
		})
	}
}

// walkedLate is the SDK's client that lists folders late.
type walkedLate struct {
	codecommit.API
	begun <-chan struct{}
}

func (a *walkedLate) GetFolder(ctx context.Context, in *awscodecommit.GetFolderInput, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetFolderOutput, error) {
	select {
	case <-a.begun:
		return a.API.GetFolder(ctx, in, optFns...)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// TestLargeBlobThatEndsWithTheRest lets the listing fail its proof while LargeBlob
// waits for a file. Save starts anew.
func TestLargeBlobThatEndsWithTheRest(t *testing.T) {
	t.Parallel()
	contents := map[string]string{"a/0": "a", "a0": strings.Repeat("a", codecommit.MaxBlobSize+1), "a1": "left out"}
	for i := range 50 {
		contents[fmt.Sprintf("d%d/file%02d", i/8, i)] = noise(fmt.Sprint("big", i), 24<<10)
	}
	server, cc := serveFS(t, files(contents))
	large := func(context.Context, archive.BlobRef) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(contents["a0"])), nil
	}
	var want bytes.Buffer
	if _, err := archive.New(cc, with(archive.Options{LargeBlob: large})).Tar("main").Write(t.Context(), &want); err != nil {
		t.Fatal(err)
	}
	first := func(out *awscodecommit.GetDifferencesOutput) {
		out.Differences = slices.DeleteFunc(out.Differences, func(d types.Difference) bool { return *d.AfterBlob.Path == "a1" })
	}
	begun := make(chan struct{})
	asked := 0
	waiting := func(ctx context.Context, b archive.BlobRef) (io.ReadCloser, error) {
		if asked++; asked == 1 {
			close(begun)
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return large(ctx, b)
	}
	api := &walkedLate{&lastPage{API: &tampered{API: client(server), differences: first}, begun: begun, change: func(*awscodecommit.GetDifferencesOutput) {}}, begun}
	file := filepath.Join(t.TempDir(), "archive.tar")
	if _, err := tight(codecommit.New(api, "staging"), with(archive.Options{LargeBlob: waiting})).Tar("main").Save(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sameTar(t, want.Bytes(), got)
}

// leftOut is the SDK's client that fails to list the folder "out" after what follows
// it is planned, and before that arrives.
type leftOut struct {
	codecommit.API
	after           string // a blob behind the folder
	asked           atomic.Bool
	planned, failed chan struct{}
}

func (a *leftOut) GetFolder(ctx context.Context, in *awscodecommit.GetFolderInput, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetFolderOutput, error) {
	if aws.ToString(in.FolderPath) == "out" {
		a.asked.Store(true)
		<-a.planned
		defer close(a.failed)
		return nil, errTest
	}
	return a.API.GetFolder(ctx, in, optFns...)
}

func (a *leftOut) GetBlob(ctx context.Context, in *awscodecommit.GetBlobInput, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetBlobOutput, error) {
	if aws.ToString(in.BlobId) == a.after {
		close(a.planned)
		if a.asked.Load() { // otherwise the folder was left out before
			<-a.failed
		}
	}
	return a.API.GetBlob(ctx, in, optFns...)
}

// TestErrorOfAFolderThatIsLeftOut does not count. The folder is listed before its
// attribute is known.
func TestErrorOfAFolderThatIsLeftOut(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	r.Write(".gitattributes", "out export-ignore\n")
	r.Write("out/file", "left out\n")
	r.Write("z", "behind it\n")
	r.Commit("A folder that is left out")
	server, _ := serve(t, r.Dir)
	api := &leftOut{API: &tampered{API: client(server), differences: func(out *awscodecommit.GetDifferencesOutput) { out.Differences = nil }},
		after: r.Git("rev-parse", "main:z"), planned: make(chan struct{}), failed: make(chan struct{})}
	got, err := archive.New(codecommit.New(api, "staging")).Tar("main").Bytes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sameTar(t, r.Output(nil, "archive", "--format=tar", "main"), got)
}

// TestDeniedMidway lets no folder be listed once some are, and the pages be behind
// for more than a second. They go on.
func TestDeniedMidway(t *testing.T) {
	t.Parallel()
	contents := make(map[string]string)
	for i := range 25 {
		contents[fmt.Sprintf("d%d/file%02d", i/5, i)] = fmt.Sprint("content ", i)
	}
	server, cc := serveFS(t, files(contents))
	want := tarOf(t, cc)
	server.SetFaults(codecommittest.Faults{PageSize: 1, SlowPages: 100 * time.Millisecond, Fail: func(operation string) string {
		if operation == "GetFolder" && server.Count(operation) > 5 {
			return "EncryptionKeyAccessDeniedException"
		}
		return ""
	}})
	sameTar(t, want, tarOf(t, cc))
}

// TestCallsOfTheListing bounds the calls: folders are walked only where pages are too
// slow, each once, and the pages end with the walk.
func TestCallsOfTheListing(t *testing.T) {
	t.Parallel()
	const (
		folders, perFolder = 60, 10
		latency            = 10 * time.Millisecond
		quick              = 200 * time.Millisecond // no listing is slow before
	)
	contents := make(map[string]string)
	for i := range folders * perFolder {
		contents[fmt.Sprintf("d%02d/file%03d", i/perFolder, i)] = fmt.Sprint("content ", i%(folders*perFolder-40))
	}
	pages := func(size int) int { return (len(contents) + size - 1) / size }
	for _, tt := range []struct {
		name           string
		faults         codecommittest.Faults
		pages, folders int  // at most
		walks          bool // must
	}{
		{"quick pages", codecommittest.Faults{PageSize: 100, Latency: latency}, pages(100), 0, false},
		{"quick pages in no order", codecommittest.Faults{PageSize: 300, ShuffleListing: true, Latency: latency}, pages(300), folders + 1, false},
		{"slow pages", codecommittest.Faults{PageSize: 5, SlowPages: 10 * slow}, pages(5) / 2, folders + 1, true},
		{"slow pages in no order", codecommittest.Faults{PageSize: 5, SlowPages: 10 * slow, ShuffleListing: true}, pages(5) / 2, folders + 1, true},
		{"no permission for folders", codecommittest.Faults{PageSize: 40, SlowPages: slow, Deny: []string{"GetFolder"}}, pages(40), 64, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server, cc := serveFS(t, files(contents))
			server.SetFaults(tt.faults)
			start, listed := time.Now(), time.Time{}
			progress := func(p archive.Progress) {
				if p.Total > 0 && listed.IsZero() {
					listed = time.Now()
				}
			}
			info, err := archive.New(cc, with(archive.Options{Concurrency: 64, Progress: progress})).Tar("main").Write(t.Context(), discard{})
			if err != nil {
				t.Fatal(err)
			}
			calls := server.Calls()
			if tt.folders == 0 && listed.Sub(start) > quick {
				tt.folders = folders + 1 // the machine is slow, and so are pages
			}
			if blobs := len(contents) - 40; calls["GetDifferences"] > tt.pages || calls["GetFolder"] > tt.folders || calls["GetBlob"] > blobs || tt.walks && calls["GetFolder"] == 0 {
				t.Errorf("calls %v, want at most %d pages, %d folders and %d blobs", calls, tt.pages, tt.folders, blobs)
			}
			if info.Files != len(contents) {
				t.Errorf("%d files, want %d", info.Files, len(contents))
			}
		})
	}
}

// TestPathsInTheWalk walks no folder in which nothing is selected.
func TestPathsInTheWalk(t *testing.T) {
	t.Parallel()
	contents := make(map[string]string)
	for i := range 200 {
		contents[fmt.Sprintf("d%02d/sub/file%03d", i/10, i)] = fmt.Sprint("content ", i)
	}
	server, cc := serveFS(t, files(contents))
	server.SetFaults(codecommittest.Faults{PageSize: 2, SlowPages: slow})
	info, err := archive.New(cc, with(archive.Options{Paths: []string{"d07", "d19/sub"}})).Tar("main").Write(t.Context(), discard{})
	if err != nil {
		t.Fatal(err)
	}
	if n := server.Count("GetFolder"); info.Files != 20 || n == 0 || n > 5 {
		t.Errorf("%d files in %d calls of GetFolder, want 20 in 1 to 5", info.Files, n)
	}
}

// TestCanceledWhileStreaming cancels the context when files are written and a page is
// awaited, or folders are.
func TestCanceledWhileStreaming(t *testing.T) {
	t.Parallel()
	for _, format := range formats {
		for _, operation := range []string{"GetDifferences", "GetFolder"} {
			t.Run(format.name+"/"+operation, func(t *testing.T) {
				t.Parallel()
				server, cc := serveFS(t, bigFiles())
				// On a slow machine, the walk would end before the pages.
				faults := codecommittest.Faults{PageSize: 10, Deny: []string{"GetFolder"}}
				if operation == "GetFolder" {
					faults = codecommittest.Faults{PageSize: 2, SlowPages: slow}
				}
				server.SetFaults(faults)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				w := newBeginning()
				server.OnCall(func(op string) {
					if op != operation || op == "GetDifferences" && server.Count(op) < 6 {
						return
					}
					if op == "GetDifferences" {
						<-w.begun
					}
					cancel()
				})
				leakless(t, func() {
					_, err := format.of(tight(cc), "main").Write(ctx, w)
					checkError(t, err, context.Canceled)
				})
				incomplete(t, format.name, w.bytes())
			})
		}
	}
}

// TestNothingIsWrittenEarly writes nothing while the listing goes on and the window
// has room. Folders cannot be walked: on a slow machine they would end the listing.
func TestNothingIsWrittenEarly(t *testing.T) {
	t.Parallel()
	server, cc := serveFS(t, files(noisyFiles(60, 1000)))
	server.SetFaults(codecommittest.Faults{PageSize: 10, Deny: []string{"GetFolder"}})
	var out recorder
	var early atomic.Int64
	server.OnCall(func(op string) {
		if op == "GetDifferences" {
			for server.Count(op) > 1 && server.Count("GetBlob") < 10*(server.Count(op)-1) && t.Context().Err() == nil {
				time.Sleep(time.Millisecond)
			}
			early.Add(int64(len(out.bytes())))
		}
	})
	if _, err := archive.New(cc).Tar("main").Write(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	if n := early.Load(); n > 0 || server.Count("GetDifferences") != 6 {
		t.Errorf("%d bytes were written before the last of %d pages", n, server.Count("GetDifferences"))
	}
}

// TestProgressOfAStream checks what is told while files are listed and written at the
// same time.
func TestProgressOfAStream(t *testing.T) {
	t.Parallel()
	contents := noisyFiles(2500, 10)
	for i := range 30 {
		contents[fmt.Sprintf("aaa/%02d", i)] = noise(fmt.Sprint("big", i), 64<<10)
	}
	contents["aaa/02x/in"] = "a folder between files" // so that the order of the pages is clear
	server, cc := serveFS(t, files(contents))
	server.SetFaults(codecommittest.Faults{PageSize: 100, Latency: time.Millisecond})
	var all []archive.Progress
	var out bytes.Buffer
	a := tight(cc, with(archive.Options{Progress: func(p archive.Progress) { all = append(all, p) }}))
	if _, err := a.Tar("main").Write(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	members := len(contents) + 2 + 7
	listed := 0
	for i, p := range all[1:] {
		before := all[i]
		if p.Listed < before.Listed || p.Members < before.Members || p.Bytes < before.Bytes || p.Total < before.Total || p.Total != 0 && p.Total != members {
			t.Fatalf("progress %+v after %+v", p, before)
		}
		if p.Listed/1000 > before.Listed/1000 {
			listed++
		}
	}
	if last := all[len(all)-1]; last.Members != members || last.Total != members || last.Listed != len(contents) {
		t.Errorf("the last progress is %+v, want %d members of %d files", last, members, len(contents))
	}
	if all[0].Listed == len(contents) || listed < 2 {
		t.Errorf("the progress of the listing starts with %+v and is told %d times", all[0], listed)
	}
}
