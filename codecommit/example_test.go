package codecommit_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"testing/fstest"
	"text/template"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// exampleServer starts a CodeCommit server on this machine with a repository
// "staging". A program that reads from AWS takes its aws.Config from
// config.LoadDefaultConfig instead.
func exampleServer() *codecommittest.Server {
	server, err := codecommittest.Start(codecommittest.FS("staging", fstest.MapFS{
		"README.md":             {Data: []byte("# Staging\n")},
		"current":               {Data: []byte("v2"), Mode: fs.ModeSymlink | 0o777},
		"deploy.sh":             {Data: []byte("#!/bin/sh\n"), Mode: 0o755},
		"site/index.html":       {Data: []byte("<h1>Welcome</h1>\n")},
		"templates/hello.tmpl":  {Data: []byte("Hello, {{.}}!\n")},
		"templates/footer.tmpl": {Data: []byte("Bye, {{.}}.\n")},
		"v2/config.json":        {Data: []byte(`{"version": 2}`)},
	}))
	if err != nil {
		log.Fatal(err)
	}
	return server
}

func ExampleRepository_Resolve() {
	server := exampleServer()
	defer server.Close()
	ctx := context.Background()

	repo := codecommit.Open(server.Config(), "staging")
	commit, err := repo.Resolve(ctx, "main")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(commit.ID, commit.Subject())

	_, err = repo.Resolve(ctx, "main~1")
	fmt.Println(errors.Is(err, fs.ErrNotExist), err)
	// Output:
	// a8544b5680188d4348b3fb6351b0cfe39dea508e Commit 1
	// true codecommit: resolve "main~1" of staging: no branch or tag of that name leads to a commit; CodeCommit takes none of git's revision expressions
}

func ExampleRepository_Changes() {
	server := exampleServer()
	defer server.Close()
	ctx := context.Background()

	repo := codecommit.Open(server.Config(), "staging")
	before, err := repo.Resolve(ctx, "main")
	if err != nil {
		log.Fatal(err)
	}
	// Somebody pushes.
	after, err := server.Commit("staging", "main", fstest.MapFS{
		"README.md":      {Data: []byte("# Staging\n\nRead me.\n")},
		"current":        {Data: []byte("v2"), Mode: fs.ModeSymlink | 0o777},
		"deploy.sh":      {Data: []byte("#!/bin/sh\n")},
		"docs/guide.md":  {Data: []byte("# Guide\n")},
		"v2/config.json": {Data: []byte(`{"version": 2}`)},
	})
	if err != nil {
		log.Fatal(err)
	}
	for change, err := range repo.Changes(ctx, before.ID, after) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(change.Type, change.Path, change.Before.Mode, change.After.Mode)
	}
	// Output:
	// M README.md 100644 100644
	// M deploy.sh 100755 100644
	// A docs/guide.md 000000 100644
	// D site/index.html 100644 000000
	// D templates/footer.tmpl 100644 000000
	// D templates/hello.tmpl 100644 000000
}

func ExampleRepository_FS() {
	server := exampleServer()
	defer server.Close()

	// The context bounds the lifetime of the file system.
	repo := codecommit.Open(server.Config(), "staging")
	fsys, err := repo.FS(context.Background(), "main")
	if err != nil {
		log.Fatal(err)
	}
	config, err := fs.ReadFile(fsys, "current/config.json") // through a link
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", config)

	_, err = fs.Stat(fsys, "nope.json")
	fmt.Println(errors.Is(err, fs.ErrNotExist), err)
	// Output:
	// {"version": 2}
	// true stat nope.json: file does not exist
}

func ExampleFS_walkDir() {
	server := exampleServer()
	defer server.Close()

	repo := codecommit.Open(server.Config(), "staging")
	fsys, err := repo.FS(context.Background(), "main")
	if err != nil {
		log.Fatal(err)
	}
	err = fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info() // a call of GetBlob for each file
		if err != nil {
			return err
		}
		fmt.Println(info.Mode(), info.Size(), path)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// drwxr-xr-x 0 .
	// -rw-r--r-- 10 README.md
	// Lrwxrwxrwx 2 current
	// -rwxr-xr-x 10 deploy.sh
	// drwxr-xr-x 0 site
	// -rw-r--r-- 17 site/index.html
	// drwxr-xr-x 0 templates
	// -rw-r--r-- 12 templates/footer.tmpl
	// -rw-r--r-- 14 templates/hello.tmpl
	// drwxr-xr-x 0 v2
	// -rw-r--r-- 14 v2/config.json
}

func ExampleFS_templates() {
	server := exampleServer()
	defer server.Close()

	repo := codecommit.Open(server.Config(), "staging")
	fsys, err := repo.FS(context.Background(), "main")
	if err != nil {
		log.Fatal(err)
	}
	templates, err := template.ParseFS(fsys, "templates/*.tmpl")
	if err != nil {
		log.Fatal(err)
	}
	if err := templates.ExecuteTemplate(os.Stdout, "hello.tmpl", "Gopher"); err != nil {
		log.Fatal(err)
	}
	// Output:
	// Hello, Gopher!
}

func ExampleFS_http() {
	server := exampleServer()
	defer server.Close()

	repo := codecommit.Open(server.Config(), "staging")
	fsys, err := repo.FS(context.Background(), "main")
	if err != nil {
		log.Fatal(err)
	}
	site, err := fs.Sub(fsys, "site")
	if err != nil {
		log.Fatal(err)
	}
	handler := http.FileServer(http.FS(site))

	request := httptest.NewRequest(http.MethodGet, "/", nil)
	request.Header.Set("Range", "bytes=4-10")
	response := httptest.NewRecorder()
	handler.ServeHTTP(response, request)
	fmt.Println(response.Code, response.Header().Get("Content-Range"), response.Body)
	// Output:
	// 206 bytes 4-10/17 Welcome
}
