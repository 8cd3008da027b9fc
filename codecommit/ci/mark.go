package ci

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// footer begins the last line of each comment of a [Handler].
const footer = "codesuite · review"

// mark is the last line of a comment, by which a Handler finds the comment again. It
// is for readers as well: CodeCommit is not known to hide anything of a comment.
type mark struct {
	flow       string
	revision   string // short
	build      string // such as "build 12", "" without one
	start      time.Time
	state      State
	superseded string // the short commit of the newer revision
}

// markOf returns the mark of the comment for the report.
func markOf(r *Report) mark {
	m := mark{
		flow: r.Flow, revision: shortRevision(r.PullRequest.RevisionID), state: r.State,
		start: r.Build.Start.UTC().Truncate(time.Millisecond), superseded: shortCommit(r.SupersededBy),
	}
	switch number := strconv.FormatInt(r.Build.Number, 10); {
	case r.Build.ID == "":
	case r.Build.Batch:
		m.build = "batch build " + number
	default:
		m.build = "build " + number
	}
	return m
}

const (
	markSeparator = " · "
	markTime      = "2006-01-02T15:04:05.000Z"
)

func (m mark) String() string {
	fields := []string{footer, m.flow, "revision " + m.revision}
	if m.build != "" {
		fields = append(fields, m.build)
	}
	if !m.start.IsZero() {
		fields = append(fields, "started "+m.start.Format(markTime))
	}
	if m.state != "" {
		fields = append(fields, string(m.state))
	}
	if m.superseded != "" {
		fields = append(fields, "superseded by "+m.superseded)
	}
	return strings.Join(fields, markSeparator)
}

// parseMark returns the mark of a comment.
func parseMark(comment string) (m mark, ok bool) {
	lines := strings.Split(strings.TrimSpace(comment), "\n")
	rest, ok := strings.CutPrefix(strings.TrimSpace(lines[len(lines)-1]), footer+markSeparator)
	if !ok {
		return mark{}, false
	}
	fields := strings.Split(rest, markSeparator)
	m.flow = fields[0]
	for _, field := range fields[1:] {
		word, value, _ := strings.Cut(field, " ")
		switch word {
		case "revision":
			m.revision = value
		case "build", "batch":
			m.build = field
		case "started":
			m.start, _ = time.Parse(markTime, value)
		case "superseded":
			m.superseded = strings.TrimPrefix(value, "by ")
		default:
			m.state = State(field)
		}
	}
	return m, m.flow != "" && m.revision != ""
}

// after reports whether the mark is of a newer result of the same revision than the
// other: of a later build, or of the same build when that has ended.
func (m mark) after(other mark) bool {
	if m.build == "" || other.build == "" {
		return m.build != "" && m.build != other.build
	}
	if c := m.start.Compare(other.start); c != 0 {
		return c > 0
	}
	if m.build != other.build {
		return number(m.build) > number(other.build)
	}
	return m.state.Terminal() && !other.state.Terminal()
}

// number returns the number of a build, for builds of one moment.
func number(build string) int {
	n, _ := strconv.Atoi(build[strings.LastIndexByte(build, ' ')+1:])
	return n
}

// shortRevision returns a name of the revision for readers.
func shortRevision(id string) string {
	const length = 12
	if len(id) < length || strings.Trim(id, "0123456789abcdef") != "" {
		sum := sha256.Sum256([]byte(id))
		id = hex.EncodeToString(sum[:])
	}
	return id[:length]
}

// shortCommit returns the first characters of a commit ID.
func shortCommit(id string) string { return id[:min(len(id), 8)] }
