package gitfetch

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/codecommit"
)

// openIn returns the files of the folder that this process has open, those without a
// name among them.
func openIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	var open []string
	for _, e := range entries {
		if name, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.HasPrefix(name, dir+"/") {
			open = append(open, name)
		}
	}
	return open
}

// nothingOpen wants no open file in the folder. The end of a context is seen by
// another goroutine.
func nothingOpen(t *testing.T, when, dir string) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		open := openIn(t, dir)
		if len(open) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Errorf("%s, %q are open", when, open)
			return
		}
	}
}

// TestOpenFiles: temporary files have no name from the start, and take no room once
// nobody needs them. The test is not parallel: the garbage collector, which closes files
// that nobody closed, must not run.
func TestOpenFiles(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	// The object and its delta are too large for the memory of a store.
	content := strings.Repeat("x", memorySize+1)
	n := int64(len(content))
	m := newPackMaker(2).blob(content)
	all := cat(sizes(n, n+1), bytes.Repeat([]byte{0x80 | 0x40, 1}, int(n>>16)), []byte("\x02xy"))
	pack := m.offset(m.Len()-m.offsets[0], all).end()
	id := blobID([]byte(content + "y"))
	var reply []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			io.WriteString(w, line("version 2\n")+line("fetch=shallow\n")+flush)
			return
		}
		io.WriteString(w, line("packfile\n"))
		for rest := reply; len(rest) > 0; {
			k := min(len(rest), 60000)
			io.WriteString(w, line("\x01%s", rest[:k]))
			rest = rest[k:]
		}
		io.WriteString(w, flush)
	}))
	defer server.Close()
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: aws.CredentialsProviderFunc(
		func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "access-key-id", SecretAccessKey: "secret"}, nil
		})}
	large := LargeBlob(cfg, func(o *Options) { o.TempDir = dir })
	ref := codecommit.BlobRef{Repository: "staging", Commit: strings.Repeat("1", 40), ID: id.String()}

	reply = pack
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	body, err := large(ctx, ref)
	if err != nil {
		t.Fatal(err)
	}
	if open := openIn(t, dir); len(open) != 2 {
		t.Errorf("%q are open, want the pack and the file", open)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	if _, err := io.CopyN(io.Discard, body, 100); err != nil {
		t.Fatal(err)
	}
	cancel()
	body.Close()
	nothingOpen(t, "behind the context", dir)

	// A context that cannot end.
	if body, err = large(context.Background(), ref); err != nil {
		t.Fatal(err)
	}
	if got, err := io.Copy(io.Discard, body); got != n+1 || err != nil {
		t.Errorf("%d bytes, %v", got, err)
	}
	body.Close()
	nothingOpen(t, "behind the reader", dir)

	// Errors close the files while the context goes on.
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	other := ref
	other.ID = strings.Repeat("2", 40)
	if _, err := large(ctx, other); err == nil {
		t.Error("a pack without the blob is no error")
	}
	nothingOpen(t, "behind a pack without the blob", dir)
	reply = pack[:len(pack)-1]
	if _, err := large(ctx, ref); err == nil {
		t.Error("half a pack is no error")
	}
	nothingOpen(t, "behind half a pack", dir)
	reply = newPackMaker(2).blob(content).offset(len(pack), all).end()
	if _, err := large(ctx, ref); err == nil {
		t.Error("a pack that lies is no error")
	}
	nothingOpen(t, "behind a pack that lies", dir)
}
