package events

import (
	"math"
	"reflect"
	"strconv"
	"strings"
)

// text reads a scalar as text, and the number 1.0 as 1.
func (d *binder) text() (string, error) {
	if c := d.Peek(); c != '-' && (c < '0' || c > '9') {
		return d.Scalar()
	}
	s, err := d.Number()
	if n, ok := wholeNumber(s); ok && strings.ContainsAny(s, ".eE") {
		s = strconv.FormatInt(n, 10)
	}
	return s, err
}

// integer reads 1, 1.0, "1", "1.0" and null. "" and "None" stand for null in
// notifications.
func (d *binder) integer(f reflect.Value) error {
	start := *d.Scanner
	switch c := d.Peek(); {
	case c == '{' || c == '[' || c == 't' || c == 'f':
		return d.Want("a whole number")
	case c == '"':
		s, err := d.Str()
		if err != nil {
			return err
		}
		if s = strings.TrimSpace(s); s == "" || s == "None" {
			return nil
		}
		n, ok := wholeNumber(s)
		if !ok || f.OverflowInt(n) {
			return start.Fail("want a whole number, found another string")
		}
		f.SetInt(n)
		return nil
	}
	s, err := d.Scalar()
	if err != nil || s == "" {
		return err
	}
	n, ok := wholeNumber(s)
	if !ok || f.OverflowInt(n) {
		return start.Fail("want a whole number of at most 64 bits, found another number")
	}
	f.SetInt(n)
	return nil
}

func wholeNumber(s string) (int64, bool) {
	if whole, fraction, ok := strings.Cut(s, "."); ok && strings.Trim(fraction, "0") == "" {
		s = whole
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	if !isNumber(s) { // ParseFloat reads more than JSON has
		return 0, false
	}
	x, err := strconv.ParseFloat(s, 64) // 1.6e3
	if err != nil || x != math.Trunc(x) || math.Abs(x) > 1<<53 {
		return 0, false
	}
	return int64(x), true
}

// boolean reads true, "True", "true" and the like, and null as false.
func (d *binder) boolean(f reflect.Value) error {
	start := *d.Scanner
	switch c := d.Peek(); {
	case c == '{' || c == '[' || c == '-' || c >= '0' && c <= '9':
		return d.Want("a boolean")
	}
	s, err := d.Scalar()
	if err != nil {
		return err
	}
	switch {
	case strings.EqualFold(s, "true"):
		f.SetBool(true)
	case strings.EqualFold(s, "false"), s == "":
		f.SetBool(false)
	default:
		return start.Fail("want a boolean, found another string")
	}
	return nil
}
