// Package paging follows the continuation tokens of a listing and ends one that
// has no end.
package paging

import (
	"crypto/sha256"
	"errors"
	"fmt"
)

const (
	maxToken = 64 << 10 // bytes of a token
	maxEmpty = 1000     // empty pages in a row, which a filter may make
	maxPages = 100_000
)

// ErrSameToken is a token that has led to a page already.
var ErrSameToken = errors.New("the service returned the same continuation token twice")

// Tokens are the continuation tokens of one listing. The zero value is ready.
// It keeps 16 bytes of each.
type Tokens struct {
	seen  map[[16]byte]struct{}
	empty int // pages in a row
}

// Next takes the token of a page with so many entries and returns the token of
// the page to ask for, nil if that page was the last. It returns an error if the
// listing would not end: for a token that it has seen, one of over 64 KiB, a
// thousand empty pages in a row, or a hundred thousand pages.
func (t *Tokens) Next(token *string, entries int) (*string, error) {
	if token == nil || *token == "" {
		return nil, nil
	}
	if len(*token) > maxToken {
		return nil, fmt.Errorf("the service returned a continuation token of %d bytes, over the limit of %d", len(*token), maxToken)
	}
	if t.empty++; entries > 0 {
		t.empty = 0
	}
	if t.empty >= maxEmpty {
		return nil, fmt.Errorf("the service returned %d empty pages in a row", maxEmpty)
	}
	sum := sha256.Sum256([]byte(*token))
	key := [16]byte(sum[:])
	if _, ok := t.seen[key]; ok {
		return nil, ErrSameToken
	}
	if len(t.seen) >= maxPages {
		return nil, fmt.Errorf("the service returned over %d pages", maxPages)
	}
	if t.seen == nil {
		t.seen = make(map[[16]byte]struct{})
	}
	t.seen[key] = struct{}{}
	return token, nil
}
