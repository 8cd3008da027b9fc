//go:build unix

package archive_test

import (
	"context"
	"io"
	"io/fs"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// BenchmarkScript reads the package net of Go with its subfolders as most scripts do:
// GetFolder for each folder and GetFile for each file, one call after another, in 20 ms
// each. It reports the time as a multiple of the time that Archive.Write takes in the
// same process with the default options: some 24 times for 415 files.
func BenchmarkScript(b *testing.B) {
	source, err := fs.Sub(goSource(b), "net")
	if err != nil {
		b.Fatal(err)
	}
	server := codecommittest.NewServer(b, codecommittest.FS("net", source))
	server.SetFaults(codecommittest.Faults{Latency: benchLatency})
	client := awscodecommit.NewFromConfig(server.Config())
	begin := time.Now()
	info, err := archive.New(codecommit.Open(server.Config(), "net")).Zip("main").Write(b.Context(), io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	archived := time.Since(begin)
	files := 0
	for b.Loop() {
		if files, err = readFolder(b.Context(), client, "/"); err != nil {
			b.Fatal(err)
		}
	}
	if files != info.Files {
		b.Fatalf("read %d files, the archive has %d", files, info.Files)
	}
	b.ReportMetric(float64(files), "files")
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(archived), "×archive")
}

// readFolder reads the files of the folder and of those in it, and returns their number.
func readFolder(ctx context.Context, client *awscodecommit.Client, folder string) (int, error) {
	listing, err := client.GetFolder(ctx, &awscodecommit.GetFolderInput{
		RepositoryName: aws.String("net"), CommitSpecifier: aws.String("main"), FolderPath: aws.String(folder),
	})
	if err != nil {
		return 0, err
	}
	for _, file := range listing.Files {
		if _, err := client.GetFile(ctx, &awscodecommit.GetFileInput{
			RepositoryName: aws.String("net"), CommitSpecifier: aws.String("main"), FilePath: file.AbsolutePath,
		}); err != nil {
			return 0, err
		}
	}
	files := len(listing.Files)
	for _, sub := range listing.SubFolders {
		n, err := readFolder(ctx, client, aws.ToString(sub.AbsolutePath))
		if err != nil {
			return 0, err
		}
		files += n
	}
	return files, nil
}
