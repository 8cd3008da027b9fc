package codecommittest

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"strings"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// maxPage is the number of entries that no page exceeds.
const maxPage = 1000

// pageSize returns the size of pages whose size a call cannot ask for.
func (s *Server) pageSize() int {
	if n := s.faults.Load().PageSize; n > 0 {
		return min(n, maxPage)
	}
	return maxPage
}

// page returns the part of the list that starts where the token says, and the
// token of the next part, "" if there is none. The words are what the call
// asks for: a token is good for the same call only.
func page[T any](list []T, token *string, size int, words ...string) (part []T, next string, err error) {
	start := 0
	if token != nil {
		var ok bool
		if start, ok = parseToken(*token, words); !ok || start > len(list) {
			return nil, "", awsjson.Errorf("InvalidContinuationTokenException", "the continuation token is not one of this list")
		}
	}
	end := min(start+size, len(list))
	if end < len(list) {
		next = makeToken(end, words)
	}
	return orEmpty(list[start:end]), next, nil
}

// A token is base64 of the next entry's number and a checksum of the call.
const tokenLength = 8

func makeToken(start int, words []string) string {
	var b [tokenLength]byte
	binary.BigEndian.PutUint32(b[:], uint32(start))
	binary.BigEndian.PutUint32(b[4:], checksum(b[:4], words))
	return base64.URLEncoding.EncodeToString(b[:])
}

func parseToken(token string, words []string) (start int, ok bool) {
	b, err := base64.URLEncoding.DecodeString(token)
	if err != nil || len(b) != tokenLength {
		return 0, false
	}
	start = int(binary.BigEndian.Uint32(b))
	return start, makeToken(start, words) == token
}

func checksum(start []byte, words []string) uint32 {
	return crc32.Update(crc32.ChecksumIEEE(start), crc32.IEEETable, []byte(strings.Join(words, "\x00")))
}
