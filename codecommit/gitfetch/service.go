package gitfetch

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// service is what a server says about itself.
type service struct {
	version      int               // of the protocol: 0 or 2
	capabilities map[string]string // names to values; those of "fetch" in version 2
	formats      bool              // the server knows formats of object IDs, in version 2
	tips         map[objectID]bool // what references name, in version 0
}

// readService reads how a server describes itself, in either version of the
// protocol.
func readService(r io.Reader) (*service, error) {
	packets := &packetReader{r: r}
	first, err := packets.next()
	if err == nil && strings.HasPrefix(first.text(), "# service=") {
		if first, err = packets.next(); err == nil && first.kind == packetFlush {
			first, err = packets.next()
		}
	}
	switch {
	case err != nil:
		return nil, endless(err)
	case first.text() == "version 2":
		return readVersion2(packets)
	case first.text() == "version 1":
		if first, err = packets.next(); err != nil {
			return nil, endless(err)
		}
	}
	return readVersion0(packets, first)
}

// endless names the end of a reply where none should be.
func endless(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return broken(err)
}

func readVersion2(packets *packetReader) (*service, error) {
	s := &service{version: 2}
	for {
		p, err := packets.next()
		if err != nil {
			return nil, endless(err)
		}
		if p.kind == packetFlush {
			break
		}
		name, value, _ := strings.Cut(p.text(), "=")
		switch name {
		case "fetch":
			s.capabilities = capabilities(value)
		case "object-format":
			if err := checkFormat(value); err != nil {
				return nil, err
			}
			s.formats = true
		}
	}
	if s.capabilities == nil {
		return nil, errors.New("the server does not offer to fetch")
	}
	return s, nil
}

// readVersion0 reads the references, of which the first comes with the
// capabilities.
func readVersion0(packets *packetReader, p packet) (*service, error) {
	s := &service{tips: make(map[objectID]bool)}
	for p.kind == packetData {
		text, features, hasFeatures := strings.Cut(p.text(), "\x00")
		if message, isError := strings.CutPrefix(text, "ERR "); isError {
			return nil, &refusedError{printable(message)}
		}
		if hasFeatures && s.capabilities == nil {
			s.capabilities = capabilities(features)
			if err := checkFormat(s.capabilities["object-format"]); err != nil {
				return nil, err
			}
		}
		digits, _, _ := strings.Cut(text, " ")
		if id, err := parseID(digits); err == nil {
			s.tips[id] = true
		} else if digits != "shallow" {
			return nil, fmt.Errorf("the reply is none of Git's protocol: %q is no reference", printable(text))
		}
		var err error
		if p, err = packets.next(); err != nil {
			return nil, endless(err)
		}
	}
	if _, ok := s.capabilities["side-band-64k"]; !ok {
		return nil, errors.New("the server speaks version 0 of Git's protocol without side-band-64k, which no server of today does")
	}
	return s, nil
}

func capabilities(text string) map[string]string {
	all := make(map[string]string)
	for field := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(field, "=")
		all[name] = value
	}
	return all
}

func checkFormat(format string) error {
	if format != "" && format != "sha1" {
		return fmt.Errorf("the repository has %s object IDs; CodeCommit and this package have sha1 alone", printable(format))
	}
	return nil
}

func (s *service) has(capability string) bool {
	_, ok := s.capabilities[capability]
	return ok
}

// maySendBlobs reports whether it makes sense to ask for blobs alone. In version 2
// it always does, as most servers give any object.
func (s *service) maySendBlobs() bool {
	return s.version == 2 || s.has("allow-any-sha1-in-want") || s.has("allow-reachable-sha1-in-want")
}

// body returns the request for the objects.
func (s *service) body(wanted []objectID, shallow bool) string {
	var b strings.Builder
	depth := ""
	if shallow {
		depth = line("deepen 1\n")
	}
	if s.version == 2 {
		b.WriteString(line("command=fetch"))
		if s.formats { // git before 2.28 refuses what it does not know
			b.WriteString(line("object-format=sha1"))
		}
		b.WriteString(delimiter)
		b.WriteString(line("no-progress\n") + line("ofs-delta\n"))
		for _, id := range wanted {
			b.WriteString(line("want %s\n", id))
		}
		return b.String() + depth + line("done\n") + flush
	}
	features := " side-band-64k"
	for _, name := range []string{"ofs-delta", "no-progress"} {
		if s.has(name) {
			features += " " + name
		}
	}
	for _, id := range wanted {
		b.WriteString(line("want %s%s\n", id, features))
		features = ""
	}
	return b.String() + depth + flush + line("done\n")
}

// pack returns a reader of the pack in the reply to such a request.
func (s *service) pack(r io.Reader) (io.Reader, error) {
	packets := &packetReader{r: r}
	for {
		p, err := packets.next()
		if err != nil {
			return nil, endless(err)
		}
		text := p.text()
		message, isError := strings.CutPrefix(text, "ERR ")
		switch {
		case isError:
			return nil, &refusedError{printable(message)}
		case s.version == 2 && text == "packfile", s.version == 0 && text == "NAK":
			return &packBand{r: packets}, nil
		case s.version == 0 && p.kind == packetData && !strings.HasPrefix(text, "shallow "):
			return nil, fmt.Errorf("the reply is none of Git's protocol: %q", printable(text))
		}
		if err := packets.skip(p); err != nil {
			return nil, err
		}
	}
}
