package artifact

import "math"

// Limits bound what an artifact may be. 0 is the default, and a negative number
// is no limit. The fields are those of action.Limits, which documents them.
type Limits struct {
	Download int64
	Unpacked int64
	File     int64
	Entries  int
	Ratio    int
}

// Defaults of [Limits].
const (
	defaultDownload = 8 << 30
	defaultUnpacked = 32 << 30
	defaultFile     = 8 << 30
	defaultEntries  = 500_000
	defaultRatio    = 200

	ratioFrom = 64 << 20 // bytes unpacked that are no bomb, whatever their ratio
)

// WithDefaults returns the limits with 0 replaced by the default and negative
// numbers by what is never reached.
func (l Limits) WithDefaults() Limits {
	l.Download = limit(l.Download, defaultDownload, unlimited)
	l.Unpacked = limit(l.Unpacked, defaultUnpacked, unlimited)
	l.File = limit(l.File, defaultFile, unlimited)
	l.Entries = limit(l.Entries, defaultEntries, math.MaxInt)
	l.Ratio = limit(l.Ratio, defaultRatio, math.MaxInt)
	return l
}

// unlimited is a number of bytes that nothing has.
const unlimited int64 = 1 << 60

func limit[N int | int64](value, byDefault, none N) N {
	switch {
	case value == 0:
		return byDefault
	case value < 0:
		return none
	}
	return value
}
