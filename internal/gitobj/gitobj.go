// Package gitobj encodes, decodes and names the objects of a git repository:
// blobs, trees and commits, with SHA-1 object IDs as CodeCommit uses them.
//
// Object IDs are lower-case hexadecimal strings of 40 digits, as in the API.
package gitobj

import (
	"crypto/sha1"
	"encoding/hex"
	"hash"
	"strconv"
)

// IDLength is the number of hexadecimal digits of an object ID.
const IDLength = 2 * sha1.Size

// EmptyTreeID is the object ID of a tree without entries.
const EmptyTreeID = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

// NewHash returns a hash that has taken in the header of an object of the
// kind ("blob", "tree", "commit", "tag") and size; write the content to it and
// pass it to Sum.
func NewHash(kind string, size int64) hash.Hash {
	h := sha1.New()
	var header [40]byte
	b := append(header[:0], kind...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, size, 10)
	h.Write(append(b, 0))
	return h
}

// Sum returns the object ID that h has arrived at.
func Sum(h hash.Hash) string {
	var sum [sha1.Size]byte
	return hex.EncodeToString(h.Sum(sum[:0]))
}

// ID returns the ID of the object of the kind with the content.
func ID(kind string, content []byte) string {
	h := NewHash(kind, int64(len(content)))
	h.Write(content)
	return Sum(h)
}

// BlobID returns the ID of the blob with the content.
func BlobID(content []byte) string { return ID("blob", content) }

// IsID reports whether s has the form of a full object ID.
func IsID(s string) bool {
	if len(s) != IDLength {
		return false
	}
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
