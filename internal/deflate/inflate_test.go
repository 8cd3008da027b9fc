package deflate_test

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/internal/deflate"
)

// compressed returns the data as the standard library compresses it.
func compressed(t testing.TB, data []byte, level int) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := flate.NewWriter(&buf, level)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(data)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// contents are of all kinds: of one symbol, with matches of any length and distance,
// and with symbols so rare that their codes are long.
func contents(t testing.TB) map[string][]byte {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 200_000)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	rare := make([]byte, 0, 300_000)
	for n := 1; len(rare) < 250_000; n += n/8 + 1 {
		for range n {
			rare = append(rare, byte(bitsOf(n)*11+random.IntN(3)))
		}
	}
	random.Shuffle(len(rare), func(i, k int) { rare[i], rare[k] = rare[k], rare[i] })
	source, err := os.ReadFile("inflate.go")
	if err != nil {
		t.Fatal(err)
	}
	var far []byte
	for n := 1; n < 32768; n += n/3 + 1 {
		far = append(far, noise[:3+n%300]...)
		far = append(far, noise[1000:1000+n]...)
	}
	return map[string][]byte{
		"nothing": nil, "one byte": {7}, "zeros": make([]byte, 100_000), "noise": noise, "rare": rare, "far": far, "source": source,
		"short periods": []byte(strings.Repeat("a", 300) + strings.Repeat("ab", 300) + strings.Repeat("abc", 300) + strings.Repeat("abcdefg", 300) + strings.Repeat("abcdefghi", 300)),
	}
}

func bitsOf(n int) (bits int) {
	for ; n > 0; n >>= 1 {
		bits++
	}
	return bits
}

func TestInflate(t *testing.T) {
	t.Parallel()
	for name, want := range contents(t) {
		for level := flate.HuffmanOnly; level <= flate.BestCompression; level++ {
			t.Run(fmt.Sprint(name, level), func(t *testing.T) {
				t.Parallel()
				src := compressed(t, want, level)
				got := make([]byte, len(want))
				if err := deflate.Inflate(got, src); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Fatal("other content")
				}
				for _, bad := range []struct {
					name string
					size int
					src  []byte
				}{
					{"less content", len(want) + 1, src},
					{"more content", len(want) - 1, src},
					{"a byte less", len(want), src[:len(src)-1]},
					{"a byte more", len(want), append(bytes.Clone(src), 0)},
					{"nothing", len(want), nil},
				} {
					if bad.size < 0 {
						continue
					}
					if err := deflate.Inflate(make([]byte, bad.size), bad.src); !errors.Is(err, deflate.ErrCorrupt) {
						t.Errorf("%s: error %v", bad.name, err)
					}
				}
			})
		}
	}
}
