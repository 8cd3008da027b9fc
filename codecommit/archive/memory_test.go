package archive_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/pprof"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// incompressible returns a repository of n blobs of the size that do not
// compress.
func incompressible(b *testing.B, n, size int) string {
	b.Helper()
	r := gittest.New(b)
	cmd := exec.CommandContext(b.Context(), "git", "-c", "core.compression=0", "-c", "pack.compression=0", "fast-import", "--quiet")
	cmd.Dir, cmd.Env = r.Dir, gittest.Env()
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	fmt.Fprintf(in, "commit refs/heads/main\ncommitter C <c@example.com> 1700000000 +0000\ndata 0\n")
	for i := range n {
		fmt.Fprintf(in, "M 100644 inline dir%02d/file%04d\ndata %d\n%s\n", i%10, i, size, noise(strconv.Itoa(i), size))
	}
	if err := in.Close(); err != nil {
		b.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	return r.Dir
}

// BenchmarkPeakMemory archives 600 MiB of blobs of 2 MiB that do not compress,
// with 16 calls in flight, in a process of its own, and reports the most memory
// that the process ever had, in MiB. The server runs in another process or,
// under "with the server", in the same. Under "slow writer" all that may wait
// in memory does.
//
// The whole process once took 117 MiB as tar, 129 MiB as zip and 139 MiB as
// tar.gz.
func BenchmarkPeakMemory(b *testing.B) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		b.Skip("this system does not tell the peak memory of a process")
	}
	dir := incompressible(b, 300, 2<<20)
	server := codecommittest.NewServer(b, codecommittest.Git("staging", dir))
	for _, bb := range []struct{ name, source, slow string }{
		{"alone", server.URL(), ""}, {"slow writer", server.URL(), "true"}, {"with the server", dir, ""},
	} {
		for _, format := range formats {
			b.Run(bb.name+"/"+format.name, func(b *testing.B) {
				var peak int
				for b.Loop() {
					cmd := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestPeakMemoryChild$")
					cmd.Env = append(os.Environ(), "CODESUITE_MEMORY_SOURCE="+bb.source, "CODESUITE_MEMORY_FORMAT="+format.name, "CODESUITE_MEMORY_SLOW="+bb.slow)
					out, err := cmd.CombinedOutput()
					if err != nil {
						b.Fatalf("%v\n%s", err, out)
					}
					_, after, ok := bytes.Cut(out, []byte("VmHWM:"))
					fields := strings.Fields(string(after))
					if !ok || len(fields) == 0 {
						b.Fatalf("no peak in %q", out)
					}
					kib, err := strconv.Atoi(fields[0])
					if err != nil {
						b.Fatal(err)
					}
					peak = max(peak, kib)
				}
				b.ReportMetric(float64(peak)/1024, "peak-MiB")
			})
		}
	}
}

// TestPeakMemoryChild is the process that BenchmarkPeakMemory measures.
func TestPeakMemoryChild(t *testing.T) {
	source, format := os.Getenv("CODESUITE_MEMORY_SOURCE"), os.Getenv("CODESUITE_MEMORY_FORMAT")
	if source == "" {
		t.Skip("for BenchmarkPeakMemory")
	}
	config := awsjson.Config(source)
	if !strings.HasPrefix(source, "http:") {
		config = codecommittest.NewServer(t, codecommittest.Git("staging", source)).Config()
	}
	a := archive.New(codecommit.Open(config, "staging"), with(archive.Options{Concurrency: 16}))
	for _, f := range formats {
		if f.name != format {
			continue
		}
		w := io.Discard
		if os.Getenv("CODESUITE_MEMORY_SLOW") != "" {
			w = slowWriter{}
		}
		info, err := f.of(a, "main").Write(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}
		if info.Bytes < 600<<20 {
			t.Fatalf("the archive has %d bytes only", info.Bytes)
		}
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM:") {
			fmt.Print(line)
		}
	}
	if file := os.Getenv("CODESUITE_MEMORY_PROFILE"); file != "" {
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := pprof.Lookup("allocs").WriteTo(f, 0); err != nil {
			t.Fatal(err)
		}
	}
}

// slowWriter takes about 100 MB a second.
type slowWriter struct{}

func (slowWriter) Write(p []byte) (int, error) {
	time.Sleep(time.Duration(len(p)) * 10)
	return len(p), nil
}
