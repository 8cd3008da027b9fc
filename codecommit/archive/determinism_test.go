package archive_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// mixedFiles returns files of several sizes, some of which compress.
func mixedFiles() map[string]string {
	contents := noisyFiles(30, 2000)
	for i := range 40 {
		contents[fmt.Sprintf("text/%03d", i)] = strings.Repeat(fmt.Sprintf("line %d of %d\n", i*7919%97, i), 1+i*i)
	}
	contents["large"] = noise("large", 1<<18) + strings.Repeat("large and compressible ", 60_000)
	return contents
}

// TestSameBytes is not parallel: it changes GOMAXPROCS.
func TestSameBytes(t *testing.T) {
	server, cc := serveFS(t, files(mixedFiles()))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, format := range formats {
		var want []byte
		for _, tt := range []struct{ procs, concurrency int }{{1, 1}, {1, 64}, {2, 2}, {7, 1}, {7, 64}} {
			runtime.GOMAXPROCS(tt.procs)
			server.SetFaults(codecommittest.Faults{PageSize: 10 * tt.concurrency})
			got, err := format.of(archive.New(cc, with(archive.Options{Concurrency: tt.concurrency})), "main").Bytes(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = got
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s: other bytes with GOMAXPROCS=%d and %d calls in flight", format.name, tt.procs, tt.concurrency)
			}
		}
	}
}

// TestGoldenBytes fails where the bytes of an archive change, for instance with
// another version of the compressor. Then archives no longer compare equal with
// those made before, which is worth a line in the change log.
func TestGoldenBytes(t *testing.T) {
	t.Parallel()
	fsys := files(mixedFiles())
	fsys["bin/run"] = &fstest.MapFile{Data: []byte("#!/bin/sh\n"), Mode: 0o755}
	_, cc := serveFS(t, fsys)
	for _, tt := range []struct{ format, want string }{
		{"zip", "4979628c721fb91ab54859f7031810ada90898f1181da787f12aa2e60e803591"},
		{"tar", "19fb635de7a6c5536293e5ab6f632596fc5b8764df09fe64fbe685e3fe58852d"},
		{"tar.gz", "030e4bf5b90475e866af329c81dcc00493e413311c5ef7624e90d5d01e6ec5cf"},
	} {
		for _, format := range formats {
			if format.name != tt.format {
				continue
			}
			data, err := format.of(archive.New(cc), "main").Bytes(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(data)
			if got := hex.EncodeToString(sum[:]); got != tt.want {
				t.Errorf("%s has the hash %s, want %s", tt.format, got, tt.want)
			}
		}
	}
}

// TestCommitTimes compares archives of commits of all times with git's.
func TestCommitTimes(t *testing.T) {
	t.Parallel()
	r := everyShape(t)
	times := []string{
		"0 +0000", "1 +1400", "315532799 +0000", "315532800 +0000", "315532800 -0800", "1709206496 +0545", "1709206497 -1200",
		"2147483647 +0000", "2147483648 +0000", "4294967295 +0000", "4294967296 +0000",
		"4354819199 +0000", "4354819200 +0000", "8589934591 +0000", "8589934592 +0000", "10000000000 -0330", "1000000000000 +0000",
	}
	tree := r.Git("rev-parse", "main^{tree}")
	for i, date := range times {
		id := gitEnv(t, r, []string{"GIT_COMMITTER_DATE=@" + date, "GIT_AUTHOR_DATE=@5 +0000"}, "commit-tree", tree, "-m", date)
		if got := r.Git("show", "--no-patch", "--format=%cd", "--date=raw", id); got != date {
			t.Fatalf("git made a commit of %q for %q", got, date)
		}
		r.Git("update-ref", fmt.Sprintf("refs/heads/time%d", i), id)
	}
	_, cc := serve(t, r.Dir)
	for i, date := range times {
		t.Run(date, func(t *testing.T) {
			t.Parallel()
			branch := fmt.Sprint("time", i)
			a := archive.New(cc, with(archive.Options{Paths: []string{"README.md", "bin", "links", "long"}}))
			paths := []string{branch, "README.md", "bin", "links", "long"}
			got, err := a.Tar(branch).Bytes(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			sameTar(t, r.Output(nil, append([]string{"archive", "--format=tar"}, paths...)...), got)
			if got, err = a.Zip(branch).Bytes(t.Context()); err != nil {
				t.Fatal(err)
			}
			want := zipMembers(t, r.Output(nil, append([]string{"archive", "--format=zip"}, paths...)...))
			members := zipMembers(t, got)
			if i < 3 || strings.HasPrefix(date, "435481920") || len(date) > 16 || strings.HasPrefix(date, "8589") {
				// Outside of what the format knows, git's times wrap around.
				for _, list := range [][]zipMember{want, members} {
					for i := range list {
						list[i].Date, list[i].Time = 0, 0
					}
				}
			}
			if diff := cmp.Diff(want, members); diff != "" {
				t.Errorf("members mismatch (-want +got):\n%.1500s", diff)
			}
		})
	}
}
