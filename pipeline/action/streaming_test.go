package action_test

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// streamZip reads a zip archive from its front, without its directory, as
// programs do that get it over a network. It knows the sizes in a header, and
// the end of deflated content; it cannot know the end of other content whose
// size comes later.
func streamZip(data []byte) (map[string]string, error) {
	const descriptor = 1 << 3
	r := bufio.NewReader(bytes.NewReader(data))
	found := make(map[string]string)
	for {
		var sig [4]byte
		if _, err := io.ReadFull(r, sig[:]); err != nil {
			return nil, err
		}
		if string(sig[:]) != "PK\x03\x04" {
			return found, nil // the directory
		}
		var h struct {
			Version, Flags, Method, Time, Date uint16
			CRC, Compressed, Size              uint32
			NameLen, ExtraLen                  uint16
		}
		if err := binary.Read(r, binary.LittleEndian, &h); err != nil {
			return nil, err
		}
		name := make([]byte, h.NameLen)
		if _, err := io.ReadFull(r, name); err != nil {
			return nil, err
		}
		if _, err := r.Discard(int(h.ExtraLen)); err != nil {
			return nil, err
		}
		var content []byte
		var err error
		switch {
		case h.Method == 0 && h.Flags&descriptor != 0:
			return nil, fmt.Errorf("%s: stored, with sizes that come later", name)
		case h.Method == 0:
			content = make([]byte, h.Size)
			_, err = io.ReadFull(r, content)
		case h.Flags&descriptor != 0:
			content, err = io.ReadAll(flate.NewReader(r)) // reads no byte too many from a bufio.Reader
		default:
			content, err = io.ReadAll(flate.NewReader(io.LimitReader(r, int64(h.Compressed))))
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if h.Flags&descriptor != 0 {
			var d struct{ Sig, CRC, Compressed, Size uint32 }
			if err := binary.Read(r, binary.LittleEndian, &d); err != nil {
				return nil, err
			}
			if h.CRC, h.Size = d.CRC, d.Size; d.Sig != 0x08074b50 {
				return nil, fmt.Errorf("%s: no data descriptor", name)
			}
		}
		if crc32.ChecksumIEEE(content) != h.CRC || uint32(len(content)) != h.Size {
			return nil, fmt.Errorf("%s: %d bytes, checksum or size differ", name, len(content))
		}
		found[string(name)] = string(content)
	}
}

// forStreams has links among other things, for readers that stream.
func forStreams() fstest.MapFS {
	return fstest.MapFS{
		"appspec.yml":   {Data: []byte("version: 0.0\n"), Mode: 0o644},
		"empty":         {Mode: 0o644},
		"run":           {Data: []byte("scripts/s.sh"), Mode: link},
		"scripts/s.sh":  {Data: []byte("#!/bin/sh\n"), Mode: 0o755},
		"scripts/über":  {Data: []byte("s.sh"), Mode: link},
		"zeros":         {Data: make([]byte, 100_000), Mode: 0o644},
		"scripts/noise": {Data: bytes.Repeat([]byte("\x8f\x03"), 3), Mode: 0o644},
	}
}

func put(t *testing.T, content fstest.MapFS) []byte {
	t.Helper()
	s := newS3(t)
	if err := newJob(t, s, details()).PutOutput(t.Context(), "Built", content); err != nil {
		t.Fatal(err)
	}
	return s.Get(bucket, builtKey).Body
}

func TestPutOutputForStreams(t *testing.T) {
	t.Parallel()
	want := map[string]string{"scripts/": ""}
	for name, file := range forStreams() {
		want[name] = string(file.Data)
	}
	got, err := streamZip(put(t, forStreams()))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("content (-want +got):\n%s", diff)
	}
}

// javaStream prints the names and sizes of the entries that it reads from the
// front of an archive.
const javaStream = `
import java.io.*;
import java.util.zip.*;

class Front {
	public static void main(String[] names) throws IOException {
		ZipInputStream in = new ZipInputStream(new BufferedInputStream(new FileInputStream(names[0])));
		for (ZipEntry entry; (entry = in.getNextEntry()) != null; )
			System.out.println(entry.getName().length() + " " + in.readAllBytes().length);
	}
}
`

func TestPutOutputForJava(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	err := errors.Join(os.WriteFile(filepath.Join(dir, "Front.java"), []byte(javaStream), 0o644),
		os.WriteFile(filepath.Join(dir, "built.zip"), put(t, forStreams()), 0o644))
	if err != nil {
		t.Fatal(err)
	}
	out := run(t, dir, "java", "Front.java", "built.zip")
	want := "11 13\n5 0\n3 12\n8 0\n13 6\n12 10\n12 4\n5 100000\n"
	if diff := cmp.Diff(want, strings.ReplaceAll(string(out), "\r", "")); diff != "" {
		t.Errorf("lengths of names and contents (-want +got):\n%s", diff)
	}
}

// An artifact that is unpacked west of Greenwich can be packed again by
// programs that know no time before 1980.
func TestPutOutputInAllTimeZones(t *testing.T) {
	t.Parallel()
	archive := filepath.Join(t.TempDir(), "built.zip")
	if err := os.WriteFile(archive, put(t, forStreams()), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, zone := range []string{"Etc/GMT+12", "America/Los_Angeles", "Etc/GMT-14"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			run(t, dir, "env", "TZ="+zone, "unzip", "-q", archive)
			out := run(t, dir, "env", "TZ="+zone, "python3", "-c", `
import zipfile
z = zipfile.ZipFile("again.zip", "w")
z.write("appspec.yml")
print(z.getinfo("appspec.yml").date_time[0])
`)
			if got := strings.TrimSpace(string(out)); got != "1980" {
				t.Errorf("the file is of %s", got)
			}
		})
	}
}
