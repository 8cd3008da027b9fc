// Package githubhost compares the names of GitHub hosts.
package githubhost

import "strings"

// Public is the host of github.com.
const Public = "github.com"

// Normal returns the name of the host that people open in a browser, in lower
// case and without the port of https. The host of an API, such as
// "api.github.com", is that of its web pages.
func Normal(host string) string {
	h := strings.ToLower(strings.TrimSpace(host))
	h = strings.TrimSuffix(h, ":443")
	h = strings.TrimSuffix(h, ".")
	switch web := strings.TrimPrefix(h, "api."); {
	case h == "www.github.com", web == Public:
		return Public
	case DataResidency(web):
		return web
	}
	return h
}

// DataResidency reports whether the host is an enterprise's below ghe.com.
func DataResidency(host string) bool {
	sub, ok := strings.CutSuffix(host, ".ghe.com")
	return ok && sub != "" && !strings.Contains(sub, ".")
}
