package action_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

func TestEventDetails(t *testing.T) {
	t.Parallel()
	const text = `{"CodePipeline.job": {"id": "11111111-abcd-1111-abcd-111111abcdef", "accountId": "111122223333", "data": {
		"actionConfiguration": {"configuration": {"FunctionName": "my-function", "UserParameters": "some-input"}},
		"inputArtifacts": [{"name": "invokeIn", "revision": "e0c7c8c4", "location": {"type": "S3",
			"s3Location": {"bucketName": "artifacts", "objectKey": "my-pipeline/invokeIn/D0YHsJn"}}}],
		"outputArtifacts": [{"name": "invokeOut", "revision": null, "location": {"type": "S3",
			"s3Location": {"bucketName": "artifacts", "objectKey": "my-pipeline/invokeOutp/D0YHsJn"}}}],
		"artifactCredentials": {"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "secretAccessKey": "s", "sessionToken": "t"EXPIRES},
		"continuationToken": "token",
		"encryptionKey": {"id": "arn:aws:kms:us-west-2:111122223333:key/1234abcd", "type": "KMS"}}}}`
	for expires, want := range map[string]time.Time{
		"":                                  {},
		`, "expirationTime": 1575493418000`: time.Date(2019, 12, 4, 21, 3, 38, 0, time.UTC),
	} {
		var e events.Job
		if err := json.Unmarshal([]byte(strings.Replace(text, "EXPIRES", expires, 1)), &e); err != nil {
			t.Fatal(err)
		}
		details := action.Details{
			ID:                "11111111-abcd-1111-abcd-111111abcdef",
			AccountID:         "111122223333",
			Configuration:     map[string]string{"FunctionName": "my-function", "UserParameters": "some-input"},
			Inputs:            []action.Artifact{{Name: "invokeIn", Revision: "e0c7c8c4", Bucket: "artifacts", Key: "my-pipeline/invokeIn/D0YHsJn"}},
			Outputs:           []action.Artifact{{Name: "invokeOut", Bucket: "artifacts", Key: "my-pipeline/invokeOutp/D0YHsJn"}},
			Credentials:       action.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "s", SessionToken: "t", Expires: want},
			EncryptionKey:     "arn:aws:kms:us-west-2:111122223333:key/1234abcd",
			ContinuationToken: "token",
		}
		if diff := cmp.Diff(details, action.EventDetails(&e)); diff != "" {
			t.Errorf("details (-want +got):\n%s", diff)
		}
	}
}
