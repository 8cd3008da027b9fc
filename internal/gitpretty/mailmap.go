package gitpretty

import "strings"

// A mailmap maps the names and addresses in commits to proper ones. Keys are
// in lower case.
type mailmap map[string]*mailmapEntry

type mailmapEntry struct {
	proper identity            // for any name
	byName map[string]identity // for particular names
}

// An identity replaces another one; its empty parts replace nothing.
type identity struct{ name, email string }

// parseMailmap parses a .mailmap file. What git ignores is ignored.
func parseMailmap(content []byte) mailmap {
	m := mailmap{}
	for line := range strings.SplitSeq(string(cutNUL(content)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		first, rest, ok := cutIdentity(line)
		if !ok || first.email == "" {
			continue
		}
		proper, commit := first, identity{email: first.email}
		if second, _, ok := cutIdentity(rest); ok {
			commit = second
		} else {
			proper.email = ""
		}
		key := lowerASCII(commit.email)
		entry := m[key]
		if entry == nil {
			entry = &mailmapEntry{byName: map[string]identity{}}
			m[key] = entry
		}
		if commit.name != "" {
			entry.byName[lowerASCII(commit.name)] = proper
			continue
		}
		if proper.name != "" {
			entry.proper.name = proper.name
		}
		if proper.email != "" {
			entry.proper.email = proper.email
		}
	}
	return m
}

// cutIdentity reads "Name <email>"; the name may be missing.
func cutIdentity(s string) (id identity, rest string, ok bool) {
	name, rest, ok := strings.Cut(s, "<")
	if !ok {
		return identity{}, "", false
	}
	email, rest, ok := strings.Cut(rest, ">")
	return identity{strings.Trim(name, spaces), email}, rest, ok
}

func (m mailmap) lookup(name, email string) (properName, properEmail string) {
	entry := m[lowerASCII(email)]
	if entry == nil {
		return name, email
	}
	proper, ok := entry.byName[lowerASCII(name)]
	if !ok {
		proper = entry.proper
	}
	if proper.name != "" {
		name = proper.name
	}
	if proper.email != "" {
		email = proper.email
	}
	return name, email
}

// lowerASCII lowers ASCII letters, which alone git compares without case.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}
