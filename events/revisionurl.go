package events

import (
	"net/url"
	"strings"

	"github.com/codesuite-go/codesuite/internal/console"
)

// parseURL takes the revision's URL apart and reports whether it knows it.
func (r *SourceRevision) parseURL() bool {
	u, err := url.Parse(r.URL)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Opaque != "" {
		return false
	}
	path, ok := segments(u.EscapedPath())
	if !ok {
		return false
	}
	host := strings.ToLower(u.Host)
	if region, ok := console.Region(host); ok {
		if region == "" {
			if region = queryValue(u.RawQuery, "region"); !console.ValidRegion(region) {
				region = ""
			}
		}
		return r.parseConsole(u, path, region)
	}
	switch host {
	case "github.com":
		// OWNER/REPO/commit/SHA, OWNER/REPO/tree/BRANCH
		return len(path) >= 4 && (path[2] == "commit" && len(path) == 4 || path[2] == "tree") &&
			r.setGitHub(path[0], path[1], path[2], path[3:])
	case "api.github.com":
		// repos/OWNER/REPO/git/commits/SHA, repos/OWNER/REPO/commits/SHA
		if len(path) == 6 && path[3] == "git" {
			path = append(path[:3:3], path[4:]...)
		}
		return len(path) == 5 && path[0] == "repos" && path[3] == "commits" &&
			r.setGitHub(path[1], path[2], "commit", path[4:])
	}
	return false
}

func (r *SourceRevision) setGitHub(owner, name, kind string, rest []string) bool {
	if !plainName(owner) || !plainName(name) {
		return false
	}
	r.Provider, r.Repository = ProviderGitHub, owner+"/"+name
	if kind == "tree" {
		r.Branch = strings.Join(rest, "/")
	} else if r.ID == "" {
		r.ID = rest[0]
	}
	return true
}

// parseConsole knows the consoles of connections, CodeCommit and S3.
func (r *SourceRevision) parseConsole(u *url.URL, path []string, region string) bool {
	switch where := strings.Join(path, "/"); {
	case where == "codesuite/settings/connections/redirect":
		// A "#" in it is one of a branch, as nothing is escaped.
		_, query, _ := strings.Cut(r.URL, "?")
		return r.parseRedirect(query)
	case where == "codecommit/home":
		// #/repository/NAME/commit/ID, #/repository/NAME/browse/BRANCH/--/PATH
		fragment, ok := segments(u.EscapedFragment())
		return ok && len(fragment) >= 2 && fragment[0] == "repository" &&
			r.setCodeCommit(fragment[1], fragment[2:], region)
	case len(path) >= 4 && strings.HasPrefix(where, "codesuite/codecommit/repositories/"):
		return r.setCodeCommit(path[3], path[4:], region)
	case path[0] == "s3":
		r.Provider, r.Region = ProviderS3, region
		return true
	}
	return false
}

func (r *SourceRevision) setCodeCommit(name string, rest []string, region string) bool {
	if !plainName(name) {
		return false
	}
	r.Provider, r.Repository, r.Region = ProviderCodeCommit, name, region
	if len(rest) < 2 {
		return true
	}
	switch rest[0] {
	case "commit":
		if r.ID == "" {
			r.ID = rest[1]
		}
	case "browse":
		ref, _, _ := strings.Cut(strings.Join(rest[1:], "/"), "/--")
		if tag, ok := strings.CutPrefix(ref, "refs/tags/"); ok {
			r.Tag = tag
		} else {
			r.Branch = strings.TrimPrefix(ref, "refs/heads/")
		}
	}
	return true
}

// parseRedirect reads the query with which the console goes to the repository
// of a connection.
func (r *SourceRevision) parseRedirect(query string) bool {
	repository, connection := queryValue(query, "FullRepositoryId"), queryValue(query, "connectionArn")
	region, ok := connectionRegion(connection)
	if !ok || !validRepository(repository) {
		return false
	}
	r.Repository, r.ConnectionARN, r.Region = repository, connection, region
	r.Branch = queryValue(query, "Branch")
	if r.ID == "" {
		r.ID = queryValue(query, "Commit")
	}
	return true
}

// queryValue returns the first value of the key. AWS does not escape what it
// puts into the query of a redirect, so that "+" is no space there: a space is
// in no branch.
func queryValue(query, key string) string {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		if value, ok := strings.CutPrefix(pair, key+"="); ok {
			if unescaped, err := url.PathUnescape(value); err == nil {
				return unescaped
			}
			return value
		}
	}
	return ""
}

// segments returns the unescaped elements of a path, without empty ones at its
// ends. ok is false for a path with an element that is empty or leads
// elsewhere.
func segments(escaped string) (path []string, ok bool) {
	path = strings.Split(strings.Trim(escaped, "/"), "/")
	for i, s := range path {
		s, err := url.PathUnescape(s)
		if err != nil || isDots(s) || s == "" && len(path) > 1 || strings.Contains(s, "/") {
			return nil, false
		}
		path[i] = s
	}
	return path, true
}

// plainName reports whether s is a name as GitHub and CodeCommit have them.
func plainName(s string) bool {
	return s != "" && !isDots(s) && strings.Trim(s,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == ""
}

// validRepository reports whether s is a full name of at least two parts,
// which may hold spaces and letters of any alphabet on some providers.
func validRepository(s string) bool {
	parts := strings.Split(s, "/")
	for _, part := range parts {
		if part == "" || isDots(part) || strings.ContainsFunc(part, func(c rune) bool {
			return c < ' ' || c == 0x7f || c == 0xfffd || strings.ContainsRune(`\?#%&`, c)
		}) {
			return false
		}
	}
	return len(parts) >= 2
}

// isDots reports whether s leads elsewhere in a path.
func isDots(s string) bool { return s == "." || s == ".." }

// connectionRegion returns the Region of a connection's ARN. Connections have
// two services: codestar-connections is that of older ones.
func connectionRegion(arn string) (region string, ok bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "codeconnections" && parts[2] != "codestar-connections" || !console.ValidRegion(parts[3]) {
		return "", false
	}
	return parts[3], true
}
