package gitfetch

import (
	"fmt"
	"io"
	"strconv"
)

// maxPacket is the most that a packet holds.
const maxPacket = 65520 - 4

// packetType tells a packet with data from those that separate.
type packetType int

const (
	packetData packetType = iota
	packetFlush
	packetDelimiter
	packetEnd // of the reply
)

// packet is one of Git's protocol. Its data is good until the next is read.
type packet struct {
	kind packetType
	data []byte
}

// text returns the data without the newline at its end.
func (p packet) text() string {
	if n := len(p.data); n > 0 && p.data[n-1] == '\n' {
		return string(p.data[:n-1])
	}
	return string(p.data)
}

// packetReader reads packets.
type packetReader struct {
	r      io.Reader
	beside int // bytes besides a pack
	buf    [maxPacket]byte
}

// maxBeside bounds what a reply has besides its pack, in bytes: progress, and signs
// of life.
const maxBeside = 8 << 20

// skip counts a packet that brings nothing of the pack.
func (r *packetReader) skip(p packet) error {
	if r.beside += 4 + len(p.data); r.beside > maxBeside {
		return fmt.Errorf("the reply has over %d bytes besides the pack", maxBeside)
	}
	return nil
}

// next reads a packet. The error is io.EOF at the end, and
// io.ErrUnexpectedEOF in the middle of a packet.
func (r *packetReader) next() (packet, error) {
	var head [4]byte
	if _, err := io.ReadFull(r.r, head[:]); err != nil {
		return packet{}, err
	}
	n, err := strconv.ParseUint(string(head[:]), 16, 16)
	if err != nil {
		return packet{}, fmt.Errorf("the reply is none of Git's protocol: %q is not the length of a packet", head)
	}
	switch n {
	case 0, 1, 2:
		return packet{kind: packetType(n) + packetFlush}, nil
	case 3:
		return packet{}, fmt.Errorf("the reply is none of Git's protocol: a packet has the length 3")
	}
	data := r.buf[:]
	if n -= 4; n > maxPacket {
		return packet{}, fmt.Errorf("the reply is none of Git's protocol: a packet has %d bytes, over the limit of %d", n, maxPacket)
	}
	data = data[:n]
	if _, err := io.ReadFull(r.r, data); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return packet{}, err
	}
	return packet{data: data}, nil
}

// Packets that separate.
const (
	flush     = "0000"
	delimiter = "0001"
)

// line returns the text as a packet.
func line(format string, args ...any) string {
	text := fmt.Sprintf(format, args...)
	return fmt.Sprintf("%04x%s", len(text)+4, text)
}

// The bands of a reply that carries a pack.
const (
	bandPack     = 1
	bandProgress = 2
	bandError    = 3
)

// packBand reads the pack of a reply, up to the packet behind it.
type packBand struct {
	r    *packetReader
	left []byte
	err  error
}

func (b *packBand) Read(p []byte) (int, error) {
	for len(b.left) == 0 {
		if b.err != nil {
			return 0, b.err
		}
		b.left, b.err = b.next()
	}
	n := copy(p, b.left)
	b.left = b.left[n:]
	return n, nil
}

func (b *packBand) next() ([]byte, error) {
	p, err := b.r.next()
	switch {
	case err == io.EOF:
		return nil, &brokenError{io.ErrUnexpectedEOF}
	case err != nil:
		return nil, broken(err)
	case p.kind != packetData:
		return nil, io.EOF
	case len(p.data) == 0:
		return nil, b.r.skip(p) // the server is still there
	}
	switch p.data[0] {
	case bandPack:
		if len(p.data) == 1 {
			return nil, b.r.skip(p)
		}
		return p.data[1:], nil
	case bandProgress:
		return nil, b.r.skip(p)
	case bandError:
		return nil, &refusedError{text: printable(string(p.data[1:]))}
	}
	return nil, fmt.Errorf("the reply is none of Git's protocol: a packet belongs to the band %d", p.data[0])
}
