package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/internal/githubtest"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func testGitHubFailsTwice(t *testing.T, binary string) {
	w := newWorld(t, binary, pipelineOf("website", website(commitA)))
	w.github.SetFaults(githubtest.Fail(502), githubtest.Fail(503))
	w.run(t, "website", pipelinetest.Trigger{})
	w.none(t)
	want(t, w.github, "octo/website", commitA, "codepipeline/website", "pending success", "Succeeded")
	if n := strings.Count(w.stop(), `"msg":"githubstatus: call failed, trying again"`); n != 2 {
		t.Errorf("the log tells %d failed calls, want 2", n)
	}
}

// The function gives up before its time is over, and Lambda tries it again.
func testGitHubDown(t *testing.T, binary string) {
	build, end := byHand("Build")
	w := newWorld(t, binary, pipelineOf("website", website(commitA), build))
	w.run(t, "website", pipelinetest.Trigger{})
	w.none(t)
	w.github.SetDown(githubtest.Fail(503))
	w.timeout = 1500 * time.Millisecond
	tries := 0
	w.tried = func(try int) {
		if tries++; try == 2 {
			w.github.Up()
			w.timeout = time.Minute
		}
	}
	end.Store(&pipelinetest.Outcome{})
	w.aws.Settle()
	if tries != 2 || len(w.dead) != 0 {
		t.Errorf("%d tries failed, and %d events are dead:\n%s", tries, len(w.dead), strings.Join(w.errors, "\n"))
	}
	want(t, w.github, "octo/website", commitA, "codepipeline/website", "pending success", "Succeeded")
}

func testLostConnections(t *testing.T, binary string) {
	w := newWorld(t, binary, pipelineOf("website", website(commitA)))
	w.github.SetFaults(githubtest.Drop(), githubtest.DropAfterStore(), githubtest.FailAfterStore(502))
	w.run(t, "website", pipelinetest.Trigger{})
	w.none(t)
	if got := newest(w.github, "octo/website", commitA, "codepipeline/website").State; got != "success" {
		t.Errorf("the state is %q", got)
	}
}

func testRateLimit(t *testing.T, binary string) {
	w := newWorld(t, binary, pipelineOf("website", website(commitA)))
	w.github.SetFaults(githubtest.SecondaryLimit(http.StatusForbidden, "1"))
	w.run(t, "website", pipelinetest.Trigger{})
	w.none(t)
	want(t, w.github, "octo/website", commitA, "codepipeline/website", "pending success", "Succeeded")

	// One that outlasts the function's time is left to Lambda's retries at once.
	w.run(t, "website", pipelinetest.Trigger{}, pipelinetest.SourceRevision{Action: "Source", Revision: pipelinetest.Revision{ID: commitB}})
	w.none(t)
	w.github.SetFaults(githubtest.PrimaryLimit(time.Now().Add(time.Hour)))
	begin := time.Now()
	w.run(t, "website", pipelinetest.Trigger{}, pipelinetest.SourceRevision{Action: "Source", Revision: pipelinetest.Revision{ID: commitC}})
	if len(w.dead) == 0 || !strings.Contains(w.errors[0], "rate limit exceeded, try again at ") {
		t.Errorf("%d events are dead:\n%s", len(w.dead), strings.Join(w.errors, "\n"))
	}
	if took := time.Since(begin); took > w.timeout {
		t.Errorf("took %v", took)
	}
}

func testThrottling(t *testing.T, binary string) {
	w := newWorld(t, binary, pipelineOf("website", website(commitA)))
	var calls atomic.Int32
	w.aws.SetFaults(pipelinetest.Faults{Fail: func(string) string {
		if calls.Add(1) == 2 {
			return "ThrottlingException"
		}
		return ""
	}})
	w.run(t, "website", pipelinetest.Trigger{})
	w.none(t)
	want(t, w.github, "octo/website", commitA, "codepipeline/website", "pending success", "Succeeded")
}

// The secret is rotated while an instance holds the old token.
func testRotatedToken(t *testing.T, binary string) {
	const old, rotated = "github_pat_old0123456789", "github_pat_rotated0123456789"
	build, end := byHand("Build")
	w := newWorld(t, binary, pipelineOf("website", website(commitA), build))
	w.github.AddToken(old)
	w.setSecret(" " + old + "\n")
	w.run(t, "website", pipelinetest.Trigger{})
	w.github.RevokeToken(old)
	w.github.AddToken(rotated)
	w.setSecret(`{"token": "` + rotated + `", "comment": "made by hand"}`)
	w.hidden = append(w.hidden, rotated)
	end.Store(&pipelinetest.Outcome{})
	w.aws.Settle()
	w.none(t)
	want(t, w.github, "octo/website", commitA, "codepipeline/website", "pending success", "Succeeded")
	if n := w.secrets.Calls()["GetSecretValue"]; n != 2 {
		t.Errorf("the secret was read %d times, want twice", n)
	}
}

// The token has expired and nobody has rotated the secret: the events wait for
// somebody to do so.
func testExpiredToken(t *testing.T, binary string) {
	const renewed = "github_pat_renewed0123456789"
	w := newWorld(t, binary, pipelineOf("website", website(commitA)))
	w.github.RevokeToken(githubtest.Token)
	w.run(t, "website", pipelinetest.Trigger{})
	if len(w.dead) == 0 || !strings.Contains(w.errors[0], "401") || !strings.Contains(w.errors[0], "renew it") {
		t.Errorf("%d events are dead:\n%s", len(w.dead), strings.Join(w.errors, "\n"))
	}
	w.github.AddToken(renewed)
	w.setSecret(renewed)
	w.redrive()
	if len(w.dead) != 0 {
		t.Errorf("%d events are dead:\n%s", len(w.dead), strings.Join(w.errors, "\n"))
	}
	want(t, w.github, "octo/website", commitA, "codepipeline/website", "success", "Succeeded")
}

func testMissingPermission(t *testing.T, binary string) {
	const token = "github_pat_readsOnly0123456789"
	w := newWorld(t, binary, pipelineOf("website", website(commitA)))
	w.github.AddReadOnlyToken(token)
	w.setSecret(token)
	w.run(t, "website", pipelinetest.Trigger{})
	if len(w.dead) == 0 || !strings.Contains(w.errors[0], "403") || !strings.Contains(w.errors[0], "statuses=write") {
		t.Errorf("%d events are dead:\n%s", len(w.dead), strings.Join(w.errors, "\n"))
	}
}

func testMissingRepository(t *testing.T, binary string) {
	gone := website(commitB)
	gone.Configuration["Repo"] = "gone"
	w := newWorld(t, binary, pipelineOf("website", website(commitA)), pipelineOf("gone", gone))
	w.github.AddRepository("octo/website", commitC) // and not commitA
	for name, message := range map[string]string{"website": "No commit found for SHA", "gone": "404"} {
		w.run(t, name, pipelinetest.Trigger{})
		if len(w.dead) == 0 || !strings.Contains(w.errors[len(w.errors)-1], message) {
			t.Errorf("%d events are dead, want %q:\n%s", len(w.dead), message, strings.Join(w.errors, "\n"))
		}
	}
}

func testSecrets(t *testing.T, binary string) {
	w := newWorld(t, binary, pipelineOf("website", website(commitA)))
	w.run(t, "website", pipelinetest.Trigger{})
	w.none(t)
	all := w.aws.Events()
	last := all[len(all)-1]
	for _, test := range []struct {
		name, hosts, secret string
		binary              bool
		message             string
	}{
		{"blank", "", " \n", false, "the token is empty"},
		{"binary", "", "token-that-is-binary", true, "is binary"},
		{"no JSON", "", `{"token": token-without-quotes}`, false, "no JSON object"},
		{"numbers", "", `{"token": 1234567890123}`, false, "no JSON object whose values are strings"},
		{"other key", "", `{"password": "value-of-another-key"}`, false, `nothing under the key \"github.com\"`},
		{"several hosts", "github.com,git.example.com", "token-for-all-of-them", false, "a key for each host"},
		{"several hosts and one key", "github.com,git.example.com", `{"token": "token-for-all-of-them"}`, false, `nothing under the key \"github.com\"`},
		{"a key in two lines", "", "token-in-two\nlines-of-text", false, "spaces or characters that no token has"},
	} {
		w.stop()
		w.env = append(w.env, "GITHUB_HOSTS="+test.hosts)
		w.setSecret(test.secret)
		if test.binary {
			w.secrets.SetBinary(test.secret)
		}
		w.dead, w.errors = nil, nil
		w.deliver(last, true)
		if len(w.dead) != 1 || !strings.Contains(w.errors[0], test.message) {
			t.Errorf("%s: %d events are dead, want %q:\n%s", test.name, len(w.dead), test.message, strings.Join(w.errors, "\n"))
		}
		w.check() // before the next one is written down
	}
	var e struct{ ErrorMessage string }
	if err := json.Unmarshal([]byte(w.errors[0]), &e); err != nil || !strings.Contains(e.ErrorMessage, "octo/website@"+commitA) {
		t.Errorf("the error does not name the commit: %s", w.errors[0])
	}
}
