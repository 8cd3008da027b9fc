package deflate_test

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"github.com/codesuite-go/codesuite/internal/deflate"
)

var text = strings.Repeat("content that is compressed, ", 1000)

func compress(t *testing.T, level int) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := deflate.NewWriter(&buf, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// The standard library reads all levels, and a compressor that is used again
// gives the same bytes.
func TestWriter(t *testing.T) {
	t.Parallel()
	for level := deflate.MinLevel; level <= deflate.MaxLevel; level++ {
		first := compress(t, level)
		got, err := io.ReadAll(flate.NewReader(bytes.NewReader(first)))
		if err != nil || string(got) != text {
			t.Errorf("level %d: %d bytes, %v", level, len(got), err)
		}
		if again := compress(t, level); !bytes.Equal(first, again) {
			t.Errorf("level %d: other bytes the second time", level)
		}
	}
	for _, level := range []int{-1, 10} {
		if _, err := deflate.NewWriter(io.Discard, level); err == nil {
			t.Errorf("level %d is taken", level)
		}
	}
}

// What is closed twice gives its compressor back once: two that are open are
// never the same.
func TestClosedTwice(t *testing.T) {
	t.Parallel()
	w, err := deflate.NewWriter(io.Discard, 6)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), w.Close()); err != nil {
		t.Error(err)
	}
	if _, err := w.Write([]byte("x")); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a write after Close: %v", err)
	}
	compressed := compress(t, 6)
	r := deflate.NewReader(bytes.NewReader(compressed))
	if err := errors.Join(r.Close(), r.Close()); err != nil {
		t.Error(err)
	}
	if _, err := r.Read(make([]byte, 1)); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a read after Close: %v", err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				r := deflate.NewReader(bytes.NewReader(compressed))
				if got, err := io.ReadAll(r); err != nil || string(got) != text {
					t.Errorf("%d bytes, %v", len(got), err)
				}
				r.Close()
			}
		})
	}
	wg.Wait()
}
