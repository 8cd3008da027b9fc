package githubhosts

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/codesuite-go/codesuite/githubstatus"
)

// Settings are the settings in the environment.
type Settings struct {
	Secret string         // name or ARN
	Hosts  []string       // in lower case
	Apps   map[string]App // by host; the others use tokens
	Roots  *x509.CertPool // nil: those of the system
}

// App is a GitHub App, and one of its installations, or 0 for all.
type App struct{ ID, Installation int64 }

// Read reads the variables, whose names its errors tell.
func Read(getenv func(string) string) (Settings, error) {
	s := Settings{Secret: strings.TrimSpace(getenv("GITHUB_SECRET")), Apps: map[string]App{}}
	if s.Secret == "" {
		return s, errors.New("GITHUB_SECRET is not set: set it to the ARN of the secret with the token")
	}
	known := map[string]bool{}
	for _, host := range List(cmp.Or(getenv("GITHUB_HOSTS"), "github.com")) {
		base, err := githubstatus.BaseURL(host)
		if err != nil {
			return s, fmt.Errorf("GITHUB_HOSTS: %w", err)
		}
		if known[base] {
			return s, fmt.Errorf("GITHUB_HOSTS names %s twice", host)
		}
		known[base] = true
		s.Hosts = append(s.Hosts, host)
	}
	if len(s.Hosts) == 0 {
		return s, errors.New("GITHUB_HOSTS names no host: set it to such as github.com,git.example.com, or do not set it for github.com alone")
	}
	for _, entry := range List(getenv("GITHUB_APPS")) {
		host, a, err := parseApp(entry)
		if err != nil {
			return s, fmt.Errorf("GITHUB_APPS: %w", err)
		}
		if !slices.Contains(s.Hosts, host) {
			return s, fmt.Errorf("GITHUB_APPS: %q is not in GITHUB_HOSTS", host)
		}
		if _, ok := s.Apps[host]; ok {
			return s, fmt.Errorf("GITHUB_APPS names %s twice", host)
		}
		s.Apps[host] = a
	}
	return s, s.readRoots(getenv("GITHUB_CA"))
}

// List splits a list with commas, in lower case.
func List(text string) []string {
	var items []string
	for _, item := range strings.Split(text, ",") {
		if item = strings.ToLower(strings.TrimSpace(item)); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// parseApp reads APP_ID@HOST or APP_ID/INSTALLATION_ID@HOST.
func parseApp(entry string) (host string, a App, err error) {
	ids, host, _ := strings.Cut(entry, "@")
	id, installation, one := strings.Cut(ids, "/")
	a.ID, err = strconv.ParseInt(id, 10, 64)
	if err == nil && one {
		a.Installation, err = strconv.ParseInt(installation, 10, 64)
	}
	if err != nil || a.ID <= 0 || a.Installation < 0 || one && a.Installation == 0 || host == "" {
		return "", App{}, fmt.Errorf("%q is neither APP_ID@HOST nor APP_ID/INSTALLATION_ID@HOST, such as 12345@github.com", entry)
	}
	return host, a, nil
}

// readRoots adds the certificates, PEM in base64, to those of the system.
func (s *Settings) readRoots(ca string) error {
	if ca == "" {
		return nil
	}
	pem, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(ca), ""))
	if err != nil {
		return fmt.Errorf("GITHUB_CA is not in base64: set it to what \"base64 -w0 ca.pem\" prints: %w", err)
	}
	if s.Roots, err = x509.SystemCertPool(); err != nil {
		return fmt.Errorf("GITHUB_CA: certificates of the system: %w", err)
	}
	if !s.Roots.AppendCertsFromPEM(pem) {
		return errors.New("GITHUB_CA has no certificate: encode a PEM file with -----BEGIN CERTIFICATE-----")
	}
	return nil
}

// transport makes the calls to GitHub, through HTTPS_PROXY if it is set.
func (s Settings) transport() http.RoundTripper {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: s.Roots}
	return transport
}
