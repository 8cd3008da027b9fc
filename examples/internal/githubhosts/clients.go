package githubhosts

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/codesuite-go/codesuite/githubstatus"
)

// Clients returns a client for each host. They read their credentials from the
// secret.
func (s Settings) Clients(api API, logger *slog.Logger) (map[string]*githubstatus.Client, error) {
	clients := make(map[string]*githubstatus.Client)
	secret := secret{api, s.Secret}
	transport := s.transport()
	for _, host := range s.Hosts {
		base, err := githubstatus.BaseURL(host)
		if err != nil {
			return nil, err
		}
		credential := func(ctx context.Context) (string, error) { return secret.of(ctx, host, len(s.Hosts) == 1) }
		auth := githubstatus.TokenSource(credential)
		if app, ok := s.Apps[host]; ok {
			auth = githubstatus.App(app.ID, credential, func(o *githubstatus.AppOptions) { o.Installation = app.Installation })
		}
		clients[host] = githubstatus.New(auth, func(o *githubstatus.Options) {
			o.BaseURL, o.HTTPClient, o.Logger = base, &http.Client{Transport: transport}, logger
		})
	}
	return clients, nil
}
