package main

import (
	"bytes"
	"io"
	"regexp"
)

// What is looked for in files. Findings never show what was found.
var (
	privateKey = regexp.MustCompile(`-----BEGIN (?:[A-Z0-9]{1,16} ){0,2}PRIVATE KEY(?: BLOCK)?-----`)

	// Access key IDs are in base 32. Those in AWS's documentation end in
	// EXAMPLE.
	accessKeyID = regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z2-7]{16}\b`)
)

const (
	scanWindow = 256 << 10 // bytes looked at at once
	scanMargin = 128       // bytes that what is looked for has at most
)

// scan calls found for each private key and access key ID in r. The buffer has
// scanWindow bytes, or more than scanMargin at least.
func scan(r io.Reader, buffer []byte, found func(line int, what string)) error {
	line := 1 // of the start of the buffer
	filled := 0
	reported := 0 // what starts before this offset of the buffer is reported
	for {
		n, err := io.ReadFull(r, buffer[filled:])
		filled += n
		last := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !last {
			return err
		}
		window := buffer[:filled]
		// What starts in the margin may go on behind it, and is left to the
		// next window.
		end := filled
		if !last {
			end -= scanMargin
		}
		for _, m := range matches(window) {
			if m.at >= reported && m.at < end {
				found(line+bytes.Count(window[:m.at], []byte("\n")), m.what)
			}
		}
		if last {
			return nil
		}
		// One byte before the margin tells whether a word starts there.
		keep := end - 1
		line += bytes.Count(window[:keep], []byte("\n"))
		filled = copy(buffer, window[keep:])
		reported = 1
	}
}

type found struct {
	at   int
	what string
}

// matches returns what is found in the window, by where it starts.
func matches(window []byte) []found {
	var list []found
	if bytes.Contains(window, []byte("PRIVATE KEY")) {
		for _, m := range privateKey.FindAllIndex(window, -1) {
			list = append(list, found{m[0], "private key"})
		}
	}
	if bytes.Contains(window, []byte("AKIA")) || bytes.Contains(window, []byte("ASIA")) {
		for _, m := range accessKeyID.FindAllIndex(window, -1) {
			if !bytes.HasSuffix(window[m[0]:m[1]], []byte("EXAMPLE")) {
				list = append(list, found{m[0], "AWS access key ID"})
			}
		}
	}
	return list
}
