package ctxio_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/internal/ctxio"
)

func TestReader(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	r := ctxio.NewReader(ctx, strings.NewReader("some content"))
	first := make([]byte, 4)
	if n, err := io.ReadFull(r, first); n != 4 || err != nil || string(first) != "some" {
		t.Fatalf("read %q, %v", first[:n], err)
	}
	stopped := errors.New("stopped")
	cancel(stopped)
	if rest, err := io.ReadAll(r); len(rest) > 0 || !errors.Is(err, stopped) {
		t.Errorf("after the end: %q, %v, want the cause of the end", rest, err)
	}
}
