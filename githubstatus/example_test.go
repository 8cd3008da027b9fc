package githubstatus_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"strings"

	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/internal/githubtest"
)

// exampleServer starts a GitHub server on this machine with a repository
// octo/hello. A program that talks to GitHub needs no Options.BaseURL.
func exampleServer() *githubtest.Server {
	server, err := githubtest.Start()
	if err != nil {
		log.Fatal(err)
	}
	server.AddRepository("octo/hello", "6dcb09b5b57875f334f61aebed695e2e4193db5e")
	return server
}

func ExampleClient_Set() {
	server := exampleServer()
	defer server.Close()
	ctx := context.Background()

	client := githubstatus.New(githubstatus.Token(githubtest.Token), func(o *githubstatus.Options) {
		o.BaseURL = server.URL()
	})
	commit := githubstatus.Commit{Owner: "octo", Repo: "hello", SHA: "6dcb09b5b57875f334f61aebed695e2e4193db5e"}
	err := client.Set(ctx, commit, githubstatus.Status{
		State:       githubstatus.StateFailure,
		TargetURL:   "https://example.com/pipelines/hello/executions/42",
		Description: "Deploy failed: health check",
		Context:     "codepipeline/hello",
	})
	if err != nil {
		log.Fatal(err)
	}
	status, _, err := client.Newest(ctx, commit, "codepipeline/hello")
	fmt.Println(status.State, status.Description, err)
	// Output:
	// failure Deploy failed: health check <nil>
}

func ExampleError() {
	server := exampleServer()
	defer server.Close()
	server.AddToken("ghp_ofAnotherProject", "octo/other")

	client := githubstatus.New(githubstatus.Token("ghp_ofAnotherProject"), func(o *githubstatus.Options) {
		o.BaseURL = server.URL()
	})
	commit := githubstatus.Commit{Owner: "octo", Repo: "hello", SHA: "6dcb09b5b57875f334f61aebed695e2e4193db5e"}
	err := client.Set(context.Background(), commit, githubstatus.Status{State: githubstatus.StatePending, Context: "ci"})

	fmt.Println(errors.Is(err, githubstatus.ErrNotFound), errors.Is(err, fs.ErrNotExist))
	var e *githubstatus.Error
	if errors.As(err, &e) {
		fmt.Println(e.StatusCode, e.Temporary())
	}
	message, _, _ := strings.Cut(err.Error(), " (request ID")
	fmt.Println(message)
	// Output:
	// true true
	// 404 false
	// githubstatus: set status "ci" of octo/hello@6dcb09b5b57875f334f61aebed695e2e4193db5e: 404 Not Found; the repository is missing, or the token has no access to it: check its name, and grant the token access or install the GitHub App on it
}

// A token from a secret: it is read once, and again when GitHub refuses it
// because it was rotated.
func ExampleTokenSource() {
	server := exampleServer()
	defer server.Close()
	server.RevokeToken(githubtest.Token)
	server.AddToken("ghp_new")

	secrets := []string{githubtest.Token, "ghp_new"} // instead of Secrets Manager
	client := githubstatus.New(githubstatus.TokenSource(func(context.Context) (string, error) {
		fmt.Println("reading the secret")
		token := secrets[0]
		secrets = secrets[1:]
		return token, nil
	}), func(o *githubstatus.Options) { o.BaseURL = server.URL() })

	commit := githubstatus.Commit{Owner: "octo", Repo: "hello", SHA: "6dcb09b5b57875f334f61aebed695e2e4193db5e"}
	for _, name := range []string{"ci/build", "ci/deploy"} {
		status := githubstatus.Status{State: githubstatus.StateSuccess, Context: name}
		fmt.Println(name, client.Set(context.Background(), commit, status))
	}
	// Output:
	// reading the secret
	// reading the secret
	// ci/build <nil>
	// ci/deploy <nil>
}

func ExampleBaseURL() {
	for _, host := range []string{"github.com", "octocorp.ghe.com", "git.example.com:8443"} {
		base, err := githubstatus.BaseURL(host)
		fmt.Println(base, err)
	}
	// Output:
	// https://api.github.com <nil>
	// https://api.octocorp.ghe.com <nil>
	// https://git.example.com:8443/api/v3 <nil>
}

func ExampleHosts() {
	base, err := githubstatus.BaseURL("git.example.com")
	if err != nil {
		log.Fatal(err)
	}
	hosts := githubstatus.Hosts{
		"github.com": githubstatus.New(githubstatus.Token("ghp_one")),
		"git.example.com": githubstatus.New(githubstatus.Token("ghp_two"), func(o *githubstatus.Options) {
			o.BaseURL = base
		}),
	}
	for _, host := range []string{"GitHub.com", "git.example.com", "gitlab.com"} {
		_, ok := hosts.Setter(host)
		fmt.Println(host, ok)
	}
	// Output:
	// GitHub.com true
	// git.example.com true
	// gitlab.com false
}
