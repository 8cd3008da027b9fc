package gitfetch_test

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/codesuite-go/codesuite/codecommit/gitfetch"
)

// TestFullDisk fetches to a file system that has less room than the pack takes. Only
// root may mount one.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4k"); err != nil {
		t.Skipf("a small file system cannot be mounted: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := read(ctx, gitfetch.LargeBlob(w.server.Config(), func(o *gitfetch.Options) { o.TempDir = dir }), w.ref("a.bin"))
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "Options.TempDir names a folder with more room") {
		t.Errorf("error %v", err)
	}
	if n := w.server.Count("GitPull"); n != 1 {
		t.Errorf("%d fetches, want one: to try again does not help", n)
	}
}
