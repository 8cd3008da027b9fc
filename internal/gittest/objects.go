package gittest

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Blobs stores contents in the repository of the git folder, all in one pack, and
// returns their object IDs. It is quick for thousands.
func Blobs(t testing.TB, gitDir string, contents []string) []string {
	t.Helper()
	marks := make(map[string]string) // by content
	var stream bytes.Buffer
	for _, c := range contents {
		if _, ok := marks[c]; ok {
			continue
		}
		marks[c] = fmt.Sprintf(":%d", len(marks)+1)
		fmt.Fprintf(&stream, "blob\nmark %s\ndata %d\n%s\n", marks[c], len(c), c)
	}
	file := filepath.Join(t.TempDir(), "marks")
	if _, err := Run(gitDir, stream.Bytes(), nil, "-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", "--export-marks="+file); err != nil {
		t.Fatal(err)
	}
	exported, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	byMark := make(map[string]string)
	for line := range strings.Lines(string(exported)) {
		mark, id, _ := strings.Cut(strings.TrimSpace(line), " ")
		byMark[mark] = id
	}
	ids := make([]string, len(contents))
	for i, c := range contents {
		if ids[i] = byMark[marks[c]]; ids[i] == "" {
			t.Fatalf("git stored no blob %s", marks[c])
		}
	}
	return ids
}

// Members returns the contents of the members of a tar archive, such as git
// archive writes it, by name. The name of a folder ends in a slash.
func Members(t testing.TB, archive []byte) map[string]string {
	t.Helper()
	members := make(map[string]string)
	r := tar.NewReader(bytes.NewReader(archive))
	for {
		h, err := r.Next()
		if err == io.EOF {
			return members
		} else if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		members[h.Name] = string(content)
	}
}

// AtLeast reports whether git has the version or a later one.
func AtLeast(t testing.TB, major, minor int) bool {
	t.Helper()
	out, err := Run("", nil, nil, "version")
	if err != nil {
		t.Fatal(err)
	}
	var gotMajor, gotMinor int
	if _, err := fmt.Sscanf(string(out), "git version %d.%d", &gotMajor, &gotMinor); err != nil {
		t.Fatalf("git version: %q", out)
	}
	return gotMajor > major || gotMajor == major && gotMinor >= minor
}
