package codecommit_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/codecommit"
)

// endless is a reply that starts with the text and goes on with the filler.
type endless struct {
	start, filler string
	read          int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.start)
	e.start = e.start[n:]
	for n < len(p) {
		n += copy(p[n:], e.filler)
	}
	e.read += n
	return n, nil
}

// A reply without an end is an error, long before it fills the memory.
func TestEndlessReplies(t *testing.T) {
	t.Parallel()
	const blob, other = 17 << 20, 129 << 20 // bytes that may be read
	tests := map[string]struct {
		start, filler string
		status, most  int
		call          func(context.Context, *codecommit.Repository) error
	}{
		"a blob":                {`{"content":"`, "AAAA", 200, blob, getBlob},
		"a blob of line breaks": {`{"content":"`, `\n`, 200, blob, getBlob},
		"a blob in other form":  {`{ "content" : "`, "AAAA", 200, blob, getBlob},
		"behind a blob":         {`{"content":"AAAA","x":"`, "y", 200, blob, getBlob},
		"branches":              {`{"branches":["`, "a", 200, other, func(ctx context.Context, r *codecommit.Repository) error { return first(r.Branches(ctx)) }},
		"an error":              {`{"__type":"`, "a", 400, other, getBlob},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := &endless{start: test.start, filler: test.filler}
			cfg := aws.Config{Region: "us-east-1", Credentials: aws.AnonymousCredentials{}}
			cfg.HTTPClient = clientFunc(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: test.status, Header: http.Header{}, Body: io.NopCloser(body), ContentLength: -1}, nil
			})
			err := test.call(t.Context(), codecommit.Open(cfg, "staging"))
			if err == nil || body.read > test.most {
				t.Errorf("error %v after %d bytes, want one after %d at most", err, body.read, test.most)
			}
		})
	}
}

func getBlob(ctx context.Context, r *codecommit.Repository) error {
	_, err := r.Blob(ctx, emptyBlobID)
	return err
}

// Content over the API's limit is an error even if its reply has an end.
func TestBlobOverTheLimit(t *testing.T) {
	t.Parallel()
	for size, ok := range map[int]bool{codecommit.MaxBlobSize: true, codecommit.MaxBlobSize + 3: false} {
		cfg := aws.Config{Region: "us-east-1", Credentials: aws.AnonymousCredentials{}}
		cfg.HTTPClient = clientFunc(func(*http.Request) (*http.Response, error) {
			body := strings.NewReader(`{"content":"` + strings.Repeat("AAAA", size/3) + `"}`)
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(body), ContentLength: body.Size()}, nil
		})
		content, err := codecommit.Open(cfg, "staging", func(o *codecommit.Options) { o.SkipVerify = true }).Blob(t.Context(), emptyBlobID)
		if (err == nil) != ok || ok && len(content) != size {
			t.Errorf("a blob of %d bytes: %d bytes, %v", size, len(content), err)
		}
	}
}

// Pages without an end are an error, and so is a token that is no token.
func TestEndlessPages(t *testing.T) {
	t.Parallel()
	calls := 0
	tests := map[string]struct {
		token func() string
		fill  bool // pages are not empty
		want  string
		calls int
	}{
		"new tokens":   {func() string { return strconv.Itoa(calls) }, true, "over 100000 pages", 100_001},
		"empty pages":  {func() string { return strconv.Itoa(calls) }, false, "1000 empty pages in a row", 1000},
		"a long token": {func() string { return strings.Repeat("x", 1<<20) }, true, "token of 1048576 bytes", 1},
		"same token":   {func() string { return "x" }, true, "the same continuation token twice", 2},
	}
	for name, test := range tests {
		api := &fakeAPI{
			getDifferences: func(context.Context, *awscodecommit.GetDifferencesInput) (*awscodecommit.GetDifferencesOutput, error) {
				calls++
				out := &awscodecommit.GetDifferencesOutput{NextToken: aws.String(test.token())}
				if test.fill {
					out.Differences = []types.Difference{{AfterBlob: &types.BlobMetadata{Path: aws.String("a"), Mode: aws.String("100644")}}}
				}
				return out, nil
			},
			listBranches: func(context.Context, *awscodecommit.ListBranchesInput) (*awscodecommit.ListBranchesOutput, error) {
				calls++
				out := &awscodecommit.ListBranchesOutput{NextToken: aws.String(test.token())}
				if test.fill {
					out.Branches = []string{"main"}
				}
				return out, nil
			},
		}
		r := codecommit.New(api, "staging")
		for method, err := range map[string]func() error{
			"Changes":  func() error { return last(r.Changes(t.Context(), "", unknownID)) },
			"Branches": func() error { return last(r.Branches(t.Context())) },
		} {
			calls = 0
			var e *codecommit.Error
			if err := err(); !errors.As(err, &e) || !strings.Contains(err.Error(), test.want) || calls != test.calls {
				t.Errorf("%s: %s: error %v after %d calls, want %q after %d", name, method, err, calls, test.want, test.calls)
			}
		}
	}
}

// last returns the error of the last element.
func last[T any](seq iter.Seq2[T, error]) (err error) {
	for _, err = range seq {
	}
	return err
}
