package action_test

import (
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

// benchSize is the content of the artifacts, half of which compresses well.
const benchSize = 500 << 20

// benchFolder returns a folder with files of 50 MiB.
func benchFolder(b *testing.B) fs.FS {
	b.Helper()
	dir := b.TempDir()
	random := rand.NewChaCha8([32]byte{})
	chunk := make([]byte, 1<<20)
	for _, name := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"} {
		file, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			b.Fatal(err)
		}
		for range benchSize / 10 / len(chunk) {
			random.Read(chunk[:len(chunk)/2])
			if _, err := file.Write(chunk); err != nil {
				b.Fatal(err)
			}
		}
		if err := file.Close(); err != nil {
			b.Fatal(err)
		}
	}
	return os.DirFS(dir)
}

// peak reports the largest heap while the benchmark runs, of this process,
// which holds the server too.
func peak(b *testing.B) (stop func()) {
	runtime.GC()
	done, most := make(chan struct{}), make(chan uint64)
	go func() {
		largest := uint64(0)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			largest = max(largest, m.HeapInuse)
			select {
			case <-tick.C:
			case <-done:
				most <- largest
				return
			}
		}
	}()
	return func() {
		close(done)
		b.ReportMetric(float64(<-most)/(1<<20), "peak-MiB")
	}
}

func BenchmarkPutOutput(b *testing.B) {
	content := benchFolder(b)
	s := newS3(b)
	b.SetBytes(benchSize)
	b.ReportAllocs()
	defer peak(b)()
	for b.Loop() {
		if err := newJob(b, s, details()).PutOutput(b.Context(), "Built", content); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInput downloads an artifact and reads all of it.
func BenchmarkInput(b *testing.B) {
	s := newS3(b)
	d := details()
	d.Inputs[0].Key = builtKey
	if err := newJob(b, s, d).PutOutput(b.Context(), "Built", benchFolder(b)); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(benchSize)
	b.ReportAllocs()
	defer peak(b)()
	for b.Loop() {
		job := newJob(b, s, d)
		fsys, err := job.Input(b.Context(), "Source")
		if err != nil {
			b.Fatal(err)
		}
		readAll(b, fsys)
		job.Close()
	}
}

func readAll(b *testing.B, fsys fs.FS) {
	b.Helper()
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		file, err := fsys.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		_, err = io.Copy(io.Discard, file)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkRun is what a job costs besides the work of its handler.
func BenchmarkRun(b *testing.B) {
	d := details()
	h := handler(nothing)
	b.ReportAllocs()
	for b.Loop() {
		if outcome := action.Run(b.Context(), h, action.NewJob(d)); outcome.Failure != nil {
			b.Fatal(outcome.Failure)
		}
	}
}
