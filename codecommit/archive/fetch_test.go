package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/internal/gitobj"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// window is the memory for what waits for its turn, see the package's fetcher.
const window = 16 << 20

// TestEachBlobIsFetchedOnce counts calls: one for each blob, however often it
// occurs, and none for the empty one.
func TestEachBlobIsFetchedOnce(t *testing.T) {
	t.Parallel()
	contents := make(map[string]string)
	unique := make(map[string]bool)
	for i := range 500 {
		content := fmt.Sprint("content ", i%180)
		contents[fmt.Sprintf("dir%02d/file%03d", i%13, i)] = content
		unique[content] = true
	}
	for i := range 10 {
		contents[fmt.Sprint("empty", i)] = ""
	}
	for _, faults := range []codecommittest.Faults{{}, {PageSize: 20}, {TruncateListing: 100}} {
		for _, concurrency := range []int{1, 3, 65} {
			for _, format := range formats[concurrency%len(formats):][:1] {
				server, cc := serveFS(t, files(contents))
				server.SetFaults(faults)
				cc, canceled := countCanceled(cc)
				info, err := format.of(archive.New(cc, with(archive.Options{Concurrency: concurrency})), "main").Write(t.Context(), io.Discard)
				if err != nil {
					t.Fatal(err)
				}
				if n := server.Count("GetBlob"); n != len(unique) {
					t.Errorf("%s with %d calls in flight: %d calls of GetBlob, want %d", format.name, concurrency, n, len(unique))
				}
				if n, more := server.Count(), int(canceled.Load()); info.Calls < n || info.Calls > n+more {
					t.Errorf("Info.Calls is %d, the server counts %d, and %d were canceled", info.Calls, n, more)
				}
				server.Close()
			}
		}
	}
}

// countCanceled counts the calls that were canceled, for instance of folders in the
// moment in which the listing is complete: they may not have reached the server.
func countCanceled(cc *codecommit.Repository) (*codecommit.Repository, *atomic.Int64) {
	var canceled atomic.Int64
	return cc.With(func(o *codecommit.Options) {
		o.OnCall = func(c codecommit.Call) {
			if errors.Is(c.Err, context.Canceled) {
				canceled.Add(int64(c.Attempts))
			}
		}
	}), &canceled
}

// TestBlobsOverTheKeptBudget occur several times, far apart, and are too large
// to keep: they are fetched again, and still right.
func TestBlobsOverTheKeptBudget(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	const size = 192 << 10
	for i := range 6 {
		content := noise(fmt.Sprint("big", i), size)
		r.Write(fmt.Sprint("a/", i), content)
		r.Write(fmt.Sprint("m/", i), fmt.Sprint("small ", i))
		r.Write(fmt.Sprint("z/", i), content)
		r.Write(fmt.Sprint("z/again", i), content)
	}
	r.Git("config", "core.compression", "0")
	r.Commit("Duplicates")
	server, cc := serve(t, r.Dir)
	want := r.Output(nil, "archive", "--format=tar", "main")
	server.ResetCalls()
	got, err := tight(cc, with(archive.Options{Concurrency: 4})).Tar("main").Bytes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sameTar(t, want, got)
	// Five of 192 KiB can be kept in 1 MiB; the last is fetched again.
	if n := server.Count("GetBlob"); n < 12+1 || n > 12+2 {
		t.Errorf("%d calls of GetBlob", n)
	}
	checkZip(t, r, tight(cc))
}

// checkZip compares the zip archive of main with git's.
func checkZip(t *testing.T, r *gittest.Repo, a *archive.Archiver) {
	t.Helper()
	got, err := a.Zip("main").Bytes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := zipMembers(t, r.Output(nil, "archive", "--format=zip", "main"))
	if diff := cmp.Diff(want, zipMembers(t, got)); diff != "" {
		t.Errorf("members mismatch (-want +got):\n%.2000s", diff)
	}
}

// settled waits until the number stays the same for a while.
func settled(t *testing.T, n func() int) int {
	t.Helper()
	last, since := n(), time.Now()
	for t.Context().Err() == nil {
		time.Sleep(5 * time.Millisecond)
		if now := n(); now != last {
			last, since = now, time.Now()
		} else if time.Since(since) > 300*time.Millisecond {
			break
		}
	}
	return last
}

// TestSlowWriter bounds what is fetched ahead of a writer that does not take
// it: the window and the calls in flight.
func TestSlowWriter(t *testing.T) {
	t.Parallel()
	const concurrency = 8
	for _, format := range formats {
		t.Run(format.name, func(t *testing.T) {
			t.Parallel()
			// The compressor of tar.gz takes 8 MiB more, whatever the window.
			size, most, open := 32<<10, 32+concurrency+1, tight
			if format.name == "tar.gz" {
				size, most, open = 512<<10, (window+8<<20)/(512<<10)+concurrency+1, archive.New
			}
			_, repo := serveFS(t, files(noisyFiles(60, size)))
			var calls atomic.Int64
			cc := repo.With(func(o *codecommit.Options) {
				o.OnCall = func(c codecommit.Call) {
					if c.Operation == "GetBlob" {
						calls.Add(1)
					}
				}
			})
			w := newBlockingWriter(0)
			done := make(chan error, 1)
			go func() {
				_, err := format.of(open(cc, with(archive.Options{Concurrency: concurrency})), "main").Write(t.Context(), w)
				done <- err
			}()
			<-w.blocked
			n := settled(t, func() int { return int(calls.Load()) })
			if n > most {
				t.Errorf("%d blobs were fetched while the writer was blocked, want at most %d", n, most)
			}
			close(w.release)
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			if _, err := readArchive(format.name, w.buf.Bytes()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestLateBlob bounds what is fetched while the first blob is late.
func TestLateBlob(t *testing.T) {
	t.Parallel()
	const (
		size        = 512 << 10
		concurrency = 8
	)
	contents := noisyFiles(60, size)
	first := gitobj.BlobID([]byte(contents["dir00/file0000"]))
	server, cc := serveFS(t, files(contents))
	var late sync.Once
	release := make(chan struct{})
	server.SetFaults(codecommittest.Faults{SlowBlobs: func(id string) time.Duration {
		if id == first {
			<-release
		}
		return 0
	}})
	defer late.Do(func() { close(release) })
	done := make(chan error, 1)
	go func() {
		_, err := archive.New(cc, with(archive.Options{Concurrency: concurrency})).Tar("main").Write(t.Context(), io.Discard)
		done <- err
	}()
	n := settled(t, func() int { return server.Count("GetBlob") })
	if most := window/size + concurrency + 1; n > most {
		t.Errorf("%d blobs were fetched while the first was late, want at most %d", n, most)
	}
	late.Do(func() { close(release) })
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// TestBlobsArriveBeforeTheListEnds fetches while pages are still to come.
func TestBlobsArriveBeforeTheListEnds(t *testing.T) {
	t.Parallel()
	server, cc := serveFS(t, files(noisyFiles(30, 100)))
	server.SetFaults(codecommittest.Faults{PageSize: 10})
	server.OnCall(func(op string) {
		if op == "GetDifferences" && server.Count(op) == 3 {
			for server.Count("GetBlob") < 20 && t.Context().Err() == nil {
				time.Sleep(time.Millisecond)
			}
		}
	})
	if _, err := archive.New(cc).Tar("main").Write(t.Context(), io.Discard); err != nil {
		t.Fatal(err)
	}
}

// TestConcurrentUse makes archives of one description at the same time.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	_, cc := serveFS(t, files(noisyFiles(60, 2000)))
	archiver := archive.New(cc)
	for _, format := range formats {
		a := format.of(archiver, "main")
		want, err := a.Bytes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				got, err := a.Bytes(t.Context())
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s: other bytes at the same time (%v)", format.name, err)
				}
			})
		}
		wg.Wait()
	}
}

// TestProgressAndInfo checks what is told about an archive.
func TestProgressAndInfo(t *testing.T) {
	t.Parallel()
	r := everyShape(t)
	server, cc := serve(t, r.Dir)
	for _, format := range formats {
		t.Run(format.name, func(t *testing.T) {
			var all []archive.Progress
			var busy atomic.Bool
			options := archive.Options{
				Prefix: "p/",
				Extra:  []archive.File{{Name: "extra", Content: []byte("12345")}},
				Progress: func(p archive.Progress) {
					if !busy.CompareAndSwap(false, true) {
						t.Error("Progress is called twice at the same time")
					}
					defer busy.Store(false)
					all = append(all, p)
				},
			}
			server.ResetCalls()
			var out recorder
			cc, canceled := countCanceled(cc)
			info, err := format.of(archive.New(cc, with(options)), "main").Write(t.Context(), &out)
			if err != nil {
				t.Fatal(err)
			}
			total, links, folders := 0, 0, 0
			var size int64
			for _, m := range zipMembers(t, r.Output(nil, "archive", "--format=zip", "--prefix=p/", "--add-virtual-file=p/extra:12345", "main"))[1:] {
				total++
				size += int64(m.Size)
				if strings.HasSuffix(m.Name, "/") {
					folders++
				} else if m.ExternalAttrs>>28 == 0xa {
					links++
				}
			}
			if len(all) != total+1 {
				t.Fatalf("Progress is called %d times, want %d", len(all), total+1)
			}
			for i, p := range all {
				if p.Members != i || p.Total != total || i > 0 && p.Bytes < all[i-1].Bytes {
					t.Fatalf("call %d of Progress with %+v, before it %+v", i, p, all[max(i-1, 0)])
				}
			}
			if last := all[len(all)-1]; all[0].Bytes != 0 || last.Bytes != size {
				t.Errorf("Progress goes from %d to %d bytes, want 0 to %d", all[0].Bytes, last.Bytes, size)
			}
			if info.Files != total-folders {
				t.Errorf("Info.Files is %d, want %d", info.Files, total-folders)
			}
			if n := int64(len(out.bytes())); info.Bytes != n {
				t.Errorf("Info.Bytes is %d, want %d", info.Bytes, n)
			}
			if n, more := server.Count(), int(canceled.Load()); info.Calls < n || info.Calls > n+more {
				t.Errorf("Info.Calls is %d, the server counts %d, and %d were canceled", info.Calls, n, more)
			}
			sub := "1234567890123456789012345678901234567890"
			want := []archive.Submodule{{Path: "a-sub", Commit: sub}, {Path: "vendor/sub module", Commit: sub}}
			if diff := cmp.Diff(want, info.Submodules); diff != "" {
				t.Errorf("submodules mismatch (-want +got):\n%s", diff)
			}
			if info.Commit == nil || info.Commit.ID != r.Git("rev-parse", "main") || info.Commit.Subject() != "Later" {
				t.Errorf("Info.Commit is %+v", info.Commit)
			}
			if links == 0 {
				t.Error("no links were archived")
			}
		})
	}
}

// TestAttributesInTheWalk reads .gitattributes that the pages do not list.
func TestAttributesInTheWalk(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	r.Write(".gitattributes", "*.no export-ignore\n*.txt text eol=crlf\n")
	r.Write("sub/.gitattributes", "*.id ident\n")
	r.Write("sub/x.id", "$Id$\n")
	r.Write("a.txt", "one\ntwo\n")
	r.Write("b.no", "left out")
	r.Commit("Attributes")
	server := codecommittest.NewServer(t, codecommittest.Git("staging", r.Dir))
	for _, listing := range listings {
		got, err := archive.New(codecommit.New(listing.api(server), "staging")).Tar("main").Bytes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sameTar(t, r.Output(nil, "archive", "--format=tar", "main"), got)
	}
	// A damaged one is found out.
	id := r.Git("rev-parse", "main:sub/.gitattributes")
	server.SetFaults(codecommittest.Faults{CorruptBlobs: func(got string) bool { return got == id }})
	for _, listing := range listings {
		_, err := archive.New(codecommit.New(listing.api(server), "staging")).Tar("main").Bytes(t.Context())
		var integrity *archive.IntegrityError
		if !errors.As(err, &integrity) || integrity.Path != "sub/.gitattributes" {
			t.Errorf("error %v: got %+v", err, integrity)
		}
	}
}
