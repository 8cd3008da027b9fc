package codecommit_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

func randomBytes(n int) []byte {
	data := make([]byte, n)
	rand.NewChaCha8([32]byte{}).Read(data)
	return data
}

func TestBlob(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{}
	for _, n := range []int{0, 1, 2, 3, 4, 1000, 32<<10 - 13, 32 << 10, 1 << 20, codecommit.MaxBlobSize} {
		files[strconv.Itoa(n)] = &fstest.MapFile{Data: randomBytes(n)}
	}
	s := codecommittest.NewServer(t, codecommittest.FS("staging", files))
	r := open(s, "staging")
	folder, err := r.Folder(t.Context(), "main", "")
	if err != nil {
		t.Fatal(err)
	}
	s.ResetCalls()
	for _, e := range folder.Entries {
		content, err := r.Blob(t.Context(), e.ID)
		if err != nil || !bytes.Equal(content, files[e.Path].Data) {
			t.Errorf("Blob of %s bytes: %d bytes, %v", e.Path, len(content), err)
		}
		if content == nil {
			t.Errorf("Blob of %s bytes is nil", e.Path)
		}
	}
	// A reply that comes at once must not be cut off and asked for again.
	if got, want := s.Count("GetBlob"), len(folder.Entries); got != want {
		t.Errorf("%d attempts for %d calls", got, want)
	}
}

func TestBlobErrors(t *testing.T) {
	t.Parallel()
	large := make([]byte, codecommit.MaxBlobSize+1)
	file := []byte("content")
	s := codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{"large": {Data: large}, "file": {Data: file}}))
	r := open(s, "staging")
	tests := []struct {
		id     string
		faults codecommittest.Faults
		want   error
	}{
		{id: gitobj.BlobID(large), want: codecommit.ErrTooLarge},
		{id: unknownID, want: fs.ErrNotExist},
		{id: gitobj.BlobID(file), faults: codecommittest.Faults{Deny: []string{"GetBlob"}}, want: fs.ErrPermission},
	}
	for _, test := range tests {
		s.SetFaults(test.faults)
		content, err := r.Blob(t.Context(), test.id)
		if content != nil || !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.id) {
			t.Errorf("Blob(%s) = %q, %v, want %v", test.id, content, err, test.want)
		}
	}
	for _, id := range []string{"", "main", "../x"} {
		if content, err := r.Blob(t.Context(), id); content != nil || err == nil {
			t.Errorf("Blob(%q) = %q, %v, want an error", id, content, err)
		}
	}

	s.SetFaults(codecommittest.Faults{CorruptBlobs: func(string) bool { return true }})
	s.ResetCalls()
	id := gitobj.BlobID(file)
	content, err := r.Blob(t.Context(), id)
	var integrityErr *codecommit.IntegrityError
	if content != nil || !errors.As(err, &integrityErr) || integrityErr.Want != id || integrityErr.Got == id {
		t.Errorf("Blob that is damaged = %q, %v, want an IntegrityError", content, err)
	}
	if strings.Contains(err.Error(), "onten") {
		t.Errorf("error %q shows the content", err)
	}
	skip := r.With(func(o *codecommit.Options) { o.SkipVerify = true })
	if content, err := skip.Blob(t.Context(), id); len(content) != len(file) || bytes.Equal(content, file) || err != nil {
		t.Errorf("Blob that is damaged without a proof = %q, %v", content, err)
	}
}

// TestBlobReplies lets a server answer in forms that the service is not known
// to use.
func TestBlobReplies(t *testing.T) {
	t.Parallel()
	content := []byte("content>>>???")
	encoded := base64.StdEncoding.EncodeToString(content)
	id := gitobj.BlobID(content)
	tests := []struct {
		name, body string
		err        string
	}{
		{name: "as the service", body: `{"content":"` + encoded + `"}`},
		{name: "space", body: "{\n  \"content\" : \"" + encoded + "\"\n}\n"},
		{name: "other members", body: `{"__type":"x","content":"` + encoded + `","more":1}`},
		{name: "escaped", body: `{"content":"` + strings.ReplaceAll(encoded, "/", `\/`) + `"}`},
		{name: "escaped with space", body: `{ "content":"` + strings.ReplaceAll(encoded, "/", `\/`) + `"}`},
		{name: "no content", body: `{}`, err: "instead of " + id},
		{name: "null", body: `{"content":null}`, err: "instead of " + id},
		{name: "another type", body: `{"content":5}`, err: "deserialization failed"},
		{name: "no JSON", body: `{"content":"` + encoded + `"]`, err: "not an object of JSON"},
		{name: "no base64", body: `{"content":"$$$$"}`, err: "illegal base64"},
		{name: "HTML", body: `<html></html>`, err: "deserialization failed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				w.Header().Set("Content-Type", "application/x-amz-json-1.1")
				io.WriteString(w, test.body)
			}))
			defer server.Close()
			cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: aws.AnonymousCredentials{}}
			got, err := codecommit.Open(cfg, "staging").Blob(t.Context(), id)
			switch {
			case test.err == "" && (err != nil || !bytes.Equal(got, content)):
				t.Errorf("Blob = %q, %v", got, err)
			case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
				t.Errorf("Blob = %q, %v, want an error with %q", got, err, test.err)
			}
		})
	}
}

func TestBlobTruncated(t *testing.T) {
	t.Parallel()
	content := randomBytes(60_000)
	s := codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{"file": {Data: content}}))
	s.SetFaults(codecommittest.Faults{TruncateRate: 0.5, Seed: 7})
	r := open(s, "staging")
	for range 12 {
		got, err := r.Blob(t.Context(), gitobj.BlobID(content))
		if err != nil || !bytes.Equal(got, content) {
			t.Fatalf("Blob = %d bytes, %v", len(got), err)
		}
	}
	if got := s.Count("GetBlob"); got < 15 {
		t.Errorf("%d attempts for 12 calls of which half were cut off", got)
	}
}

func TestBlobOfAFake(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{getBlob: func(_ context.Context, in *awscodecommit.GetBlobInput) (*awscodecommit.GetBlobOutput, error) {
		if *in.BlobId == emptyBlobID {
			return &awscodecommit.GetBlobOutput{}, nil
		}
		return &awscodecommit.GetBlobOutput{Content: []byte("content")}, nil
	}}
	r := codecommit.New(api, "staging")
	if content, err := r.Blob(t.Context(), emptyBlobID); len(content) != 0 || err != nil {
		t.Errorf("Blob = %q, %v", content, err)
	}
	if content, err := r.Blob(t.Context(), gitobj.BlobID([]byte("content"))); string(content) != "content" || err != nil {
		t.Errorf("Blob = %q, %v", content, err)
	}
}

// replyClient answers every request with a reply to GetBlob.
type replyClient struct{ body []byte }

func (c replyClient) Do(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: int64(len(c.body)),
		Body: io.NopCloser(bytes.NewReader(c.body)),
	}, nil
}

// BenchmarkBlob compares a call of GetBlob for 2 MiB with the same call of the
// SDK's client. No network is in it.
func BenchmarkBlob(b *testing.B) {
	content := randomBytes(2 << 20)
	id := gitobj.BlobID(content)
	cfg := aws.Config{
		Region: "us-east-1", Credentials: aws.AnonymousCredentials{},
		HTTPClient: replyClient{fmt.Appendf(nil, `{"content":"%s"}`, base64.StdEncoding.EncodeToString(content))},
	}
	client := awscodecommit.NewFromConfig(cfg)
	run := func(name string, get func(context.Context) ([]byte, error)) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			for b.Loop() {
				if got, err := get(b.Context()); err != nil || len(got) != len(content) {
					b.Fatal(err)
				}
			}
		})
	}
	r := codecommit.New(client, "staging")
	skip := r.With(func(o *codecommit.Options) { o.SkipVerify = true })
	run("Repository", func(ctx context.Context) ([]byte, error) { return r.Blob(ctx, id) })
	run("Repository without proof", func(ctx context.Context) ([]byte, error) { return skip.Blob(ctx, id) })
	run("SDK", func(ctx context.Context) ([]byte, error) {
		out, err := client.GetBlob(ctx, &awscodecommit.GetBlobInput{RepositoryName: aws.String("staging"), BlobId: &id})
		if err != nil {
			return nil, err
		}
		return out.Content, nil
	})
}
