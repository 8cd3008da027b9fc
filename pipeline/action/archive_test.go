package action

import (
	"context"
	"errors"
	"testing"
)

// Looking through an archive ends with the context.
func TestOpenArchiveCanceled(t *testing.T) {
	t.Parallel()
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped)
	for i, data := range seeds(t)[:3] {
		file, err := spool(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write(data); err != nil {
			t.Fatal(err)
		}
		_, file, err = openArchive(ctx, file, int64(len(data)), Limits{}.withDefaults(), t.TempDir())
		if !errors.Is(err, stopped) {
			t.Errorf("archive %d: error %v, want the cause of the context", i, err)
		}
		unspool(file)
	}
	tr := newTree(Limits{}.withDefaults())
	if err := tr.add("a", &node{}); err != nil {
		t.Fatal(err)
	}
	if err := tr.finish(ctx, 0); !errors.Is(err, stopped) {
		t.Errorf("checks: error %v, want the cause of the context", err)
	}
}
