package pipelinetest

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"strings"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// page returns the part of the list that starts where the token says, of the
// size that the call asks for, and the token of the next part, nil if there is
// none. A token tells how much of the list comes after it, so that entries
// that are new in front of the list do not move the rest. The words are what
// the call asks for: a token is good for the same call only.
func page[T any](list []T, token *string, maxResults *int32, most int, words ...string) (part []T, next *string, err error) {
	left := len(list)
	if token != nil {
		var ok bool
		if left, ok = parseToken(*token, words); !ok || left > len(list) {
			return nil, nil, awsjson.Errorf("InvalidNextTokenException", "The next token is invalid")
		}
	}
	size := most
	if maxResults != nil {
		size = int(*maxResults)
	}
	start := len(list) - left
	end := min(start+size, len(list))
	if end < len(list) {
		t := makeToken(len(list)-end, words)
		next = &t
	}
	return list[start:end], next, nil
}

// A token is base64 of the number of entries that are left and a checksum of
// the call.
const tokenLength = 8

func makeToken(left int, words []string) string {
	var b [tokenLength]byte
	binary.BigEndian.PutUint32(b[:], uint32(left))
	binary.BigEndian.PutUint32(b[4:], checksum(b[:4], words))
	return base64.URLEncoding.EncodeToString(b[:])
}

func parseToken(token string, words []string) (left int, ok bool) {
	b, err := base64.URLEncoding.DecodeString(token)
	if err != nil || len(b) != tokenLength {
		return 0, false
	}
	left = int(binary.BigEndian.Uint32(b))
	return left, left > 0 && makeToken(left, words) == token
}

func checksum(left []byte, words []string) uint32 {
	return crc32.Update(crc32.ChecksumIEEE(left), crc32.IEEETable, []byte(strings.Join(words, "\x00")))
}
