//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

// limits are the limits of artifacts in the configuration file. 0 is the default
// of [action.Limits], and -1 is no limit.
type limits struct {
	Download    size `json:"download"`
	Unpacked    size `json:"unpacked"`
	File        size `json:"file"`
	Names       size `json:"names"`
	Entries     int  `json:"entries"`
	Depth       int  `json:"depth"`
	Ratio       int  `json:"ratio"`
	InsideLinks bool `json:"insideLinks"`
}

func (l limits) forAction() action.Limits {
	return action.Limits{
		Download: int64(l.Download), Unpacked: int64(l.Unpacked), File: int64(l.File), Names: int64(l.Names),
		Entries: l.Entries, Depth: l.Depth, Ratio: l.Ratio, InsideLinks: l.InsideLinks,
	}
}

// check returns what is wrong with the limits.
func (l limits) check() []error {
	var errs []error
	for _, field := range []struct {
		name  string
		value int64
	}{
		{"download", int64(l.Download)}, {"unpacked", int64(l.Unpacked)}, {"file", int64(l.File)}, {"names", int64(l.Names)},
		{"entries", int64(l.Entries)}, {"depth", int64(l.Depth)}, {"ratio", int64(l.Ratio)},
	} {
		if field.value < -1 {
			errs = append(errs, fmt.Errorf("limits: %s: %d is negative; -1 is no limit", field.name, field.value))
		}
	}
	return errs
}

// size is a number of bytes that is written as "8GiB", or as a number.
type size int64

// units are the units of sizes, as powers of two.
var units = []struct {
	name  string
	shift int
}{{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}}

func (s *size) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(data, []byte(`"`)) {
		return json.Unmarshal(data, (*int64)(s))
	}
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	for _, unit := range units {
		if number, ok := strings.CutSuffix(text, unit.name); ok {
			n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 63-unit.shift)
			*s = size(n << unit.shift)
			if err == nil {
				return nil
			}
			break
		}
	}
	return fmt.Errorf(`%q is no size such as "500MiB" or "8GiB"`, text)
}
