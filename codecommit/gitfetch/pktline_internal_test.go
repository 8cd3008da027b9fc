package gitfetch

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPackets(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxPacket)
	for _, tt := range []struct {
		name, in string
		want     []packet
		err      string
	}{
		{name: "all kinds", in: "0009hello0000000100020004", want: []packet{
			{data: []byte("hello")}, {kind: packetFlush}, {kind: packetDelimiter}, {kind: packetEnd}, {data: []byte{}},
		}},
		{name: "longest", in: "fff0" + long, want: []packet{{data: []byte(long)}}},
		{name: "too long", in: "fff1" + long + "x", err: "over the limit"},
		{name: "length 3", in: "0003", err: "length 3"},
		{name: "no length", in: "<htm", err: `"<htm" is not the length`},
		{name: "signed length", in: "+005x", err: "is not the length"},
		{name: "short length", in: "000", err: "unexpected EOF"},
		{name: "cut", in: "0009hel", err: "unexpected EOF"},
		{name: "cut behind the length", in: "0009", err: "unexpected EOF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := &packetReader{r: strings.NewReader(tt.in)}
			var got []packet
			for {
				p, err := r.next()
				if err == io.EOF && tt.err == "" {
					break
				}
				if err != nil {
					if tt.err == "" || !strings.Contains(err.Error(), tt.err) {
						t.Errorf("error %v, want %q", err, tt.err)
					}
					return
				}
				p.data = append([]byte{}, p.data...)
				if p.kind != packetData {
					p.data = nil
				}
				got = append(got, p)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(packet{})); diff != "" {
				t.Errorf("packets mismatch (-want +got):\n%.1000s", diff)
			}
		})
	}
}

// FuzzReply reads what a server says about itself, and its reply.
func FuzzReply(f *testing.F) {
	f.Add("000eversion 2\n001afetch=shallow filter\n0017object-format=sha1\n0000")
	f.Add("001e# service=git-upload-pack\n000000550123456789012345678901234567890123456789 HEAD\x00side-band-64k shallow agent=g\n0000")
	f.Add("0011shallow-info\n0001000dpackfile\n000b\x01PACKxx0006\x02p0009\x03fatal0000")
	f.Add("0008NAK\n0009\x01PACK0000")
	f.Add("0012ERR not our re")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := readService(strings.NewReader(text))
		if err != nil && s != nil {
			t.Errorf("a service and the error %v", err)
		}
		for _, version := range []int{0, 2} {
			band, err := (&service{version: version}).pack(strings.NewReader(text))
			if err != nil {
				continue
			}
			n, err := io.Copy(io.Discard, band)
			if n > int64(len(text)) {
				t.Errorf("%d bytes of a pack in a reply of %d", n, len(text))
			}
			var refused *refusedError
			if errors.As(err, &refused) && strings.ContainsAny(refused.text, "\n\x1b") {
				t.Errorf("the text %q is on several lines", refused.text)
			}
		}
	})
}
