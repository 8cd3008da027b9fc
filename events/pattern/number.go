package pattern

import (
	"strconv"
	"strings"
)

// numberOf reads a JSON number as the matcher does. It fails for the numbers
// that the matcher does not compare as numbers: those that a 64-bit number of
// IEEE 754 does not hold to the last digit.
func numberOf(literal string) (float64, bool) {
	n, err := strconv.ParseFloat(literal, 64)
	if err != nil {
		return 0, false // out of range
	}
	digits, exponent, ok := decimal(literal)
	shortest, shortestExponent, _ := decimal(strconv.FormatFloat(n, 'e', -1, 64))
	if !ok || digits != shortest || digits != "" && exponent != shortestExponent {
		return 0, false
	}
	return n, true
}

// decimal returns the digits of a number without zeros at either end, "" for
// zero, and the power of ten that the last of them stands for.
func decimal(literal string) (digits string, exponent int, ok bool) {
	mantissa, power, found := strings.Cut(strings.ToLower(strings.TrimPrefix(literal, "-")), "e")
	if found {
		var err error
		if exponent, err = strconv.Atoi(power); err != nil {
			return "", 0, false
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits = strings.TrimLeft(whole+fraction, "0")
	exponent -= len(fraction)
	trimmed := strings.TrimRight(digits, "0")
	return trimmed, exponent + len(digits) - len(trimmed), true
}
