package main_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strings"
	"testing"
)

// maxMemory is what the function may take: half of what the template gives it.
const maxMemory = 512 << 20

// stored returns an archive of n entries, which are the same but for their
// names.
func stored(t *testing.T, n int, name string, attrs uint32, content string) []byte {
	t.Helper()
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	for i := range n {
		w, err := zw.CreateRaw(&zip.FileHeader{
			Name: fmt.Sprintf(name, i), CreatorVersion: 3 << 8, ExternalAttrs: attrs,
			CRC32: crc32.ChecksumIEEE([]byte(content)), CompressedSize64: uint64(len(content)), UncompressedSize64: uint64(len(content)),
		})
		if err == nil {
			_, err = io.WriteString(w, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// The function bears what somebody pushes who wants to end it. By default the
// archives are small; CODESUITE_BOMBS=1 makes them as large as the limits allow.
func TestMemory(t *testing.T) {
	t.Parallel()
	scale := 25
	if os.Getenv("CODESUITE_BOMBS") != "" {
		scale = 1
	}
	w := newWorld(t)
	const file, link = 0o100644 << 16, 0o120777 << 16
	long := strings.Repeat("n", 91)
	for _, tt := range []struct {
		name     string
		artifact []byte
	}{
		{"files with long names", stored(t, 499_999/scale, "d/%06d"+long, file, "")},
		{"links", stored(t, 500_000/scale, "%06d", link, long[:80])},
		{"links of 4 kB", stored(t, 15_000, "%06d", link, strings.Repeat("t", 4000))},
		{"deep folders", stored(t, 1400, "%d/"+strings.Repeat("a/", 200)+"f", file, "")},
		{"findings", stored(t, 300_000/scale, "%06d", file, keyID)},
	} {
		id, payload := w.add(t, "", tt.artifact, "Source")
		w.function.Invoke(t, payload)
		if job, _ := w.Job(id); job.Result == nil {
			t.Errorf("%s: the job is not answered", tt.name)
		}
		memory := w.function.PeakMemory()
		t.Logf("%s, %.1f MB: peak memory %d MiB so far", tt.name, float64(len(tt.artifact))/1e6, memory>>20)
		if memory > maxMemory {
			t.Errorf("%s: peak memory %d MiB, over %d", tt.name, memory>>20, maxMemory>>20)
		}
	}
}
