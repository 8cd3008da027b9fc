package main

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

// settings are the settings in the environment.
type settings struct {
	account string          // of the pipelines; "" if it is not compared
	secret  string          // name or ARN
	hosts   []string        // in lower case
	apps    map[string]app  // by host; the others use tokens
	checks  map[string]bool // hosts that get check runs
	roots   *x509.CertPool  // nil: those of the system
}

// app is a GitHub App, and one of its installations, or 0 for all.
type app struct{ id, installation int64 }

// readSettings reads the variables, whose names its errors tell.
func readSettings(getenv func(string) string) (settings, error) {
	s := settings{
		account: strings.TrimSpace(getenv("PIPELINES_ACCOUNT")), secret: strings.TrimSpace(getenv("GITHUB_SECRET")),
		apps: map[string]app{}, checks: map[string]bool{},
	}
	if s.secret == "" {
		return s, errors.New("GITHUB_SECRET is not set: set it to the ARN of the secret with the token")
	}
	known := map[string]bool{}
	for _, host := range list(cmp.Or(getenv("GITHUB_HOSTS"), "github.com")) {
		base, err := githubstatus.BaseURL(host)
		if err != nil {
			return s, fmt.Errorf("GITHUB_HOSTS: %w", err)
		}
		if known[base] {
			return s, fmt.Errorf("GITHUB_HOSTS names %s twice", host)
		}
		known[base] = true
		s.hosts = append(s.hosts, host)
	}
	if len(s.hosts) == 0 {
		return s, errors.New("GITHUB_HOSTS names no host: set it to such as github.com,git.example.com, or do not set it for github.com alone")
	}
	for _, entry := range list(getenv("GITHUB_APPS")) {
		host, a, err := parseApp(entry)
		if err != nil {
			return s, fmt.Errorf("GITHUB_APPS: %w", err)
		}
		if !slices.Contains(s.hosts, host) {
			return s, fmt.Errorf("GITHUB_APPS: %q is not in GITHUB_HOSTS", host)
		}
		if _, ok := s.apps[host]; ok {
			return s, fmt.Errorf("GITHUB_APPS names %s twice", host)
		}
		s.apps[host] = a
	}
	for _, host := range list(getenv("GITHUB_CHECKS")) {
		if _, ok := s.apps[host]; !ok {
			return s, fmt.Errorf("GITHUB_CHECKS: %q has no GitHub App in GITHUB_APPS, and only Apps can set check runs", host)
		}
		s.checks[host] = true
	}
	return s, s.readRoots(getenv("GITHUB_CA"))
}

// list splits a list with commas.
func list(text string) []string {
	var items []string
	for _, item := range strings.Split(text, ",") {
		if item = strings.ToLower(strings.TrimSpace(item)); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// parseApp reads APP_ID@HOST or APP_ID/INSTALLATION_ID@HOST.
func parseApp(entry string) (host string, a app, err error) {
	ids, host, _ := strings.Cut(entry, "@")
	id, installation, one := strings.Cut(ids, "/")
	a.id, err = strconv.ParseInt(id, 10, 64)
	if err == nil && one {
		a.installation, err = strconv.ParseInt(installation, 10, 64)
	}
	if err != nil || a.id <= 0 || a.installation < 0 || one && a.installation == 0 || host == "" {
		return "", app{}, fmt.Errorf("%q is neither APP_ID@HOST nor APP_ID/INSTALLATION_ID@HOST, such as 12345@github.com", entry)
	}
	return host, a, nil
}

// readRoots adds the certificates, PEM in base64, to those of the system.
func (s *settings) readRoots(ca string) error {
	if ca == "" {
		return nil
	}
	pem, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(ca), ""))
	if err != nil {
		return fmt.Errorf("GITHUB_CA is not in base64: set it to what \"base64 -w0 ca.pem\" prints: %w", err)
	}
	if s.roots, err = x509.SystemCertPool(); err != nil {
		return fmt.Errorf("GITHUB_CA: certificates of the system: %w", err)
	}
	if !s.roots.AppendCertsFromPEM(pem) {
		return errors.New("GITHUB_CA has no certificate: encode a PEM file with -----BEGIN CERTIFICATE-----")
	}
	return nil
}

// transport makes the calls to GitHub, through HTTPS_PROXY if it is set.
func (s settings) transport() http.RoundTripper {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: s.roots}
	return transport
}
