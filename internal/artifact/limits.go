package artifact

import "math"

// Limits bound an artifact. 0 is the default, and a negative number is no
// limit. The fields are those of action.Limits, which documents them.
type Limits struct {
	Download    int64
	Unpacked    int64
	File        int64
	Entries     int
	Depth       int
	Names       int64
	Ratio       int
	InsideLinks bool
}

// Defaults of [Limits].
const (
	defaultDownload = 8 << 30
	defaultUnpacked = 32 << 30
	defaultFile     = 8 << 30
	defaultEntries  = 500_000
	defaultDepth    = 255
	defaultNames    = 48 << 20
	defaultRatio    = 1100 // deflate reaches 1,032

	ratioFrom = 64 << 20 // bytes unpacked that are no bomb, whatever their ratio
)

// WithDefaults returns the limits with 0 replaced by the default and negative
// numbers by numbers that nothing reaches.
func (l Limits) WithDefaults() Limits {
	l.Download = limit(l.Download, defaultDownload, unlimited)
	l.Unpacked = limit(l.Unpacked, defaultUnpacked, unlimited)
	l.File = limit(l.File, defaultFile, unlimited)
	l.Entries = limit(l.Entries, defaultEntries, math.MaxInt)
	l.Depth = limit(l.Depth, defaultDepth, math.MaxInt)
	l.Names = limit(l.Names, defaultNames, unlimited)
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

// ratioLimit returns how many bytes may come of an archive of that size.
func ratioLimit(size int64, limits Limits) int64 {
	if int64(limits.Ratio) > unlimited/max(size, 1) {
		return unlimited
	}
	return max(ratioFrom, size*int64(limits.Ratio))
}
