package codecommittest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// post sends a call without the SDK. The caller closes the body.
func post(ctx context.Context, t *testing.T, s *codecommittest.Server, operation, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL(), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "CodeCommit_20150413."+operation)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// What the SDK does not let through.
func TestWire(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("app", fstest.MapFS{"a": {Data: []byte("hello\n")}}))
	for _, test := range []struct{ operation, body, want string }{
		{"GetRepository", `{}`, "RepositoryNameRequiredException"},
		{"GetRepository", `{"repositoryName":null}`, "RepositoryNameRequiredException"},
		{"GetRepository", `{"RepositoryName":"app"}`, "RepositoryNameRequiredException"}, // names differ by case
		{"GetRepository", `{"repositoryName":1}`, "SerializationException"},
		{"GetRepository", `{"repositoryName":"app"`, "SerializationException"},
		{"GetRepository", `["app"]`, "SerializationException"},
		{"GetRepository", ``, "SerializationException"},
		{"GetRepository", `{"repositoryName":"app","other":[1,{}]}`, ""},
		{"GetBranch", `{"repositoryName":"app"}`, "BranchNameRequiredException"},
		{"GetCommit", `{"repositoryName":"app"}`, "CommitIdRequiredException"},
		{"BatchGetCommits", `{"repositoryName":"app"}`, "CommitIdsListRequiredException"},
		{"BatchGetCommits", `{"repositoryName":"app","commitIds":"x"}`, "SerializationException"},
		{"BatchGetRepositories", `{}`, "RepositoryNamesRequiredException"},
		{"GetBlob", `{"repositoryName":"app"}`, "BlobIdRequiredException"},
		{"GetFile", `{"repositoryName":"app"}`, "PathRequiredException"},
		{"GetFolder", `{"repositoryName":"app"}`, "PathRequiredException"},
		{"GetDifferences", `{"repositoryName":"app"}`, "CommitRequiredException"},
		{"GetDifferences", `{"repositoryName":"app","afterCommitSpecifier":"main","maxResults":0}`, ""}, // it is MaxResults
		{"GetDifferences", `{"repositoryName":"app","afterCommitSpecifier":"main","MaxResults":"1"}`, "SerializationException"},
		{"PutRepositoryTriggers", `{"repositoryName":"app"}`, "RepositoryTriggersListRequiredException"},
		{"PutRepositoryTriggers", `{"repositoryName":"app","triggers":[{}]}`, "RepositoryTriggerNameRequiredException"},
		{"PutRepositoryTriggers", `{"repositoryName":"app","triggers":[{"name":"a"}]}`, "RepositoryTriggerDestinationArnRequiredException"},
		{"PutRepositoryTriggers", `{"repositoryName":"app","triggers":[{"name":"a","destinationArn":"` + topic + `","branches":[]}]}`, "RepositoryTriggerEventsListRequiredException"},
		{"PutRepositoryTriggers", `{"repositoryName":"app","triggers":[{"name":"a","events":"all"}]}`, "SerializationException"},
		{"DeleteRepository", `{"repositoryName":"app"}`, "UnknownOperationException"},
		{"", `{}`, "UnknownOperationException"},
	} {
		resp := post(t.Context(), t, s, test.operation, test.body)
		data, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		var reply struct {
			Type    string `json:"__type"`
			Message string
		}
		if err := json.Unmarshal(data, &reply); err != nil {
			t.Errorf("%s %s: reply %q: %v", test.operation, test.body, data, err)
		}
		status := http.StatusOK
		if test.want != "" {
			status = http.StatusBadRequest
		}
		if reply.Type != test.want || resp.StatusCode != status {
			t.Errorf("%s %s: %s %q, want %d %q", test.operation, test.body, resp.Status, data, status, test.want)
		}
		if got := resp.Header.Get("Content-Type"); got != "application/x-amz-json-1.1" {
			t.Errorf("%s: Content-Type %q", test.operation, got)
		}
		if resp.ContentLength != int64(len(data)) || len(resp.Header.Get("X-Amzn-RequestId")) != 36 {
			t.Errorf("%s: header %v", test.operation, resp.Header)
		}
	}
}

// Replies as they are on the wire.
func TestReplies(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("app", fstest.MapFS{"d/<a>&": {Data: []byte("hello\n")}}))
	for _, test := range []struct{ operation, body, want string }{
		{"GetBlob", `{"repositoryName":"app","blobId":"ce013625030ba8dba906f756967f9e9ca394464a"}`, `{"content":"aGVsbG8K"}`},
		{"GetFile", `{"repositoryName":"app","filePath":"/d/<a>&"}`, `{"commitId":"251d2c735adbbe81028fe67e48c01f908cac7400","blobId":"ce013625030ba8dba906f756967f9e9ca394464a","filePath":"d/<a>&","fileMode":"NORMAL","fileSize":6,"fileContent":"aGVsbG8K"}`},
		{"GetFolder", `{"repositoryName":"app","folderPath":"/"}`, `{"commitId":"251d2c735adbbe81028fe67e48c01f908cac7400","folderPath":"","treeId":"1ebaa089136a9803e4bd7beecd5d10234ec5f7d9","subFolders":[{"treeId":"868e35211b35911280e8a70ed632a9c71a9f5e1b","absolutePath":"d","relativePath":"d"}],"files":[],"symbolicLinks":[],"subModules":[]}` + "\n"},
		{"GetDifferences", `{"repositoryName":"app","afterCommitSpecifier":"main"}`, `{"differences":[{"afterBlob":{"blobId":"ce013625030ba8dba906f756967f9e9ca394464a","path":"d/<a>&","mode":"100644"},"changeType":"A"}]}` + "\n"},
		{"GetBranch", `{"repositoryName":"app","branchName":"none"}`, `{"__type":"BranchDoesNotExistException","message":"there is no branch none"}` + "\n"},
	} {
		resp := post(t.Context(), t, s, test.operation, test.body)
		data, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if string(data) != test.want {
			t.Errorf("%s: reply %s, want %s", test.operation, data, test.want)
		}
	}
}
