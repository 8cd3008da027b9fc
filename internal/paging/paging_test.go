package paging_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/internal/paging"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		page  func(n int) (token string, entries int) // the page with the number, from 0
		pages int                                     // how many are asked for
		err   string                                  // "" is a listing that ends
	}{
		"one page":     {func(int) (string, int) { return "", 5 }, 1, ""},
		"three pages":  {func(n int) (string, int) { return strings.Repeat("x", 2-n), 5 }, 3, ""},
		"some empty":   {func(n int) (string, int) { return strings.Repeat("x", 50-n), 0 }, 51, ""},
		"same token":   {func(int) (string, int) { return "x", 5 }, 2, "same continuation token"},
		"a circle":     {func(n int) (string, int) { return strconv.Itoa(n % 7), 5 }, 8, "same continuation token"},
		"all empty":    {func(n int) (string, int) { return strconv.Itoa(n), 0 }, 1000, "1000 empty pages"},
		"without end":  {func(n int) (string, int) { return strconv.Itoa(n), 1 }, 100_001, "over 100000 pages"},
		"a long token": {func(int) (string, int) { return strings.Repeat("x", 1<<20), 1 }, 1, "token of 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var tokens paging.Tokens
			var err error
			asked := 0
			for {
				token, entries := test.page(asked)
				asked++
				var next *string
				if next, err = tokens.Next(&token, entries); err != nil || next == nil {
					break
				}
				if *next != token {
					t.Fatalf("the next token is %q, want %q", *next, token)
				}
			}
			if asked != test.pages || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("%d pages, %v; want %d and %q", asked, err, test.pages, test.err)
			}
			if strings.HasPrefix(test.err, "same") && !errors.Is(err, paging.ErrSameToken) {
				t.Errorf("%v is not ErrSameToken", err)
			}
		})
	}
}

func TestNoToken(t *testing.T) {
	t.Parallel()
	var tokens paging.Tokens
	if next, err := tokens.Next(nil, 0); next != nil || err != nil {
		t.Errorf("without a token: %v, %v", next, err)
	}
}
