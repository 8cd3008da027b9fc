package archive_test

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/fstest"
	"time"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// The service of the benchmarks answers after 20 ms, and 64 calls are in flight.
const (
	benchLatency     = 20 * time.Millisecond
	benchConcurrency = 64
)

// goSource is the source of Go: thousands of real files.
func goSource(b *testing.B) fs.FS {
	b.Helper()
	//lint:ignore SA1019 A benchmark runs where it was built.
	dir := filepath.Join(runtime.GOROOT(), "src")
	if _, err := os.Stat(dir); err != nil {
		b.Skip("the source of Go is not there")
	}
	return os.DirFS(dir)
}

func benchArchiver(server *codecommittest.Server, optFns ...func(*archive.Options)) *archive.Archiver {
	optFns = append(optFns, func(o *archive.Options) { o.Concurrency = benchConcurrency })
	return archive.New(codecommit.Open(server.Config(), "go"), optFns...)
}

// benchmark makes the archive and reports the calls, the time as a multiple of
// what the calls alone must take with so many in flight, and the bytes allocated
// for a file, those of the server in this process included.
func benchmark(b *testing.B, ar *archive.Archive) {
	b.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var info *archive.Info
	for b.Loop() {
		var err error
		if info, err = ar.Write(b.Context(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	bound := time.Duration(info.Calls) * benchLatency / benchConcurrency
	b.ReportMetric(float64(info.Calls), "calls")
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(bound), "×latency-bound")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(b.N)/float64(info.Files), "B/file")
}

// BenchmarkGoSource archives the source of Go.
func BenchmarkGoSource(b *testing.B) {
	server := codecommittest.NewServer(b, codecommittest.FS("go", goSource(b)))
	server.SetFaults(codecommittest.Faults{Latency: benchLatency})
	a := benchArchiver(server)
	b.Run("tar", func(b *testing.B) { benchmark(b, a.Tar("main")) })
	b.Run("zip", func(b *testing.B) { benchmark(b, a.Zip("main")) })
	b.Run("tar.gz", func(b *testing.B) { benchmark(b, a.TarGz("main")) })
}

// BenchmarkGoSourceBase archives the source of Go after a push that changes
// three files, with the archive of before as the base.
func BenchmarkGoSourceBase(b *testing.B) {
	source := goSource(b)
	server := codecommittest.NewServer(b, codecommittest.FS("go", source))
	earlier, err := benchArchiver(server).Zip("main").Bytes(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	changed := overlay{source, fstest.MapFS{}}
	for _, name := range []string{"fmt/print.go", "net/http/server.go", "cmd/go/main.go"} {
		changed.top[name] = &fstest.MapFile{Data: []byte("// Changed: " + name + "\n"), Mode: 0o644}
	}
	if _, err := server.Commit("go", "main", changed); err != nil {
		b.Fatal(err)
	}
	server.SetFaults(codecommittest.Faults{Latency: benchLatency})
	base, err := zip.NewReader(bytes.NewReader(earlier), int64(len(earlier)))
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, benchArchiver(server, func(o *archive.Options) { o.Base = base }).Zip("main"))
}

// overlay is a file system whose files in top replace those below.
type overlay struct {
	fs.FS
	top fstest.MapFS
}

func (o overlay) Open(name string) (fs.File, error) {
	if _, ok := o.top[name]; ok {
		return o.top.Open(name)
	}
	return o.FS.Open(name)
}
