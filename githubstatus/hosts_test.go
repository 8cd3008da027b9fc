package githubstatus_test

import (
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/githubstatus"
)

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"github.com":               "https://api.github.com",
		"GitHub.com":               "https://api.github.com",
		"www.github.com":           "https://api.github.com",
		"api.github.com":           "https://api.github.com",
		"github.com:443":           "https://api.github.com",
		"octocorp.ghe.com":         "https://api.octocorp.ghe.com",
		"api.octocorp.ghe.com":     "https://api.octocorp.ghe.com",
		"git.example.com":          "https://git.example.com/api/v3",
		"Git.Example.com.":         "https://git.example.com/api/v3",
		"git.example.com:8443":     "https://git.example.com:8443/api/v3",
		"api.example.com":          "https://api.example.com/api/v3",
		"10.0.0.7":                 "https://10.0.0.7/api/v3",
		"[2001:db8::1]:8443":       "https://[2001:db8::1]:8443/api/v3",
		"ghe.com.example.com":      "https://ghe.com.example.com/api/v3",
		"evilgithub.com":           "https://evilgithub.com/api/v3",
		"github.com.evil.example":  "https://github.com.evil.example/api/v3",
		"":                         "",
		":8443":                    "",
		"https://github.com":       "",
		"github.com/octo":          "",
		"user@github.com":          "",
		"git.example.com?x=1":      "",
		"git.example.com#x":        "",
		"git.example.com:port":     "",
		"git example.com":          "",
		"2001:db8::1":              "",
		"git.example.com\\.evil.x": "",
	} {
		got, err := githubstatus.BaseURL(host)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("BaseURL(%q) is %q, %v; want %q", host, got, err, want)
		}
	}
}

func TestBaseURLOption(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://github.com":             "use https://api.github.com",
		"https://www.github.com":         "use https://api.github.com",
		"https://octocorp.ghe.com":       "use https://api.octocorp.ghe.com",
		"http://git.example.com/api/v3":  "plain http",
		"http://localhost.example.com/":  "plain http",
		"http://127.0.0.1.example.com/":  "plain http",
		"git.example.com":                "absolute",
		"https://":                       "absolute",
		"ftp://git.example.com":          "absolute",
		"https://git.example.com/?x=1":   "query",
		"https://u:p@git.example.com/":   "password",
		"https://git.example.com/%zz":    "parsed",
		"https://git.example.com/api#v3": "fragment",
	} {
		client := githubstatus.New(githubstatus.Token("t"), func(o *githubstatus.Options) { o.BaseURL = base })
		if err := client.Set(t.Context(), commit, success("ci")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("BaseURL %s: error %v, want one with %q", base, err, want)
		}
	}
}

func TestOptionsInvalid(t *testing.T) {
	t.Parallel()
	for name, fn := range map[string]func(*githubstatus.Options){
		"APIVersion":  func(o *githubstatus.Options) { o.APIVersion = "2022-11-28\n" },
		"Timeout":     func(o *githubstatus.Options) { o.Timeout = -1 },
		"MaxAttempts": func(o *githubstatus.Options) { o.MaxAttempts = -1 },
	} {
		err := githubstatus.New(githubstatus.Token("t"), fn).Set(t.Context(), commit, success("ci"))
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	a, b, c := new(githubstatus.Client), new(githubstatus.Client), new(githubstatus.Client)
	hosts := githubstatus.Hosts{"github.com": a, "Git.Example.com:8443": b, "api.octocorp.ghe.com": c, "nil.example.com": nil}
	for host, want := range map[string]githubstatus.Setter{
		"github.com": a, "GITHUB.COM": a, "api.github.com": a, "www.github.com": a,
		"git.example.com:8443": b, "GIT.example.com:8443": b, "git.example.com": nil,
		"octocorp.ghe.com": c, "nil.example.com": nil, "": nil, "gitlab.com": nil,
	} {
		got, ok := hosts.Setter(host)
		if ok && got != want || ok != (want != nil) {
			t.Errorf("Setter(%q) is %v, %v; want %p", host, got, ok, want)
		}
	}
	if _, ok := githubstatus.Hosts(nil).Setter("github.com"); ok {
		t.Error("nil Hosts have a client")
	}
}

func TestZeroClient(t *testing.T) {
	t.Parallel()
	if err := new(githubstatus.Client).Set(t.Context(), commit, success("ci")); err == nil || !strings.Contains(err.Error(), "New") {
		t.Errorf("error %v, want one that names New", err)
	}
	if _, _, err := new(githubstatus.Client).Newest(t.Context(), commit, "ci"); err == nil {
		t.Error("no error")
	}
}
