package gitobj

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Commit is the content of a commit object.
type Commit struct {
	TreeID    string
	Parents   []string
	Author    Signature
	Committer Signature
	Headers   string // those behind the committer, such as encoding and gpgsig, each line ending in a newline
	Message   string
}

// Signature is a person and a time.
type Signature struct {
	Name, Email string
	Seconds     int64  // since 1970
	Zone        string // as written, such as "-0800"
}

// Date returns the time in the form of git and of the CodeCommit API, such as
// "1484167798 -0800".
func (s Signature) Date() string { return strconv.FormatInt(s.Seconds, 10) + " " + s.Zone }

// ParseDate parses a date as [Signature.Date] returns it. The time's location has the
// zone's offset.
func ParseDate(s string) (time.Time, error) {
	seconds, zone, _ := strings.Cut(s, " ")
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a date of the form \"1484167798 -0800\"", s)
	}
	offset, err := parseZone(zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("date %q: %w", s, err)
	}
	if offset == 0 {
		return time.Unix(n, 0).UTC(), nil
	}
	return time.Unix(n, 0).In(time.FixedZone("", offset)), nil
}

// parseZone returns the seconds east of UTC of "-0800"; "" is UTC.
func parseZone(zone string) (int, error) {
	if zone == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(zone)
	if err != nil || len(zone) > 7 || (zone[0] != '+' && zone[0] != '-') {
		return 0, fmt.Errorf("%q is not a time zone of the form \"-0800\"", zone)
	}
	return n/100*3600 + n%100*60, nil
}

// DecodeCommit parses a commit object's content.
func DecodeCommit(data []byte) (*Commit, error) {
	text := string(data)
	c := new(Commit)
	next := func(key string) (value string, ok bool) {
		line, rest, found := strings.Cut(text, "\n")
		if value, ok = strings.CutPrefix(line, key+" "); ok && found {
			text = rest
			return value, true
		}
		return "", false
	}
	var ok bool
	if c.TreeID, ok = next("tree"); !ok || !IsID(c.TreeID) {
		return nil, errors.New("commit object: no tree")
	}
	for {
		parent, ok := next("parent")
		if !ok {
			break
		}
		if !IsID(parent) {
			return nil, fmt.Errorf("commit object: %q is not the ID of a parent", parent)
		}
		c.Parents = append(c.Parents, parent)
	}
	for _, who := range []struct {
		key string
		to  *Signature
	}{{"author", &c.Author}, {"committer", &c.Committer}} {
		value, ok := next(who.key)
		if !ok {
			return nil, fmt.Errorf("commit object: no %s", who.key)
		}
		var err error
		if *who.to, err = parseSignature(value); err != nil {
			return nil, fmt.Errorf("commit object: %s: %w", who.key, err)
		}
	}
	// The message starts after the first empty line. A commit without one has
	// headers alone.
	if strings.HasPrefix(text, "\n") {
		c.Message = text[1:]
	} else if headers, message, ok := strings.Cut(text, "\n\n"); ok {
		c.Headers, c.Message = headers+"\n", message
	} else if text != "" {
		c.Headers = strings.TrimSuffix(text, "\n") + "\n"
	}
	return c, nil
}

// parseSignature parses "Name <email> 1484167798 -0800". Like git it is
// lenient: the date follows the last angle bracket even if the address ends
// before it, and is 1970 if there are no digits. Text behind the digits of the
// date or the zone does not count.
func parseSignature(s string) (Signature, error) {
	open, end := strings.IndexByte(s, '<'), strings.LastIndexByte(s, '>')
	if open < 0 || end < open {
		return Signature{}, fmt.Errorf("%q has no address in angle brackets", s)
	}
	email, _, _ := strings.Cut(s[open+1:], ">")
	sig := Signature{Name: strings.TrimSpace(s[:open]), Email: email, Zone: "+0000"}
	seconds, rest := leadingDigits(strings.TrimSpace(s[end+1:]))
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return sig, nil
	}
	sig.Seconds = n
	if rest = strings.TrimSpace(rest); rest != "" && (rest[0] == '+' || rest[0] == '-') {
		digits, _ := leadingDigits(rest[1:])
		if _, err := parseZone(rest[:1] + digits); err == nil && digits != "" {
			sig.Zone = rest[:1] + digits
		}
	}
	return sig, nil
}

func leadingDigits(s string) (digits, rest string) {
	rest = strings.TrimLeft(s, "0123456789")
	return s[:len(s)-len(rest)], rest
}

// Encode returns the content of the commit object.
func (c *Commit) Encode() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "tree %s\n", c.TreeID)
	for _, p := range c.Parents {
		fmt.Fprintf(&b, "parent %s\n", p)
	}
	fmt.Fprintf(&b, "author %s <%s> %s\n", c.Author.Name, c.Author.Email, c.Author.Date())
	fmt.Fprintf(&b, "committer %s <%s> %s\n", c.Committer.Name, c.Committer.Email, c.Committer.Date())
	b.WriteString(c.Headers)
	b.WriteString("\n")
	b.WriteString(c.Message)
	return []byte(b.String())
}
