package codecommittest_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/codecommit/gitfetch"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// login returns user and password for the repository, signed at the time.
func login(t *testing.T, server *codecommittest.Server, repository string, now time.Time) (user, password string) {
	t.Helper()
	user, password, err := gitfetch.Credentials(t.Context(), server.Config(), "", repository, func(o *gitfetch.Options) {
		o.Now = func() time.Time { return now }
	})
	if err != nil {
		t.Fatal(err)
	}
	return user, password
}

// withLogin returns the URL of the repository with credentials.
func withLogin(t *testing.T, server *codecommittest.Server, repository string) string {
	t.Helper()
	u, err := url.Parse(server.URL() + "/v1/repos/" + repository)
	if err != nil {
		t.Fatal(err)
	}
	user, password := login(t, server, repository, time.Now())
	u.User = url.UserPassword(user, password)
	return u.String()
}

// contents returns the files of a work tree.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	r := gittest.Members(t, must(gittest.Run(dir, nil, nil, "archive", "--format=tar", "HEAD"))(t))
	for name, content := range r {
		if !strings.HasSuffix(name, "/") && name != "pax_global_header" {
			files[name] = content
		}
	}
	return files
}

func must(out []byte, err error) func(*testing.T) []byte {
	return func(t *testing.T) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// TestGitClones lets the git program clone, fetch and follow changes.
func TestGitClones(t *testing.T) {
	t.Parallel()
	gittest.Need(t)
	source := gittest.New(t)
	source.Write("dir/file", "content")
	commit := source.Commit("first")
	server := codecommittest.NewServer(t,
		codecommittest.Git("git", source.Dir),
		codecommittest.FS("files", fstest.MapFS{"dir/file": {Data: []byte("content")}}))
	for _, repository := range []string{"git", "files"} {
		for _, protocol := range []codecommittest.GitProtocol{{}, {Version0: true}} {
			server.SetGitProtocol(protocol)
			dir := t.TempDir()
			must(gittest.Run(dir, nil, nil, "clone", "--quiet", "--depth=1", withLogin(t, server, repository), "clone"))(t)
			clone := filepath.Join(dir, "clone")
			if diff := cmp.Diff(map[string]string{"dir/file": "content"}, contents(t, clone)); diff != "" {
				t.Errorf("%s: files mismatch (-want +got):\n%s", repository, diff)
			}
			must(gittest.Run(clone, nil, nil, "fsck", "--strict"))(t)
		}
	}
	server.SetGitProtocol(codecommittest.GitProtocol{})
	dir := t.TempDir()
	must(gittest.Run(dir, nil, nil, "clone", "--quiet", withLogin(t, server, "files"), "clone"))(t)
	clone := filepath.Join(dir, "clone")
	second, err := server.Commit("files", "main", fstest.MapFS{"other": {Data: []byte("more")}})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.SetRef("files", "refs/heads/topic", second); err != nil {
		t.Fatal(err)
	}
	must(gittest.Run(clone, nil, nil, "pull", "--quiet", "--ff-only"))(t)
	if diff := cmp.Diff(map[string]string{"other": "more"}, contents(t, clone)); diff != "" {
		t.Errorf("files mismatch (-want +got):\n%s", diff)
	}
	if err := server.SetRef("files", "refs/heads/topic", ""); err != nil {
		t.Fatal(err)
	}
	refs := string(must(gittest.Run(clone, nil, nil, "ls-remote", "origin"))(t))
	if want := second + "\tHEAD\n" + second + "\trefs/heads/main\n"; refs != want {
		t.Errorf("references %q, want %q", refs, want)
	}
	must(gittest.Run(t.TempDir(), nil, nil, "clone", "--quiet", "--filter=blob:none", "--no-checkout", withLogin(t, server, "git"), "."))(t)
	if commit == "" || server.Count("GitPull") < 6 {
		t.Errorf("the server counts %v", server.Calls())
	}
	if out, err := gittest.Run(clone, nil, nil, "push", "--quiet", "origin", "HEAD:refs/heads/pushed"); err == nil {
		t.Errorf("a push is no error: %s", out)
	}
}

// TestGitThroughHelper lets git take its credentials from the helper of the AWS CLI,
// where it is installed.
func TestGitThroughHelper(t *testing.T) {
	t.Parallel()
	gittest.Need(t)
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("the AWS CLI is not installed")
	}
	server := codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{"file": {Data: []byte("x")}}))
	// The helper knows the Region of hosts of AWS alone: git reaches the server as
	// a proxy of one.
	host := "http://git-codecommit.us-east-1.amazonaws.com"
	env := append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "AWS_") }),
		"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=test", "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"http_proxy="+server.URL(), "HTTP_PROXY="+server.URL(), "no_proxy=", "GIT_TERMINAL_PROMPT=0")
	out := must(gittest.Run("", nil, env, "-c", "credential.helper=!aws codecommit credential-helper $@", "-c", "credential.useHttpPath=true",
		"ls-remote", host+"/v1/repos/staging", "refs/heads/main"))(t)
	if !strings.HasSuffix(string(out), "\trefs/heads/main\n") {
		t.Errorf("got %q", out)
	}
}

// TestGitRefused wants what the service says to bad requests.
func TestGitRefused(t *testing.T) {
	t.Parallel()
	gittest.Need(t)
	server := codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{"file": {}}), codecommittest.FS("other", nil))
	now := time.Now()
	for _, tt := range []struct {
		name       string
		repository string // signed
		path       string
		now        time.Time
		deny       []string
		edit       func(user, password string) (string, string)
		want       int
	}{
		{name: "good", repository: "staging", now: now, want: 200},
		{name: "nearly expired", repository: "staging", now: now.Add(-14 * time.Minute), want: 200},
		{name: "session", repository: "staging", now: now, want: 200,
			edit: func(user, password string) (string, string) { return user + "%token", password }},
		{name: "nobody", repository: "staging", now: now, want: 401, edit: func(string, string) (string, string) { return "", "" }},
		{name: "expired", repository: "staging", now: now.Add(-16 * time.Minute), want: 403},
		{name: "of the future", repository: "staging", now: now.Add(16 * time.Minute), want: 403},
		{name: "for another repository", repository: "other", path: "staging", now: now, want: 403},
		{name: "other time", repository: "staging", now: now, want: 403, edit: func(user, password string) (string, string) {
			return user, now.Add(-time.Second).UTC().Format("20060102T150405") + password[15:]
		}},
		{name: "no signature", repository: "staging", now: now, want: 403, edit: func(user, _ string) (string, string) { return user, "password" }},
		{name: "no permission", repository: "staging", now: now, deny: []string{"GitPull"}, want: 403},
		{name: "other permission", repository: "staging", now: now, deny: []string{"GetBlob"}, want: 200},
		{name: "no repository", repository: "none", now: now, want: 404},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server.SetFaults(codecommittest.Faults{Deny: tt.deny})
			user, password := login(t, server, tt.repository, tt.now)
			if tt.edit != nil {
				user, password = tt.edit(user, password)
			}
			path := tt.path
			if path == "" {
				path = tt.repository
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL()+"/v1/repos/"+path+"/info/refs?service=git-upload-pack", nil)
			if err != nil {
				t.Fatal(err)
			}
			if user != "" {
				req.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			text, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tt.want {
				t.Errorf("status %d, want %d: %s", resp.StatusCode, tt.want, text)
			}
			if got := resp.Header.Get("WWW-Authenticate"); (got != "") != (tt.want == 401) {
				t.Errorf("with status %d the server asks for %q", resp.StatusCode, got)
			}
		})
	}
}
