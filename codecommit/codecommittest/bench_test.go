package codecommittest_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// benchmarkBlobs gets blobs with 64 calls in flight and a client that is as
// cheap as can be, so that what is measured is mostly the server. What the git
// processes use is not in B/op.
func benchmarkBlobs(b *testing.B, size int) {
	r := newRepository(b)
	random := rand.NewChaCha8([32]byte{})
	content := make([]byte, size)
	for i := range min(200, 32<<20/size) {
		random.Read(content)
		r.write(filepath.Join("files", fmt.Sprint(i)), string(content), 0o644)
	}
	r.commit("files")
	r.git("repack", "-q", "-a", "-d", "--window=0")
	var bodies []string
	for _, e := range r.lsTree("-r", "HEAD") {
		bodies = append(bodies, `{"blobId":"`+e.ID+`","repositoryName":"app"}`)
	}
	s := codecommittest.NewServer(b, codecommittest.Git("app", r.dir))
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}
	defer client.CloseIdleConnections()
	b.SetBytes(int64(size))
	b.SetParallelism(64)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := rand.IntN(len(bodies)); pb.Next(); i = (i + 1) % len(bodies) {
			req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.URL(), strings.NewReader(bodies[i]))
			if err != nil {
				b.Error(err)
				return
			}
			req.Header.Set("X-Amz-Target", "CodeCommit_20150413.GetBlob")
			resp, err := client.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			n, err := io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if err != nil || n <= int64(size) || resp.StatusCode != http.StatusOK {
				b.Errorf("%s, %d bytes, %v", resp.Status, n, err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

func BenchmarkGetBlob(b *testing.B) {
	for name, size := range map[string]int{"10KiB": 10 << 10, "2MiB": 2 << 20} {
		b.Run(name, func(b *testing.B) { benchmarkBlobs(b, size) })
	}
}

// BenchmarkGetDifferences lists 15,000 files in pages of 1,000, client
// included.
func BenchmarkGetDifferences(b *testing.B) {
	r := newRepository(b)
	var index strings.Builder
	id := strings.TrimSpace(r.run("hello\n", "hash-object", "-w", "--stdin"))
	for i := range 15_000 {
		fmt.Fprintf(&index, "100644 %s\tfolder%d/sub%d/file%d\n", id, i%40, i%1500, i)
	}
	r.run(index.String(), "update-index", "--add", "--index-info")
	r.git("commit", "-q", "-m", "files")
	s := codecommittest.NewServer(b, codecommittest.Git("app", r.dir))
	client := newClient(s)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		files := 0
		pages := awscodecommit.NewGetDifferencesPaginator(client, &awscodecommit.GetDifferencesInput{
			RepositoryName: aws.String("app"), AfterCommitSpecifier: aws.String("main"), MaxResults: aws.Int32(1000)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			files += len(page.Differences)
		}
		if files != 15_000 {
			b.Fatalf("%d files", files)
		}
	}
}
