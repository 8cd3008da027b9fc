//go:build !linux

package action_test

// peakMemory returns 0: only Linux tells it.
func peakMemory() int64 { return 0 }
