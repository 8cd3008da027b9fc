package archive

import (
	"bytes"
	"strconv"
	"strings"
)

const (
	lfsVersion = "version https://git-lfs.github.com/spec/v1\n"
	lfsMaxSize = 1024 // of a pointer, by its specification
)

// parseLFSPointer returns what a blob that is a pointer stands for.
func parseLFSPointer(content []byte) (LFSPointer, bool) {
	if len(content) >= lfsMaxSize || !bytes.HasPrefix(content, []byte(lfsVersion)) {
		return LFSPointer{}, false
	}
	p := LFSPointer{Size: -1}
	for line := range strings.Lines(string(content[len(lfsVersion):])) {
		key, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if !ok {
			return LFSPointer{}, false
		}
		switch key {
		case "oid":
			oid, ok := strings.CutPrefix(value, "sha256:")
			if !ok || len(oid) != 64 || strings.Trim(oid, "0123456789abcdef") != "" {
				return LFSPointer{}, false
			}
			p.OID = oid
		case "size":
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil || n < 0 {
				return LFSPointer{}, false
			}
			p.Size = n
		}
	}
	return p, p.OID != "" && p.Size >= 0
}
