package customaction_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/internal/s3test"
	"github.com/codesuite-go/codesuite/pipeline/action"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// A job reads and writes its artifacts with the SDK's real clients; its
// credentials have expired by the time it writes.
func TestArtifacts(t *testing.T) {
	t.Parallel()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	f, err := w.Create("main.go")
	if err == nil {
		_, err = f.Write([]byte("package main\n"))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	store := s3test.NewServer(t)
	store.Put("bucket", "pipeline/Source/1", archive.Bytes())
	server := pipelinetest.NewServer(t)
	id, err := server.AddJob(pipelinetest.JobSpec{
		Type:          pipelinetest.ActionType{Category: "Build", Owner: "Custom", Provider: "Make", Version: "1"},
		Inputs:        []pipelinetest.Artifact{{Name: "Source", Bucket: "bucket", Key: "pipeline/Source/1"}},
		Outputs:       []pipelinetest.Artifact{{Name: "Binary", Bucket: "bucket", Key: "pipeline/Binary/1"}},
		EncryptionKey: "key",
	})
	if err != nil {
		t.Fatal(err)
	}

	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	expired := ""
	worker := customaction.Open(server.Config(), actiontype.Type{Category: "Build", Provider: "Make", Version: "1"},
		action.HandlerFunc(func(ctx context.Context, job *action.Job) (*action.Result, error) {
			source, err := job.Input(ctx, "Source")
			if err != nil {
				return nil, err
			}
			data, err := fs.ReadFile(source, "main.go")
			if err != nil {
				return nil, err
			}
			credentials, err := job.Credentials().Retrieve(ctx)
			if err != nil {
				return nil, err
			}
			expired = credentials.AccessKeyID
			store.Refuse(expired, "ExpiredToken")
			return &action.Result{Summary: "built"}, job.PutOutput(ctx, "Binary", fstest.MapFS{"main": {Data: data, Mode: 0o755}})
		}),
		func(o *customaction.Options) {
			o.Job = func(jo *action.JobOptions) {
				jo.S3 = action.S3(store.Config(), func(o *awss3.Options) { o.UsePathStyle = true })
			}
			o.OnEvent = func(e customaction.Event) {
				if e.Type == customaction.EventReported {
					stop()
				}
			}
		})
	if err := worker.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if j, ok := server.Job(id); !ok || j.Result == nil || !j.Result.Succeeded || j.Result.Summary != "built" {
		t.Errorf("job %+v", j)
	}
	output := store.Get("bucket", "pipeline/Binary/1")
	if output == nil {
		t.Fatal("there is no output artifact")
	}
	equal(t, "encryption", output.Encryption, "aws:kms")
	equal(t, "key", output.KMSKeyID, "key")
	requests := store.Requests()
	if first, last := requests[0].AccessKeyID, requests[len(requests)-1].AccessKeyID; first != expired || last == expired {
		t.Errorf("requests were signed with %q at first and with %q at last, expired is %q", first, last, expired)
	}
	equal(t, "calls of GetJobDetails", server.Count("GetJobDetails"), 1)
}
