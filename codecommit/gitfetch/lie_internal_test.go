package gitfetch

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/klauspost/compress/zlib"
)

// packMaker makes packs that need not be right.
type packMaker struct {
	bytes.Buffer
	offsets []int
}

func newPackMaker(objects uint32) *packMaker {
	m := new(packMaker)
	m.WriteString("PACK")
	binary.Write(m, binary.BigEndian, [2]uint32{2, objects})
	return m
}

// entry adds an entry that says that its data has the size. Behind the size comes
// base, the name of the base of a delta.
func (m *packMaker) entry(kind byte, size int64, base, data []byte) *packMaker {
	m.offsets = append(m.offsets, m.Len())
	first := kind<<4 | byte(size&15)
	for size >>= 4; size > 0; size >>= 7 {
		m.WriteByte(first | 0x80)
		first = byte(size & 0x7f)
	}
	m.WriteByte(first)
	m.Write(base)
	z := zlib.NewWriter(m)
	z.Write(data)
	z.Close()
	return m
}

func (m *packMaker) blob(data string) *packMaker {
	return m.entry(kindBlob, int64(len(data)), nil, []byte(data))
}

// offset adds a delta to the object so many bytes before.
func (m *packMaker) offset(back int, data []byte) *packMaker {
	base := []byte{byte(back & 0x7f)}
	for back >>= 7; back > 0; back >>= 7 {
		back--
		base = append([]byte{byte(back&0x7f) | 0x80}, base...)
	}
	return m.entry(kindOfsDelta, int64(len(data)), base, data)
}

// end returns the pack with its hash.
func (m *packMaker) end() []byte {
	sum := sha1.Sum(m.Bytes())
	return append(bytes.Clone(m.Bytes()), sum[:]...)
}

// sizes returns the start of a delta.
func sizes(base, result int64) []byte {
	var b []byte
	for _, n := range []int64{base, result} {
		for ; n >= 0x80; n >>= 7 {
			b = append(b, byte(n)|0x80)
		}
		b = append(b, byte(n))
	}
	return b
}

// copyAll are instructions that copy the first n bytes of the base, so many times.
func copyAll(n, times int) []byte {
	return bytes.Repeat([]byte{0x80 | 0x70, byte(n), byte(n >> 8), byte(n >> 16)}, times)
}

func cat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// TestLyingPacks parses packs that say what is not so.
func TestLyingPacks(t *testing.T) {
	t.Parallel()
	id := func(text string) []byte { b := blobID([]byte(text)); return b[:] }
	entrySize := func(data string) int { m := newPackMaker(0); n := m.Len(); m.blob(data); return m.Len() - n }
	base := "the base of deltas"
	n := int64(len(base))
	good := newPackMaker(2).blob(base).offset(entrySize(base), cat(sizes(n, 2*n), copyAll(int(n), 2))).end()
	bomb := func() []byte {
		// Each delta makes 16 MB of a few bytes, and the next ones too.
		m := newPackMaker(2000).blob(strings.Repeat("x", 1<<16))
		for range 1999 {
			m.offset(m.Len()-m.offsets[0], cat(sizes(1<<16, 16<<20), copyAll(0, 256)))
		}
		return m.end()
	}
	deep := func() []byte {
		m := newPackMaker(5000).blob(base)
		for range 4999 {
			m.offset(m.Len()-m.offsets[len(m.offsets)-1], cat(sizes(n, n), copyAll(int(n), 1)))
		}
		return m.end()
	}
	for _, tt := range []struct {
		name string
		pack []byte
		want string
	}{
		{"empty", nil, "ends after 0 bytes"},
		{"no pack", []byte("<html>not found at all"), `starts with "<htm"`},
		{"version", cat([]byte("PACK\x00\x00\x00\x09\x00\x00\x00\x00"), make([]byte, 20)), "version 9"},
		{"count", cat([]byte("PACK\x00\x00\x00\x02\xff\xff\xff\xff"), make([]byte, 20)), "4294967295 objects, over the limit"},
		{"too few objects", newPackMaker(2).blob(base).end(), "in the middle"},
		{"too many objects", newPackMaker(1).blob(base).blob(base).end(), "more behind its end"},
		{"hash", append(newPackMaker(1).blob(base).Bytes(), make([]byte, 20)...), "it is damaged"},
		{"bytes behind the end", append(bytes.Clone(good), 'x'), "more behind its end"},
		{"cut", good[:len(good)-30], "in the middle"},
		{"kind 0", newPackMaker(1).entry(0, n, nil, []byte(base)).end(), "unknown kind 0"},
		{"kind 5", newPackMaker(1).entry(5, n, nil, []byte(base)).end(), "unknown kind 5"},
		{"size too small", newPackMaker(1).entry(kindBlob, n-1, nil, []byte(base)).end(), "more bytes than it says"},
		{"size too large", newPackMaker(1).entry(kindBlob, n+1, nil, []byte(base)).end(), "1 bytes fewer than it says"},
		{"size 0", newPackMaker(1).entry(kindBlob, 0, nil, []byte(base)).end(), "more bytes than it says"},
		{"huge size", newPackMaker(1).entry(kindBlob, 1<<62, nil, []byte(base)).end(), "over the limit"},
		{"size of 70 bits", append(newPackMaker(1).Bytes(), bytes.Repeat([]byte{0xbf}, 40)...), "no number of 63 bits"},
		{"no zlib", cat(newPackMaker(1).Bytes(), []byte{kindBlob<<4 | 5}, make([]byte, 40)), "its data is damaged"},
		{"offset before the pack", newPackMaker(1).offset(1<<20, sizes(n, n)).end(), "where none starts"},
		{"offset 0", newPackMaker(2).blob(base).offset(0, sizes(n, n)).end(), "where none starts"},
		{"offset into an object", newPackMaker(2).blob(base).offset(entrySize(base)-1, sizes(n, n)).end(), "where none starts"},
		{"endless offset", cat(newPackMaker(1).Bytes(), []byte{kindOfsDelta << 4}, bytes.Repeat([]byte{0xff}, 40)), "no number of 63 bits"},
		{"base not there", newPackMaker(1).entry(kindRefDelta, 2, id("other"), sizes(n, n)).end(), "1 deltas whose base"},
		{"cycle", newPackMaker(2).
			entry(kindRefDelta, 2, id("b"), sizes(1, 1)).
			entry(kindRefDelta, 2, id("a"), sizes(1, 1)).end(), "2 deltas whose base"},
		{"delta of its own", newPackMaker(1).entry(kindRefDelta, 4, id(""), cat(sizes(0, 0), []byte{1, 1})).end(), "1 deltas whose base"},
		{"base of another size", newPackMaker(2).blob(base).offset(entrySize(base), cat(sizes(n+1, n), copyAll(int(n), 1))).end(), "its base has 18"},
		{"delta makes less", newPackMaker(2).blob(base).offset(entrySize(base), cat(sizes(n, 2*n), copyAll(int(n), 1))).end(), "18 bytes fewer"},
		{"delta makes more", newPackMaker(2).blob(base).offset(entrySize(base), cat(sizes(n, n), copyAll(int(n), 2))).end(), "more bytes than it says"},
		{"delta inserts more", newPackMaker(2).blob(base).offset(entrySize(base), cat(sizes(n, 1), []byte("\x02ab"))).end(), "more bytes than it says"},
		{"delta copies behind the base", newPackMaker(2).blob(base).offset(entrySize(base), cat(sizes(n, n+1), copyAll(int(n)+1, 1))).end(), "bytes 0 to 19 of a base of 18"},
		{"delta with the instruction 0", newPackMaker(2).blob(base).offset(entrySize(base), cat(sizes(n, 1), []byte{0})).end(), "instruction 0"},
		{"delta that ends", newPackMaker(2).blob(base).offset(entrySize(base), cat(sizes(n, 9), []byte("\x09abc"))).end(), "ends in the middle"},
		{"copy that ends", newPackMaker(2).blob(base).offset(entrySize(base), cat(sizes(n, n), []byte{0xff})).end(), "ends in the middle"},
		{"delta without sizes", newPackMaker(2).blob(base).offset(entrySize(base), []byte{0x80}).end(), "ends in the middle"},
		{"huge delta", newPackMaker(2).blob(base).offset(entrySize(base), cat(sizes(n, 1<<60), copyAll(int(n), 1))).end(), "over the limit"},
		{"bomb of deltas", bomb(), "limit of Options.MaxSize"},
		{"deep", deep(), "more than 4095 deltas"},
		{"bomb of zeros", newPackMaker(1).entry(kindBlob, 1<<30, nil, make([]byte, 1<<20)).end(), "limit of Options.MaxSize"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			_, err := readPack(t.Context(), bytes.NewReader(tt.pack), dir, 64<<20)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
				t.Errorf("the folder holds %v, %v", entries, err)
			}
		})
	}
	if _, err := readPack(t.Context(), bytes.NewReader(good), t.TempDir(), 1<<20); err != nil {
		t.Errorf("the pack that the others are made of: %v", err)
	}
}

// TestErrorsOfTheStream wants errors of the stream itself, not those of the pack that
// follow from them.
func TestErrorsOfTheStream(t *testing.T) {
	t.Parallel()
	good := newPackMaker(1).blob(strings.Repeat("text ", 1000)).end()
	errTest := errors.New("the error of the test")
	for i := range len(good) {
		_, err := readPack(t.Context(), io.MultiReader(bytes.NewReader(good[:i]), failing{errTest}), t.TempDir(), 1<<20)
		if !errors.Is(err, errTest) {
			t.Fatalf("after %d bytes: error %v", i, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := readPack(ctx, bytes.NewReader(good), t.TempDir(), 1<<20); !errors.Is(err, context.Canceled) {
		t.Errorf("after the context: error %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// FuzzPack parses packs, and reads their blobs again. Each has the ID under which
// the index has it.
func FuzzPack(f *testing.F) {
	base := "the base of deltas"
	n := int64(len(base))
	f.Add(newPackMaker(0).end())
	f.Add(newPackMaker(1).blob(base).end())
	m := newPackMaker(3).blob(base)
	f.Add(m.offset(m.Len()-m.offsets[0], cat(sizes(n, n), copyAll(int(n), 1))).
		entry(kindRefDelta, 4, bytes.Repeat([]byte{1}, 20), sizes(n, n)).end())
	f.Add([]byte("PACK\x00\x00\x00\x02\x00\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		// The hash at the end would keep all changes from the parser.
		if len(data) > sha1.Size {
			body := data[:len(data)-sha1.Size]
			sum := sha1.Sum(body)
			data = cat(body, sum[:])
		}
		p, err := readPack(t.Context(), bytes.NewReader(data), dir, 1<<20)
		if err != nil {
			return
		}
		defer p.Close()
		for id, i := range p.index {
			if p.entries[i].kind == kindBlob {
				sameBlob(t, p, id)
			}
		}
	})
}
