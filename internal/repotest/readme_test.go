package repotest_test

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"text/template"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// The code of README.md, as it stands there, with what is around it.

func saveZip(ctx context.Context, cfg aws.Config) error {
	repo := codecommit.Open(cfg, "staging")
	info, err := archive.New(repo).Zip("main").Save(ctx, "staging.zip")
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d files in %d calls\n", info.Commit.ID, info.Files, info.Calls)
	return nil
}

func updateZip(ctx context.Context, cfg aws.Config, upload io.Writer) error {
	base, err := zip.OpenReader("staging.zip")
	if err != nil {
		return err
	}
	defer base.Close()
	archiver := archive.New(codecommit.Open(cfg, "staging"), func(o *archive.Options) {
		o.Base = &base.Reader
	})
	info, err := archiver.Zip("main").Write(ctx, upload)
	if err != nil {
		return err
	}
	fmt.Printf("%d of %d files are from the base\n", info.Base.Reused, info.Files)
	return nil
}

func printChanges(ctx context.Context, cfg aws.Config, lastBuilt string) error {
	repo := codecommit.Open(cfg, "staging")
	commit, err := repo.Resolve(ctx, "main")
	if err != nil {
		return err // errors.Is(err, fs.ErrNotExist) if there is no such reference
	}
	for change, err := range repo.Changes(ctx, lastBuilt, commit.ID) {
		if err != nil {
			return err
		}
		fmt.Println(change.Type, change.Path)
	}
	return nil
}

func printMail(ctx context.Context, cfg aws.Config, name string) error {
	tree, err := codecommit.Open(cfg, "staging").FS(ctx, "main")
	if err != nil {
		return err
	}
	templates, err := template.ParseFS(tree, "templates/*.txt")
	if err != nil {
		return err
	}
	return templates.ExecuteTemplate(os.Stdout, "mail.txt", name)
}

func TestDeploy(t *testing.T) {
	server := codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{
		"app/main.go": {Data: []byte("package main\n")},
	}))
	server.SetFaults(codecommittest.Faults{Rate: 100, DropRate: 0.1})

	if err := deploy(t.Context(), server.Config(), "staging"); err != nil {
		t.Fatal(err)
	}
	if n := server.Count("GetBlob"); n == 0 {
		t.Error("nothing was fetched")
	}
}

// deploy stands for what a reader's program does.
func deploy(ctx context.Context, cfg aws.Config, repository string) error {
	_, err := archive.New(codecommit.Open(cfg, repository)).TarGz("main").Write(ctx, io.Discard)
	return err
}

func Example() {
	// To be run in a folder of its own.
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	back, err := os.Getwd()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.Chdir(back)
	if err := os.Chdir(dir); err != nil {
		fmt.Println(err)
		return
	}
	first := fstest.MapFS{
		"README.md":   {Data: []byte("# Staging\n")},
		"app/main.go": {Data: []byte("package main\n")},
	}
	second := fstest.MapFS{
		"README.md":   {Data: []byte("# Staging, second\n")},
		"app/main.go": {Data: []byte("package main\n")},
		"LICENSE":     {Data: []byte("free\n")},

		"templates/mail.txt": {Data: []byte("Dear {{.}}\n")},
	}
	server, err := codecommittest.Start(codecommittest.FS("staging", first))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()

	ctx := context.Background()
	lastBuilt, err := codecommit.Open(server.Config(), "staging").Resolve(ctx, "main")
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := saveZip(ctx, server.Config()); err != nil {
		fmt.Println(err)
	}
	if _, err := server.Commit("staging", "main", second); err != nil {
		fmt.Println(err)
	}
	if err := printChanges(ctx, server.Config(), lastBuilt.ID); err != nil {
		fmt.Println(err)
	}
	if err := updateZip(ctx, server.Config(), io.Discard); err != nil {
		fmt.Println(err)
	}
	if err := printMail(ctx, server.Config(), "reader"); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 54cf83f3c64682ab92c83a38085993db774b7a9b: 2 files in 5 calls
	// A LICENSE
	// M README.md
	// A templates/mail.txt
	// 1 of 4 files are from the base
	// Dear reader
}

// TestReadme checks that the Go code of README.md is in the tests named after
// it, or in the examples of a package, where it is compiled and run.
func TestReadme(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("readme*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	for _, file := range append(files, "../../customaction/ec2build/example_test.go") {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source.WriteString(unindent(string(b)))
	}
	blocks := strings.Split(read(t, "README.md"), "```go\n")[1:]
	if len(blocks) == 0 {
		t.Fatal("README.md has no Go code")
	}
	for _, block := range blocks {
		code, _, _ := strings.Cut(block, "```")
		if !strings.Contains(source.String(), unindent(code)) {
			t.Errorf("no readme*_test.go and no example holds this code of README.md:\n%s", code)
		}
	}
}

// unindent removes the white space at the start of each line.
func unindent(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString(strings.TrimLeft(line, "\t "))
	}
	return b.String()
}
