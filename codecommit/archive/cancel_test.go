package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// noisyFiles returns n files of the size that do not compress.
func noisyFiles(n, size int) map[string]string {
	contents := make(map[string]string, n)
	for i := range n {
		name := fmt.Sprintf("dir%02d/file%04d", i%7, i)
		contents[name] = noise(name, size)
	}
	return contents
}

// TestCanceled cancels the context when a call of an operation arrives.
func TestCanceled(t *testing.T) {
	t.Parallel()
	contents := noisyFiles(300, 1000)
	for _, operation := range []string{"", "GetBranch", "GetCommit", "GetDifferences", "GetBlob"} {
		for _, format := range formats {
			for _, n := range []int{1, 3} {
				t.Run(fmt.Sprint(operation, n, format.name), func(t *testing.T) {
					t.Parallel()
					server, cc := serveFS(t, files(contents))
					server.SetFaults(codecommittest.Faults{PageSize: 10, Latency: time.Millisecond})
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					var once sync.Once
					server.OnCall(func(op string) {
						if op == operation && (server.Count(op) >= n || op == "GetBranch" || op == "GetCommit") {
							once.Do(cancel)
						}
					})
					if operation == "" {
						cancel()
					}
					var out recorder
					leakless(t, func() {
						info, err := format.of(archive.New(cc), "main").Write(ctx, &out)
						checkError(t, err, context.Canceled)
						if info != nil {
							t.Error("got Info with an error")
						}
					})
					incomplete(t, format.name, out.bytes())
					if operation == "" && server.Count() > 0 {
						t.Errorf("calls %v after the context has ended", server.Calls())
					}
				})
			}
		}
	}
}

// TestDeadline lets the deadline pass while blobs arrive.
func TestDeadline(t *testing.T) {
	t.Parallel()
	server, cc := serveFS(t, files(noisyFiles(50, 1000)))
	server.SetFaults(codecommittest.Faults{SlowBlobs: func(string) time.Duration { return time.Hour }})
	for _, format := range formats {
		t.Run(format.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			leakless(t, func() {
				_, err := format.of(archive.New(cc), "main").Write(ctx, io.Discard)
				checkError(t, err, context.DeadlineExceeded)
			})
		})
	}
}

// TestDeadlineOfServerErrors lets the deadline pass while calls fail in a way
// that would be tried again.
func TestDeadlineOfServerErrors(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"InternalFailure", "ThrottlingException"} {
		server, cc := serveFS(t, files(noisyFiles(5, 10)))
		server.SetFaults(codecommittest.Faults{Fail: func(op string) string {
			if op == "GetBlob" {
				return code
			}
			return ""
		}})
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		leakless(t, func() {
			_, err := archive.New(cc).Tar("main").Write(ctx, io.Discard)
			checkError(t, err, context.DeadlineExceeded)
		})
	}
}

// blockingWriter blocks in the first Write that starts after n bytes.
type blockingWriter struct {
	n       int
	blocked chan struct{} // closed when it blocks
	release chan struct{}
	once    sync.Once
	buf     bytes.Buffer
}

func newBlockingWriter(n int) *blockingWriter {
	return &blockingWriter{n: n, blocked: make(chan struct{}), release: make(chan struct{})}
}

func (w *blockingWriter) Write(p []byte) (int, error) {
	if w.buf.Len() >= w.n {
		w.once.Do(func() { close(w.blocked) })
		<-w.release
	}
	return w.buf.Write(p)
}

// TestCanceledWhileWriting cancels the context while the writer is slow.
func TestCanceledWhileWriting(t *testing.T) {
	t.Parallel()
	_, cc := serveFS(t, files(noisyFiles(100, 100_000)))
	for _, format := range formats {
		for _, n := range []int{0, 2_000_000} {
			t.Run(fmt.Sprint(format.name, n), func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				w := newBlockingWriter(n)
				go func() {
					<-w.blocked
					cancel()
					close(w.release)
				}()
				leakless(t, func() {
					_, err := format.of(archive.New(cc), "main").Write(ctx, w)
					checkError(t, err, context.Canceled)
				})
				incomplete(t, format.name, w.buf.Bytes())
			})
		}
	}
}

// TestFailingWriter lets the writer fail everywhere in an archive.
func TestFailingWriter(t *testing.T) {
	t.Parallel()
	contents := noisyFiles(25, 50_000)
	contents["compressible"] = strings.Repeat("all work and no play\n", 20_000)
	_, cc := serveFS(t, files(contents))
	for _, format := range formats {
		t.Run(format.name, func(t *testing.T) {
			t.Parallel()
			whole, err := format.of(archive.New(cc), "main").Bytes(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var sizes []int
			for n := 0; n < len(whole); n += len(whole)/4 + 7 {
				sizes = append(sizes, n)
			}
			sizes = append(sizes, 1, 10, 600, 128<<10-1, 128<<10, len(whole)-100_000, len(whole)-2000, len(whole)-9, len(whole)-8, len(whole)-1)
			for _, n := range sizes {
				leakless(t, func() {
					_, err := format.of(archive.New(cc), "main").Write(t.Context(), &failingWriter{n})
					checkError(t, err, errTest, fmt.Sprintf("write after %d bytes", n))
				})
			}
			leakless(t, func() {
				if _, err := format.of(archive.New(cc), "main").Write(t.Context(), &failingWriter{len(whole)}); err != nil {
					t.Errorf("the writer takes all of it, but: %v", err)
				}
			})
		})
	}
}

// TestShortWriter is told of by the error of package io.
func TestShortWriter(t *testing.T) {
	t.Parallel()
	_, cc := serveFS(t, files(noisyFiles(40, 10_000)))
	for _, format := range formats {
		leakless(t, func() {
			_, err := format.of(archive.New(cc), "main").Write(t.Context(), shortWriter{})
			checkError(t, err, io.ErrShortWrite)
		})
	}
}

type shortWriter struct{}

func (shortWriter) Write(p []byte) (int, error) { return len(p) / 2, nil }

// TestPanicInProgress unwinds through the archive.
func TestPanicInProgress(t *testing.T) {
	t.Parallel()
	_, cc := serveFS(t, files(noisyFiles(40, 10_000)))
	for _, format := range formats {
		leakless(t, func() {
			defer func() {
				if r := recover(); r != errTest {
					t.Errorf("recovered %v", r)
				}
			}()
			a := archive.New(cc, with(archive.Options{Progress: func(p archive.Progress) {
				if p.Members == 20 {
					panic(errTest)
				}
			}}))
			format.of(a, "main").Write(t.Context(), io.Discard)
		})
	}
}

// TestUnreachable gives up on a server that is not there.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	server, err := codecommittest.Start(codecommittest.FS("staging", files(map[string]string{"a": "a"})))
	if err != nil {
		t.Fatal(err)
	}
	config := server.Config()
	server.Close()
	leakless(t, func() {
		_, err := archive.New(codecommit.Open(config, "staging")).Tar("main").Bytes(t.Context())
		var e *codecommit.Error
		if !errors.As(err, &e) || e.Operation != "GetBranch" {
			t.Errorf("error %v is not one of GetBranch", err)
		}
	})
}
