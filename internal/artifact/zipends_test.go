package artifact

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"io/fs"
	"strings"
	"testing"
)

// An entry ends where a program that reads the archive from its front finds its
// end: nothing is behind the compressed content but the data descriptor.
func TestZipEnds(t *testing.T) {
	t.Parallel()
	const name, content = "good.txt", "good content, good content\n"
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, 9)
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte(content))
	w.Close()
	data, crc := packed.String(), crc32.ChecksumIEEE([]byte(content))
	pack := func(values ...any) string {
		var b bytes.Buffer
		for _, v := range values {
			if err := binary.Write(&b, binary.LittleEndian, v); err != nil {
				t.Fatal(err)
			}
		}
		return b.String()
	}
	header := func(flags uint16, crc uint32, stored, size int) string {
		return pack([]uint16{20, flags, 8, 0, 0}, []uint32{crc, uint32(stored), uint32(size)}, []uint16{uint16(len(name)), 0})
	}
	hidden := sigLocal + header(0, crc, len(data), len(content)) + "evil.txt" + data
	descriptor := sigDescriptor + pack([]uint32{crc, uint32(len(data)), uint32(len(content))})
	for _, tt := range []struct {
		name   string
		flags  uint16
		stored string // what the directory says is the content
		behind string
		open   string // part of the error of Open
		read   string // part of the error of a read
	}{
		{name: "descriptor", flags: 8, stored: data, behind: descriptor},
		{name: "descriptor without a signature", flags: 8, stored: data, behind: descriptor[4:]},
		{name: "entry in the content", flags: 8, stored: data + descriptor + hidden, read: "more follows"},
		{name: "byte in the content", stored: data + "\x00", read: "more follows"},
		{name: "entry behind a byte", stored: data, behind: "\x00" + hidden, open: "belong to none"},
		{name: "entry behind another descriptor", flags: 8, stored: data, behind: sigDescriptor + pack([]uint32{crc, 1, 2}) + hidden, open: "belong to none"},
		{name: "entry behind the descriptor", flags: 8, stored: data, behind: descriptor + hidden, open: "its directory does not have"},
	} {
		local := header(tt.flags, crc, len(tt.stored), len(content))
		if tt.flags != 0 {
			local = header(tt.flags, 0, 0, 0)
		}
		front := sigLocal + local + name + tt.stored + tt.behind
		directory := sigDirectory + pack(uint16(3<<8|20)) + header(tt.flags, crc, len(tt.stored), len(content)) +
			pack([]uint16{0, 0, 0}, []uint32{0o100644 << 16, 0}) + name
		archive := front + directory + sigEnd + pack([]uint16{0, 0, 1, 1}, []uint32{uint32(len(directory)), uint32(len(front))}, uint16(0))
		fsys, err := openZip(t.Context(), strings.NewReader(archive), int64(len(archive)), Limits{}.WithDefaults())
		if tt.open != "" {
			if err == nil || !strings.Contains(err.Error(), tt.open) {
				t.Errorf("%s: error %v, want %q", tt.name, err, tt.open)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got, err := fs.ReadFile(fsys, name)
		switch {
		case tt.read == "" && (err != nil || string(got) != content):
			t.Errorf("%s: %q, %v", tt.name, got, err)
		case tt.read != "" && (err == nil || !strings.Contains(err.Error(), tt.read)):
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.read)
		}
	}
}
