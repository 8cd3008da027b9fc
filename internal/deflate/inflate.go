package deflate

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"sync"
)

// ErrCorrupt is the error of data that is not what a compressor makes of content of
// the size.
var ErrCorrupt = errors.New("deflate: the compressed data is corrupt")

// Inflate decompresses src into dst, which has the size of the content. It is several
// times as fast as a reader, because it has all of both at hand. Bytes of src behind
// the compressed data are an error.
func Inflate(dst, src []byte) error {
	d := inflaters.Get().(*inflater)
	defer inflaters.Put(d)
	d.src, d.pos, d.bits, d.n = src, 0, 0, 0
	err := d.inflate(dst)
	d.src = nil
	return err
}

var inflaters = sync.Pool{New: func() any { return new(inflater) }}

// inflater decompresses. RFC 1951 describes the format.
type inflater struct {
	src  []byte
	pos  int    // of the next byte to take in
	bits uint64 // taken in and not used yet, the first one lowest
	n    uint   // how many they are

	lengths   [maxLiterals + maxDistances]uint8 // of the codes of a block
	literals  huffman
	distances huffman
}

// codes of blocks that have none of their own.
var fixedLiterals, fixedDistances = fixed()

const (
	maxLiterals  = 288
	maxDistances = 32
	maxCodeBits  = 15
	endOfBlock   = 256
)

// inflate decompresses all blocks.
func (d *inflater) inflate(dst []byte) error {
	n := 0
	for {
		head, ok := d.take(3)
		if !ok {
			return ErrCorrupt
		}
		switch head >> 1 {
		case 0:
			n, ok = d.stored(dst, n)
		case 1:
			n, ok = d.block(dst, n, fixedLiterals, fixedDistances)
		case 2:
			if ok = d.dynamic(); ok {
				n, ok = d.block(dst, n, &d.literals, &d.distances)
			}
		default:
			ok = false
		}
		if !ok {
			return ErrCorrupt
		}
		if head&1 != 0 {
			break
		}
	}
	if n != len(dst) || d.pos-int(d.n/8) != len(d.src) {
		return ErrCorrupt
	}
	return nil
}

// fill takes in bytes, as many as there are room for and are left.
func (d *inflater) fill() {
	if len(d.src)-d.pos >= 8 {
		d.bits |= binary.LittleEndian.Uint64(d.src[d.pos:]) << d.n
		d.pos += int((63 - d.n) / 8)
		d.n |= 56
		return
	}
	for ; d.n <= 56 && d.pos < len(d.src); d.n += 8 {
		d.bits |= uint64(d.src[d.pos]) << d.n
		d.pos++
	}
}

// take returns the next bits, at most 32.
func (d *inflater) take(n uint) (uint, bool) {
	if d.n < n {
		if d.fill(); d.n < n {
			return 0, false
		}
	}
	v := uint(d.bits & (1<<n - 1))
	d.bits >>= n
	d.n -= n
	return v, true
}

// stored copies a block that is not compressed.
func (d *inflater) stored(dst []byte, n int) (int, bool) {
	d.take(d.n % 8)
	size, ok := d.take(16)
	inverse, ok2 := d.take(16)
	if !ok || !ok2 || size != inverse^0xffff {
		return n, false
	}
	d.pos -= int(d.n / 8)
	d.bits, d.n = 0, 0
	if uint(len(d.src)-d.pos) < size || uint(len(dst)-n) < size {
		return n, false
	}
	n += copy(dst[n:], d.src[d.pos:d.pos+int(size)])
	d.pos += int(size)
	return n, true
}

func fixed() (literals, distances *huffman) {
	var lengths [maxLiterals]uint8
	for i := range lengths {
		switch {
		case i < 144, i >= 280:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		default:
			lengths[i] = 7
		}
	}
	literals, distances = new(huffman), new(huffman)
	literals.build(lengths[:], literalSymbols[:])
	for i := range maxDistances {
		lengths[i] = 5
	}
	distances.build(lengths[:maxDistances], distanceSymbols[:])
	return literals, distances
}

// lengthOrder is the order in which a block tells the lengths of the codes for the
// lengths of its codes.
var lengthOrder = [...]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// dynamic reads the codes of a block.
func (d *inflater) dynamic() bool {
	head, ok := d.take(14)
	if !ok {
		return false
	}
	literals, distances, lengths := int(head&31)+257, int(head>>5&31)+1, int(head>>10)+4
	if literals > 286 || distances > 30 {
		return false
	}
	var first [len(lengthOrder)]uint8
	for _, i := range lengthOrder[:lengths] {
		n, ok := d.take(3)
		if !ok {
			return false
		}
		first[i] = uint8(n)
	}
	if !d.literals.build(first[:], plainSymbols[:]) {
		return false
	}
	all := d.lengths[:literals+distances]
	for i := 0; i < len(all); {
		e, ok := d.symbol(&d.literals)
		if !ok {
			return false
		}
		value, repeat := uint8(0), uint(1)
		switch s := e >> valueShift; {
		case s < 16:
			value = uint8(s)
		case s == 16 && i > 0:
			value = all[i-1]
			repeat, ok = d.take(2)
			repeat += 3
		case s == 17:
			repeat, ok = d.take(3)
			repeat += 3
		case s == 18:
			repeat, ok = d.take(7)
			repeat += 11
		default:
			return false
		}
		if !ok || repeat > uint(len(all)-i) {
			return false
		}
		for range repeat {
			all[i] = value
			i++
		}
	}
	return all[endOfBlock] != 0 && d.literals.build(all[:literals], literalSymbols[:]) && d.distances.build(all[literals:], distanceSymbols[:])
}

// symbol decodes one symbol.
func (d *inflater) symbol(h *huffman) (entry uint32, ok bool) {
	if d.n < maxCodeBits {
		d.fill()
	}
	e := h.first[d.bits%tableSize]
	if e&linked != 0 {
		e = h.link(e, d.bits)
	}
	used := uint(e & usedMask)
	if used == 0 || used > d.n {
		return 0, false
	}
	d.bits >>= used
	d.n -= used
	return e, true
}

// block decompresses a block, behind the n bytes of dst that are there.
func (d *inflater) block(dst []byte, n int, literals, distances *huffman) (int, bool) {
	// What is needed most is kept at hand. Shifts are by less than 64, which the
	// compiler wants to be told.
	b, have, pos, src := d.bits, d.n, d.pos, d.src
	for {
		// A length and a distance take at most 48 bits.
		if have < 48 {
			if len(src)-pos >= 8 {
				b |= binary.LittleEndian.Uint64(src[pos:]) << (have & 63)
				pos += int((63 - have) / 8)
				have |= 56
			} else {
				for ; have <= 56 && pos < len(src); have += 8 {
					b |= uint64(src[pos]) << (have & 63)
					pos++
				}
			}
		}
		e := literals.first[b%tableSize]
		if e&literal != 0 && n < len(dst) && uint(e&usedMask) <= have {
			dst[n] = byte(e >> valueShift)
			n++
			b >>= e & usedMask
			have -= uint(e & usedMask)
			continue
		}
		if e&linked != 0 {
			e = literals.link(e, b)
		}
		used := uint(e & usedMask)
		if used == 0 || used > have {
			return n, false
		}
		b >>= used & 63
		have -= used
		if e&literal != 0 {
			if n >= len(dst) {
				return n, false
			}
			dst[n] = byte(e >> valueShift)
			n++
			continue
		}
		if e&ends != 0 {
			d.bits, d.n, d.pos = b, have, pos
			return n, true
		}
		extra := uint(e >> extraShift & 15)
		length := int(e>>valueShift) + int(b&(1<<extra-1))
		b >>= extra
		have -= extra
		e = distances.first[b%tableSize]
		if e&linked != 0 {
			e = distances.link(e, b)
		}
		used = uint(e & usedMask)
		b >>= used & 63
		extra = uint(e >> extraShift & 15)
		distance := int(e>>valueShift) + int(b&(1<<extra-1))
		b >>= extra
		have -= used + extra
		// Have is below zero, which is a large number, if the bits were too few.
		if used == 0 || have > 64 || distance > n || length > len(dst)-n {
			return n, false
		}
		switch from := n - distance; {
		case distance >= 8 && len(dst)-n >= length+8:
			for end := n + length; ; n += 8 {
				binary.LittleEndian.PutUint64(dst[n:], binary.LittleEndian.Uint64(dst[from:]))
				if from += 8; n+8 >= end {
					n = end
					break
				}
			}
		case distance >= length:
			n += copy(dst[n:n+length], dst[from:])
		default:
			for range length {
				dst[n] = dst[from]
				n++
				from++
			}
		}
	}
}

// An entry of a table holds the number of bits that the code takes, 0 if there is no
// such code, and what it stands for: a literal, the end of the block, or a value to
// which so many further bits are added. It may also be linked to a table of
// longer codes: then it has the place of that and its bits.
const (
	usedMask   = 31
	extraShift = 5
	literal    = 1 << 9
	ends       = 1 << 10
	linked     = 1 << 11
	invalid    = 1 << 12 // of a symbol that stands for nothing
	valueShift = 16
)

// tableBits is how many bits of a code are looked up at once.
const (
	tableBits = 10
	tableSize = 1 << tableBits
)

// huffman is a table for the codes of a block.
type huffman struct {
	first  [tableSize]uint32
	longer []uint32 // the tables of longer codes
}

// link returns the entry of a longer code, to which e is linked.
func (h *huffman) link(e uint32, b uint64) uint32 {
	return h.longer[uint64(e>>valueShift)+b>>tableBits&(1<<(e>>extraShift&15)-1)]
}

// build makes the table from the length of each symbol's code, 0 if it has none, and
// reports whether they make a code. As for other decompressors, that may be incomplete
// if it has a single symbol or none.
func (h *huffman) build(lengths []uint8, symbols []uint32) bool {
	var count, next [maxCodeBits + 1]int
	longest := 0
	for _, n := range lengths {
		count[n]++
		longest = max(longest, int(n))
	}
	count[0] = 0
	code := 0
	for n := 1; n <= longest; n++ {
		next[n] = code
		if code += count[n]; code > 1<<n {
			return false
		}
		code <<= 1
	}
	complete := code == 1<<(longest+1)
	if !complete && longest > 1 {
		return false
	}
	h.longer = h.longer[:0]
	if !complete || longest > tableBits {
		clear(h.first[:]) // links are found by their place
	}
	for symbol, n := range lengths {
		if n == 0 {
			continue
		}
		code := int(bits.Reverse16(uint16(next[n])) >> (16 - n))
		next[n]++
		e := symbols[symbol] | uint32(n)
		if e&invalid != 0 {
			e = 0
		}
		if n <= tableBits {
			for ; code < tableSize; code += 1 << n {
				h.first[code] = e
			}
			continue
		}
		// Longer codes with the same start share a table.
		start := &h.first[code%tableSize]
		more := longest - tableBits
		if *start == 0 {
			at := len(h.longer)
			h.longer = append(h.longer, make([]uint32, 1<<more)...)
			*start = uint32(at)<<valueShift | uint32(more)<<extraShift | linked
		}
		shared := h.longer[*start>>valueShift:][:1<<more]
		for code >>= tableBits; code < len(shared); code += 1 << (n - tableBits) {
			shared[code] = e
		}
	}
	return true
}

// Entries for the symbols of each table, without their codes.
var (
	plainSymbols = func() (entries [len(lengthOrder)]uint32) {
		for i := range entries {
			entries[i] = uint32(i) << valueShift
		}
		return entries
	}()
	literalSymbols = func() (entries [maxLiterals]uint32) {
		for i := range endOfBlock {
			entries[i] = uint32(i)<<valueShift | literal
		}
		entries[endOfBlock] = ends
		base, lengths := 3, entries[endOfBlock+1:]
		for i := range lengths[:28] {
			extra := max(i/4-1, 0)
			lengths[i] = uint32(base)<<valueShift | uint32(extra)<<extraShift
			base += 1 << extra
		}
		lengths[28] = 258 << valueShift
		lengths[29], lengths[30] = invalid, invalid
		return entries
	}()
	distanceSymbols = func() (entries [maxDistances]uint32) {
		base := 1
		for i := range entries[:30] {
			extra := max(i/2-1, 0)
			entries[i] = uint32(base)<<valueShift | uint32(extra)<<extraShift
			base += 1 << extra
		}
		entries[30], entries[31] = invalid, invalid
		return entries
	}()
)
