package artifact

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"testing"
)

// Looking through an archive ends with the context.
func TestOpenArchiveCanceled(t *testing.T) {
	t.Parallel()
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped)
	for i, data := range seeds(t)[:3] {
		file, err := Spool(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write(data); err != nil {
			t.Fatal(err)
		}
		_, _, err = Open(ctx, file, int64(len(data)), Limits{}.WithDefaults(), t.TempDir())
		if !errors.Is(err, stopped) {
			t.Errorf("archive %d: error %v, want the cause of the context", i, err)
		}
		Unspool(file)
	}
	tr := newTree(Limits{}.WithDefaults())
	if _, err := tr.add("a", node{}); err != nil {
		t.Fatal(err)
	}
	if err := tr.finish(ctx); !errors.Is(err, stopped) {
		t.Errorf("checks: error %v, want the cause of the context", err)
	}
}

// Reading a folder in pieces does not take the whole folder for each.
func TestReadDirInPieces(t *testing.T) {
	tr := newTree(Limits{}.WithDefaults())
	for i := range 10_000 {
		if _, err := tr.add(strconv.Itoa(i), node{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := tr.finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	root, err := (&FS{root: tr.root}).Open(".")
	if err != nil {
		t.Fatal(err)
	}
	allocs := testing.AllocsPerRun(100, func() {
		if list, err := root.(fs.ReadDirFile).ReadDir(1); err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
	})
	if allocs > 10 {
		t.Errorf("%v allocations for one entry", allocs)
	}
}
