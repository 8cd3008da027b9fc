package trigger

import (
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/internal/branchslug"
)

// maxPrefix is the longest prefix that NameFor keeps, in characters.
const maxPrefix = 40

// NameFor returns the name of a trigger for the branch: the prefix and a hyphen,
// the branch as far as it fits, and a short hash of it, such as
// "ci-feature_-login-df7c7aeb35". Different branches get different names, also
// "feature/login" and "login". Characters of the prefix that names of triggers
// cannot hold are left out, as is what is beyond 40 characters.
func NameFor(prefix, branch string) string {
	p := cleanPrefix(prefix)
	return p + branchslug.Encode(branch, maxName-len(p))
}

// Branch returns the branch of a trigger that [NameFor] named with the prefix,
// and false for any other trigger. The name alone holds the branch, unless the
// branch is too long for it: then the branch is the one of t.Branches that has
// this name.
func Branch(prefix string, t Trigger) (branch string, ok bool) {
	slug, ok := strings.CutPrefix(t.Name, cleanPrefix(prefix))
	if !ok {
		return "", false
	}
	if branch, ok := branchslug.Decode(slug); ok && NameFor(prefix, branch) == t.Name {
		return branch, true
	}
	if i := slices.IndexFunc(t.Branches, func(b string) bool { return NameFor(prefix, b) == t.Name }); i >= 0 {
		return t.Branches[i], true
	}
	return "", false
}

// cleanPrefix returns the prefix with its hyphen, "" for none.
func cleanPrefix(prefix string) string {
	prefix = strings.Map(func(c rune) rune {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '-', c == '_':
			return c
		}
		return -1
	}, prefix)
	if prefix == "" {
		return ""
	}
	return prefix[:min(len(prefix), maxPrefix)] + "-"
}

// knownName returns the name that widely copied lifecycle functions give the
// trigger of a branch: "trigger-login-updates" for the branch feature/login, of
// which they keep the last segment alone.
func knownName(branch string) string {
	return "trigger-" + branch[strings.LastIndexByte(branch, '/')+1:] + "-updates"
}

// Known reports whether the existing trigger is one that a widely copied lifecycle
// function left for the branch of the wanted trigger: it is named like
// "trigger-login-updates", reports updates of that branch alone, and its destination
// is a Lambda function. Known is meant for [Options].Adopt.
//
// For the branch feature/login those functions wrote a trigger of the branch
// login. Known does not take it for one of feature/login, as login may exist.
func Known(existing, wanted Trigger) bool {
	return len(wanted.Branches) == 1 && len(existing.Branches) == 1 &&
		existing.Branches[0] == wanted.Branches[0] &&
		existing.Name == knownName(wanted.Branches[0]) &&
		slices.Equal(existing.Events, []Event{EventUpdate}) &&
		strings.Contains(existing.Destination, ":lambda:")
}
