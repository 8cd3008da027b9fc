package gitpretty

import (
	"strconv"
	"strings"
	"time"
)

// Layouts of dates. Go's zone layouts print the sign and four digits, as git.
const (
	layoutDefault = "Mon Jan 2 15:04:05 2006 -0700"
	layoutRFC2822 = "Mon, 2 Jan 2006 15:04:05 -0700"
	layoutISO     = "2006-01-02 15:04:05 -0700"
	layoutStrict  = time.RFC3339 // "Z" for UTC, as git 2.45 and later
	layoutHuman   = "Jan 2 2006"
)

// person appends the part of a signature that %a or %c and the letter part
// stand for.
func (e *Expander) person(out []byte, s Signature, part byte) ([]byte, int) {
	name, email := strings.Trim(s.Name, spaces), s.Email
	switch part {
	case 'N', 'E', 'L':
		name, email = e.mailmap.lookup(name, email)
	}
	switch part {
	case 'n', 'N':
		return append(out, name...), 2
	case 'e', 'E':
		return append(out, email...), 2
	case 'l', 'L':
		local, _, _ := strings.Cut(email, "@")
		return append(out, local...), 2
	}
	layout := ""
	switch part {
	case 't':
	case 'd', 'r':
		layout = layoutDefault
	case 'D':
		layout = layoutRFC2822
	case 'i':
		layout = layoutISO
	case 'I':
		layout = layoutStrict
	case 's':
		layout = time.DateOnly
	case 'h':
		layout = layoutHuman
	default:
		return out, 0
	}
	switch {
	case s.When.Unix() < 0: // git has no dates before 1970
		return out, 2
	case part == 't':
		return strconv.AppendInt(out, s.When.Unix(), 10), 2
	}
	return s.When.AppendFormat(out, layout), 2
}
