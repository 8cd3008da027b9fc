package action_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/fixturetest"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// Artifacts of other programs are read as those programs and Info-ZIP's unzip
// read them. The files lie beside the recorded payloads, in cases/artifacts.
func TestInputCases(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(filepath.Dir(fixturetest.Dir(t)), "cases", "artifacts")
	if _, err := os.Stat(dir); err != nil {
		t.Skip(err)
	}
	deep := strings.Repeat(strings.Repeat("d", 60)+"/", 5)
	for name, want := range map[string]any{ // modes and contents, or the error
		"java.jar":    map[string]string{"META-INF": "drwxr-xr-x", "META-INF/MANIFEST.MF": "-rw-r--r--", "l": "-rw-r--r--", "ü": "drwxr-xr-x", "ü/ß.txt": "-rw-r--r--"},
		"winfat.zip":  map[string]string{"src": "drwxr-xr-x", "src/main.c": "-rw-r--r--"},
		"ntfs.zip":    map[string]string{"a.txt": "-rw-r--r--", "d": "drwxr-xr-x", "ro.txt": "-r--r--r--"},
		"dup.tar":     map[string]string{"a": "-rw-r--r--"},
		"bootjar.jar": map[string]string{"a.txt": "-rw-r--r--", "run.sh": "-rwxr-xr-x"},
		"pk00.zip":    map[string]string{"a.txt": "-rw-r--r--", "run.sh": "-rwxr-xr-x"},
		"symlink_abs.zip": map[string]string{"a": "-rw-r--r--", "venv": "drwxr-xr-x", "venv/bin": "drwxr-xr-x",
			"venv/bin/python3": "Lrwxrwxrwx"},
		"hard_symlink.tar":        map[string]string{"s": "Lrwxrwxrwx", "t": "-rw-r--r--", "h": "Lrwxrwxrwx"},
		"infozip_unicode.zip":     map[string]string{"ä.txt": "-rw-r--r--"},
		"trailing_zero.tar.gz":    map[string]string{"lnk": "Lrwxrwxrwx", "h": "-rw-r--r--", deep + "file.txt": "-rw-r--r--"},
		"trailing_garbage.tar.gz": "more follows the end of the gzip data",
		"backslash.zip":           "backslash, which is a separator on Windows",
		"colon.zip":               "the letter of a drive",
		"imagedefinitions.json":   "neither a zip nor a tar nor a tar.gz archive",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if text, ok := want.(string); ok {
				checkInput(t, name, data, action.Limits{}, text)
				return
			}
			s := newS3(t)
			s.Put(bucket, sourceKey, data)
			job := newJob(t, s, details())
			fsys, err := job.Input(t.Context(), "Source")
			if err != nil {
				t.Fatal(err)
			}
			got := make(map[string]string)
			for name, text := range look(t, fsys) {
				mode, _, _ := strings.Cut(text, " ")
				if strings.HasPrefix(name, "ddd") && !strings.HasSuffix(name, ".txt") {
					continue // the folders of a long name
				}
				got[name] = mode
			}
			if diff := cmp.Diff(want, any(got)); diff != "" {
				t.Errorf("modes (-want +got):\n%s", diff)
			}
			if err := job.PutOutput(t.Context(), "Built", fsys); err != nil {
				t.Errorf("put again: %v", err)
			}
		})
	}
}
