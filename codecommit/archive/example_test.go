package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing/fstest"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// exampleRepository stands for codecommit.Open(cfg, "staging") with the
// configuration of an AWS account.
func exampleRepository() (repo *codecommit.Repository, stop func()) {
	server, err := codecommittest.Start(codecommittest.FS("staging", fstest.MapFS{
		"README.md":   {Data: []byte("# Staging\n")},
		"bin/deploy":  {Data: []byte("#!/bin/sh\n"), Mode: 0o755},
		"docs/api.md": {Data: []byte("# API\n")},
	}))
	if err != nil {
		panic(err)
	}
	return codecommit.Open(server.Config(), "staging"), server.Close
}

func Example() {
	ctx := context.Background()
	repo, stop := exampleRepository()
	defer stop()

	data, err := archive.New(repo).Zip("main").Bytes(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range r.File {
		fmt.Println(f.Mode(), f.Name)
	}
	// Output:
	// -rw-rw-rw- README.md
	// drwxrwxrwx bin/
	// -rwxr-xr-x bin/deploy
	// drwxrwxrwx docs/
	// -rw-rw-rw- docs/api.md
}

func ExampleArchive_Save() {
	ctx := context.Background()
	repo, stop := exampleRepository()
	defer stop()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	a := archive.New(repo, func(o *archive.Options) { o.Prefix = "staging/" })
	info, err := a.TarGz("main").Save(ctx, filepath.Join(dir, "staging.tar.gz"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.Files, "files in", info.Calls, "calls")
	// Output:
	// 3 files in 6 calls
}

func ExampleOptions_base() {
	ctx := context.Background()
	repo, stop := exampleRepository()
	defer stop()

	// In practice the earlier archive comes from a file or a bucket.
	earlier, err := archive.New(repo).Zip("main").Bytes(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	base, err := zip.NewReader(bytes.NewReader(earlier), int64(len(earlier)))
	if err != nil {
		fmt.Println(err)
		return
	}
	a := archive.New(repo, func(o *archive.Options) { o.Base = base })
	info, err := a.Zip("main").Write(ctx, io.Discard)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.Base.Reused, "files reused,", info.Calls, "calls")
	// Output:
	// 3 files reused, 2 calls
}

func ExampleOptions_extra() {
	ctx := context.Background()
	repo, stop := exampleRepository()
	defer stop()

	commit, err := repo.Resolve(ctx, "main")
	if err != nil {
		fmt.Println(err)
		return
	}
	a := archive.New(repo, func(o *archive.Options) {
		o.Paths = []string{"docs"}
		o.Extra = []archive.File{{Name: "COMMIT", Mode: 0o644, Content: []byte(commit.ID + "\n")}}
	})
	info, err := a.Tar(commit.ID).Write(ctx, io.Discard)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.Files, "files")
	// Output:
	// 2 files
}

// Files over 6 MB come from elsewhere: here from a folder with the same files,
// in practice from a clone or a bucket.
func ExampleOptions_largeBlob() {
	ctx := context.Background()
	files := fstest.MapFS{
		"README.md": {Data: []byte("# Staging\n")},
		"video.mp4": {Data: make([]byte, 7<<20)},
	}
	server, err := codecommittest.Start(codecommittest.FS("staging", files))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	repo := codecommit.Open(server.Config(), "staging")

	_, err = archive.New(repo).Zip("main").Write(ctx, io.Discard)
	var tooLarge *archive.TooLargeError
	if errors.As(err, &tooLarge) {
		fmt.Println("too large:", tooLarge.Path)
	}
	a := archive.New(repo, func(o *archive.Options) {
		o.LargeBlob = func(_ context.Context, ref archive.BlobRef) (io.ReadCloser, error) {
			return files.Open(ref.Path) // what it holds is checked against ref.ID
		}
	})
	info, err := a.Zip("main").Write(ctx, io.Discard)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.Files, "files")
	// Output:
	// too large: video.mp4
	// 2 files
}
