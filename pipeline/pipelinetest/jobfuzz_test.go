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

// No input makes an operation of jobs panic, every error is one of a client,
// and what can be acknowledged and reported ends.
func FuzzJobOperations(f *testing.F) {
	const custom, partner = `"actionTypeId":{"category":"Build","owner":"Custom","provider":"Make","version":"1"}`,
		`"actionTypeId":{"category":"Build","owner":"ThirdParty","provider":"Make","version":"1"}`
	for i, body := range []string{
		`{"jobId":"JOB","nonce":"1"}`,
		`{"jobId":"JOB","nonce":"1","clientToken":"test-client-token"}`,
		`{"category":"Build","provider":"Make","version":"1","inputArtifactDetails":{"minimumCount":0,"maximumCount":1},"outputArtifactDetails":` +
			`{"minimumCount":0,"maximumCount":0},"settings":{"entityUrlTemplate":"{Config:P}"},"configurationProperties":[{"name":"P","required":true,` +
			`"key":false,"secret":false,"queryable":true}],"tags":[null]}`,
		`{"category":"Build","provider":"Make","version":"1"}`,
		`{"jobId":"JOB"}`,
		`{"jobId":"JOB","clientToken":"test-client-token"}`,
		`{"actionOwnerFilter":"Custom","regionFilter":"us-east-1","nextToken":"AAAA"}`,
		`{` + custom + `,"maxBatchSize":3,"queryParam":{"P":"v"}}`,
		`{` + partner + `,"maxBatchSize":2147483647}`,
		`{"jobId":"JOB","failureDetails":{"type":"JobFailed","message":"m"}}`,
		`{"jobId":"JOB","continuationToken":"t","executionDetails":{"percentComplete":1},"currentRevision":{"revision":"r","changeIdentifier":"c","created":1e300}}`,
		`{"jobId":"JOB","clientToken":"test-client-token","failureDetails":{}}`,
		`{"jobId":"JOB","clientToken":"test-client-token","currentRevision":{}}`,
	} {
		f.Add(uint8(i), false, []byte(body))
		f.Add(uint8(i), true, []byte(body))
	}
	f.Fuzz(func(t *testing.T, operation uint8, thirdParty bool, body []byte) {
		server := NewServer(t)
		spec := JobSpec{Type: ActionType{"Build", "Custom", "Make", "1"}, Inputs: []Artifact{{Name: "In"}}}
		call := func(name, body string) {
			t.Helper()
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
			r.Header.Set("X-Amz-Target", "CodePipeline_20150709."+name)
			w := httptest.NewRecorder()
			server.service.ServeHTTP(w, r)
			if w.Code != http.StatusOK && w.Code != http.StatusBadRequest || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s %s: %d %s", name, body, w.Code, w.Body)
			}
		}
		poll := "PollForJobs"
		if thirdParty {
			spec.Type.Owner, poll = "ThirdParty", "PollForThirdPartyJobs"
		}
		id, err := server.AddJob(spec)
		if err != nil {
			t.Fatal(err)
		}
		call(poll, `{"actionTypeId":{"category":"Build","owner":"`+spec.Type.Owner+`","provider":"Make","version":"1"}}`)
		names := slices.Sorted(maps.Keys(server.jobs.operations()))
		text := strings.ReplaceAll(string(body), "JOB", id)
		for _, name := range []string{"AcknowledgeJob", "AcknowledgeThirdPartyJob", names[int(operation)%len(names)]} {
			call(name, text)
		}
		j, _ := server.Job(id)
		if (j.Result != nil) != (j.Status == JobStatusSucceeded || j.Status == JobStatusFailed) {
			t.Errorf("job is %s with the result %+v", j.Status, j.Result)
		}
	})
}

// A template that is accepted has placeholders of properties alone.
func FuzzTemplate(f *testing.F) {
	for _, template := range []string{"", "https://example.com/{Config:P}/{ExternalExecutionId}", "{Config:P", "{Config:Q}", "{Config:S}", "{}", "}{", "{{Config:P}}"} {
		f.Add(template)
	}
	yes, no, p, s := true, false, "P", "S"
	d := &actionTypeDefinition{Properties: []propertyJSON{
		{Name: &p, Required: &yes, Key: &no, Secret: &no, Queryable: &no},
		{Name: &s, Required: &yes, Key: &no, Secret: &yes, Queryable: &no},
	}}
	f.Fuzz(func(t *testing.T, template string) {
		rest := strings.NewReplacer("{Config:P}", "", "{ExternalExecutionId}", "").Replace(template)
		if d.checkTemplate(template) == nil && strings.Contains(rest, "{") {
			t.Errorf("accepted %q", template)
		}
	})
}
