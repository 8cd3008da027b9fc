package main

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

// TestStorage checks that the largest artifact fits the temporary storage that
// the template gives the function.
func TestStorage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`\n +EphemeralStorage:\n +Size: (\d+)\n`).FindSubmatch(text)
	if m == nil {
		t.Fatal("the template has no EphemeralStorage")
	}
	size, err := strconv.Atoi(string(m[1]))
	if err != nil || size<<20 < maxDownload+maxUnpacked {
		t.Errorf("the function has %d MiB for %d bytes, %v", size, maxDownload+maxUnpacked, err)
	}
}
