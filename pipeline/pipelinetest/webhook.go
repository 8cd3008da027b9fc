package pipelinetest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest/internal/jsonpath"
)

// webhookPath is the path of the webhooks' addresses.
const webhookPath = "/trigger"

// maxWebhookBody is the size of a request to a webhook, as GitHub limits it.
const maxWebhookBody = 25 << 20

// webhook is a webhook that PutWebhook has made. Server.mu guards it.
type webhook struct {
	definition    webhookDefinition
	secret        string
	filters       []webhookFilter
	arn, token    string
	registered    bool // with the third party
	triggered     time.Time
	code, message string // of the last request that could not start the pipeline
}

type webhookFilter struct {
	path   jsonpath.Path
	equals *string
}

// handleWebhook answers a request to the address of a webhook: 404 if there is
// none, 403 if it does not authenticate, 400 if it has no JSON. One that does not
// pass the filters is ignored.
func (s *Server) handleWebhook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWebhookBody))
	status, message := http.StatusRequestEntityTooLarge, "the request is too large"
	if err == nil {
		status, message = s.receive(r, body)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"message": message})
	s.deliver()
}

func (s *Server) receive(r *http.Request, body []byte) (status int, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var hook *webhook
	for _, h := range s.webhooks {
		if h.token == r.URL.Query().Get("t") {
			hook = h
		}
	}
	switch {
	case hook == nil:
		return http.StatusNotFound, "there is no such webhook"
	case r.Method != http.MethodPost:
		return http.StatusMethodNotAllowed, "a webhook takes POST"
	case !hook.authentic(r, body):
		return http.StatusForbidden, "the request does not authenticate"
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var payload any
	if err := decoder.Decode(&payload); err != nil {
		return http.StatusBadRequest, "the request is not JSON"
	}
	p := s.pipelines[*hook.definition.Pipeline]
	if p == nil || p.definition.Stages[0].action(*hook.definition.Action) == nil {
		return http.StatusNotFound, "the target of the webhook does not exist"
	}
	a := p.definition.Stages[0].action(*hook.definition.Action)
	if !hook.passes(payload, a) {
		return http.StatusOK, "ignored"
	}
	hook.triggered, hook.code, hook.message = s.clock(), "", ""
	overrides := make(map[string]Revision)
	if revision := pushedRevision(body); revision.ID != "" {
		overrides[a.Name] = revision
	}
	if _, err := p.startBy(hook.trigger(), overrides); err != nil {
		hook.code, hook.message = "ValidationException", err.Error()
		return http.StatusOK, "the pipeline cannot start"
	}
	return http.StatusOK, "started"
}

func (h *webhook) trigger() Trigger { return Trigger{Type: "Webhook", Detail: h.arn} }

// authentic reports whether a request may start the pipeline.
func (h *webhook) authentic(r *http.Request, body []byte) bool {
	switch *h.definition.Authentication {
	case "GITHUB_HMAC":
		for header, signer := range map[string]struct {
			prefix string
			hash   func() hash.Hash
		}{"X-Hub-Signature-256": {"sha256=", sha256.New}, "X-Hub-Signature": {"sha1=", sha1.New}} {
			signature, ok := strings.CutPrefix(r.Header.Get(header), signer.prefix)
			if !ok {
				continue
			}
			given, err := hex.DecodeString(signature)
			mac := hmac.New(signer.hash, []byte(h.secret))
			mac.Write(body)
			return err == nil && hmac.Equal(given, mac.Sum(nil))
		}
		return false
	case "IP":
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		_, allowed, rangeErr := net.ParseCIDR(*h.definition.Configuration.IPRange)
		return err == nil && rangeErr == nil && allowed.Contains(net.ParseIP(host))
	}
	return true
}

// passes reports whether the payload passes all filters. {Key} in what a value must
// equal stands for the configuration of the target action.
func (h *webhook) passes(payload any, a *Action) bool {
	replace := make([]string, 0, 2*len(a.Configuration))
	for key, value := range a.Configuration {
		replace = append(replace, "{"+key+"}", value)
	}
	replacer := strings.NewReplacer(replace...)
	for _, f := range h.filters {
		found := f.path.Find(payload)
		passed := f.equals == nil && len(found) > 0
		for _, value := range found {
			passed = passed || f.equals != nil && jsonText(value) == replacer.Replace(*f.equals)
		}
		if !passed {
			return false
		}
	}
	return true
}

// jsonText returns a value as a webhook's filter compares it.
func jsonText(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	text, _ := json.Marshal(value) // that was decoded
	return string(text)
}

// githubPush is the part of GitHub's payload of a push that matters.
type githubPush struct {
	Ref        string       `json:"ref"`
	After      string       `json:"after"`
	Head       githubCommit `json:"head_commit"`
	Repository githubRepo   `json:"repository"`
}

type githubCommit struct {
	ID        string `json:"id"`
	Message   string `json:"message"`
	Timestamp string `json:"timestamp,omitempty"`
}

type githubRepo struct {
	FullName string `json:"full_name"`
}

// pushedRevision returns the revision that a payload of GitHub tells, without an ID
// if it is another payload.
func pushedRevision(body []byte) Revision {
	var p githubPush
	if json.Unmarshal(body, &p) != nil || p.After == "" {
		return Revision{}
	}
	created, _ := time.Parse(time.RFC3339, p.Head.Timestamp)
	return Revision{ID: p.After, Message: p.Head.Message, Created: created, branch: strings.TrimPrefix(p.Ref, "refs/heads/")}
}

// githubWebhook returns what a push to GitHub starts by a webhook of the action that
// is registered there.
func (s *Server) githubWebhook(p *Pipeline, a *Action, push *Push) (Trigger, bool) {
	body, _ := json.Marshal(githubPush{ // texts
		Ref: "refs/heads/" + push.Branch, After: push.Commit.ID,
		Head: githubCommit{ID: push.Commit.ID, Message: push.Commit.Message}, Repository: githubRepo{push.Repository},
	})
	var payload any
	json.Unmarshal(body, &payload)
	for _, h := range s.webhooks {
		if h.registered && *h.definition.Pipeline == p.Name && *h.definition.Action == a.Name && h.passes(payload, a) {
			h.triggered = s.clock()
			return h.trigger(), true
		}
	}
	return Trigger{}, false
}

// webhookURL returns the address of the webhook.
func (s *Server) webhookURL(h *webhook) string {
	return s.URL() + webhookPath + "?t=" + h.token + "&v=1"
}

func newWebhook(name string) *webhook {
	return &webhook{
		arn:   "arn:aws:codepipeline:" + region + ":" + accountID + ":webhook:" + name,
		token: awsjson.Hex(48, "webhook", name),
	}
}
