package action_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"io/fs"
	"os/exec"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

// raw is an entry of a zip archive as a program that is not ours writes it.
type raw struct {
	name    string
	creator uint16 // of the attributes
	attrs   uint32
	flags   uint16
	extra   []byte
	content string
}

// rawZip returns an archive with the entries, stored.
func rawZip(tb testing.TB, entries ...raw) []byte {
	tb.Helper()
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	for _, e := range entries {
		w, err := zw.CreateRaw(&zip.FileHeader{
			Name: e.name, CreatorVersion: e.creator<<8 | 20, ExternalAttrs: e.attrs, Flags: e.flags, Extra: e.extra,
			CRC32: crc32.ChecksumIEEE([]byte(e.content)), CompressedSize64: uint64(len(e.content)), UncompressedSize64: uint64(len(e.content)),
		})
		if err == nil {
			_, err = io.WriteString(w, e.content)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		tb.Fatal(err)
	}
	return buf.Bytes()
}

// inputOf returns the content of an artifact.
func inputOf(tb testing.TB, artifact []byte, optFns ...func(*action.JobOptions)) fs.FS {
	tb.Helper()
	s := newS3(tb)
	s.Put(bucket, sourceKey, artifact)
	fsys, err := newJob(tb, s, details(), optFns...).Input(tb.Context(), "Source")
	if err != nil {
		tb.Fatal(err)
	}
	return fsys
}

const (
	creatorDOS, creatorUnix, creatorNTFS, creatorVFAT, creatorMacOS = 0, 3, 11, 14, 19

	dosReadOnly, dosFolder, dosArchive = 0x01, 0x10, 0x20
)

// Permissions that an archive does not have are those that unzip gives with the
// usual umask. They are not those that archive/zip makes up.
func TestInputWithoutPermissions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		entry raw
		want  string
	}{
		{"jar", raw{name: "a", creator: creatorDOS}, "-rw-r--r--"},
		{"folder of a jar", raw{name: "a/", creator: creatorDOS}, "drwxr-xr-x"},
		{"DOS", raw{name: "a", creator: creatorDOS, attrs: dosArchive}, "-rw-r--r--"},
		{"DOS, read-only", raw{name: "a", creator: creatorDOS, attrs: dosReadOnly | dosArchive}, "-r--r--r--"},
		{"DOS, folder", raw{name: "a/", creator: creatorDOS, attrs: dosFolder}, "drwxr-xr-x"},
		{"DOS, folder without a slash", raw{name: "a", creator: creatorDOS, attrs: dosFolder}, "drwxr-xr-x"},
		{"DOS, folder, read-only", raw{name: "a/", creator: creatorDOS, attrs: dosFolder | dosReadOnly}, "dr-xr-xr-x"},
		{"DOS, with a mode that is none", raw{name: "a", creator: creatorDOS, attrs: 0o600 << 16}, "-rw-r--r--"},
		{"DOS, folder with a mode that is none", raw{name: "a/", creator: creatorDOS, attrs: 0o600 << 16}, "drwxr-xr-x"},
		{"NTFS", raw{name: "a", creator: creatorNTFS, attrs: dosArchive}, "-rw-r--r--"},
		{"NTFS, read-only", raw{name: "a", creator: creatorNTFS, attrs: dosReadOnly}, "-r--r--r--"},
		{"VFAT, folder", raw{name: "a/", creator: creatorVFAT, attrs: dosFolder}, "drwxr-xr-x"},
		{"unknown system", raw{name: "a", creator: 77, attrs: 0o777 << 16}, "-rw-r--r--"},
		{"Unix, none", raw{name: "a", creator: creatorUnix}, "-rw-r--r--"},
		{"Unix, none, folder", raw{name: "a/", creator: creatorUnix}, "drwxr-xr-x"},
		{"Unix, none, read-only", raw{name: "a", creator: creatorUnix, attrs: dosReadOnly}, "-r--r--r--"},
		{"Unix", raw{name: "a", creator: creatorUnix, attrs: 0o100751 << 16}, "-rwxr-x--x"},
		{"Unix, read-only for DOS", raw{name: "a", creator: creatorUnix, attrs: 0o100644<<16 | dosReadOnly}, "-rw-r--r--"},
		{"Unix, no type", raw{name: "a", creator: creatorUnix, attrs: 0o640 << 16}, "-rw-r-----"},
		{"Unix, folder", raw{name: "a/", creator: creatorUnix, attrs: 0o040700 << 16}, "drwx------"},
		{"Unix, set-user-ID", raw{name: "a", creator: creatorUnix, attrs: 0o104755 << 16}, "-rwxr-xr-x"},
		{"macOS", raw{name: "a", creator: creatorMacOS, attrs: 0o100755 << 16}, "-rwxr-xr-x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			info, err := fs.Stat(inputOf(t, rawZip(t, tt.entry)), "a")
			if err != nil || info.Mode().String() != tt.want {
				t.Errorf("mode %v, %v, want %s", info.Mode(), err, tt.want)
			}
		})
	}
}

// unicodeExtra is the extra field of Info-ZIP for a name in UTF-8.
func unicodeExtra(raw, name string) []byte {
	data := binary.LittleEndian.AppendUint32([]byte{1}, crc32.ChecksumIEEE([]byte(raw)))
	data = append(data, name...)
	return append(binary.LittleEndian.AppendUint16([]byte{'u', 'p'}, uint16(len(data))), data...)
}

func TestInputOfForeignZips(t *testing.T) {
	t.Parallel()
	plain := rawZip(t, raw{name: "a", content: "x"})
	for _, tt := range []struct {
		name    string
		archive []byte
		want    map[string]string
	}{
		{"Unicode name", rawZip(t, raw{name: "gr\x81n", extra: unicodeExtra("gr\x81n", "grün")}), map[string]string{"grün": "-rw-r--r-- "}},
		{"Unicode name of a name that was changed", rawZip(t, raw{name: "green", extra: unicodeExtra("gr\x81n", "grün")}), map[string]string{"green": "-rw-r--r-- "}},
		{"Unicode name beside one in UTF-8", rawZip(t, raw{name: "ä", flags: 0x800, extra: unicodeExtra("ä", "ö")}), map[string]string{"ä": "-rw-r--r-- "}},
		{"executable", append([]byte("#!/bin/sh\nexec java -jar \"$0\"\n"), plain...), map[string]string{"a": "-rw-r--r-- x"}},
		{"spanned marker", append([]byte("PK00"), plain...), map[string]string{"a": "-rw-r--r-- x"}},
		{"other spanned marker", append([]byte("PK\x07\x08"), plain...), map[string]string{"a": "-rw-r--r-- x"}},
		{"executable without entries", append([]byte("#!/bin/sh\n"), rawZip(t)...), map[string]string{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, look(t, inputOf(t, tt.archive))); diff != "" {
				t.Errorf("content (-want +got):\n%s", diff)
			}
		})
	}
}

// A time is that of the extra field which has it best.
func TestInputTimes(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	unix := binary.LittleEndian.AppendUint32(nil, uint32(want.Unix()))
	ticks := binary.LittleEndian.AppendUint64(nil, uint64(want.Unix()+11_644_473_600)*10_000_000+5_000_000)
	for _, tt := range []struct {
		name  string
		extra []byte
		want  time.Time
	}{
		{"MS-DOS", nil, time.Date(1979, 11, 30, 0, 0, 0, 0, time.UTC)},
		{"UT", append([]byte{'U', 'T', 5, 0, 1}, unix...), want},
		{"UX", append(append([]byte{'U', 'X', 8, 0}, unix...), unix...), want},
		{"NTFS", append([]byte{10, 0, 32, 0, 0, 0, 0, 0, 1, 0, 24, 0}, append(append(ticks, ticks...), ticks...)...), want.Add(500 * time.Millisecond)},
		{"not whole", []byte{'U', 'T', 5, 0, 1, 2}, time.Date(1979, 11, 30, 0, 0, 0, 0, time.UTC)},
	} {
		info, err := fs.Stat(inputOf(t, rawZip(t, raw{name: "a", extra: tt.extra})), "a")
		if err != nil || !info.ModTime().Equal(tt.want) {
			t.Errorf("%s: %v, %v, want %v", tt.name, info.ModTime(), err, tt.want)
		}
	}
}

// tar -r puts a new version of a file behind the old one, and a hard link to a
// symbolic link is another name of that.
func TestInputOfForeignTars(t *testing.T) {
	t.Parallel()
	archive := tarOf(t,
		entry{name: "a", content: "old", mode: 0o644}, entry{name: "kept", hard: "a"},
		entry{name: "d/s", content: "../a", mode: link}, entry{name: "h", hard: "d/s"},
		entry{name: "a", content: "new!", mode: 0o755})
	want := map[string]string{"a": "-rwxr-xr-x new!", "kept": "-rw-r--r-- old", "d": "drwxr-xr-x ", "d/s": "Lrwxrwxrwx ../a", "h": "Lrwxrwxrwx ../a"}
	fsys := inputOf(t, archive)
	if diff := cmp.Diff(want, look(t, fsys)); diff != "" {
		t.Errorf("content (-want +got):\n%s", diff)
	}
	// The link is relative to where it is: h leads out, and is not followed.
	if data, err := fs.ReadFile(fsys, "d/s"); err != nil || string(data) != "new!" {
		t.Errorf("through d/s: %q, %v", data, err)
	}
	if data, err := fs.ReadFile(fsys, "h"); err == nil {
		t.Errorf("through h: %q", data)
	}
}

// A jar of Java's own tool is published again as it came.
func TestInputOfJar(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("jar"); err != nil {
		t.Skip(err)
	}
	dir := workTree(t)
	jar := dir + ".jar"
	run(t, dir, "jar", "cfM", jar, "README.md", "bin", "empty.txt")
	want := map[string]string{
		"README.md": "-rw-r--r-- # Hello\n", "bin": "drwxr-xr-x ", "bin/run": "-rw-r--r-- #!/bin/sh\n", "bin/self": "-rw-r--r-- #!/bin/sh\n",
		"bin/up": "-rw-r--r-- ä\n", "empty.txt": "-rw-r--r-- ",
	}
	got := look(t, inputOf(t, readFile(t, jar)))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("content (-want +got):\n%s", diff)
	}
}
