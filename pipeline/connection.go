package pipeline

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	awscodeconnections "github.com/aws/aws-sdk-go-v2/service/codeconnections"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/console"
)

// parseConnectionARN parses the ARN of a connection or a host. Both services are
// current: connections that were made before 2024 keep codestar-connections.
func parseConnectionARN(s string) (arn.ARN, bool) {
	a, err := arn.Parse(s)
	if err != nil || a.Service != "codeconnections" && a.Service != "codestar-connections" || !console.ValidRegion(a.Region) {
		return arn.ARN{}, false
	}
	return a, true
}

// needsConnection reports whether the connection has fields that r lacks.
func needsConnection(r *Revision) bool {
	if r.ConnectionARN == "" || r.Host != "" {
		return false
	}
	return r.Provider == "" || r.Provider == events.ProviderGitHubEnterpriseServer || r.Provider == events.ProviderGitLabSelfManaged
}

const (
	// connectionTimeout ends lookups in a network that does not reach the service,
	// such as a VPC without an endpoint for it.
	connectionTimeout = 10 * time.Second
	// connectionPause is how long a failure that may pass by itself is kept, so
	// that not each revision and each poll waits for it.
	connectionPause = 30 * time.Second
	// connectionRetry is how long any other failure is kept.
	connectionRetry = 5 * time.Minute
)

// connected is the provider and the host behind a connection.
type connected struct {
	provider events.Provider
	host     string
}

// hostCache keeps the lookups of connections. Its zero value works.
type hostCache struct {
	mu      sync.Mutex
	entries map[string]*hostEntry // by the connection's ARN
}

// hostEntry is the last lookup of one connection. Whoever has put an element into
// turn may use it.
type hostEntry struct {
	turn chan struct{}
	connected
	known bool
	err   error
	until time.Time // for errors
}

// entry returns the entry of the connection, which is made if there is none.
func (h *hostCache) entry(connectionARN string) *hostEntry {
	h.mu.Lock()
	defer h.mu.Unlock()
	entry := h.entries[connectionARN]
	if entry == nil {
		if h.entries == nil {
			h.entries = make(map[string]*hostEntry)
		}
		entry = &hostEntry{turn: make(chan struct{}, 1)}
		h.entries[connectionARN] = entry
	}
	return entry
}

// connect looks up the missing Host and Provider of the revisions by their
// connections. Only a context that has ended is an error: an execution without
// the host is still of use.
func (c *Client) connect(ctx context.Context, revisions []Revision) error {
	if c.options.Connections == nil {
		return nil
	}
	for i := range revisions {
		r := &revisions[i]
		if !needsConnection(r) {
			continue
		}
		found, err := c.connection(ctx, r.ConnectionARN)
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			r.HostErr = err
			continue
		}
		if r.Provider == "" {
			r.Provider = found.provider
		}
		r.Host = found.host
	}
	return nil
}

// connection returns the provider and the host behind the connection, from the
// cache if possible. One call at a time looks a connection up, and the others
// wait for its result.
func (c *Client) connection(ctx context.Context, connectionARN string) (connected, error) {
	entry := c.hosts.entry(connectionARN)
	select {
	case entry.turn <- struct{}{}:
		defer func() { <-entry.turn }()
	case <-ctx.Done():
		return connected{}, &Error{Operation: opGetConnection, Object: connectionARN, Err: ctx.Err()}
	}
	if entry.known && (entry.err == nil || time.Now().Before(entry.until)) {
		return entry.connected, entry.err
	}

	lookup, cancel := context.WithTimeout(ctx, connectionTimeout)
	defer cancel()
	found, err := c.lookUp(lookup, connectionARN)
	keep := connectionRetry
	if err != nil {
		if ctx.Err() != nil {
			return connected{}, err
		}
		c.options.Logger.WarnContext(ctx, "pipeline: the host of a connection is not known", "connection", connectionARN, "error", err)
		if lookup.Err() != nil || apierror.Throttled(err) || apierror.Status(err) >= 500 || apierror.Connection(err) {
			keep = connectionPause
		}
	}
	entry.connected, entry.err, entry.known, entry.until = found, err, true, time.Now().Add(keep)
	return found, err
}

// lookUp asks CodeConnections, in the Region of the connection.
func (c *Client) lookUp(ctx context.Context, connectionARN string) (connected, error) {
	a, ok := parseConnectionARN(connectionARN)
	if !ok {
		return connected{}, &Error{Operation: opGetConnection, Object: connectionARN, Err: errors.New("this is no ARN of a connection")}
	}
	inRegion := func(o *awscodeconnections.Options) { o.Region = a.Region }
	api := c.options.Connections
	out, err := call(ctx, opGetConnection, "", connectionARN, api.GetConnection,
		&awscodeconnections.GetConnectionInput{ConnectionArn: &connectionARN}, inRegion)
	if err != nil {
		return connected{}, err
	}
	if out.Connection == nil {
		return connected{}, &Error{Operation: opGetConnection, Object: connectionARN, Err: apierror.ErrNoReply}
	}
	found := connected{provider: events.Provider(out.Connection.ProviderType)}
	hostARN := aws.ToString(out.Connection.HostArn)
	if hostARN == "" {
		found.host = found.provider.PublicHost()
		return found, nil
	}
	host, err := call(ctx, opGetHost, "", hostARN, api.GetHost, &awscodeconnections.GetHostInput{HostArn: &hostARN}, inRegion)
	if err != nil {
		return connected{}, err
	}
	if found.host, err = hostOf(aws.ToString(host.ProviderEndpoint)); err != nil {
		return connected{}, &Error{Operation: opGetHost, Object: hostARN, Err: err}
	}
	return found, nil
}

// hostOf returns the host of an endpoint such as "https://git.example.com",
// with a port that is not the scheme's own.
func hostOf(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		// Not shown, as it may hold a password.
		return "", errors.New("the host's endpoint is no URL of a server, such as https://git.example.com")
	}
	host := strings.ToLower(u.Host)
	switch u.Scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	}
	return strings.TrimSuffix(host, ":"), nil
}

// Operations of CodeConnections.
const (
	opGetConnection = "GetConnection"
	opGetHost       = "GetHost"
)
