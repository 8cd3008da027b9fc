package gitattr

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/internal/gittest"
)

// gitFiles archives the files with git and returns their contents.
func gitFiles(t *testing.T, files map[string]string) map[string]string {
	t.Helper()
	r := gittest.New(t)
	var in bytes.Buffer
	fmt.Fprint(&in, "commit refs/heads/main\ncommitter C <c@example.com> 1700000000 +0000\ndata 0\n")
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&in, "M 100644 inline %s\ndata %d\n%s\n", name, len(files[name]), files[name])
	}
	r.Output(in.Bytes(), "fast-import", "--quiet")
	got := make(map[string]string)
	for tr := tar.NewReader(bytes.NewReader(r.Output(nil, "archive", "--format=tar", "main"))); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		got[h.Name] = string(content)
	}
}

// needGlibc skips the test where git has another iconv.
func needGlibc(t *testing.T) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "getconf", "GNU_LIBC_VERSION").Output(); err != nil || !bytes.HasPrefix(out, []byte("glibc")) {
		t.Skip("this system's iconv is not glibc's")
	}
}

// TestCharsetsAreIconvs encodes each character that is certain as git does.
func TestCharsetsAreIconvs(t *testing.T) {
	t.Parallel()
	needGlibc(t)
	files, want := make(map[string]string), make(map[string]string)
	var rules strings.Builder
	for line := range strings.Lines(charsetNames) {
		table, names, ok := strings.Cut(strings.TrimSpace(line), " = ")
		if !ok {
			continue
		}
		name := strings.Fields(names)[0]
		cs := lookupCharset(name)
		if cs == nil || cs.put == nil {
			t.Errorf("the table %s is not there", table)
			continue
		}
		fmt.Fprintf(&rules, "/%s/* text working-tree-encoding=%s\n", table, name)
		var in []rune
		var out []byte
		missing := 0
		for r := rune(1); r < 0x30000; r++ {
			if 0xd800 <= r && r < 0xe000 {
				continue
			}
			encoded, found := cs.put(nil, r)
			switch found {
			case present:
				in, out = append(in, r), append(out, encoded...)
			case absent:
				// Files of one character: git fails for the whole file.
				if missing++; missing < 60 && missing%9 == 0 || missing%9001 == 0 {
					file := fmt.Sprintf("%s/%05x", table, r)
					files[file], want[file] = string(r), string(r)
				}
			}
		}
		if len(in) < 127 {
			t.Errorf("the table %s has only %d characters", table, len(in))
		}
		files[table+"/all"], want[table+"/all"] = string(in), string(out)
	}
	files[".gitattributes"], want[".gitattributes"] = rules.String(), rules.String()
	got := gitFiles(t, files)
	for file, w := range want {
		if g := got[file]; g != w {
			i := 0
			for i < len(g) && i < len(w) && g[i] == w[i] {
				i++
			}
			t.Errorf("%s: from byte %d on git has %x, want %x", file, i, g[i:min(i+8, len(g))], w[i:min(i+8, len(w))])
		}
	}
	t.Logf("%d files", len(files))
}

// TestEncodingNamesAreIconvs archives ASCII under each name, and under some
// that iconv does not know.
func TestEncodingNamesAreIconvs(t *testing.T) {
	t.Parallel()
	needGlibc(t)
	unknown := []string{"UTF8-BOM", "UTF-16-BOM", "CP65001", "latin", "none", "windows1252", "ISO8859_15", "utf-8-sig", "x-sjis"}
	names := slices.Concat(strings.Fields(otherASCIINames), strings.Fields(otherNames), unknown)
	for line := range strings.Lines(charsetNames) {
		_, list, _ := strings.Cut(line, " = ")
		names = append(names, strings.Fields(list)...)
	}
	const content = "ASCII: !#&*{}[]\\^`|~@$\n"
	files := map[string]string{}
	var rules strings.Builder
	for i, name := range names {
		fmt.Fprintf(&rules, "/%d text working-tree-encoding=%s\n", i, strings.ToLower(name))
		files[fmt.Sprint(i)] = content
	}
	files[".gitattributes"] = rules.String()
	got := gitFiles(t, files)
	for i, name := range names {
		var set Set
		set.Add("", []byte(rules.String()))
		out, err := Convert([]byte(content), "f", "", set.Lookup(fmt.Sprint(i), false))
		if want := got[fmt.Sprint(i)]; err == nil && string(out) != want {
			t.Errorf("%s: got %q, want %q", name, out, want)
		}
		if slices.Contains(unknown, name) != (lookupCharset(name) == nil) {
			t.Errorf("%s: known is %t", name, lookupCharset(name) != nil)
		}
		if known := strings.Fields(otherNames); (err != nil) != slices.Contains(known, name) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}
