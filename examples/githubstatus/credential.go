package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	awssecretsmanager "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/bradleyfalzon/ghinstallation/v2"
)

// secret holds the credentials of all hosts: one token or private key as plain
// text, or a JSON object with one for each host.
type secret struct {
	api *awssecretsmanager.Client
	id  string
}

// of reads the credential of a host, each time anew: a secret is rotated while
// the function runs. Its errors do not show what is in the secret.
func (s secret) of(ctx context.Context, host string, onlyHost bool) (string, error) {
	out, err := s.api.GetSecretValue(ctx, &awssecretsmanager.GetSecretValueInput{SecretId: &s.id})
	switch {
	case err != nil:
		return "", fmt.Errorf("read secret %s: %w", s.id, err)
	case out.SecretString == nil:
		return "", fmt.Errorf("secret %s is binary: store it as text", s.id)
	}
	text := strings.TrimSpace(*out.SecretString)
	if !strings.HasPrefix(text, "{") {
		if !onlyHost {
			return "", fmt.Errorf("secret %s is plain text, which would show the credential of one host to the others: make it a JSON object with a key for each host", s.id)
		}
		return text, nil
	}
	var values map[string]string
	if json.Unmarshal([]byte(text), &values) != nil { // its error may show a part
		return "", fmt.Errorf("secret %s is no JSON object whose values are strings", s.id)
	}
	for key, value := range values {
		if strings.EqualFold(key, host) && strings.TrimSpace(value) != "" {
			return value, nil
		}
	}
	if value := values["token"]; onlyHost && strings.TrimSpace(value) != "" {
		return value, nil
	}
	return "", fmt.Errorf("secret %s has nothing under the key %q", s.id, host)
}

// appTransport authenticates as an installation of a GitHub App. It reads the
// private key when it is first used, and again after a refusal, as the key may
// have been replaced.
type appTransport struct {
	app     app
	baseURL string
	key     func(context.Context) (string, error)
	base    http.RoundTripper

	mu      sync.Mutex
	current *ghinstallation.Transport
}

func (t *appTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	installation, refusal, err := t.installation(r.Context())
	if installation == nil {
		if r.Body != nil {
			r.Body.Close()
		}
		return refusal, err
	}
	resp, err := installation.RoundTrip(r)
	if err == nil && resp.StatusCode == http.StatusUnauthorized {
		t.forget(installation)
	}
	return resp, err
}

// installation returns a transport that has a token. If GitHub gives none, its
// reply takes the place of that to the call: it tells why, and when to try
// again.
func (t *appTransport) installation(ctx context.Context) (*ghinstallation.Transport, *http.Response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		used := t.current != nil
		if !used {
			if err := t.renew(ctx); err != nil {
				return nil, nil, err
			}
		}
		_, err := t.current.Token(ctx)
		if err == nil {
			return t.current, nil, nil
		}
		var failure *ghinstallation.HTTPError
		if !errors.As(err, &failure) || failure.Response == nil {
			return nil, nil, err
		}
		if failure.Response.StatusCode == http.StatusUnauthorized {
			t.current = nil
			if used {
				failure.Response.Body.Close()
				continue
			}
		}
		return nil, failure.Response, nil
	}
}

func (t *appTransport) renew(ctx context.Context) error {
	key, err := t.key(ctx)
	if err != nil {
		return err
	}
	current, err := ghinstallation.New(t.base, t.app.id, t.app.installation, []byte(key))
	if err != nil { // not told, as it is about what is in the secret
		return fmt.Errorf("GitHub App %d: the secret holds no RSA private key in PEM", t.app.id)
	}
	current.BaseURL = t.baseURL
	t.current = current
	return nil
}

func (t *appTransport) forget(refused *ghinstallation.Transport) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == refused {
		t.current = nil
	}
}
