package codecommittest_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

const helloID = "ce013625030ba8dba906f756967f9e9ca394464a" // "hello\n"

func newApp(t *testing.T) *codecommittest.Server {
	t.Helper()
	return codecommittest.NewServer(t, codecommittest.FS("app", fstest.MapFS{
		"a":     {Data: []byte("hello\n")},
		"empty": {},
		"large": {Data: []byte(strings.Repeat("0123456789", 100_000))},
	}))
}

// attempt is a GetBlob without retries.
func attempt(ctx context.Context, s *codecommittest.Server, id string) ([]byte, error) {
	client := awscodecommit.NewFromConfig(s.Config(), func(o *awscodecommit.Options) { o.Retryer = aws.NopRetryer{} })
	out, err := client.GetBlob(ctx, &awscodecommit.GetBlobInput{RepositoryName: aws.String("app"), BlobId: &id})
	if err != nil {
		return nil, err
	}
	return out.Content, nil
}

func status(err error) int {
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		return response.HTTPStatusCode()
	}
	return 0
}

func TestDeny(t *testing.T) {
	t.Parallel()
	s := newApp(t)
	s.SetFaults(codecommittest.Faults{Deny: []string{"GetFolder", "GetBlob"}})
	_, err := attempt(t.Context(), s, helloID)
	wantError(t, "GetBlob", err, "AccessDeniedException")
	if err != nil && !strings.Contains(err.Error(), "codecommit:GetBlob") || status(err) != 400 {
		t.Errorf("error %v", err)
	}
	if _, err := newClient(s).ListBranches(t.Context(), &awscodecommit.ListBranchesInput{RepositoryName: aws.String("app")}); err != nil {
		t.Errorf("an operation that is allowed: %v", err)
	}
	s.SetFaults(codecommittest.Faults{})
	if _, err := attempt(t.Context(), s, helloID); err != nil {
		t.Errorf("without faults: %v", err)
	}
}

func TestFail(t *testing.T) {
	t.Parallel()
	s := newApp(t)
	for code, want := range map[string]int{
		"EncryptionKeyDisabledException":           400,
		"EncryptionIntegrityChecksFailedException": 500,
		"ServiceUnavailable":                       503,
		"ThrottlingException":                      400,
	} {
		s.SetFaults(codecommittest.Faults{Fail: func(operation string) string {
			if operation == "GetBlob" {
				return code
			}
			return ""
		}})
		_, err := attempt(t.Context(), s, helloID)
		wantError(t, "GetBlob", err, code)
		if got := status(err); got != want {
			t.Errorf("%s has the status %d, want %d", code, got, want)
		}
	}
}

// fates returns what becomes of calls, one after the other.
func fates(t *testing.T, s *codecommittest.Server, n int) map[string]int {
	t.Helper()
	counts := make(map[string]int)
	for range n {
		content, err := attempt(t.Context(), s, helloID)
		var e smithy.APIError
		switch {
		case err == nil && string(content) == "hello\n":
			counts["ok"]++
		case errors.As(err, &e) && e.ErrorCode() == "InternalFailure" && status(err) == 500:
			counts["error"]++
		case errors.Is(err, io.ErrUnexpectedEOF):
			counts["truncated"]++
		case errors.Is(err, io.EOF):
			counts["dropped"]++
		default:
			t.Errorf("content %q, error %v", content, err)
		}
	}
	return counts
}

func TestRandomFaults(t *testing.T) {
	t.Parallel()
	s := newApp(t)
	const n = 400
	f := codecommittest.Faults{ErrorRate: 0.2, DropRate: 0.1, TruncateRate: 0.1, Seed: 7}
	s.SetFaults(f)
	first := fates(t, s, n)
	for fate, share := range map[string]float64{"ok": 0.6, "error": 0.2, "dropped": 0.1, "truncated": 0.1} {
		if got := float64(first[fate]); got < n*share/2 || got > n*share*2 {
			t.Errorf("%v of %d calls are %s, want a share of %v", got, n, fate, share)
		}
	}
	s.SetFaults(f)
	if diff := cmp.Diff(first, fates(t, s, n)); diff != "" {
		t.Errorf("the same seed has other faults (-first +second):\n%s", diff)
	}
	f.Seed = 8
	s.SetFaults(f)
	if maps.Equal(first, fates(t, s, n)) {
		t.Errorf("another seed has the same faults: %v", first)
	}
	if got := s.Count("GetBlob"); got != 3*n {
		t.Errorf("%d calls, want %d", got, 3*n)
	}
	for fate, f := range map[string]codecommittest.Faults{
		"error":     {ErrorRate: 1},
		"dropped":   {DropRate: 1},
		"truncated": {TruncateRate: 1},
		"ok":        {},
	} {
		s.SetFaults(f)
		if diff := cmp.Diff(map[string]int{fate: 5}, fates(t, s, 5)); diff != "" {
			t.Errorf("only %s mismatch (-want +got):\n%s", fate, diff)
		}
	}
}

// The retryer of Config gets over faults without long waits.
func TestRetries(t *testing.T) {
	t.Parallel()
	s := newApp(t)
	client := newClient(s)
	s.SetFaults(codecommittest.Faults{ErrorRate: 0.1, DropRate: 0.05, Seed: 1})
	for range 100 {
		out, err := client.GetBlob(t.Context(), &awscodecommit.GetBlobInput{RepositoryName: aws.String("app"), BlobId: aws.String(helloID)},
			func(o *awscodecommit.Options) { o.RetryMaxAttempts = 10 })
		if err != nil || string(out.Content) != "hello\n" {
			t.Fatalf("GetBlob = %v, %v", out, err)
		}
	}
	if got := s.Count("GetBlob"); got <= 100 {
		t.Errorf("%d attempts for 100 calls: no faults", got)
	}
}

// A large reply is cut in its middle, not only a small one.
func TestTruncateLarge(t *testing.T) {
	t.Parallel()
	s := newApp(t)
	s.SetFaults(codecommittest.Faults{TruncateRate: 1})
	resp := post(t.Context(), t, s, "GetFile", `{"repositoryName":"app","filePath":"large"}`)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if !errors.Is(err, io.ErrUnexpectedEOF) || int64(len(data)) != resp.ContentLength/2 {
		t.Errorf("%d of %d bytes, %v", len(data), resp.ContentLength, err)
	}
}

func TestThrottling(t *testing.T) {
	t.Parallel()
	s := newApp(t)
	// One call in eleven days, and one in the bucket at first.
	s.SetFaults(codecommittest.Faults{Rate: 1e-6})
	if _, err := attempt(t.Context(), s, helloID); err != nil {
		t.Errorf("first call: %v", err)
	}
	_, err := attempt(t.Context(), s, helloID)
	wantError(t, "second call", err, "ThrottlingException")
	if status(err) != 400 {
		t.Errorf("status %d", status(err))
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	s := newApp(t)
	const latency = 30 * time.Millisecond
	s.SetFaults(codecommittest.Faults{Latency: latency, SlowBlobs: func(id string) time.Duration {
		if id == helloID {
			return latency
		}
		return 0
	}})
	for id, want := range map[string]time.Duration{helloID: 2 * latency, noID: latency} {
		start := time.Now()
		attempt(t.Context(), s, id)
		if got := time.Since(start); got < want {
			t.Errorf("GetBlob %s took %s, want at least %s", id, got, want)
		}
	}
	// A client need not wait to the end.
	s.SetFaults(codecommittest.Faults{Latency: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	s.OnCall(func(string) { cancel() })
	if _, err := attempt(ctx, s, helloID); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestCorruptBlobs(t *testing.T) {
	t.Parallel()
	s := newApp(t)
	client := newClient(s)
	sizes := map[string]int{"a": 6, "empty": 1, "large": 1_000_000}
	get := func(path string) []byte {
		t.Helper()
		out, err := client.GetFile(t.Context(), &awscodecommit.GetFileInput{RepositoryName: aws.String("app"), FilePath: &path})
		if err != nil {
			t.Fatal(err)
		}
		return out.FileContent
	}
	good := map[string]string{}
	for path := range sizes {
		good[path] = string(get(path))
	}
	s.SetFaults(codecommittest.Faults{CorruptBlobs: func(id string) bool { return true }})
	for path, size := range sizes {
		got := get(path)
		if len(got) != size || string(got) == good[path] {
			t.Errorf("%s: %d bytes, want %d that differ", path, len(got), size)
		}
		if path != "empty" && string(got[1:]) != good[path][1:] {
			t.Errorf("%s: more than the first byte differs", path)
		}
	}
	// Only what it was asked for, and only while it is on.
	s.SetFaults(codecommittest.Faults{CorruptBlobs: func(id string) bool { return id == helloID }})
	if string(get("large")) != good["large"] || string(get("a")) == good["a"] {
		t.Error("the wrong blobs are corrupt")
	}
	s.SetFaults(codecommittest.Faults{})
	for path := range sizes {
		if string(get(path)) != good[path] {
			t.Errorf("%s stays corrupt", path)
		}
	}
}

// OnCall moves a branch between two pages of a listing: one that names the
// commit does not see it, one that names the branch does.
func TestOnCall(t *testing.T) {
	t.Parallel()
	files := func(prefix string) fstest.MapFS {
		files := fstest.MapFS{}
		for i := range 10 {
			files[prefix+strconv.Itoa(i)] = &fstest.MapFile{}
		}
		return files
	}
	s := codecommittest.NewServer(t, codecommittest.FS("app", files("old")))
	client := newClient(s)
	branch, err := client.GetBranch(t.Context(), &awscodecommit.GetBranchInput{RepositoryName: aws.String("app"), BranchName: aws.String("main")})
	if err != nil {
		t.Fatal(err)
	}
	calls := 0 // one at a time
	push := func(operation string) {
		if operation != "GetDifferences" {
			t.Errorf("operation %s", operation)
		}
		if calls++; calls%2 == 0 {
			if _, err := s.Commit("app", "main", files("new")); err != nil {
				t.Error(err)
			}
		}
	}
	s.OnCall(push)
	for specifier, want := range map[string]string{*branch.Branch.CommitId: "old9", "main": "new9"} {
		if err := s.SetRef("app", "refs/heads/main", *branch.Branch.CommitId); err != nil {
			t.Fatal(err)
		}
		list := listing(t, client, awscodecommit.GetDifferencesInput{RepositoryName: aws.String("app"), AfterCommitSpecifier: &specifier, MaxResults: aws.Int32(5)})
		if len(list) != 10 || list[0].Path != "old0" || list[9].Path != want {
			t.Errorf("listing of %s: %v", specifier, list)
		}
	}
	s.OnCall(nil)
	if _, err := client.GetDifferences(t.Context(), &awscodecommit.GetDifferencesInput{RepositoryName: aws.String("app"), AfterCommitSpecifier: aws.String("main")}); err != nil || calls != 4 {
		t.Errorf("%d calls of the hook, %v", calls, err)
	}
}

// Everything at once, for the race detector.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.files()
	r.commit("files")
	s := codecommittest.NewServer(t, codecommittest.Git("git", r.dir), codecommittest.FS("fs", dirFS(r.dir)))
	want := len(r.lsTree("-r", "HEAD"))
	var wg sync.WaitGroup
	for i := range 8 {
		name := []string{"git", "fs"}[i%2]
		wg.Go(func() {
			client := newClient(s)
			for range 3 {
				list := listing(t, client, awscodecommit.GetDifferencesInput{RepositoryName: &name, AfterCommitSpecifier: aws.String("main"), MaxResults: aws.Int32(10)})
				if name == "git" && len(list) != want {
					t.Errorf("%d files, want %d", len(list), want)
				}
				for _, e := range list {
					if e.Mode == "160000" {
						continue
					}
					if _, err := client.GetBlob(t.Context(), &awscodecommit.GetBlobInput{RepositoryName: &name, BlobId: &e.ID}); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Go(func() {
		for i := range 50 {
			s.SetFaults(codecommittest.Faults{Latency: time.Duration(i%3) * 100 * time.Microsecond, Seed: uint64(i)})
			s.OnCall(func(string) {})
			s.Calls()
			if _, err := s.Commit("fs", "other", fstest.MapFS{"a": {Data: []byte{byte(i)}}}); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
}
