package customaction_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/internal/s3test"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// A job reads and writes its artifacts with the SDK's real clients; its
// credentials have expired by the time it writes.
func TestArtifacts(t *testing.T) {
	t.Parallel()
	s := new(service)
	s.add(1)
	wire, cfg := s.serve(t)
	store := s3test.NewServer(t)
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
	store.Put("bucket", "pipeline/Source/1", archive.Bytes())

	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	worker := customaction.Open(cfg, customaction.ActionType{Category: "Build", Provider: "Make", Version: "1"},
		action.HandlerFunc(func(ctx context.Context, job *action.Job) (*action.Result, error) {
			source, err := job.Input(ctx, "Source")
			if err != nil {
				return nil, err
			}
			data, err := fs.ReadFile(source, "main.go")
			if err != nil {
				return nil, err
			}
			store.Refuse("AKIDJOB", "ExpiredToken")
			return &action.Result{Summary: "built"}, job.PutOutput(ctx, "Binary", fstest.MapFS{"main": {Data: data, Mode: 0o755}})
		}),
		func(o *customaction.Options) {
			o.Job = func(jo *action.JobOptions) {
				jo.S3 = action.S3(store.Config(), func(o *awss3.Options) { o.UsePathStyle = true })
			}
			o.OnEvent = func(e customaction.Event) {
				if e.Type == customaction.Reported {
					stop()
				}
			}
		})
	if err := worker.Run(ctx); err != nil {
		t.Fatal(err)
	}
	j := s.get("job-1")
	if j.status != types.JobStatusSucceeded || j.result != "success built" {
		t.Errorf("job is %s with %q", j.status, j.result)
	}
	output := store.Get("bucket", "pipeline/Binary/1")
	if output == nil {
		t.Fatal("there is no output artifact")
	}
	equal(t, "encryption", output.Encryption, "aws:kms")
	equal(t, "key", output.KMSKeyID, "key")
	var keys []string
	for _, r := range store.Requests() {
		keys = append(keys, r.AccessKeyID)
	}
	if !slices.Contains(keys, "AKIDJOB") || keys[len(keys)-1] != "AKIDJOB2" {
		t.Errorf("requests were signed with %q", keys)
	}
	equal(t, "calls of GetJobDetails", wire.Calls()["GetJobDetails"], 1)
}
