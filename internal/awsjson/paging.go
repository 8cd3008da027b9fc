package awsjson

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"strings"
)

// Page returns the entries of one page of a list, at most size, and the token
// of the next page, nil if there is none. The page begins where the token of
// the call says, at the start if that is nil. The words are the other
// parameters of the call: a token is good for the same words only. Any other
// token is an [*Error] with the code invalid.
//
// A token counts the entries that are left, so that entries which are new in
// front of the list do not move the rest. A page is never nil, as JSON shows a
// nil slice as null.
func Page[T any](list []T, token *string, size int, invalid string, words ...string) (page []T, next *string, err error) {
	left := len(list)
	if token != nil {
		var ok bool
		if left, ok = parseToken(*token, words); !ok || left > len(list) {
			return nil, nil, Errorf(invalid, "The next token is invalid")
		}
	}
	start := len(list) - left
	end := min(start+size, len(list))
	if end < len(list) {
		t := makeToken(len(list)-end, words)
		next = &t
	}
	if start == end {
		return []T{}, next, nil
	}
	return list[start:end], next, nil
}

// A token is base64 of the number of entries that are left and a checksum of
// the call.
const tokenLength = 8

func makeToken(left int, words []string) string {
	var b [tokenLength]byte
	binary.BigEndian.PutUint32(b[:], uint32(left))
	sum := crc32.Update(crc32.ChecksumIEEE(b[:4]), crc32.IEEETable, []byte(strings.Join(words, "\x00")))
	binary.BigEndian.PutUint32(b[4:], sum)
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
