package gitfetch

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSilence fetches from servers that send nothing more: before the reply, and in
// the middle of it.
func TestSilence(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"", "000eversion 2\n"} {
		stop := make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if first != "" {
				w.Write([]byte(first))
				http.NewResponseController(w).Flush()
			}
			<-stop
		}))
		r := remoteOf(t, server.URL, nil)
		r.silence = 20 * time.Millisecond
		_, _, err := r.fetch(t.Context(), objectID{1}, []objectID{{2}})
		if !errors.Is(err, errSilence) || !temporary(err) {
			t.Errorf("behind %q: error %v", first, err)
		}
		close(stop)
		server.Close()
	}
}

// TestDiskError writes a pack to a device that is always full.
func TestDiskError(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no device that is always full")
	}
	file := &tempFile{File: full}
	defer file.Close()
	_, err = (&packTee{r: bytes.NewReader(newPackMaker(0).end()), file: file, limit: 1 << 20}).Read(make([]byte, 100))
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "Options.TempDir") || temporary(err) {
		t.Errorf("Write: error %v", err)
	}
	if _, err := file.WriteAt([]byte("x"), 5); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "Options.TempDir") {
		t.Errorf("WriteAt: error %v", err)
	}
}
