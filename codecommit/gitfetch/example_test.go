package gitfetch_test

import (
	"context"
	"fmt"
	"log"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/codecommit/gitfetch"
)

// An archive takes its files over 6 MB by Git's protocol.
func ExampleLargeBlob() {
	server, err := codecommittest.Start(codecommittest.FS("staging", fstest.MapFS{
		"data/large.csv": {Data: []byte(strings.Repeat("1,2,3\n", 2_000_000))},
		"main.go":        {Data: []byte("package main\n")},
	}))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	cfg := server.Config() // in a program: config.LoadDefaultConfig
	archiver := archive.New(codecommit.Open(cfg, "staging"), func(o *archive.Options) {
		o.LargeBlob = gitfetch.LargeBlob(cfg, func(o *gitfetch.Options) {
			o.OnFetch = func(f gitfetch.Fetch) { fmt.Printf("%d file by Git's protocol\n", f.Blobs) }
		})
	})
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	info, err := archiver.Zip("main").Save(context.Background(), filepath.Join(dir, "staging.zip"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d files\n", info.Files)
	// Output:
	// 1 file by Git's protocol
	// 2 files
}

// Git itself, or another library, takes user and password for 15 minutes.
func ExampleCredentials() {
	server, err := codecommittest.Start(codecommittest.FS("staging", fstest.MapFS{"main.go": {Data: []byte("package main\n")}}))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	user, password, err := gitfetch.Credentials(context.Background(), server.Config(), "us-east-1", "staging")
	if err != nil {
		log.Fatal(err)
	}
	clone := url.URL{Scheme: "https", Host: "git-codecommit.us-east-1.amazonaws.com", Path: "/v1/repos/staging", User: url.UserPassword(user, password)}
	fmt.Println(clone.Redacted())
	// Output: https://AKIDEXAMPLE:xxxxx@git-codecommit.us-east-1.amazonaws.com/v1/repos/staging
}
