package githubstatus

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Options configure a [Client]. The zero value holds the defaults.
type Options struct {
	// BaseURL is the address of the REST API; [BaseURL] makes it of a host's
	// name. It is https://api.github.com by default, https://HOST/api/v3 for
	// GitHub Enterprise Server, and https://api.SUBDOMAIN.ghe.com for
	// Enterprise Cloud with data residency. Plain http is refused unless the
	// host is "localhost" or a loopback address.
	BaseURL string

	// HTTPClient makes the calls, for example through a proxy or with the CA
	// of a GitHub Enterprise Server. Its Transport must not be set together
	// with the Auth of [Transport]. Its redirect policy is not used: a
	// redirect is an error. The default uses http.DefaultTransport.
	HTTPClient *http.Client

	// APIVersion is the X-GitHub-Api-Version to ask for. The default is
	// "2022-11-28".
	APIVersion string

	// Timeout is how long one attempt may take, from the connection to the
	// end of the reply. GitHub itself gives up after 10 seconds. The default
	// is 15 seconds.
	Timeout time.Duration

	// MaxAttempts is how often a call is tried at most; 1 is without retries.
	// The default is 10, which takes about two minutes if the server is down
	// all the time.
	MaxAttempts int

	// MaxElapsed is how long a call and its retries may take if the context
	// has no deadline. The default is 5 minutes.
	MaxElapsed time.Duration

	// SoleWriter says that nobody else sets the contexts that this client
	// sets. What it has sent itself is then known to be the newest status, and
	// setting it again calls nothing. Without it GitHub is asked first, see
	// [Client.Set]. It must not be set in a Lambda function, of which several
	// instances run at once.
	SoleWriter bool

	// Logger is told about calls that are tried again (Warn), and about
	// statuses that were sent or left out (Debug). The default is silent.
	Logger *slog.Logger
}

// Client sets statuses on one GitHub host. It is safe for concurrent use. Its
// calls are made one after another, as GitHub asks for.
type Client struct {
	auth    Auth
	options Options
}

// New returns a client of the GitHub host in Options.BaseURL. It calls
// nothing: options that cannot work are the error of the first call.
func New(auth Auth, optFns ...func(*Options)) *Client {
	c := &Client{auth: auth}
	for _, fn := range optFns {
		fn(&c.options)
	}
	return c
}

// Set gives the commit a status. It returns nil once GitHub has it.
func (c *Client) Set(ctx context.Context, commit Commit, status Status) error {
	panic("not yet")
}

// Newest returns the newest status of the commit in the context, whoever set
// it, and whether there is one.
func (c *Client) Newest(ctx context.Context, commit Commit, statusContext string) (status Status, ok bool, err error) {
	panic("not yet")
}
