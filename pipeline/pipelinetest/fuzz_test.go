package pipelinetest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// Text without #{ is left alone, and values are not expanded again.
func FuzzExpand(f *testing.F) {
	for _, s := range []string{"", "plain", "#{a.b}", "x#{a.b}y#{c}z", "#{", "#{a", "#{}", "#{a#{b}}", "##{a}}", "é#{é}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		names := 0
		got, _, ok := expand(text, func(name string) (string, bool) {
			names++
			return "#{" + name + "}", true
		})
		if !ok || got != text {
			t.Errorf("%q became %q", text, got)
		}
		if names > strings.Count(text, "#{") {
			t.Errorf("%q has %d names", text, names)
		}
		if _, _, ok := expand(text, func(string) (string, bool) { return "", false }); ok != (names == 0) {
			t.Errorf("%q is resolved without values", text)
		}
	})
}

// No input makes an operation panic, and every error is one of a client.
func FuzzOperations(f *testing.F) {
	definition := Pipeline{Name: "p", Stages: []Stage{
		{Name: "S", Actions: []Action{S3Source("S", "b", "k")}},
		{Name: "A", Actions: []Action{ApprovalAction("A")}},
	}}
	for i, body := range []string{
		`{}`, `null`, `[]`, `{"name":"p"}`, `{"pipelineName":"p","stageName":"A","actionName":"A","result":{}}`,
		`{"name":"p","variables":[null],"sourceRevisions":[{}]}`, `{"pipelineName":"p","filter":{"latestInPipelineExecution":{}}}`,
		`{"pipelineName":"p","filter":{"succeededInStage":{}},"maxResults":1,"nextToken":"AAAA"}`,
		`{"pipelineName":"p","stageName":"S","actionName":"S","actionRevision":{"revisionId":"r","revisionChangeId":"c","created":1e300}}`,
		`{"name":"p","sourceRevisions":[{"actionName":"S","revisionType":"S3_OBJECT_VERSION_ID","revisionValue":"v"}]}`,
		`{"pipeline":{"stages":[null],"artifactStores":{"us-east-1":null},"triggers":1}}`, `{"pipeline":null}`,
		`{"pipeline":{"name":"p","roleArn":"arn:aws:iam::111122223333:role/r","artifactStore":{"type":"S3","location":"abc"},"stages":[{"name":"S","actions":[{"name":"A","configuration":{"K":null},"commands":"x"}]}]}}`,
		`{"resourceArn":"arn:aws:codepipeline:us-east-1:111122223333:p","tags":[{}],"tagKeys":[null]}`,
	} {
		f.Add(uint8(i), []byte(body))
	}
	f.Fuzz(func(t *testing.T, operation uint8, body []byte) {
		server := NewServer(t, definition)
		id, err := server.StartExecution("p", Trigger{})
		if err != nil {
			t.Fatal(err)
		}
		server.Settle()
		body = []byte(strings.ReplaceAll(string(body), "EXECUTION", id))
		names := slices.Sorted(maps.Keys(server.operations()))
		for _, name := range []string{names[int(operation)%len(names)], "GetPipelineState", "ListActionExecutions"} {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(body)))
			r.Header.Set("X-Amz-Target", "CodePipeline_20150709."+name)
			w := httptest.NewRecorder()
			server.service.ServeHTTP(w, r)
			if w.Code != http.StatusOK && w.Code != http.StatusBadRequest || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s %s: %d %s", name, body, w.Code, w.Body)
			}
		}
		server.Settle()
	})
}
