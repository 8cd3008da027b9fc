package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/internal/githubtest"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func newKey(t *testing.T) (key *rsa.PrivateKey, text string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

// setKey stores a private key as "jq" does.
func (w *world) setKey(host, key string) {
	text, err := json.Marshal(map[string]string{host: key})
	if err != nil {
		w.t.Fatal(err)
	}
	w.setSecret(key) // whose lines are hidden
	w.secrets.Set(string(text))
}

// minted returns how many installation tokens were asked for, and the last
// token that a status was sent with.
func minted(server *githubtest.Server) (n int, token string) {
	for _, call := range server.Calls() {
		if strings.HasSuffix(call.Path, "/access_tokens") {
			n++
			continue
		}
		_, token, _ = strings.Cut(call.Header.Get("Authorization"), " ")
	}
	return n, token
}

func testApp(t *testing.T, binary string) {
	key, text := newKey(t)
	w := newWorld(t, binary, pipelineOf("website", website(commitA)),
		pipelineOf("api", connectionTo("GitHubEnterpriseServer", "https://git.example.com", "Source", "octo/api", commitA)))
	w.github.RevokeToken(githubtest.Token)
	w.github.AddApp(12345, 67890, &key.PublicKey)
	w.env = append(w.env, "GITHUB_APPS=12345/67890@github.com")
	w.setSecret(text) // as it stands, as there is but one host
	start := func(commit string) {
		t.Helper()
		w.run(t, "website", pipelinetest.Trigger{}, pipelinetest.SourceRevision{Action: "Source", Revision: pipelinetest.Revision{ID: commit}})
		if got := newest(w.github, "octo/website", commit, "codepipeline/website").State; got != "success" {
			t.Errorf("the state of %s is %q", commit, got)
		}
	}

	start(commitA)
	w.none(t)
	n, token := minted(w.github)
	if n != 1 || !strings.HasPrefix(token, "ghs_") {
		t.Errorf("%d tokens were asked for, want one that is kept", n)
	}

	// The installation was suspended and is back: a new token takes the place of
	// the refused one at once.
	w.github.RevokeToken(token)
	start(commitB)
	if n, _ := minted(w.github); n != 2 || len(w.errors) != 0 || len(w.dead) != 0 {
		t.Errorf("%d tokens were asked for, want 2; %d events are dead, %d invocations failed:\n%s", n, len(w.dead), len(w.errors), strings.Join(w.errors, "\n"))
	}

	// The key was replaced, which is noticed as the token must be renewed.
	w.errors = nil
	w.github.SetTokenLife(time.Second)
	_, token = minted(w.github)
	w.github.RevokeToken(token)
	key, text = newKey(t)
	w.github.AddApp(12345, 67890, &key.PublicKey)
	w.setKey("github.com", text)
	start(commitC)
	if len(w.dead) != 0 || len(w.errors) > 1 {
		t.Errorf("%d events are dead, %d invocations failed:\n%s", len(w.dead), len(w.errors), strings.Join(w.errors, "\n"))
	}
	w.errors = nil
	key, text = newKey(t)
	w.github.AddApp(12345, 67890, &key.PublicKey)
	w.setKey("github.com", text)
	start(strings.Repeat("d", 40))
	w.none(t)

	// An app and a token on two hosts.
	w.stop()
	w.github.SetTokenLife(time.Hour)
	w.github.RevokeToken(githubtest.Token)
	w.enterprise.RevokeToken(githubtest.Token)
	w.enterprise.AddApp(1, 2, &key.PublicKey)
	w.github.AddToken("github_pat_besideAnApp0123456789")
	w.env = append(w.env, "GITHUB_HOSTS=github.com,git.example.com", "GITHUB_APPS=1/2@git.example.com")
	both, err := json.Marshal(map[string]string{"github.com": "github_pat_besideAnApp0123456789", "git.example.com": text})
	if err != nil {
		t.Fatal(err)
	}
	w.secrets.Set(string(both))
	w.hidden = append(w.hidden, "github_pat_besideAnApp0123456789")
	start(strings.Repeat("e", 40))
	w.run(t, "api", pipelinetest.Trigger{})
	w.none(t)
	want(t, w.enterprise, "octo/api", commitA, "codepipeline/api", "pending success", "Succeeded")
}

func testAppRefused(t *testing.T, binary string) {
	key, text := newKey(t)
	_, other := newKey(t)
	w := newWorld(t, binary, pipelineOf("website", website(commitA)))
	w.github.AddApp(12345, 67890, &key.PublicKey)
	w.tries = 1
	for _, test := range []struct{ name, apps, secret, message string }{
		{"other key", "12345/67890@github.com", other, "401"},
		{"other installation", "12345/1@github.com", text, "install the GitHub App"},
		{"other app", "1/67890@github.com", text, "Integration not found"},
		{"no key", "12345/67890@github.com", "ghp_isATokenAndNoKey0123456789", "it is not in PEM"},
	} {
		w.stop()
		w.env = append(w.env, "GITHUB_APPS="+test.apps)
		w.setSecret(test.secret)
		w.dead, w.errors = nil, nil
		w.run(t, "website", pipelinetest.Trigger{})
		if len(w.dead) == 0 || !strings.Contains(w.errors[0], test.message) {
			t.Errorf("%s: %d events are dead, want %q:\n%s", test.name, len(w.dead), test.message, strings.Join(w.errors, "\n"))
		}
	}
	w.setSecret(text)
	w.stop()
	w.env = append(w.env, "GITHUB_APPS=12345/67890@github.com")
	w.github.SetFaults(githubtest.Fail(502), githubtest.SecondaryLimit(429, "1")) // of the token
	w.redrive()
	if got := newest(w.github, "octo/website", commitA, "codepipeline/website").State; got != "success" {
		t.Errorf("the state is %q:\n%s", got, strings.Join(w.errors, "\n"))
	}
}

// An App that two organizations have installed, with check runs.
func testAppChecks(t *testing.T, binary string) {
	key, text := newKey(t)
	w := newWorld(t, binary, pipelineOf("website", website(commitA)),
		pipelineOf("shop", connectionTo("GitHub", "", "Source", "corp/shop", commitA)))
	w.github.AddRepository("corp/shop")
	w.github.RevokeToken(githubtest.Token)
	w.github.AddOwnerApp(12345, 1, &key.PublicKey, "octo")
	w.github.AddOwnerApp(12345, 2, &key.PublicKey, "corp")
	w.env = append(w.env, "GITHUB_APPS=12345@github.com", "GITHUB_CHECKS=github.com")
	w.setSecret(text)
	for name, repository := range map[string]string{"website": "octo/website", "shop": "corp/shop"} {
		w.run(t, name, pipelinetest.Trigger{})
		runs := w.github.CheckRuns(repository, commitA)
		if len(runs) != 1 || runs[0].Name != "codepipeline/"+name || runs[0].Conclusion != "success" || runs[0].AppID != 12345 {
			t.Errorf("check runs of %s: %+v", repository, runs)
		}
		if n := len(w.github.Statuses(repository, commitA)); n > 0 {
			t.Errorf("%d statuses beside the check run", n)
		}
	}
	w.none(t)
}
