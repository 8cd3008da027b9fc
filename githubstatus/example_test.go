package githubstatus_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"strings"
	"time"

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

// Two organizations with a token each.
func ExampleByOwner() {
	server := exampleServer()
	defer server.Close()
	server.AddRepository("corp/web")
	server.AddToken("ghp_octo", "octo/hello")
	server.AddToken("ghp_corp", "corp/web")
	tokenOf := func(owner string) githubstatus.Auth { // from Secrets Manager, for instance
		return githubstatus.TokenSource(func(context.Context) (string, error) { return "ghp_" + owner, nil })
	}

	client := githubstatus.New(githubstatus.ByOwner(map[string]githubstatus.Auth{
		"octo": tokenOf("octo"),
		"corp": tokenOf("corp"),
	}), func(o *githubstatus.Options) { o.BaseURL = server.URL() })

	for _, repository := range [][2]string{{"octo", "hello"}, {"corp", "web"}} {
		commit := githubstatus.Commit{Owner: repository[0], Repo: repository[1], SHA: "6dcb09b5b57875f334f61aebed695e2e4193db5e"}
		fmt.Println(commit.Owner, client.Set(context.Background(), commit, githubstatus.Status{State: githubstatus.StateSuccess, Context: "ci"}))
	}
	// Output:
	// octo <nil>
	// corp <nil>
}

// A GitHub App that two organizations have installed.
func ExampleApp() {
	server := exampleServer()
	defer server.Close()
	server.AddRepository("corp/web")
	private, public := exampleKey()
	server.AddOwnerApp(12345, 1, public, "octo")
	server.AddOwnerApp(12345, 2, public, "corp")

	auth := githubstatus.App(12345, func(context.Context) (string, error) { return private, nil }) // from Secrets Manager, for instance
	checks := githubstatus.New(auth, func(o *githubstatus.Options) { o.BaseURL = server.URL() }).Checks()

	for _, repository := range [][2]string{{"octo", "hello"}, {"corp", "web"}} {
		commit := githubstatus.Commit{Owner: repository[0], Repo: repository[1], SHA: "6dcb09b5b57875f334f61aebed695e2e4193db5e"}
		status := githubstatus.Status{State: githubstatus.StateError, Context: "ci", Description: "Superseded"}
		if err := checks.Set(context.Background(), commit, status); err != nil {
			log.Fatal(err)
		}
		run := server.CheckRuns(commit.Owner+"/"+commit.Repo, commit.SHA)[0]
		fmt.Println(commit.Owner, run.Name, run.Conclusion, run.Title)
	}
	// Output:
	// octo ci cancelled Superseded
	// corp ci cancelled Superseded
}

// A check run has room for details, and shows how long it took.
func ExampleClient_Checks() {
	server := exampleServer()
	defer server.Close()
	private, public := exampleKey()
	server.AddApp(12345, 1, public)
	auth := githubstatus.App(12345, func(context.Context) (string, error) { return private, nil }) // from Secrets Manager, for instance
	client := githubstatus.New(auth, func(o *githubstatus.Options) { o.BaseURL = server.URL() })
	ctx, checks := context.Background(), client.Checks()

	commit := githubstatus.Commit{Owner: "octo", Repo: "hello", SHA: "6dcb09b5b57875f334f61aebed695e2e4193db5e"}
	status := githubstatus.Status{State: githubstatus.StatePending, Context: "build", ExternalID: "build 12", Started: time.Now()}
	if err := checks.Set(ctx, commit, status); err != nil {
		log.Fatal(err)
	}
	status.State, status.Description = githubstatus.StateFailure, "2 of 40 tests failed"
	status.Details = "- TestAdd\n- TestSub"
	if err := checks.Set(ctx, commit, status); err != nil {
		log.Fatal(err)
	}
	newest, _, err := checks.Newest(ctx, commit, "build")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %s\n%s\n", newest.State, newest.Description, newest.Details)
	// Output:
	// failure: 2 of 40 tests failed
	// - TestAdd
	// - TestSub
}

// exampleKey makes a private key, as GitHub does for an App.
func exampleKey() (private string, public *rsa.PublicKey) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		log.Fatal(err)
	}
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	return string(pem.EncodeToMemory(block)), &key.PublicKey
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
