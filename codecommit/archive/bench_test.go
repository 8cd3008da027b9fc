package archive_test

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// goSource is a repository of thousands of real files: the source of Go.
func goSource(b *testing.B) codecommittest.Repo {
	b.Helper()
	dir := filepath.Join(runtime.GOROOT(), "src")
	if _, err := os.Stat(dir); err != nil {
		b.Skip("the source of Go is not there")
	}
	return codecommittest.FS("go", os.DirFS(dir))
}

// BenchmarkGoSource archives the source of Go with 64 calls of 20 ms in
// flight. It reports the calls, and the time as a multiple of what the calls
// alone must take at that latency.
func BenchmarkGoSource(b *testing.B) {
	const (
		latency     = 20 * time.Millisecond
		concurrency = 64
	)
	server := codecommittest.NewServer(b, goSource(b))
	server.SetFaults(codecommittest.Faults{Latency: latency})
	a := archive.New(codecommit.Open(server.Config(), "go"), func(o *archive.Options) { o.Concurrency = concurrency })
	for _, format := range []struct {
		name    string
		archive *archive.Archive
	}{{"tar", a.Tar("main")}, {"zip", a.Zip("main")}, {"tar.gz", a.TarGz("main")}} {
		b.Run(format.name, func(b *testing.B) {
			var calls int
			for b.Loop() {
				info, err := format.archive.Write(b.Context(), io.Discard)
				if err != nil {
					b.Fatal(err)
				}
				calls = info.Calls
			}
			bound := time.Duration(calls) * latency / concurrency
			b.ReportMetric(float64(calls), "calls")
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(bound), "×latency-bound")
		})
	}
}
