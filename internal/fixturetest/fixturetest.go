// Package fixturetest finds recorded payloads and replies of AWS for tests.
// They are not part of the repository.
package fixturetest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Dir returns the folder CODESUITE_FIXTURES, or shared/fixtures beside the
// checkout. It skips the test if neither is there.
func Dir(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv("CODESUITE_FIXTURES"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		fixtures := filepath.Join(dir, "shared", "fixtures")
		if _, err := os.Stat(filepath.Join(fixtures, "manifest.json")); err == nil {
			return fixtures
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Skip("no shared/fixtures above this folder; set CODESUITE_FIXTURES")
		}
		dir = parent
	}
}

// Load returns the folder of [Dir] and decodes its manifest into list, which
// points to a slice.
func Load(t testing.TB, list any) (dir string) {
	t.Helper()
	dir = Dir(t)
	if err := json.Unmarshal(Read(t, dir, "manifest.json"), list); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Read returns the content of a file that the manifest names.
func Read(t testing.TB, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
