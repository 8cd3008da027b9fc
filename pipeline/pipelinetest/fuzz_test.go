package pipelinetest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
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

// Without special characters a pattern matches itself alone, and with * and ? alone it
// is one of package path.
func FuzzGlob(f *testing.F) {
	for _, seed := range [][2]string{{"main", "main"}, {"a*c", "abc"}, {"**/x", "a/b/x"}, {"{a,b}?", "bc"}, {"[!a-c]", "d"}, {`\*`, "*"}, {"[", "["}, {"é*", "éa"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		expression, err := compileGlob(pattern)
		if strings.ContainsAny(pattern, `[]{},\`) || strings.Contains(pattern, "**") || !utf8.ValidString(pattern) || !utf8.ValidString(name) {
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", pattern, err)
		}
		if want, err := path.Match(pattern, name); err != nil || expression.MatchString(name) != want {
			t.Errorf("%q matches %q: %t, want %t, %v", pattern, name, !want, want, err)
		}
	})
}

// A window that can be read can be looked at.
func FuzzWindow(f *testing.F) {
	for _, seed := range [][2]string{{"* * 9-16 ? * MON-FRI", "UTC"}, {"0 0/5 * LW JAN,MAR ? 2026", "UTC+02:00"}, {"* * * 15W * 6#3,2L", "CET"}, {"* * * * * *", "x"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, cron, zone string) {
		w, err := parseWindow(cron, zone)
		if err != nil {
			return
		}
		opened := false
		for at := time.Date(2026, 1, 31, 23, 59, 0, 0, time.UTC); at.Year() < 2027; at = at.Add(31 * time.Hour) {
			opened = w.open(at) || opened
		}
		if strings.Trim(cron, "* ?\t\n\v\f\r\u0085\u00a0") == "" && !opened {
			t.Errorf("the window %q is never open", cron)
		}
	})
}

// A path that can be read can be followed, and $ leads to the whole.
func FuzzJSONPath(f *testing.F) {
	for _, seed := range []string{"$", "$.ref", "$['a'][0].b", "$.*", "$..a", "$[-1]", "$.a[*]", "ref"} {
		f.Add(seed)
	}
	value := map[string]any{"ref": "main", "a": []any{map[string]any{"b": true}, nil}}
	f.Fuzz(func(t *testing.T, text string) {
		steps, err := parseJSONPath(text)
		if err != nil {
			return
		}
		found := steps.find(value)
		if len(steps) == 0 && len(found) != 1 {
			t.Errorf("%q leads to %v", text, found)
		}
		for _, v := range found {
			jsonText(v)
		}
	})
}
