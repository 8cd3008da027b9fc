package githubstatus

// BaseURL returns the address of the REST API of a GitHub host:
// https://api.github.com for "github.com", https://api.SUBDOMAIN.ghe.com for
// "SUBDOMAIN.ghe.com", and https://HOST/api/v3 for any other, which is then a
// GitHub Enterprise Server. The host may have a port.
func BaseURL(host string) (string, error) {
	panic("not yet")
}

// Hosts are the clients of several GitHub hosts, by the host's name such as
// "github.com" or "git.example.com:8443".
type Hosts map[string]*Client

// Client returns the client for the host, and whether there is one.
// Upper and lower case are the same, and so are "github.com" and
// "api.github.com".
func (h Hosts) Client(host string) (*Client, bool) {
	panic("not yet")
}
