package pattern

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// addressOf reads an address as EventBridge does: dotted decimal with leading
// zeros allowed, or IPv6 in hexadecimal without a zone.
func addressOf(s string) (netip.Addr, bool) {
	if len(s) > 64 || strings.Trim(s, "0123456789abcdefABCDEF:.") != "" {
		return netip.Addr{}, false
	}
	if strings.Contains(s, ".") {
		if strings.Contains(s, ":") {
			return netip.Addr{}, false
		}
		octets := strings.Split(s, ".")
		for i, octet := range octets {
			if octets[i] = strings.TrimLeft(octet, "0"); octets[i] == "" && octet != "" {
				octets[i] = "0"
			}
		}
		s = strings.Join(octets, ".")
	}
	addr, err := netip.ParseAddr(s)
	return addr.Unmap(), err == nil
}

// An addressBlock is a cidr as the matcher compares it: the lowest and the
// highest address in upper-case hexadecimal.
type addressBlock struct{ low, high string }

func blockOf(text string) (addressBlock, error) {
	address, mask, ok := strings.Cut(text, "/")
	if !ok {
		return addressBlock{}, errors.New("must be an address, a slash and a number of bits")
	}
	addr, ok := addressOf(address)
	if !ok {
		return addressBlock{}, fmt.Errorf("%q is not an IP address", shorten(address))
	}
	bits, err := strconv.ParseUint(mask, 10, 8)
	if err != nil || int(bits) >= addr.BitLen() {
		return addressBlock{}, fmt.Errorf("the number of bits after the slash must be 0 to %d", addr.BitLen()-1)
	}
	low, high := addr.AsSlice(), addr.AsSlice()
	for i := int(bits); i < addr.BitLen(); i++ {
		bit := byte(0x80) >> (i % 8)
		low[i/8] &^= bit
		high[i/8] |= bit
	}
	return addressBlock{hexOf(low), hexOf(high)}, nil
}

func hexOf(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

// contains reports whether the matcher finds the value in the block. It goes
// along the digits until they are between those of the bounds, so that an
// address of the other family, or a number by its literal, can be in a large
// block as well.
func (b addressBlock) contains(v *scalar) bool {
	text := v.text
	switch v.kind {
	case kindNumber:
	case kindString:
		addr, ok := addressOf(v.text)
		if !ok {
			return false
		}
		text = hexOf(addr.AsSlice())
	default:
		return false
	}
	onLow, onHigh := true, true // the digits so far are those of the bound
	for i := range min(len(text), len(b.low)) {
		c := text[i]
		if !strings.ContainsRune("0123456789ABCDEF", rune(c)) || onLow && c < b.low[i] || onHigh && c > b.high[i] {
			return false
		}
		onLow, onHigh = onLow && c == b.low[i], onHigh && c == b.high[i]
		if !onLow && !onHigh {
			return true
		}
	}
	return len(text) >= len(b.low)
}
