package githubstatus_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/internal/githubtest"
)

// BenchmarkSet sends statuses over HTTP, each a new one.
func BenchmarkSet(b *testing.B) {
	server := githubtest.New(b)
	server.AddRepository("octo/hello")
	client := newClient(server)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c := commit
		c.SHA = fmt.Sprintf("%040x", i)
		if err := client.Set(b.Context(), c, success("ci")); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSetClient is BenchmarkSet without net/http and the server.
func BenchmarkSetClient(b *testing.B) {
	s := &script{replies: replies(reply(201, `{}`))}
	client := scripted(s)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c := commit
		c.SHA = fmt.Sprintf("%040x", i)
		if err := client.Set(b.Context(), c, success("ci")); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSetUnchanged sets each status 1,000 times and reports the requests
// that this takes.
func BenchmarkSetUnchanged(b *testing.B) {
	server := githubtest.New(b)
	server.AddRepository("octo/hello")
	client := newClient(server)
	status := success("codepipeline/p")
	status.Description = strings.Repeat("all is well ", 10)
	b.ReportAllocs()
	n := 0
	for ; b.Loop(); n++ {
		c := commit
		c.SHA = fmt.Sprintf("%040x", n)
		for range 1000 {
			if err := client.Set(b.Context(), c, status); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(server.Count(""))/float64(n), "requests/op")
}
