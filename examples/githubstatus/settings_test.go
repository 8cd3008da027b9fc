package main

import (
	"crypto/x509"
	"encoding/base64"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/examples/internal/githubhosts"
	"github.com/codesuite-go/codesuite/examples/internal/lambdatest"
	"github.com/codesuite-go/codesuite/examples/internal/tlsproxy"
)

func TestReadSettings(t *testing.T) {
	t.Parallel()
	_, ca := tlsproxy.Certificate(t, []string{"git.example.com"})
	for _, test := range []struct {
		name string
		env  map[string]string
		want settings
		err  string // a part; "" is none
	}{
		{"defaults", map[string]string{"GITHUB_SECRET": " arn "}, settings{Settings: githubhosts.Settings{Secret: "arn", Hosts: []string{"github.com"}, Apps: map[string]githubhosts.App{}}, checks: map[string]bool{}}, ""},
		{"all", map[string]string{
			"GITHUB_SECRET": "arn", "GITHUB_HOSTS": " GitHub.com , octocorp.ghe.com,git.example.com:8443,",
			"GITHUB_APPS": "12345/67890@github.com, 1@GIT.example.com:8443", "GITHUB_CHECKS": "GitHub.com", "PIPELINES_ACCOUNT": "111122223333",
		}, settings{account: "111122223333", Settings: githubhosts.Settings{
			Secret: "arn", Hosts: []string{"github.com", "octocorp.ghe.com", "git.example.com:8443"},
			Apps: map[string]githubhosts.App{"github.com": {ID: 12345, Installation: 67890}, "git.example.com:8443": {ID: 1}},
		}, checks: map[string]bool{"github.com": true}}, ""},
		{"no secret", nil, settings{}, "GITHUB_SECRET is not set"},
		{"no host", map[string]string{"GITHUB_SECRET": "arn", "GITHUB_HOSTS": " , "}, settings{}, "GITHUB_HOSTS names no host"},
		{"URL as host", map[string]string{"GITHUB_SECRET": "arn", "GITHUB_HOSTS": "https://git.example.com"}, settings{}, "GITHUB_HOSTS: "},
		{"host twice", map[string]string{"GITHUB_SECRET": "arn", "GITHUB_HOSTS": "github.com,api.github.com"}, settings{}, "GITHUB_HOSTS names api.github.com twice"},
		{"app of no host", map[string]string{"GITHUB_SECRET": "arn", "GITHUB_APPS": "1/2@git.example.com"}, settings{}, `GITHUB_APPS: "git.example.com" is not in GITHUB_HOSTS`},
		{"app twice", map[string]string{"GITHUB_SECRET": "arn", "GITHUB_APPS": "1/2@github.com,3/4@github.com"}, settings{}, "GITHUB_APPS names github.com twice"},
		{"empty installation", map[string]string{"GITHUB_SECRET": "arn", "GITHUB_APPS": "1/@github.com"}, settings{}, "APP_ID/INSTALLATION_ID@HOST"},
		{"check runs without an App", map[string]string{"GITHUB_SECRET": "arn", "GITHUB_CHECKS": "github.com"}, settings{}, `GITHUB_CHECKS: "github.com" has no GitHub App`},
		{"app without host", map[string]string{"GITHUB_SECRET": "arn", "GITHUB_APPS": "1/2"}, settings{}, "APP_ID/INSTALLATION_ID@HOST"},
		{"app zero", map[string]string{"GITHUB_SECRET": "arn", "GITHUB_APPS": "0/2@github.com"}, settings{}, "APP_ID/INSTALLATION_ID@HOST"},
		{"installation zero", map[string]string{"GITHUB_SECRET": "arn", "GITHUB_APPS": "1/0@github.com"}, settings{}, "APP_ID/INSTALLATION_ID@HOST"},
		{"CA not encoded", map[string]string{"GITHUB_SECRET": "arn", "GITHUB_CA": "-----BEGIN CERTIFICATE-----"}, settings{}, "GITHUB_CA is not in base64"},
		{"CA without certificate", map[string]string{"GITHUB_SECRET": "arn", "GITHUB_CA": base64.StdEncoding.EncodeToString([]byte("git.example.com"))}, settings{}, "GITHUB_CA has no certificate"},
	} {
		got, err := readSettings(func(name string) string { return test.env[name] })
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s: got error %v, want %q", test.name, err, test.err)
			}
			continue
		}
		if d := cmp.Diff(test.want, got, cmp.AllowUnexported(settings{})); err != nil || d != "" {
			t.Errorf("%s: %v, mismatch (-want +got):\n%s", test.name, err, d)
		}
	}
	wrapped := ca[:64] + " " + ca[64:128] + "\n" + ca[128:] + "\n" // as base64 prints it without -w0, and shells change it
	got, err := readSettings(func(name string) string {
		return map[string]string{"GITHUB_SECRET": "arn", "GITHUB_CA": wrapped}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	want, err := x509.SystemCertPool() // github.com is among the hosts, too
	if err != nil {
		t.Fatal(err)
	}
	text, err := base64.StdEncoding.DecodeString(ca)
	if err != nil || !want.AppendCertsFromPEM(text) {
		t.Fatalf("%v: %s", err, text)
	}
	if !want.Equal(got.Roots) {
		t.Error("CA: the certificates are not those of the system and the CA")
	}
}

// The program ends with an error in its log, which Lambda shows.
func TestCannotStart(t *testing.T) {
	t.Parallel()
	program := exec.CommandContext(t.Context(), lambdatest.Build(t))
	program.Env = append(os.Environ(), "GITHUB_SECRET=")
	log, err := program.CombinedOutput()
	if err == nil || !strings.Contains(string(log), `"error":"GITHUB_SECRET is not set`) {
		t.Errorf("%v, log:\n%s", err, log)
	}
}
