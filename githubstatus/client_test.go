package githubstatus_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/internal/githubtest"
)

func TestSet(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"", "/api/v3", "/api/v3/"} {
		t.Run("prefix "+prefix, func(t *testing.T) {
			t.Parallel()
			server := newServer(t)
			client := newClient(server, func(o *githubstatus.Options) { o.BaseURL = server.URL() + prefix })
			err := client.Set(t.Context(),
				githubstatus.Commit{Owner: "Octo", Repo: "hello", SHA: strings.ToUpper(sha)},
				githubstatus.Status{
					State:       githubstatus.StateFailure,
					TargetURL:   "https://console.aws.amazon.com/codesuite/codepipeline/pipelines/p/executions/1/timeline?region=eu-west-1",
					Description: "Deploy <staging> &\n\tverify:  failed",
					Context:     " codepipeline/p ",
				})
			if err != nil {
				t.Fatal(err)
			}
			want := []githubtest.Status{{
				SHA: sha, State: "failure",
				TargetURL:   "https://console.aws.amazon.com/codesuite/codepipeline/pipelines/p/executions/1/timeline?region=eu-west-1",
				Description: "Deploy <staging> & verify: failed",
				Context:     "codepipeline/p",
			}}
			if diff := cmp.Diff(want, server.Statuses("octo/hello", sha), cmpopts.IgnoreFields(githubtest.Status{}, "ID", "Created")); diff != "" {
				t.Errorf("statuses (-want +got):\n%s", diff)
			}
			call := server.Calls()[0]
			for name, want := range map[string]string{
				"Accept":               "application/vnd.github+json",
				"X-Github-Api-Version": "2022-11-28",
				"Content-Type":         "application/json",
				"Authorization":        "Bearer " + githubtest.Token,
			} {
				if got := call.Header.Get(name); got != want {
					t.Errorf("header %s is %q, want %q", name, got, want)
				}
			}
			if !strings.Contains(call.Header.Get("User-Agent"), "codesuite") {
				t.Errorf("User-Agent is %q", call.Header.Get("User-Agent"))
			}
			if want := strings.TrimRight(prefix, "/"); call.Prefix != want {
				t.Errorf("prefix %q, want %q", call.Prefix, want)
			}
		})
	}
}

func TestSetInvalid(t *testing.T) {
	t.Parallel()
	status := success("ci")
	tests := []struct {
		name   string
		commit githubstatus.Commit
		status githubstatus.Status
		want   string
	}{
		{"no owner", githubstatus.Commit{Repo: "r", SHA: sha}, status, "owner is empty"},
		{"no repository", githubstatus.Commit{Owner: "o", SHA: sha}, status, "repository is empty"},
		{"full name as repository", githubstatus.Commit{Owner: "o", Repo: "o/r", SHA: sha}, status, "Owner"},
		{"parent folder", githubstatus.Commit{Owner: "..", Repo: "r", SHA: sha}, status, `".."`},
		{"escape in owner", githubstatus.Commit{Owner: "o%2e", Repo: "r", SHA: sha}, status, "owner"},
		{"query in repository", githubstatus.Commit{Owner: "o", Repo: "r?x=1", SHA: sha}, status, "repository"},
		{"branch", githubstatus.Commit{Owner: "o", Repo: "r", SHA: "main"}, status, `"main" is not a full commit ID`},
		{"abbreviation", githubstatus.Commit{Owner: "o", Repo: "r", SHA: sha[:7]}, status, "full commit ID"},
		{"41 digits", githubstatus.Commit{Owner: "o", Repo: "r", SHA: sha + "0"}, status, "full commit ID"},
		{"no digits", githubstatus.Commit{Owner: "o", Repo: "r", SHA: strings.Repeat("g", 40)}, status, "full commit ID"},
		{"line break in ID", githubstatus.Commit{Owner: "o", Repo: "r", SHA: sha + "\n"}, status, "full commit ID"},
		{"no state", commit, githubstatus.Status{Context: "ci"}, `"" is not a state`},
		{"state of AWS", commit, githubstatus.Status{State: "SUCCEEDED"}, "use \"pending\""},
		{"relative target", commit, githubstatus.Status{State: "success", TargetURL: "/builds/1"}, "absolute"},
		{"scheme of target", commit, githubstatus.Status{State: "success", TargetURL: "javascript:alert(1)"}, "http"},
		{"broken target", commit, githubstatus.Status{State: "success", TargetURL: "https://%zz"}, "parsed"},
		{"password in target", commit, githubstatus.Status{State: "success", TargetURL: "https://u:hunter2@example.com"}, "password"},
		{"long context", commit, success(strings.Repeat("é", 256)), "256 characters"},
		{"emoji in context", commit, success("ci 🚀"), "emoji"},
		{"line break in context", commit, success("a\nb"), "control"},
		{"context not UTF-8", commit, success("a\xffb"), "UTF-8"},
	}
	server := newServer(t)
	client := newClient(server)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := client.Set(t.Context(), tt.commit, tt.status)
			if !errors.Is(err, githubstatus.ErrInvalid) || !strings.Contains(fmt.Sprint(err), tt.want) {
				t.Errorf("error %v, want an ErrInvalid with %q", err, tt.want)
			}
			if strings.Contains(fmt.Sprint(err), "hunter2") {
				t.Errorf("the error shows a password: %v", err)
			}
			if asError(t, err).Temporary() {
				t.Error("the error is temporary")
			}
		})
	}
	if n := server.Count(""); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestSetSHA256(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t)
	server.AddRepository("octo/hello")
	long := strings.Repeat("ab", 32)
	if err := newClient(server).Set(t.Context(), githubstatus.Commit{Owner: "octo", Repo: "hello", SHA: long}, success("")); err != nil {
		t.Fatal(err)
	}
	if got := server.Statuses("octo/hello", long); len(got) != 1 || got[0].Context != "default" {
		t.Errorf("statuses %+v, want one in the context default", got)
	}
}

// The limit is of statuses, so what counts is how many are stored.
func TestSetUnchanged(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	client := newClient(server)
	set := func(state githubstatus.State, context, description string) {
		t.Helper()
		err := client.Set(t.Context(), commit, githubstatus.Status{State: state, Context: context, Description: description})
		if err != nil {
			t.Fatal(err)
		}
	}
	set("pending", "ci", "")
	set("pending", "ci", "")
	set("pending", "CI", "") // the same context to GitHub
	set("pending", "ci", "tests")
	set("success", "ci", "tests")
	set("pending", "ci", "tests")
	set("pending", "other", "tests")
	set("pending", "ci", " tests ")
	var got []string
	for _, s := range server.Statuses("octo/hello", sha) {
		got = append(got, s.Context+" "+s.State+" "+s.Description)
	}
	want := []string{"ci pending ", "ci pending tests", "ci success tests", "ci pending tests", "other pending tests"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	if n := server.Count(""); n != len(want) {
		t.Errorf("%d requests, want %d", n, len(want))
	}
}

// Another process, such as a second instance of a Lambda function, may have
// set another status since: then the same one has to be sent again.
func TestSetUnchangedLater(t *testing.T) {
	t.Parallel()
	newest := func(state string) string {
		return `{"state":"x","total_count":2,"statuses":[{"state":"error","context":"other"},` +
			`{"state":"` + state + `","context":"CI","description":null,"target_url":null}]}`
	}
	tests := []struct {
		name    string
		sole    bool
		wait    time.Duration
		get     string
		status  int
		methods string
	}{
		{name: "at once", wait: time.Second, methods: "POST"},
		{name: "confirmed", wait: time.Minute, get: newest("success"), status: 200, methods: "POST GET"},
		{name: "other writer", wait: time.Minute, get: newest("pending"), status: 200, methods: "POST GET POST"},
		{name: "gone", wait: time.Minute, get: `{"statuses":[]}`, status: 200, methods: "POST GET POST"},
		{name: "no JSON", wait: time.Minute, get: `<html>`, status: 200, methods: "POST GET POST"},
		{name: "GET fails", wait: time.Minute, get: `{}`, status: 500, methods: "POST GET POST"},
		{name: "GET forbidden", wait: time.Minute, get: `{}`, status: 403, methods: "POST GET POST"},
		{name: "sole writer", sole: true, wait: time.Hour, methods: "POST"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var methods []string
				s := &script{replies: answers(&methods, tt.status, tt.get)}
				client := scripted(s, func(o *githubstatus.Options) { o.SoleWriter = tt.sole })
				for _, wait := range []time.Duration{0, tt.wait, 0} { // the third is just after an answer
					time.Sleep(wait)
					if err := client.Set(t.Context(), commit, success("ci")); err != nil {
						t.Fatal(err)
					}
				}
				if got := strings.Join(methods, " "); got != tt.methods {
					t.Errorf("requests %s, want %s", got, tt.methods)
				}
			})
		})
	}
}

func TestSetAfterError(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	client := newClient(server, func(o *githubstatus.Options) { o.MaxAttempts, o.SoleWriter = 1, true })
	if err := client.Set(t.Context(), commit, success("ci")); err != nil {
		t.Fatal(err)
	}
	server.SetFaults(githubtest.FailAfterStore(502))
	pending := githubstatus.Status{State: githubstatus.StatePending, Context: "ci"}
	if err := client.Set(t.Context(), commit, pending); err == nil {
		t.Fatal("no error for a 502")
	}
	// What GitHub has is not known, so each of both must be sent.
	if err := client.Set(t.Context(), commit, success("ci")); err != nil {
		t.Fatal(err)
	}
	if got := server.Newest("octo/hello", sha)["ci"].State; got != "success" {
		t.Errorf("the newest status is %s, want success", got)
	}
}

// Concurrent calls of one commit and context are made one after the other, in
// their order; equal ones need one request.
func TestSetConcurrent(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	client := newClient(server)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := client.Set(t.Context(), commit, success(fmt.Sprintf("ci/%d", i%4))); err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	if n := len(server.Statuses("octo/hello", sha)); n != 4 {
		t.Errorf("%d statuses, want 4", n)
	}
}

func TestSetOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{replies: replies(slowly(time.Second, reply(502, `{}`)), slowly(time.Second, reply(201, `{}`)))}
		client := scripted(s)
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				status := success("ci")
				status.Description = fmt.Sprint(i)
				if err := client.Set(t.Context(), commit, status); err != nil {
					t.Error(err)
				}
			}()
			synctest.Wait() // until it waits for its turn
		}
		wg.Wait()
		var got []string
		for _, body := range s.bodies {
			_, body, _ = strings.Cut(body, `"description":"`)
			got = append(got, body[:1])
		}
		// The first one is tried twice, and nobody overtakes it meanwhile.
		if diff := cmp.Diff(strings.Split("00123456789", ""), got); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
	})
}

// Who waits for another call with the same context gives up with its own
// context, and does not hold up the others.
func TestSetWaitCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{replies: replies(slowly(10*time.Second, reply(201, `{}`)))}
		client := scripted(s)
		errs := make([]error, 3)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Add(1)
			go func() {
				defer wg.Done()
				ctx := t.Context()
				if i == 1 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, time.Second)
					defer cancel()
				}
				status := success("ci")
				status.Description = fmt.Sprint(i)
				errs[i] = client.Set(ctx, commit, status)
			}()
			synctest.Wait()
		}
		wg.Wait()
		if errs[0] != nil || !errors.Is(errs[1], context.DeadlineExceeded) || errs[2] != nil {
			t.Errorf("errors %v, want only that of the deadline", errs)
		}
		if s.count() != 2 {
			t.Errorf("%d requests, want 2", s.count())
		}
	})
}

func TestNewest(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	client := newClient(server)
	for i := range 250 { // three pages
		for _, state := range []string{"pending", "failure"} {
			if err := server.AddStatus("octo/hello", githubtest.Status{SHA: sha, State: state, Context: fmt.Sprintf("c/%03d", i), Description: "d"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, ok, err := client.Newest(t.Context(), commit, "C/001")
	want := githubstatus.Status{State: githubstatus.StateFailure, Context: "c/001", Description: "d"}
	if err != nil || !ok || got != want {
		t.Errorf("got %+v, %v, %v; want %+v", got, ok, err, want)
	}
	if _, ok, err := client.Newest(t.Context(), commit, ""); ok || err != nil {
		t.Errorf("context default: %v, %v; want none", ok, err)
	}
	unknown := githubstatus.Commit{Owner: "octo", Repo: "hello", SHA: strings.Repeat("0", 40)}
	if _, _, err := client.Newest(t.Context(), unknown, "ci"); !errors.Is(err, githubstatus.ErrNoCommit) {
		t.Errorf("unknown commit: %v, want ErrNoCommit", err)
	}
	if _, _, err := client.Newest(t.Context(), githubstatus.Commit{}, "ci"); !errors.Is(err, githubstatus.ErrInvalid) {
		t.Errorf("no commit: %v, want ErrInvalid", err)
	}
}

// A server whose pages do not end is not read for ever.
func TestNewestEndless(t *testing.T) {
	t.Parallel()
	page := `{"statuses":[` + strings.TrimSuffix(strings.Repeat(`{"context":"x","state":"success"},`, 100), ",") + `]}`
	s := &script{replies: replies(reply(200, page))}
	_, ok, err := scripted(s).Newest(t.Context(), commit, "ci")
	if ok || err == nil || !strings.Contains(err.Error(), "10000 entries") {
		t.Errorf("%v, %v; want an error", ok, err)
	}
	if s.count() != 100 {
		t.Errorf("%d requests", s.count())
	}
}

// A long-running client remembers a bounded number of commits, those that were
// used last.
func TestSetForgets(t *testing.T) {
	t.Parallel()
	s := &script{replies: replies(reply(201, `{}`))}
	client := scripted(s, func(o *githubstatus.Options) { o.SoleWriter = true })
	set := func(i int) (requests int) {
		t.Helper()
		before := s.count()
		c := commit
		c.SHA = fmt.Sprintf("%040x", i)
		if err := client.Set(t.Context(), c, success("ci")); err != nil {
			t.Fatal(err)
		}
		return s.count() - before
	}
	set(0)
	set(1)
	const limit = 4096
	for i := range limit - 1 {
		if set(0) != 0 {
			t.Fatal("a commit that is used all the time was forgotten")
		}
		set(2 + i)
	}
	if set(1) != 1 {
		t.Error("the commit that was not used for longest is still remembered")
	}
	if set(limit) != 0 {
		t.Error("a commit of late was forgotten")
	}
}
