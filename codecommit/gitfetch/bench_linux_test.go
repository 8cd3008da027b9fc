package gitfetch_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/codecommit/gitfetch"
	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// noise writes n bytes that do not compress and depend on the seed.
func noise(w io.Writer, seed, n int) {
	x := uint64(seed)*2862933555777941757 + 3037000493
	buf := make([]byte, 0, 64<<10)
	for n > 0 {
		for buf = buf[:0]; len(buf) < min(n, cap(buf)); {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
			buf = append(buf, byte(x>>24))
		}
		w.Write(buf)
		n -= len(buf)
	}
}

// BenchmarkLargeFiles archives 5 files of 50 MiB among 5,000 of 4 KiB, which all do
// not compress, in a process of its own, and reports the seconds and the most memory
// that the process ever had. The service answers after 20 ms. "git" is a shallow
// clone and git archive, in processes of their own as well.
//
// On two cores that also run the service it once took 3.9 s and 62 MiB with the files
// alone, in 2 fetches, and 4.4 s and 63 MiB with the whole commit; git took 3.5 s and
// 324 MiB.
func BenchmarkLargeFiles(b *testing.B) {
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
	for i := range 5000 {
		size := 4 << 10
		if i%1000 == 500 {
			size = 50 << 20
		}
		fmt.Fprintf(in, "M 100644 inline dir%02d/file%04d\ndata %d\n", i/50, i, size)
		noise(in, i, size)
		fmt.Fprintln(in)
	}
	if err := in.Close(); err != nil {
		b.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	server := codecommittest.NewServer(b, codecommittest.Git("staging", r.Dir))
	server.SetFaults(codecommittest.Faults{Latency: 20 * time.Millisecond})
	for _, bb := range []struct {
		name     string
		protocol codecommittest.GitProtocol
	}{{"alone", codecommittest.GitProtocol{}}, {"whole commit", codecommittest.GitProtocol{TipsOnly: true}}, {"git", codecommittest.GitProtocol{}}} {
		b.Run(bb.name, func(b *testing.B) {
			server.SetGitProtocol(bb.protocol)
			server.ResetCalls()
			var peak float64
			for b.Loop() {
				child := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestLargeFilesChild$")
				child.Env = append(os.Environ(), "CODESUITE_LARGE_SOURCE="+server.URL(), "CODESUITE_LARGE_HOW="+bb.name, "TMPDIR="+b.TempDir())
				out, err := child.CombinedOutput()
				if err != nil {
					b.Fatalf("%v\n%s", err, out)
				}
				_, after, ok := bytes.Cut(out, []byte("peak KiB: "))
				fields := strings.Fields(string(after))
				if !ok || len(fields) == 0 {
					b.Fatalf("no peak in %q", out)
				}
				kib, err := strconv.Atoi(fields[0])
				if err != nil {
					b.Fatal(err)
				}
				peak = max(peak, float64(kib)/1024)
			}
			b.ReportMetric(peak, "peak-MiB")
			b.ReportMetric(float64(server.Count("GitPull"))/float64(b.N), "fetches")
		})
	}
}

// TestLargeFilesChild is the process that BenchmarkLargeFiles measures.
func TestLargeFilesChild(t *testing.T) {
	source, how := os.Getenv("CODESUITE_LARGE_SOURCE"), os.Getenv("CODESUITE_LARGE_HOW")
	if source == "" {
		t.Skip("for BenchmarkLargeFiles")
	}
	cfg := awsjson.Config(source)
	if how == "git" {
		user, password, err := gitfetch.Credentials(t.Context(), cfg, "", "staging")
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(t.TempDir(), "clone")
		url := strings.Replace(source, "://", "://"+user+":"+password+"@", 1) + "/v1/repos/staging"
		peak := int64(0)
		for _, args := range [][]string{{"clone", "--quiet", "--depth=1", "--no-checkout", url, dir}, {"-C", dir, "archive", "--format=tar", "HEAD"}} {
			cmd := exec.CommandContext(t.Context(), "git", args...)
			cmd.Env, cmd.Stdout, cmd.Stderr = gittest.Env(), io.Discard, os.Stderr
			if err := cmd.Run(); err != nil {
				t.Fatal(err)
			}
			peak = max(peak, int64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss))
		}
		fmt.Printf("peak KiB: %d\n", peak)
		return
	}
	a := archive.New(codecommit.Open(cfg, "staging"), func(o *archive.Options) {
		o.Concurrency = 64
		o.LargeBlob = gitfetch.LargeBlob(cfg)
	})
	info, err := a.Tar("main").Write(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if info.Files != 5000 || info.Bytes < 5*50<<20 {
		t.Fatalf("the archive has %d files and %d bytes only", info.Files, info.Bytes)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if kib, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			fmt.Printf("peak KiB: %s", strings.TrimSpace(kib))
		}
	}
}
