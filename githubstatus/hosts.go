package githubstatus

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/codesuite-go/codesuite/internal/githubhost"
)

// defaultBaseURL is the REST API of github.com.
const defaultBaseURL = "https://api.github.com"

// BaseURL returns the address of the REST API of a GitHub host:
// https://api.github.com for "github.com", https://api.SUBDOMAIN.ghe.com for
// "SUBDOMAIN.ghe.com" (Enterprise Cloud with data residency), and
// https://HOST/api/v3 for any other, which is then a GitHub Enterprise Server.
// The host may have a port.
func BaseURL(host string) (string, error) {
	h := githubhost.Normal(host)
	u, err := url.Parse("https://" + h)
	if err != nil || u.Host != h || u.Hostname() == "" || strings.ContainsAny(h, " \t\r\n\\") ||
		strings.Contains(u.Hostname(), ":") && h[0] != '[' {
		return "", fmt.Errorf("githubstatus: %q is not the name of a host, such as github.com or git.example.com:8443",
			shorten(withoutSecrets(host, nil), 200))
	}
	switch {
	case h == "github.com":
		return defaultBaseURL, nil
	case githubhost.DataResidency(h):
		return "https://api." + h, nil
	}
	return "https://" + h + "/api/v3", nil
}

// Hosts are the setters of several GitHub hosts, such as a [*Client] for each, by
// the host's name such as "github.com", "octocorp.ghe.com" or
// "git.example.com:8443".
type Hosts map[string]Setter

// Setter returns the setter for the host, and whether there is one. Upper and
// lower case are the same, and so are a host and the host of its API, such as
// "github.com" and "api.github.com".
func (h Hosts) Setter(host string) (Setter, bool) {
	host = githubhost.Normal(host)
	if s, ok := h[host]; ok {
		return s, s != nil
	}
	for name, s := range h {
		if githubhost.Normal(name) == host {
			return s, s != nil
		}
	}
	return nil, false
}

// checkBaseURL returns the base URL without a slash at its end.
func checkBaseURL(base string) (string, error) {
	if base == "" {
		return defaultBaseURL, nil
	}
	u, err := url.Parse(base)
	if err != nil {
		return "", errors.New("BaseURL cannot be parsed") // the cause shows it, with a password if there is one
	}
	host := githubhost.Normal(u.Host)
	switch {
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return "", errors.New("BaseURL is not an absolute URL such as https://git.example.com/api/v3")
	case u.User != nil:
		return "", errors.New("BaseURL has a user name or password: use an Auth")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", errors.New("BaseURL has a query or fragment")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return "", fmt.Errorf("BaseURL of %s is plain http, which would show the token to everybody on the way: use https", u.Host)
	case (host == "github.com" || githubhost.DataResidency(host)) && !strings.HasPrefix(strings.ToLower(u.Host), "api."):
		return "", fmt.Errorf("BaseURL of %s is not that of the REST API: use https://api.%s", u.Host, host)
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
