package main

import (
	"fmt"
	"io"

	"github.com/codesuite-go/codesuite/codecommit/gitfetch"
)

// fetches are those by Git's protocol that an archive needed.
type fetches []gitfetch.Fetch

func (f *fetches) add(fetch gitfetch.Fetch) { *f = append(*f, fetch) }

// report says what was fetched, if anything was.
func (f fetches) report(w io.Writer) {
	for _, fetch := range f {
		what := plural(fetch.Blobs, "file", "files") + " over 6 MB"
		if fetch.Blobs == 0 {
			what = "the whole commit, for its files over 6 MB,"
		}
		fmt.Fprintf(w, "archive: note: fetched %s by Git's protocol: %s in %s\n",
			what, plural(fetch.Bytes, "byte", "bytes"), plural(fetch.Requests, "request", "requests"))
	}
}
