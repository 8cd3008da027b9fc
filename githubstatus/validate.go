package githubstatus

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	namePattern = regexp.MustCompile(`^[\w.-]{1,100}$`)
	shaPattern  = regexp.MustCompile(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)
)

// checkCommit returns the commit as GitHub takes it.
func checkCommit(c Commit) (Commit, error) {
	c.SHA = strings.ToLower(c.SHA)
	if strings.Contains(c.Repo, "/") {
		return c, fmt.Errorf("%w: %q is not the name of a repository: put what is before the \"/\" into Owner", ErrInvalid, c.Repo)
	}
	for _, name := range []struct{ of, value string }{{"owner", c.Owner}, {"repository", c.Repo}} {
		switch {
		case name.value == "":
			return c, fmt.Errorf("%w: the name of the %s is empty", ErrInvalid, name.of)
		case !namePattern.MatchString(name.value) || name.value == "." || name.value == "..":
			return c, fmt.Errorf("%w: %q is not the name of %s %s: it has up to 100 letters, digits, '-', '_' and '.'",
				ErrInvalid, shorten(name.value, 100), article(name.of), name.of)
		}
	}
	if !shaPattern.MatchString(c.SHA) {
		return c, fmt.Errorf("%w: %q is not a full commit ID of 40 or 64 hexadecimal digits: GitHub takes no branches and no abbreviations here",
			ErrInvalid, shorten(c.SHA, 64))
	}
	return c, nil
}

func article(noun string) string {
	if noun == "owner" {
		return "an"
	}
	return "a"
}

// checkStatus returns the status as GitHub takes it.
func checkStatus(s Status) (Status, error) {
	switch s.State {
	case StatePending, StateSuccess, StateFailure, StateError:
	default:
		return s, fmt.Errorf("%w: %q is not a state: use %q, %q, %q or %q", ErrInvalid, shorten(string(s.State), 50),
			StatePending, StateSuccess, StateFailure, StateError)
	}
	var err error
	if s.Context, err = checkContext(s.Context); err != nil {
		return s, err
	}
	if err := checkTargetURL(s.TargetURL); err != nil {
		return s, fmt.Errorf("%w: %v", ErrInvalid, err)
	}
	return s, nil
}

// checkContext returns the context without white space around it, or that
// which GitHub takes if there is none. A context is never cut: two could become
// one.
func checkContext(name string) (string, error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return "default", nil
	case !utf8.ValidString(name):
		return name, fmt.Errorf("%w: the context is not UTF-8", ErrInvalid)
	case utf8.RuneCountInString(name) > MaxContext:
		return name, fmt.Errorf("%w: the context %q has %d characters: GitHub takes at most %d",
			ErrInvalid, shorten(name, 60), utf8.RuneCountInString(name), MaxContext)
	case strings.ContainsFunc(name, unicode.IsControl):
		return name, fmt.Errorf("%w: the context %q has control characters", ErrInvalid, shorten(name, 60))
	case strings.ContainsFunc(name, isSupplementary):
		return name, fmt.Errorf("%w: the context %q has characters above U+FFFF, such as emoji, which GitHub does not take",
			ErrInvalid, shorten(name, 60))
	}
	return name, nil
}

// checkTargetURL does not show the URL, as its query may have a signature.
func checkTargetURL(target string) error {
	if target == "" {
		return nil
	}
	u, err := url.Parse(target)
	switch {
	case err != nil:
		return errors.New("the target URL cannot be parsed")
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return errors.New("the target URL is not an absolute http or https URL")
	case u.User != nil:
		return errors.New("the target URL has a user name or password, which everybody could read")
	}
	return nil
}
