package gitfetch_test

import (
	"context"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/codecommit/gitfetch"
	"github.com/codesuite-go/codesuite/internal/gitobj"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// BenchmarkWholeCommit reads the 11,478 files of Go's source: through the API as a tar
// archive, with 64 calls in flight, and from one shallow fetch of the commit, without
// making an archive of them. The service answers after 20 ms.
//
// On two cores that also ran the service and other work, the archive through the API once
// took 5.9 s, and all files from the fetch 3.8 s, of which the fetch itself took 1.7 s;
// under more load, 14.4 s, 6.3 s and 2.9 s. With the archive still to be made, one fetch is
// less than three times as fast, and needs codecommit:GitPull and disk space for the
// pack. Package archive has no such option.
func BenchmarkWholeCommit(b *testing.B) {
	root, err := exec.CommandContext(b.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		b.Skip("there is no go command")
	}
	source := os.DirFS(filepath.Join(strings.TrimSpace(string(root)), "src"))
	if _, err := fs.Stat(source, "."); err != nil {
		b.Skip("the source of Go is not there")
	}
	r := gittest.New(b)
	r.Git("config", "gc.auto", "0")
	if err := os.CopyFS(filepath.Join(r.Dir, "src"), source); err != nil {
		b.Fatal(err)
	}
	commit := r.Commit("source")
	r.Git("repack", "-adq")
	var ids []string
	for line := range strings.Lines(r.Git("ls-tree", "-r", "HEAD")) {
		if id := strings.Fields(line)[2]; gitobj.IsID(id) {
			ids = append(ids, id)
		}
	}
	server := codecommittest.NewServer(b, codecommittest.Git("staging", r.Dir))
	server.SetFaults(codecommittest.Faults{Latency: 20 * time.Millisecond})
	server.SetGitProtocol(codecommittest.GitProtocol{CommitsOnly: true})
	cfg := server.Config()
	b.Run("API", func(b *testing.B) {
		a := archive.New(codecommit.Open(cfg, "staging"), func(o *archive.Options) { o.Concurrency = 64 })
		for b.Loop() {
			if _, err := a.Tar("main").Write(b.Context(), io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Git", func(b *testing.B) {
		var fetching time.Duration
		large := gitfetch.LargeBlob(cfg, func(o *gitfetch.Options) { o.OnFetch = func(f gitfetch.Fetch) { fetching += f.Elapsed } })
		for b.Loop() {
			ctx, cancel := context.WithCancel(b.Context())
			for _, id := range ids {
				if _, err := read(ctx, large, codecommit.BlobRef{Repository: "staging", Commit: commit, ID: id}); err != nil {
					b.Fatal(err)
				}
			}
			cancel()
		}
		b.ReportMetric(fetching.Seconds()/float64(b.N), "fetch-s/op")
	})
}
