package gitfetch

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/gittest"
)

// history returns a repository whose packs have many deltas: texts that change a
// little with each of n commits, and blobs that share parts.
func history(t testing.TB, n int) *gittest.Repo {
	t.Helper()
	r := gittest.New(t)
	var stream bytes.Buffer
	large := strings.Repeat("0123456789abcdef", 20_000)
	for i := range n {
		fmt.Fprintf(&stream, "commit refs/heads/main\ncommitter C <c@example.com> %d +0000\ndata 4\nmore\n", 1_700_000_000+i)
		for _, f := range []struct{ name, content string }{
			{"log", strings.Repeat("line of the log\n", i) + fmt.Sprintf("entry %d\n", i)},
			{"empty", ""},
			{fmt.Sprintf("dir%d/file", i%7), fmt.Sprintf("%d\n%s", i*i, strings.Repeat("same\n", 300))},
			{"large", large[:i*2000] + fmt.Sprint("change ", i) + large[i*2000:]},
		} {
			fmt.Fprintf(&stream, "M 100644 inline %s\ndata %d\n%s\n", f.name, len(f.content), f.content)
		}
	}
	r.Output(stream.Bytes(), "fast-import", "--quiet")
	r.Git("tag", "-a", "-m", "a tag", "v1", "main")
	return r
}

// packOf returns a pack of all objects of the repository.
func packOf(t testing.TB, r *gittest.Repo, args ...string) []byte {
	t.Helper()
	return r.Output(nil, append([]string{"pack-objects", "--quiet", "--all", "--stdout"}, args...)...)
}

// readAll parses the pack.
func readAll(t testing.TB, data []byte) *pack {
	t.Helper()
	p, err := readPack(t.Context(), bytes.NewReader(data), t.TempDir(), 1<<32)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// described returns for each object what git verify-pack says: ID, kind, size of
// the data, offset, and of a delta its base.
func described(p *pack) []string {
	lines := make([]string, len(p.entries))
	for i, e := range p.entries {
		lines[i] = fmt.Sprintf("%s %s %d %d", e.id, kindNames[e.kind], e.inflated, e.offset)
		if e.delta != 0 {
			lines[i] += " " + p.entries[e.base].id.String()
		}
	}
	return lines
}

// verified returns what git index-pack makes of the pack, in the form of described.
func verified(t testing.TB, data []byte) []string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "p.pack")
	if err := os.WriteFile(file, data, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := gittest.Run(dir, nil, nil, "index-pack", "p.pack"); err != nil {
		t.Fatal(err)
	}
	out, err := gittest.Run(dir, nil, nil, "verify-pack", "-v", "p.idx")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if len(f) < 5 || len(f[0]) != 40 {
			continue
		}
		described := strings.Join([]string{f[0], f[1], f[2], f[4]}, " ")
		if len(f) == 7 {
			described += " " + f[6]
		}
		lines = append(lines, described)
	}
	return lines
}

// TestPacks compares the index of packs with the one of git, and the content of
// their blobs. CODESUITE_PACKS names more: files with packs and folders of git
// repositories, listed as in PATH.
func TestPacks(t *testing.T) {
	t.Parallel()
	gittest.Need(t)
	packs := make(map[string][]byte)
	r := history(t, 50)
	packs["offsets"] = packOf(t, r, "--delta-base-offset", "--depth=50")
	packs["names"] = packOf(t, r, "--depth=50")
	packs["deep"] = packOf(t, r, "--delta-base-offset", "--depth=4000", "--window=50")
	packs["none"] = packOf(t, r, "--depth=0")
	packs["stored"] = packOf(t, r, "--delta-base-offset", "--compression=0")
	for i, name := range filepath.SplitList(os.Getenv("CODESUITE_PACKS")) {
		if !strings.HasSuffix(name, ".pack") {
			out, err := gittest.Run(name, nil, nil, "pack-objects", "--quiet", "--all", "--stdout", "--delta-base-offset")
			if err != nil {
				t.Fatal(err)
			}
			packs[fmt.Sprint(i)] = out
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		packs[fmt.Sprint(i)] = data
	}
	for name, data := range packs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := readAll(t, data)
			want := verified(t, data)
			if diff := cmp.Diff(want, described(p)); diff != "" {
				t.Errorf("objects mismatch (-want +got):\n%.3000s", diff)
			}
			for i, e := range p.entries {
				if e.kind == kindBlob && i%(len(p.entries)/500+1) == 0 {
					sameBlob(t, p, e.id)
				}
			}
		})
	}
}

// sameBlob checks that the blob can be read and has its ID.
func sameBlob(t *testing.T, p *pack, id objectID) {
	t.Helper()
	body, err := p.open(t.Context(), t.TempDir(), id)
	if err != nil {
		t.Fatalf("blob %s: %v", id, err)
	}
	defer body.Close()
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	if got := blobID(content); got != id {
		t.Errorf("blob %s has the ID %s", id, got)
	}
}
